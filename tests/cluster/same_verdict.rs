//! The command line and the cluster say the same of every version of the mortgage example.

use crate::stage::operator::shared;
use crate::stage::place::{Place, deployment, policy};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use kube::api::PostParams;
use modelgate::api::GateRun;
use modelgate::policy::ResultDocument;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mortgage/k8s");

fn documents(path: &Path) -> Vec<Value> {
    serde_saphyr::from_multiple(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Gates of the example's policies that a Job answers, as one list.
fn gates() -> Vec<Value> {
    let policies = documents(&Path::new(EXAMPLE).join("base/policies.yaml"));
    let gates = policies.iter().flat_map(|policy| policy["spec"]["gates"].as_array().unwrap());
    gates.filter(|gate| gate.get("prometheus").is_none() && gate.get("approval").is_none()).cloned().collect()
}

/// One line for each gate: all that both must agree on.
fn lines<'a>(rows: impl Iterator<Item = [Option<&'a str>; 5]>) -> Vec<String> {
    let mut lines: Vec<_> = rows.map(|row| row.map(|cell| cell.unwrap_or("-").to_owned()).join(" | ")).collect();
    lines.sort();
    lines
}

async fn in_cluster(place: &Place) -> Vec<String> {
    let run = place
        .until("the run to end", async || {
            let run: GateRun = place.list().await.into_iter().next()?;
            run.status.as_ref()?.finished_at.as_ref()?;
            Some(run)
        })
        .await;
    let rows = run.status.unwrap().rows;
    let words: Vec<[Option<String>; 5]> = rows
        .iter()
        .map(|row| {
            [
                Some(format!("{}/{}", &*row.policy, &*row.gate)),
                Some(format!("{:?}", row.outcome)),
                row.value.clone(),
                row.threshold.clone(),
                Some(row.reason.clone()),
            ]
        })
        .collect();
    lines(words.iter().map(|row| row.each_ref().map(Option::as_deref)))
}

fn on_this_machine(files: &[PathBuf]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
    command.args(["check", "-o", "json"]);
    for file in files {
        command.arg("-f").arg(file);
    }
    let output = command.output().unwrap();
    let document: ResultDocument = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let words: Vec<[Option<String>; 5]> = document
        .results
        .iter()
        .map(|finding| {
            [
                Some(finding.gate.to_string()),
                Some(finding.outcome.to_string()),
                finding.value.clone(),
                finding.threshold.clone(),
                Some(finding.reason.to_string()),
            ]
        })
        .collect();
    lines(words.iter().map(|row| row.each_ref().map(Option::as_deref)))
}

#[tokio::test]
async fn the_command_line_says_what_the_cluster_says() {
    let _turn = shared();
    for version in ["v1", "v2", "v3"] {
        let place = Place::new("enforce").await;
        let folder = Path::new(EXAMPLE).join(version);
        for mut object in documents(&folder.join("evidence.yaml")) {
            object["metadata"]["namespace"] = place.namespace.clone().into();
            let map: ConfigMap = serde_json::from_value(object).unwrap();
            place.api().create(&PostParams::default(), &map).await.unwrap();
        }
        let mut release = documents(&folder.join("release.yaml")).remove(0);
        release["metadata"] = json!({"name": "m", "namespace": place.namespace});
        release["spec"]["targetRef"]["name"] = "m".into();
        let mut workload = deployment("1", 1);
        workload["spec"]["template"]["metadata"]["annotations"]["modelgate.dev/model-digest"] =
            release["spec"]["model"]["digest"].clone();
        place.policy(Value::Array(gates())).await;
        let release: modelgate::api::ModelRelease = place.apply(place.api(), &release).await;
        place.deployment(&workload).await;
        let there = in_cluster(&place).await;

        let temp = tempfile::tempdir().unwrap();
        let put = |name: &str, object: &Value| {
            let path = temp.path().join(name);
            std::fs::write(&path, object.to_string()).unwrap();
            path
        };
        let mut files = vec![put("policy.json", &policy(&place.namespace, Value::Array(gates())))];
        files.push(put("release.json", &serde_json::to_value(&release).unwrap()));
        for map in
            place.list::<ConfigMap>().await.into_iter().filter(|map| map.name_any().starts_with("mortgage-evidence"))
        {
            let mut map = serde_json::to_value(&map).unwrap();
            (map["apiVersion"], map["kind"]) = ("v1".into(), "ConfigMap".into());
            files.push(put(&format!("{}.json", map["metadata"]["name"].as_str().unwrap()), &map));
        }
        assert_eq!(on_this_machine(&files), there, "{version}");
        assert_eq!(there.len(), gates().len());
    }
}
