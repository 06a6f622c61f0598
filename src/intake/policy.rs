//! GovernancePolicy objects → the plan for one namespace.

use super::{IntakeError, check, seconds};
use crate::api;
use crate::policy::expression::{NameError, check_row_names};
use crate::policy::finding::clean;
use crate::policy::plan::{MAX_GATES, MAX_POLICIES};
use crate::policy::risk::{Factor, Level, Measured, RiskModel, Tier};
use crate::policy::{Decimal, Enforcement, Gate, GateKey, OnBreach, Plan, PolicyPlan, Severity, Stage, WatchSchedule};
use crate::release::facts::{Mode, PlanProblem};
use std::collections::BTreeMap;

/// The plan of all policies that select these namespace labels.
pub fn plan<'a>(
    namespace: &str,
    labels: &BTreeMap<String, String>,
    mode: Mode,
    policies: impl IntoIterator<Item = &'a api::GovernancePolicy>,
) -> Result<Plan, PlanProblem> {
    let selected: Vec<_> = policies.into_iter().filter(|p| p.spec.match_.namespace_selector.matches(labels)).collect();
    if selected.is_empty() {
        return Err(PlanProblem::NoPolicy(namespace.to_owned()));
    }
    let gates = selected.iter().map(|p| p.spec.gates.len()).sum();
    if selected.len() > MAX_POLICIES || gates > MAX_GATES {
        return Err(PlanProblem::TooMany { policies: selected.len(), gates });
    }
    let compiled = selected.into_iter().map(|policy| {
        let name = policy.metadata.name.clone().unwrap_or_default();
        compile(&name, &policy.spec, mode)
            .map_err(|problem| PlanProblem::Invalid { policy: name, problem: problem.to_string() })
    });
    compiled.collect::<Result<Vec<_>, _>>().map(Plan::new)
}

/// One policy as it applies under a namespace's mode. Repeats the API server's rules, for callers
/// that did not go through it.
pub fn compile(name: &str, spec: &api::GovernancePolicySpec, mode: Mode) -> Result<PolicyPlan, IntakeError> {
    if spec.gates.len() > MAX_GATES {
        let problem = format!("{} gates; {MAX_GATES} are allowed", spec.gates.len());
        return Err(IntakeError::Shape { at: "gates".to_owned(), problem });
    }
    let mut gates = Vec::with_capacity(spec.gates.len());
    for gate in &spec.gates {
        gates.push(compile_gate(name, spec, gate, mode)?);
    }
    gates.sort_by(|a: &Gate, b: &Gate| a.key.cmp(&b.key));
    Ok(PolicyPlan {
        name: name.to_owned(),
        risk: spec.risk.as_ref().map(|risk| risk_model(risk, &gates)).transpose()?,
        gates,
        adopted_is_baseline: spec.adopt_existing == api::AdoptExisting::AsBaseline,
    })
}

fn compile_gate(
    policy: &str,
    spec: &api::GovernancePolicySpec,
    gate: &api::GateSpec,
    mode: Mode,
) -> Result<Gate, IntakeError> {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if gate.name.is_empty() || !gate.name.bytes().all(is_plain) {
        let problem = "its name is not made of lower case letters, digits and dashes".to_owned();
        return Err(IntakeError::Shape { at: format!("gate {:?}", clean(&gate.name, 63)), problem });
    }
    let at = format!("gate {}", gate.name);
    let shape = |problem: &str| IntakeError::Shape { at: at.clone(), problem: problem.to_owned() };
    let mut checks = check::all(&at, gate)?;
    let check = match (checks.pop(), checks.is_empty()) {
        (Some(check), true) => check,
        (_, _) => return Err(shape("a gate has exactly one check")),
    };
    if let Some(Err(problem)) = check.slice().map(check_row_names)
        && !matches!(problem, NameError::Form(_))
    {
        return Err(shape(&format!("where: {problem}")));
    }
    let stage = check.stage();
    let watch = gate.watch.as_ref().map(|w| watch(&at, w)).transpose()?;
    if watch.is_some() != (stage == Stage::AfterRelease) {
        return Err(shape("a prometheus gate needs watch, and only a prometheus gate has it"));
    }
    if stage == Stage::AfterRelease && gate.min_tier.is_some() {
        return Err(shape("a prometheus gate is asked at every tier: leave minTier out"));
    }
    let weakest = [Some(spec.enforcement), gate.enforcement].into_iter().flatten().map(enforcement).min();
    let weakest = match mode {
        Mode::Enforce => weakest.unwrap_or(Enforcement::Enforce),
        Mode::Audit | Mode::NotGoverned => Enforcement::Audit,
    };
    Ok(Gate {
        key: GateKey::new(policy, gate.name.to_string()),
        enforcement: weakest,
        severity: match gate.severity {
            api::SeverityName::Low => Severity::Low,
            api::SeverityName::Medium => Severity::Medium,
            api::SeverityName::High => Severity::High,
            api::SeverityName::Critical => Severity::Critical,
        },
        stage,
        min_tier: gate.min_tier.map(tier),
        watch,
        remediation: gate.remediation.as_ref().map(|r| r.text.clone()),
        check,
    })
}

fn enforcement(name: api::EnforcementName) -> Enforcement {
    match name {
        api::EnforcementName::Enforce => Enforcement::Enforce,
        api::EnforcementName::Warn => Enforcement::Warn,
        api::EnforcementName::Audit => Enforcement::Audit,
    }
}

fn tier(name: api::TierName) -> Tier {
    match name {
        api::TierName::Low => Tier::Low,
        api::TierName::Medium => Tier::Medium,
        api::TierName::High => Tier::High,
        api::TierName::Critical => Tier::Critical,
    }
}

fn watch(at: &str, watch: &api::WatchSpec) -> Result<WatchSchedule, IntakeError> {
    let interval = seconds(&format!("{at}, watch.interval"), &watch.interval)?;
    if interval == 0 {
        return Err(IntakeError::Shape { at: at.to_owned(), problem: "watch.interval is at least 1s".to_owned() });
    }
    Ok(WatchSchedule {
        interval_seconds: interval,
        breach_after: watch.breach_after.max(1),
        blind_after: watch.blind_after.max(1),
        on_breach: match watch.on_breach {
            api::OnBreachName::Freeze => OnBreach::Freeze,
            api::OnBreachName::Rollback => OnBreach::Rollback,
        },
    })
}

fn factor(name: api::FactorName) -> Factor {
    match name {
        api::FactorName::BusinessCriticality => Factor::BusinessCriticality,
        api::FactorName::DataSensitivity => Factor::DataSensitivity,
        api::FactorName::ModelComplexity => Factor::ModelComplexity,
        api::FactorName::GateOutcomes => Factor::GateOutcomes,
        api::FactorName::DataQuality => Factor::DataQuality,
        api::FactorName::HistoryAnomaly => Factor::HistoryAnomaly,
    }
}

pub(super) fn level(name: api::LevelName) -> Level {
    match name {
        api::LevelName::Low => Level::Low,
        api::LevelName::Medium => Level::Medium,
        api::LevelName::High => Level::High,
    }
}

fn risk_model(spec: &api::RiskSpec, gates: &[Gate]) -> Result<RiskModel, IntakeError> {
    let floors = [
        (Factor::BusinessCriticality, spec.floors.business_criticality),
        (Factor::DataSensitivity, spec.floors.data_sensitivity),
        (Factor::ModelComplexity, spec.floors.model_complexity),
    ];
    let weights = match spec.factors.is_empty() {
        true => RiskModel::default().weights,
        false => spec.factors.iter().map(|f| (factor(f.factor), f.weight)).collect(),
    };
    let complexity = spec.complexity.iter().map(|measured| complexity(measured, gates));
    Ok(RiskModel {
        weights,
        floors: floors.into_iter().filter_map(|(f, l)| Some((f, level(l?)))).collect(),
        medium: spec.tiers.medium,
        high: spec.tiers.high,
        critical: spec.tiers.critical,
        complexity: complexity.collect::<Result<_, _>>()?,
    })
}

fn complexity(spec: &api::ComplexitySpec, gates: &[Gate]) -> Result<Measured, IntakeError> {
    let at = format!("risk.complexity, gate {}", clean(&spec.gate, 63));
    let shape = |problem: &str| IntakeError::Shape { at: at.clone(), problem: problem.to_owned() };
    let gate = gates.iter().find(|gate| *gate.key.gate == *spec.gate);
    let gate = gate.ok_or_else(|| shape("this policy has no such gate"))?;
    if !Measured::by(&gate.check) {
        return Err(shape("only metric, explainability and job gates measure complexity"));
    }
    let level = |text| Decimal::parse(text).map_err(|source| IntakeError::Decimal { at: at.clone(), source });
    let (medium, high) = (level(&spec.medium)?, level(&spec.high)?);
    if medium.value() >= high.value() {
        return Err(shape("levels rise: medium < high"));
    }
    Ok(Measured { gate: spec.gate.to_string(), medium, high })
}
