//! `vulnerabilities`: all scans together; recent, of the right thing, of something; no more findings than allowed.

use super::reading::Reading;
use super::words::{elsewhere, name, remedy, stale, with_remedy};
use crate::evaluator::sources::Sources;
use crate::evidence::Scan;
use crate::evidence::scan::{Fix, Rating, Scanned, Statements, Weakness, joined};
use crate::policy::check::{Allowed, Exception, RatedAs, Vulnerabilities};
use crate::policy::result::OrderFacts;
use crate::policy::{Finding, FindingReason, Format, Gate, Outcome};

/// Answers one vulnerabilities gate. Ages are measured at `facts.at`.
pub fn find(gate: &Gate, check: &Vulnerabilities, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    answer(gate, check, facts, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(
    gate: &Gate,
    check: &Vulnerabilities,
    facts: &OrderFacts,
    mut reading: Reading<'_>,
) -> Result<Finding, Box<Finding>> {
    if check.evidence.is_empty() || check.allowed == Allowed::default() {
        let message = "the gate names no scan or limits no severity; do so in the policy";
        return Ok(reading.finding(Outcome::Error, FindingReason::NothingAsked, message));
    }
    let mut scans = Vec::new();
    for evidence in &check.evidence {
        let scan = reading.document(evidence, |bytes| Scan::parse(bytes, check.format))?;
        reading.read_as(evidence, scan.format);
        scans.push((evidence, scan));
    }
    let mut statements = Vec::new();
    for evidence in &check.statements {
        statements.push(reading.document(evidence, Statements::parse)?);
        reading.read_as(evidence, Format::CycloneDx);
    }
    let unusable = scans.iter().find_map(|(evidence, scan)| unusable(check, facts, evidence, scan));
    if let Some((outcome, reason, message)) = unusable {
        return Ok(reading.finding(outcome, reason, format!("{message}; {}", remedy(gate, "scan again"))));
    }
    let tells_exploited = scans.iter().any(|(_, scan)| scan.tells_exploited);
    let unlisted = scans.iter().map(|(_, scan)| scan.unlisted).fold(0, u64::saturating_add);
    let weaknesses = joined(scans.into_iter().map(|(_, scan)| scan));
    let counted = count(check, facts, unlisted, &weaknesses, &statements);
    let (outcome, reason, message) = counted.judge(check);
    if outcome == Outcome::Pass
        && let Some(most) = check.allowed.known_exploited
    {
        let untold = match counted.untold.first() {
            _ if !tells_exploited => Some("no scan says what is known to be exploited".to_owned()),
            Some(id) if counted.may_be_exploited() > u64::from(most) => {
                let number = counted.untold.len();
                Some(format!(
                    "no scan says of {number} findings whether they are known to be exploited, such as {}",
                    name(id)
                ))
            }
            Some(_) | None => None,
        };
        if let Some(untold) = untold {
            let message = format!("{untold}; {}", remedy(gate, "give a scan that does, such as Grype's"));
            return Ok(reading.finding(Outcome::Inconclusive, FindingReason::NothingScanned, message));
        }
    }
    let message = with_remedy(gate, outcome, message, "update what is affected, then scan again");
    let excess = counted.excess(check) as f64;
    Ok(reading.finding(outcome, reason, message).with_value(excess).with_threshold(check.limits()))
}

/// Why a scan says nothing about the release, whatever it found.
fn unusable(
    check: &Vulnerabilities,
    facts: &OrderFacts,
    evidence: &str,
    scan: &Scan,
) -> Option<(Outcome, FindingReason, String)> {
    let shown = name(evidence);
    match scan.scanned {
        Scanned::Nothing => {
            let message = format!("{shown} does not show that it looked at anything");
            return Some((Outcome::Inconclusive, FindingReason::NothingScanned, message));
        }
        Scanned::Unsaid | Scanned::Counted(_) => {}
    }
    if scan.unscanned > 0 && !check.allow_unscanned {
        let message = format!("{shown} could not look at {} of what it was given", scan.unscanned);
        return Some((Outcome::Inconclusive, FindingReason::NothingScanned, message));
    }
    if scan.unlisted > 0 && !check.allow_suppressed {
        let message = format!("{shown} leaves out {} findings that were suppressed or filtered", scan.unlisted);
        return Some((Outcome::Inconclusive, FindingReason::NothingScanned, message));
    }
    if check.about_model
        && let Some((outcome, reason, wrong)) = elsewhere(&scan.subjects, facts.model_digest.as_ref())
    {
        return Some((outcome, reason, format!("{shown} {wrong}")));
    }
    let ages = [
        ("it", scan.at, check.max_scan_age_seconds),
        ("its database", scan.database_at, check.max_database_age_seconds),
    ];
    ages.into_iter().find_map(|(what, made, most)| {
        let why = stale(made, most?, facts.at)?;
        Some((Outcome::Inconclusive, FindingReason::EvidenceStale, format!("{shown}: {what} {why}")))
    })
}

/// What counts, by severity.
#[derive(Debug, Default)]
struct Counted {
    by_rating: [u64; 4],
    known_exploited: u64,
    /// Those of which no scan says whether they are exploited.
    untold: Vec<String>,
    /// What does not count: taken back by statements or excepted, or without a fix.
    excused: u64,
    unfixable: u64,
    /// What the scans themselves suppressed, whether it counts or not.
    suppressed: u64,
    /// The worst few, for the message.
    worst: Vec<(Rating, String)>,
    /// Exceptions that are over and would have applied.
    over: Vec<String>,
}

fn count(
    check: &Vulnerabilities,
    facts: &OrderFacts,
    unlisted: u64,
    weaknesses: &[Weakness],
    statements: &[Statements],
) -> Counted {
    let mut counted = Counted { suppressed: unlisted, ..Counted::default() };
    for weakness in weaknesses {
        // Who is judged may have written what suppresses; only the policy excuses.
        counted.suppressed += u64::from(weakness.suppressed);
        if weakness.suppressed && check.allow_suppressed {
            continue;
        }
        let about = |e: &&Exception| {
            weakness.ids.contains(&e.id)
                && e.place.as_ref().is_none_or(|place| place.eq_ignore_ascii_case(&weakness.place))
        };
        let holds = |e: &Exception| facts.at.is_some_and(|now| now < e.until);
        let mut exceptions = check.exceptions.iter().filter(about).peekable();
        let had_one = exceptions.peek().is_some();
        if exceptions.any(holds) || statements.iter().any(|read| read.take_back(weakness)) {
            counted.excused += 1;
            continue;
        }
        if had_one {
            counted.over.push(weakness.id.clone());
        }
        if check.only_fixable && weakness.fix == Fix::No {
            counted.unfixable += 1;
            continue;
        }
        let rating = weakness.rating.unwrap_or(match check.unrated_as {
            RatedAs::Low => Rating::Low,
            RatedAs::Medium => Rating::Medium,
            RatedAs::High => Rating::High,
            RatedAs::Critical => Rating::Critical,
        });
        if let Some(number) = counted.by_rating.get_mut(rating as usize) {
            *number += 1;
        }
        match weakness.known_exploited {
            Some(exploited) => counted.known_exploited += u64::from(exploited),
            None => counted.untold.push(weakness.id.clone()),
        }
        counted.worst.push((rating, weakness.id.clone()));
    }
    counted.worst.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    counted
}

impl Counted {
    fn number(&self, rating: Rating) -> u64 {
        self.by_rating.get(rating as usize).copied().unwrap_or_default()
    }

    /// Severities with the number found and the number allowed.
    fn limited(&self, check: &Vulnerabilities) -> Vec<(&'static str, u64, Option<u32>)> {
        let allowed = &check.allowed;
        let mut all: Vec<_> = Rating::WORST_FIRST
            .into_iter()
            .map(|rating| {
                let most = match rating {
                    Rating::Critical => allowed.critical,
                    Rating::High => allowed.high,
                    Rating::Medium => allowed.medium,
                    Rating::Low => allowed.low,
                };
                (rating.words(), self.number(rating), most)
            })
            .collect();
        all.push(("known to be exploited", self.known_exploited, allowed.known_exploited));
        all
    }

    /// The most that can be known to be exploited.
    fn may_be_exploited(&self) -> u64 {
        self.known_exploited.saturating_add(self.untold.len() as u64)
    }

    /// Findings beyond what is allowed.
    fn excess(&self, check: &Vulnerabilities) -> u64 {
        let over = |(_, found, most): (_, u64, Option<u32>)| most.map_or(0, |most| found.saturating_sub(most.into()));
        self.limited(check).into_iter().map(over).sum()
    }

    fn judge(&self, check: &Vulnerabilities) -> (Outcome, FindingReason, String) {
        let found: Vec<String> = self
            .limited(check)
            .into_iter()
            .filter(|(_, found, most)| *found > 0 || most.is_some())
            .map(|(word, found, most)| match most {
                Some(most) => format!("{found} {word} (at most {most})"),
                None => format!("{found} {word}"),
            })
            .collect();
        let mut message = found.join(", ");
        let suppressed = match check.allow_suppressed {
            true => "suppressed by the scan",
            false => "suppressed by the scan, which counts all the same",
        };
        let beside = [(self.excused, "excused"), (self.unfixable, "without a fix"), (self.suppressed, suppressed)];
        for (number, words) in beside {
            if number > 0 {
                message.push_str(&format!(", {number} {words}"));
            }
        }
        if !self.over.is_empty() {
            let some: Vec<String> = self.over.iter().take(2).map(|id| name(id)).collect();
            message.push_str(&format!("; the exception for {} is over", some.join(", ")));
        }
        if self.excess(check) == 0 {
            return (Outcome::Pass, FindingReason::WithinLimits, message);
        }
        let some: Vec<String> = self.worst.iter().take(3).map(|(_, id)| name(id)).collect();
        message.push_str(&format!(": {}", some.join(", ")));
        (Outcome::Fail, FindingReason::AboveMaximum, message)
    }
}

#[cfg(test)]
mod tests;
