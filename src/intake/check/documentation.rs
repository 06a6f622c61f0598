use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::{Documentation, Section};

pub(super) fn compile(_at: &str, c: &api::DocumentationCheck) -> Result<Documentation, IntakeError> {
    let sections = c.sections.iter().map(|s| Section { heading: s.heading.to_string(), min_words: s.min_words });
    Ok(Documentation {
        evidence: c.evidence.to_string(),
        front_matter: c.front_matter.iter().map(ToString::to_string).collect(),
        sections: sections.collect(),
    })
}
