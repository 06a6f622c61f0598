//! What the API server makes of the operator's writes.

use crate::world::World;
use jiff::Timestamp;
use modelgate::intake;
use modelgate::policy::{Digest, EvaluationOrder};
use modelgate::release::Step;
use modelgate::release::facts::*;

impl World {
    pub(super) fn record(&mut self, name: &str) -> &mut Admitted {
        self.admitted.iter_mut().find(|a| a.name == name).expect("an AdmittedRevision")
    }

    /// What the API server makes of one step. Err: a precondition did not hold.
    pub(super) fn write(&mut self, step: &Step) -> Result<(), ()> {
        match step {
            Step::StartRun(run) => {
                if self.runs.iter().any(|r| r.name == run.name) {
                    return Ok(());
                }
                let uid = format!("{}-uid", run.name);
                self.runs.push(Run {
                    name: run.name.clone(),
                    uid: uid.clone(),
                    release_uid: self.release.as_ref().unwrap().uid.clone(),
                    target_uid: run.target_uid.clone(),
                    revision: run.revision.clone(),
                    model_digest: run.model_digest.clone(),
                    plan: run.plan.clone(),
                    attempt: run.attempt,
                    created: self.now,
                    evidence: run.evidence.clone(),
                    answered: vec![],
                    finished: None,
                    superseded: false,
                });
                for order in &run.orders {
                    self.start_job(&run.name, order.for_run(&uid, self.now))?;
                }
            }
            Step::StartJob { run_name, order, .. } => self.start_job(run_name, (**order).clone())?,
            Step::FinishRun { run_name, rows, .. } => {
                let findings = rows.iter().map(|row| intake::finding_row(&intake::gate_row(row))).collect();
                let finished_at = Timestamp::from_second(self.now.as_second()).unwrap();
                let run = self.runs.iter_mut().find(|r| r.name == *run_name).expect("a run");
                assert!(run.finished.is_none(), "a finished run is never edited");
                run.finished = Some(FinishedRun { at: finished_at, findings });
            }
            Step::SupersedeRun { run_name } => {
                let run = self.runs.iter_mut().find(|r| r.name == *run_name).expect("a run");
                assert!(run.finished.is_none() && !run.superseded, "a finished run is never edited");
                run.superseded = true;
            }
            Step::RecordAnswers { run_name, rows } => {
                let findings = rows.iter().map(|row| intake::finding_row(&intake::gate_row(row))).collect();
                let run = self.runs.iter_mut().find(|r| r.name == *run_name).expect("a run");
                assert!(run.finished.is_none(), "a finished run is never edited");
                run.answered = findings;
            }
            Step::DeleteJob { name, uid } => self.jobs.retain(|(j, _)| j.name != *name || j.uid != *uid),
            Step::RecordAdmission(a) => {
                let template_moved =
                    self.deployment.as_ref().is_none_or(|d| d.uid != a.deployment_uid || d.generation != a.generation);
                if template_moved {
                    return Err(());
                }
                self.recorded_since.get_or_insert(self.now);
                if !self.admitted.iter().any(|r| r.name == a.name) {
                    self.admitted.push(Admitted {
                        name: a.name.clone(),
                        revision: a.revision.clone(),
                        model_digest: a.model_digest.clone(),
                        model_version: a.model_version.clone(),
                        template_digest: a.template_digest.clone(),
                        target_uid: a.deployment_uid.clone(),
                        adopted: a.adopted,
                        at: a.at,
                        values: a.values.clone(),
                        counts: a.counts.clone(),
                        explanations: a.explanations.clone(),
                        guard: None,
                        current: false,
                        served: None,
                    });
                }
            }
            Step::RecordEvaluation { admitted, evaluation } => {
                let record = self.record(admitted);
                (record.adopted, record.at) = (false, evaluation.at);
                record.model_digest = Some(evaluation.model_digest.clone());
                record.model_version = Some(evaluation.model_version.clone());
                record.values.clone_from(&evaluation.values);
                record.counts.clone_from(&evaluation.counts);
                record.explanations.clone_from(&evaluation.explanations);
            }
            Step::Admit { uid, generation, revision, .. } => self.mark(uid, *generation, revision, true)?,
            Step::MarkAdopted { uid, generation, revision, .. } => self.mark(uid, *generation, revision, false)?,
            Step::SetCurrent { admitted, current } => {
                let now = self.now;
                let record = self.record(admitted);
                (record.current, record.served) = (*current, Some(now));
            }
            Step::Guard { admitted, guard } => {
                let record = self.record(admitted);
                record.guard = Some(guard.clone());
                record.current = record.current && guard.restore_to.is_none();
            }
            Step::Unguard { admitted } => self.record(admitted).guard = None,
            Step::GuardDigest { digest, .. } => {
                if !self.guarded.contains(digest) {
                    self.guarded.push(digest.clone());
                }
            }
            Step::UnguardDigest { digest } => self.guarded.retain(|d| d != digest),
            Step::Hold { uid, .. } => {
                let Some(d) = self.deployment.as_mut().filter(|d| d.uid == *uid) else { return Err(()) };
                d.generation += i64::from(!d.paused);
                d.paused = true;
                d.mark = None;
            }
            Step::RetireReplicaSet { uid, keep_pods, .. } => {
                let now = self.now;
                let Some(set) = self.replica_sets.iter_mut().find(|rs| rs.uid == *uid) else { return Ok(()) };
                set.terminating_since.get_or_insert(now);
                if !keep_pods {
                    self.background.insert(uid.clone());
                }
            }
            Step::ReleasePods { uid, .. } => self.let_go(uid),
            Step::RebuildReplicaSet { admitted, replicas, .. } => {
                let record = self.record(admitted).clone();
                let mut set = self.new_set(&record.template_digest, *replicas);
                set.mark = Some(record.revision.to_string());
                self.replica_sets.push(set);
            }
            Step::TouchReplicaSet { uid, desired, nudge, .. } => {
                let now = self.now;
                let Some(set) = self.replica_sets.iter_mut().find(|rs| rs.uid == *uid) else { return Err(()) };
                set.desired_annotation = Some(desired.to_string());
                if *nudge {
                    set.woken_at = Some(now);
                }
                self.nudged |= nudge;
            }
            Step::UnmarkReplicaSet { uid, mark, .. } => {
                let set = self.replica_sets.iter_mut().find(|rs| rs.uid == *uid && rs.mark.as_ref() == Some(mark));
                let Some(set) = set else { return Err(()) };
                set.mark = None;
            }
            Step::DeletePod { uid, .. } => {
                for (_, pod) in self.pods.iter_mut().filter(|(_, p)| p.uid == *uid) {
                    pod.terminating = true;
                }
            }
            Step::CountApproval { name, counted, reason, message } => {
                let given = self.approvals.iter_mut().find(|a| a.name == *name).expect("an approval");
                given.counted_before = Some((*counted, message.clone()));
                self.counted.insert(name.clone(), (*counted, *reason));
            }
            Step::CompleteAction { name, done, reason, .. } => {
                self.actions.retain(|a| a.name != *name);
                self.answers.insert(name.clone(), (*done, reason.clone()));
            }
        }
        Ok(())
    }

    fn start_job(&mut self, run: &str, order: EvaluationOrder) -> Result<(), ()> {
        let of_refused = |gate: &String| order.own_job().is_some_and(|(key, _)| key.gate == *gate);
        if self.refused.is_some() && self.refused_gate.as_ref().is_none_or(of_refused) {
            self.refused_job = Some(order.job_name());
            return Err(());
        }
        let gate = order.own_job().map(|(gate, _)| gate.clone());
        let name = gate.as_ref().map_or(format!("job-of-{run}"), |gate| format!("job-of-{run}-{}", gate.gate));
        if self.jobs.iter().any(|(j, _)| j.name == name) {
            return Ok(());
        }
        let state = JobState::NotStarted("no pod was created yet".into());
        let job = Job { uid: format!("{name}-uid"), name, run: run.into(), gate, created: self.now, state };
        self.jobs.push((job, order));
        Ok(())
    }

    fn mark(&mut self, uid: &str, generation: i64, revision: &Digest, unpause: bool) -> Result<(), ()> {
        let Some(d) = self.deployment.as_mut().filter(|d| d.uid == uid && d.generation == generation) else {
            return Err(());
        };
        if unpause && d.paused {
            d.paused = false;
            d.generation += 1;
        }
        d.mark = Some(revision.to_string());
        Ok(())
    }
}
