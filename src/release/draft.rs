//! A decision in the making.

use super::condition::{ConditionType, Reason, Said, Status, dated};
use super::decision::{Decision, Report, Step};
use super::facts::Facts;
use super::notices;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

pub(super) struct Draft<'a> {
    pub facts: &'a Facts,
    pub now: Timestamp,
    pub report: Report,
    pub steps: Vec<Step>,
    said: BTreeMap<ConditionType, Said>,
    look_again: Option<Timestamp>,
}

impl<'a> Draft<'a> {
    pub fn new(facts: &'a Facts, now: Timestamp) -> Self {
        let report = Report { last_rollback: facts.prior.last_rollback.clone(), ..Report::default() };
        Self { facts, now, report, steps: Vec::new(), said: BTreeMap::new(), look_again: None }
    }

    pub fn say(&mut self, kind: ConditionType, status: Status, reason: Reason, message: impl Into<String>) {
        let said = Said::new(kind, status, reason, message);
        self.said.insert(kind, said);
    }

    /// Takes back what was said about another revision.
    pub fn unsay(&mut self, kind: ConditionType) {
        self.said.remove(&kind);
    }

    pub fn has_said(&self, kind: ConditionType) -> bool {
        self.said.contains_key(&kind)
    }

    /// Cannot go on by itself: `Stalled`, and `Ready=False` for the same reason. The first one said stands.
    pub fn stall(&mut self, reason: Reason, message: impl Into<String>) {
        let said = Said::new(ConditionType::Stalled, Status::True, reason, message);
        self.said.entry(ConditionType::Stalled).or_insert(said);
    }

    /// Under way: `Reconciling`, and `Ready=False` for the same reason. The first one said stands.
    pub fn reconcile(&mut self, reason: Reason, message: impl Into<String>) {
        let said = Said::new(ConditionType::Reconciling, Status::True, reason, message);
        self.said.entry(ConditionType::Reconciling).or_insert(said);
    }

    pub fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    pub fn look_at(&mut self, at: Timestamp) {
        self.look_again = Some(self.look_again.map_or(at, |earlier| earlier.min(at)));
    }

    pub fn look_in(&mut self, seconds: u64) {
        self.look_at(later(self.now, seconds));
    }

    /// When the wait that `reason` names began: as recorded, if that is what was waited for; else now. A
    /// clock that stepped back begins it anew.
    pub fn waiting_since(&self, kind: ConditionType, reason: Reason) -> Timestamp {
        let prior = &self.facts.prior;
        let waited = prior.conditions.iter().any(|c| c.kind == kind && c.reason == reason);
        prior.waiting_since.filter(|_| waited).map_or(self.now, |since| since.min(self.now))
    }

    /// When a wait that began at `since` is over. A clock that stepped back never makes it longer than
    /// the whole wait from now.
    pub fn wait_over(&self, since: Timestamp, seconds: u64) -> Timestamp {
        later(since.min(self.now), seconds)
    }

    pub fn finish(mut self) -> Decision {
        self.settle();
        let said: Vec<Said> = ConditionType::ALL.iter().filter_map(|kind| self.said.remove(kind)).collect();
        self.report.conditions = dated(said, &self.facts.prior.conditions, self.now);
        let notices = notices::between(self.facts, &self.report);
        // Never in the past or now: a fact that stays as it is must not make a hot loop.
        let soonest = later(self.now, 1);
        let look_again = self.look_again.map(|at| at.max(soonest));
        Decision { report: self.report, steps: self.steps, notices, look_again }
    }

    /// Fills in `Ready` and whatever nobody has said anything about.
    fn settle(&mut self) {
        let cause = [ConditionType::Stalled, ConditionType::Reconciling].iter().find_map(|k| self.said.get(k)).cloned();
        if self.said.contains_key(&ConditionType::Stalled) {
            self.said.remove(&ConditionType::Reconciling);
        }
        if let Some(cause) = cause {
            self.say(ConditionType::Ready, Status::False, cause.reason, cause.message);
        }
        for kind in [
            ConditionType::Ready,
            ConditionType::WorkloadMatched,
            ConditionType::GatesPassed,
            ConditionType::Approved,
            ConditionType::Admitted,
            ConditionType::WatchHealthy,
            ConditionType::Enforced,
        ] {
            if !self.said.contains_key(&kind) {
                let (reason, message) = match kind {
                    ConditionType::WatchHealthy => {
                        (Reason::NotStarted, "nothing that was admitted has been asked about yet")
                    }
                    ConditionType::Approved => (Reason::AwaitingGates, "people are asked when every other gate passes"),
                    ConditionType::GatesPassed => {
                        (Reason::AwaitingWorkload, "evaluation starts when the workload names the model")
                    }
                    ConditionType::Ready
                    | ConditionType::WorkloadMatched
                    | ConditionType::Admitted
                    | ConditionType::Enforced
                    | ConditionType::Reconciling
                    | ConditionType::Stalled => (Reason::Initializing, "not looked at yet"),
                };
                self.say(kind, Status::Unknown, reason, message);
            }
        }
    }
}

/// A time so many seconds after another, at most the last one there is.
pub fn later(at: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
