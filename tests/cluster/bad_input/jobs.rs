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

    /// The release says why it stalls, and nothing stays behind that could start later.
    async fn is_told(&self) {
        let place = &self.place;
        let said = says(place, "m", "Stalled", "True", self.reason).await;
        println!("{}: {said}", self.what);
        holds_words(&said, self.words);
        assert_eq!(row(place, "m", "accuracy").await.reason, self.finding, "{}", self.what);
        is_held(place, "m").await;
        place.until("the Job to go", async || place.list::<Job>().await.is_empty().then_some(())).await;
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
    let [quota, no_job, no_pod, _, no_volume, ..] = &all;
    no_pods(&quota.place).await;
    pending_claim(&no_volume.place).await;
    let _denied = [Denied::new(&no_job.place, "batch", "jobs").await, Denied::new(&no_pod.place, "", "pods").await];
    let unpaired = Place::new("enforce").await;
    unpaired.policy(json!([accuracy_gate()])).await;

    let short = ["--start-deadline=20s", "--evidence-wait=2s", "--pairing-wait=2s"];
    let operator = start_with(LEASE, &Line::default(), &short);
    for Trouble { place, evidence, .. } in &all {
        govern(place);
        apply(place, "m", evidence).await;
    }
    apply(&unpaired, "m", &json!([])).await;
    let mut other = super::release_named("m", &json!([]));
    other["spec"]["model"]["digest"] = digest("2").into();
    unpaired.apply::<ModelRelease>(unpaired.api(), &other).await;
    join_all(all.iter().map(Trouble::is_told)).await;
    let said = says(&unpaired, "m", "Stalled", "True", "PairingTimedOut").await;
    holds_words(&said, &["Deployment m names", "modelgate.dev/model-digest"]);
    is_held(&unpaired, "m").await;
    let places: Vec<&Place> = all.iter().map(|trouble| &trouble.place).chain([&unpaired]).collect();
    quiet(&places).await;
    operator.stop();
}

/// The cache knows Jobs by their label: without it the run would wait for a Job that is there already.
#[tokio::test]
async fn a_job_whose_label_somebody_took_is_made_again() {
    let _turn = alone();
    let place = Place::new("").await;
    place.policy(json!([accuracy_gate()])).await;
    config_map(&place, "report", b"{\"accuracy\": 0.9}", true).await;
    govern(&place);
    no_pods(&place).await;
    let operator = start_with(LEASE, &Line::default(), &[]);
    apply(&place, "m", &json!([from_map("metrics", "report")])).await;
    let first = place.until("its Job", async || place.list::<Job>().await.pop()).await.metadata;
    let name = first.name.unwrap();
    cluster().kubectl(&["-n", &place.namespace, "label", "job", &name, "modelgate.dev/run-"]);
    let another = async || {
        let jobs = place.list::<Job>().await;
        let labelled = |job: &Job| job.metadata.labels.iter().any(|labels| labels.contains_key("modelgate.dev/run"));
        jobs.into_iter().find(|job| job.metadata.uid != first.uid && labelled(job))
    };
    place.until("another Job", another).await;
    cluster().kubectl(&["-n", &place.namespace, "delete", "resourcequota", "no-pods"]);
    says(&place, "m", "GatesPassed", "True", "AllPassed").await;
    operator.stop();
}

/// How long a kubelet takes until it tries an image depends on all that the node does.
#[tokio::test]
#[ignore = "wants a node for itself; .ci/test runs it alone"]
async fn an_image_that_cannot_be_pulled_is_named() {
    let _turn = alone();
    let words = &["localhost/none@", "ReleaseAction Retry"];
    let reasons = ("GateError", "JobNotStarted");
    let trouble = Trouble::new("no image", json!([from_map("metrics", "report")]), reasons, words).await;
    govern(&trouble.place);
    let image = format!("--image={NO_IMAGE}");
    let waiting = |deadline| start_with(LEASE, &Line::default(), &[image.as_str(), deadline]);
    let patient = waiting("--start-deadline=600s");
    apply(&trouble.place, "m", &trouble.evidence).await;
    let tried = async || trouble.place.list::<Pod>().await.iter().any(is_without_image).then_some(());
    trouble.place.until("the image to be tried", tried).await;
    patient.stop();
    let operator = waiting("--start-deadline=1s");
    trouble.is_told().await;
    quiet(&[&trouble.place]).await;
    operator.stop();
}
