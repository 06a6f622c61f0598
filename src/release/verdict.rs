//! From findings to a verdict: rows, risk, people, admission.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{Admission, Evaluation, Row, Step};
use super::draft::Draft;
use super::facts::{Admitted, Mode, PlanProblem, Run, Workload};
use super::{adopt, approval, order, running, words};
use crate::policy::risk::Asked;
use crate::policy::{Counts, Digest, Enforcement, Finding, FindingReason, Outcome, Plan, RiskScore, Stage, risk};
use jiff::Timestamp;

pub(super) fn plan_reason(problem: &PlanProblem) -> Reason {
    match problem {
        PlanProblem::NoPolicy(_) => Reason::NoPolicy,
        PlanProblem::TooMany { .. } => Reason::TooManyGates,
        PlanProblem::Invalid { .. } => Reason::InvalidPolicy,
    }
}

/// What was found, gate by gate, before tier and enforcement are looked at: what a run stores. A run that
/// stored what is shown would give another risk when it is read again.
pub(super) fn found(plan: &Plan, findings: &[Finding]) -> Vec<Row> {
    plan.gates()
        .filter(|gate| gate.check.runs_in_job())
        .map(|gate| {
            let row = |outcome, value, threshold, reason: String, message: String| Row {
                key: gate.key.clone(),
                check: gate.check.kind().to_owned(),
                enforcement: gate.enforcement,
                outcome,
                value,
                threshold,
                reason,
                message,
                counts: Counts::new(),
            };
            match findings.iter().find(|f| f.gate == gate.key) {
                Some(f) => {
                    let (value, threshold) = (f.value.clone(), f.threshold.clone());
                    let row = row(f.outcome, value, threshold, f.reason.to_string(), f.message.clone());
                    Row { counts: f.counts.clone(), ..row }
                }
                None => {
                    let message = "the run holds no finding for this gate; create a ReleaseAction Retry".to_owned();
                    row(Outcome::Error, None, None, FindingReason::ResultMissing.to_string(), message)
                }
            }
        })
        .collect()
}

/// The same rows as they are shown and decided by: not asked below their tier, softened where the gate
/// only warns.
pub(super) fn rows(draft: &Draft, plan: &Plan, findings: &[Finding]) -> Vec<Row> {
    let risk = score(draft, plan, findings);
    let mut rows = found(plan, findings);
    for row in &mut rows {
        let from = plan.gate(&row.key).and_then(|gate| gate.min_tier);
        let asked = from.is_none_or(|from| risk.as_ref().is_none_or(|r| r.tier >= from));
        if !asked {
            row.outcome = Outcome::Skipped;
            row.reason = FindingReason::NotAtThisTier.to_string();
            row.message = "not asked at this risk tier".to_owned();
        } else if row.enforcement == Enforcement::Warn && row.outcome > Outcome::Warn {
            row.outcome = Outcome::Warn;
        }
    }
    rows
}

pub(super) fn worst_blocking(rows: &[Row]) -> Outcome {
    super::facts::worst(rows.iter().filter(|r| r.enforcement == Enforcement::Enforce).map(|r| r.outcome))
}

/// Each policy scores with its own model; the highest is shown and decides.
fn score(draft: &Draft, plan: &Plan, findings: &[Finding]) -> Option<RiskScore> {
    let default_model = risk::RiskModel::default();
    plan.policies
        .iter()
        .map(|policy| {
            let asked = policy.gates.iter().filter(|gate| gate.check.runs_in_job());
            let found = |gate| Asked { gate, finding: findings.iter().find(|finding| finding.gate == gate.key) };
            let asked: Vec<Asked<'_>> = asked.map(found).collect();
            let model = policy.risk.as_ref().unwrap_or(&default_model);
            risk::score(&policy.name, model, &draft.facts.release.declared, &asked)
        })
        .max_by(|a, b| (a.tier, a.score).cmp(&(b.tier, b.score)).then_with(|| b.policy.cmp(&a.policy)))
}

/// A finished run decides: gates, then people, then admission.
pub(super) fn decide(
    draft: &mut Draft,
    workload: &Workload,
    plan: &Plan,
    run: &Run,
    findings: &[Finding],
    finished: Timestamp,
) {
    let rows = show(draft, plan, findings);
    if !gates_passed(draft, &rows) {
        return;
    }
    let tier = draft.report.risk.as_ref().map(|r| r.tier);
    if !approval::satisfied(draft, plan, tier, run, finished) {
        return;
    }
    match draft.facts.namespace.mode {
        Mode::Enforce => admit(draft, workload, plan, run, findings),
        Mode::Audit => {
            draft.say(
                ConditionType::Ready,
                Status::True,
                Reason::AuditOnly,
                "the namespace is in audit mode: nothing is held, whatever the gates say",
            );
        }
        Mode::NotGoverned => {}
    }
}

fn show(draft: &mut Draft, plan: &Plan, findings: &[Finding]) -> Vec<Row> {
    let rows = rows(draft, plan, findings);
    draft.report.rows.clone_from(&rows);
    draft.report.rows.extend(later_rows(plan));
    draft.report.risk = score(draft, plan, findings);
    rows
}

/// Prometheus gates, which are asked after release.
fn later_rows(plan: &Plan) -> impl Iterator<Item = Row> + '_ {
    plan.gates().filter(|g| g.stage == Stage::AfterRelease).map(|gate| Row {
        key: gate.key.clone(),
        check: gate.check.kind().to_owned(),
        enforcement: gate.enforcement,
        outcome: Outcome::Skipped,
        value: None,
        threshold: gate.check.limits().map(|limits| limits.to_string()),
        reason: "NotAtThisStage".to_owned(),
        message: "asked after release".to_owned(),
        counts: Counts::new(),
    })
}

fn gates_passed(draft: &mut Draft, rows: &[Row]) -> bool {
    let blocking: Vec<&Row> =
        rows.iter().filter(|r| r.enforcement == Enforcement::Enforce && r.outcome > Outcome::Skipped).collect();
    let worst = blocking.iter().max_by_key(|r| r.outcome);
    let Some(worst) = worst else {
        let (reason, message) = passed(rows);
        draft.say(ConditionType::GatesPassed, Status::True, reason, message);
        return true;
    };
    let reason = match worst.outcome {
        Outcome::Fail | Outcome::Warn => Reason::GateFailed,
        Outcome::Missing => Reason::EvidenceMissing,
        Outcome::Error => Reason::GateError,
        Outcome::Inconclusive => Reason::GateInconclusive,
        Outcome::Pass | Outcome::Skipped => Reason::GateError,
    };
    let more = match blocking.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let message = format!("gate {}: {}{more}", worst.key, worst.message);
    draft.say(ConditionType::GatesPassed, Status::False, reason, message.clone());
    draft.stall(reason, message);
    false
}

/// How to say that nothing blocks.
fn passed(rows: &[Row]) -> (Reason, String) {
    let warned = rows.iter().filter(|r| r.outcome > Outcome::Skipped).count();
    let passed = rows.iter().filter(|r| r.outcome == Outcome::Pass).count();
    let gates = if passed == 1 { "1 gate".to_owned() } else { format!("{passed} gates") };
    match warned {
        0 => (Reason::AllPassed, format!("{gates} passed")),
        _ => (Reason::PassedWithWarnings, format!("{gates} passed, {warned} did not and only warn")),
    }
}

fn admit(draft: &mut Draft, workload: &Workload, plan: &Plan, run: &Run, findings: &[Finding]) {
    let facts = draft.facts;
    let name = adopt::record_name(workload);
    let values = findings.iter().filter_map(|f| Some((f.gate.to_string(), f.value.clone()?))).collect();
    let counted = findings.iter().filter(|f| !f.counts.is_empty());
    let counts = counted.map(|f| (f.gate.to_string(), f.counts.clone())).collect();
    let explanations = order::explanations(draft, plan, findings);
    match facts.admitted.iter().find(|a| a.name == name && a.target_uid == workload.uid) {
        None => draft.step(Step::RecordAdmission(Box::new(Admission {
            name,
            release: Some(facts.release.name.clone()),
            deployment: workload.name.clone(),
            deployment_uid: workload.uid.clone(),
            generation: workload.generation,
            revision: workload.revision.clone(),
            model_digest: Some(facts.release.model_digest.clone()),
            model_version: Some(facts.release.model_version.clone()),
            adopted: false,
            at: draft.now,
            run: Some(run.name.clone()),
            template_digest: workload.template_digest.clone(),
            values,
            counts,
            explanations,
        }))),
        // An admission never changes; what it was, and is no more, stands beside it.
        Some(record) if record.adopted => {
            let evaluation = Evaluation {
                run: run.name.clone(),
                at: draft.now,
                model_digest: facts.release.model_digest.clone(),
                model_version: facts.release.model_version.clone(),
                values,
                counts,
                explanations,
            };
            draft.step(Step::RecordEvaluation { admitted: name, evaluation });
        }
        Some(_) => {}
    }
    draft.step(Step::Admit {
        deployment: workload.name.clone(),
        uid: workload.uid.clone(),
        generation: workload.generation,
        revision: workload.revision.clone(),
    });
    draft.report.admitted_revision = Some(workload.revision.clone());
    // What was counted is about the revision before.
    draft.report.watch.clear();
    draft.unsay(ConditionType::WatchHealthy);
    // In the words of the next pass, which will find it admitted.
    let what = words::versioned(Some(&facts.release.model_version), &workload.revision);
    draft.say(ConditionType::Admitted, Status::True, Reason::Admitted, words::may_run(&what));
    draft.reconcile(Reason::RollingOut, words::rolls_out(&what, &workload.name));
}

/// The Deployment runs what was admitted: show the run it rests on, and how far the rollout is.
pub(super) fn admitted(draft: &mut Draft, workload: &Workload, plan: &Plan, admitted: &Admitted) {
    if admitted.adopted {
        // Whatever a run in an audited namespace came to, nothing was admitted by it.
        let message = "never evaluated: it ran before the namespace was governed".to_owned();
        draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::AwaitingWorkload, message.clone());
        draft.say(ConditionType::Approved, Status::True, Reason::NotRequired, message);
    } else {
        recall(draft, plan, &admitted.revision);
    }
    rollout(draft, workload, admitted);
}

/// Shows the run that a revision was admitted on, if it is still there.
pub(super) fn recall(draft: &mut Draft, plan: &Plan, revision: &Digest) {
    let runs = draft.facts.runs.iter().filter(|r| r.revision == *revision);
    let run = runs.filter_map(|r| r.finished.as_ref().map(|f| (r, f))).max_by_key(|(r, _)| (r.created, r.attempt));
    let Some((run, finished)) = run else { return };
    draft.report.run = Some(run.name.clone());
    let rows = show(draft, plan, &finished.findings);
    let tier = draft.report.risk.as_ref().map(|r| r.tier);
    if draft.report.plan.as_ref() == Some(&run.plan) {
        let (reason, message) = passed(&rows);
        draft.say(ConditionType::GatesPassed, Status::True, reason, message);
        approval::show(draft, plan, tier, run, finished.at);
        if !draft.has_said(ConditionType::Approved) {
            let message = "approved when it was admitted; not every approval is there any more";
            draft.say(ConditionType::Approved, Status::True, Reason::Approved, message);
        }
    } else {
        // Admission is an event: a later change of policy does not undo it.
        let message = "admitted under earlier policies; they have changed since".to_owned();
        draft.say(ConditionType::GatesPassed, Status::True, Reason::AllPassed, message.clone());
        draft.say(ConditionType::Approved, Status::True, Reason::Approved, message);
    }
}

fn rollout(draft: &mut Draft, workload: &Workload, admitted: &Admitted) {
    if workload.paused {
        let message = format!(
            "Deployment {} was paused by a person: resume it to roll out {}",
            workload.name,
            words::revision(admitted)
        );
        return draft.reconcile(Reason::RollingOut, message);
    }
    if !workload.rolled_out() {
        return draft.reconcile(Reason::RollingOut, words::rolls_out(&words::revision(admitted), &workload.name));
    }
    running::make_current(draft, workload, admitted);
    let (reason, message) = match admitted.adopted {
        true => (Reason::Adopted, format!("{} runs; it was never evaluated", words::revision(admitted))),
        false => (Reason::Released, format!("{} serves", words::revision(admitted))),
    };
    draft.say(ConditionType::Ready, Status::True, reason, message);
}
