//! `modelgate policy lint`: what an API server would refuse, and what it takes and an author would regret.

use super::{PolicyError, Sources, with_files};
use crate::api::{GovernancePolicy, LabelSelector, labels};
use crate::cli::line;
use crate::evaluator::expression;
use crate::policy::check::{Provenance, SubjectName};
use crate::policy::expression::check_names;
use crate::policy::risk::Factor;
use crate::policy::{Check, Enforcement, Gate, Limits, PolicyPlan};
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Labels that only who holds the verb `govern` may change.
const OWN_LABELS: &str = "modelgate.dev/";

/// Find what is wrong with policies, and what is likely not meant.
///
/// Exit codes: 0 nothing found; 1 something found; 4 a file cannot be used, or a policy would be refused.
#[derive(Debug, Args)]
pub struct Lint {
    #[command(flatten)]
    policies: Sources,
}

impl Lint {
    pub(super) fn run(self) -> Result<bool, PolicyError> {
        let (policies, files) = with_files(&self.policies.paths())?;
        let namespaces: Vec<BTreeMap<String, String>> = files
            .world
            .namespaces
            .all()
            .iter()
            .map(|space| space.meta.labels().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
            .collect();
        let mut out = std::io::stdout().lock();
        let mut count = 0;
        for (policy, plan) in &policies {
            for (place, found) in lint(policy, plan, &namespaces) {
                count += 1;
                writeln!(out, "{place}: {}", line(&found))?;
            }
        }
        let gates: usize = policies.iter().map(|(_, plan)| plan.gates.len()).sum();
        let policies = counted(policies.len(), "policy", "policies");
        let (gates, findings) = (counted(gates, "gate", "gates"), counted(count, "finding", "findings"));
        writeln!(out, "{policies} with {gates}: {findings}")?;
        Ok(count == 0)
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn lint(
    policy: &GovernancePolicy,
    plan: &PolicyPlan,
    namespaces: &[BTreeMap<String, String>],
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let selector = &policy.spec.match_.namespace_selector;
    found.extend(of_selector(selector, namespaces).into_iter().map(|problem| (plan.name.clone(), problem)));
    if plan.gates.iter().all(|gate| gate.enforcement != Enforcement::Enforce) {
        found.push((plan.name.clone(), "no gate blocks: every one only warns or is only recorded".to_owned()));
    }
    found.extend(of_risk(plan).into_iter().map(|problem| (plan.name.clone(), problem)));
    for gate in &plan.gates {
        found.extend(of_gate(gate).into_iter().map(|problem| (gate.key.to_string(), problem)));
    }
    found
}

/// Whoever may edit a namespace may change its labels, but for those that the API server keeps.
fn of_selector(selector: &LabelSelector, namespaces: &[BTreeMap<String, String>]) -> Vec<String> {
    let expressions = selector.match_expressions.iter().map(|expression| &expression.key);
    let keys: BTreeSet<&str> = selector.match_labels.keys().chain(expressions).map(String::as_str).collect();
    let own = |key: &&str| key.starts_with(OWN_LABELS) || *key == "kubernetes.io/metadata.name";
    let mut found: Vec<String> = keys
        .iter()
        .filter(|key| !own(key))
        .map(|key| {
            format!("selects by label {key}, which whoever may edit a namespace can change: use one of {OWN_LABELS}")
        })
        .collect();
    // What it asks of the one label that makes a namespace a governed one.
    let only = LabelSelector {
        match_labels: selector.match_labels.clone().into_iter().filter(|(key, _)| key == labels::ENFORCEMENT).collect(),
        match_expressions: selector
            .match_expressions
            .iter()
            .filter(|expression| expression.key == labels::ENFORCEMENT)
            .cloned()
            .collect(),
    };
    let governed = |mode: &str| BTreeMap::from([(labels::ENFORCEMENT.to_owned(), mode.to_owned())]);
    if !["enforce", "audit"].iter().any(|mode| only.matches(&governed(mode))) {
        found.push(format!("selects no governed namespace: {} is enforce or audit there", labels::ENFORCEMENT));
    }
    let all = namespaces.iter().filter(|labels| labels.contains_key(labels::ENFORCEMENT)).count();
    let selected =
        namespaces.iter().filter(|labels| labels.contains_key(labels::ENFORCEMENT) && selector.matches(labels));
    if all > 0 && selected.count() == 0 {
        found.push(format!("selects none of the {all} governed namespaces in these files"));
    }
    found
}

/// A factor that nothing measures is always the highest.
fn of_risk(plan: &PolicyPlan) -> Vec<String> {
    let Some(risk) = &plan.risk else { return Vec::new() };
    let any = |wanted: fn(&Check) -> bool| plan.gates.iter().any(|gate| wanted(&gate.check));
    let contract = any(|check| matches!(check, Check::DataContract(_)));
    let history = any(|check| matches!(check, Check::Metric(metric) if metric.against_history.is_some()));
    let factors = [
        (Factor::DataQuality, contract, "a dataContract gate"),
        (Factor::HistoryAnomaly, history, "a metric gate with againstHistory"),
    ];
    let unmeasured = factors.into_iter().filter(|(factor, there, _)| risk.weights.contains_key(factor) && !there);
    unmeasured.map(|(factor, _, by)| format!("risk factor {factor:?} is always 100: it needs {by}")).collect()
}

fn of_gate(gate: &Gate) -> Vec<String> {
    let mut found = Vec::new();
    match &gate.check {
        Check::Expression(asked) => {
            found.extend(expression::compiles(&asked.expression).err());
            let absent = check_names(&asked.expression, &asked.evidence).unwrap_or_default();
            found.extend(absent.iter().map(|fact| {
                let fact = format!("{}.{}", fact.variable, fact.field);
                format!("{fact} is an error where a release does not declare it: ask has({fact}) first")
            }));
        }
        Check::Metric(asked) if asked.limits == Limits::default() && asked.against_baseline.is_none() => {
            found.push("asks nothing of a first release: give it min, max or equal as well".to_owned());
        }
        Check::Drift(asked) if asked.reference_digests.is_empty() => {
            found.push("the release chooses the reference it is compared with: name referenceDigests".to_owned());
        }
        Check::DataContract(asked) if asked.contract_digests.is_empty() => {
            found.push("the release chooses the contract that its data is held to: name contractDigests".to_owned());
        }
        Check::Privacy(asked) => {
            if asked.declared.as_ref().is_some_and(|declared| declared.digests.is_empty()) {
                found.push("the release chooses the contract that declares this: name declared.digests".to_owned());
            }
            let mut samples = asked.redacted.iter().filter_map(|rule| rule.clear_text.as_ref());
            if samples.any(|clear| clear.digests.is_empty()) {
                let chosen = "the release chooses the clear text that tokens are compared with: name clearText.digests";
                found.push(chosen.to_owned());
            }
        }
        Check::Provenance(asked) => found.extend(of_identities(asked)),
        Check::Prometheus(asked) if !asked.query.contains("${namespace}") => {
            found.push("the query does not name ${namespace}: it may count other namespaces too".to_owned());
        }
        _ => {}
    }
    if let Some(text) = gate.check.slice() {
        found.extend(expression::row::compiles(text).err().map(|why| format!("where: {why}")));
    }
    if gate.watch.as_ref().is_some_and(|watch| watch.breach_after == 1) {
        found.push("one failure is a breach: a single scrape decides; set watch.breachAfter to 2 or more".to_owned());
    }
    found
}

fn of_identities(check: &Provenance) -> Vec<String> {
    let mut found = Vec::new();
    for identity in &check.identities {
        // Scheme, host and two parts of a path: an owner and something of theirs.
        let wide = |uri: &str| uri.ends_with('*') && uri.matches('/').count() < 4;
        if matches!(&identity.subject, SubjectName::Uri(uri) if wide(uri)) {
            let name = &identity.name;
            found.push(format!(
                "identity {name} is everybody at a host or of an owner: name the repository and the workflow"
            ));
        }
    }
    let keyless = check.identities.iter().any(|identity| identity.issuer.is_some());
    if keyless && check.logs.is_empty() && check.timestamp_authorities.is_empty() {
        let brief = "certificates with an issuer live minutes, and nothing trusted says when they signed: name logs or \
                     timestampAuthorities";
        found.push(brief.to_owned());
    }
    found
}
