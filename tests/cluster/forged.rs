//! Results and approvals that are not what they seem.

use crate::cluster::cluster;
use crate::stage::installed::installed;
use crate::stage::line::Line;
use crate::stage::operator::{LEASE, alone, shared, start};
use crate::stage::place::{Place, accuracy_gate, deployment, message, policy, release};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt};
use modelgate::api::{GateRun, GovernancePolicy, ModelRelease, OutcomeName, ReleaseApproval};
use modelgate::cluster::jobs::{self, EvaluatorPod};
use modelgate::policy::result::job_name;
use modelgate::policy::{
    Check, Decimal, Digest, EvaluationOrder, EvidenceSource, EvidenceSpec, Limits, OrderFacts, Plan,
};
use serde_json::{Value, json};

/// What looks like the run's own Job, and says that all is well.
fn forged_job(run: &GateRun, name: &str, image: &str) -> Job {
    let labels = json!({"modelgate.dev/run": run.name_any(), "modelgate.dev/release": "m", "app.kubernetes.io/managed-by": "modelgate"});
    let owner = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "GateRun", "name": run.name_any(),
        "uid": run.uid().unwrap(), "controller": true});
    serde_json::from_value(json!({
        "metadata": {"name": name, "labels": labels, "ownerReferences": [owner]},
        "spec": {"backoffLimit": 0, "template": {
            "metadata": {"labels": labels},
            "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1,
                "containers": [{"name": "evaluator", "image": image}]}}}
    }))
    .unwrap()
}

fn forged_pod(run: &GateRun, image: &str) -> Pod {
    let job = serde_json::to_value(forged_job(run, "forged", image)).unwrap();
    let mut template = job["spec"]["template"].clone();
    template["metadata"]["name"] = "modelgate-run-forged".into();
    template["metadata"]["ownerReferences"] = job["metadata"]["ownerReferences"].clone();
    serde_json::from_value(template).unwrap()
}

#[tokio::test]
async fn a_forged_result_is_refused_where_gates_bind_and_ignored_where_they_only_tell() {
    let _turn = shared();
    for mode in ["enforce", "audit"] {
        let place = Place::new(mode).await;
        place.policy(json!([accuracy_gate()])).await;
        place.evidence("bad", 0.5).await;
        place.release("1", "bad").await;
        place.deployment(&deployment("1", 0)).await;
        let verdict = if mode == "enforce" { ("False", "GateFailed") } else { ("True", "PassedWithWarnings") };
        place.says("GatesPassed", verdict.0, verdict.1).await;
        let run = place.runs().await.remove(0);
        let editor = place.person("eve@bank.example", &[], "edit").await;
        let image = &installed().model_server;
        let jobs: Api<Job> = Api::namespaced(editor.clone(), &place.namespace);
        let pods: Api<Pod> = Api::namespaced(editor.clone(), &place.namespace);
        let job = jobs.create(&PostParams::default(), &forged_job(&run, "modelgate-run-forged", image)).await;
        let pod = pods.create(&PostParams::default(), &forged_pod(&run, image)).await;
        for refused in [job.map(|_| ()), pod.map(|_| ())] {
            assert!(refused.unwrap_err().to_string().contains("denied request"));
        }
        if mode == "audit" {
            let mut pod = forged_pod(&run, image);
            pod.metadata.name = Some("forged".to_owned());
            pods.create(&PostParams::default(), &pod).await.unwrap();
        }
        // Nor does anybody write a run's result, or a release's.
        let passed = Patch::Merge(json!({"status": {"outcome": "Pass"}}));
        let runs: Api<GateRun> = Api::namespaced(place.client.clone(), &place.namespace);
        let refused = runs.patch_status(&run.name_any(), &PatchParams::default(), &passed).await.unwrap_err();
        assert!(refused.to_string().contains("modelgate-protected"), "{refused}");
        let releases: Api<ModelRelease> = Api::namespaced(place.client.clone(), &place.namespace);
        let ready = Patch::Merge(json!({"status": {"admittedRevision": run.spec.revision}}));
        let refused = releases.patch_status("m", &PatchParams::default(), &ready).await.unwrap_err();
        assert!(refused.to_string().contains("modelgate-protected"), "{refused}");

        // A new look at everything, with the forged ones there.
        place.evidence("worse", 0.4).await;
        place.release("1", "worse").await;
        place
            .until("a second run", async || {
                (place.runs().await.iter().filter(|r| r.status.is_some()).count() == 2).then_some(())
            })
            .await;
        for run in place.runs().await {
            let rows = run.status.unwrap().rows;
            assert_eq!((rows.len(), rows[0].outcome), (1, OutcomeName::Fail));
        }
    }
}

/// An operator dies between the run and its Job, and somebody who can act as the operator takes the Job's name: with nothing of the run's, with its labels and owner, and with the evaluator itself,
/// which answers an easier question.
#[tokio::test]
async fn a_job_that_was_there_first_is_no_evidence() {
    let _turn = alone();
    let line = Line::default();
    let operator = start(LEASE, &line);
    let mut places = Vec::new();
    for what in ["stranger", "kin", "easier"] {
        let place = Place::new("audit").await;
        place.policy(json!([accuracy_gate()])).await;
        place.evidence("bad", 0.5).await;
        place.deployment(&deployment("1", 0)).await;
        line.cut_after_making(&place.namespace, "gateruns");
        place.release("1", "bad").await;
        place.until("its run", async || place.runs().await.pop()).await;
        assert!(line.is_dead(&place.namespace));
        places.push((what, place));
    }
    operator.kill();
    let mut planted = Vec::new();
    for (what, place) in &places {
        let run = place.runs().await.remove(0);
        assert_eq!(place.list::<Job>().await.len(), 0, "its Job is not there yet");
        let name = job_name(&run.uid().unwrap(), None);
        let mut job = match *what {
            "easier" => easier_job(place, &run),
            _ => forged_job(&run, &name, &installed().evaluator),
        };
        match *what {
            "stranger" => job.metadata.owner_references = None,
            // It ends well, and says nothing.
            "kin" => {
                let pod = job.spec.as_mut().and_then(|spec| spec.template.spec.as_mut()).unwrap();
                pod.containers[0].args = Some(vec!["--help".to_owned()]);
            }
            _ => {}
        }
        let operator = Client::try_from(installed().operator_config().await).unwrap();
        let jobs: Api<Job> = Api::namespaced(operator, &place.namespace);
        planted.push(jobs.create(&PostParams::default(), &job).await.unwrap().uid());
    }
    let fresh = start(LEASE, &Line::default());
    for ((what, place), uid) in places.iter().zip(&planted) {
        let run = place.until(what, async || place.runs().await.pop().filter(|run| run.status.is_some())).await;
        let row = run.status.unwrap().rows.remove(0);
        println!("{what}: {:?} {} {}", row.outcome, row.reason, row.message);
        assert_eq!(row.outcome, OutcomeName::Error, "{what}: {}", row.message);
        assert!(row.message.contains("ReleaseAction Retry"), "{}", row.message);
        let reason = if *what == "easier" { "ResultInvalid" } else { "ResultForeign" };
        assert_eq!(row.reason, reason, "{what}: {}", row.message);
        let release = place.says("GatesPassed", "True", "PassedWithWarnings").await;
        assert_eq!(release.status.unwrap().admitted_revision, None);
        assert_eq!(place.list::<Job>().await[0].uid(), *uid, "what others made is theirs");
    }
    fresh.stop();
}

/// What the operator would make, but for the least accuracy that is asked.
fn easier_job(place: &Place, run: &GateRun) -> Job {
    let plan: Plan = serde_json::from_str(&run.spec.compiled).unwrap();
    let mut gates: Vec<_> = plan.gates().cloned().collect();
    let Check::Metric(metric) = &mut gates[0].check else { panic!("the gate asks for a metric") };
    metric.limits = Limits::at_least(Decimal::parse("0.1").unwrap());
    let evidence = EvidenceSpec {
        name: "metrics".into(),
        source: EvidenceSource::ConfigMap { name: "bad".into(), key: "metrics.json".into() },
        digest: run.spec.evidence[0].digest.as_ref().map(|digest| Digest::parse(digest).unwrap()),
        columns: None,
    };
    let (facts, uid) = (OrderFacts::default(), run.uid().unwrap());
    let order = EvaluationOrder { run: uid, facts, evidence: vec![evidence], gates };
    let pod = EvaluatorPod { image: installed().evaluator.clone(), service_account: None };
    jobs::build(&place.namespace, &run.name_any(), "m", &order, (300, 900), &pod).unwrap()
}

async fn approve(client: &Client, place: &Place, name: &str, run: &str) -> Result<ReleaseApproval, String> {
    let approval = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ReleaseApproval", "metadata": {"name": name},
        "spec": {"releaseName": "m", "subjectRef": {"kind": "GateRun", "name": run}, "decision": "Approve", "reason": "looked at it",
            "approver": {"username": "somebody@bank.example", "groups": ["ml-risk"]}}});
    let api: Api<ReleaseApproval> = Api::namespaced(client.clone(), &place.namespace);
    api.create(&PostParams::default(), &serde_json::from_value(approval).unwrap()).await.map_err(|e| e.to_string())
}

/// Waits for the operator's answer: whether it counts, and why.
async fn counted(place: &Place, name: &str) -> (String, String) {
    let api: Api<ReleaseApproval> = place.api();
    place
        .until(&format!("an answer to {name}"), async || {
            let said = api.get(name).await.unwrap().status?.conditions.into_iter().find(|c| c.type_ == "Counted")?;
            Some((format!("{:?}", said.status), said.reason))
        })
        .await
}

#[tokio::test]
async fn only_a_second_person_of_the_group_counts_under_their_own_name() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let people: Value = json!({"name": "people", "approval": {"groups": ["ml-risk"], "required": 1}});
    place.policy(json!([accuracy_gate(), people])).await;
    place.evidence("good", 0.8).await;
    // Mia writes the release, and may approve others'.
    let mia = place.person("mia@bank.example", &["ml-risk"], "edit").await;
    place.person("mia@bank.example", &["ml-risk"], "modelgate-approver").await;
    let api: Api<ModelRelease> = Api::namespaced(mia.clone(), &place.namespace);
    let mut manifest = release("1", "good");
    manifest["spec"]["changedBy"] = json!(["somebody@bank.example"]);
    let written = api.create(&PostParams::default(), &serde_json::from_value(manifest).unwrap()).await.unwrap();
    assert_eq!(written.spec.changed_by.iter().map(|u| &**u).collect::<Vec<_>>(), ["mia@bank.example"]);
    place.deployment(&deployment("1", 1)).await;
    let run = place.says("Approved", "Unknown", "AwaitingApproval").await.status.unwrap().run.unwrap();

    let own = approve(&mia, &place, "own", &run).await.unwrap();
    assert_eq!(own.spec.approver.unwrap().username, "mia@bank.example".into(), "stamped, not typed");
    assert_eq!(counted(&place, "own").await, ("False".to_owned(), "WroteTheRelease".to_owned()));

    let stranger = place.person("sam@bank.example", &["marketing"], "modelgate-approver").await;
    approve(&stranger, &place, "stranger", &run).await.unwrap();
    assert_eq!(counted(&place, "stranger").await, ("False".to_owned(), "NotInGroup".to_owned()));

    let editor = place.person("eve@bank.example", &["ml-risk"], "edit").await;
    let refused = approve(&editor, &place, "without-the-verb", &run).await.unwrap_err();
    assert!(refused.contains("forbidden") || refused.contains("lacks the verb"), "{refused}");

    let account = format!("--serviceaccount={}:default", place.namespace);
    cluster().kubectl(&[
        "-n",
        &place.namespace,
        "create",
        "rolebinding",
        "robot",
        "--clusterrole=modelgate-approver",
        &account,
    ]);
    let mut config = cluster().config().await;
    let token = cluster().kubectl(&["-n", &place.namespace, "create", "token", "default"]);
    config.auth_info = serde_json::from_value(json!({"token": token})).unwrap();
    let refused = approve(&Client::try_from(config).unwrap(), &place, "robot", &run).await.unwrap_err();
    assert!(refused.contains("only people approve"), "{refused}");

    let risk = place.person("rita@bank.example", &["ml-risk"], "modelgate-approver").await;
    approve(&risk, &place, "other-run", "no-such-run").await.unwrap();
    assert_eq!(counted(&place, "other-run").await, ("False".to_owned(), "OtherRun".to_owned()));
    assert_eq!(place.pods("1", false).await, 0, "nothing of this has opened the gate");
    approve(&risk, &place, "real", &run).await.unwrap();
    assert_eq!(counted(&place, "real").await, ("True".to_owned(), "Counted".to_owned()));
    let served = place.serves("1", 1).await;
    assert!(message(&served, "Approved").contains("rita@bank.example"));
}

#[tokio::test]
async fn only_who_governs_makes_a_policy() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let editor = place.person("eve@bank.example", &["lending-ml"], "admin").await;
    let api: Api<GovernancePolicy> = Api::all(editor);
    let easy = policy(&place.namespace, json!([{"name": "easy", "expression": {"expression": "true"}}]));
    let refused = api.create(&PostParams::default(), &serde_json::from_value(easy).unwrap()).await.unwrap_err();
    assert!(refused.to_string().contains("forbidden"), "{refused}");
}
