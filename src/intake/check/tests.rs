use super::{evidence, format};
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::{Tests, TestsAgainstAdmitted};

pub(super) fn compile(at: &str, c: &api::TestsCheck) -> Result<Tests, IntakeError> {
    Ok(Tests {
        evidence: evidence(at, &c.evidence)?,
        format: format(at, c.format.name())?,
        suites: c.suites.iter().map(ToString::to_string).collect(),
        max_failed: c.max_failed,
        allow_warnings: c.allow_warnings,
        max_skipped: c.max_skipped,
        min_tests: c.min_tests.max(1),
        about_model: c.about_model,
        against_admitted: c
            .against_admitted
            .as_ref()
            .map(|a| TestsAgainstAdmitted { max_fewer: a.max_fewer, max_more_skipped: a.max_more_skipped }),
        admitted: None,
    })
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn a_check_of_nothing_is_refused() {
        use serde_json::{from_value, json};
        let tests = from_value(json!({"evidence": []})).unwrap();
        let scans = from_value(json!({"evidence": [], "maxCritical": 0})).unwrap();
        let refused =
            [compile("gate", &tests).map(|_| ()), super::super::vulnerabilities::compile("gate", &scans).map(|_| ())];
        for error in refused {
            assert!(error.unwrap_err().to_string().contains("at least one piece of evidence"));
        }
    }

    #[test]
    fn every_format_in_the_schema_is_one_that_is_read() {
        use crate::policy::{Format, Subject};
        let tests = api::TestFormatName::ALL.iter().map(|f| (f.name(), Subject::Tests));
        let scans = api::ScanFormatName::ALL.iter().map(|f| (f.name(), Subject::Vulnerabilities));
        let metrics = api::MetricFormatName::ALL.iter().map(|f| (f.name(), Subject::Metrics));
        let explanations = api::ExplanationFormatName::ALL.iter().map(|f| (f.name(), Subject::Explanation));
        let documents = api::DocumentFormatName::ALL.iter().map(|f| (f.name(), Subject::Documentation));
        let named: Vec<_> = tests.chain(scans).chain(metrics).chain(explanations).chain(documents).collect();
        for (name, subject) in &named {
            let format = format("gate", *name).unwrap().unwrap();
            assert!(format.holds(*subject), "{format}");
        }
        // And the schema leaves none out.
        for format in Format::ALL {
            for subject in [
                Subject::Tests,
                Subject::Vulnerabilities,
                Subject::Metrics,
                Subject::Explanation,
                Subject::Documentation,
            ] {
                assert_eq!(
                    format.holds(subject),
                    named.contains(&(Some(format.name()), subject)),
                    "{format} {subject:?}"
                );
            }
        }
        assert!(format("gate", Some("Excel")).is_err());
    }

    #[test]
    fn auto_is_what_is_left_out() {
        for yaml in ["{evidence: [e]}", "{evidence: [e], format: Auto}"] {
            let check: api::TestsCheck = serde_saphyr::from_str(yaml).unwrap();
            assert_eq!(compile("gate", &check).unwrap().format, None, "{yaml}");
            assert_eq!(serde_json::to_value(check.format).unwrap(), "Auto");
        }
        assert!(serde_saphyr::from_str::<api::TestsCheck>("{evidence: [e], format: auto}").is_err());
    }
}
