//! What each check asks, as the evaluator and the decision read it (the API's shape lives in `api`).
//! One file for each check; what differs between checks for the rest of the program is said here.

mod approval;
mod data_contract;
mod declared;
mod documentation;
mod drift;
pub mod encryption;
mod explainability;
mod expression;
mod fairness;
mod job;
mod metric;
mod privacy;
mod prometheus;
mod provenance;
mod tests;
mod vulnerabilities;

pub use approval::{Approval, ApprovalBinds};
pub use data_contract::{Changes, DataContract, TestedWith};
pub use declared::{Consent, Declared, DeclaredAnswer, Retention, Storage};
pub use documentation::{Documentation, Section, Topic, TopicAsked};
pub use drift::{ColumnRule, Correction, Drift, DriftCompare, DriftMethod, DriftRule};
pub use explainability::{Explainability, Overlap, Stability};
pub use expression::Expression;
pub use fairness::{Fairness, FairnessMeasure, Mitigation, Needs, SmallGroups};
pub use job::{CustomJob, Toleration, Variable};
pub use metric::{AgainstAdmitted, AgainstBaseline, AgainstHistory, Judged, Metric, Movement};
pub use privacy::{
    Anonymity, ClearText, ColumnsAsked, Detector, MostCells, PersonalData, Privacy, Redacted, TokenForm, covers,
};
pub use prometheus::{Prometheus, QueryError, QueryPart, QueryVariable};
pub use provenance::{
    Authority, DeclaredSource, Identity, KeyAlgorithm, Lineage, Log, Provenance, PublicKey, SubjectName, TrustedKey,
    Window,
};
pub use tests::{TestCounts, Tests, TestsAgainstAdmitted};
pub use vulnerabilities::{Allowed, Exception, RatedAs, Vulnerabilities};

use super::{Count, Counts, FindingReason, Limits, Outcome, Stage};
use serde::{Deserialize, Serialize};

/// Exactly one question. JSON form: `{"metric": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Check {
    Documentation(Documentation),
    Metric(Metric),
    DataContract(DataContract),
    Fairness(Fairness),
    Privacy(Privacy),
    Drift(Drift),
    Explainability(Explainability),
    Tests(Tests),
    Vulnerabilities(Vulnerabilities),
    Provenance(Provenance),
    Expression(Expression),
    Job(CustomJob),
    Approval(Approval),
    Prometheus(Prometheus),
}

/// Who answers a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The evaluator Job of the run, from evidence.
    Evaluator,
    /// A Job of the gate's own.
    OwnJob,
    /// Approvers.
    People,
    /// The operator asks Prometheus.
    Operator,
}

impl Check {
    /// Names of the evidence this check reads, in the order it reads them.
    pub fn evidence(&self) -> Vec<&str> {
        match self {
            Check::Documentation(c) => std::iter::once(&c.evidence).chain(&c.bundle).map(String::as_str).collect(),
            Check::Metric(c) => {
                let baseline = c.against_baseline.iter().map(|against| against.evidence.as_str());
                std::iter::once(c.evidence.as_str()).chain(baseline).collect()
            }
            Check::DataContract(c) => {
                let tested = c.tested_with.iter().map(|tested| tested.contract.as_str());
                [c.contract.as_str()].into_iter().chain(tested).chain([c.data.as_str()]).collect()
            }
            Check::Fairness(c) => {
                let mitigation = c.mitigation.iter().flat_map(|m| [m.unmitigated.as_str(), m.evidence.as_str()]);
                [c.evidence.as_str()].into_iter().chain(mitigation).collect()
            }
            Check::Drift(c) => vec![&c.reference, &c.current],
            Check::Explainability(c) => {
                let compared = c.stability.iter().filter(|stability| stability.is_compared());
                let more = compared.map(|stability| &stability.reference).chain(&c.data);
                std::iter::once(&c.evidence).chain(more).map(String::as_str).collect()
            }
            Check::Privacy(c) => {
                let clear = c.redacted.iter().filter_map(|rule| rule.clear_text.as_ref()).map(|clear| &clear.evidence);
                let contract = c.declared.iter().map(|declared| &declared.evidence);
                c.evidence.iter().chain(clear).chain(contract).map(String::as_str).collect()
            }
            Check::Tests(c) => c.evidence.iter().map(String::as_str).collect(),
            Check::Vulnerabilities(c) => c.evidence.iter().chain(&c.statements).map(String::as_str).collect(),
            Check::Provenance(c) => c.evidence.iter().chain(&c.subjects).map(String::as_str).collect(),
            Check::Expression(c) => c.evidence.iter().map(String::as_str).collect(),
            Check::Job(c) => c.evidence.iter().map(String::as_str).collect(),
            Check::Approval(_) | Check::Prometheus(_) => Vec::new(),
        }
    }

    /// Which rows of its tables the check looks at, if not all.
    pub fn slice(&self) -> Option<&str> {
        match self {
            Check::Fairness(c) => c.slice.as_deref(),
            Check::Drift(c) => c.slice.as_deref(),
            Check::DataContract(c) => c.slice.as_deref(),
            Check::Metric(c) => c.slice.as_deref(),
            Check::Documentation(_)
            | Check::Privacy(_)
            | Check::Explainability(_)
            | Check::Tests(_)
            | Check::Vulnerabilities(_)
            | Check::Provenance(_)
            | Check::Expression(_)
            | Check::Job(_)
            | Check::Approval(_)
            | Check::Prometheus(_) => None,
        }
    }

    pub fn answered_by(&self) -> AnsweredBy {
        match self {
            Check::Documentation(_)
            | Check::Metric(_)
            | Check::DataContract(_)
            | Check::Fairness(_)
            | Check::Privacy(_)
            | Check::Drift(_)
            | Check::Explainability(_)
            | Check::Tests(_)
            | Check::Vulnerabilities(_)
            | Check::Provenance(_)
            | Check::Expression(_) => AnsweredBy::Evaluator,
            Check::Job(_) => AnsweredBy::OwnJob,
            Check::Approval(_) => AnsweredBy::People,
            Check::Prometheus(_) => AnsweredBy::Operator,
        }
    }

    /// Whether a Job answers it, before the release.
    pub fn runs_in_job(&self) -> bool {
        matches!(self.answered_by(), AnsweredBy::Evaluator | AnsweredBy::OwnJob)
    }

    /// Prometheus knows a revision only once it runs; everything else is known before.
    pub fn stage(&self) -> Stage {
        match self.answered_by() {
            AnsweredBy::Operator => Stage::AfterRelease,
            AnsweredBy::Evaluator | AnsweredBy::OwnJob | AnsweredBy::People => Stage::BeforeRelease,
        }
    }

    /// Bounds that a finding's number must keep for a pass; `None` where no single number decides.
    pub fn limits(&self) -> Option<Limits> {
        match self {
            Check::Metric(c) => Some(c.limits.clone()).filter(|l| *l != Limits::default()),
            Check::DataContract(c) => Some(c.limits()),
            Check::Fairness(c) => Some(c.limits.clone()),
            Check::Drift(c) => Some(Limits::at_most(c.max_drifted_share.clone())),
            Check::Explainability(c) => c.limits(),
            Check::Privacy(c) => Some(c.limits()),
            Check::Tests(c) => Some(c.limits()),
            Check::Vulnerabilities(c) => Some(c.limits()),
            Check::Job(c) => c.bounds(),
            Check::Prometheus(c) => Some(c.limits.clone()),
            Check::Documentation(_) | Check::Provenance(_) | Check::Expression(_) | Check::Approval(_) => None,
        }
    }

    /// Whether a finding that was measured carries a number.
    pub fn has_number(&self) -> bool {
        self.limits().is_some() || matches!(self, Check::Metric(_))
    }

    /// What a pass has counted.
    pub fn counted(&self) -> &'static [Count] {
        match self {
            Check::Tests(_) => &[Count::TestsRan, Count::TestsSkipped],
            Check::DataContract(_) => &[Count::QualityMillionths],
            Check::Explainability(_) => &[Count::Features],
            Check::Documentation(_)
            | Check::Metric(_)
            | Check::Fairness(_)
            | Check::Privacy(_)
            | Check::Drift(_)
            | Check::Vulnerabilities(_)
            | Check::Provenance(_)
            | Check::Expression(_)
            | Check::Job(_)
            | Check::Approval(_)
            | Check::Prometheus(_) => &[],
        }
    }

    /// What a number and what was counted come to, as far as it can be told without the evidence. Comparing with
    /// evidence can fail a number that is good here, so only a claimed pass is judged again.
    pub fn judge(&self, value: f64, counts: &Counts) -> Option<(Outcome, FindingReason)> {
        let of_number = match self {
            Check::Metric(c) => c.judge(value, None).map(|judged| (judged.outcome, judged.reason)),
            other => other.limits().map(|limits| limits.judge(value)),
        };
        match (self, TestCounts::of(counts)) {
            (Check::Tests(c), Some(tests)) if of_number.is_some_and(|(outcome, _)| outcome == Outcome::Pass) => {
                c.judge_counts(tests).map(|(outcome, reason, _)| (outcome, reason)).or(of_number)
            }
            (_, _) => of_number,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Check::Documentation(_) => "documentation",
            Check::Metric(_) => "metric",
            Check::DataContract(_) => "dataContract",
            Check::Fairness(_) => "fairness",
            Check::Privacy(_) => "privacy",
            Check::Drift(_) => "drift",
            Check::Explainability(_) => "explainability",
            Check::Tests(_) => "tests",
            Check::Vulnerabilities(_) => "vulnerabilities",
            Check::Provenance(_) => "provenance",
            Check::Expression(_) => "expression",
            Check::Job(_) => "job",
            Check::Approval(_) => "approval",
            Check::Prometheus(_) => "prometheus",
        }
    }
}
