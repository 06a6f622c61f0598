use super::format;
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::Tests;

pub(super) fn compile(at: &str, c: &api::TestsCheck) -> Result<Tests, IntakeError> {
    Ok(Tests {
        evidence: c.evidence.iter().map(ToString::to_string).collect(),
        format: format(at, c.format.map(api::TestFormatName::name))?,
        suites: c.suites.iter().map(ToString::to_string).collect(),
        max_failed: c.max_failed,
        allow_warnings: c.allow_warnings,
        max_skipped: c.max_skipped,
        min_tests: c.min_tests.max(1),
        admitted_tests: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_in_the_schema_is_one_that_is_read() {
        use crate::policy::Subject;
        for name in api::TestFormatName::ALL {
            let format = format("gate", Some(name.name())).unwrap().unwrap();
            assert!(format.holds(Subject::Tests), "{format}");
        }
        for name in api::ScanFormatName::ALL {
            let format = format("gate", Some(name.name())).unwrap().unwrap();
            assert!(format.holds(Subject::Vulnerabilities), "{format}");
        }
        assert!(format("gate", Some("Excel")).is_err());
    }
}
