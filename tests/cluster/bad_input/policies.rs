//! No policy, too many, and policies that the operator cannot read.

use super::{apply, holds_words, is_held, quiet, says, status_of};
use crate::cluster::{cluster, path};
use crate::stage::line::Line;
use crate::stage::operator::{LEASE, alone, shared, start};
use crate::stage::place::{Place, policy};
use kube::Api;
use modelgate::api::{GateRun, GovernancePolicy};
use serde_json::{Value, json};

fn gate(name: &str) -> Value {
    json!({"name": name, "expression": {"expression": "true"}})
}

/// Policies of a namespace beside the one of its name.
struct Further(Vec<String>);

impl Further {
    async fn new(place: &Place, names: impl Iterator<Item = String>, gates: &Value) -> Self {
        let names: Vec<String> = names.map(|name| format!("{}-{name}", place.namespace)).collect();
        for name in &names {
            let mut policy = policy(&place.namespace, gates.clone());
            policy["metadata"]["name"] = name.as_str().into();
            let policies: Api<GovernancePolicy> = Api::all(place.client.clone());
            place.apply(policies, &policy).await;
        }
        Self(names)
    }
}

impl Drop for Further {
    fn drop(&mut self) {
        let names = self.0.iter().map(String::as_str);
        let delete = ["delete", "governancepolicy", "--ignore-not-found", "--wait=false"];
        let _ = cluster().try_kubectl(&delete.into_iter().chain(names).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn no_policy_and_too_many_policies_block() {
    let _turn = shared();
    let none = Place::new("enforce").await;
    let policies = Place::new("enforce").await;
    let gates = Place::new("enforce").await;
    let seventeen = Further::new(&policies, (1..=17).map(|n| n.to_string()), &json!([gate("g")])).await;
    let full: Vec<Value> = (0..64).map(|n| gate(&format!("g{n}"))).collect();
    gates.policy(json!([gate("g")])).await;
    let _full = Further::new(&gates, (1..=2).map(|n| n.to_string()), &full.into()).await;
    for place in [&none, &policies, &gates] {
        apply(place, "m", &json!([])).await;
    }
    let told = says(&none, "m", "Stalled", "True", "NoPolicy").await;
    holds_words(&told, &["no GovernancePolicy selects namespace", &none.namespace, "ask a cluster admin"]);
    let told = says(&policies, "m", "Stalled", "True", "TooManyGates").await;
    holds_words(&told, &["17 policies and 17 gates apply", "at most 16 and 128", "ask a cluster admin"]);
    let told = says(&gates, "m", "Stalled", "True", "TooManyGates").await;
    holds_words(&told, &["3 policies and 129 gates apply", "ask a cluster admin"]);
    for place in [&none, &policies, &gates] {
        assert_eq!(status_of(place, "m", "GatesPassed").await.unwrap().0, "Unknown");
        is_held(place, "m").await;
    }
    quiet(&[&none, &policies, &gates]).await;
    for place in [&none, &policies, &gates] {
        is_held(place, "m").await;
        assert_eq!(place.list::<GateRun>().await.len(), 0);
    }
    // One less, and it is evaluated.
    cluster().kubectl(&["delete", "governancepolicy", &seventeen.0[0]]);
    says(&policies, "m", "Ready", "True", "Released").await;
}

/// As after a downgrade: what is stored says something that this operator does not know. It might be about any
/// namespace, so all wait.
#[tokio::test]
async fn a_policy_that_cannot_be_read_blocks() {
    let _turn = alone();
    let operator = start(LEASE, &Line::default());
    let (served, held) = (Place::new("enforce").await, Place::new("enforce").await);
    for place in [&served, &held] {
        place.policy(json!([gate("g")])).await;
    }
    apply(&served, "m", &json!([])).await;
    says(&served, "m", "Ready", "True", "Released").await;

    let stranger = Stranger::new(&served);
    apply(&held, "m", &json!([])).await;
    let told = says(&held, "m", "Stalled", "True", "InvalidPolicy").await;
    println!("{told}");
    holds_words(&told, &["GovernancePolicy", &stranger.name, "cannot be used", "Extreme"]);
    is_held(&held, "m").await;
    let policies: Api<GovernancePolicy> = Api::all(held.client.clone());
    // Read without its type: it has none that we know.
    let raw = cluster().kubectl(&["get", "governancepolicy", &stranger.name, "-o", "json"]);
    let raw: Value = serde_json::from_str(&raw).unwrap();
    let ready = &raw["status"]["conditions"][0];
    assert_eq!((&ready["type"], &ready["status"]), (&json!("Ready"), &json!("False")), "{raw}");
    assert_eq!(served.pods("1", true).await, 1, "what runs keeps running");
    quiet(&[&served, &held]).await;
    is_held(&held, "m").await;
    drop(stranger);
    says(&held, "m", "Ready", "True", "Released").await;
    assert!(policies.get(&held.namespace).await.is_ok());
    operator.stop();
}

/// A stored policy with a severity that does not exist. The schema looks away while it is made.
struct Stranger {
    name: String,
}

impl Stranger {
    fn new(place: &Place) -> Self {
        let name = format!("{}-stranger", place.namespace);
        let mut policy = policy("somewhere-else", json!([gate("g")]));
        policy["metadata"]["name"] = name.as_str().into();
        policy["spec"]["gates"][0]["severity"] = "Extreme".into();
        let made = Self { name };
        let enums =
            "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/gates/items/properties/severity/enum";
        let patch = json!([{"op": "add", "path": format!("{enums}/-"), "value": "Extreme"}]);
        let crd = "governancepolicies.modelgate.dev";
        cluster().kubectl(&["patch", "crd", crd, "--type=json", "-p", &patch.to_string()]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), policy.to_string()).unwrap();
        let began = std::time::Instant::now();
        // The API server takes a new schema up after a moment.
        while let Err(why) = cluster().try_kubectl(&["create", "-f", file.path().to_str().unwrap()]) {
            assert!(began.elapsed() < crate::cluster::PATIENCE, "{why}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        cluster().kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &path("crds")]);
        made
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = cluster().try_kubectl(&["delete", "governancepolicy", &self.name, "--ignore-not-found"]);
        let _ = cluster().try_kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &path("crds")]);
    }
}
