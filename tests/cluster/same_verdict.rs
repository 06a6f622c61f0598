//! The command line and the cluster say the same: of every version of the mortgage example, and of every example in
//! `docs/checks/` that a Job answers.

use crate::pages;
use crate::stage::operator::shared;
use crate::stage::place::{Place, deployment, policy};
use futures::future::join_all;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::PostParams;
use modelgate::api::{GateRun, ModelRelease};
use modelgate::policy::ResultDocument;
use modelgate::policy::finding::{MESSAGE_LIMIT, clean};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mortgage/k8s");

/// One release, and what is asked of it.
struct Asked {
    gates: Vec<Value>,
    /// What the pages say that each gate comes to, by its name.
    told: BTreeMap<String, String>,
    /// `spec` of the release.
    release: Value,
    maps: Vec<ConfigMap>,
}

fn documents(path: &Path) -> Vec<Value> {
    serde_saphyr::from_multiple(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A version of the mortgage example, and the gates of its policies that a Job answers.
fn mortgage(version: &str) -> Asked {
    let policies = documents(&Path::new(EXAMPLE).join("base/policies.yaml"));
    let gates = policies.iter().flat_map(|policy| policy["spec"]["gates"].as_array().unwrap());
    let of_a_job = gates.filter(|gate| gate.get("prometheus").is_none() && gate.get("approval").is_none());
    let folder = Path::new(EXAMPLE).join(version);
    let maps = documents(&folder.join("evidence.yaml")).into_iter().map(|map| {
        let mut map: ConfigMap = serde_json::from_value(map).unwrap();
        map.metadata.namespace = None;
        map
    });
    let release = documents(&folder.join("release.yaml")).remove(0);
    Asked {
        gates: of_a_job.cloned().collect(),
        told: BTreeMap::new(),
        release: release["spec"].clone(),
        maps: maps.collect(),
    }
}

/// The examples of the pages, as few releases as their names of evidence allow.
fn examples() -> Vec<Asked> {
    #[derive(Default)]
    struct Together {
        gates: Vec<Value>,
        told: BTreeMap<String, String>,
        files: BTreeMap<String, String>,
    }
    let mut all: Vec<Together> = Vec::new();
    for block in pages::pages("docs/checks").iter().flat_map(|page| pages::blocks(page)) {
        if !block.is_gates() {
            continue;
        }
        let [gate]: [Value; 1] = serde_saphyr::from_str::<Vec<Value>>(&block.text).unwrap().try_into().unwrap();
        let name = gate["name"].as_str().unwrap();
        for run in block.runs {
            let fits = |together: &Together| {
                // A hand-over has room for the messages of this many.
                together.gates.len() < 8
                    && !together.told.contains_key(name)
                    && run.evidence.iter().all(|(name, file)| together.files.get(name).is_none_or(|it| it == file))
            };
            let place = all.iter().position(fits).unwrap_or(all.len());
            if place == all.len() {
                all.push(Together::default());
            }
            all[place].gates.push(gate.clone());
            all[place].told.insert(name.to_owned(), run.comes_to);
            all[place].files.extend(run.evidence);
        }
    }
    all.into_iter().map(|Together { gates, told, files }| example(gates, told, &files)).collect()
}

fn example(gates: Vec<Value>, told: BTreeMap<String, String>, files: &BTreeMap<String, String>) -> Asked {
    let maps = files.iter().map(|(name, file)| {
        let mut map = ConfigMap { immutable: Some(true), ..ConfigMap::default() };
        map.metadata.name = Some(name.clone());
        let (key, bytes) = (pages::key(file).to_owned(), std::fs::read(pages::file(file)).unwrap());
        match String::from_utf8(bytes) {
            Ok(text) => map.data = Some([(key, text)].into()),
            Err(binary) => map.binary_data = Some([(key, ByteString(binary.into_bytes()))].into()),
        }
        map
    });
    let evidence = files.iter().map(|(name, file)| {
        let mut evidence = json!({"name": name, "configMap": {"name": name, "key": pages::key(file)}});
        if name == "predictions" {
            evidence["columns"] = pages::columns_of_predictions();
        }
        evidence
    });
    let release = json!({
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"},
        "model": {"name": "m", "version": "1", "digest": format!("sha256:{}", "a".repeat(64))},
        "declared": {"purpose": "lending"},
        "evidence": evidence.collect::<Vec<_>>(),
    });
    Asked { gates, told, release, maps: maps.collect() }
}

/// All that both must agree on, gate by gate.
type Rows = BTreeMap<String, Value>;

fn of_the_run(run: &GateRun) -> Rows {
    let rows = run.status.as_ref().unwrap().rows.iter();
    rows.map(|row| {
        let (outcome, counts) = (format!("{:?}", row.outcome), &row.counts.0);
        let said = json!([outcome, row.value, row.threshold, row.reason, row.message, counts]);
        (format!("{}/{}", &*row.policy, &*row.gate), said)
    })
    .collect()
}

fn of_the_document(document: ResultDocument) -> Rows {
    let findings = document.results.into_iter();
    findings
        .map(|f| {
            let (outcome, reason) = (f.outcome.to_string(), f.reason.to_string());
            let (message, counts) = (clean(&f.message, MESSAGE_LIMIT), serde_json::to_value(&f.counts).unwrap());
            (f.gate.to_string(), json!([outcome, f.value, f.threshold, reason, message, counts]))
        })
        .collect()
}

async fn in_cluster(place: &Place, asked: &Asked) -> GateRun {
    for map in &asked.maps {
        place.api().create(&PostParams::default(), map).await.unwrap();
    }
    place.policy(Value::Array(asked.gates.clone())).await;
    place.apply::<ModelRelease>(place.api(), &release(asked)).await;
    let mut workload = deployment("1", 1);
    workload["spec"]["template"]["metadata"]["annotations"]["modelgate.dev/model-digest"] =
        asked.release["model"]["digest"].clone();
    place.deployment(&workload).await;
    place
        .until("the run to end", async || {
            let run: GateRun = place.list().await.into_iter().next()?;
            run.status.as_ref()?.finished_at.as_ref()?;
            Some(run)
        })
        .await
}

fn release(asked: &Asked) -> Value {
    let mut spec = asked.release.clone();
    spec["targetRef"]["name"] = "m".into();
    json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ModelRelease", "metadata": {"name": "m"}, "spec": spec})
}

fn on_this_machine(namespace: &str, asked: &Asked, at: &str) -> Rows {
    let temp = tempfile::tempdir().unwrap();
    let maps = asked.maps.iter().map(|map| {
        let mut map = serde_json::to_value(map).unwrap();
        (map["apiVersion"], map["kind"]) = ("v1".into(), "ConfigMap".into());
        map
    });
    let policy = policy(namespace, Value::Array(asked.gates.clone()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
    command.args(["check", "-n", namespace, "-o", "json", "--at", at]);
    for (number, object) in [policy, release(asked)].into_iter().chain(maps).enumerate() {
        let file = temp.path().join(format!("{number}.json"));
        std::fs::write(&file, object.to_string()).unwrap();
        command.arg("-f").arg(file);
    }
    let output = command.output().unwrap();
    let document = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    of_the_document(document)
}

/// Both verdicts, which must be one, and what the pages say.
async fn agree(asked: &Asked) {
    let place = Place::new("enforce").await;
    let run = in_cluster(&place, asked).await;
    let there = of_the_run(&run);
    // Ages of scans and ends of certificates are told as at this moment.
    let at = run.metadata.creation_timestamp.unwrap().0.to_string();
    assert_eq!(on_this_machine(&place.namespace, asked, &at), there);
    assert_eq!(there.len(), asked.gates.len());
    for (gate, told) in &asked.told {
        let row = &there[&format!("{}/{gate}", place.namespace)];
        let came = format!("{} {}", row[0].as_str().unwrap(), row[3].as_str().unwrap());
        assert_eq!(came, *told, "{gate}: {row}");
    }
}

#[tokio::test]
async fn the_command_line_says_what_the_cluster_says() {
    let _turn = shared();
    join_all(["v1", "v2", "v3"].map(async |version| agree(&mortgage(version)).await)).await;
}

#[tokio::test]
async fn examples_of_the_pages_come_to_the_same_in_both() {
    let _turn = shared();
    let examples = examples();
    let gates: usize = examples.iter().map(|asked| asked.gates.len()).sum();
    assert!(gates >= 40 && examples.len() < gates / 3, "{gates} gates of {} releases", examples.len());
    join_all(examples.iter().map(agree)).await;
}
