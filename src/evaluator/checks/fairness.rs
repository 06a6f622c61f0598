//! `fairness`: how unequal the favourable outcome is between the groups of sensitive attributes.

use super::FEWEST_ROWS;
use super::words::{figure, name, remedy, without_number};
use crate::evaluator::sources::Sources;
use crate::measure::fairness::{Gap, Groups, Rate, Roles, Undefined, count};
use crate::measure::{MeasureError, Table};
use crate::policy::check::{Fairness, FairnessMeasure};
use crate::policy::{Columns, Finding, FindingReason, Gate, Limits, Outcome};

/// Answers one fairness gate: the attribute with the worst outcome speaks for all.
pub fn find(gate: &Gate, check: &Fairness, sources: &mut Sources) -> Finding {
    if check.attributes.is_empty() || check.limits == Limits::default() {
        let message = "the gate names no attribute or no bound; add them in the policy";
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    let source = match sources.table(&check.evidence) {
        Ok(source) => source,
        Err(error) => return without_number(gate, error.verdict(), &check.evidence, error, []),
    };
    let digest = source.digest;
    let unusable = |verdict, wrong: String| without_number(gate, verdict, &check.evidence, wrong, [digest.clone()]);
    let mapped = match map(check, source.columns.as_ref()) {
        Ok(mapped) => mapped,
        Err(wrong) => return unusable((Outcome::Missing, FindingReason::ColumnMissing), wrong),
    };
    let counted = Table::open(source.file).and_then(|table| {
        let protected: Vec<&str> = mapped.protected.iter().map(|(_, column)| *column).collect();
        let roles = Roles {
            label: mapped.label,
            prediction: mapped.prediction,
            protected: &protected,
            favorable: mapped.favorable,
        };
        Ok((table.rows(), count(&table, roles)?))
    });
    let (rows, groups) = match counted {
        Ok(counted) => counted,
        Err(error @ MeasureError::ColumnMissing { .. }) => {
            return unusable(error.verdict(), format!("{error}; correct the release's columns"));
        }
        Err(error) => return unusable(error.verdict(), error.to_string()),
    };
    if rows < FEWEST_ROWS {
        let wrong = format!("has {rows} rows, too few to tell; give at least {FEWEST_ROWS}");
        return unusable((Outcome::Inconclusive, FindingReason::TooFewRows), wrong);
    }
    if !groups.iter().any(|groups| groups.0.values().any(|group| group.selected + group.deserving > 0)) {
        let wrong = format!(
            "has no row with the favorable value {:?} in {}; correct it in the release",
            name(mapped.favorable),
            name(mapped.prediction)
        );
        return unusable((Outcome::Error, FindingReason::EvidenceUnreadable), wrong);
    }
    let answers =
        mapped.protected.iter().zip(&groups).map(|((attribute, _), groups)| judge(gate, check, attribute, groups));
    match answers.reduce(|worst, next| if next.rank(check) > worst.rank(check) { next } else { worst }) {
        Some(worst) => {
            let finding = Finding::new(gate.key.clone(), worst.outcome, worst.reason, worst.message)
                .with_threshold(&check.limits)
                .with_evidence([digest]);
            match worst.value {
                Some(value) => finding.with_value(value),
                None => finding,
            }
        }
        None => unusable((Outcome::Inconclusive, FindingReason::TooFewGroups), "has no groups".to_owned()),
    }
}

struct Mapped<'a> {
    label: Option<&'a str>,
    prediction: &'a str,
    favorable: &'a str,
    /// Attribute and column.
    protected: Vec<(&'a str, &'a str)>,
}

/// The policy names attributes, the release says which columns hold them.
fn map<'a>(check: &'a Fairness, columns: Option<&'a Columns>) -> Result<Mapped<'a>, String> {
    let columns = columns.ok_or("is not described; say in the release which columns hold what")?;
    let prediction = columns.prediction.as_deref().ok_or("has no prediction column named in the release")?;
    let label = columns.label.as_deref();
    let needs_label = match check.measure {
        FairnessMeasure::DemographicParityDifference | FairnessMeasure::DemographicParityRatio => false,
        FairnessMeasure::EqualizedOddsDifference | FairnessMeasure::EqualOpportunityDifference => true,
    };
    if needs_label && label.is_none() {
        return Err("has no label column named in the release, and this measure needs one".to_owned());
    }
    let column_of = |attribute: &'a String| {
        let found = columns.protected.iter().find(|p| p.attribute == *attribute);
        found.map(|p| (attribute.as_str(), p.column.as_str())).ok_or_else(|| {
            format!("has no column for attribute {:?}; name it under columns.protected in the release", name(attribute))
        })
    };
    let protected = check.attributes.iter().map(column_of).collect::<Result<_, _>>()?;
    Ok(Mapped { label, prediction, favorable: &columns.favorable, protected })
}

struct Answer {
    outcome: Outcome,
    reason: FindingReason,
    value: Option<f64>,
    message: String,
}

impl Answer {
    /// Greater is worse: the outcome first, then how far the number is from equality.
    fn rank(&self, check: &Fairness) -> (Outcome, f64) {
        let unequal = match check.measure {
            FairnessMeasure::DemographicParityRatio => self.value.map_or(0.0, |ratio| 1.0 - ratio),
            FairnessMeasure::DemographicParityDifference
            | FairnessMeasure::EqualizedOddsDifference
            | FairnessMeasure::EqualOpportunityDifference => self.value.unwrap_or(0.0),
        };
        (self.outcome, unequal)
    }
}

fn judge(gate: &Gate, check: &Fairness, attribute: &str, groups: &Groups) -> Answer {
    let untold = |reason, message| Answer { outcome: Outcome::Inconclusive, reason, value: None, message };
    let attribute = name(attribute);
    if let [only] = groups.0.keys().collect::<Vec<_>>()[..] {
        let message =
            format!("all rows have {attribute}={}: nobody to compare with; add rows of other groups", name(only));
        return untold(FindingReason::TooFewGroups, message);
    }
    let smallest = groups.0.iter().min_by_key(|(_, group)| group.rows);
    if let Some((group, counts)) = smallest.filter(|(_, counts)| counts.rows < check.min_group_size) {
        let message = format!(
            "{attribute}={} has {} rows, asked at least {}: its rate says nothing; evaluate on more rows of it",
            name(group),
            counts.rows,
            check.min_group_size
        );
        return untold(FindingReason::GroupTooSmall, message);
    }
    if groups.0.values().all(|group| group.selected == 0) {
        let message = format!("nobody got the favorable outcome, so groups of {attribute} cannot be compared");
        return untold(FindingReason::UndefinedRatio, message);
    }
    match groups.measure(check.measure) {
        Ok(gap) => {
            let (outcome, reason) = check.limits.judge(gap.value);
            let mut message = describe(check, &attribute, groups, &gap);
            if outcome == Outcome::Fail {
                message.push_str("; ");
                message.push_str(remedy(gate, "retrain with mitigation, then release a new version"));
            }
            Answer { outcome, reason, value: Some(gap.value), message }
        }
        Err(undefined) => {
            let (reason, what) = match undefined {
                Undefined::OneGroup => (FindingReason::TooFewGroups, "has fewer than two groups"),
                Undefined::NoFavorableLabels => (FindingReason::UndefinedRatio, "has a group without favorable labels"),
                Undefined::NoUnfavorableLabels => {
                    (FindingReason::UndefinedRatio, "has a group without unfavorable labels")
                }
                Undefined::NobodySelected => (FindingReason::UndefinedRatio, "has no group with the favorable outcome"),
            };
            untold(reason, format!("{attribute} {what}, so the measure has no value; evaluate on more rows"))
        }
    }
}

fn describe(check: &Fairness, attribute: &str, groups: &Groups, gap: &Gap<'_>) -> String {
    let rate = match gap.rate {
        Rate::Selection => "favorable rate",
        Rate::TruePositive => "true positive rate",
        Rate::FalsePositive => "false positive rate",
    };
    let measure = match check.measure {
        FairnessMeasure::DemographicParityRatio => "ratio",
        FairnessMeasure::DemographicParityDifference
        | FairnessMeasure::EqualizedOddsDifference
        | FairnessMeasure::EqualOpportunityDifference => "difference",
    };
    let side = |(group, rate): (&str, f64)| {
        let rows = groups.0.get(group).map_or(0, |counts| counts.rows);
        format!("{attribute}={} is {rate:.3} ({rows} rows)", name(group))
    };
    format!(
        "{rate} of {}, of {}: {measure} {}, asked {}",
        side(gap.lowest),
        side(gap.highest),
        figure(gap.value),
        check.limits
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, decimal, gate};
    use crate::policy::Check;
    use crate::policy::evidence::ProtectedColumn;

    fn columns(protected: &[(&str, &str)]) -> Columns {
        let protected = protected
            .iter()
            .map(|(attribute, column)| ProtectedColumn { attribute: (*attribute).into(), column: (*column).into() })
            .collect();
        Columns { label: Some("deny".into()), prediction: Some("predicted".into()), favorable: "0".into(), protected }
    }

    fn check(attributes: &[&str], measure: FairnessMeasure, limits: Limits) -> Fairness {
        let attributes = attributes.iter().map(|a| (*a).to_owned()).collect();
        Fairness { evidence: "predictions".into(), attributes, measure, limits, min_group_size: 30 }
    }

    fn four_fifths(attributes: &[&str]) -> Fairness {
        check(attributes, FairnessMeasure::DemographicParityRatio, Limits::at_least(decimal("0.8")))
    }

    fn answer(bytes: &[u8], columns: Option<Columns>, check: &Fairness) -> Finding {
        let mut bench = Bench::new();
        bench.put("predictions", bytes, columns);
        find(&gate(Check::Fairness(check.clone())), check, &mut bench.sources())
    }

    fn mortgage(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/examples/mortgage/evidence/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn the_unmitigated_mortgage_model_fails_and_says_why() {
        for file in ["v1/predictions.csv", "v1/predictions.parquet"] {
            let columns = columns(&[("race", "afam"), ("marriage", "single")]);
            let finding = answer(&mortgage(file), Some(columns), &four_fifths(&["marriage", "race"]));
            assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::BelowMinimum));
            assert_eq!(finding.value.as_deref(), Some("0.6583406436123552"));
            assert_eq!(
                finding.message,
                "favorable rate of race=yes is 0.521 (121 rows), of race=no is 0.791 (679 rows): ratio 0.658341, \
                 asked >= 0.8; retrain with mitigation, then release a new version"
            );
        }
        let mitigated =
            answer(&mortgage("v2/predictions.csv"), Some(columns(&[("race", "afam")])), &four_fifths(&["race"]));
        assert_eq!(mitigated.outcome, Outcome::Pass, "{}", mitigated.message);
    }

    /// 20 rows each of groups a and b; of those `a` and `b` are favourable.
    fn rows(a: usize, b: usize, label: &str) -> String {
        let row = |group: &str, favorable: bool| format!("{label},{},{group}\n", usize::from(!favorable));
        let lines: String = (0..20).flat_map(|i| [row("a", i < a), row("b", i < b)]).collect();
        format!("deny,predicted,group\n{lines}")
    }

    #[test]
    fn what_cannot_be_told_is_no_pass() {
        use FairnessMeasure::{DemographicParityDifference, EqualOpportunityDifference};
        use FindingReason::{
            ColumnMissing, EvidenceEmpty, EvidenceUnreadable, GroupTooSmall, NothingAsked, TooFewGroups, TooFewRows,
            UndefinedRatio,
        };
        let loose = |measure| Fairness { min_group_size: 1, ..check(&["g"], measure, Limits::at_most(decimal("1"))) };
        let parity = loose(DemographicParityDifference);
        let mapped = || Some(columns(&[("g", "group")]));
        let one_group: String =
            rows(10, 10, "0").lines().filter(|l| !l.ends_with('b')).map(|l| format!("{l}\n")).collect();
        let unnamed = Columns { prediction: None, ..columns(&[("g", "group")]) };
        let unlabelled = Columns { label: None, ..columns(&[("g", "group")]) };
        let other_word = Columns { favorable: "approve".into(), ..columns(&[("g", "group")]) };
        let good = rows(10, 5, "0");
        let hole = good.replacen("0,0,a", "0,,a", 2);
        let cases: [(&str, Option<Columns>, Fairness, Outcome, FindingReason); 16] = [
            (&good, None, parity.clone(), Outcome::Missing, ColumnMissing),
            (&good, Some(columns(&[])), parity.clone(), Outcome::Missing, ColumnMissing),
            (&good, Some(columns(&[("g", "race")])), parity.clone(), Outcome::Missing, ColumnMissing),
            (&good, Some(unnamed), parity.clone(), Outcome::Missing, ColumnMissing),
            (&good, Some(unlabelled), loose(EqualOpportunityDifference), Outcome::Missing, ColumnMissing),
            (&good, Some(other_word), parity.clone(), Outcome::Error, EvidenceUnreadable),
            (&one_group, mapped(), parity.clone(), Outcome::Inconclusive, TooFewGroups),
            (
                "deny,predicted,group\n0,0,a\n0,1,b\n1,0,b\n",
                mapped(),
                parity.clone(),
                Outcome::Inconclusive,
                TooFewRows,
            ),
            (&good, mapped(), Fairness { min_group_size: 21, ..parity.clone() }, Outcome::Inconclusive, GroupTooSmall),
            (&rows(0, 0, "0"), mapped(), parity.clone(), Outcome::Inconclusive, UndefinedRatio),
            (&rows(9, 5, "1"), mapped(), loose(EqualOpportunityDifference), Outcome::Inconclusive, UndefinedRatio),
            ("deny,predicted,group\n", mapped(), parity.clone(), Outcome::Missing, EvidenceEmpty),
            ("", mapped(), parity.clone(), Outcome::Missing, EvidenceEmpty),
            (&hole, mapped(), parity.clone(), Outcome::Error, EvidenceUnreadable),
            (&good, mapped(), Fairness { attributes: vec![], ..parity.clone() }, Outcome::Error, NothingAsked),
            (&good, mapped(), Fairness { limits: Limits::default(), ..parity.clone() }, Outcome::Error, NothingAsked),
        ];
        for (text, columns, check, outcome, reason) in cases {
            let finding = answer(text.as_bytes(), columns, &check);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
            assert_eq!(finding.value, None);
        }
        let finding = answer(hole.as_bytes(), mapped(), &parity);
        assert!(finding.message.contains("2 empty cells in column \"predicted\""), "{}", finding.message);
        assert_eq!(answer(good.as_bytes(), mapped(), &parity).outcome, Outcome::Pass);
    }

    #[test]
    fn the_worst_attribute_speaks() {
        let lines: String = (0..80)
            .map(|i| format!("0,{},{},{},x\n", usize::from(i % 4 == 0), i % 2, usize::from(i % 4 == 0)))
            .collect();
        let text = format!("deny,predicted,even,fourth,same\n{lines}");
        let columns = || Some(columns(&[("even", "even"), ("fourth", "fourth"), ("same", "same")]));
        let loose = |attributes: &[&str]| Fairness { min_group_size: 1, ..four_fifths(attributes) };
        let value = |attributes: &[&str]| answer(text.as_bytes(), columns(), &loose(attributes)).number();
        assert_eq!(
            (value(&["even"]), value(&["even", "fourth"]), value(&["fourth", "even"])),
            (Some(0.5), Some(0.0), Some(0.0))
        );
        // A measured failure outweighs what cannot be told, and that outweighs a pass.
        assert_eq!(answer(text.as_bytes(), columns(), &loose(&["same", "even"])).outcome, Outcome::Fail);
        let lenient = Fairness { limits: Limits::at_least(decimal("0.1")), ..loose(&["even", "same"]) };
        assert_eq!(answer(text.as_bytes(), columns(), &lenient).outcome, Outcome::Inconclusive);
    }
}
