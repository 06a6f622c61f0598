//! An unfinished run: its Jobs are started, watched, given up, and what they answer made the run's end.

use super::answer::{self, Answer};
use super::condition::{ConditionType, Reason, Status};
use super::decision::{JobOf, Row, Step};
use super::draft::{Draft, later};
use super::facts::{Run, Workload};
use super::{order, verdict};
use crate::policy::{Finding, FindingReason, Outcome, Plan};
use jiff::Timestamp;

/// A run that takes longer says what it waits for.
const SLOW_SECONDS: u64 = 10;

/// Attempts that are made without a person asking for one, and the wait before the second; twice that before the third.
const MOST_ATTEMPTS: u32 = 3;
const AGAIN_SECONDS: u64 = 10;

/// An unfinished run: look at its Jobs. It ends when each has answered or is not waited for any longer.
pub(super) fn follow(draft: &mut Draft, workload: &Workload, plan: &Plan, run: &Run) {
    draft.report.run = Some(run.name.clone());
    let mut findings = order::unanswerable(draft, plan);
    let (mut jobs, mut given_up, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let mut answered = run.answered.clone();
    let mut waits_for: Option<String> = None;
    for order in order::orders(draft, plan, &findings) {
        let order = order.for_run(&run.uid, run.created);
        let gate = order.own_job().map(|(gate, _)| gate.clone());
        let job = draft.facts.jobs.iter().find(|job| job.run == run.name && job.gate == gate);
        let of_gate = |why: String| gate.as_ref().map_or(why.clone(), |gate| format!("gate {gate}: {why}"));
        match answer::of(draft, run, &order, job) {
            Answer::Recorded(found) => findings.extend(found),
            Answer::Given(found) => {
                answered.extend(found.iter().cloned());
                findings.extend(found);
            }
            Answer::GivenUp(found) => {
                answered.extend(found.iter().cloned());
                findings.extend(found);
                given_up.extend(job.map(|job| Step::DeleteJob { name: job.name.clone(), uid: job.uid.clone() }));
            }
            Answer::Waiting { why, until } => {
                draft.look_at(until);
                waits_for.get_or_insert_with(|| of_gate(why));
            }
            Answer::NotMade(refused) => {
                let waits = (draft.facts.waits.start_seconds, draft.facts.waits.finish_seconds);
                starts.push(Step::StartJob { run_name: run.name.clone(), order: Box::new(order), waits });
                let why = refused.unwrap_or_else(|| "its Job is being created".to_owned());
                waits_for.get_or_insert_with(|| of_gate(why));
            }
        }
        jobs.extend(job.map(|job| JobOf { gate, name: job.name.clone(), uid: job.uid.clone() }));
    }
    match waits_for {
        Some(why) => {
            if answered.len() > run.answered.len() {
                let is_answered = |row: &Row| answered.iter().any(|finding| finding.gate == row.key);
                let rows = verdict::found(plan, &answered).into_iter().filter(is_answered).collect();
                draft.step(Step::RecordAnswers { run_name: run.name.clone(), rows });
            }
            evaluating(draft, &run.name, run.created, &why);
        }
        None => end(draft, workload, plan, run, findings, jobs),
    }
    // What was answered is on record before anything that may be refused.
    given_up.into_iter().chain(starts).for_each(|step| draft.step(step));
}

/// Ends the run and goes on with its findings in the same pass.
fn end(draft: &mut Draft, workload: &Workload, plan: &Plan, run: &Run, findings: Vec<Finding>, jobs: Vec<JobOf>) {
    let outcome = verdict::worst_blocking(&verdict::rows(draft, plan, &findings));
    let rows = verdict::found(plan, &findings);
    draft.step(Step::FinishRun { run_name: run.name.clone(), outcome, findings: findings.clone(), rows, jobs });
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
    let why = match findings.iter().any(|finding| finding.reason == FindingReason::OtherConfigMap) {
        true => "read an old copy of a ConfigMap that was made again under its name",
        false => "was begun by another version of the operator",
    };
    let message = format!("GateRun {} {why}; it is evaluated again soon", run.name);
    draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::Evaluating, message.clone());
    draft.reconcile(Reason::Evaluating, message);
}

/// When a finished run is tried once more without being asked to. A kubelet does not ask for an immutable ConfigMap
/// twice while one of its pods uses it, and goes on for a moment after the pod has ended: whoever makes evidence anew
/// under its old name gets the earlier content (kubernetes.io/docs/concepts/configuration/configmap). And an operator
/// that is updated while Jobs run does not take the results of its predecessor's.
///
/// What failed anyway is not tried again, and a clock that stepped back is no reason to wait longer.
pub(super) fn again_at(
    draft: &Draft,
    plan: &Plan,
    run: &Run,
    findings: &[Finding],
    finished: Timestamp,
) -> Option<Timestamp> {
    let passing = [FindingReason::OtherConfigMap, FindingReason::OtherVersion];
    let outdated = findings.iter().any(|finding| passing.contains(&finding.reason));
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
