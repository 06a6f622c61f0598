use super::limits;
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::Prometheus;

pub(super) fn compile(at: &str, c: &api::PrometheusCheck) -> Result<Prometheus, IntakeError> {
    Ok(Prometheus {
        provider: c.provider.to_string(),
        query: c.query.to_string(),
        limits: limits(at, c.min.as_ref(), c.max.as_ref())?,
    })
}
