//! `explainability`: a report about this model and this data; no importance where there should be none; a ranking
//! like the earlier one; the asked cases explained.

use super::reading::Reading;
use super::words::{figure, name, with_remedy};
use crate::evaluator::sources::Sources;
use crate::evidence::Explanation;
use crate::evidence::explanation::{overlap, rank_correlation};
use crate::policy::check::{Explainability, Stability};
use crate::policy::result::OrderFacts;
use crate::policy::{Count, Digest, Finding, FindingReason, Gate, Outcome};

/// Answers one explainability gate.
pub fn find(gate: &Gate, check: &Explainability, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    answer(gate, check, facts, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(
    gate: &Gate,
    check: &Explainability,
    facts: &OrderFacts,
    mut reading: Reading<'_>,
) -> Result<Finding, Box<Finding>> {
    let parse = |bytes: &[u8]| Explanation::parse(bytes, check.format);
    let report = reading.document(&check.evidence, parse)?;
    reading.read_as(&check.evidence, report.format);
    let earlier = match check.stability.as_ref().filter(|asked| asked.is_compared()) {
        Some(asked) => {
            let earlier = reading.document(&asked.reference, |bytes| Ok((parse(bytes)?, Digest::of(bytes))))?;
            reading.read_as(&asked.reference, earlier.0.format);
            Some((asked, earlier))
        }
        None => None,
    };
    let data = check.data.as_ref().map(|evidence| reading.digest(evidence)).transpose()?;
    let share = if check.features.is_empty() { None } else { report.share(&check.features) };
    let (outcome, reason, message) = subject(check, facts, data.as_ref(), &report)
        .or_else(|| features(check, &report, share))
        .or_else(|| earlier.as_ref().and_then(|(asked, (earlier, digest))| stable(asked, digest, &report, earlier)))
        .or_else(|| cases(check, &report))
        .unwrap_or_else(|| (Outcome::Pass, FindingReason::WithinLimits, passed(check, &report, share)));
    let message = if outcome == Outcome::Pass { message } else { format!("{} {message}", name(&check.evidence)) };
    let otherwise = "explain the model that is released, then name the new report";
    let finding = reading.finding(outcome, reason, with_remedy(gate, outcome, message, otherwise));
    let finding = finding.with_count(Count::Features, report.importance().len() as u64);
    Ok(match (outcome, share, check.limits()) {
        (Outcome::Pass | Outcome::Fail, Some(share), Some(limits)) => finding.with_value(share).with_threshold(limits),
        (_, None, _) | (_, _, None) => finding,
        (Outcome::Skipped | Outcome::Warn | Outcome::Inconclusive | Outcome::Missing | Outcome::Error, _, _) => finding,
    })
}

type Answer = (Outcome, FindingReason, String);

fn subject(check: &Explainability, facts: &OrderFacts, data: Option<&Digest>, report: &Explanation) -> Option<Answer> {
    let model = facts.model_digest.as_ref().filter(|_| check.about_model);
    if check.about_model && (report.model.is_none() || model.is_none()) {
        let message = "does not say by digest which model it is about".to_owned();
        return Some((Outcome::Inconclusive, FindingReason::SubjectUnknown, message));
    }
    if let Some(model) = model.filter(|model| report.model.as_ref() != Some(*model)) {
        let message = format!("is not about the model {}", model.short(12));
        return Some((Outcome::Error, FindingReason::OtherSubject, message));
    }
    let data = data?;
    match &report.data {
        None => {
            let message = "does not say by digest which data it was made on".to_owned();
            Some((Outcome::Inconclusive, FindingReason::SubjectUnknown, message))
        }
        Some(made_on) if made_on != data => {
            let message = format!("was not made on the data {}", data.short(12));
            Some((Outcome::Error, FindingReason::OtherSubject, message))
        }
        Some(_) => None,
    }
}

fn features(check: &Explainability, report: &Explanation, share: Option<f64>) -> Option<Answer> {
    let listed = report.importance().len();
    if (listed as u64) < u64::from(check.min_features) {
        let message = format!("lists {listed} features, asked at least {}", check.min_features);
        return Some((Outcome::Inconclusive, FindingReason::FeaturesMissing, message));
    }
    if report.total().is_none() {
        let message = "gives no feature any importance".to_owned();
        return Some((Outcome::Inconclusive, FindingReason::UndefinedRatio, message));
    }
    let (limits, share) = (check.limits()?, share?);
    let (outcome, reason) = limits.judge(share);
    (outcome != Outcome::Pass).then(|| {
        let some: Vec<String> = check.features.iter().take(3).map(|feature| name(feature)).collect();
        (outcome, reason, format!("gives {} {} of all importance, asked {limits}", some.join(", "), figure(share)))
    })
}

fn stable(asked: &Stability, digest: &Digest, report: &Explanation, earlier: &Explanation) -> Option<Answer> {
    if let Some(admitted) = asked.admitted.as_ref().filter(|admitted| *admitted != digest) {
        let (brought, admitted) = (digest.short(12), admitted.short(12));
        let message = format!(
            "is compared with {brought} as {}, not with {admitted} of the admitted revision",
            name(&asked.reference)
        );
        return Some((Outcome::Error, FindingReason::DigestMismatch, message));
    }
    if !asked.reference_digests.is_empty() && !asked.reference_digests.contains(digest) {
        let message = format!("is compared with {}, which the policy does not name", digest.short(12));
        return Some((Outcome::Error, FindingReason::DigestMismatch, message));
    }
    if earlier.total().is_none() {
        let message = "is compared with a report that gives no feature any importance".to_owned();
        return Some((Outcome::Inconclusive, FindingReason::UndefinedRatio, message));
    }
    if let Some(min) = &asked.min_rank_correlation {
        let Some(correlation) = rank_correlation(report.importance(), earlier.importance()) else {
            let message = "or the earlier report ranks nothing: no correlation".to_owned();
            return Some((Outcome::Inconclusive, FindingReason::UndefinedRatio, message));
        };
        if correlation < min.value() {
            let message = format!("ranks features unlike before: correlation {}, asked >= {min}", figure(correlation));
            return Some((Outcome::Fail, FindingReason::Unstable, message));
        }
    }
    let top = asked.overlap.as_ref()?;
    let k = usize::try_from(top.top).unwrap_or(usize::MAX);
    match overlap(report.importance(), earlier.importance(), k) {
        None => {
            let message = "or the earlier report ranks nothing: no overlap".to_owned();
            Some((Outcome::Inconclusive, FindingReason::UndefinedRatio, message))
        }
        Some(share) if share < top.min.value() => {
            let message =
                format!("shares {} of its top {} features with before, asked >= {}", figure(share), top.top, top.min);
            Some((Outcome::Fail, FindingReason::Unstable, message))
        }
        Some(_) => None,
    }
}

fn cases(check: &Explainability, report: &Explanation) -> Option<Answer> {
    let absent: Vec<String> = check.cases.iter().filter(|case| !report.explains(case)).map(|case| name(case)).collect();
    let found = report.local();
    let message = if !absent.is_empty() {
        let some: Vec<String> = absent.iter().take(3).cloned().collect();
        format!("does not explain {} of {} cases: {}", absent.len(), check.cases.len(), some.join(", "))
    } else if found < u64::from(check.min_cases) {
        format!("explains {found} cases, asked at least {}", check.min_cases)
    } else {
        return None;
    };
    Some((Outcome::Missing, FindingReason::CasesMissing, message))
}

fn passed(check: &Explainability, report: &Explanation, share: Option<f64>) -> String {
    let mut text = format!("{} explains {} features", name(&check.evidence), report.importance().len());
    if let Some(share) = share {
        text.push_str(&format!("; those that should not count have {} of all importance", figure(share)));
    }
    if report.local() > 0 {
        text.push_str(&format!("; {} cases one by one", report.local()));
    }
    if check.stability.as_ref().is_some_and(|asked| !asked.is_compared()) {
        text.push_str("; no admitted revision was asked this before");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, decimal, gate};
    use crate::policy::check::Overlap;
    use crate::policy::{Check, Format};

    fn check() -> Explainability {
        Explainability {
            evidence: "report".into(),
            format: None,
            about_model: true,
            data: None,
            features: vec!["sex".into()],
            max_share: decimal("0.05"),
            min_features: 1,
            stability: None,
            min_cases: 0,
            cases: vec![],
        }
    }

    fn report(importance: &str, data: &Digest) -> Vec<u8> {
        format!(
            r#"{{"schema": "modelgate.dev/explanation/v1", "model": {{"digest": "{}"}}, "data": {{"digest": "{}"}},
                "importance": {importance}, "local": [{{"case": "row-1", "importance": {{"sex": 1}}}}]}}"#,
            Digest::of(b"model").as_str(),
            data.as_str()
        )
        .into_bytes()
    }

    fn answer(evidence: &[(&str, &[u8])], check: Explainability) -> Finding {
        let mut bench = Bench::new();
        for (name, bytes) in evidence {
            bench.put(name, bytes, None);
        }
        let facts = OrderFacts { model_digest: Some(Digest::of(b"model")), ..OrderFacts::default() };
        find(&gate(Check::Explainability(check.clone())), &check, &facts, &mut bench.sources())
    }

    #[test]
    fn table() {
        use FindingReason::{
            AboveMaximum, CasesMissing, FeaturesMissing, OtherSubject, SubjectUnknown, UndefinedRatio, WithinLimits,
        };
        let data: &[u8] = b"a,b\n1,2\n";
        let good = report(r#"{"income": 0.95, "sex": 0.05}"#, &Digest::of(data));
        let bad = report(r#"{"income": 0.9, "sex": -0.1}"#, &Digest::of(data));
        let nothing = report(r#"{"income": 0, "sex": 0}"#, &Digest::of(data));
        let other =
            String::from_utf8(good.clone()).unwrap().replace(Digest::of(b"model").as_str(), Digest::of(b"x").as_str());
        let plain: &[u8] = b"feature,importance\nincome,0.95\nsex,0.05\n";
        let on_data = || Explainability { data: Some("data".into()), ..check() };
        let pairs: &[u8] = br#"{"names": ["income", "age & sex"], "scores": [6, 4], "type": "univariate"}"#;
        let cases: [(&[u8], Explainability, Outcome, FindingReason); 15] = [
            (pairs, Explainability { about_model: false, ..check() }, Outcome::Fail, AboveMaximum),
            (&good, check(), Outcome::Pass, WithinLimits),
            (&bad, check(), Outcome::Fail, AboveMaximum),
            (&bad, Explainability { features: vec!["s*".into()], ..check() }, Outcome::Fail, AboveMaximum),
            (&nothing, check(), Outcome::Inconclusive, UndefinedRatio),
            (&nothing, Explainability { features: vec![], ..check() }, Outcome::Inconclusive, UndefinedRatio),
            (&good, Explainability { features: vec![], ..check() }, Outcome::Pass, WithinLimits),
            (other.as_bytes(), check(), Outcome::Error, OtherSubject),
            (plain, check(), Outcome::Inconclusive, SubjectUnknown),
            (plain, Explainability { about_model: false, ..check() }, Outcome::Pass, WithinLimits),
            (plain, Explainability { about_model: false, ..on_data() }, Outcome::Inconclusive, SubjectUnknown),
            (&good, on_data(), Outcome::Pass, WithinLimits),
            (&report(r#"{"income": 1}"#, &Digest::of(b"y")), on_data(), Outcome::Error, OtherSubject),
            (&good, Explainability { min_features: 3, ..check() }, Outcome::Inconclusive, FeaturesMissing),
            (&good, Explainability { min_cases: 2, ..check() }, Outcome::Missing, CasesMissing),
        ];
        for (bytes, check, outcome, reason) in cases {
            let said = format!("{check:?}");
            let finding = answer(&[("report", bytes), ("data", data)], check.clone());
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{said}: {}", finding.message);
            let measured = matches!(outcome, Outcome::Pass | Outcome::Fail) && !check.features.is_empty();
            assert_eq!(finding.value.is_some(), measured, "{said}");
        }
        let named = |case: &str| Explainability { cases: vec![case.into()], ..check() };
        assert_eq!(answer(&[("report", &good)], named("row-1")).outcome, Outcome::Pass);
        assert_eq!(answer(&[("report", &good)], named("row-2")).reason, CasesMissing);
    }

    #[test]
    fn stability() {
        use FindingReason::{DigestMismatch, EvidenceMissing, UndefinedRatio, Unstable, WithinLimits};
        let now: &[u8] = br#"{"a": 4, "b": 3, "c": 2, "d": 1}"#;
        let same: &[u8] = br#"{"a": 40, "b": 31, "c": 22, "d": 13}"#;
        let turned: &[u8] = br#"{"a": 1, "b": 2, "c": 3, "d": 4}"#;
        let flat: &[u8] = br#"{"a": 1, "b": 1}"#;
        let asked = |reference_digests, correlation: Option<&str>, top: Option<(u32, &str)>| Explainability {
            about_model: false,
            format: Some(Format::Json),
            features: vec![],
            stability: Some(Stability {
                reference: "before".into(),
                reference_digests,
                against_admitted: false,
                admitted: None,
                min_rank_correlation: correlation.map(decimal),
                overlap: top.map(|(top, min)| Overlap { top, min: decimal(min) }),
            }),
            ..check()
        };
        let cases = [
            (same, asked(vec![], Some("0.9"), Some((2, "1"))), Outcome::Pass, WithinLimits),
            (turned, asked(vec![], Some("0.9"), None), Outcome::Fail, Unstable),
            (turned, asked(vec![], Some("-1"), None), Outcome::Pass, WithinLimits),
            (turned, asked(vec![], None, Some((2, "0.5"))), Outcome::Fail, Unstable),
            (turned, asked(vec![], None, Some((4, "1"))), Outcome::Pass, WithinLimits),
            (flat, asked(vec![], Some("0"), None), Outcome::Pass, WithinLimits),
            (br#"{"a": 0, "b": 0}"#, asked(vec![], None, Some((1, "0"))), Outcome::Inconclusive, UndefinedRatio),
            (same, asked(vec![Digest::of(same)], Some("0.9"), None), Outcome::Pass, WithinLimits),
            (same, asked(vec![Digest::of(turned)], Some("0.9"), None), Outcome::Error, DigestMismatch),
        ];
        for (before, check, outcome, reason) in cases {
            let finding = answer(&[("report", now), ("before", before)], check);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
        let finding = answer(&[("report", flat), ("before", flat)], asked(vec![], Some("0"), None));
        assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, UndefinedRatio));
        let finding = answer(&[("report", now)], asked(vec![], Some("0"), None));
        assert_eq!((finding.outcome, finding.reason), (Outcome::Missing, EvidenceMissing));
    }

    #[test]
    fn compared_with_what_the_admitted_revision_was_explained_by() {
        use FindingReason::{DigestMismatch, EvidenceMissing, EvidenceUnreadable, Unstable, WithinLimits};
        let now: &[u8] = br#"{"a": 4, "b": 3, "c": 2, "d": 1}"#;
        let same: &[u8] = br#"{"a": 40, "b": 31, "c": 22, "d": 13}"#;
        let turned: &[u8] = br#"{"a": 1, "b": 2, "c": 3, "d": 4}"#;
        let asked = |admitted: Option<&[u8]>| Explainability {
            about_model: false,
            format: Some(Format::Json),
            features: vec![],
            stability: Some(Stability {
                reference: "before".into(),
                reference_digests: vec![],
                against_admitted: true,
                admitted: admitted.map(Digest::of),
                min_rank_correlation: Some(decimal("0.9")),
                overlap: None,
            }),
            ..check()
        };
        let cases: [(Option<&[u8]>, Option<&[u8]>, Outcome, FindingReason, &str); 7] = [
            (Some(same), Some(same), Outcome::Pass, WithinLimits, "explains 4 features"),
            (Some(turned), Some(turned), Outcome::Fail, Unstable, "correlation -1"),
            // Something better than what was admitted is not what was admitted.
            (Some(same), Some(turned), Outcome::Error, DigestMismatch, "of the admitted revision"),
            (None, Some(same), Outcome::Missing, EvidenceMissing, "before"),
            (Some(b"[]"), Some(b"[]"), Outcome::Error, EvidenceUnreadable, "before"),
            // A first release, whatever else it brings.
            (None, None, Outcome::Pass, WithinLimits, "no admitted revision was asked this before"),
            (Some(turned), None, Outcome::Pass, WithinLimits, "no admitted revision was asked this before"),
        ];
        for (before, admitted, outcome, reason, said) in cases {
            let brought: Vec<(&str, &[u8])> =
                [Some(("report", now)), before.map(|bytes| ("before", bytes))].into_iter().flatten().collect();
            let finding = answer(&brought, asked(admitted));
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
            assert!(finding.message.contains(said), "{}", finding.message);
        }
    }

    #[test]
    fn bad_evidence() {
        use FindingReason::{EvidenceEmpty, EvidenceMissing, EvidenceUnreadable, NotFinite};
        let cases: [(&[u8], Option<Format>, Outcome, FindingReason); 5] = [
            (b"", None, Outcome::Missing, EvidenceEmpty),
            (b"{}", None, Outcome::Error, EvidenceUnreadable),
            (b"{\"a\": NaN}", None, Outcome::Error, NotFinite),
            (b"feature,importance\na,inf\n", None, Outcome::Error, NotFinite),
            (b"{\"a\": 1}", Some(Format::Shap), Outcome::Error, EvidenceUnreadable),
        ];
        for (bytes, format, outcome, reason) in cases {
            let finding = answer(&[("report", bytes)], Explainability { format, ..check() });
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
        assert_eq!(answer(&[], check()).reason, EvidenceMissing);
    }
}
