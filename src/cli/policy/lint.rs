//! `modelgate policy lint`: what an API server would refuse, and what it takes and an author would regret.

use super::{PolicyError, compiled};
use crate::api::GovernancePolicy;
use crate::cli::line;
use crate::evaluator::expression;
use crate::policy::check::{Provenance, SubjectName};
use crate::policy::{Check, Enforcement, Gate, Limits, PolicyPlan};
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Find what is wrong with policies, and what is likely not meant.
///
/// Exit codes: 0 nothing found; 1 something found; 4 a file cannot be used, or a policy would be refused.
#[derive(Debug, Args)]
pub struct Lint {
    /// Manifest or folder with GovernancePolicies. May be repeated
    #[arg(short, long = "filename", value_name = "FILE", required = true)]
    filename: Vec<PathBuf>,
}

impl Lint {
    pub(super) fn run(self) -> Result<bool, PolicyError> {
        let policies = compiled(&self.filename)?;
        let mut out = std::io::stdout().lock();
        let mut count = 0;
        for (policy, plan) in &policies {
            for (place, found) in lint(policy, plan) {
                count += 1;
                writeln!(out, "{place}: {}", line(&found))?;
            }
        }
        let gates: usize = policies.iter().map(|(_, plan)| plan.gates.len()).sum();
        writeln!(out, "{} policies with {gates} gates: {count} findings", policies.len())?;
        Ok(count == 0)
    }
}

fn lint(policy: &GovernancePolicy, plan: &PolicyPlan) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let selector = &policy.spec.match_.namespace_selector;
    if selector.match_labels.is_empty() && selector.match_expressions.is_empty() {
        let all = "selects every governed namespace: say which with match.namespaceSelector";
        found.push((plan.name.clone(), all.to_owned()));
    }
    if plan.gates.iter().all(|gate| gate.enforcement != Enforcement::Enforce) {
        found.push((plan.name.clone(), "no gate blocks: every one only warns or is only recorded".to_owned()));
    }
    for gate in &plan.gates {
        found.extend(of_gate(gate).into_iter().map(|problem| (gate.key.to_string(), problem)));
    }
    found
}

fn of_gate(gate: &Gate) -> Vec<String> {
    let mut found = Vec::new();
    match &gate.check {
        Check::Expression(asked) => found.extend(expression::compiles(&asked.expression).err()),
        Check::Metric(asked) if asked.limits == Limits::default() && asked.against_baseline.is_none() => {
            found.push("asks nothing of a first release: give it min, max or equal as well".to_owned());
        }
        Check::Drift(asked) if asked.reference_digests.is_empty() => {
            found.push("the release chooses the reference it is compared with: name referenceDigests".to_owned());
        }
        Check::DataContract(asked) if asked.contract_digests.is_empty() => {
            found.push("the release chooses the contract that its data is held to: name contractDigests".to_owned());
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
