//! `drift`: how many columns of the current rows no longer look like the reference.

use super::FEWEST_ROWS;
use super::words::{figure, name, remedy, without_number};
use crate::evaluator::comparison::{Asked, Comparison, Reference, Rows};
use crate::evaluator::slice::SliceError;
use crate::evaluator::sources::Sources;
use crate::measure::drift::{Answer, NotComparable, Side, SideError};
use crate::measure::{MeasureError, benjamini_hochberg};
use crate::policy::check::{Correction, Drift, DriftCompare, DriftRule};
use crate::policy::{Finding, FindingReason, Gate, Limits, Outcome};

/// Answers one drift gate. The number is the share of comparisons that came out as drift.
pub fn find(gate: &Gate, check: &Drift, sources: &mut Sources) -> Finding {
    let rules = [&check.rule].into_iter().chain(check.by_column.iter().map(|own| &own.rule));
    if let Some(rule) = rules.into_iter().find(|rule| rule.compare == DriftCompare::PValue && !rule.method.has_p()) {
        let message = format!("{} has no p-value; compare the statistic in the policy", rule.method.name());
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    let reference = match sources.table(&check.reference) {
        Ok(source) => source,
        Err(error) => return without_number(gate, error.verdict(), &check.reference, error, []),
    };
    if !check.reference_digests.is_empty() && !check.reference_digests.contains(&reference.digest) {
        let wrong = "is not a reference that the policy allows; use one it names by digest";
        let verdict = (Outcome::Error, FindingReason::DigestMismatch);
        return without_number(gate, verdict, &check.reference, wrong, [reference.digest]);
    }
    let current = match sources.table(&check.current) {
        Ok(source) => source,
        Err(error) => return without_number(gate, error.verdict(), &check.current, error, [reference.digest]),
    };
    let digests = (reference.digest, current.digest);
    let shown = [digests.0.clone(), digests.1.clone()];
    if digests.0 == digests.1 {
        let wrong = "is the reference itself, so nothing is compared; give rows that came later";
        let verdict = (Outcome::Inconclusive, FindingReason::NoComparableColumns);
        return without_number(gate, verdict, &check.current, wrong, shown);
    }
    if sources.comparisons.of(check).is_none() {
        let slice = check.slice.as_deref();
        let reference = Reference::open(reference.file, sources.aside(), slice);
        let current = Rows::open(current.file, sources.aside(), slice);
        if let Ok(reference) = &reference {
            sources.read_as(&check.reference, reference.format());
        }
        if let Ok(current) = &current {
            sources.read_as(&check.current, current.format());
        }
        let unusable = [
            (&check.reference, reference.as_ref().map(Reference::count)),
            (&check.current, current.as_ref().map(Rows::count)),
        ]
        .into_iter()
        .find_map(|(evidence, rows)| Some((evidence, enough(rows).err()?)));
        if let Some((evidence, (verdict, wrong))) = unusable {
            return without_number(gate, verdict, evidence, wrong, shown);
        }
        if let (Ok(reference), Ok(current)) = (reference, current) {
            sources.comparisons.make(check, &reference, &current);
        }
    }
    match sources.comparisons.of(check) {
        Some(comparison) => judge(gate, check, comparison).with_evidence(shown),
        // Not reached: what this check asks has just been compared.
        None => not_compared(gate).with_evidence(shown),
    }
}

/// What the gate asks was not asked of the tables: a defect here, and never a pass.
fn not_compared(gate: &Gate) -> Finding {
    let message = "the evaluator did not compare all that the gate asks";
    Finding::new(gate.key.clone(), Outcome::Error, FindingReason::JobFailed, message)
}

fn enough(rows: Result<u64, &SliceError>) -> Result<(), ((Outcome, FindingReason), String)> {
    match rows {
        Ok(0) => Err((MeasureError::Empty.verdict(), MeasureError::Empty.to_string())),
        Ok(rows) if rows < FEWEST_ROWS => {
            let wrong = format!("has {rows} rows, too few to tell; give at least {FEWEST_ROWS}");
            Err(((Outcome::Inconclusive, FindingReason::TooFewRows), wrong))
        }
        Ok(_) => Ok(()),
        Err(error) => Err((error.verdict(), error.to_string())),
    }
}

/// A column's number.
struct Compared<'a> {
    asked: Asked<'a>,
    answer: Answer,
    /// The statistic or the p-value, adjusted when asked.
    number: f64,
}

impl Compared<'_> {
    fn is_drift(&self) -> bool {
        let threshold = self.asked.rule.threshold.value();
        match self.asked.rule.compare {
            DriftCompare::Statistic => self.number >= threshold,
            DriftCompare::PValue => self.number <= threshold,
        }
    }
}

fn judge(gate: &Gate, check: &Drift, comparison: &Comparison) -> Finding {
    let mut compared: Vec<Compared<'_>> = Vec::new();
    let mut unlike: Vec<(Asked<'_>, NotComparable)> = Vec::new();
    for asked in comparison.asked(check) {
        match comparison.answers(&asked).map(|answers| answers.as_ref().map(|all| all.get(&asked.rule.method))) {
            Some(Err(SideError { side, error })) => {
                let evidence = match side {
                    Side::Reference => &check.reference,
                    Side::Current => &check.current,
                };
                return without_number(gate, error.verdict(), evidence, error, []);
            }
            Some(Ok(Some(Ok(answer)))) => {
                let number = match asked.rule.compare {
                    DriftCompare::Statistic => Some(answer.statistic),
                    DriftCompare::PValue => answer.p(),
                };
                match number {
                    Some(number) if number.is_finite() => {
                        compared.push(Compared { asked, answer: answer.clone(), number });
                    }
                    Some(_) | None => unlike.push((asked, NotComparable::NotFinite)),
                }
            }
            Some(Ok(Some(Err(why)))) => unlike.push((asked, why.clone())),
            // Not reached: what is asked here was asked of the tables.
            Some(Ok(None)) | None => return not_compared(gate),
        }
    }
    correct(check.correction, &mut compared);
    // A number that is in doubt may tell of drift, and not that there is none.
    compared.retain(|one| match &one.answer.doubt {
        Some(why) if !one.is_drift() => {
            unlike.push((one.asked, why.clone()));
            false
        }
        Some(_) | None => true,
    });
    let left_out = match unlike.is_empty() {
        true => String::new(),
        false => format!(
            "; not comparable: {}",
            some(unlike.iter().map(|(asked, why)| format!("{} ({why})", name(asked.column))))
        ),
    };
    if compared.is_empty() {
        let message = format!("no column can be compared{left_out}");
        return Finding::new(gate.key.clone(), Outcome::Inconclusive, FindingReason::NoComparableColumns, message);
    }
    let mut drifted: Vec<&Compared<'_>> = compared.iter().filter(|one| one.is_drift()).collect();
    let share = drifted.len() as f64 / compared.len() as f64;
    let limits = Limits::at_most(check.max_drifted_share.clone());
    let (outcome, reason) = limits.judge(share);
    // The farthest beyond its threshold first.
    drifted.sort_by(|a, b| excess(b).total_cmp(&excess(a)));
    let mut message = format!("{} of {} columns drifted ({})", drifted.len(), compared.len(), rules(check));
    if !drifted.is_empty() {
        let several = !check.by_column.is_empty();
        let named = drifted.iter().map(|one| {
            let method = if several { format!("{} ", one.asked.rule.method.name()) } else { String::new() };
            format!("{} {method}{}", name(one.asked.column), figure(one.number))
        });
        message.push_str(&format!(": {}", some(named)));
    }
    message.push_str(&format!(", asked share {limits}"));
    let gone = comparison.gone(check);
    let (outcome, reason) = match outcome {
        // A measured failure stands. A pass does not, when something that was asked is not there or could not be compared.
        Outcome::Pass if !gone.is_empty() => (Outcome::Missing, FindingReason::ColumnMissing),
        Outcome::Pass if unlike.iter().any(|(asked, why)| spoils(asked, why)) => {
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
    if !gone.is_empty() {
        let gone = some(gone.iter().map(|column| name(column)));
        message.push_str(&format!("; only in the reference: {gone}"));
    }
    if !gone.is_empty() || unlike.iter().any(|(_, why)| matches!(why, NotComparable::UnsupportedType(_))) {
        message.push_str("; name the columns to compare in the policy");
    }
    if outcome == Outcome::Fail {
        message.push_str(&format!("; {}", remedy(gate, "look where the data changed, retrain if it is real")));
    }
    Finding::new(gate.key.clone(), outcome, reason, message).with_value(share).with_threshold(&limits)
}

/// Adjusts the p-values that are compared for being many.
fn correct(correction: Correction, compared: &mut [Compared<'_>]) {
    match correction {
        Correction::None => {}
        Correction::BenjaminiHochberg => {
            let tests: Vec<f64> = compared.iter().filter(|one| is_test(one)).map(|one| one.number).collect();
            let adjusted = benjamini_hochberg::adjust(&tests);
            compared.iter_mut().filter(|one| is_test(one)).zip(adjusted).for_each(|(one, p)| one.number = p);
        }
    }
}

/// A number in doubt is none of the tests: it would only make the others look more usual.
fn is_test(one: &Compared<'_>) -> bool {
    one.asked.rule.compare == DriftCompare::PValue && one.answer.doubt.is_none()
}

/// Whether a column that cannot be compared keeps the gate from passing. A column that the policy names always does.
/// Of the others, one that is empty, constant or of another type on one side only has changed in a way no measure tells,
/// and one of a type that no measure knows may have changed in any way.
fn spoils(asked: &Asked<'_>, why: &NotComparable) -> bool {
    match why {
        NotComparable::Null
        | NotComparable::FewValues
        | NotComparable::OneValue
        | NotComparable::NotNumeric
        | NotComparable::NotText => asked.named,
        NotComparable::NullReference
        | NotComparable::NullCurrent
        | NotComparable::ConstantReference
        | NotComparable::FewValuesOnOneSide
        | NotComparable::DifferentTypes
        | NotComparable::UnsupportedType(_)
        | NotComparable::NotFinite
        | NotComparable::NotInProfile => true,
    }
}

/// How far beyond its threshold, so that different methods can stand in one order.
fn excess(one: &Compared<'_>) -> f64 {
    let threshold = one.asked.rule.threshold.value();
    match one.asked.rule.compare {
        DriftCompare::Statistic => one.number / threshold.max(f64::MIN_POSITIVE),
        DriftCompare::PValue => threshold / one.number.max(f64::MIN_POSITIVE),
    }
}

fn rules(check: &Drift) -> String {
    let one = |rule: &DriftRule| {
        let method = rule.method.name();
        match (rule.compare, check.correction) {
            (DriftCompare::Statistic, _) => format!("{method} >= {}", rule.threshold),
            (DriftCompare::PValue, Correction::None) => format!("{method} p <= {}", rule.threshold),
            (DriftCompare::PValue, Correction::BenjaminiHochberg) => {
                format!("{method} adjusted p <= {}", rule.threshold)
            }
        }
    };
    match check.by_column.len() {
        0 => one(&check.rule),
        more => format!("{} and {more} rules by column", one(&check.rule)),
    }
}

fn some(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(3);
    let some = items.take(3).collect::<Vec<_>>().join(", ");
    if more == 0 { some } else { format!("{some} and {more} more") }
}

#[cfg(test)]
mod tests;
