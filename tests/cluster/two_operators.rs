//! Two operators that both believe to lead. It must not happen, and if it does nothing is done twice.

use crate::cluster::{Audit, cluster};
use crate::stage::ending::{ending, ends_like};
use crate::stage::installed::OPERATOR;
use crate::stage::line::Line;
use crate::stage::operator::{LEASE, alone, start};
use crate::stage::place::{Place, accuracy_gate, denied_gate, deployment};
use crate::stage::prometheus::prometheus;
use serde_json::{Value, json};

async fn told(place: &Place) -> Value {
    place.policy(json!([accuracy_gate(), denied_gate("Rollback")])).await;
    for version in ["1", "2"] {
        place.evidence(&format!("good-{version}"), 0.8).await;
        place.release(version, &format!("good-{version}")).await;
        place.deployment(&deployment(version, 2)).await;
        place.serves(version, 2).await;
    }
    place.says("WatchHealthy", "True", "WithinLimits").await;
    prometheus().turn(&place.namespace);
    place.says("Ready", "False", "RolledBack").await;
    // A few more looks at what serves now.
    let asked = prometheus().asked(&place.namespace);
    place.until("the watch to go on", async || (prometheus().asked(&place.namespace) > asked + 4).then_some(())).await;
    ending(place).await
}

fn writes(audit: &Audit, namespace: &str, what: &str) -> usize {
    audit.writes_of(OPERATOR, namespace).iter().filter(|write| write.contains(what)).count()
}

#[tokio::test]
async fn two_leaders_end_where_one_does() {
    let _turn = alone();
    let one = start(LEASE, &Line::default());
    let place = Place::new("enforce").await;
    let wanted = told(&place).await;
    // The other lease is nothing the operator has a right to; it is the test that splits the brain.
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "second-lease"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "second-lease"},
        "subjects": [{"kind": "ServiceAccount", "name": "modelgate", "namespace": "modelgate-system"}]});
    cluster().kubectl(&[
        "create",
        "clusterrole",
        "second-lease",
        "--verb=get,update,patch,create",
        "--resource=leases.coordination.k8s.io",
    ]);
    let file = format!("{}/second-lease-{}.json", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    std::fs::write(&file, role.to_string()).unwrap();
    cluster().kubectl(&["create", "-f", &file]);
    std::fs::remove_file(&file).unwrap();
    let other = start("second", &Line::default());
    place
        .until("both to lead", async || {
            cluster().try_kubectl(&["-n", "modelgate-system", "get", "lease", "second"]).ok()
        })
        .await;

    let audit = cluster().audit();
    let contested = Place::new("enforce").await;
    told(&contested).await;
    ends_like(&contested, &wanted).await;
    let quiet = cluster().audit();
    let asked = prometheus().asked(&contested.namespace);
    contested
        .until("the watch to go on", async || (prometheus().asked(&contested.namespace) > asked + 8).then_some(()))
        .await;
    assert_eq!(quiet.writes_of(OPERATOR, &contested.namespace), [""; 0], "no quarrel once settled");
    // The second delete of an object that is going already is answered like the first.
    let deleted: std::collections::BTreeSet<String> = audit
        .writes_of(OPERATOR, &contested.namespace)
        .into_iter()
        .filter(|write| write.starts_with("200 delete replicasets"))
        .collect();
    assert_eq!(deleted.len(), 1, "one ReplicaSet was taken back: {deleted:?}");
    assert_eq!(writes(&audit, &contested.namespace, "201 create admittedrevisions"), 2);
    assert_eq!(writes(&audit, &contested.namespace, "201 create jobs"), 2);
    let all = audit.writes_of(OPERATOR, &contested.namespace);
    let lost = all.iter().filter(|write| !write.starts_with('2')).count();
    println!("{} writes, of which {lost} came second", all.len());
    assert!(lost * 2 < all.len(), "{all:#?}");
    other.stop();
    one.stop();
    cluster().kubectl(&["delete", "clusterrole,clusterrolebinding", "second-lease"]);
}
