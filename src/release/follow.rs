//! An unfinished run: its Job is started, watched, given up, and its result made the run's end.

use super::condition::{ConditionType, Reason, Status};
use super::decision::Step;
use super::draft::{Draft, later};
use super::facts::{Job, JobProblem, JobState, Run, Workload};
use super::{order, verdict, words};
use crate::policy::judgement::{self, ResultProblem};
use crate::policy::{EvaluationOrder, Finding, FindingReason, Outcome, Plan, ResultDocument};
use jiff::Timestamp;

/// A run that takes longer says what it waits for.
const SLOW_SECONDS: u64 = 10;

/// Attempts that are made without a person asking for one, and the wait before the second; twice that before the third.
const MOST_ATTEMPTS: u32 = 3;
const AGAIN_SECONDS: u64 = 10;

/// An unfinished run: look at its Job.
pub(super) fn follow(draft: &mut Draft, workload: &Workload, plan: &Plan, run: &Run) {
    draft.report.run = Some(run.name.clone());
    let missing = order::unanswerable(draft, plan);
    let Some(order) = order::order(draft, plan, &missing) else {
        return end(draft, workload, plan, run, missing, None);
    };
    let order = order.for_run(&run.uid, run.created);
    let job = draft.facts.jobs.iter().find(|job| job.run == run.name);
    let Some(job) = job else {
        let refused = draft.facts.refused.as_ref().filter(|(name, _)| *name == run.name).map(|(_, why)| why.clone());
        let over = draft.wait_over(run.created, draft.facts.waits.start_seconds);
        if let Some(why) = refused.as_ref().filter(|_| draft.now >= over) {
            let message = words::not_started(why);
            return end(
                draft,
                workload,
                plan,
                run,
                broken(missing, &order, FindingReason::JobNotStarted, &message),
                None,
            );
        }
        let waits = (draft.facts.waits.start_seconds, draft.facts.waits.finish_seconds);
        draft.step(Step::StartJob { run_name: run.name.clone(), order: Box::new(order), waits });
        return evaluating(draft, &run.name, run.created, refused.as_deref().unwrap_or("its Job is being created"));
    };
    let reference = Some((job.name.clone(), job.uid.clone()));
    match &job.state {
        JobState::Ended(document) => {
            let findings = match answered(&order, document) {
                Ok(found) => missing.into_iter().chain(found).collect(),
                Err(problem) => broken(missing, &order, reason_of(&problem), &problem.to_string()),
            };
            end(draft, workload, plan, run, findings, reference);
        }
        JobState::Broken(problem) => {
            let findings = broken(missing, &order, reason_of(problem), &problem.to_string());
            end(draft, workload, plan, run, findings, reference);
        }
        JobState::NotStarted(why) => {
            let over = draft.wait_over(job.created, draft.facts.waits.start_seconds);
            if draft.now >= over {
                give_up(
                    draft,
                    workload,
                    plan,
                    run,
                    job,
                    broken(missing, &order, FindingReason::JobNotStarted, &words::not_started(why)),
                );
            } else {
                draft.look_at(over);
                evaluating(draft, &run.name, run.created, why);
            }
        }
        JobState::Running { since } => {
            let over = draft.wait_over(*since, draft.facts.waits.finish_seconds);
            if draft.now >= over {
                give_up(
                    draft,
                    workload,
                    plan,
                    run,
                    job,
                    broken(
                        missing,
                        &order,
                        FindingReason::JobTimedOut,
                        "the evaluation did not end in time; create a ReleaseAction Retry",
                    ),
                );
            } else {
                draft.look_at(over);
                evaluating(draft, &run.name, run.created, "the evaluation pod is running");
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
        JobProblem::Failed(_) => FindingReason::JobFailed,
    }
}

/// Every gate that the Job should have answered is an error, for the same reason.
fn broken(mut findings: Vec<Finding>, order: &EvaluationOrder, reason: FindingReason, message: &str) -> Vec<Finding> {
    findings.extend(order.gates.iter().map(|g| Finding::new(g.key.clone(), Outcome::Error, reason, message)));
    findings
}

fn give_up(draft: &mut Draft, workload: &Workload, plan: &Plan, run: &Run, job: &Job, findings: Vec<Finding>) {
    let delete = Step::DeleteJob { name: job.name.clone(), uid: job.uid.clone() };
    end(draft, workload, plan, run, findings, Some((job.name.clone(), job.uid.clone())));
    draft.step(delete);
}

/// Ends the run and goes on with its findings in the same pass.
fn end(
    draft: &mut Draft,
    workload: &Workload,
    plan: &Plan,
    run: &Run,
    findings: Vec<Finding>,
    job: Option<(String, String)>,
) {
    let outcome = verdict::worst_blocking(&verdict::rows(draft, plan, &findings));
    let rows = verdict::found(plan, &findings);
    draft.step(Step::FinishRun { run_name: run.name.clone(), outcome, findings: findings.clone(), rows, job });
    conclude(draft, workload, plan, run, &findings, later(draft.now, 0));
}

/// What a run's findings lead to: a verdict, or another attempt a little later.
pub(super) fn conclude(
    draft: &mut Draft,
    workload: &Workload,
    plan: &Plan,
    run: &Run,
    findings: &[Finding],
    finished: Timestamp,
) {
    let Some(again) = again_at(draft, plan, run, findings, finished) else {
        return verdict::decide(draft, workload, plan, run, findings, finished);
    };
    draft.look_at(again);
    let message = format!(
        "GateRun {} read an old copy of a ConfigMap that was made again under its name; it is evaluated again soon",
        run.name
    );
    draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::Evaluating, message.clone());
    draft.reconcile(Reason::Evaluating, message);
}

/// When a finished run is tried once more without being asked to. A kubelet does not ask for an immutable ConfigMap
/// twice while one of its pods uses it, and goes on for a moment after the pod has ended: whoever makes evidence anew
/// under its old name gets the earlier content (kubernetes.io/docs/concepts/configuration/configmap).
///
/// What failed anyway is not tried again, and a clock that stepped back is no reason to wait longer.
pub(super) fn again_at(
    draft: &Draft,
    plan: &Plan,
    run: &Run,
    findings: &[Finding],
    finished: Timestamp,
) -> Option<Timestamp> {
    let outdated = findings.iter().any(|finding| finding.reason == FindingReason::OtherConfigMap);
    let failed = verdict::worst_blocking(&verdict::rows(draft, plan, findings)) == Outcome::Fail;
    let again = if draft.now < finished { draft.now } else { later(finished, AGAIN_SECONDS * u64::from(run.attempt)) };
    (outdated && !failed && run.attempt < MOST_ATTEMPTS).then_some(again)
}

/// A quick evaluation is one sentence, written once; a slow one says what it waits for.
pub(super) fn evaluating(draft: &mut Draft, run: &str, since: Timestamp, waits_for: &str) {
    let mut message = format!("GateRun {run} is being evaluated");
    let slow = draft.wait_over(since, SLOW_SECONDS);
    if draft.now >= slow {
        message = format!("{message}: {waits_for}");
    } else {
        draft.look_at(slow);
    }
    draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::Evaluating, message.clone());
    draft.reconcile(Reason::Evaluating, message);
}
