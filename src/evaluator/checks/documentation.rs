//! `documentation`: a document that has the asked keys, sections and topics, says something in each, and whose links
//! lead somewhere.

use super::reading::Reading;
use super::words::{name, remedy};
use crate::evaluator::sources::Sources;
use crate::evidence::Document;
use crate::policy::check::Documentation;
use crate::policy::{Finding, FindingReason, Gate, Outcome, license};

/// Answers one documentation gate.
pub fn find(gate: &Gate, check: &Documentation, sources: &mut Sources) -> Finding {
    answer(gate, check, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(gate: &Gate, check: &Documentation, mut reading: Reading<'_>) -> Result<Finding, Box<Finding>> {
    if check.front_matter.is_empty()
        && check.sections.is_empty()
        && check.topics.is_empty()
        && check.licenses.is_empty()
    {
        let message = "the gate asks for no key, section, topic or license; name some in the policy";
        return Ok(reading.finding(Outcome::Error, FindingReason::NothingAsked, message));
    }
    let card = reading.document(&check.evidence, |bytes| Document::parse(bytes, check.format))?;
    reading.read_as(&check.evidence, card.format);
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
    let silent = card.licenses().iter().filter(|stated| stated.is_empty()).count();
    let licenses = (silent > 0 && !check.licenses.is_empty()).then(|| match card.licenses().len() {
        1 => "a license".to_owned(),
        parts => format!("the license of {silent} of {parts} models and data sets"),
    });
    let missing: Vec<String> = keys.chain(sections).chain(topics).chain(licenses).collect();
    if !missing.is_empty() {
        let remedy = remedy(gate, "write them, then release with the new card");
        let message = format!("{card_name} lacks {}; {remedy}", missing.join(", "));
        return (Outcome::Fail, FindingReason::SectionMissing, message);
    }
    let stated = || card.licenses().iter().flatten();
    if !check.licenses.is_empty()
        && let Some(other) = stated().find(|stated| !license::is_allowed(stated, &check.licenses))
    {
        let some: Vec<&str> = check.licenses.iter().take(4).map(String::as_str).collect();
        let more = if check.licenses.len() > some.len() { ", …" } else { "" };
        let remedy = remedy(gate, "use what may be used, or state its license by its SPDX identifier");
        let message = format!("{card_name} states license {}, asked {}{more}; {remedy}", name(other), some.join(", "));
        return (Outcome::Fail, FindingReason::LicenseNotAllowed, message);
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
    let license = stated().next().filter(|_| !check.licenses.is_empty()).map(|first| match stated().count() {
        1 => format!("license {}", name(first)),
        several => format!("{several} licenses"),
    });
    let given = [counted(check.front_matter.len(), "key"), counted(sections, "section"), license, links];
    let given: Vec<String> = given.into_iter().flatten().collect();
    let message = format!("{card_name} gives what is asked for: {}", given.join(" and "));
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
            licenses: vec![],
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
            licenses: vec![],
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
    fn licenses_in_any_format() {
        use FindingReason::{Documented, LicenseNotAllowed, SectionMissing};
        let check = |licenses: &[&str]| Documentation {
            evidence: "card".into(),
            format: None,
            front_matter: vec![],
            licenses: licenses.iter().map(|id| (*id).to_owned()).collect(),
            sections: vec![],
            topics: vec![],
            links_resolve: false,
            bundle: vec![],
        };
        let spdx = |licenses: &str| {
            format!(
                r#"{{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
                    {{"type": "ai_AIPackage", "spdxId": "urn:m", "name": "m"}}, {licenses}
                    {{"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l",
                      "simplelicensing_licenseExpression": "MIT OR GPL-3.0-only"}}]}}"#
            )
        };
        let relation = |to: &str| {
            format!(
                r#"{{"type": "Relationship", "relationshipType": "hasDeclaredLicense", "from": "urn:m", "to": ["{to}"]}},"#
            )
        };
        let bom = |licenses: &str| {
            format!(r#"{{"bomFormat": "CycloneDX", "components": [{{"name": "m", "modelCard": {{}}{licenses}}}]}}"#)
        };
        let croissant =
            |license: &str| format!(r#"{{"conformsTo": "http://mlcommons.org/croissant/1.0", "name": "d"{license}}}"#);
        let toolkit = |licenses: &str| format!(r#"{{"model_details": {{"name": "m", "licenses": {licenses}}}}}"#);
        let cases: [(String, Outcome, FindingReason); 32] = [
            ("---\nlicense: apache-2.0\n---\n# m\n".into(), Outcome::Pass, Documented),
            ("---\nlicense: [mit, apache-2.0]\n---\n".into(), Outcome::Pass, Documented),
            ("---\nlicense: [mit, gpl-3.0]\n---\n".into(), Outcome::Fail, LicenseNotAllowed),
            ("---\nlicense: [mit, {a: b}]\n---\n".into(), Outcome::Fail, LicenseNotAllowed),
            ("---\nlicense: other\n---\n".into(), Outcome::Fail, LicenseNotAllowed),
            ("---\nlicense: other\nlicense_name: mit\n---\n".into(), Outcome::Pass, Documented),
            ("---\nlicense: unknown\n---\n".into(), Outcome::Fail, LicenseNotAllowed),
            ("---\nlicense:\n---\n".into(), Outcome::Fail, SectionMissing),
            ("---\nlicense: ' '\n---\n".into(), Outcome::Fail, SectionMissing),
            ("---\nlicense: []\n---\n".into(), Outcome::Fail, SectionMissing),
            ("---\ntags: [a]\n---\n".into(), Outcome::Fail, SectionMissing),
            // Words are no license.
            ("# License\nMIT\n".into(), Outcome::Fail, SectionMissing),
            (bom(r#", "licenses": [{"license": {"id": "MIT"}}]"#), Outcome::Pass, Documented),
            (bom(r#", "licenses": [{"expression": "MIT OR GPL-2.0-only"}]"#), Outcome::Pass, Documented),
            (bom(r#", "licenses": [{"license": {"name": "House rules"}}]"#), Outcome::Fail, LicenseNotAllowed),
            (bom(r#", "licenses": [{"license": {}}]"#), Outcome::Fail, LicenseNotAllowed),
            (bom(r#", "licenses": []"#), Outcome::Fail, SectionMissing),
            (bom(""), Outcome::Fail, SectionMissing),
            (spdx(&relation("urn:l")), Outcome::Pass, Documented),
            (spdx(&relation("https://spdx.org/licenses/MIT")), Outcome::Pass, Documented),
            (spdx(&relation("https://spdx.org/licenses/GPL-3.0-only")), Outcome::Fail, LicenseNotAllowed),
            (spdx(&(relation("urn:l") + &relation("urn:other"))), Outcome::Fail, LicenseNotAllowed),
            (spdx(""), Outcome::Fail, SectionMissing),
            (spdx(&relation("urn:l").replace("urn:m", "urn:other")), Outcome::Fail, SectionMissing),
            (croissant(r#", "license": "https://spdx.org/licenses/MIT.html""#), Outcome::Pass, Documented),
            (croissant(r#", "license": ["mit", {"url": "http://spdx.org/licenses/MIT"}]"#), Outcome::Pass, Documented),
            (
                croissant(r#", "license": "https://creativecommons.org/licenses/by-nc/4.0/""#),
                Outcome::Fail,
                LicenseNotAllowed,
            ),
            (croissant(""), Outcome::Fail, SectionMissing),
            (toolkit(r#"[{"identifier": "Apache-2.0"}]"#), Outcome::Pass, Documented),
            (toolkit(r#"[{"custom_text": "Ask us."}]"#), Outcome::Fail, LicenseNotAllowed),
            (toolkit("[]"), Outcome::Fail, SectionMissing),
            (toolkit("null"), Outcome::Fail, SectionMissing),
        ];
        for (document, outcome, reason) in cases {
            let finding = asked(document.as_bytes(), check(&["MIT", "Apache-2.0"]));
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{document}: {}", finding.message);
        }
        let creative = asked(
            croissant(r#", "license": "https://creativecommons.org/licenses/by-sa/4.0/deed.en""#).as_bytes(),
            check(&["CC-BY-SA-4.0"]),
        );
        assert_eq!(creative.message, "card gives what is asked for: license CC-BY-SA-4.0");
        let two = r#"{"bomFormat": "CycloneDX", "components": [
            {"name": "m", "modelCard": {}, "licenses": [{"license": {"id": "MIT"}}]}, {"name": "n", "modelCard": {}}]}"#;
        let finding = asked(two.as_bytes(), check(&["MIT"]));
        assert!(finding.message.contains("the license of 1 of 2 models and data sets"), "{}", finding.message);
        let finding = asked(b"---\nlicense: gpl-3.0\n---\n", check(&["MIT", "Apache-2.0"]));
        assert!(finding.message.contains("states license gpl-3.0, asked MIT, Apache-2.0"), "{}", finding.message);
    }

    #[test]
    fn links_lead_into_the_bundle() {
        let check = |bundle: &[&str]| Documentation {
            evidence: "card".into(),
            format: None,
            licenses: vec![],
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
