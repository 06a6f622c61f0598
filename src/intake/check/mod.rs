//! A gate's check, from the API's shape to the inside one. One file for each check.

mod approval;
mod data_contract;
mod documentation;
mod drift;
mod explainability;
mod expression;
mod fairness;
mod job;
mod metric;
mod privacy;
mod prometheus;
mod provenance;
mod tests;
mod vulnerabilities;

use super::IntakeError;
use crate::api;
use crate::policy::{Check, Decimal, Format, Limits};

/// All checks that the gate names; the caller wants exactly one.
pub(super) fn all(at: &str, gate: &api::GateSpec) -> Result<Vec<Check>, IntakeError> {
    let found = [
        gate.documentation.as_ref().map(|c| documentation::compile(at, c).map(Check::Documentation)),
        gate.metric.as_ref().map(|c| metric::compile(at, c).map(Check::Metric)),
        gate.data_contract.as_ref().map(|c| data_contract::compile(at, c).map(Check::DataContract)),
        gate.fairness.as_ref().map(|c| fairness::compile(at, c).map(Check::Fairness)),
        gate.drift.as_ref().map(|c| drift::compile(at, c).map(Check::Drift)),
        gate.explainability.as_ref().map(|c| explainability::compile(at, c).map(Check::Explainability)),
        gate.privacy.as_ref().map(|c| privacy::compile(at, c).map(Check::Privacy)),
        gate.tests.as_ref().map(|c| tests::compile(at, c).map(Check::Tests)),
        gate.vulnerabilities.as_ref().map(|c| vulnerabilities::compile(at, c).map(Check::Vulnerabilities)),
        gate.provenance.as_ref().map(|c| provenance::compile(at, c).map(Check::Provenance)),
        gate.expression.as_ref().map(|c| expression::compile(at, c).map(Check::Expression)),
        gate.job.as_ref().map(|c| job::compile(at, c).map(Check::Job)),
        gate.approval.as_ref().map(|c| approval::compile(at, c).map(Check::Approval)),
        gate.prometheus.as_ref().map(|c| prometheus::compile(at, c).map(Check::Prometheus)),
    ];
    found.into_iter().flatten().collect()
}

/// Names of evidence; a check of nothing would hold of anything.
fn evidence(at: &str, names: &[api::Name]) -> Result<Vec<String>, IntakeError> {
    if names.is_empty() {
        return Err(IntakeError::Shape {
            at: at.to_owned(),
            problem: "name at least one piece of evidence".to_owned(),
        });
    }
    Ok(names.iter().map(ToString::to_string).collect())
}

fn decimal(at: &str, text: &api::DecimalText) -> Result<Decimal, IntakeError> {
    Decimal::parse(text).map_err(|source| IntakeError::Decimal { at: at.to_owned(), source })
}

/// The share that is meant: 30 is not 30 percent, and would allow everything.
fn share(at: &str, name: &str, text: &api::DecimalText) -> Result<Decimal, IntakeError> {
    let share = decimal(at, text)?;
    if (0.0..1.0).contains(&share.value()) {
        return Ok(share);
    }
    let problem = format!("{name} is a share, from 0 to less than 1: 0.05 is five percent");
    Err(IntakeError::Shape { at: at.to_owned(), problem })
}

fn optional(at: &str, text: Option<&api::DecimalText>) -> Result<Option<Decimal>, IntakeError> {
    text.map(|text| decimal(at, text)).transpose()
}

/// Bounds that some number keeps.
fn limits(at: &str, min: Option<&api::DecimalText>, max: Option<&api::DecimalText>) -> Result<Limits, IntakeError> {
    let limits = Limits { min: optional(at, min)?, max: optional(at, max)? };
    match (&limits.min, &limits.max) {
        (Some(min), Some(max)) if min.value() > max.value() => Err(IntakeError::Shape {
            at: at.to_owned(),
            problem: format!("no number is at least {min} and at most {max}: correct min or max"),
        }),
        (_, _) => Ok(limits),
    }
}

fn format(at: &str, name: Option<&'static str>) -> Result<Option<Format>, IntakeError> {
    let unknown = |name| IntakeError::Shape { at: at.to_owned(), problem: format!("{name} is no known format") };
    name.map(|name| Format::named(name).ok_or_else(|| unknown(name))).transpose()
}
