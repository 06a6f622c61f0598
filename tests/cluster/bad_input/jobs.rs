//! An evaluation that cannot start, evidence that does not come, a workload that never names the model: each is
//! waited for, and then it is said what was missing.

use super::{apply, config_map, from_map, holds_words, is_held, quiet, row, says};
use crate::cluster::{cluster, until};
use crate::stage::line::Line;
use crate::stage::operator::{LEASE, alone, start_with};
use crate::stage::place::{Place, accuracy_gate, digest};
use futures::future::join_all;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, ResourceQuota};
use kube::Api;
use kube::api::PostParams;
use modelgate::api::ModelRelease;
use serde_json::{Value, json};

/// No registry is there.
const NO_IMAGE: &str = "localhost/none@sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// A policy of the cluster's own that denies what its rules select in one namespace, and has begun to.
struct Denied {
    name: String,
}

impl Denied {
    async fn new(place: &Place, group: &str, resource: &str) -> Self {
        let name = format!("no-{resource}-{}", place.namespace);
        let rules =
            json!([{"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]}]);
        let policy = json!({"metadata": {"name": name}, "spec": {
            "matchConstraints": {"resourceRules": rules},
            "validations": [{"expression": "false", "message": "frozen for the holidays"}]}});
        let only_here = json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.namespace}}});
        let binding = json!({"metadata": {"name": name}, "spec": {
            "policyName": name, "validationActions": ["Deny"], "matchResources": only_here}});
        use k8s_openapi::api::admissionregistration::v1::{
            ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
        };
        let policies: Api<ValidatingAdmissionPolicy> = Api::all(place.client.clone());
        let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(place.client.clone());
        policies.create(&PostParams::default(), &serde_json::from_value(policy).unwrap()).await.unwrap();
        bindings.create(&PostParams::default(), &serde_json::from_value(binding).unwrap()).await.unwrap();
        until("the policy to be in force", async || try_one(place, resource).await.is_err().then_some(())).await;
        Self { name }
    }
}

impl Drop for Denied {
    fn drop(&mut self) {
        for kind in ["validatingadmissionpolicybinding", "validatingadmissionpolicy"] {
            let _ = cluster().try_kubectl(&["delete", kind, &self.name]);
        }
    }
}

/// What the API server would say to one more of these.
async fn try_one(place: &Place, resource: &str) -> Result<(), kube::Error> {
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let spec = json!({"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]});
    match resource {
        "pods" => {
            let pod = serde_json::from_value(json!({"metadata": {"name": "x"}, "spec": spec})).unwrap();
            place.api::<Pod>().create(&dry, &pod).await.map(drop)
        }
        _ => {
            let job = json!({"metadata": {"name": "x"}, "spec": {"template": {"spec": spec}}});
            place.api::<Job>().create(&dry, &serde_json::from_value(job).unwrap()).await.map(drop)
        }
    }
}

fn govern(place: &Place) {
    cluster().kubectl(&["label", "namespace", &place.namespace, "modelgate.dev/enforcement=enforce"]);
}

async fn no_pods(place: &Place) {
    let quota = json!({"metadata": {"name": "no-pods"}, "spec": {"hard": {"pods": "0"}}});
    let quotas: Api<ResourceQuota> = place.api();
    quotas.create(&PostParams::default(), &serde_json::from_value(quota).unwrap()).await.unwrap();
    let counted = |quota: ResourceQuota| quota.status.and_then(|status| status.hard).map(drop);
    place.until("the quota to count", async || counted(quotas.get("no-pods").await.unwrap())).await;
}

/// A claim that nobody has a volume for.
async fn pending_claim(place: &Place) {
    let claim = json!({"metadata": {"name": "pending"}, "spec": {"accessModes": ["ReadOnlyMany"],
        "storageClassName": "", "resources": {"requests": {"storage": "1Mi"}}}});
    let claim: PersistentVolumeClaim = serde_json::from_value(claim).unwrap();
    place.api().create(&PostParams::default(), &claim).await.unwrap();
}

fn in_claim(name: &str) -> Value {
    json!([{"name": "metrics", "digest": digest("x"), "persistentVolumeClaim": {"name": name, "path": "m.json"}}])
}

/// Whether the kubelet has tried to pull an image for it and could not.
fn is_without_image(pod: &Pod) -> bool {
    let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
    let mut reasons = statuses.filter_map(|status| status.state.as_ref()?.waiting.as_ref()?.reason.as_deref());
    reasons.any(|reason| matches!(reason, "ErrImagePull" | "ImagePullBackOff"))
}

struct Trouble {
    what: &'static str,
    place: Place,
    evidence: Value,
    reason: &'static str,
    finding: &'static str,
    words: &'static [&'static str],
}

impl Trouble {
    async fn new(
        what: &'static str,
        evidence: Value,
        (reason, finding): (&'static str, &'static str),
        words: &'static [&'static str],
    ) -> Self {
        let place = Place::new("").await;
        place.policy(json!([accuracy_gate()])).await;
        config_map(&place, "report", b"{\"accuracy\": 0.9}", true).await;
        Self { what, place, evidence, reason, finding, words }
    }
}

#[tokio::test]
async fn what_does_not_come_is_waited_for_and_then_it_is_said_what_was_missing() {
    let _turn = alone();
    let report = || json!([from_map("metrics", "report")]);
    let mut no_key = from_map("metrics", "report");
    no_key["configMap"]["key"] = "other".into();
    let not_started = ("GateError", "JobNotStarted");
    let missing = ("EvidenceMissing", "EvidenceMissing");
    let all = [
        Trouble::new("quota", report(), not_started, &["exceeded quota: no-pods", "ReleaseAction Retry"]).await,
        Trouble::new("no Job", report(), not_started, &["no-jobs-", "ReleaseAction Retry"]).await,
        Trouble::new("no pod", report(), not_started, &["no-pods-", "ReleaseAction Retry"]).await,
        Trouble::new(
            "no claim",
            in_claim("none"),
            not_started,
            &["persistentvolumeclaim \"none\" not found", "ReleaseAction Retry"],
        )
        .await,
        Trouble::new("no volume", in_claim("pending"), not_started, &["unbound", "ReleaseAction Retry"]).await,
        Trouble::new("no image", report(), not_started, &["localhost/none@", "ReleaseAction Retry"]).await,
        Trouble::new(
            "no ConfigMap",
            json!([from_map("metrics", "none")]),
            missing,
            &["evidence metrics", "/none does not exist", "apply it"],
        )
        .await,
        Trouble::new(
            "no key",
            json!([no_key]),
            missing,
            &["evidence metrics", "/report has no key other", "correct the release"],
        )
        .await,
    ];
    let [quota, no_job, no_pod, _, no_volume, no_image, ..] = &all;
    no_pods(&quota.place).await;
    pending_claim(&no_volume.place).await;
    let _denied = [Denied::new(&no_job.place, "batch", "jobs").await, Denied::new(&no_pod.place, "", "pods").await];
    let unpaired = Place::new("enforce").await;
    unpaired.policy(json!([accuracy_gate()])).await;

    let image = format!("--image={NO_IMAGE}");
    let waits = |start: &'static str| [image.as_str(), start, "--evidence-wait=2s", "--pairing-wait=2s"];
    let patient = start_with(LEASE, &Line::default(), &waits("--start-deadline=600s"));
    for Trouble { place, evidence, .. } in &all {
        govern(place);
        apply(place, "m", evidence).await;
    }
    apply(&unpaired, "m", &json!([])).await;
    let mut other = super::release_named("m", &json!([]));
    other["spec"]["model"]["digest"] = digest("2").into();
    unpaired.apply::<ModelRelease>(unpaired.api(), &other).await;
    // A busy kubelet takes its time to try the image; only then does the time run that the others get as well.
    let tried = async || no_image.place.list::<Pod>().await.iter().any(is_without_image).then_some(());
    no_image.place.until("the image to be tried", tried).await;
    patient.stop();
    let operator = start_with(LEASE, &Line::default(), &waits("--start-deadline=20s"));

    let each = all.iter().map(async |trouble| {
        let place = &trouble.place;
        let said = says(place, "m", "Stalled", "True", trouble.reason).await;
        println!("{}: {said}", trouble.what);
        holds_words(&said, trouble.words);
        assert_eq!(row(place, "m", "accuracy").await.reason, trouble.finding, "{}", trouble.what);
        is_held(place, "m").await;
        // Nothing stays behind that could start later.
        place.until("the Job to go", async || place.list::<Job>().await.is_empty().then_some(())).await;
    });
    join_all(each).await;
    let said = says(&unpaired, "m", "Stalled", "True", "PairingTimedOut").await;
    holds_words(&said, &["Deployment m names", "modelgate.dev/model-digest"]);
    is_held(&unpaired, "m").await;
    let places: Vec<&Place> = all.iter().map(|trouble| &trouble.place).chain([&unpaired]).collect();
    quiet(&places).await;
    operator.stop();
}
