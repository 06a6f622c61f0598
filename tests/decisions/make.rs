//! Short ways to write policies, releases and workloads down.

use jiff::Timestamp;
use modelgate::policy::check::{Approval, Expression, Metric, Prometheus};
use modelgate::policy::risk::{Factor, Level, RiskModel};
use modelgate::policy::{
    ApprovalBinds, Check, Decimal, Digest, Enforcement, EvidenceSource, EvidenceSpec, Gate, GateKey, Limits, OnBreach,
    Plan, PolicyPlan, Severity, Stage, Tier, WatchSchedule,
};
use modelgate::release::facts::{Release, Workload};

pub const POLICY: &str = "base";

/// A fixed moment, `seconds` after the story's beginning.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub fn model(version: u32) -> Digest {
    digest(&format!("model {version}"))
}

pub fn revision(version: u32) -> Digest {
    digest(&format!("revision {version}"))
}

pub fn template(version: u32) -> Digest {
    digest(&format!("template {version}"))
}

pub fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

pub fn gate(name: &str, check: Check) -> Gate {
    let stage = match check {
        Check::Prometheus(_) => Stage::AfterRelease,
        _ => Stage::BeforeRelease,
    };
    Gate {
        key: GateKey::new(POLICY, name),
        enforcement: Enforcement::Enforce,
        severity: Severity::High,
        stage,
        min_tier: None,
        watch: None,
        remediation: None,
        check,
    }
}

/// accuracy of at least 0.8, from the evidence `metrics`.
pub fn accuracy() -> Gate {
    let limits = Limits::at_least(decimal("0.8"));
    gate(
        "accuracy",
        Check::Metric(Metric {
            evidence: "metrics".into(),
            format: None,
            name: "accuracy".into(),
            limits,
            against_admitted: None,
            against_baseline: None,
            against_history: None,
            slice: None,
        }),
    )
}

/// A gate that reads no evidence.
pub fn expression() -> Gate {
    gate("named", Check::Expression(Expression { expression: "true".into(), message: None, evidence: vec![] }))
}

/// A container of the author's own; one minute is the longest it may take.
pub fn own_job(name: &str) -> Gate {
    let job = serde_json::json!({"job": {"image": "red-team@sha256:0", "requests": {}, "limits": {}, "timeoutSeconds": 60,
        "evidence": ["metrics"]}});
    gate(name, serde_json::from_value(job).unwrap())
}

pub fn people(groups: &[&str], required: u32) -> Gate {
    let groups = groups.iter().map(|g| (*g).to_owned()).collect();
    gate("people", Check::Approval(Approval { groups, required, binds: ApprovalBinds::Revision }))
}

/// Asked every 60 s; three failures in a row are a breach.
pub fn errors(on_breach: OnBreach) -> Gate {
    let limits = Limits::at_most(decimal("0.05"));
    let check = Check::Prometheus(Prometheus { provider: "main".into(), query: "errors".into(), limits });
    let watch = WatchSchedule { interval_seconds: 60, breach_after: 3, blind_after: 5, on_breach };
    Gate { watch: Some(watch), ..gate("errors", check) }
}

pub fn named(name: &str, gate: Gate) -> Gate {
    Gate { key: GateKey::new(POLICY, name), ..gate }
}

pub fn softened(enforcement: Enforcement, gate: Gate) -> Gate {
    Gate { enforcement, ..gate }
}

pub fn from_tier(tier: Tier, gate: Gate) -> Gate {
    Gate { min_tier: Some(tier), ..gate }
}

pub fn policy(name: &str, gates: Vec<Gate>) -> PolicyPlan {
    let gates = gates.into_iter().map(|g| Gate { key: GateKey::new(name, g.key.gate.clone()), ..g }).collect();
    PolicyPlan { name: name.into(), gates, risk: None, adopted_is_baseline: false }
}

pub fn plan(gates: Vec<Gate>) -> Plan {
    Plan::new(vec![policy(POLICY, gates)])
}

/// A risk model of one factor: the declared criticality, 0, 50 or 100 points.
pub fn by_criticality(medium: u32, high: u32, critical: u32) -> RiskModel {
    let weights = [(Factor::BusinessCriticality, 1)].into();
    RiskModel { weights, floors: [].into(), complexity: vec![], medium, high, critical }
}

/// Version `n` of the release: Mia wrote it; it names ConfigMap `evidence-n`.
pub fn release(version: u32) -> Release {
    Release {
        namespace: "lending".into(),
        name: "mortgage".into(),
        uid: "release-uid".into(),
        generation: i64::from(version),
        target_name: "mortgage".into(),
        model_name: "mortgage".into(),
        model_version: format!("{version}.0.0"),
        model_digest: model(version),
        authors: vec![],
        changed_by: vec!["mia".into()],
        declared: [(Factor::BusinessCriticality, Level::High)].into(),
        purpose: None,
        evidence: vec![EvidenceSpec {
            name: "metrics".into(),
            source: EvidenceSource::ConfigMap { name: format!("evidence-{version}"), key: "metrics.json".into() },
            digest: None,
            columns: None,
        }],
    }
}

/// Version `n` of the Deployment as the API server stores it: held.
pub fn workload(version: u32) -> Workload {
    Workload {
        name: "mortgage".into(),
        uid: "deployment-uid".into(),
        created: Some(at(-100)),
        generation: 1,
        observed_generation: 0,
        terminating: false,
        paused: true,
        mark: None,
        changed_by: None,
        revision: revision(version),
        template_digest: template(version),
        named_models: vec![model(version)],
        unpinned_images: vec![],
        history_limit: 10,
        replicas: 3,
        max_unavailable: 0,
        updated: 0,
        available: 0,
        total: 0,
        recreate: false,
    }
}
