//! `documentation`: a model card that says something where the policy asks it to.

use super::unusable;
use crate::evaluator::sources::Sources;
use crate::evidence::{Card, MAX_DOCUMENT};
use crate::policy::check::Documentation;
use crate::policy::{Finding, FindingReason, GateKey, Outcome};

/// Answers one documentation gate.
pub fn find(gate: &GateKey, check: &Documentation, sources: &mut Sources) -> Finding {
    let document = match sources.document(&check.evidence, MAX_DOCUMENT) {
        Ok(document) => document,
        Err(error) => return unusable(gate, &check.evidence, error.verdict(), &error),
    };
    let finding = match Card::parse(&document.bytes) {
        Ok(card) => compare(gate, check, &card),
        Err(error) => unusable(gate, &check.evidence, error.verdict(), &error),
    };
    finding.with_evidence([document.digest])
}

fn compare(gate: &GateKey, check: &Documentation, card: &Card) -> Finding {
    let Documentation { evidence, front_matter, sections } = check;
    if front_matter.is_empty() && sections.is_empty() {
        let message = "The gate asks for no section and no key; name some.";
        return Finding::new(gate.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    let mut absent: Vec<String> =
        front_matter.iter().filter(|key| !card.says(key)).map(|key| format!("a value for {key}")).collect();
    let mut thin = Vec::new();
    for section in sections {
        match card.words(&section.heading) {
            None => absent.push(format!("section {:?}", section.heading)),
            // A section that is there must say something, whatever the policy counts.
            Some(words) if words < section.min_words.max(1) => {
                thin.push(format!("{:?} has {words} of {} words", section.heading, section.min_words.max(1)));
            }
            Some(_) => {}
        }
    }
    let asked = format!("{} keys, {} sections", front_matter.len(), sections.len());
    let (outcome, reason, message) = match (absent.is_empty(), thin.is_empty()) {
        (true, true) => (Outcome::Pass, FindingReason::Documented, format!("{evidence} says all that is asked.")),
        (false, _) => {
            let also = if thin.is_empty() { String::new() } else { format!("; {}", thin.join(", ")) };
            (Outcome::Fail, FindingReason::SectionMissing, format!("{evidence} lacks {}{also}.", absent.join(", ")))
        }
        (true, false) => {
            (Outcome::Fail, FindingReason::SectionEmpty, format!("{evidence} says too little: {}.", thin.join(", ")))
        }
    };
    Finding::new(gate.clone(), outcome, reason, message).with_threshold(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::check::Section;

    const CARD: &str = "---\nlicense: apache-2.0\ntags: []\n---\n# Card\n\n## Intended use\nDecides on home loans in one state.\n\n## Limits\n\n## Risks\n[More Information Needed]\n";

    #[test]
    fn table() {
        use FindingReason as R;
        let cases: [(&[&str], &[(&str, u32)], R, &str); 9] = [
            (&["license"], &[("intended use", 5)], R::Documented, "says all"),
            (&[], &[("Intended Use", 0)], R::Documented, "says all"),
            (&["license"], &[], R::Documented, "says all"),
            (&["owner"], &[], R::SectionMissing, "a value for owner"),
            (&["tags"], &[], R::SectionMissing, "a value for tags"),
            (&[], &[("Training data", 1)], R::SectionMissing, "section \"Training data\""),
            (&[], &[("Intended use", 50)], R::SectionEmpty, "has 7 of 50 words"),
            (&[], &[("Limits", 0), ("Risks", 1)], R::SectionEmpty, "\"Limits\" has 0 of 1 words"),
            (&[], &[], R::NothingAsked, "asks for no section"),
        ];
        let card = Card::parse(CARD.as_bytes()).unwrap();
        for (keys, sections, reason, said) in cases {
            let check = Documentation {
                evidence: "card".into(),
                front_matter: keys.iter().map(ToString::to_string).collect(),
                sections: sections
                    .iter()
                    .map(|(heading, min_words)| Section { heading: heading.to_string(), min_words: *min_words })
                    .collect(),
            };
            let finding = compare(&GateKey::new("p", "g"), &check, &card);
            assert_eq!(finding.reason, reason, "{keys:?} {sections:?} {}", finding.message);
            assert_eq!(finding.outcome == Outcome::Pass, reason == R::Documented);
            assert!(finding.message.contains(said), "{}", finding.message);
        }
    }
}
