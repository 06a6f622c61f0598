//! What a query came to, as a finding. Pure.

use super::{PrometheusError, Sample};
use crate::policy::check::Prometheus;
use crate::policy::finding::figure;
use crate::policy::{Finding, FindingReason, GateKey, Outcome};

/// Compares the number with the check's limits; without a number it is never a failure and never a pass.
pub fn finding(gate: &GateKey, check: &Prometheus, answer: &Result<Sample, PrometheusError>) -> Finding {
    let found = match answer {
        Ok(sample) => {
            let value = sample.value();
            let (outcome, reason) = check.limits.judge(value);
            let message = format!("Prometheus {} says {}, asked is {}", check.provider, figure(value), check.limits);
            Finding::new(gate.clone(), outcome, reason, message).with_value(value)
        }
        Err(error) => {
            let (outcome, reason) = verdict(error);
            Finding::new(gate.clone(), outcome, reason, format!("Prometheus {} {error}", check.provider))
        }
    };
    found.with_threshold(&check.limits)
}

fn verdict(error: &PrometheusError) -> (Outcome, FindingReason) {
    match error {
        PrometheusError::BadProvider(_)
        | PrometheusError::Unreachable(_)
        | PrometheusError::TimedOut(_)
        | PrometheusError::Status(_)
        | PrometheusError::TooLarge
        | PrometheusError::NotAnAnswer(_) => (Outcome::Error, FindingReason::ProviderUnreachable),
        PrometheusError::QueryRefused(_) | PrometheusError::NotANumber(_) => {
            (Outcome::Error, FindingReason::ExpressionInvalid)
        }
        PrometheusError::NotFinite(_) => (Outcome::Error, FindingReason::NotFinite),
        PrometheusError::NoData => (Outcome::Missing, FindingReason::NoData),
        PrometheusError::Warned(_) => (Outcome::Inconclusive, FindingReason::NoData),
        PrometheusError::ManySeries(_) => (Outcome::Inconclusive, FindingReason::ManySeries),
    }
}
