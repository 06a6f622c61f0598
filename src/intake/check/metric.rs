use super::{format, limits};
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::{AgainstAdmitted, Metric};

pub(super) fn compile(at: &str, c: &api::MetricCheck) -> Result<Metric, IntakeError> {
    let against = c.against_admitted.as_ref().map(|a| {
        let limits = limits(at, a.max_decrease.as_ref(), a.max_increase.as_ref())?;
        Ok::<_, IntakeError>(AgainstAdmitted { max_decrease: limits.min, max_increase: limits.max, baseline: None })
    });
    Ok(Metric {
        evidence: c.evidence.to_string(),
        format: format(at, c.format.map(api::MetricFormatName::name))?,
        name: c.name.to_string(),
        limits: limits(at, c.min.as_ref(), c.max.as_ref())?,
        against_admitted: against.transpose()?,
    })
}
