//! The examples in `docs/checks/` are policies that compile, and come to what the page says on the evidence it names:
//! A gate is a block of YAML that starts with `- name:`; its runs follow:
//! `<!-- runs: NAME=FILE … comes to: OUTCOME REASON -->` after the example.

use crate::job::Job;
use modelgate::api::{EnforcementName, GateSpec, GovernancePolicySpec, LabelSelector, PolicyMatch};
use modelgate::intake;
use modelgate::policy::Digest;
use modelgate::release::facts::Mode;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn root(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn compiled(yaml: &str) -> Value {
    let gates: Vec<GateSpec> = serde_saphyr::from_str(yaml).unwrap();
    let spec = GovernancePolicySpec {
        match_: PolicyMatch { namespace_selector: LabelSelector::default() },
        enforcement: EnforcementName::Enforce,
        adopt_existing: Default::default(),
        gates,
        risk: None,
    };
    let plan = intake::compile("base", &spec, Mode::Enforce).unwrap();
    let [gate] = &plan.gates[..] else { panic!("an example has one gate") };
    serde_json::to_value(&gate.check).unwrap()
}

/// What the columns of predictions mean, as fairness.md says it.
fn mapped() -> Value {
    json!({
        "label": "deny", "prediction": "predicted", "favorable": "0",
        "protected": [{"attribute": "race", "column": "afam"}],
    })
}

#[test]
fn the_examples_run_and_come_to_what_the_pages_say() {
    let mut tried = 0;
    for entry in fs::read_dir(root("docs/checks")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let shown = path.file_name().unwrap().to_string_lossy().into_owned();
        for part in page.split("```yaml\n").skip(1) {
            let (yaml, rest) = part.split_once("```").unwrap();
            // Parts of other objects stand on these pages too.
            if !yaml.starts_with("- name: ") {
                continue;
            }
            let check = compiled(yaml);
            for run in rest.split("<!-- runs: ").skip(1) {
                let (evidence, expected) = run.split_once(" -->").unwrap().0.split_once(" comes to: ").unwrap();
                let mut job = Job::new();
                for pair in evidence.split_whitespace() {
                    let (name, file) = pair.split_once('=').unwrap();
                    let bytes = fs::read(root(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
                    let key = file.rsplit('/').next().unwrap();
                    job = if name == "predictions" {
                        job.table(name, &bytes, mapped())
                    } else {
                        job.file(name, key, &bytes)
                    };
                }
                let mut order = job.gate("example", check.clone());
                order.model_digest = Some(Digest::parse(&format!("sha256:{}", "a".repeat(64))).unwrap());
                let finding = order.run().only();
                let found = format!("{} {}", finding.outcome, finding.reason);
                assert_eq!(found, expected, "{shown}: {run}\n{}", finding.message);
                tried += 1;
            }
        }
    }
    assert!(tried >= 12, "{tried}");
    let unknown = json!([{"name": "x", "tests": {"evidence": ["a"], "format": "Excel"}}]);
    assert!(serde_json::from_value::<Vec<GateSpec>>(unknown).is_err());
}
