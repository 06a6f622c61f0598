use super::format;
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::{Documentation, Section, Topic, TopicAsked};

pub(super) fn compile(at: &str, c: &api::DocumentationCheck) -> Result<Documentation, IntakeError> {
    if c.sections.is_empty() && c.topics.is_empty() && c.licenses.is_empty() && c.front_matter.is_empty() {
        let problem = "ask for at least one section, topic, license or front matter key".to_owned();
        return Err(IntakeError::Shape { at: at.to_owned(), problem });
    }
    let sections = c.sections.iter().map(|s| Section { heading: s.heading.to_string(), min_words: s.min_words });
    let topics = c.topics.iter().map(|t| TopicAsked { topic: topic(t.topic), min_words: t.min_words });
    Ok(Documentation {
        evidence: c.evidence.to_string(),
        format: format(at, c.format.name())?,
        front_matter: c.front_matter.iter().map(ToString::to_string).collect(),
        licenses: c.licenses.iter().map(ToString::to_string).collect(),
        sections: sections.collect(),
        topics: topics.collect(),
        links_resolve: c.links_resolve,
        bundle: c.bundle.iter().map(ToString::to_string).collect(),
    })
}

fn topic(name: api::TopicName) -> Topic {
    match name {
        api::TopicName::IntendedUse => Topic::IntendedUse,
        api::TopicName::DataOrigins => Topic::DataOrigins,
        api::TopicName::Preprocessing => Topic::Preprocessing,
        api::TopicName::MetricRationale => Topic::MetricRationale,
        api::TopicName::Limitations => Topic::Limitations,
        api::TopicName::Mitigation => Topic::Mitigation,
        api::TopicName::FeatureDictionary => Topic::FeatureDictionary,
    }
}
