//! One Job of an unfinished run: what it answered, or what is waited for.

use super::draft::Draft;
use super::facts::{Job, JobProblem, JobState, Run};
use super::words;
use crate::policy::judgement::{self, ResultProblem};
use crate::policy::{EvaluationOrder, Finding, FindingReason, Gate, Outcome, ResultDocument};
use jiff::Timestamp;

/// Where it stands.
pub(super) enum Answer {
    /// It is to be created; why it was refused before, if it was.
    NotMade(Option<String>),
    Waiting {
        why: String,
        until: Timestamp,
    },
    /// It is on record.
    Recorded(Vec<Finding>),
    Given(Vec<Finding>),
    /// It is not waited for any longer, and may still go on.
    GivenUp(Vec<Finding>),
}

/// What the Job of this order came to. `order` is the one that this pass would give.
pub(super) fn of(draft: &Draft, run: &Run, order: &EvaluationOrder, job: Option<&Job>) -> Answer {
    let recorded = |gate: &Gate| run.answered.iter().find(|finding| finding.gate == gate.key).cloned();
    if let Some(findings) = order.gates.iter().map(recorded).collect() {
        return Answer::Recorded(findings);
    }
    let waits = draft.facts.waits;
    let Some(job) = job else {
        let refused = draft.facts.refused.as_ref().filter(|(name, _)| *name == order.job_name());
        let refused = refused.map(|(_, why)| why.clone());
        let over = draft.wait_over(run.created, waits.start_seconds);
        return match refused {
            Some(why) if draft.now >= over => {
                Answer::Given(broken(order, FindingReason::JobNotStarted, &words::not_started(&why)))
            }
            refused => Answer::NotMade(refused),
        };
    };
    match &job.state {
        JobState::Ended(document) => Answer::Given(match answered(order, document) {
            Ok(found) => found,
            Err(problem) => broken(order, reason_of(&problem), &problem.to_string()),
        }),
        JobState::Broken(problem) => Answer::Given(broken(order, reason_of(problem), &problem.to_string())),
        JobState::OnRecord => {
            let message = "the run holds no finding for this gate; create a ReleaseAction Retry";
            Answer::Given(broken(order, FindingReason::ResultMissing, message))
        }
        JobState::NotStarted(why) => {
            let until = draft.wait_over(job.created, waits.start_seconds);
            if draft.now >= until {
                Answer::GivenUp(broken(order, FindingReason::JobNotStarted, &words::not_started(why)))
            } else {
                Answer::Waiting { why: why.clone(), until }
            }
        }
        JobState::Running { since } => {
            let until = draft.wait_over(*since, order.finish_seconds(waits.finish_seconds));
            if draft.now >= until {
                Answer::GivenUp(broken(order, FindingReason::JobTimedOut, words::timed_out(order)))
            } else {
                Answer::Waiting { why: "the evaluation pod is running".to_owned(), until }
            }
        }
    }
}

/// The document counts only for the order that this pass would give.
fn answered(order: &EvaluationOrder, document: &ResultDocument) -> Result<Vec<Finding>, JobProblem> {
    judgement::findings(document, order).map_err(|problem| match problem {
        ResultProblem::OtherRun => JobProblem::OtherRun,
        other @ (ResultProblem::OtherOrder | ResultProblem::Bad(_)) => JobProblem::BadResult(other.to_string()),
    })
}

fn reason_of(problem: &JobProblem) -> FindingReason {
    match problem {
        JobProblem::OutOfMemory => FindingReason::OutOfMemory,
        JobProblem::NoResult(_) => FindingReason::ResultMissing,
        JobProblem::BadResult(_) => FindingReason::ResultInvalid,
        JobProblem::OtherRun | JobProblem::ForeignJob(_) => FindingReason::ResultForeign,
        JobProblem::OtherVersion => FindingReason::OtherVersion,
        JobProblem::Failed(_) => FindingReason::JobFailed,
    }
}

/// Every gate that the Job should have answered is an error, for the same reason.
fn broken(order: &EvaluationOrder, reason: FindingReason, message: &str) -> Vec<Finding> {
    order.gates.iter().map(|g| Finding::new(g.key.clone(), Outcome::Error, reason, message)).collect()
}
