use super::{evidence, format};
use crate::api;
use crate::intake::{IntakeError, seconds};
use crate::policy::check::{Allowed, Exception, RatedAs, Vulnerabilities};

pub(super) fn compile(at: &str, c: &api::VulnerabilitiesCheck) -> Result<Vulnerabilities, IntakeError> {
    let age = |field: &str, text: &Option<api::DurationText>| {
        text.as_ref().map(|text| seconds(&format!("{at}, {field}"), text)).transpose()
    };
    let allowed = Allowed {
        critical: c.max_critical,
        high: c.max_high,
        medium: c.max_medium,
        low: c.max_low,
        known_exploited: c.max_known_exploited,
    };
    if allowed == Allowed::default() {
        let problem = "allow a number for at least one severity, for example maxCritical: 0".to_owned();
        return Err(IntakeError::Shape { at: at.to_owned(), problem });
    }
    Ok(Vulnerabilities {
        evidence: evidence(at, &c.evidence)?,
        format: format(at, c.format.name())?,
        allowed,
        unrated_as: match c.unrated_as {
            api::SeverityName::Low => RatedAs::Low,
            api::SeverityName::Medium => RatedAs::Medium,
            api::SeverityName::High => RatedAs::High,
            api::SeverityName::Critical => RatedAs::Critical,
        },
        only_fixable: c.only_fixable,
        max_scan_age_seconds: age("maxScanAge", &c.max_scan_age)?,
        max_database_age_seconds: age("maxDatabaseAge", &c.max_database_age)?,
        about_model: c.about_model,
        allow_unscanned: c.allow_unscanned,
        allow_suppressed: c.allow_suppressed,
        statements: c.statements.iter().map(ToString::to_string).collect(),
        exceptions: c.exceptions.iter().map(|e| exception(at, e)).collect::<Result<_, _>>()?,
    })
}

fn exception(at: &str, exception: &api::VulnerabilityException) -> Result<Exception, IntakeError> {
    let until = exception.until.parse::<jiff::Timestamp>();
    let wrong =
        |_: jiff::Error| IntakeError::Time { at: format!("{at}, exceptions"), text: exception.until.to_string() };
    Ok(Exception {
        id: exception.id.to_string(),
        place: exception.place.as_ref().map(ToString::to_string),
        until: until.map_err(wrong)?,
    })
}
