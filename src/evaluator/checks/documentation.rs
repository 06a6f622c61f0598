//! `documentation`: a model card that has the asked keys and sections, and says something in each.

use super::words::{name, remedy, without_number};
use crate::evaluator::sources::Sources;
use crate::evidence::{Card, MAX_DOCUMENT};
use crate::policy::check::Documentation;
use crate::policy::{Finding, FindingReason, Gate, Outcome};

/// Answers one documentation gate.
pub fn find(gate: &Gate, check: &Documentation, sources: &mut Sources) -> Finding {
    if check.front_matter.is_empty() && check.sections.is_empty() {
        let message = "the gate asks for no key and no section; name some in the policy";
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    let document = match sources.document(&check.evidence, MAX_DOCUMENT) {
        Ok(document) => document,
        Err(error) => return without_number(gate, error.verdict(), &check.evidence, error, []),
    };
    let card = match Card::parse(&document.bytes) {
        Ok(card) => card,
        Err(error) => return without_number(gate, error.verdict(), &check.evidence, error, [document.digest]),
    };
    let (outcome, reason, message) = judge(gate, check, &card);
    Finding::new(gate.key.clone(), outcome, reason, message).with_evidence([document.digest])
}

fn judge(gate: &Gate, check: &Documentation, card: &Card) -> (Outcome, FindingReason, String) {
    let card_name = name(&check.evidence);
    let keys = check.front_matter.iter().filter(|key| !card.says(key)).map(|key| format!("key {}", name(key)));
    let absent = check.sections.iter().filter(|section| card.words(&section.heading).is_none());
    let missing: Vec<String> =
        keys.chain(absent.map(|section| format!("section {}", name(&section.heading)))).collect();
    if !missing.is_empty() {
        let remedy = remedy(gate, "write them, then release with the new card");
        let message = format!("{card_name} lacks {}; {remedy}", missing.join(", "));
        return (Outcome::Fail, FindingReason::SectionMissing, message);
    }
    let short: Vec<String> = check
        .sections
        .iter()
        .filter_map(|section| {
            let (found, asked) = (card.words(&section.heading)?, section.min_words.max(1));
            (found < asked).then(|| format!("{} has {found} of {asked} words", name(&section.heading)))
        })
        .collect();
    if !short.is_empty() {
        let remedy = remedy(gate, "write them out, then release with the new card");
        let message = format!("{card_name} says too little: {}; {remedy}", short.join(", "));
        return (Outcome::Fail, FindingReason::SectionEmpty, message);
    }
    let message = format!(
        "{card_name} gives all {} keys and {} sections that are asked for",
        check.front_matter.len(),
        check.sections.len()
    );
    (Outcome::Pass, FindingReason::Documented, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, gate};
    use crate::policy::Check;
    use crate::policy::check::Section;

    fn answer(card: &[u8], keys: &[&str], sections: &[(&str, u32)]) -> Finding {
        let mut bench = Bench::new();
        bench.put("card", card, None);
        let check = Documentation {
            evidence: "card".into(),
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
}
