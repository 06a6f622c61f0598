//! Gates that a container of the policy author's own answers, in a Job of its own, on a real node.

use crate::bad_input::{Case, apply, config_map, each_stalls, from_map, is_held, row, says};
use crate::cluster::{cluster, path, run};
use crate::stage::operator::shared;
use crate::stage::place::{Place, accuracy_gate, digest};
use crate::stage::store::store;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use modelgate::api::labels;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::OnceLock;

/// The image of examples/red-team, by digest.
fn red_team() -> &'static str {
    static LOADED: OnceLock<String> = OnceLock::new();
    LOADED.get_or_init(|| {
        let folder = format!("{}/red-team", env!("CARGO_TARGET_TMPDIR"));
        let told = run(Command::new(path("examples/red-team/build")).arg(&folder));
        cluster().load(told.split(' ').next().unwrap())
    })
}

fn gate(name: &str, image: &str, more: Value) -> Value {
    let mut job = json!({"image": image});
    for (field, value) in more.as_object().unwrap() {
        job[field] = value.clone();
    }
    json!({"name": name, "severity": "High", "job": job})
}

#[tokio::test]
async fn a_container_answers_from_pinned_evidence() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let asks = gate("red-team", red_team(), json!({"evidence": ["attacks"], "max": "0.1"}));
    place.policy(json!([accuracy_gate(), asks])).await;
    config_map(&place, "report", b"{\"accuracy\": 0.9}", true).await;
    let attack = |succeeded: &str| format!("{{\"prompt\": \"p\", \"succeeded\": {succeeded}}}\n");
    config_map(&place, "withstood", attack("false").repeat(20).as_bytes(), true).await;
    config_map(&place, "fell", (attack("false").repeat(3) + &attack("true")).as_bytes(), true).await;
    config_map(&place, "unclear", (attack("false") + &attack("\"maybe\"")).as_bytes(), true).await;
    let both = |attacks: Value| json!([from_map("metrics", "report"), attacks]);
    let afar = json!({"name": "attacks", "digest": digest("other"), "https": {"url": store().url("/metrics.json")}});
    let cases = [
        Case::new("fell", both(from_map("attacks", "fell")), ("GateFailed", "AboveMaximum"), &["1 of 4 attacks"]),
        Case::new("unclear", both(from_map("attacks", "unclear")), ("GateError", "ReportedError"), &["1 of 2 lines"]),
        // What is not as pinned never comes to the container.
        Case::new("afar", both(afar), ("GateError", "DigestMismatch"), &["attacks has digest", "is pinned"]),
        Case::new(
            "absent",
            json!([from_map("metrics", "report")]),
            ("EvidenceMissing", "EvidenceMissing"),
            &["attacks"],
        ),
    ];
    each_stalls(&place, "red-team", &cases, both(from_map("attacks", "withstood"))).await;
    let good = row(&place, "good", "red-team").await;
    assert_eq!((good.value.as_deref(), good.threshold.as_deref()), (Some("0.0"), Some("<= 0.1")));
    assert_eq!(row(&place, "fell", "accuracy").await.reason, "WithinLimits");
    let runs = place.runs().await;
    let status = runs.iter().find(|run| *run.spec.release_name == *"good").unwrap().status.as_ref().unwrap();
    let [own] = &status.own_jobs[..] else { panic!("{:?}", status.own_jobs) };
    assert_eq!((&*own.policy, &*own.gate), (&*place.namespace, "red-team"));
    let job: Job = place.api().get(&own.name).await.unwrap();
    assert_eq!(job.uid().as_deref(), Some(&*own.uid));
    assert!(status.job.is_some(), "the evaluator answered the other gate");
}

/// What a container leaves, and what its gate says then.
const LEFT: [(&str, &str, &str, &str); 9] = [
    ("silent", "true", "ResultMissing", "exit code 0"),
    ("crashed", "exit 1", "ResultMissing", "exit code 1"),
    ("chatty", "echo fine >$MODELGATE_RESULT", "ResultInvalid", "no result document"),
    ("liar", "pass; exit 1", "ResultInvalid", "exit code 1"),
    ("foreign", "MODELGATE_RUN=other; pass", "ResultForeign", "another run"),
    ("other-gate", "MODELGATE_GATE=a/b; pass", "ResultInvalid", "speaks about gate a/b"),
    // Its program is not root, has no token and cannot be written to; its home can.
    (
        "confined",
        "[ $(id -u) = 65532 ] && [ ! -e /var/run/secrets ] && ! echo x 2>/dev/null >/x && echo x >$HOME/x && pass",
        "ReportedPass",
        "says Pass",
    ),
    ("slow", "sleep 600", "JobTimedOut", "in time"),
    // On the node that it asks for.
    ("placed", "pass", "ReportedPass", "says Pass"),
];

#[tokio::test]
async fn a_container_that_gives_no_answer_never_passes() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let image = red_team();
    let pass = r#"pass() { printf '{"schema":"modelgate.dev/result/v1","run":"%s","results":[{"gate":"%s","outcome":"Pass"}]}' "$MODELGATE_RUN" "$MODELGATE_GATE" >"$MODELGATE_RESULT"; }; "#;
    let shell = |script: &str| json!({"command": ["/bin/sh", "-c"], "args": [format!("{pass}{script}")]});
    let mut gates: Vec<Value> = LEFT.iter().map(|(name, script, ..)| gate(name, image, shell(script))).collect();
    gates[7]["job"]["timeout"] = "3s".into();
    gates[8]["job"]["nodeSelector"] = json!({"kubernetes.io/os": "linux"});
    gates[8]["job"]["tolerations"] = json!([{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "team", "value": "risk"}]);
    gates.push(gate("no-program", image, json!({"command": ["/none"]})));
    let little = json!({"limits": {"memory": "16Mi"}});
    let mut greedy = gate("greedy", image, shell("awk 'BEGIN { x = \"0123456789abcdef\"; while (1) x = x x }'"));
    greedy["job"]["resources"] = little;
    gates.push(greedy);
    place.policy(Value::Array(gates)).await;
    apply(&place, "m", &json!([])).await;
    let said = says(&place, "m", "Stalled", "True", "GateError").await;
    println!("{said}");
    is_held(&place, "m").await;
    let more = [("no-program", "", "JobFailed", "/none"), ("greedy", "", "OutOfMemory", "more memory")];
    for (gate, _, reason, words) in LEFT.iter().chain(&more) {
        let row = row(&place, "m", gate).await;
        assert_eq!(row.reason, *reason, "{gate}: {}", row.message);
        assert!(row.message.contains(words), "{gate}: {}", row.message);
    }
    let jobs = place.list::<Job>().await;
    let pods = jobs.iter().filter_map(|job| job.spec.as_ref()?.template.spec.as_ref());
    let placed: Vec<_> = pods.filter(|pod| pod.tolerations.as_ref().is_some_and(|taints| taints.len() == 2)).collect();
    assert_eq!(placed.len(), 1);
    assert!(placed[0].node_selector.as_ref().is_some_and(|labels| labels["kubernetes.io/os"] == "linux"));
    // What was given up is stopped.
    place
        .until("the slow container to go", async || {
            let pods = place.list::<Pod>().await;
            let running = |pod: &Pod| pod.status.as_ref().is_some_and(|s| s.phase.as_deref() == Some("Running"));
            (!pods.iter().any(running)).then_some(())
        })
        .await;
}

/// Its plan asks for it no more, and the run that is followed knows nothing of it.
#[tokio::test]
async fn a_container_whose_gate_left_the_policy_is_stopped() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let sleeps = json!({"command": ["/bin/sh", "-c"], "args": ["sleep 600"], "timeout": "10m"});
    place.policy(json!([accuracy_gate(), gate("slow", red_team(), sleeps)])).await;
    config_map(&place, "report", b"{\"accuracy\": 0.9}", true).await;
    apply(&place, "m", &json!([from_map("metrics", "report")])).await;
    let sleepers = async || {
        let jobs = place.list::<Job>().await;
        jobs.into_iter().filter(|job| job.labels().get(labels::GATE).is_some_and(|gate| gate == "slow")).count()
    };
    place.until("its Job", async || (sleepers().await == 1).then_some(())).await;
    place.policy(json!([accuracy_gate()])).await;
    place.until("its Job to go", async || (sleepers().await == 0).then_some(())).await;
    let runs = place.runs().await;
    assert_eq!(runs.len(), 2, "the run of the other plan");
}
