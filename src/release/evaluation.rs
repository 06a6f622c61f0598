//! From a matched workload to findings: choose or start the run, wait for evidence and Job, end the run.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{NewRun, Step};
use super::draft::{Draft, later};
use super::facts::{EvidenceState, Job, JobProblem, JobState, Mode, Run, Verb, Workload};
use super::{pairing, running, verdict, words};
use crate::policy::judgement::{self, ResultProblem};
use crate::policy::{
    Check, Digest, EvaluationOrder, EvidenceSpec, Finding, FindingReason, Gate, OnBreach, OrderFacts, Outcome, Plan,
    ResultDocument,
};

pub(super) fn evaluate(draft: &mut Draft, workload: &Workload) {
    if guarded(draft, workload) {
        return;
    }
    held_or_admitted(draft, workload);
    let plan = match &draft.facts.plan {
        Ok(plan) => plan,
        Err(problem) => {
            let reason = verdict::plan_reason(problem);
            draft.say(ConditionType::GatesPassed, Status::Unknown, reason, problem.to_string());
            return draft.stall(reason, problem.to_string());
        }
    };
    draft.report.plan = plan.hash().ok();
    if !pairing::matched(draft, workload) {
        return;
    }
    match running::is_admitted(draft.facts, workload) {
        Some(admitted) => verdict::admitted(draft, workload, plan, admitted),
        None => towards_admission(draft, workload, plan),
    }
}

/// The wanted revision, or its model, is known to be bad.
fn guarded(draft: &mut Draft, workload: &Workload) -> bool {
    let facts = draft.facts;
    let record = facts.admitted.iter().find(|a| a.revision == workload.revision && a.guard.is_some());
    let model = workload.named_models.iter().find(|d| running::is_guarded_model(facts, d));
    // What is held where it is comes first: it runs, and a person must decide about it.
    let stopped = running::stopped(facts, workload).filter(|_| record.is_some() || model.is_some());
    let (reason, message) = match (stopped.or(record), model) {
        (Some(bad), _) => match &bad.guard {
            Some(guard) if guard.restore_to.is_some() => {
                (Reason::RolledBack, words::guarded(&workload.name, &workload.revision, guard))
            }
            Some(guard) if guard.response == OnBreach::Rollback => {
                (Reason::NoRollbackTarget, words::stopped(bad, &guard.message))
            }
            Some(guard) => (Reason::Frozen, words::stopped(bad, &guard.message)),
            None => return false,
        },
        (None, Some(digest)) => (
            Reason::RolledBack,
            format!(
                "Deployment {} asks for model {}, which was taken back: apply another version, or create a ReleaseAction Unguard for the revision that was rolled back",
                workload.name,
                digest.short(12)
            ),
        ),
        (None, None) => return false,
    };
    draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
    draft.stall(reason, message);
    // Only to say so: what stalls already stands.
    pairing::matched(draft, workload);
    if let Ok(plan) = &draft.facts.plan {
        draft.report.plan = plan.hash().ok();
        verdict::recall(draft, plan, &workload.revision);
    }
    true
}

fn held_or_admitted(draft: &mut Draft, workload: &Workload) {
    if draft.facts.namespace.mode == Mode::Audit {
        return draft.say(
            ConditionType::Admitted,
            Status::True,
            Reason::AuditOnly,
            "nothing is held in an audit namespace",
        );
    }
    match running::is_admitted(draft.facts, workload) {
        Some(admitted) if admitted.adopted => {
            let message =
                format!("{} ran before its namespace was governed; it was never evaluated", words::revision(admitted));
            draft.say(ConditionType::Admitted, Status::True, Reason::Adopted, message);
        }
        Some(admitted) => {
            let message = format!("{} may run", words::revision(admitted));
            draft.say(ConditionType::Admitted, Status::True, Reason::Admitted, message);
        }
        None => {
            let keeps = match running::running(draft.facts, workload) {
                Some(running) => format!("{} keeps running", words::revision(running)),
                None => "no pod starts".to_owned(),
            };
            let message = format!(
                "Deployment {} is held until ModelRelease {} is admitted; {keeps}",
                workload.name, draft.facts.release.name
            );
            draft.say(ConditionType::Admitted, Status::False, Reason::Held, message);
        }
    }
}

fn towards_admission(draft: &mut Draft, workload: &Workload, plan: &Plan) {
    let pins = pins(draft);
    let key = run_key(draft, workload, plan, &pins);
    // Long enough that nobody finds another revision with the same name; and what the run says of itself
    // must agree.
    let prefix = format!("{}-{}-", draft.facts.release.name, key.short(16));
    let about_this = |r: &&Run| {
        r.name.starts_with(&prefix)
            && r.revision == workload.revision
            && r.model_digest == draft.facts.release.model_digest
            && Some(&r.plan) == draft.report.plan.as_ref()
            && r.target_uid == workload.uid
            && r.evidence == pins
    };
    let latest = draft.facts.runs.iter().filter(about_this).max_by_key(|r| r.attempt);
    let retry = draft.facts.actions.iter().find(|a| a.verb == Verb::Retry);
    // A retry before anything was evaluated, or one that a crash left unanswered, asks for what happens anyway.
    let again = retry.filter(|retry| latest.is_some_and(|run| run.finished.is_some() && run.created <= retry.created));
    if let Some(retry) = retry.filter(|_| again.is_none()) {
        draft.step(Step::CompleteAction {
            name: retry.name.clone(),
            done: true,
            reason: "AlreadyEvaluating".to_owned(),
            message: "an evaluation is under way".to_owned(),
        });
    }
    match latest {
        None => begin(draft, workload, plan, &prefix, 1),
        Some(run) => match (&run.finished, again) {
            (Some(_), Some(retry)) => {
                begin(draft, workload, plan, &prefix, run.attempt + 1);
                draft.step(Step::CompleteAction {
                    name: retry.name.clone(),
                    done: true,
                    reason: "Started".to_owned(),
                    message: format!("attempt {} was started", run.attempt + 1),
                });
            }
            (Some(finished), None) => {
                draft.report.run = Some(run.name.clone());
                verdict::decide(draft, workload, plan, run, &finished.findings, finished.at);
            }
            (None, _) => follow(draft, workload, plan, run),
        },
    }
}

/// What makes two evaluations the same: release, revision, model, plan, evidence as pinned, and all that
/// the evaluator is asked and told.
fn run_key(draft: &Draft, workload: &Workload, plan: &Plan, pins: &[Pin]) -> Digest {
    let facts = draft.facts;
    let mut text =
        format!("{}\n{}\n{}\n{}\n", facts.release.uid, workload.uid, workload.revision, facts.release.model_digest);
    if let Some(plan) = &draft.report.plan {
        text.push_str(plan.as_str());
    }
    for (name, digest, uid) in pins {
        let digest = digest.as_ref().map(Digest::as_str).unwrap_or_default();
        text.push_str(&format!("\n{name}={digest}@{}", uid.as_deref().unwrap_or_default()));
    }
    let order = order(draft, plan, &unanswerable(draft, plan));
    if let Ok(order) = Digest::of_json(&order) {
        text.push_str(&format!("\n{order}"));
    }
    Digest::of(text.as_bytes())
}

/// Name of a piece of evidence, its digest, UID of its ConfigMap.
type Pin = (String, Option<Digest>, Option<String>);

fn pins(draft: &Draft) -> Vec<Pin> {
    let pin = |e: &super::facts::Evidence| match &e.state {
        EvidenceState::Pinned { digest, uid } => (e.name.clone(), Some(digest.clone()), uid.clone()),
        EvidenceState::Missing(_) | EvidenceState::Unusable(_) => (e.name.clone(), None, None),
    };
    draft.facts.evidence.iter().map(pin).collect()
}

fn before_release(plan: &Plan) -> impl Iterator<Item = &Gate> {
    plan.gates().filter(|g| g.check.runs_in_job())
}

/// Gates whose evidence is not all pinned, with what to say about each.
fn unanswerable(draft: &Draft, plan: &Plan) -> Vec<Finding> {
    let finding = |gate: &Gate| {
        gate.check.evidence().iter().find_map(|wanted| {
            let found = draft.facts.evidence.iter().find(|e| e.name == **wanted);
            let (outcome, reason, message) = match found.map(|e| &e.state) {
                Some(EvidenceState::Pinned { .. }) => return None,
                Some(EvidenceState::Missing(what)) => (Outcome::Missing, FindingReason::EvidenceMissing, what.clone()),
                Some(EvidenceState::Unusable(what)) => (Outcome::Error, FindingReason::NotPinned, what.clone()),
                None => (
                    Outcome::Missing,
                    FindingReason::EvidenceMissing,
                    format!("the release names no evidence {wanted}: add it to spec.evidence"),
                ),
            };
            Some(Finding::new(gate.key.clone(), outcome, reason, message))
        })
    };
    before_release(plan).filter_map(finding).collect()
}

fn begin(draft: &mut Draft, workload: &Workload, plan: &Plan, prefix: &str, attempt: u32) {
    let asked: Vec<&str> = before_release(plan).flat_map(|g| g.check.evidence()).collect();
    let absent = draft.facts.evidence.iter().find_map(|e| match &e.state {
        EvidenceState::Missing(what) if asked.contains(&e.name.as_str()) => Some(what.clone()),
        EvidenceState::Missing(_) | EvidenceState::Pinned { .. } | EvidenceState::Unusable(_) => None,
    });
    // A second attempt is asked for by a person, who need not wait again.
    if let Some(what) = absent.filter(|_| attempt == 1) {
        let since = draft.waiting_since(ConditionType::GatesPassed, Reason::AwaitingEvidence);
        let over = draft.wait_over(since, draft.facts.waits.evidence_seconds);
        draft.report.waiting_since = Some(since);
        if draft.now < over {
            draft.look_at(over);
            draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::AwaitingEvidence, what.clone());
            return draft.reconcile(Reason::AwaitingEvidence, what);
        }
    }
    let name = format!("{prefix}{attempt}");
    let order = order(draft, plan, &unanswerable(draft, plan));
    let Ok(compiled) = serde_json::to_string(plan) else { return };
    let Some(plan_hash) = draft.report.plan.clone() else { return };
    let run = NewRun {
        name: name.clone(),
        revision: workload.revision.clone(),
        model_digest: draft.facts.release.model_digest.clone(),
        plan: plan_hash,
        compiled,
        target_uid: workload.uid.clone(),
        attempt,
        evidence: pins(draft),
        order,
        waits: (draft.facts.waits.start_seconds, draft.facts.waits.finish_seconds),
    };
    draft.step(Step::StartRun(Box::new(run)));
    draft.report.run = Some(name.clone());
    evaluating(draft, &name, "started");
}

fn evaluating(draft: &mut Draft, run: &str, how: &str) {
    let message = format!("GateRun {run}: {how}");
    draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::Evaluating, message.clone());
    draft.reconcile(Reason::Evaluating, message);
}

/// The evaluator's order; None when no gate needs it.
fn order(draft: &Draft, plan: &Plan, unanswerable: &[Finding]) -> Option<EvaluationOrder> {
    let facts = draft.facts;
    let release = &facts.release;
    let answerable = |gate: &&Gate| !unanswerable.iter().any(|f| f.gate == gate.key);
    let gates: Vec<Gate> = before_release(plan).filter(answerable).map(|g| with_baseline(draft, g)).collect();
    if gates.is_empty() {
        return None;
    }
    let asked: Vec<&str> = gates.iter().flat_map(|g| g.check.evidence()).collect();
    let pinned = |spec: &EvidenceSpec| {
        let state = facts.evidence.iter().find(|e| e.name == spec.name).map(|e| &e.state);
        match state {
            Some(EvidenceState::Pinned { digest, .. }) if asked.contains(&spec.name.as_str()) => {
                Some(EvidenceSpec { digest: Some(digest.clone()), ..spec.clone() })
            }
            Some(_) | None => None,
        }
    };
    let evidence = release.evidence.iter().filter_map(pinned).collect();
    let declared =
        release.declared.iter().map(|(factor, level)| (lower_first(&format!("{factor:?}")), format!("{level:?}")));
    let facts = OrderFacts {
        namespace: release.namespace.clone(),
        namespace_labels: facts.namespace.labels.clone(),
        release: release.name.clone(),
        model_name: release.model_name.clone(),
        model_version: release.model_version.clone(),
        model_digest: Some(release.model_digest.clone()),
        declared: declared.collect(),
    };
    Some(EvaluationOrder { run: String::new(), facts, evidence, gates })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Fills in the last admitted revision's number where a metric is compared with it.
fn with_baseline(draft: &Draft, gate: &Gate) -> Gate {
    let mut gate = gate.clone();
    if let Check::Metric(metric) = &mut gate.check
        && let Some(against) = &mut metric.against_admitted
    {
        let good = draft.facts.admitted.iter().filter(|a| a.guard.is_none() && !a.adopted);
        let good = good.filter(|a| draft.report.revision.as_ref() != Some(&a.revision));
        against.baseline = good.max_by_key(|a| a.at).and_then(|a| a.values.get(&gate.key.to_string()).cloned());
    }
    gate
}

/// An unfinished run: look at its Job.
fn follow(draft: &mut Draft, workload: &Workload, plan: &Plan, run: &Run) {
    draft.report.run = Some(run.name.clone());
    let missing = unanswerable(draft, plan);
    let Some(mut order) = order(draft, plan, &missing) else {
        return end(draft, workload, plan, run, missing, None);
    };
    order.run.clone_from(&run.uid);
    let job = draft.facts.jobs.iter().find(|job| job.run == run.name);
    let Some(job) = job else {
        let refused = draft.facts.refused.as_ref().filter(|(name, _)| *name == run.name).map(|(_, why)| why.clone());
        let over = draft.wait_over(run.created, draft.facts.waits.start_seconds);
        if let Some(why) = refused.as_ref().filter(|_| draft.now >= over) {
            let message = format!("the evaluation did not start: {why}");
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
        draft.step(Step::StartJob {
            run_name: run.name.clone(),
            run_uid: run.uid.clone(),
            order: Box::new(order),
            waits,
        });
        return evaluating(draft, &run.name, refused.as_deref().unwrap_or("started"));
    };
    let reference = Some((job.name.clone(), job.uid.clone()));
    match &job.state {
        JobState::Ended { document, order: asked } => {
            let findings = match answered(&order, document, asked) {
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
                    broken(
                        missing,
                        &order,
                        FindingReason::JobNotStarted,
                        &format!("the evaluation did not start: {why}"),
                    ),
                );
            } else {
                draft.look_at(over);
                evaluating(draft, &run.name, why);
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
                    broken(missing, &order, FindingReason::JobTimedOut, "the evaluation did not end in time"),
                );
            } else {
                draft.look_at(over);
                evaluating(draft, &run.name, "running");
            }
        }
    }
}

/// The document counts only for the order that this pass would give.
fn answered(order: &EvaluationOrder, document: &ResultDocument, asked: &Digest) -> Result<Vec<Finding>, JobProblem> {
    if Digest::of_json(order).ok().as_ref() != Some(asked) {
        return Err(JobProblem::BadResult("the Job was asked something else; create a ReleaseAction Retry".to_owned()));
    }
    judgement::findings(document, order).map_err(|problem| match problem {
        ResultProblem::OtherRun => JobProblem::OtherRun,
        ResultProblem::Bad(what) => JobProblem::BadResult(what),
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
    verdict::decide(draft, workload, plan, run, &findings, later(draft.now, 0));
}
