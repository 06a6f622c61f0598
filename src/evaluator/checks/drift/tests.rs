mod types;

use super::*;
use crate::evaluator::checks::testing::{Bench, decimal, gate};
use crate::measure::Profile;
use crate::measure::table::tests::table_of;
use crate::policy::check::{ColumnRule, DriftMethod};
use crate::policy::{Check, Digest};

fn check(method: DriftMethod, compare: DriftCompare, threshold: &str, columns: &[&str]) -> Drift {
    Drift {
        reference: "training".into(),
        reference_digests: vec![],
        current: "recent".into(),
        rule: DriftRule { method, compare, threshold: decimal(threshold) },
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        by_column: vec![],
        correction: Correction::None,
        max_drifted_share: decimal("0.3"),
        slice: None,
    }
}

fn psi(columns: &[&str]) -> Drift {
    check(DriftMethod::Psi, DriftCompare::Statistic, "0.2", columns)
}

fn answer(reference: &[u8], current: &[u8], check: &Drift) -> Finding {
    let mut bench = Bench::new();
    bench.put("training", reference, None);
    bench.put("recent", current, None);
    find(&gate(Check::Drift(check.clone())), check, &mut bench.sources())
}

/// A table of 40 rows; each column gives the text of row i.
fn table(columns: &[(&str, &dyn Fn(usize) -> String)]) -> Vec<u8> {
    let header = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
    let line = |i: usize| columns.iter().map(|(_, cell)| cell(i)).collect::<Vec<_>>().join(",");
    let lines: Vec<String> = (0..40).map(line).collect();
    format!("{header}\n{}\n", lines.join("\n")).into_bytes()
}

fn profile_of(rows: &[u8]) -> Vec<u8> {
    Profile::of(&table_of(rows)).unwrap().write().unwrap()
}

fn same(i: usize) -> String {
    i.to_string()
}
fn near(i: usize) -> String {
    (39 - i).to_string()
}
fn far(i: usize) -> String {
    (i + 30).to_string()
}
fn constant(_: usize) -> String {
    "7".into()
}
fn empty(_: usize) -> String {
    String::new()
}
fn word(i: usize) -> String {
    ["yes", "no"][i % 2].into()
}
fn nan(i: usize) -> String {
    if i == 3 { "NaN".into() } else { i.to_string() }
}
fn worded(i: usize) -> String {
    if i == 3 { "many".into() } else { i.to_string() }
}
fn digit(i: usize) -> String {
    (i % 2).to_string()
}
fn digit_or_word(i: usize) -> String {
    if i == 3 { "many".into() } else { (i % 2).to_string() }
}
fn one_left(i: usize) -> String {
    if i == 20 { i.to_string() } else { String::new() }
}

#[test]
fn the_share_of_drifted_columns_is_judged() {
    let reference = table(&[("a", &same), ("b", &same), ("c", &same), ("d", &word)]);
    let one = table(&[("a", &near), ("b", &far), ("c", &near), ("d", &word)]);
    let two = table(&[("a", &far), ("b", &far), ("c", &near), ("d", &word)]);
    let calm = answer(&reference, &one, &psi(&[]));
    assert_eq!((calm.outcome, calm.number()), (Outcome::Pass, Some(0.25)), "{}", calm.message);
    let turned = answer(&reference, &two, &psi(&[]));
    assert_eq!((turned.outcome, turned.reason), (Outcome::Fail, FindingReason::AboveMaximum));
    assert_eq!(turned.evidence, [Digest::of(&reference), Digest::of(&two)]);
    assert!(turned.message.starts_with("2 of 4 columns drifted (PSI >= 0.2): a "), "{}", turned.message);
    assert_eq!(answer(&reference, &two, &psi(&["c"])).outcome, Outcome::Pass);
    let p = check(DriftMethod::KolmogorovSmirnov, DriftCompare::PValue, "0.05", &["a", "c"]);
    assert_eq!(answer(&reference, &two, &p).number(), Some(0.5));
    let p = check(DriftMethod::ChiSquare, DriftCompare::PValue, "0.05", &["d"]);
    assert_eq!(answer(&reference, &two, &p).number(), Some(0.0));
}

#[test]
fn what_was_not_compared_is_no_pass() {
    use FindingReason::{
        ColumnMissing, ConstantColumn, EvidenceEmpty, EvidenceUnreadable, NoComparableColumns, NotFinite, NothingAsked,
        TooFewRows,
    };
    use Outcome::{Error, Fail, Inconclusive, Missing, Pass};
    let ks = |columns: &[&str]| check(DriftMethod::KolmogorovSmirnov, DriftCompare::Statistic, "0.2", columns);
    let pairs = |a: &dyn Fn(usize) -> String, b: &dyn Fn(usize) -> String| {
        (table(&[("x", a), ("n", &same)]), table(&[("x", b), ("n", &near)]))
    };
    let alone = |a: &dyn Fn(usize) -> String, b: &dyn Fn(usize) -> String| {
        (table(&[("x", a), ("r", &same)]), table(&[("x", b), ("c", &near)]))
    };
    let p = |columns: &[&str]| check(DriftMethod::KolmogorovSmirnov, DriftCompare::PValue, "0.01", columns);
    let cases: [((Vec<u8>, Vec<u8>), Drift, Outcome, FindingReason); 32] = [
        // Nothing else to compare.
        (alone(&constant, &constant), psi(&[]), Inconclusive, NoComparableColumns),
        (alone(&constant, &constant), ks(&[]), Inconclusive, NoComparableColumns),
        (alone(&empty, &empty), psi(&[]), Inconclusive, NoComparableColumns),
        (alone(&same, &empty), ks(&[]), Inconclusive, NoComparableColumns),
        (alone(&word, &word), ks(&[]), Inconclusive, NoComparableColumns),
        ((table(&[("a", &same)]), table(&[("b", &same)])), psi(&[]), Inconclusive, NoComparableColumns),
        // Another column passes.
        (pairs(&constant, &constant), psi(&["x", "n"]), Inconclusive, ConstantColumn),
        (pairs(&word, &word), ks(&["x", "n"]), Inconclusive, ConstantColumn),
        (pairs(&word, &word), ks(&[]), Pass, FindingReason::WithinLimits),
        (pairs(&constant, &constant), psi(&[]), Pass, FindingReason::WithinLimits),
        (pairs(&empty, &empty), ks(&[]), Pass, FindingReason::WithinLimits),
        (pairs(&empty, &empty), ks(&["x", "n"]), Inconclusive, ConstantColumn),
        (pairs(&same, &empty), psi(&[]), Inconclusive, ConstantColumn),
        (pairs(&empty, &same), ks(&[]), Inconclusive, ConstantColumn),
        (pairs(&constant, &same), psi(&[]), Inconclusive, ConstantColumn),
        // Numbers on one side, words among them on the other.
        (pairs(&same, &worded), ks(&[]), Inconclusive, ConstantColumn),
        (pairs(&worded, &same), ks(&[]), Inconclusive, ConstantColumn),
        (pairs(&digit, &digit_or_word), psi(&[]), Inconclusive, ConstantColumn),
        (pairs(&digit, &word), psi(&[]), Fail, FindingReason::AboveMaximum),
        (pairs(&nan, &word), psi(&[]), Error, NotFinite),
        (pairs(&word, &nan), psi(&[]), Error, NotFinite),
        // One value is left, which is not far from any.
        (pairs(&same, &one_left), p(&[]), Inconclusive, ConstantColumn),
        (pairs(&one_left, &one_left), p(&[]), Pass, FindingReason::WithinLimits),
        (pairs(&one_left, &one_left), p(&["x", "n"]), Inconclusive, ConstantColumn),
        // Not usable.
        (pairs(&same, &near), psi(&["y"]), Missing, ColumnMissing),
        (pairs(&same, &nan), psi(&[]), Error, NotFinite),
        (pairs(&nan, &same), ks(&["x"]), Error, NotFinite),
        ((table(&[("n", &same)]), b"n\n1\n2\n3\n".to_vec()), psi(&[]), Inconclusive, TooFewRows),
        ((table(&[("n", &same)]), b"n\n".to_vec()), psi(&[]), Missing, EvidenceEmpty),
        ((table(&[("n", &same)]), b"n,m\n1\n".to_vec()), psi(&[]), Error, EvidenceUnreadable),
        ((table(&[("n", &same)]), table(&[("n", &same)])), psi(&[]), Inconclusive, NoComparableColumns),
        (pairs(&same, &near), check(DriftMethod::Psi, DriftCompare::PValue, "0.2", &[]), Error, NothingAsked),
    ];
    for ((reference, current), check, outcome, reason) in cases {
        let finding = answer(&reference, &current, &check);
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
    }
}

/// A column that is no longer there has drifted as far as a column can.
#[test]
fn a_column_that_is_gone_is_no_pass() {
    let (reference, current) = (table(&[("a", &same), ("b", &same)]), table(&[("a", &near), ("more", &same)]));
    let finding = answer(&reference, &current, &psi(&[]));
    assert_eq!((finding.outcome, finding.reason), (Outcome::Missing, FindingReason::ColumnMissing));
    let said = "; only in the reference: b; name the columns to compare in the policy";
    assert!(finding.message.ends_with(said), "{}", finding.message);
    assert_eq!(answer(&reference, &current, &psi(&["a"])).outcome, Outcome::Pass);
    let drifted = table(&[("a", &far)]);
    assert_eq!(answer(&reference, &drifted, &psi(&[])).outcome, Outcome::Fail);
    // What is new has nothing to be compared with.
    assert_eq!(answer(&table(&[("a", &same)]), &current, &psi(&[])).outcome, Outcome::Pass);
}

#[test]
fn columns_that_cannot_be_compared_are_named() {
    let reference = table(&[("a", &same), ("b", &constant), ("c", &empty)]);
    let current = table(&[("a", &near), ("b", &constant), ("c", &same)]);
    let finding = answer(&reference, &current, &psi(&[]));
    assert_eq!(
        finding.message,
        "0 of 1 columns drifted (PSI >= 0.2), asked share <= 0.3; not comparable: \
         b (one single value), c (empty in the reference)"
    );
}

#[test]
fn only_a_reference_that_the_policy_names() {
    let (reference, current) = (table(&[("a", &same)]), table(&[("a", &near)]));
    let named = |digest: Digest| Drift { reference_digests: vec![digest], ..psi(&[]) };
    assert_eq!(answer(&reference, &current, &named(Digest::of(&reference))).outcome, Outcome::Pass);
    let other = answer(&reference, &current, &named(Digest::of(b"other")));
    assert_eq!((other.outcome, other.reason), (Outcome::Error, FindingReason::DigestMismatch));
}

#[test]
fn live_mortgage_traffic_turns() {
    let read = |path: &str| std::fs::read(format!("{}/examples/mortgage/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let reference = read("evidence/v3/training.parquet");
    let calm = answer(&reference, &read("evidence/v3/recent.csv"), &psi(&[]));
    let turned = answer(&reference, &read("data/turned.csv"), &psi(&[]));
    assert!(calm.number() < turned.number(), "{} / {}", calm.message, turned.message);
}

fn own(columns: &[&str], method: DriftMethod, threshold: &str) -> ColumnRule {
    ColumnRule {
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        lengths: false,
        rule: DriftRule { method, compare: DriftCompare::Statistic, threshold: decimal(threshold) },
    }
}

#[test]
fn each_column_by_its_own_method() {
    let long = |i: usize| if i.is_multiple_of(2) { "x".repeat(i) } else { "y".into() };
    let short = |i: usize| if i.is_multiple_of(2) { "x".repeat(i / 2 + 1) } else { "z".into() };
    let reference = table(&[("a", &same), ("b", &same), ("t", &long), ("w", &word)]);
    let current = table(&[("a", &near), ("b", &far), ("t", &short), ("w", &empty)]);
    let lengths = ColumnRule { lengths: true, ..own(&["t"], DriftMethod::Wasserstein, "5") };
    let check = Drift {
        by_column: vec![
            own(&["b"], DriftMethod::Wasserstein, "29.5"),
            lengths,
            own(&["w"], DriftMethod::MissingShare, "1"),
        ],
        ..psi(&[])
    };
    let finding = answer(&reference, &current, &check);
    assert_eq!((finding.outcome, finding.number()), (Outcome::Fail, Some(0.5)), "{}", finding.message);
    assert!(
        finding.message.starts_with(
            "2 of 4 columns drifted (PSI >= 0.2 and 3 rules by column): b Wasserstein 30, w missing share change 1"
        ),
        "{}",
        finding.message
    );
    // A text's value is no number, and the policy names the column.
    let unlike = Drift { by_column: vec![own(&["t"], DriftMethod::Wasserstein, "5")], ..psi(&["a"]) };
    let finding = answer(&reference, &current, &unlike);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::ConstantColumn));
}

#[test]
fn many_tests_are_corrected() {
    // Shifted a little: p is about 0.03 on each of two columns of five.
    let shifted = |i: usize| (i + 14).to_string();
    let names = ["a", "b", "c", "d", "e"];
    let of = |cell: &dyn Fn(usize) -> String, shift: &dyn Fn(usize) -> String| {
        table(&names.map(|name| (name, if name == "a" { shift } else { cell })))
    };
    let plain = check(DriftMethod::KolmogorovSmirnov, DriftCompare::PValue, "0.05", &[]);
    let corrected = Drift { correction: Correction::BenjaminiHochberg, ..plain.clone() };
    let (reference, current) = (of(&same, &same), of(&near, &shifted));
    let drifted = |check: &Drift| answer(&reference, &current, check).number();
    assert_eq!((drifted(&plain), drifted(&corrected)), (Some(0.2), Some(0.0)));
}

#[test]
fn a_profile_stands_for_the_rows_it_was_made_of() {
    let reference = table(&[("a", &same), ("b", &same), ("w", &word), ("e", &empty)]);
    let current = table(&[("a", &near), ("b", &far), ("w", &word), ("e", &empty)]);
    let profile = profile_of(&reference);
    for method in
        [DriftMethod::Psi, DriftMethod::KolmogorovSmirnov, DriftMethod::NormalizedWasserstein, DriftMethod::ChiSquare]
    {
        let check = check(method, DriftCompare::Statistic, "0.2", &[]);
        let (rows, kept) = (answer(&reference, &current, &check), answer(&profile, &current, &check));
        assert_eq!((rows.outcome, rows.value, rows.message), (kept.outcome, kept.value, kept.message));
    }
    let broken = answer(&profile[..profile.len() - 3], &current, &psi(&[]));
    assert_eq!((broken.outcome, broken.reason), (Outcome::Error, FindingReason::EvidenceUnreadable));
}

#[test]
fn gates_on_the_same_tables_share_one_reading() {
    let mut bench = Bench::new();
    bench.put("training", &table(&[("a", &same), ("b", &same)]), None);
    bench.put("recent", &table(&[("a", &near), ("b", &far)]), None);
    let other = check(DriftMethod::KolmogorovSmirnov, DriftCompare::Statistic, "0.2", &["b"]);
    let missing = psi(&["c"]);
    let mut sources = bench.sources();
    sources.comparisons.expect([psi(&["a"]), other.clone(), missing.clone()]);
    let mut find = |check: &Drift| find(&gate(Check::Drift(check.clone())), check, &mut sources);
    assert_eq!(find(&psi(&["a"])).number(), Some(0.0));
    // Without the tables: they were read for all three.
    let copies = std::fs::read_dir(bench.copies()).unwrap();
    copies.for_each(|copy| std::fs::write(copy.unwrap().path(), "a\n").unwrap());
    assert_eq!(find(&other).number(), Some(1.0));
    assert_eq!(find(&missing).reason, FindingReason::ColumnMissing);
}

/// What was read for one question answers no other: not of another name for the same bytes, and not of other columns.
#[test]
fn each_gate_is_answered_by_what_it_asks() {
    let (training, recent) = (table(&[("a", &same), ("b", &same)]), table(&[("a", &near), ("b", &far)]));
    let mut bench = Bench::new();
    bench.put("training", &training, None);
    bench.put("training-again", &training, None);
    bench.put("recent", &recent, None);
    let calm = psi(&["a"]);
    let renamed = Drift { reference: "training-again".into(), ..psi(&[]) };
    let renamed_method = Drift { by_column: vec![own(&["a"], DriftMethod::Psi, "0.2")], ..renamed.clone() };
    let renamed_method = Drift { rule: own(&[], DriftMethod::KolmogorovSmirnov, "0.2").rule, ..renamed_method };
    // Nobody told of these two before.
    let (more, other) = (psi(&[]), check(DriftMethod::KolmogorovSmirnov, DriftCompare::Statistic, "0.2", &["b"]));
    let mut sources = bench.sources();
    sources.comparisons.expect([calm.clone(), renamed.clone(), renamed_method.clone()]);
    for (check, outcome, share) in [
        (calm, Outcome::Pass, 0.0),
        (renamed, Outcome::Fail, 0.5),
        (renamed_method, Outcome::Fail, 0.5),
        (more, Outcome::Fail, 0.5),
        (other, Outcome::Fail, 1.0),
    ] {
        let finding = find(&gate(Check::Drift(check.clone())), &check, &mut sources);
        assert_eq!((finding.outcome, finding.number()), (outcome, Some(share)), "{}", finding.message);
    }
}

/// A profile that keeps not every number never passes what the rows fail.
#[test]
fn what_a_profile_leaves_out_counts_for_drift() {
    let lines = |values: &mut dyn Iterator<Item = f64>| {
        format!("x\n{}", values.map(|value| format!("{value:?}\n")).collect::<String>()).into_bytes()
    };
    // Of each two only the upper is kept, and the other lies as far down as it can.
    let reference = lines(&mut (0..2000).flat_map(|i| [f64::from(i) - 1.0 + 1e-9, f64::from(i)]));
    let current = lines(&mut (0..2000).map(|i| f64::from(i) + 99.5));
    let profile = profile_of(&reference);
    let threshold = "0.05025";
    let statistic = check(DriftMethod::KolmogorovSmirnov, DriftCompare::Statistic, threshold, &[]);
    let p = check(DriftMethod::KolmogorovSmirnov, DriftCompare::PValue, "0.0024", &[]);
    let corrected = Drift { correction: Correction::BenjaminiHochberg, ..p.clone() };
    for check in [statistic, p, corrected] {
        let (rows, kept) = (answer(&reference, &current, &check), answer(&profile, &current, &check));
        assert_eq!((rows.outcome, kept.outcome), (Outcome::Fail, Outcome::Fail), "{} {}", rows.message, kept.message);
    }
}

/// Two gates that compare other rows of the same tables do not answer for one another.
#[test]
fn slices_of_the_same_tables_are_apart() {
    let region = |i: usize| ["EU", "US"][i % 2].to_owned();
    let moved = |i: usize| (i + 40 * (i % 2)).to_string();
    let (reference, current) =
        (table(&[("x", &same), ("region", &region)]), table(&[("x", &moved), ("region", &region)]));
    let of = |region: &str| Drift { slice: Some(format!("row.region == '{region}'")), ..psi(&["x"]) };
    let mut bench = Bench::new();
    bench.put("training", &reference, None);
    bench.put("recent", &current, None);
    let mut sources = bench.sources();
    let checks = [psi(&["x"]), of("EU"), of("US"), of("UK")];
    sources.comparisons.expect(checks.iter().cloned());
    let found = checks.map(|check| find(&gate(Check::Drift(check.clone())), &check, &mut sources));
    assert_eq!(found.clone().map(|f| f.outcome), [Outcome::Fail, Outcome::Pass, Outcome::Fail, Outcome::Inconclusive]);
    assert_eq!(found[3].reason, FindingReason::TooFewRows);
    // Nineteen rows and one are not forty.
    let few = Drift { slice: Some("row.x < 5".into()), ..psi(&["x"]) };
    let few = answer(&reference, &current, &few);
    assert_eq!((few.outcome, few.reason), (Outcome::Inconclusive, FindingReason::TooFewRows), "{}", few.message);
}

#[test]
fn a_profile_has_no_rows_to_choose_from() {
    let rows = table(&[("x", &same)]);
    let profile = profile_of(&rows);
    let found = answer(&profile, &table(&[("x", &near)]), &Drift { slice: Some("row.x > 1".into()), ..psi(&["x"]) });
    assert_eq!((found.outcome, found.reason), (Outcome::Error, FindingReason::NothingAsked), "{}", found.message);
    assert!(found.message.contains("keeps no rows"), "{}", found.message);
}

/// Two and three of ten, or a tenth: not one digit below it.
#[test]
fn what_lies_on_its_threshold_is_drift() {
    let missing = |count: usize| move |i: usize| if i % 10 < count { String::new() } else { (i % 10).to_string() };
    let words = |count: usize| move |i: usize| if i % 10 < count { "a".to_owned() } else { "b".to_owned() };
    for (method, one, two) in [
        (DriftMethod::MissingShare, table(&[("x", &missing(2))]), table(&[("x", &missing(3))])),
        (DriftMethod::MissingShare, table(&[("x", &missing(3))]), table(&[("x", &missing(2))])),
        (DriftMethod::TotalVariation, table(&[("x", &words(2))]), table(&[("x", &words(3))])),
    ] {
        let finding = answer(&one, &two, &check(method, DriftCompare::Statistic, "0.1", &[]));
        assert_eq!(finding.outcome, Outcome::Fail, "{}", finding.message);
    }
}
