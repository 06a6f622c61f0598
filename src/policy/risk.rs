//! Risk: an integer from 0 to 100 made of weighted factors, and the tier it falls in.
//!
//! score = round(Σ weight × level / Σ weight), each level from 0 to 100. Whole-number arithmetic only,
//! so the same inputs give the same score on every machine. What is not known counts as the highest level.
//! docs/risk.md says where each level comes from.

use super::{Check, Count, Decimal, Finding, Gate, Outcome, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Decides who must approve. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tier {
    Low,
    Medium,
    High,
    Critical,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A declared property of the model. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    Low,
    Medium,
    High,
}

impl Level {
    fn points(self) -> u32 {
        match self {
            Level::Low => 0,
            Level::Medium => 50,
            Level::High => 100,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Factor {
    BusinessCriticality,
    DataSensitivity,
    /// As declared, and at least as measured.
    ModelComplexity,
    /// Share of gates, weighted by severity, that did not pass.
    GateOutcomes,
    /// What the lowest data quality of the data contracts lacks.
    DataQuality,
    /// How unusual the numbers are among those of earlier revisions.
    HistoryAnomaly,
}

/// How one policy scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskModel {
    /// Weight of each factor, 1–100. Factors not named do not count.
    pub weights: BTreeMap<Factor, u32>,
    /// The declared level counts as at least this.
    pub floors: BTreeMap<Factor, Level>,
    /// Measured complexity: what a gate measures lifts the declared level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complexity: Vec<Measured>,
    /// Scores from which a tier begins; below `medium` is Low. medium < high < critical.
    pub medium: u32,
    pub high: u32,
    pub critical: u32,
}

impl Default for RiskModel {
    fn default() -> Self {
        Self {
            weights: BTreeMap::from([
                (Factor::BusinessCriticality, 35),
                (Factor::DataSensitivity, 35),
                (Factor::ModelComplexity, 10),
                (Factor::GateOutcomes, 20),
            ]),
            floors: BTreeMap::new(),
            complexity: Vec::new(),
            medium: 30,
            high: 60,
            critical: 85,
        }
    }
}

/// A level told by what a gate measures: the number of a metric or of a Job, such as parameters or bytes, or how many
/// features an explanation lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// A gate of the same policy.
    pub gate: String,
    /// The level is Medium from here on.
    pub medium: Decimal,
    /// And High from here on.
    pub high: Decimal,
}

impl Measured {
    /// Whether a check measures what can stand here.
    pub fn by(check: &Check) -> bool {
        matches!(check, Check::Metric(_) | Check::Explainability(_) | Check::Job(_))
    }

    fn level(&self, gates: &[Asked<'_>]) -> Level {
        let found = gates.iter().find(|asked| asked.gate.key.gate == self.gate);
        let number = found.and_then(|asked| match asked.gate.check {
            Check::Explainability(_) => asked.measured(Count::Features).map(|features| features as f64),
            _ => asked.finding?.number().filter(|_| asked.is_measured()),
        });
        match number.filter(|number| number.is_finite()) {
            Some(number) if number < self.medium.value() => Level::Low,
            Some(number) if number < self.high.value() => Level::Medium,
            Some(_) | None => Level::High,
        }
    }
}

/// A gate before admission, with what was found for it, if anything was.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub gate: &'a Gate,
    pub finding: Option<&'a Finding>,
}

impl Asked<'_> {
    fn outcome(&self) -> Outcome {
        self.finding.map_or(Outcome::Error, |finding| finding.outcome)
    }

    fn is_measured(&self) -> bool {
        matches!(self.outcome(), Outcome::Pass | Outcome::Warn | Outcome::Fail)
    }

    /// What was counted on the way counts only with an answer: before it, the evidence may be of something else.
    fn measured(&self, what: Count) -> Option<u64> {
        self.finding.filter(|_| self.is_measured())?.counts.get(&what).copied()
    }
}

/// What one factor added to the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    pub factor: Factor,
    pub weight: u32,
    /// 0–100.
    pub level: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskScore {
    pub score: u32,
    pub tier: Tier,
    /// The policy whose model gave this score.
    pub policy: String,
    pub contributions: Vec<Contribution>,
}

/// Declared levels of a release; what is not declared counts as High.
pub type Declared = BTreeMap<Factor, Level>;

/// Scores one policy's model. `gates` are the policy's that a Job answers.
pub fn score(policy: &str, model: &RiskModel, declared: &Declared, gates: &[Asked<'_>]) -> RiskScore {
    let contributions: Vec<Contribution> = model
        .weights
        .iter()
        .map(|(&factor, &weight)| Contribution {
            factor,
            weight,
            level: level(model, factor, declared, gates).min(100),
        })
        .collect();
    // A model without weights tells nothing about the risk, so it is taken as the highest.
    let score = mean(contributions.iter().map(|c| (c.weight, c.level))).unwrap_or(100);
    let tier = match score {
        s if s >= model.critical => Tier::Critical,
        s if s >= model.high => Tier::High,
        s if s >= model.medium => Tier::Medium,
        _ => Tier::Low,
    };
    RiskScore { score, tier, policy: policy.to_owned(), contributions }
}

fn level(model: &RiskModel, factor: Factor, declared: &Declared, gates: &[Asked<'_>]) -> u32 {
    match factor {
        Factor::BusinessCriticality | Factor::DataSensitivity => stated(model, factor, declared).points(),
        Factor::ModelComplexity => {
            let measured = model.complexity.iter().map(|measured| measured.level(gates));
            measured.fold(stated(model, factor, declared), Level::max).points()
        }
        Factor::GateOutcomes => outcomes(gates),
        Factor::DataQuality => {
            let contracts = gates.iter().filter(|asked| matches!(asked.gate.check, Check::DataContract(_)));
            let lacking = contracts.map(|asked| match asked.measured(Count::QualityMillionths) {
                Some(quality) => percent(1_000_000_u64.saturating_sub(quality).div_ceil(10_000)),
                None => 100,
            });
            lacking.max().unwrap_or(100)
        }
        Factor::HistoryAnomaly => {
            let compared = gates.iter().filter(|asked| match &asked.gate.check {
                Check::Metric(metric) => metric.against_history.is_some(),
                _ => false,
            });
            compared.map(|asked| asked.measured(Count::AnomalyPercent).map_or(100, percent)).max().unwrap_or(100)
        }
    }
}

fn percent(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(100).min(100)
}

fn stated(model: &RiskModel, factor: Factor, declared: &Declared) -> Level {
    let stated = declared.get(&factor).copied().unwrap_or(Level::High);
    stated.max(model.floors.get(&factor).copied().unwrap_or(Level::Low))
}

fn outcomes(gates: &[Asked<'_>]) -> u32 {
    let weight = |asked: &Asked<'_>| match asked.gate.severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 4,
        Severity::Critical => 8,
    };
    let points = |asked: &Asked<'_>| match asked.outcome() {
        Outcome::Pass | Outcome::Skipped => 0,
        Outcome::Warn => 50,
        Outcome::Inconclusive | Outcome::Missing | Outcome::Error | Outcome::Fail => 100,
    };
    // Nothing was asked of the evidence, so nothing is known.
    mean(gates.iter().map(|asked| (weight(asked), points(asked)))).unwrap_or(100)
}

/// The mean of levels by their weights, to the nearest whole number, halves up; None without a weight.
fn mean(levels: impl Iterator<Item = (u32, u32)> + Clone) -> Option<u32> {
    let total: u64 = levels.clone().map(|(weight, _)| u64::from(weight)).sum();
    let weighted: u64 = levels.map(|(weight, level)| u64::from(weight) * u64::from(level)).sum();
    u32::try_from((weighted + total / 2).checked_div(total)?).ok()
}

#[cfg(test)]
mod tests;
