//! A gate's check, from the API's shape to the inside one. One file for each check.

mod approval;
mod documentation;
mod drift;
mod expression;
mod fairness;
mod metric;
mod prometheus;

use super::IntakeError;
use crate::api;
use crate::policy::{Check, Decimal, Limits};

/// All checks that the gate names; the caller wants exactly one.
pub(super) fn all(at: &str, gate: &api::GateSpec) -> Result<Vec<Check>, IntakeError> {
    let found = [
        gate.documentation.as_ref().map(|c| documentation::compile(at, c).map(Check::Documentation)),
        gate.metric.as_ref().map(|c| metric::compile(at, c).map(Check::Metric)),
        gate.fairness.as_ref().map(|c| fairness::compile(at, c).map(Check::Fairness)),
        gate.drift.as_ref().map(|c| drift::compile(at, c).map(Check::Drift)),
        gate.expression.as_ref().map(|c| expression::compile(at, c).map(Check::Expression)),
        gate.approval.as_ref().map(|c| approval::compile(at, c).map(Check::Approval)),
        gate.prometheus.as_ref().map(|c| prometheus::compile(at, c).map(Check::Prometheus)),
    ];
    found.into_iter().flatten().collect()
}

fn decimal(at: &str, text: &api::DecimalText) -> Result<Decimal, IntakeError> {
    Decimal::parse(text).map_err(|source| IntakeError::Decimal { at: at.to_owned(), source })
}

fn limits(at: &str, min: Option<&api::DecimalText>, max: Option<&api::DecimalText>) -> Result<Limits, IntakeError> {
    Ok(Limits { min: min.map(|t| decimal(at, t)).transpose()?, max: max.map(|t| decimal(at, t)).transpose()? })
}
