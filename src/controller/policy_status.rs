//! Tells policy authors whether their policy can be used.

use super::operator::Shared;
use crate::api::{Condition, ConditionStatus, GovernancePolicy, GovernancePolicyStatus};
use crate::cluster::records::instant;
use crate::intake;
use crate::policy::{Check, expression};
use crate::release::facts::Mode;
use jiff::Timestamp;
use kube::Resource;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;

pub async fn tell(shared: &Shared, name: &str) -> Result<(), kube::Error> {
    let Some(object) = shared.world.policies.named(name) else { return Ok(()) };
    let (problem, generation, before) = match object.read() {
        Ok(policy) => (problem(name, policy), policy.meta().generation, policy.status.clone()),
        Err(problem) => (Some(problem.to_owned()), object.meta().generation, None),
    };
    let (status, reason, message) = match problem {
        None => (ConditionStatus::True, "Compiled", "the policy can be used".to_owned()),
        Some(problem) => (ConditionStatus::False, "Invalid", problem),
    };
    let said = before.iter().flat_map(|s| &s.conditions).find(|c| c.type_ == "Ready");
    let since = said.filter(|c| c.status == status).map(|c| c.last_transition_time.clone());
    let wanted = GovernancePolicyStatus {
        observed_generation: generation,
        conditions: vec![Condition {
            type_: "Ready".to_owned(),
            status,
            observed_generation: generation,
            last_transition_time: since.unwrap_or_else(|| instant(Timestamp::now())),
            reason: reason.to_owned(),
            message: crate::policy::finding::clean(&message, 1024),
        }],
    };
    if before.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let api: Api<GovernancePolicy> = Api::all(shared.client.clone());
    let patch = Patch::Merge(json!({"status": wanted}));
    let written = api.patch_status(name, &PatchParams::default(), &patch).await;
    shared.metrics.write("policies", "patch status of", if written.is_ok() { "ok" } else { "error" });
    written.map(|_| ())
}

fn problem(name: &str, policy: &GovernancePolicy) -> Option<String> {
    let plan = match intake::compile(name, &policy.spec, Mode::Enforce) {
        Ok(plan) => plan,
        Err(problem) => return Some(problem.to_string()),
    };
    plan.gates.iter().find_map(|gate| {
        let Check::Expression(asked) = &gate.check else { return None };
        expression::check_limits(&asked.expression).err().map(|e| format!("gate {}: {e}", gate.key.gate))
    })
}
