//! What a measured number means for a metric gate: evaluator and operator ask here.

use super::history::deviations;
use super::{AgainstAdmitted, AgainstHistory, Metric, Movement};
use crate::policy::finding::{clean, figure};
use crate::policy::{Decimal, FindingReason, Limits, Outcome};

/// The number compared with all that the gate asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub outcome: Outcome,
    pub reason: FindingReason,
    pub threshold: String,
    /// Goes on after `accuracy is 0.85, `.
    pub words: String,
}

impl Judged {
    fn new(outcome: Outcome, reason: FindingReason, threshold: impl Into<String>, words: String) -> Self {
        Self { outcome, reason, threshold: threshold.into(), words }
    }
}

impl Metric {
    /// How far the number is from those of earlier revisions, in percent of what the gate allows and rounded up, at most
    /// 1000; None when nothing is asked of it, or there are too few, or it cannot be told.
    pub fn anomaly_percent(&self, value: f64) -> Option<u64> {
        const MOST: f64 = 1000.0;
        let against = self.against_history.as_ref()?;
        let earlier: Vec<f64> = against.values.iter().map(|text| number(text)).collect::<Option<_>>()?;
        if earlier.len() < against.fewest as usize || !value.is_finite() {
            return None;
        }
        let (_, away) = deviations(value, &earlier)?;
        let percent = if away == 0.0 { 0.0 } else { (100.0 * away / against.max_deviations.value()).ceil() };
        // NaN and whatever is below zero come of bounds that allow nothing.
        Some(if (0.0..MOST).contains(&percent) { percent as u64 } else { MOST as u64 })
    }

    /// `baseline` is the number of the other document; without it that part is left out, so only who has read the
    /// document may call the gate passed. None when nothing is asked that can be told here.
    pub fn judge(&self, value: f64, baseline: Option<f64>) -> Option<Judged> {
        let mut parts = Vec::new();
        if self.limits != Limits::default() {
            parts.push(plainly(&self.limits, value));
        }
        parts.extend(self.against_admitted.as_ref().map(|against| admitted(against, value)));
        let other = self.against_baseline.as_ref().zip(baseline);
        parts.extend(other.map(|(against, baseline)| moved(&against.movement, value, baseline, "the baseline")));
        parts.extend(self.against_history.as_ref().map(|against| history(against, value)));
        // The first part that is not passed decides, and what was passed before it is said too.
        let decides = parts.iter().position(|part| part.outcome != Outcome::Pass);
        let said = decides.map_or(parts.len(), |place| place + 1);
        let words = parts.iter().take(said).map(|part| part.words.as_str()).collect::<Vec<_>>().join("; ");
        let part = parts.into_iter().nth(decides.unwrap_or(0))?;
        Some(Judged { words, ..part })
    }
}

impl Judged {
    /// The gate asks nothing, which is never a pass.
    pub fn nothing_asked() -> Self {
        let words = "and the gate asks nothing of it; give it a bound".to_owned();
        Self::new(Outcome::Error, FindingReason::NothingAsked, "nothing", words)
    }
}

fn plainly(limits: &Limits, value: f64) -> Judged {
    let (outcome, reason) = limits.judge(value);
    Judged::new(outcome, reason, limits.to_string(), format!("asked {limits}"))
}

fn admitted(against: &AgainstAdmitted, value: f64) -> Judged {
    let Some(asked) = asked(&against.movement) else { return Judged::nothing_asked() };
    match against.baseline.as_deref().map(|text| (text, number(text))) {
        None => {
            let words = format!("no admitted revision yet to compare with ({asked})");
            Judged::new(Outcome::Pass, FindingReason::WithinLimits, format!("{asked} than admitted"), words)
        }
        Some((_, Some(baseline))) => moved(&against.movement, value, baseline, "the admitted revision"),
        Some((text, None)) => {
            let words = format!("and the admitted revision's value {} is no number", clean(text, 40));
            Judged::new(Outcome::Error, FindingReason::NotFinite, format!("{asked} than admitted"), words)
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn asked(movement: &Movement) -> Option<String> {
    let unit = if movement.relative { " of it" } else { "" };
    match (&movement.max_decrease, &movement.max_increase) {
        (None, None) => None,
        (Some(less), None) => Some(format!("at most {less}{unit} less")),
        (None, Some(more)) => Some(format!("at most {more}{unit} more")),
        (Some(less), Some(more)) => Some(format!("at most {less}{unit} less and {more}{unit} more")),
    }
}

fn moved(movement: &Movement, value: f64, baseline: f64, whose: &str) -> Judged {
    let Some(asked) = asked(movement) else { return Judged::nothing_asked() };
    let short = if whose == "the baseline" { "the baseline" } else { "admitted" };
    let threshold = format!("{asked} than {short}");
    if !value.is_finite() || !baseline.is_finite() {
        let words = format!("which cannot be compared with {whose}'s {}", figure(baseline));
        return Judged::new(Outcome::Error, FindingReason::NotFinite, threshold, words);
    }
    let change = value - baseline;
    if movement.relative && change != 0.0 && baseline == 0.0 {
        let words = format!("{whose}'s is 0, of which there is no share; ask for an absolute change");
        return Judged::new(Outcome::Inconclusive, FindingReason::UndefinedRatio, threshold, words);
    }
    // Shares are made numbers before they are compared: divided by next to nothing, all changes would look the same.
    let unit = if movement.relative { baseline.abs() } else { 1.0 };
    // 0.83 - 0.85 is a little more than 0.02 in binary; rounding is not held against the model.
    let rounding = 4.0 * f64::EPSILON * value.abs().max(baseline.abs());
    let beyond =
        |change: f64, most: &Option<Decimal>| most.as_ref().is_some_and(|most| change > most.value() * unit + rounding);
    let (too_low, too_high) = (beyond(-change, &movement.max_decrease), beyond(change, &movement.max_increase));
    let (outcome, reason) = match (too_low, too_high) {
        (true, _) => (Outcome::Fail, FindingReason::BelowMinimum),
        (false, true) => (Outcome::Fail, FindingReason::AboveMaximum),
        (false, false) => (Outcome::Pass, FindingReason::WithinLimits),
    };
    let direction = if change < 0.0 { "less" } else { "more" };
    let size = if change == 0.0 { 0.0 } else { change / unit };
    let of_it = if movement.relative { " of it" } else { "" };
    let words = format!("{}{of_it} {direction} than {whose}'s {}, asked {asked}", figure(size.abs()), figure(baseline));
    Judged::new(outcome, reason, threshold, words)
}

fn history(against: &AgainstHistory, value: f64) -> Judged {
    let threshold = format!("<= {} deviations", against.max_deviations);
    let numbers: Option<Vec<f64>> = against.values.iter().map(|text| number(text)).collect();
    let Some(numbers) = numbers else {
        let words = "and a value of an admitted revision is no number".to_owned();
        return Judged::new(Outcome::Error, FindingReason::NotFinite, threshold, words);
    };
    if !value.is_finite() {
        let words = "which cannot be compared with earlier ones".to_owned();
        return Judged::new(Outcome::Error, FindingReason::NotFinite, threshold, words);
    }
    let count = numbers.len();
    if count < against.fewest as usize {
        let words = format!("{count} admitted revisions are too few to call it unusual (from {})", against.fewest);
        return Judged::new(Outcome::Pass, FindingReason::WithinLimits, threshold, words);
    }
    let Some((center, deviations)) = deviations(value, &numbers) else {
        let words = "which cannot be compared with earlier ones".to_owned();
        return Judged::new(Outcome::Error, FindingReason::NotFinite, threshold, words);
    };
    let usual = deviations <= against.max_deviations.value();
    let (outcome, reason) = match (usual, value < center) {
        (true, _) => (Outcome::Pass, FindingReason::WithinLimits),
        (false, true) => (Outcome::Fail, FindingReason::BelowMinimum),
        (false, false) => (Outcome::Fail, FindingReason::AboveMaximum),
    };
    let away = if deviations.is_finite() { figure(deviations) } else { "infinitely many".to_owned() };
    let words = format!(
        "{away} robust deviations from {}, the median of the last {count} admitted, asked at most {}",
        figure(center),
        against.max_deviations
    );
    Judged::new(outcome, reason, threshold, words)
}
