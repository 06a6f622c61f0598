//! One namespace with one release: what was applied, what Modelgate wrote. `pass` gathers, decides and
//! writes as the operator does; it can be cut after any write.

use crate::checked;
use crate::cluster::Broken;
use crate::make::{self, at};
use jiff::Timestamp;
use modelgate::cluster::report;
use modelgate::policy::{
    Digest, EvaluationOrder, EvidenceSource, Finding, FindingReason, Gate, GateKey, Outcome, Plan,
};
use modelgate::release::decision::{CountReason, Step};
use modelgate::release::facts::*;
use modelgate::release::{
    Asked, Decision, Facts, counted_at, decide, left_behind, pending_restore, probe_due, undone, watched,
};
use modelgate::{api, intake};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub struct World {
    pub now: Timestamp,
    pub release: Option<Release>,
    pub plan: Result<Plan, PlanProblem>,
    pub mode: Mode,
    pub deployment: Option<Workload>,
    /// Stands in for the Deployment: another kind, or claimed.
    pub odd_target: Option<Target>,
    /// Immutable ConfigMaps and their UIDs.
    pub config_maps: BTreeMap<String, String>,
    pub odd_evidence: Option<EvidenceState>,
    pub runs: Vec<Run>,
    pub jobs: Vec<(Job, EvaluationOrder)>,
    pub refused: Option<String>,
    /// Only the Job of this gate is refused.
    pub refused_gate: Option<String>,
    /// The Job that was refused last.
    pub refused_job: Option<String>,
    pub approvals: Vec<Approval>,
    pub counted: BTreeMap<String, (bool, CountReason)>,
    pub actions: Vec<Action>,
    pub answers: BTreeMap<String, (bool, String)>,
    pub admitted: Vec<Admitted>,
    pub guarded: Vec<Digest>,
    pub replica_sets: Vec<ReplicaSet>,
    /// Ownerless pods and the hash they carry.
    pub pods: Vec<(String, OrphanPod)>,
    /// ReplicaSets that are deleted with their pods.
    pub background: BTreeSet<String>,
    pub status: Option<api::ModelReleaseStatus>,
    pub enforcement: Result<(), String>,
    /// What the evaluator finds for a gate, by the gate's name; 0.9 and a pass if nothing is said.
    pub measured: BTreeMap<String, (Outcome, f64)>,
    /// What it counts, whatever that is.
    pub counts: u64,
    /// What Prometheus answers.
    pub answer: Outcome,
    pub asked: BTreeMap<GateKey, Asked>,
    pub unreadable: Vec<Unreadable>,
    pub recorded_since: Option<Timestamp>,
    /// Steps that the API server refuses, by name.
    pub refuses: Vec<&'static str>,
    pub broken: Broken,
    pub nudged: bool,
    pub serial: u32,
    pub fewest_serving: i32,
    /// Writes left before the operator is killed. It comes back at once.
    pub writes_left: Option<usize>,
    /// The operator is killed after this many writes of every pass.
    pub dies_after: Option<usize>,
    pub writes: usize,
    /// Writes that changed nothing.
    pub idle_writes: Vec<String>,
}

impl World {
    /// A governed namespace with nothing in it.
    pub fn empty() -> Self {
        Self {
            now: at(0),
            release: None,
            plan: Err(PlanProblem::NoPolicy("lending".into())),
            mode: Mode::Enforce,
            deployment: None,
            odd_target: None,
            config_maps: BTreeMap::new(),
            odd_evidence: None,
            runs: vec![],
            jobs: vec![],
            refused: None,
            refused_gate: None,
            refused_job: None,
            approvals: vec![],
            counted: BTreeMap::new(),
            actions: vec![],
            answers: BTreeMap::new(),
            admitted: vec![],
            guarded: vec![],
            replica_sets: vec![],
            pods: vec![],
            background: BTreeSet::new(),
            status: None,
            enforcement: Ok(()),
            measured: BTreeMap::new(),
            counts: 10,
            answer: Outcome::Pass,
            asked: BTreeMap::new(),
            unreadable: vec![],
            recorded_since: None,
            refuses: vec![],
            broken: Broken::default(),
            nudged: false,
            serial: 0,
            fewest_serving: i32::MAX,
            writes_left: None,
            dies_after: None,
            writes: 0,
            idle_writes: vec![],
        }
    }

    /// Everything that version `n` needs is applied.
    pub fn with(plan: Plan, version: u32) -> Self {
        let mut world = Self::empty();
        world.plan = Ok(plan);
        world.apply(version);
        world
    }

    /// Applies release, evidence and Deployment of a version, as one commit does.
    pub fn apply(&mut self, version: u32) {
        self.apply_evidence(version);
        self.apply_release(version);
        self.apply_deployment(version);
    }

    pub fn apply_release(&mut self, version: u32) {
        self.release = Some(make::release(version));
    }

    pub fn apply_evidence(&mut self, version: u32) {
        self.config_maps.insert(format!("evidence-{version}"), format!("map-uid-{version}"));
    }

    /// The API server holds it, unless the template is the one that is there.
    pub fn apply_deployment(&mut self, version: u32) {
        let wanted = make::workload(version);
        match &mut self.deployment {
            Some(d) if d.template_digest == wanted.template_digest => {}
            Some(d) => {
                *d = Workload {
                    generation: d.generation + 1,
                    replicas: d.replicas,
                    recreate: d.recreate,
                    max_unavailable: d.max_unavailable,
                    observed_generation: d.observed_generation,
                    ..wanted
                };
            }
            None => self.deployment = Some(wanted),
        }
    }

    pub fn approve(&mut self, name: &str, by: &str, groups: &[&str], subject: &str) {
        self.give(name, by, groups, subject, true);
    }

    pub fn reject(&mut self, name: &str, by: &str, groups: &[&str], subject: &str) {
        self.give(name, by, groups, subject, false);
    }

    fn give(&mut self, name: &str, by: &str, groups: &[&str], subject: &str, approve: bool) {
        self.approvals.push(Approval {
            name: name.into(),
            uid: format!("{name}-uid"),
            created: self.now,
            subject: subject.into(),
            approve,
            by: Some(Person { name: by.into(), groups: groups.iter().map(|g| (*g).to_owned()).collect() }),
            counted_before: None,
        });
    }

    pub fn act(&mut self, name: &str, verb: Verb, revision: Option<Digest>) {
        let (created, reason) = (self.now, "because".to_owned());
        let uid = format!("{name} of {created}");
        self.actions.push(Action { name: name.into(), uid, created, verb, revision, reason, by: Some("otto".into()) });
    }

    /// The newest run's name.
    pub fn run(&self) -> String {
        self.runs.last().expect("a run").name.clone()
    }

    pub fn deployment(&mut self) -> &mut Workload {
        self.deployment.as_mut().expect("a Deployment")
    }

    pub fn gather(&self) -> Option<Facts> {
        let release = self.release.clone()?;
        let target = match (&self.odd_target, &self.deployment) {
            (Some(odd), _) => odd.clone(),
            (None, Some(d)) => Target::Found(Box::new(d.clone())),
            (None, None) => Target::NotFound,
        };
        let evidence = release.evidence.iter().map(|spec| {
            let EvidenceSource::ConfigMap { name, .. } = &spec.source else { panic!("only ConfigMaps here") };
            let state = match (&self.odd_evidence, self.config_maps.get(name)) {
                (Some(odd), _) => odd.clone(),
                (None, Some(uid)) => EvidenceState::Pinned { digest: Self::content(name), uid: Some(uid.clone()) },
                (None, None) => EvidenceState::Missing(format!("ConfigMap {name} does not exist")),
            };
            Evidence { name: spec.name.clone(), source: spec.source.clone(), state }
        });
        let (asked, stray): (Vec<Job>, Vec<Job>) =
            self.unfinished_jobs().into_iter().partition(|job| self.asks_for(job));
        let mut facts = Facts {
            prior: self.prior(),
            namespace: Namespace { mode: self.mode, labels: BTreeMap::new(), recorded_since: self.recorded_since },
            plan: self.plan.clone(),
            target,
            evidence: evidence.collect(),
            runs: self.runs.clone(),
            jobs: asked,
            stray_jobs: stray
                .into_iter()
                .filter(|job| matches!(job.state, JobState::NotStarted(_) | JobState::Running { .. }))
                .map(|job| StrayJob { name: job.name, uid: job.uid, run: job.run })
                .collect(),
            refused: self.refused.clone().and_then(|why| Some((self.refused_job.clone()?, why))),
            approvals: self.approvals.clone(),
            actions: self.actions.clone(),
            admitted: self.admitted.clone(),
            guarded_digests: self.guarded.clone(),
            replica_sets: self.replica_sets.clone(),
            orphans: vec![],
            probes: vec![],
            next_probe: None,
            unreadable: self.unreadable.clone(),
            enforcement: self.enforcement.clone(),
            waits: Waits::default(),
            release,
        };
        if let Some((_, guard)) = pending_restore(&facts) {
            let retired = self.pods.iter().filter(|(hash, _)| guard.retiring.contains(hash));
            facts.orphans = retired.map(|(_, pod)| pod.clone()).collect();
        }
        Some(facts)
    }

    fn unfinished_jobs(&self) -> Vec<Job> {
        let unfinished = |job: &&(Job, EvaluationOrder)| {
            self.runs.iter().any(|r| r.name == job.0.run && r.finished.is_none() && !r.superseded)
        };
        self.jobs.iter().filter(unfinished).map(|(job, _)| job.clone()).collect()
    }

    /// Whether the plan of now has the gate of a Job.
    fn asks_for(&self, job: &Job) -> bool {
        let Some(gate) = &job.gate else { return true };
        self.plan.iter().flat_map(Plan::gates).any(|known| known.key == *gate)
    }

    /// What the status says, read back through the API's own shape.
    fn prior(&self) -> Prior {
        let spec = serde_json::json!({
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "mortgage"},
            "model": {"name": "mortgage", "version": "1", "digest": make::model(1)},
        });
        let mut object = api::ModelRelease::new("mortgage", serde_json::from_value(spec).unwrap());
        object.status.clone_from(&self.status);
        intake::prior(&object)
    }

    /// Asks what is due, as the operator does before it decides.
    fn ask(&mut self, facts: &mut Facts) {
        let Some((running, gates)) = watched(facts) else { return };
        let revision = running.revision.clone();
        let due = |gate: &Gate, last: Option<&Asked>| {
            probe_due(last, counted_at(facts, running, gate), gate, &revision, self.now)
        };
        let (mut probes, mut next) = (vec![], None);
        for gate in gates {
            let mut again = due(gate, self.asked.get(&gate.key));
            if again <= self.now {
                let words = format!("answered {}", self.answer);
                probes.push(Finding::new(gate.key.clone(), self.answer, FindingReason::NoData, words));
                again = due(gate, Some(&(revision.clone(), self.now)));
            }
            next = next.min(Some(again)).or(Some(again));
        }
        (facts.probes, facts.next_probe) = (probes, next);
    }

    /// The status says what was answered.
    fn told(&mut self, facts: &Facts) {
        let Some((running, _)) = watched(facts) else { return };
        for answer in &facts.probes {
            self.asked.insert(answer.gate.clone(), (running.revision.clone(), self.now));
        }
    }

    /// Another replica takes over: what was only in memory is lost.
    pub fn change_leader(&mut self) {
        self.asked.clear();
    }

    /// One pass. None when there is no release.
    pub fn pass(&mut self) -> Option<Decision> {
        let Some(mut facts) = self.gather() else {
            return self.pass_without_release();
        };
        self.ask(&mut facts);
        let mut decision = decide(&facts, self.now);
        checked::decision(&facts, &decision, self.now);
        let mut refused = false;
        for (done, step) in decision.steps.iter().enumerate() {
            if self.killed(done) {
                return Some(decision);
            }
            if self.refuses.iter().any(|name| format!("{step:?}").starts_with(name)) {
                decision = undone(&facts, &decision, "patch deployments mortgage was refused: by a webhook", self.now);
                checked::conditions(&decision, self.now);
                break;
            }
            let before = self.clone();
            // As the operator: one Job that is refused keeps no other from being made.
            if refused && !matches!(step, Step::StartJob { .. }) {
                continue;
            }
            if self.write(step).is_err() {
                if !matches!(step, Step::StartJob { .. }) {
                    return Some(decision);
                }
                refused = true;
                continue;
            }
            self.writes += 1;
            if before.state_of_everything() == self.state_of_everything() {
                self.idle_writes.push(format!("{step:?}"));
            }
        }
        let status = report::status(&facts, &decision.report);
        if self.status.as_ref() != Some(&status) {
            if self.killed(decision.steps.len()) {
                return Some(decision);
            }
            self.writes += 1;
            self.status = Some(status);
        }
        self.told(&facts);
        Some(decision)
    }

    /// What is left to do for a release that was deleted.
    fn pass_without_release(&mut self) -> Option<Decision> {
        let facts = self.left_behind()?;
        let decision = left_behind(&facts, self.now);
        for (done, step) in decision.steps.iter().enumerate() {
            if self.killed(done) || self.write(step).is_err() {
                break;
            }
            self.writes += 1;
        }
        Some(decision)
    }

    fn left_behind(&self) -> Option<Facts> {
        let stands_in = World { release: Some(make::release(1)), status: None, ..self.clone() };
        let facts = Facts { release: Release::departed("lending", "mortgage", "mortgage"), ..stands_in.gather()? };
        pending_restore(&facts).is_some().then_some(facts)
    }

    pub fn delete_release(&mut self) {
        (self.release, self.status) = (None, None);
        self.asked.clear();
    }

    fn killed(&mut self, done: usize) -> bool {
        let dies = self.dies_after.is_some_and(|n| done >= n);
        let out = self.writes_left == Some(0);
        if let Some(left) = &mut self.writes_left {
            *left = left.saturating_sub(1);
        }
        if out {
            self.writes_left = None;
        }
        if dies || out {
            // What was only in memory is lost.
            self.asked.clear();
        }
        dies || out
    }

    fn state_of_everything(&self) -> String {
        format!(
            "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
            self.deployment,
            self.runs,
            self.jobs,
            self.approvals,
            self.actions,
            self.admitted,
            self.guarded,
            self.replica_sets,
            self.pods,
            self.nudged
        )
    }

    /// Passes and seconds until nothing has moved for 25 s; then checks that the next pass is silent.
    pub fn settle(&mut self) -> &mut Self {
        let mut quiet = 0;
        for _ in 0..3000 {
            let before = (self.state_of_everything(), self.status.clone());
            self.pass();
            self.tick();
            self.now += jiff::SignedDuration::from_secs(1);
            quiet = if before == (self.state_of_everything(), self.status.clone()) { quiet + 1 } else { 0 };
            if quiet == 25 {
                checked::silence(self);
                return self;
            }
        }
        panic!("it never comes to rest: {:#?}", self.pass().map(|d| d.steps));
    }

    /// Passes until something is newly guarded.
    pub fn until_guarded(&mut self) {
        let guards = |w: &Self| w.admitted.iter().filter(|a| a.guard.is_some()).count();
        let before = guards(self);
        for _ in 0..400 {
            self.wait(1);
            if guards(self) > before {
                return;
            }
        }
        panic!("nothing was taken back");
    }

    /// Passes every second for this long.
    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        for _ in 0..seconds {
            self.pass();
            self.tick();
            self.now += jiff::SignedDuration::from_secs(1);
        }
        self
    }
}
