//! Evaluators that are killed, silent, or answer about something else. Their Jobs are the operator's own: what
//! becomes of their pods is changed on the way, as other people's admission policies do.

use super::{apply, config_map, from_map, holds_words, is_held, quiet, row, says};
use crate::cluster::{cluster, until};
use crate::stage::operator::shared;
use crate::stage::place::{Place, accuracy_gate};
use futures::future::join_all;
use k8s_openapi::api::admissionregistration::v1::{MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;

/// Changes the pods of one namespace by the release they are for.
struct Changed {
    name: String,
}

impl Changed {
    /// `changes` are releases and the JSON patch operations, in CEL, for their pods.
    async fn new(place: &Place, changes: &[(&str, &str)]) -> Self {
        let name = format!("change-{}", place.namespace);
        let label = "object.metadata.labels[?'modelgate.dev/release'].orValue('')";
        let one = |(release, patch): &(&str, &str)| format!("{label} == '{release}' ? {patch} : ");
        let expression = changes.iter().map(one).collect::<String>() + "[]";
        let rules =
            json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]);
        let policy = json!({"metadata": {"name": name}, "spec": {
            "matchConstraints": {"resourceRules": rules}, "reinvocationPolicy": "Never", "failurePolicy": "Fail",
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}]}});
        let only_here = json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.namespace}}});
        let binding = json!({"metadata": {"name": name}, "spec": {"policyName": name, "matchResources": only_here}});
        let policies: Api<MutatingAdmissionPolicy> = Api::all(place.client.clone());
        let bindings: Api<MutatingAdmissionPolicyBinding> = Api::all(place.client.clone());
        policies.create(&PostParams::default(), &serde_json::from_value(policy).unwrap()).await.unwrap();
        bindings.create(&PostParams::default(), &serde_json::from_value(binding).unwrap()).await.unwrap();
        let probe = json!({"metadata": {"name": "x", "labels": {"modelgate.dev/release": changes[0].0}},
            "spec": {"containers": [{"name": "c", "image": "x", "args": ["as asked"]}]}});
        let probe: Pod = serde_json::from_value(probe).unwrap();
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        until("the change to be in force", async || {
            let made = place.api::<Pod>().create(&dry, &probe).await.ok()?;
            (made.spec != probe.spec && made.spec?.containers[0].args != Some(vec!["as asked".to_owned()]))
                .then_some(())
        })
        .await;
        Self { name }
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        for kind in ["mutatingadmissionpolicybinding", "mutatingadmissionpolicy"] {
            let _ = cluster().try_kubectl(&["delete", kind, &self.name]);
        }
    }
}

#[tokio::test]
async fn an_evaluator_that_gives_no_answer_of_its_own_run_is_an_error() {
    let _turn = shared();
    let place = Place::new("").await;
    place.policy(json!([accuracy_gate()])).await;
    let order = "/metadata/annotations/modelgate.dev~1order";
    let other_run = format!(
        "[JSONPatch{{op: 'replace', path: '{order}', \
         value: object.metadata.annotations['modelgate.dev/order'].replace('\"run\":\"', '\"run\":\"x')}}]"
    );
    let resources = "/spec/containers/0/resources";
    let little = format!(
        "[JSONPatch{{op: 'replace', path: '{resources}/limits/memory', value: '24Mi'}}, \
         JSONPatch{{op: 'replace', path: '{resources}/requests/memory', value: '8Mi'}}]"
    );
    let easier = format!(
        "[JSONPatch{{op: 'replace', path: '{order}', \
         value: object.metadata.annotations['modelgate.dev/order'].replace('0.75', '0.10')}}]"
    );
    let changes = [
        ("silent", "[JSONPatch{op: 'replace', path: '/spec/containers/0/args', value: ['--help']}]"),
        (
            "no-order",
            "[JSONPatch{op: 'replace', path: '/spec/containers/0/args', value: ['evaluate', '--order=/none']}]",
        ),
        ("unknown", "[JSONPatch{op: 'replace', path: '/spec/containers/0/args', value: ['nonsense']}]"),
        ("no-program", "[JSONPatch{op: 'add', path: '/spec/containers/0/command', value: ['/none']}]"),
        ("other-run", &*other_run),
        ("little", &*little),
        ("easier", &*easier),
    ];
    let _changed = Changed::new(&place, &changes).await;
    cluster().kubectl(&["label", "namespace", &place.namespace, "modelgate.dev/enforcement=enforce"]);
    config_map(&place, "report", b"{\"accuracy\": 0.5}", true).await;
    // Small as text, many times that size as values.
    let many = format!("{{\"accuracy\": 0.9, \"x\": [{}]}}", vec!["{\"a\":0}"; 90_000].join(","));
    config_map(&place, "many", many.as_bytes(), true).await;
    let cases: [(&str, &str, &str, &str, &[&str]); 7] = [
        ("silent", "report", "GateError", "ResultMissing", &["without a result (exit code 0)", "ReleaseAction Retry"]),
        ("no-order", "report", "GateError", "ResultInvalid", &["could not work", "ReleaseAction Retry"]),
        ("unknown", "report", "GateError", "ResultMissing", &["without a result (exit code 4)", "ReleaseAction Retry"]),
        ("no-program", "report", "GateError", "JobFailed", &["/none", "ReleaseAction Retry"]),
        ("other-run", "report", "GateError", "ResultForeign", &["for another run", "ReleaseAction Retry"]),
        ("little", "many", "GateError", "OutOfMemory", &["more memory than its limit", "ReleaseAction Retry"]),
        // What the evaluator was asked counts, not only what it was asked about.
        ("easier", "report", "GateError", "ResultInvalid", &["asked something else", "ReleaseAction Retry"]),
    ];
    for (release, map, ..) in &cases {
        apply(&place, release, &json!([from_map("metrics", map)])).await;
    }
    let each = cases.iter().map(async |(release, _, reason, finding, words)| {
        let said = says(&place, release, "Stalled", "True", reason).await;
        let row = row(&place, release, "accuracy").await;
        println!("{release}: {} {said}", row.reason);
        assert_eq!(row.reason, *finding, "{release}: {said}");
        holds_words(&said, words);
        is_held(&place, release).await;
    });
    join_all(each).await;
    quiet(&[&place]).await;
}
