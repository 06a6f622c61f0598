use super::*;
use crate::evaluator::checks::testing::{Bench, decimal, gate};
use crate::policy::Check;
use crate::policy::evidence::ProtectedColumn;

fn columns(protected: &[(&str, &str)]) -> Columns {
    let protected = protected
        .iter()
        .map(|(attribute, column)| ProtectedColumn { attribute: (*attribute).into(), column: (*column).into() })
        .collect();
    Columns {
        label: Some("deny".into()),
        prediction: Some("predicted".into()),
        score: None,
        favorable: "0".into(),
        protected,
    }
}

fn check(attributes: &[&str], measure: FairnessMeasure, limits: Limits) -> Fairness {
    let attributes = attributes.iter().map(|a| (*a).to_owned()).collect();
    Fairness {
        evidence: "predictions".into(),
        attributes,
        measure,
        limits,
        min_group_size: 30,
        small_groups: SmallGroups::Inconclusive,
        intersections: false,
        confidence: None,
        mitigation: None,
        slice: None,
    }
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
        assert_eq!(finding.value.as_deref(), Some("0.6583406436123551"));
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
    let one_group: String = rows(10, 10, "0").lines().filter(|l| !l.ends_with('b')).map(|l| format!("{l}\n")).collect();
    let unnamed = Columns { prediction: None, ..columns(&[("g", "group")]) };
    let unlabelled = Columns { label: None, ..columns(&[("g", "group")]) };
    let other_word = Columns { favorable: "approve".into(), ..columns(&[("g", "group")]) };
    let good = rows(10, 5, "0");
    let hole = good.replacen("0,0,a", "0,,a", 2);
    // Who got the loan in truth is all in one group.
    let one_sided = good.replace("0,0,b\n", "1,0,b\n").replace("0,1,b\n", "1,1,b\n");
    let cases: [(&str, Option<Columns>, Fairness, Outcome, FindingReason); 16] = [
        (&good, None, parity.clone(), Outcome::Missing, ColumnMissing),
        (&good, Some(columns(&[])), parity.clone(), Outcome::Missing, ColumnMissing),
        (&good, Some(columns(&[("g", "race")])), parity.clone(), Outcome::Missing, ColumnMissing),
        (&good, Some(unnamed), parity.clone(), Outcome::Missing, ColumnMissing),
        (&good, Some(unlabelled), loose(EqualOpportunityDifference), Outcome::Missing, ColumnMissing),
        (&good, Some(other_word), parity.clone(), Outcome::Error, EvidenceUnreadable),
        (&one_group, mapped(), parity.clone(), Outcome::Inconclusive, TooFewGroups),
        ("deny,predicted,group\n0,0,a\n0,1,b\n1,0,b\n", mapped(), parity.clone(), Outcome::Inconclusive, TooFewRows),
        (&good, mapped(), Fairness { min_group_size: 21, ..parity.clone() }, Outcome::Inconclusive, GroupTooSmall),
        (&rows(0, 0, "0"), mapped(), parity.clone(), Outcome::Inconclusive, UndefinedRatio),
        (&one_sided, mapped(), loose(EqualOpportunityDifference), Outcome::Inconclusive, UndefinedRatio),
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
    assert!(finding.message.contains("2 empty or unusable cells in column \"predicted\""), "{}", finding.message);
    assert_eq!(answer(good.as_bytes(), mapped(), &parity).outcome, Outcome::Pass);
}

/// What is no outcome is not counted as the unfavourable one, and no group is made of it.
#[test]
fn rows_that_cannot_be_judged_are_an_error() {
    use FairnessMeasure::DemographicParityDifference;
    let parity =
        Fairness { min_group_size: 1, ..check(&["g"], DemographicParityDifference, Limits::at_most(decimal("1"))) };
    let good = rows(10, 5, "0");
    let cases = [
        (good.replacen("0,0,a", "0,NaN,a", 2), "2", "predicted"),
        (good.replacen("0,0,a", "0,nan,a", 1), "1", "predicted"),
        (good.replacen("0,0,a", "0,inf,a", 1), "1", "predicted"),
        (good.replacen("0,0,a", "0,N/A,a", 3), "3", "predicted"),
        (good.replacen("0,0,a", "NaN,0,a", 2), "2", "deny"),
        (good.replacen("0,0,a", "?,0,a", 2), "2", "deny"),
        (good.replacen("0,0,a", "0,0,NaN", 2), "2", "group"),
    ];
    for (text, count, column) in cases {
        let finding = answer(text.as_bytes(), Some(columns(&[("g", "group")])), &parity);
        assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::EvidenceUnreadable));
        let said = format!("has {count} empty or unusable cells in column {column:?}");
        assert!(finding.message.contains(&said), "{}", finding.message);
    }
    // Where the favourable value is a word, others are words too.
    let words = good.replace("0,0,", "yes,yes,").replace("0,1,", "yes,no,");
    let yes = |extra: &str| Columns { favorable: "yes".into(), ..columns(&[(extra, "group")]) };
    assert_eq!(answer(words.as_bytes(), Some(yes("g")), &parity).outcome, Outcome::Pass);
    let scored = Columns { score: Some("score".into()), ..columns(&[("g", "group")]) };
    let gap = Fairness { measure: FairnessMeasure::CalibrationGap, ..parity };
    let lines =
        |label: &str| format!("deny,predicted,score,group\n{}{label},0,0.5,a\n", "0,0,0.5,a\n1,0,0.5,b\n".repeat(9));
    let finding = |label: &str| answer(lines(label).as_bytes(), Some(scored.clone()), &gap);
    assert_eq!((finding("0").outcome, finding("NaN").outcome), (Outcome::Pass, Outcome::Error));
}

#[test]
fn a_label_that_never_holds_the_favourable_value_is_an_error() {
    use FairnessMeasure::{
        CalibrationGap, EqualOpportunityDifference, EqualizedOddsDifference, FalseNegativeRateDifference,
        FalsePositiveRateDifference, PredictiveParityDifference,
    };
    let text =
        rows(10, 10, "1").replace("group\n", "group,score\n").replace(",a\n", ",a,0.1\n").replace(",b\n", ",b,0.1\n");
    let scored = Columns { score: Some("score".into()), ..columns(&[("g", "group")]) };
    for measure in [
        CalibrationGap,
        EqualOpportunityDifference,
        EqualizedOddsDifference,
        FalseNegativeRateDifference,
        FalsePositiveRateDifference,
        PredictiveParityDifference,
    ] {
        let check = Fairness { min_group_size: 1, ..check(&["g"], measure, Limits::at_most(decimal("0.5"))) };
        let finding = answer(text.as_bytes(), Some(scored.clone()), &check);
        assert_eq!(
            (finding.outcome, finding.reason),
            (Outcome::Error, FindingReason::EvidenceUnreadable),
            "{measure:?}"
        );
        let said = "has no row with the favorable value \"0\" in deny";
        assert!(finding.message.contains(said), "{}", finding.message);
    }
    // The prediction is the label: all errors are 0.
    let itself = Columns { label: Some("predicted".into()), ..columns(&[("g", "group")]) };
    let check =
        Fairness { min_group_size: 1, ..check(&["g"], EqualOpportunityDifference, Limits::at_most(decimal("0.5"))) };
    let finding = answer(rows(10, 5, "0").as_bytes(), Some(itself), &check);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Missing, FindingReason::ColumnMissing));
}

#[test]
fn the_worst_attribute_speaks() {
    let lines: String =
        (0..80).map(|i| format!("0,{},{},{},x\n", usize::from(i % 4 == 0), i % 2, usize::from(i % 4 == 0))).collect();
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

#[test]
fn groups_of_several_attributes_together() {
    // Even alone and fourth alone are equal; together they are not.
    let lines: String = (0..80)
        .map(|i| format!("0,{},{},{}\n", usize::from((i % 2 == 0) == (i % 4 < 2)), i % 2, usize::from(i % 4 < 2)))
        .collect();
    let text = format!("deny,predicted,even,half\n{lines}");
    let alone = Fairness { min_group_size: 1, ..four_fifths(&["even", "half"]) };
    let mapped = || Some(columns(&[("even", "even"), ("half", "half")]));
    assert_eq!(answer(text.as_bytes(), mapped(), &alone).number(), Some(1.0));
    let together = Fairness { intersections: true, ..alone };
    let finding = answer(text.as_bytes(), mapped(), &together);
    assert_eq!((finding.outcome, finding.number()), (Outcome::Fail, Some(0.0)));
    assert!(finding.message.starts_with("favorable rate of even=0, half=1 is 0.000 (20 rows)"), "{}", finding.message);
}

#[test]
fn small_groups_can_be_left_out_and_are_told() {
    let few: String = "0,1,c\n".repeat(3);
    let text = format!("{}{few}", rows(10, 10, "0"));
    let mapped = || Some(columns(&[("g", "group")]));
    let strict = Fairness { min_group_size: 20, ..four_fifths(&["g"]) };
    assert_eq!(answer(text.as_bytes(), mapped(), &strict).reason, FindingReason::GroupTooSmall);
    let lenient = Fairness { small_groups: SmallGroups::LeaveOut, ..strict };
    let finding = answer(text.as_bytes(), mapped(), &lenient);
    assert_eq!((finding.outcome, finding.number()), (Outcome::Pass, Some(1.0)));
    assert!(finding.message.ends_with("; 1 groups under 20 rows left out"), "{}", finding.message);
    let none = Fairness { min_group_size: 21, ..lenient };
    assert_eq!(answer(text.as_bytes(), mapped(), &none).reason, FindingReason::GroupTooSmall);
}

#[test]
fn the_worse_end_of_the_interval_must_keep_the_bound() {
    let mapped = || Some(columns(&[("g", "group")]));
    let loose = |measure, limits| Fairness { min_group_size: 1, ..check(&["g"], measure, limits) };
    let difference = loose(FairnessMeasure::DemographicParityDifference, Limits::at_most(decimal("0.3")));
    let plain = answer(rows(15, 11, "0").as_bytes(), mapped(), &difference);
    assert_eq!((plain.outcome, plain.value.as_deref()), (Outcome::Pass, Some("0.2")));
    let sure = Fairness { confidence: Some(decimal("0.95")), ..difference };
    let finding = answer(rows(15, 11, "0").as_bytes(), mapped(), &sure);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::AboveMaximum));
    assert!(finding.message.contains("difference 0.2, 0.449621 at confidence 0.95"), "{}", finding.message);
    let ratio = Fairness {
        confidence: Some(decimal("0.95")),
        ..loose(FairnessMeasure::DemographicParityRatio, Limits::at_least(decimal("0.8")))
    };
    let finding = answer(rows(20, 20, "0").as_bytes(), mapped(), &ratio);
    assert_eq!((finding.outcome, finding.number()), (Outcome::Pass, Some(1.0)));
    assert_eq!(answer(rows(15, 0, "0").as_bytes(), mapped(), &ratio).number(), Some(0.0));
}

/// `size` rows of a group, of which `selected` have the favourable prediction.
fn group(name: &str, label: &str, selected: usize, size: usize) -> String {
    (0..size).map(|i| format!("{label},{},{name}\n", usize::from(i >= selected))).collect()
}

/// The interval that reaches farthest need not be that of the groups that are farthest apart.
#[test]
fn no_interval_of_any_two_groups_or_rates_may_reach_beyond_the_bound() {
    let mapped = || Some(columns(&[("g", "group")]));
    let sure = |measure, limits| Fairness {
        min_group_size: 1,
        confidence: Some(decimal("0.95")),
        ..check(&["g"], measure, limits)
    };
    let two = group("a", "0", 500, 1000) + &group("b", "0", 450, 1000);
    let third = group("c", "0", 14, 30);
    let text = |rows: &str| format!("deny,predicted,group\n{rows}");
    let difference = sure(FairnessMeasure::DemographicParityDifference, Limits::at_most(decimal("0.1")));
    assert_eq!(answer(text(&two).as_bytes(), mapped(), &difference).outcome, Outcome::Pass);
    let finding = answer(text(&(two.clone() + &third)).as_bytes(), mapped(), &difference);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::AboveMaximum), "{}", finding.message);
    assert!(finding.message.contains("of g=c is 0.467 (30 rows), of g=a is 0.500"), "{}", finding.message);
    let ratio = sure(FairnessMeasure::DemographicParityRatio, Limits::at_least(decimal("0.8")));
    assert_eq!(answer(text(&two).as_bytes(), mapped(), &ratio).outcome, Outcome::Pass);
    assert_eq!(answer(text(&(two + &third)).as_bytes(), mapped(), &ratio).outcome, Outcome::Fail);
    // Many rows for the rate that is farther apart, few for the other.
    let odds =
        group("a", "0", 500, 1000) + &group("b", "0", 450, 1000) + &group("a", "1", 10, 20) + &group("b", "1", 10, 20);
    let check = sure(FairnessMeasure::EqualizedOddsDifference, Limits::at_most(decimal("0.1")));
    let finding = answer(text(&odds).as_bytes(), mapped(), &check);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::AboveMaximum), "{}", finding.message);
    assert!(finding.message.starts_with("false positive rate"), "{}", finding.message);
    // An error of calibration has no interval.
    let gap = sure(FairnessMeasure::CalibrationGap, Limits::at_most(decimal("1")));
    let scored = Columns { score: Some("score".into()), ..columns(&[("g", "group")]) };
    let lines = "0,0,0.5,a\n1,0,0.5,b\n".repeat(9);
    let finding = answer(format!("deny,predicted,score,group\n{lines}").as_bytes(), Some(scored), &gap);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::NothingAsked));
}

#[test]
fn scores_that_do_not_come_true() {
    let lines: String =
        (0..40).map(|i| format!("{},0,{},{}\n", i % 2, if i < 20 { "0.5" } else { "0.9" }, i / 20)).collect();
    let text = format!("deny,predicted,score,g\n{lines}");
    let scored = Columns { score: Some("score".into()), ..columns(&[("g", "g")]) };
    let gap = Fairness {
        min_group_size: 20,
        ..check(&["g"], FairnessMeasure::CalibrationGap, Limits::at_most(decimal("0.1")))
    };
    let finding = answer(text.as_bytes(), Some(scored.clone()), &gap);
    assert_eq!((finding.outcome, finding.value.as_deref()), (Outcome::Fail, Some("0.4")), "{}", finding.message);
    let unnamed = Columns { score: None, ..scored.clone() };
    assert_eq!(answer(text.as_bytes(), Some(unnamed), &gap).reason, FindingReason::ColumnMissing);
    let none = answer(text.replace("0.9", "9").as_bytes(), Some(scored), &gap);
    assert_eq!((none.outcome, none.reason), (Outcome::Error, FindingReason::EvidenceUnreadable));
}

/// Each attribute alone is calibrated, and the two together are not.
#[test]
fn scores_of_several_attributes_together() {
    let lines: String = (0..80)
        .map(|i| {
            let (one, two) = (i % 2 == 0, i % 4 < 2);
            format!("{},0,0.5,{one},{two}\n", usize::from(one != two))
        })
        .collect();
    let text = format!("deny,predicted,score,one,two\n{lines}");
    let scored = || Some(Columns { score: Some("score".into()), ..columns(&[("one", "one"), ("two", "two")]) });
    let alone = Fairness {
        min_group_size: 20,
        ..check(&["one", "two"], FairnessMeasure::CalibrationGap, Limits::at_most(decimal("0.1")))
    };
    assert_eq!(answer(text.as_bytes(), scored(), &alone).number(), Some(0.0));
    let together = Fairness { intersections: true, ..alone };
    let finding = answer(text.as_bytes(), scored(), &together);
    assert_eq!((finding.outcome, finding.number()), (Outcome::Fail, Some(0.5)), "{}", finding.message);
    assert!(finding.message.contains("one=false, two=false"), "{}", finding.message);
}

#[test]
fn what_only_mitigation_makes_pass_must_be_written_down() {
    let mitigation = Mitigation { unmitigated: "before".into(), evidence: "record".into() };
    let check = Fairness { min_group_size: 1, mitigation: Some(mitigation), ..four_fifths(&["g"]) };
    let found = |before: Option<String>, record: Option<&str>| {
        let mut bench = Bench::new();
        bench.put("predictions", rows(15, 15, "0").as_bytes(), Some(columns(&[("g", "group")])));
        if let Some(before) = before {
            bench.put("before", before.as_bytes(), Some(columns(&[("g", "group")])));
        }
        if let Some(record) = record {
            bench.put("record", record.as_bytes(), None);
        }
        find(&gate(Check::Fairness(check.clone())), &check, &mut bench.sources())
    };
    let (unfair, fair) = (|| Some(rows(15, 5, "0")), || Some(rows(15, 14, "0")));
    let written = found(unfair(), Some("reweighed"));
    assert_eq!((written.outcome, written.number(), written.evidence.len()), (Outcome::Pass, Some(1.0), 3));
    assert!(written.message.ends_with("; 0.333333 without mitigation, see record"), "{}", written.message);
    assert_eq!(found(fair(), None).outcome, Outcome::Pass);
    assert_eq!(
        (found(unfair(), None).outcome, found(unfair(), Some("")).outcome),
        (Outcome::Missing, Outcome::Missing)
    );
    // A record that says nothing is none.
    for empty in
        [" \n\t", "# Mitigation\n", "TODO", "{}", "# Mitigation\n<!-- write it down -->\n[More Information Needed]\n"]
    {
        let finding = found(unfair(), Some(empty));
        assert_eq!((finding.outcome, finding.reason), (Outcome::Missing, FindingReason::EvidenceEmpty), "{empty:?}");
    }
    assert_eq!(found(unfair(), Some("{\"method\": \"reweighing\"}")).outcome, Outcome::Pass);
    assert_eq!(found(None, Some("reweighed")).outcome, Outcome::Missing);
    assert_eq!(found(Some(rows(0, 0, "0")), Some("reweighed")).outcome, Outcome::Inconclusive);
}

/// Of everybody together the rates are alike; of the young they are not.
#[test]
fn only_rows_of_the_slice_are_looked_at() {
    let mut bytes = "deny,predicted,g,age\n".to_owned();
    for (group, age, denied) in [("a", 20, 0), ("b", 20, 30), ("a", 50, 30), ("b", 50, 0)] {
        for row in 0..40 {
            bytes.push_str(&format!("0,{},{group},{age}\n", u8::from(row < denied)));
        }
    }
    let sliced = |text: &str| Fairness { slice: Some(text.into()), ..four_fifths(&["g"]) };
    let ask = |check: &Fairness| answer(bytes.as_bytes(), Some(columns(&[("g", "g")])), check);
    let whole = ask(&four_fifths(&["g"]));
    assert_eq!((whole.outcome, whole.number()), (Outcome::Pass, Some(1.0)));
    let young = ask(&sliced("row.age < 30"));
    assert_eq!((young.outcome, young.number()), (Outcome::Fail, Some(0.25)), "{}", young.message);
    assert!(young.message.contains("(40 rows)"), "{}", young.message);
    let few = ask(&sliced("row.age < 30 && row.predicted == 9.0"));
    assert_eq!((few.outcome, few.reason), (Outcome::Inconclusive, FindingReason::TooFewRows), "{}", few.message);
    let untold = ask(&sliced("row.height < 30.0"));
    assert_eq!((untold.outcome, untold.reason), (Outcome::Missing, FindingReason::ColumnMissing));
    assert_eq!(untold.number(), None);
}
