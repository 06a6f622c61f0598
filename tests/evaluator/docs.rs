//! The examples in `docs/checks/` are policies that compile, and come to what the page says on the evidence it names.

use crate::job::Job;
use crate::pages;
use modelgate::api::{EnforcementName, GateSpec, GovernancePolicySpec, LabelSelector, PolicyMatch};
use modelgate::intake;
use modelgate::policy::Digest;
use modelgate::release::facts::Mode;
use serde_json::{Value, json};
use std::fs;

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

#[test]
fn the_examples_run_and_come_to_what_the_pages_say() {
    let mut tried = 0;
    for block in pages::pages("docs/checks").iter().flat_map(|page| pages::blocks(page)) {
        if !block.is_gates() {
            assert!(block.runs.is_empty(), "{}: no gate stands before its runs", block.page);
            continue;
        }
        let check = compiled(&block.text);
        for run in &block.runs {
            let mut job = Job::new();
            for (name, file) in &run.evidence {
                let bytes = fs::read(pages::file(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
                job = match &**name {
                    "predictions" => job.table(name, &bytes, pages::columns_of_predictions()),
                    _ => job.file(name, pages::key(file), &bytes),
                };
            }
            let mut order = job.gate("example", check.clone());
            order.model_digest = Some(Digest::parse(&format!("sha256:{}", "a".repeat(64))).unwrap());
            let finding = order.run().only();
            let found = format!("{} {}", finding.outcome, finding.reason);
            assert_eq!(found, run.comes_to, "{}: {:?}\n{}", block.page, run.evidence, finding.message);
            tried += 1;
        }
    }
    assert!(tried >= 40, "{tried}");
    let unknown = json!([{"name": "x", "tests": {"evidence": ["a"], "format": "Excel"}}]);
    assert!(serde_json::from_value::<Vec<GateSpec>>(unknown).is_err());
}
