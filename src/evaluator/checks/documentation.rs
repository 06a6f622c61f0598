//! `documentation`: a document that has the asked keys, sections and topics, says something in each, and whose links
//! lead somewhere.

use super::reading::Reading;
use super::words::{name, remedy};
use crate::evaluator::sources::Sources;
use crate::evidence::Document;
use crate::policy::check::Documentation;
use crate::policy::{Finding, FindingReason, Gate, Outcome};

/// Answers one documentation gate.
pub fn find(gate: &Gate, check: &Documentation, sources: &mut Sources) -> Finding {
    answer(gate, check, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(gate: &Gate, check: &Documentation, mut reading: Reading<'_>) -> Result<Finding, Box<Finding>> {
    if check.front_matter.is_empty() && check.sections.is_empty() && check.topics.is_empty() {
        let message = "the gate asks for no key, section or topic; name some in the policy";
        return Ok(reading.finding(Outcome::Error, FindingReason::NothingAsked, message));
    }
    let card = reading.document(&check.evidence, |bytes| Document::parse(bytes, check.format))?;
    let mut files = Vec::new();
    for evidence in &check.bundle {
        reading.digest(evidence)?;
        files.extend(reading.file_name(evidence).map(str::to_owned));
    }
    let (outcome, reason, message) = judge(gate, check, &card, &files);
    Ok(reading.finding(outcome, reason, message))
}

fn judge(gate: &Gate, check: &Documentation, card: &Document, files: &[String]) -> (Outcome, FindingReason, String) {
    let card_name = name(&check.evidence);
    let keys = check.front_matter.iter().filter(|key| !card.says(key)).map(|key| format!("key {}", name(key)));
    let absent = check.sections.iter().filter(|section| card.words(&section.heading).is_none());
    let sections = absent.map(|section| format!("section {}", name(&section.heading)));
    let untold = check.topics.iter().filter(|asked| card.words_about(asked.topic).is_none());
    let topics = untold.map(|asked| match card.place_of(asked.topic) {
        Some(place) => format!("topic {:?} (as {place:?})", asked.topic),
        None => format!("topic {:?}, which {} has no place for", asked.topic, card.format),
    });
    let missing: Vec<String> = keys.chain(sections).chain(topics).collect();
    if !missing.is_empty() {
        let remedy = remedy(gate, "write them, then release with the new card");
        let message = format!("{card_name} lacks {}; {remedy}", missing.join(", "));
        return (Outcome::Fail, FindingReason::SectionMissing, message);
    }
    let sections = check.sections.iter().map(|s| (name(&s.heading), card.words(&s.heading), s.min_words));
    let topics = check.topics.iter().map(|t| (format!("{:?}", t.topic), card.words_about(t.topic), t.min_words));
    let too_short = |(what, found, asked): (String, Option<u32>, u32)| {
        let (found, asked) = (found?, asked.max(1));
        (found < asked).then(|| format!("{what} has {found} of {asked} words"))
    };
    let short: Vec<String> = sections.chain(topics).filter_map(too_short).collect();
    if !short.is_empty() {
        let remedy = remedy(gate, "write them out, then release with the new card");
        let message = format!("{card_name} says too little: {}; {remedy}", short.join(", "));
        return (Outcome::Fail, FindingReason::SectionEmpty, message);
    }
    if check.links_resolve {
        let leads = |link: &&String| {
            let path = link.split(['#', '?']).next().unwrap_or_default();
            let file = path.rsplit('/').next().unwrap_or_default();
            !file.is_empty() && files.iter().any(|name| name == file)
        };
        let dead: Vec<String> = card.links().iter().filter(|link| !leads(link)).map(|link| name(link)).collect();
        if !dead.is_empty() {
            let some: Vec<String> = dead.iter().take(3).cloned().collect();
            let remedy = remedy(gate, "mend them, or add the files to the bundle");
            let message = format!("{card_name} has {} dead links: {}; {remedy}", dead.len(), some.join(", "));
            return (Outcome::Fail, FindingReason::LinkDead, message);
        }
    }
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {one}s")),
    };
    let sections = check.sections.len().saturating_add(check.topics.len());
    let links = check.links_resolve.then(|| "links that resolve".to_owned());
    let given = [counted(check.front_matter.len(), "key"), counted(sections, "section"), links];
    let given: Vec<String> = given.into_iter().flatten().collect();
    let message = format!("{card_name} ({}) gives what is asked for: {}", card.format, given.join(" and "));
    (Outcome::Pass, FindingReason::Documented, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, gate};
    use crate::policy::Check;
    use crate::policy::check::{Section, Topic, TopicAsked};

    fn answer(card: &[u8], keys: &[&str], sections: &[(&str, u32)]) -> Finding {
        let mut bench = Bench::new();
        bench.put("card", card, None);
        let check = Documentation {
            evidence: "card".into(),
            format: None,
            topics: vec![],
            links_resolve: false,
            bundle: vec![],
            front_matter: keys.iter().map(|key| (*key).to_owned()).collect(),
            sections: sections
                .iter()
                .map(|(heading, min_words)| Section { heading: (*heading).to_owned(), min_words: *min_words })
                .collect(),
        };
        find(&gate(Check::Documentation(check.clone())), &check, &mut bench.sources())
    }

    #[test]
    fn table() {
        use FindingReason::{
            Documented, EvidenceEmpty, EvidenceUnreadable, NothingAsked, SectionEmpty, SectionMissing,
        };
        let card: &[u8] = b"---\nlicense: mit\nowner: ''\n---\n# Limits\none two three\n# Use\nTODO\n";
        let cases: [(&[u8], &[&str], &[(&str, u32)], Outcome, FindingReason); 10] = [
            (card, &["license"], &[("limits", 3)], Outcome::Pass, Documented),
            (card, &["license"], &[("limits", 4)], Outcome::Fail, SectionEmpty),
            (card, &["license"], &[("use", 0)], Outcome::Fail, SectionEmpty),
            (card, &["license"], &[("risks", 0)], Outcome::Fail, SectionMissing),
            (card, &["owner"], &[], Outcome::Fail, SectionMissing),
            (card, &[], &[], Outcome::Error, NothingAsked),
            (b"", &["license"], &[], Outcome::Missing, EvidenceEmpty),
            (b" ", &["license"], &[], Outcome::Missing, EvidenceEmpty),
            (b"---\nlicense: mit", &["license"], &[], Outcome::Error, EvidenceUnreadable),
            (b"---\nlicense: \xff\n---\n", &["license"], &[], Outcome::Error, EvidenceUnreadable),
        ];
        for (card, keys, sections, outcome, reason) in cases {
            let finding = answer(card, keys, sections);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
    }

    #[test]
    fn says_all_that_is_missing() {
        let finding = answer(b"# Use\nok\n", &["license"], &[("Use", 1), ("Risks", 5)]);
        assert_eq!(
            finding.message,
            "card lacks key license, section Risks; write them, then release with the new card"
        );
    }

    #[test]
    fn the_mortgage_card_is_complete() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mortgage/evidence/v2/model-card.md");
        let sections = [("Intended use", 20), ("Training data", 20), ("Evaluation", 20), ("Limitations", 20)];
        let finding = answer(&std::fs::read(path).unwrap(), &["license", "datasets", "model-index"], &sections);
        assert_eq!(finding.outcome, Outcome::Pass, "{}", finding.message);
    }

    fn asked(document: &[u8], check: Documentation) -> Finding {
        let mut bench = Bench::new();
        bench.put("card", document, None);
        bench.put("dictionary", b"income: yearly", None);
        find(&gate(Check::Documentation(check.clone())), &check, &mut bench.sources())
    }

    #[test]
    fn topics_in_any_format() {
        let about = |topic, min_words| Documentation {
            evidence: "card".into(),
            format: None,
            front_matter: vec![],
            sections: vec![],
            topics: vec![TopicAsked { topic, min_words }],
            links_resolve: false,
            bundle: vec![],
        };
        let toolkit: &[u8] =
            br#"{"model_details": {"name": "m"}, "considerations": {"limitations": ["three words here", "TBD"]}}"#;
        let prose: &[u8] = b"# Bias, Risks, and Limitations\nthree words here\n";
        for document in [toolkit, prose] {
            let passed = asked(document, about(Topic::Limitations, 3));
            assert_eq!(passed.outcome, Outcome::Pass, "{}", passed.message);
            let short = asked(document, about(Topic::Limitations, 4));
            assert_eq!((short.outcome, short.reason), (Outcome::Fail, FindingReason::SectionEmpty));
            let absent = asked(document, about(Topic::IntendedUse, 1));
            assert_eq!((absent.outcome, absent.reason), (Outcome::Fail, FindingReason::SectionMissing));
        }
        let nowhere = asked(toolkit, about(Topic::Preprocessing, 1));
        assert!(nowhere.message.contains("which a Model Card Toolkit card has no place for"), "{}", nowhere.message);
        assert_eq!(asked(b"{\"a\": 1}", about(Topic::Limitations, 1)).reason, FindingReason::EvidenceUnreadable);
    }

    #[test]
    fn links_lead_into_the_bundle() {
        let check = |bundle: &[&str]| Documentation {
            evidence: "card".into(),
            format: None,
            front_matter: vec![],
            sections: vec![Section { heading: "use".into(), min_words: 1 }],
            topics: vec![],
            links_resolve: true,
            bundle: bundle.iter().map(|name| (*name).to_owned()).collect(),
        };
        // Evidence of the bench lies in files called `file`.
        let card: &[u8] = b"# Use\nSee [it](docs/file), [above](#use) and [the web](https://example.org/x).\n";
        assert_eq!(asked(card, check(&["dictionary"])).outcome, Outcome::Pass);
        let dead = asked(card, check(&[]));
        assert_eq!((dead.outcome, dead.reason), (Outcome::Fail, FindingReason::LinkDead));
        assert!(dead.message.contains("1 dead links: docs/file"), "{}", dead.message);
        assert_eq!(asked(b"# Use\n[no](#risks)\n", check(&["dictionary"])).reason, FindingReason::LinkDead);
        assert_eq!(asked(card, check(&["absent"])).reason, FindingReason::EvidenceMissing);
    }
}
