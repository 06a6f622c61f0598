//! `drift`: how many columns of the current rows no longer look like the reference.

use super::FEWEST_ROWS;
use super::words::{figure, name, remedy, without_number};
use crate::evaluator::sources::Sources;
use crate::measure::Table;
use crate::measure::drift::{Answer, Compared, NotComparable, Side, compare};
use crate::policy::check::{Drift, DriftCompare, DriftMethod};
use crate::policy::{Finding, FindingReason, Gate, Limits, Outcome};

/// Answers one drift gate. The number is the share of compared columns that drifted.
pub fn find(gate: &Gate, check: &Drift, sources: &mut Sources) -> Finding {
    if (check.method, check.compare) == (DriftMethod::Psi, DriftCompare::PValue) {
        let message = "PSI has no p-value; compare the statistic in the policy";
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    let reference = match sources.table(&check.reference) {
        Ok(source) => source,
        Err(error) => return without_number(gate, error.verdict(), &check.reference, error, []),
    };
    let digests = vec![reference.digest];
    if !check.reference_digests.is_empty() && !check.reference_digests.contains(&digests[0]) {
        let wrong = "is not a reference that the policy allows; use one it names by digest";
        return without_number(gate, (Outcome::Error, FindingReason::DigestMismatch), &check.reference, wrong, digests);
    }
    let current = match sources.table(&check.current) {
        Ok(source) => source,
        Err(error) => return without_number(gate, error.verdict(), &check.current, error, digests),
    };
    let digests = vec![digests[0].clone(), current.digest];
    if digests[0] == digests[1] {
        let wrong = "is the reference itself, so nothing is compared; give rows that came later";
        let verdict = (Outcome::Inconclusive, FindingReason::NoComparableColumns);
        return without_number(gate, verdict, &check.current, wrong, digests);
    }
    let tables =
        [(&check.reference, reference.file), (&check.current, current.file)].map(|(evidence, file)| match Table::open(
            file,
        ) {
            Ok(table) if table.rows() == 0 => {
                Err((evidence, (Outcome::Missing, FindingReason::EvidenceEmpty), "has no rows".to_owned()))
            }
            Ok(table) if table.rows() < FEWEST_ROWS => {
                let wrong = format!("has {} rows, too few to tell; give at least {FEWEST_ROWS}", table.rows());
                Err((evidence, (Outcome::Inconclusive, FindingReason::TooFewRows), wrong))
            }
            Ok(table) => Ok(table),
            Err(error) => Err((evidence, error.verdict(), error.to_string())),
        });
    let (reference, current) = match tables {
        [Ok(reference), Ok(current)] => (reference, current),
        [Err((evidence, verdict, wrong)), _] | [_, Err((evidence, verdict, wrong))] => {
            return without_number(gate, verdict, evidence, wrong, digests);
        }
    };
    match compare(&reference, &current, &check.columns, check.method) {
        Ok(columns) => judge(gate, check, &columns).with_evidence(digests),
        Err(failed) => {
            let evidence = match failed.side {
                Side::Reference => &check.reference,
                Side::Current => &check.current,
            };
            without_number(gate, failed.error.verdict(), evidence, failed.error, digests)
        }
    }
}

fn judge(gate: &Gate, check: &Drift, columns: &[Compared]) -> Finding {
    let mut answers: Vec<(&str, Answer)> = Vec::new();
    let mut unlike: Vec<(&str, &NotComparable)> = Vec::new();
    for compared in columns {
        match &compared.answer {
            Ok(answer) if answer.constant => unlike.push((&compared.column, &NotComparable::OneValue)),
            Ok(answer) => answers.push((&compared.column, *answer)),
            Err(why) => unlike.push((&compared.column, why)),
        }
    }
    let left_out = match unlike.is_empty() {
        true => String::new(),
        false => format!(
            "; not comparable: {}",
            some(unlike.iter().map(|(column, why)| format!("{} ({why})", name(column))))
        ),
    };
    if answers.is_empty() {
        let message = format!("no column can be compared{left_out}");
        return Finding::new(gate.key.clone(), Outcome::Inconclusive, FindingReason::NoComparableColumns, message);
    }
    let mut drifted: Vec<(&str, f64)> =
        answers.iter().filter_map(|(column, a)| beyond(check, a).map(|v| (*column, v))).collect();
    let share = drifted.len() as f64 / answers.len() as f64;
    let limits = Limits::at_most(check.max_drifted_share.clone());
    let (outcome, reason) = limits.judge(share);
    drifted.sort_by(|a, b| match check.compare {
        DriftCompare::Statistic => b.1.total_cmp(&a.1),
        DriftCompare::PValue => a.1.total_cmp(&b.1),
    });
    let mut message = format!("{} of {} columns drifted ({})", drifted.len(), answers.len(), rule(check));
    if !drifted.is_empty() {
        let named = some(drifted.iter().map(|(column, value)| format!("{} {}", name(column), figure(*value))));
        message.push_str(&format!(": {named}"));
    }
    message.push_str(&format!(", asked share {limits}"));
    let (outcome, reason) = match outcome {
        // A measured failure stands. A pass does not, when something that was asked could not be compared.
        Outcome::Pass if unlike.iter().any(|(_, why)| spoils(check, why)) => {
            (Outcome::Inconclusive, FindingReason::ConstantColumn)
        }
        Outcome::Pass
        | Outcome::Skipped
        | Outcome::Warn
        | Outcome::Inconclusive
        | Outcome::Missing
        | Outcome::Error
        | Outcome::Fail => (outcome, reason),
    };
    message.push_str(&left_out);
    if outcome == Outcome::Fail {
        message.push_str(&format!("; {}", remedy(gate, "look where the data changed, retrain if it is real")));
    }
    Finding::new(gate.key.clone(), outcome, reason, message).with_value(share).with_threshold(&limits)
}

/// Whether a column that cannot be compared keeps the gate from passing. A column that the policy names always does.
/// Of the others, one that is empty or constant on one side only has changed in a way no measure tells.
fn spoils(check: &Drift, why: &NotComparable) -> bool {
    match why {
        NotComparable::Null
        | NotComparable::OneValue
        | NotComparable::NotNumeric
        | NotComparable::UnsupportedType(_) => !check.columns.is_empty(),
        NotComparable::NullReference | NotComparable::NullCurrent | NotComparable::ConstantReference => true,
    }
}

/// The compared number, if it is drift.
fn beyond(check: &Drift, answer: &Answer) -> Option<f64> {
    match (check.compare, answer.p) {
        (DriftCompare::Statistic, _) => Some(answer.statistic).filter(|value| *value >= check.threshold.value()),
        (DriftCompare::PValue, Some(p)) => Some(p).filter(|p| *p <= check.threshold.value()),
        // Not reached: only PSI has none, and it was refused above. Counted as drift, never as none.
        (DriftCompare::PValue, None) => Some(answer.statistic),
    }
}

fn rule(check: &Drift) -> String {
    let method = match check.method {
        DriftMethod::Psi => "PSI",
        DriftMethod::KolmogorovSmirnov => "KS",
        DriftMethod::ChiSquare => "chi-square",
    };
    match check.compare {
        DriftCompare::Statistic => format!("{method} >= {}", check.threshold),
        DriftCompare::PValue => format!("{method} p <= {}", check.threshold),
    }
}

fn some(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(3);
    let some = items.take(3).collect::<Vec<_>>().join(", ");
    if more == 0 { some } else { format!("{some} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, decimal, gate};
    use crate::policy::{Check, Digest};

    fn check(method: DriftMethod, compare: DriftCompare, threshold: &str, columns: &[&str]) -> Drift {
        Drift {
            reference: "training".into(),
            reference_digests: vec![],
            current: "recent".into(),
            method,
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            compare,
            threshold: decimal(threshold),
            max_drifted_share: decimal("0.3"),
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
            ColumnMissing, ConstantColumn, EvidenceEmpty, EvidenceUnreadable, NoComparableColumns, NotFinite,
            NothingAsked, TooFewRows,
        };
        use Outcome::{Error, Inconclusive, Missing, Pass};
        let ks = |columns: &[&str]| check(DriftMethod::KolmogorovSmirnov, DriftCompare::Statistic, "0.2", columns);
        let pairs = |a: &dyn Fn(usize) -> String, b: &dyn Fn(usize) -> String| {
            (table(&[("x", a), ("n", &same)]), table(&[("x", b), ("n", &near)]))
        };
        let alone = |a: &dyn Fn(usize) -> String, b: &dyn Fn(usize) -> String| {
            (table(&[("x", a), ("r", &same)]), table(&[("x", b), ("c", &near)]))
        };
        let cases: [((Vec<u8>, Vec<u8>), Drift, Outcome, FindingReason); 23] = [
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
            // Not usable.
            (pairs(&same, &near), psi(&["y"]), Missing, ColumnMissing),
            (pairs(&same, &nan), psi(&[]), Error, NotFinite),
            (pairs(&nan, &same), ks(&["x"]), Error, NotFinite),
            ((table(&[("n", &same)]), b"n\n1\n2\n3\n".to_vec()), psi(&[]), Inconclusive, TooFewRows),
            ((table(&[("n", &same)]), b"n\n".to_vec()), psi(&[]), Missing, EvidenceEmpty),
            ((table(&[("n", &same)]), b"n,m\n1\n".to_vec()), psi(&[]), Error, EvidenceUnreadable),
            ((table(&[("n", &same)]), table(&[("n", &same)])), psi(&[]), Inconclusive, NoComparableColumns),
            (pairs(&same, &near), Drift { compare: DriftCompare::PValue, ..psi(&[]) }, Error, NothingAsked),
        ];
        for ((reference, current), check, outcome, reason) in cases {
            let finding = answer(&reference, &current, &check);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
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
        let read =
            |path: &str| std::fs::read(format!("{}/examples/mortgage/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let reference = read("evidence/v3/training.parquet");
        let calm = answer(&reference, &read("evidence/v3/recent.csv"), &psi(&[]));
        let turned = answer(&reference, &read("data/turned.csv"), &psi(&[]));
        assert!(calm.number() < turned.number(), "{} / {}", calm.message, turned.message);
    }
}
