//! `fairness`: how unequal the favourable outcome is between the groups of sensitive attributes.

use super::FEWEST_ROWS;
use super::words::{figure, name, remedy, without_number};
use crate::evaluator::counted::Counts;
use crate::evaluator::slice::select;
use crate::evaluator::sources::Sources;
use crate::evidence::document::says_something;
use crate::measure::fairness::calibration::{Calibration, calibrate};
use crate::measure::fairness::{Bound, Gap, Group, GroupRate, Groups, Rate, Roles, Undefined, count};
use crate::measure::rows::Selected;
use crate::measure::{MeasureError, Table};
use crate::policy::check::{Fairness, FairnessMeasure, Mitigation, Needs, SmallGroups};
use crate::policy::{Columns, Digest, Finding, FindingReason, Gate, Limits, Outcome};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;

/// Longest record of a mitigation, in bytes.
const MAX_RECORD: usize = 1 << 20;
/// Attributes of which every two and more are taken together.
const MOST_TOGETHER: usize = 4;

/// Answers one fairness gate: the attribute with the worst outcome speaks for all.
pub fn find(gate: &Gate, check: &Fairness, sources: &mut Sources) -> Finding {
    if check.attributes.is_empty() || check.limits == Limits::default() {
        let message = "the gate names no attribute or no bound; add them in the policy";
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    if check.measure == FairnessMeasure::CalibrationGap && check.confidence.is_some() {
        let message = "a calibration gap has no interval; leave confidence out in the policy";
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    if check.intersections && check.attributes.len() > MOST_TOGETHER {
        let message = format!("intersections are of at most {MOST_TOGETHER} attributes; name fewer in the policy");
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message);
    }
    let (answer, digest) = match evaluate(gate, check, &check.evidence, sources) {
        Ok(answered) => answered,
        Err(finding) => return *finding,
    };
    match &check.mitigation {
        Some(mitigation) if answer.outcome == Outcome::Pass => {
            mitigated(gate, check, mitigation, (answer, digest), sources)
        }
        Some(_) | None => finding(gate, check, answer, [digest]),
    }
}

fn finding(gate: &Gate, check: &Fairness, answer: Answer, digests: impl IntoIterator<Item = Digest>) -> Finding {
    let finding = Finding::new(gate.key.clone(), answer.outcome, answer.reason, answer.message)
        .with_threshold(&check.limits)
        .with_evidence(digests);
    match answer.value {
        Some(value) => finding.with_value(value),
        None => finding,
    }
}

/// Predictions that pass, of a gate that wants to know what was done to them.
fn mitigated(
    gate: &Gate,
    check: &Fairness,
    mitigation: &Mitigation,
    (mut answer, digest): (Answer, Digest),
    sources: &mut Sources,
) -> Finding {
    let (before, before_digest) = match evaluate(gate, check, &mitigation.unmitigated, sources) {
        Ok(answered) => answered,
        Err(finding) => return *finding,
    };
    let digests = [digest, before_digest];
    match before.outcome {
        Outcome::Pass => finding(gate, check, answer, digests),
        Outcome::Fail => match sources.document(&mitigation.evidence, MAX_RECORD) {
            Ok(record) => {
                if let Err(error) = says_something(&record.bytes) {
                    return without_number(gate, error.verdict(), &mitigation.evidence, error, digests);
                }
                let was = before.value.map(figure).unwrap_or_default();
                let told = format!("; {was} without mitigation, see {}", name(&mitigation.evidence));
                answer.message.push_str(&told);
                finding(gate, check, answer, digests.into_iter().chain([record.digest]))
            }
            Err(error) => {
                let wrong = format!("{error}; only mitigation makes this gate pass, so say there what was done");
                without_number(gate, error.verdict(), &mitigation.evidence, wrong, digests)
            }
        },
        // What cannot be told of the predictions before cannot be told of the mitigation.
        Outcome::Skipped | Outcome::Warn | Outcome::Inconclusive | Outcome::Missing | Outcome::Error => {
            without_number(gate, (before.outcome, before.reason), &mitigation.unmitigated, before.message, digests)
        }
    }
}

/// The worst answer over all attributes of one table of predictions; a finding when there is none.
fn evaluate(
    gate: &Gate,
    check: &Fairness,
    evidence: &str,
    sources: &mut Sources,
) -> Result<(Answer, Digest), Box<Finding>> {
    let source = sources
        .table(evidence)
        .map_err(|error| Box::new(without_number(gate, error.verdict(), evidence, error, [])))?;
    let digest = source.digest;
    let unusable = |verdict, wrong: String| Box::new(without_number(gate, verdict, evidence, wrong, [digest.clone()]));
    let mapped = map(check, source.columns.as_ref())
        .map_err(|wrong| unusable((Outcome::Missing, FindingReason::ColumnMissing), wrong))?;
    let measured = |error: MeasureError| match error {
        MeasureError::ColumnMissing { .. } => {
            unusable(error.verdict(), format!("{error}; correct the release's columns"))
        }
        other => unusable(other.verdict(), other.to_string()),
    };
    let format = Cell::new(None);
    let opened = |file: File| -> Result<(Table, Option<Selected>), Box<Finding>> {
        let table = Table::open(file).map_err(measured)?;
        format.set(Some(table.format()));
        let rows = select(&table, check.slice.as_deref());
        Ok((table, rows.map_err(|error| unusable(error.verdict(), error.to_string()))?))
    };
    let sets = mapped.sets(check.intersections);
    let roles =
        Roles { label: mapped.label, prediction: mapped.prediction, protected: &sets, favorable: mapped.favorable };
    let counts = sources.counted.of(&digest, check.slice.as_deref(), roles, || {
        let (table, rows) = opened(source.file)?;
        let groups = count(&table, rows.as_ref(), roles).map_err(measured)?;
        Ok::<_, Box<Finding>>(Counts { groups, rows: rows.as_ref().map_or(table.rows(), Selected::count) })
    });
    if let Some(format) = format.get() {
        sources.read_as(evidence, format);
    }
    let counts = counts?;
    let groups = &counts.groups;
    if counts.rows < FEWEST_ROWS {
        let wrong = format!("has {} rows, too few to tell; give at least {FEWEST_ROWS}", counts.rows);
        return Err(unusable((Outcome::Inconclusive, FindingReason::TooFewRows), wrong));
    }
    // Every row is in a group of each set of attributes.
    let holds = |count: fn(&Group) -> u64| groups.iter().flat_map(|groups| groups.0.values()).any(|g| count(g) > 0);
    let (in_label, in_prediction) = (holds(|group| group.deserving), holds(|group| group.selected));
    let absent = match (check.measure.needs(), mapped.label) {
        (Needs::Label | Needs::LabelAndScore, Some(label)) if !in_label => Some(label),
        // A label that holds it shows that it is no slip of the pen.
        (Needs::Nothing | Needs::Label | Needs::LabelAndScore, _) => {
            (!in_label && !in_prediction).then_some(mapped.prediction)
        }
    };
    if let Some(column) = absent {
        let wrong = format!(
            "has no row with the favorable value {:?} in {}; correct it in the release",
            name(mapped.favorable),
            name(column)
        );
        return Err(unusable((Outcome::Error, FindingReason::EvidenceUnreadable), wrong));
    }
    let answers: Vec<Answer> = match (check.measure.needs(), mapped.label, mapped.score) {
        (Needs::LabelAndScore, Some(label), Some(score)) => {
            let again = sources.table(evidence).map_err(|error| unusable(error.verdict(), error.to_string()))?;
            let (table, rows) = opened(again.file)?;
            let asked = (label, score, mapped.favorable);
            let calibrated = calibrate(&table, rows.as_ref(), asked, &sets).map_err(measured)?;
            let named = sets.iter().zip(&calibrated).zip(groups);
            named
                .map(|((set, errors), groups)| judge_calibration(gate, check, &attribute(set), errors, groups))
                .collect()
        }
        (Needs::Nothing | Needs::Label | Needs::LabelAndScore, _, _) => {
            let named = sets.iter().zip(groups);
            named.map(|(set, groups)| judge(gate, check, &attribute(set), groups)).collect()
        }
    };
    let worst =
        answers.into_iter().reduce(|worst, next| if next.rank(check) > worst.rank(check) { next } else { worst });
    worst
        .map(|worst| (worst, digest.clone()))
        .ok_or_else(|| unusable((Outcome::Inconclusive, FindingReason::TooFewGroups), "has no groups".to_owned()))
}

struct Mapped<'a> {
    label: Option<&'a str>,
    prediction: &'a str,
    score: Option<&'a str>,
    favorable: &'a str,
    /// Attribute and column.
    protected: Vec<(&'a str, &'a str)>,
}

impl<'a> Mapped<'a> {
    /// Every attribute alone, and every two and more of them together if asked.
    fn sets(&self, intersections: bool) -> Vec<Vec<(&'a str, &'a str)>> {
        let alone = self.protected.iter().map(|one| vec![*one]);
        if !intersections {
            return alone.collect();
        }
        let together =
            (1u32..1 << self.protected.len().min(MOST_TOGETHER)).filter(|set| set.count_ones() > 1).map(|set| {
                let members = self.protected.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
                members.map(|(_, one)| *one).collect()
            });
        alone.chain(together).collect()
    }
}

/// What a set of attributes is called in a sentence.
fn attribute(set: &[(&str, &str)]) -> String {
    set.iter().map(|(attribute, _)| name(attribute)).collect::<Vec<_>>().join(" and ")
}

/// The policy names attributes, the release says which columns hold them.
fn map<'a>(check: &'a Fairness, columns: Option<&'a Columns>) -> Result<Mapped<'a>, String> {
    let columns = columns.ok_or("is not described; say in the release which columns hold what")?;
    let prediction = columns.prediction.as_deref().ok_or("has no prediction column named in the release")?;
    let (label, score) = (columns.label.as_deref(), columns.score.as_deref());
    match check.measure.needs() {
        Needs::Label | Needs::LabelAndScore if label.is_none() => {
            return Err("has no label column named in the release, and this measure needs one".to_owned());
        }
        Needs::LabelAndScore if score.is_none() => {
            return Err("has no score column named in the release, and this measure needs one".to_owned());
        }
        Needs::Label | Needs::LabelAndScore if label == Some(prediction) || label == score => {
            return Err(
                "has one column named as label and as what is compared with it; name both in the release".to_owned()
            );
        }
        Needs::Nothing | Needs::Label | Needs::LabelAndScore => {}
    }
    let column_of = |attribute: &'a String| {
        let found = columns.protected.iter().find(|p| p.attribute == *attribute);
        found.map(|p| (attribute.as_str(), p.column.as_str())).ok_or_else(|| {
            format!("has no column for attribute {:?}; name it under columns.protected in the release", name(attribute))
        })
    };
    let protected = check.attributes.iter().map(column_of).collect::<Result<_, _>>()?;
    Ok(Mapped { label, prediction, score, favorable: &columns.favorable, protected })
}

struct Answer {
    outcome: Outcome,
    reason: FindingReason,
    value: Option<f64>,
    message: String,
}

impl Answer {
    fn untold(reason: FindingReason, message: String) -> Self {
        Self { outcome: Outcome::Inconclusive, reason, value: None, message }
    }

    fn told(gate: &Gate, check: &Fairness, value: f64, mut message: String) -> Self {
        let (outcome, reason) = check.limits.judge(value);
        if outcome == Outcome::Fail {
            message.push_str("; ");
            message.push_str(remedy(gate, "retrain with mitigation, then release a new version"));
        }
        Self { outcome, reason, value: Some(value), message }
    }

    /// Greater is worse: the outcome first, then how far the number is from equality.
    fn rank(&self, check: &Fairness) -> (Outcome, f64) {
        let unequal = self.value.map_or(0.0, |value| if check.measure.is_ratio() { 1.0 - value } else { value });
        (self.outcome, unequal)
    }
}

fn judge(gate: &Gate, check: &Fairness, attribute: &str, all: &Groups) -> Answer {
    let (groups, left_out) = match large_enough(check, attribute, all) {
        Ok(kept) => kept,
        Err(answer) => return answer,
    };
    if groups.0.values().all(|group| group.selected == 0) {
        let message = format!("nobody got the favorable outcome, so groups of {attribute} cannot be compared");
        return Answer::untold(FindingReason::UndefinedRatio, message);
    }
    let undefined = |undefined: Undefined| {
        let (reason, what) = match undefined {
            Undefined::OneGroup => (FindingReason::TooFewGroups, "has fewer than two groups"),
            Undefined::NoFavorableLabels => (FindingReason::UndefinedRatio, "has a group without favorable labels"),
            Undefined::NoUnfavorableLabels => (FindingReason::UndefinedRatio, "has a group without unfavorable labels"),
            Undefined::NoFavorablePredictions => {
                (FindingReason::UndefinedRatio, "has a group without favorable predictions")
            }
            Undefined::NobodySelected => (FindingReason::UndefinedRatio, "has no group with the favorable outcome"),
        };
        Answer::untold(reason, format!("{attribute} {what}, so the measure has no value; evaluate on more rows"))
    };
    let found = match &check.confidence {
        None => groups.measure(check.measure).map(|gap| (describe(check, attribute, &gap), gap.value)),
        Some(confidence) => groups.bound(check.measure, confidence.value()).map(|Bound { gap, end }| {
            (format!("{}, {} at confidence {confidence}", describe(check, attribute, &gap), figure(end)), end)
        }),
    };
    let (mut message, value) = match found {
        Ok(found) => found,
        Err(why) => return undefined(why),
    };
    message.push_str(&format!(", asked {}{left_out}", check.limits));
    Answer::told(gate, check, value, message)
}

/// The groups that are compared, and words about those that are not.
fn large_enough(check: &Fairness, attribute: &str, groups: &Groups) -> Result<(Groups, String), Answer> {
    if let [only] = groups.0.keys().collect::<Vec<_>>()[..] {
        let only = called(attribute, only);
        let message = format!("all rows have {only}: nobody to compare with; add rows of other groups");
        return Err(Answer::untold(FindingReason::TooFewGroups, message));
    }
    let (kept, left_out) = groups.of_at_least(check.min_group_size);
    if left_out == 0 {
        return Ok((kept, String::new()));
    }
    match check.small_groups {
        SmallGroups::LeaveOut if kept.0.len() > 1 => {
            Ok((kept, format!("; {left_out} groups under {} rows left out", check.min_group_size)))
        }
        SmallGroups::LeaveOut => {
            let message = format!(
                "{attribute} has {} groups of at least {} rows: nothing to compare; evaluate on more rows",
                kept.0.len(),
                check.min_group_size
            );
            Err(Answer::untold(FindingReason::GroupTooSmall, message))
        }
        SmallGroups::Inconclusive => {
            let smallest = groups.0.iter().min_by_key(|(_, group)| group.rows);
            let (group, rows) = smallest.map_or(("", 0), |(group, counts)| (group.as_str(), counts.rows));
            let message = format!(
                "{} has {rows} rows, asked at least {}: its rate says nothing; evaluate on more rows of it",
                called(attribute, group),
                check.min_group_size
            );
            Err(Answer::untold(FindingReason::GroupTooSmall, message))
        }
    }
}

/// A group of one attribute is named by its value alone.
fn called(attribute: &str, group: &str) -> String {
    if attribute.contains(" and ") { name(group) } else { format!("{attribute}={}", name(group)) }
}

fn judge_calibration(
    gate: &Gate,
    check: &Fairness,
    attribute: &str,
    errors: &BTreeMap<String, Calibration>,
    all: &Groups,
) -> Answer {
    let (groups, left_out) = match large_enough(check, attribute, all) {
        Ok(kept) => kept,
        Err(answer) => return answer,
    };
    let of_groups = groups.0.keys().map(|group| errors.get(group).map(|one| (group, one.error(), one.rows())));
    let of_groups: Option<Vec<_>> = of_groups.collect();
    let larger = |worst: (_, f64, _), next: (_, f64, _)| if next.1 > worst.1 { next } else { worst };
    match of_groups.and_then(|groups| groups.into_iter().reduce(larger)) {
        Some((group, error, rows)) => {
            let message = format!(
                "calibration error is largest for {}: {} ({rows} rows), asked {}{left_out}",
                called(attribute, group),
                figure(error),
                check.limits
            );
            Answer::told(gate, check, error, message)
        }
        None => Answer::untold(FindingReason::TooFewGroups, format!("{attribute} has no groups")),
    }
}

fn describe(check: &Fairness, attribute: &str, gap: &Gap<'_>) -> String {
    let rate = match gap.rate {
        Rate::Selection => "favorable rate",
        Rate::TruePositive => "true positive rate",
        Rate::FalsePositive => "false positive rate",
        Rate::FalseNegative => "false negative rate",
        Rate::Precision => "precision",
    };
    let measure = if check.measure.is_ratio() { "ratio" } else { "difference" };
    let side = |one: GroupRate<'_>| format!("{} is {:.3} ({} rows)", called(attribute, one.group), one.rate, one.whole);
    format!("{rate} of {}, of {}: {measure} {}", side(gap.lowest), side(gap.highest), figure(gap.value))
}

#[cfg(test)]
mod tests;
