//! Risk: an integer from 0 to 100 made of weighted factors, and the tier it falls in.
//!
//! score = round(Σ weight × level / Σ weight), each level from 0 to 100. Whole-number arithmetic only,
//! so the same inputs give the same score on every machine.

use super::{Outcome, Severity};
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
    ModelComplexity,
    /// Share of gates, weighted by severity, that did not pass.
    GateOutcomes,
}

/// How one policy scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskModel {
    /// Weight of each factor, 1–100. Factors not named do not count.
    pub weights: BTreeMap<Factor, u32>,
    /// The declared level counts as at least this.
    pub floors: BTreeMap<Factor, Level>,
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
            medium: 30,
            high: 60,
            critical: 85,
        }
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

/// Scores one policy's model. `outcomes` are the release's gates before admission.
pub fn score(policy: &str, model: &RiskModel, declared: &Declared, outcomes: &[(Severity, Outcome)]) -> RiskScore {
    let contributions: Vec<Contribution> = model
        .weights
        .iter()
        .map(|(&factor, &weight)| Contribution { factor, weight, level: level(model, factor, declared, outcomes) })
        .collect();
    let total: u32 = contributions.iter().map(|c| c.weight).sum();
    let weighted: u32 = contributions.iter().map(|c| c.weight * c.level).sum();
    // A model without weights tells nothing about the risk, so it is taken as the highest.
    let score = (weighted + total / 2).checked_div(total).unwrap_or(100);
    let tier = match score {
        s if s >= model.critical => Tier::Critical,
        s if s >= model.high => Tier::High,
        s if s >= model.medium => Tier::Medium,
        _ => Tier::Low,
    };
    RiskScore { score, tier, policy: policy.to_owned(), contributions }
}

fn level(model: &RiskModel, factor: Factor, declared: &Declared, outcomes: &[(Severity, Outcome)]) -> u32 {
    match factor {
        Factor::BusinessCriticality | Factor::DataSensitivity | Factor::ModelComplexity => {
            let stated = declared.get(&factor).copied().unwrap_or(Level::High);
            let floor = model.floors.get(&factor).copied().unwrap_or(Level::Low);
            stated.max(floor).points()
        }
        Factor::GateOutcomes => {
            let weight = |severity: Severity| match severity {
                Severity::Low => 1,
                Severity::Medium => 2,
                Severity::High => 4,
                Severity::Critical => 8,
            };
            let points = |outcome: Outcome| match outcome {
                Outcome::Pass | Outcome::Skipped => 0,
                Outcome::Warn => 50,
                Outcome::Inconclusive | Outcome::Missing | Outcome::Error | Outcome::Fail => 100,
            };
            let total: u32 = outcomes.iter().map(|(s, _)| weight(*s)).sum();
            let bad: u32 = outcomes.iter().map(|(s, o)| weight(*s) * points(*o)).sum();
            (bad + total / 2).checked_div(total).unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(criticality: Level, sensitivity: Level, complexity: Level) -> Declared {
        BTreeMap::from([
            (Factor::BusinessCriticality, criticality),
            (Factor::DataSensitivity, sensitivity),
            (Factor::ModelComplexity, complexity),
        ])
    }

    #[test]
    fn table() {
        use Level::{High, Low, Medium};
        let model = RiskModel::default();
        let pass = [(Severity::High, Outcome::Pass)];
        let fail = [(Severity::High, Outcome::Pass), (Severity::High, Outcome::Fail)];
        let cases: [(Declared, &[(Severity, Outcome)], u32, Tier); 6] = [
            (declared(Low, Low, Low), &pass, 0, Tier::Low),
            (declared(High, High, Low), &pass, 70, Tier::High),
            (declared(Medium, Medium, Low), &pass, 35, Tier::Medium),
            (declared(High, High, Low), &fail, 80, Tier::High),
            (declared(High, High, High), &fail, 90, Tier::Critical),
            // Undeclared counts as High.
            (Declared::new(), &pass, 80, Tier::High),
        ];
        for (declared, outcomes, score_expected, tier) in cases {
            let got = score("p", &model, &declared, outcomes);
            assert_eq!((got.score, got.tier), (score_expected, tier), "{declared:?}");
        }
    }

    #[test]
    fn floors_raise_and_never_lower() {
        let mut model = RiskModel::default();
        model.floors.insert(Factor::DataSensitivity, Level::Medium);
        let low = score("p", &model, &declared(Level::Low, Level::Low, Level::Low), &[]);
        let high = score("p", &model, &declared(Level::Low, Level::High, Level::Low), &[]);
        assert_eq!((low.score, high.score), (18, 35));
    }

    #[test]
    fn a_model_without_weights_is_the_highest_risk() {
        let model = RiskModel { weights: BTreeMap::new(), ..RiskModel::default() };
        assert_eq!(score("p", &model, &Declared::new(), &[]).tier, Tier::Critical);
    }
}
