//! The rest of the cluster as far as a decision sees it: Deployment controller, garbage collector,
//! kubelet, evaluator. One tick is one second.

use crate::make::digest;
use crate::world::World;
use modelgate::policy::result::RESULT_SCHEMA;
use modelgate::policy::{Count, Digest, Finding, FindingReason, Outcome, ResultDocument};
use modelgate::release::facts::{JobState, OrphanPod, ReplicaSet};

/// What is broken in the cluster.
#[derive(Debug, Clone, Default)]
pub struct Broken {
    pub garbage_collector: bool,
    /// Templates whose pods never become ready.
    pub never_ready: Vec<Digest>,
    /// Jobs stay as they are.
    pub jobs: bool,
    /// Jobs of gates that have one of their own stay as they are.
    pub own_jobs: bool,
    /// The controller does not wake by itself to scale a paused Deployment.
    pub sleepy_controller: bool,
    /// Pods are given an immutable ConfigMap that is not there any more.
    pub old_config_maps: bool,
}

impl World {
    pub fn tick(&mut self) {
        self.evaluators();
        self.collect_garbage();
        self.deployment_controller();
        self.pods.retain(|(_, pod)| !pod.terminating);
        for set in &mut self.replica_sets {
            let ready = !set.template_digest.as_ref().is_some_and(|t| self.broken.never_ready.contains(t));
            set.available = if ready { set.replicas } else { 0 };
            set.ready = set.available;
        }
        self.count_pods();
        let orphans = self.pods.iter().filter(|(_, p)| !p.terminating).count();
        let serving = self.replica_sets.iter().map(|rs| rs.available).sum::<i32>() + i32::try_from(orphans).unwrap();
        self.fewest_serving = self.fewest_serving.min(serving);
    }

    fn evaluators(&mut self) {
        if self.broken.jobs {
            return;
        }
        for (job, order) in &mut self.jobs {
            if !matches!(job.state, JobState::NotStarted(_) | JobState::Running { .. })
                || job.gate.is_some() && self.broken.own_jobs
            {
                continue;
            }
            let measured = |gate: &modelgate::policy::Gate| {
                if self.broken.old_config_maps {
                    let (outcome, reason) = (Outcome::Error, FindingReason::OtherConfigMap);
                    return Finding::new(gate.key.clone(), outcome, reason, "metrics has another digest");
                }
                let (outcome, value) = self.measured.get(&gate.key.gate).copied().unwrap_or((Outcome::Pass, 0.9));
                let message = format!("{} is {value}", gate.key);
                let finding = Finding::new(gate.key.clone(), outcome, FindingReason::WithinLimits, message);
                let counted = |finding: Finding, what: &Count| finding.with_count(*what, self.counts);
                gate.check.counted().iter().fold(finding.with_value(value), counted)
            };
            let results = order.gates.iter().map(measured).collect();
            let asked = Digest::of_json(order).ok();
            let document =
                ResultDocument { schema: RESULT_SCHEMA.into(), run: order.run.clone(), order: asked, results };
            job.state = JobState::Ended(document);
        }
    }

    fn collect_garbage(&mut self) {
        if self.broken.garbage_collector {
            return;
        }
        let gone: Vec<ReplicaSet> =
            self.replica_sets.iter().filter(|rs| rs.terminating_since.is_some()).cloned().collect();
        for set in gone {
            self.let_go(&set.uid);
        }
    }

    /// Takes a ReplicaSet away and leaves its pods without an owner.
    pub fn let_go(&mut self, uid: &str) {
        let Some(index) = self.replica_sets.iter().position(|rs| rs.uid == uid) else { return };
        let set = self.replica_sets.remove(index);
        if self.background.remove(&set.uid) {
            return;
        }
        for n in 0..set.replicas {
            let pod = OrphanPod {
                name: format!("{}-{n}", set.name),
                uid: format!("{}-{n}", set.uid),
                resource_version: "7".into(),
                ready: n < set.ready,
                terminating: false,
            };
            self.pods.push((set.hash.clone(), pod));
        }
    }

    fn deployment_controller(&mut self) {
        let Some(deployment) = self.deployment.clone() else { return };
        if let Some(d) = &mut self.deployment {
            d.observed_generation = d.generation;
        }
        let replicas = deployment.replicas;
        let live = |rs: &&mut ReplicaSet| rs.terminating_since.is_none();
        if !deployment.paused {
            if !self.replica_sets.iter().any(|rs| {
                rs.template_digest.as_ref() == Some(&deployment.template_digest) && rs.terminating_since.is_none()
            }) {
                let mut set = self.new_set(&deployment.template_digest, 0);
                set.mark.clone_from(&deployment.mark);
                self.replica_sets.push(set);
            }
            let mut fresh = 0;
            let available: i32 = self.replica_sets.iter().map(|rs| rs.available).sum();
            for set in self
                .replica_sets
                .iter_mut()
                .filter(|rs| rs.template_digest.as_ref() == Some(&deployment.template_digest))
                .filter(live)
            {
                set.mark.clone_from(&deployment.mark);
                set.desired_annotation = Some(replicas.to_string());
                set.replicas = replicas.min(set.available + 1);
                fresh = set.available;
            }
            // One old pod goes for each new one that is available.
            let mut spare = (available - replicas).max(0).min(fresh);
            for set in self
                .replica_sets
                .iter_mut()
                .filter(|rs| rs.template_digest.as_ref() != Some(&deployment.template_digest))
                .filter(live)
            {
                // Those that never became ready go first.
                set.replicas = set.replicas.min(set.available);
                let less = spare.min(set.replicas);
                set.replicas -= less;
                spare -= less;
            }
            return;
        }
        if self.broken.sleepy_controller && !self.nudged {
            return;
        }
        let mut sets: Vec<&mut ReplicaSet> = self.replica_sets.iter_mut().filter(live).collect();
        let active = sets.iter().filter(|rs| rs.replicas > 0).count();
        let chosen = match active {
            0 => {
                let same = sets.iter().position(|rs| rs.template_digest.as_ref() == Some(&deployment.template_digest));
                let newest = (0..sets.len()).max_by_key(|i| sets[*i].created);
                same.or(newest)
            }
            1 => sets.iter().position(|rs| rs.replicas > 0),
            _ => None,
        };
        // A ReplicaSet without the mark does not start.
        if let Some(index) = chosen
            && (sets[index].mark.is_some() || sets[index].replicas > 0)
        {
            sets[index].replicas = replicas;
            sets[index].desired_annotation = Some(replicas.to_string());
        }
    }

    pub fn new_set(&mut self, template: &Digest, replicas: i32) -> ReplicaSet {
        self.serial += 1;
        ReplicaSet {
            name: format!("mortgage-{}", template.short(6)),
            uid: format!("set-{}", self.serial),
            hash: template.short(10).to_owned(),
            template_digest: Some(template.clone()),
            replicas,
            ready: 0,
            available: 0,
            mark: None,
            desired_annotation: None,
            woken_at: None,
            terminating_since: None,
            created: self.now,
        }
    }

    fn count_pods(&mut self) {
        let Some(d) = &mut self.deployment else { return };
        let live = self.replica_sets.iter().filter(|rs| rs.terminating_since.is_none());
        let (mut total, mut available, mut updated) = (0, 0, 0);
        for set in live {
            total += set.replicas;
            available += set.available;
            if set.template_digest.as_ref() == Some(&d.template_digest) {
                updated += set.replicas;
            }
        }
        (d.total, d.available, d.updated) = (total, available, updated);
    }

    /// Deletes the Deployment with all that it owns.
    pub fn delete_deployment(&mut self) {
        self.deployment = None;
        self.replica_sets.clear();
    }

    /// What a ConfigMap's content hashes to.
    pub fn content(name: &str) -> Digest {
        digest(&format!("content of {name}"))
    }
}
