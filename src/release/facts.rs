//! Everything a decision reads, gathered beforehand. Serialisable, so that a decision can be replayed
//! from what was recorded and the recorded time.

use crate::policy::{
    ApprovalBinds, Counts, Digest, Enforcement, EvidenceSpec, Finding, FindingReason, GateKey, OnBreach, Outcome, Plan,
    ResultDocument, evidence::EvidenceSource, risk::Declared, watch::Streak,
};
use crate::release::condition::Condition;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The world as one pass saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub release: Release,
    /// What the release's status said when the pass began.
    pub prior: Prior,
    pub namespace: Namespace,
    pub plan: Result<Plan, PlanProblem>,
    pub target: Target,
    /// One entry for each piece of evidence the release names, in its order.
    pub evidence: Vec<Evidence>,
    /// All runs of this release.
    pub runs: Vec<Run>,
    /// The Jobs of all unfinished runs that the plan of now asks for.
    pub jobs: Vec<Job>,
    /// What else still runs for unfinished runs: a plan of before asked for it.
    #[serde(default)]
    pub stray_jobs: Vec<StrayJob>,
    /// Name of a Job that the API server would not take, and why.
    pub refused: Option<(String, String)>,
    pub approvals: Vec<Approval>,
    pub actions: Vec<Action>,
    /// All revisions ever admitted to the target.
    pub admitted: Vec<Admitted>,
    /// Model digests that GateConfig guards in this namespace.
    pub guarded_digests: Vec<Digest>,
    /// ReplicaSets of the target.
    pub replica_sets: Vec<ReplicaSet>,
    /// Pods without an owner whose hash is being retired; gathered only while restoring.
    pub orphans: Vec<OrphanPod>,
    /// Answers of after-release gates obtained in this pass.
    pub probes: Vec<Finding>,
    /// When each after-release gate is to be asked next.
    pub next_probe: Option<Timestamp>,
    /// Records that cannot be read and may be about this release.
    #[serde(default)]
    pub unreadable: Vec<Unreadable>,
    /// Whether the policies inside the API server are there and unaltered; if not, what is wrong.
    pub enforcement: Result<(), String>,
    pub waits: Waits,
}

/// A record that cannot be read. What depends on it does not go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    pub kind: RecordKind,
    pub name: String,
    pub problem: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordKind {
    GateRun,
    AdmittedRevision,
    ReleaseApproval,
    ReleaseAction,
}

/// How long things are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    pub evidence_seconds: u64,
    pub pairing_seconds: u64,
    pub start_seconds: u64,
    pub finish_seconds: u64,
}

impl Default for Waits {
    fn default() -> Self {
        Self { evidence_seconds: 120, pairing_seconds: 600, start_seconds: 120, finish_seconds: 600 }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    pub namespace: String,
    pub name: String,
    pub uid: String,
    pub generation: i64,
    pub target_name: String,
    pub model_name: String,
    pub model_version: String,
    pub model_digest: Digest,
    pub authors: Vec<String>,
    pub changed_by: Vec<String>,
    pub declared: Declared,
    /// What the model is for, as the release declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    pub evidence: Vec<EvidenceSpec>,
}

impl Release {
    /// Stands in for a release that is gone, where its name is all that still matters.
    pub fn departed(namespace: &str, name: &str, target_name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: String::new(),
            generation: 0,
            target_name: target_name.to_owned(),
            model_name: String::new(),
            model_version: String::new(),
            model_digest: Digest::of(&[]),
            authors: Vec::new(),
            changed_by: Vec::new(),
            declared: Declared::new(),
            purpose: None,
            evidence: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Prior {
    pub conditions: Vec<Condition>,
    /// The revision that ran: what `streaks` are about.
    pub admitted_revision: Option<Digest>,
    pub waiting_since: Option<Timestamp>,
    pub streaks: Vec<GateStreak>,
    pub last_rollback: Option<Rollback>,
}

/// What came of asking an after-release gate so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateStreak {
    pub gate: GateKey,
    pub streak: Streak,
    /// The last answer that was not good.
    pub message: String,
    /// When the answer came that counted last.
    pub at: Option<Timestamp>,
}

/// The last time a revision was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    pub from: Digest,
    pub to: Option<Digest>,
    pub at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Namespace {
    pub mode: Mode,
    pub labels: BTreeMap<String, String>,
    /// When the first of its revisions was put on record: it was enforced by then.
    #[serde(default)]
    pub recorded_since: Option<Timestamp>,
}

/// How a namespace is governed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    Enforce,
    Audit,
    NotGoverned,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum PlanProblem {
    #[error(
        "no GovernancePolicy selects namespace {0}: ask a cluster admin for one, or label the namespace so that one matches"
    )]
    NoPolicy(String),
    #[error(
        "{policies} policies and {gates} gates apply, at most 16 and 128 are allowed: ask a cluster admin to merge policies or narrow their selectors"
    )]
    TooMany { policies: usize, gates: usize },
    #[error("GovernancePolicy {policy} cannot be used: {problem}")]
    Invalid { policy: String, problem: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Target {
    NotFound,
    /// Another kind than apps/v1 Deployment.
    Unsupported(String),
    /// An older release has it.
    Claimed(String),
    /// The API server's answer could not be read.
    Unreadable(String),
    Found(Box<Workload>),
}

/// The Deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    pub name: String,
    pub uid: String,
    #[serde(default)]
    pub created: Option<Timestamp>,
    pub generation: i64,
    pub observed_generation: i64,
    pub terminating: bool,
    pub paused: bool,
    /// The admission mark: the revision that was admitted.
    pub mark: Option<String>,
    /// Who made the template what it is, stamped by the API server.
    #[serde(default)]
    pub changed_by: Option<String>,
    pub revision: Digest,
    pub template_digest: Digest,
    /// Digests that the template names as its model.
    pub named_models: Vec<Digest>,
    /// Containers whose image is a tag.
    pub unpinned_images: Vec<String>,
    pub history_limit: i32,
    pub replicas: i32,
    pub max_unavailable: i32,
    pub updated: i32,
    pub available: i32,
    pub total: i32,
    pub recreate: bool,
}

impl Workload {
    /// All pods are of the template and available.
    pub fn rolled_out(&self) -> bool {
        self.observed_generation >= self.generation
            && self.updated >= self.replicas
            && self.available >= self.replicas
            && self.total == self.updated
    }
}

/// Where one piece of evidence stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub name: String,
    pub source: EvidenceSource,
    pub state: EvidenceState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EvidenceState {
    /// Bytes are known by digest; `uid` of the ConfigMap.
    Pinned { digest: Digest, uid: Option<String> },
    /// Not there yet.
    Missing(String),
    /// There, and not usable: mutable, wrong digest.
    Unusable(FindingReason, String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub name: String,
    pub uid: String,
    pub release_uid: String,
    pub target_uid: String,
    pub revision: Digest,
    pub model_digest: Digest,
    pub plan: Digest,
    pub attempt: u32,
    pub created: Timestamp,
    /// Name, digest and ConfigMap UID as pinned.
    pub evidence: Vec<(String, Option<Digest>, Option<String>)>,
    /// What some of its Jobs have answered while others are waited for. It stands, whatever becomes of their pods.
    pub answered: Vec<Finding>,
    /// None while it is being evaluated, and of one that was superseded before it ended.
    pub finished: Option<FinishedRun>,
    /// Closed without an end, because something else is decided about by now.
    #[serde(default)]
    pub superseded: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FinishedRun {
    pub at: Timestamp,
    pub findings: Vec<Finding>,
}

/// A Job of an unfinished run, and its pod.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub name: String,
    pub uid: String,
    pub run: String,
    /// The gate whose own Job this is; None for the evaluator's.
    pub gate: Option<GateKey>,
    pub created: Timestamp,
    pub state: JobState,
}

/// A Job of an unfinished run whose gate is in no policy any more. Nobody asks what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrayJob {
    pub name: String,
    pub uid: String,
    pub run: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum JobState {
    /// No container has started; why, as far as the cluster says.
    NotStarted(String),
    Running {
        since: Timestamp,
    },
    /// The evaluator of the operator's own Job handed over a document.
    Ended(ResultDocument),
    /// Its answer is on record in the run.
    OnRecord,
    /// It ended without a usable result.
    Broken(JobProblem),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum JobProblem {
    #[error(
        "the evaluation pod was stopped for using more memory than its limit; release with smaller evidence, or give the gate's job more, then create a ReleaseAction Retry"
    )]
    OutOfMemory,
    #[error(
        "the evaluation pod ended without a result (exit code {0}); read its log, then create a ReleaseAction Retry"
    )]
    NoResult(i32),
    #[error("the evaluation's result could not be used, create a ReleaseAction Retry once that is mended: {0}")]
    BadResult(String),
    #[error(
        "the evaluation's result is for another run; find out who changes its pods, then create a ReleaseAction Retry"
    )]
    OtherRun,
    #[error("the evaluation Job failed, create a ReleaseAction Retry once that is mended: {0}")]
    Failed(String),
    #[error(
        "the Job was made by another version of the operator; if it is not evaluated again, create a ReleaseAction Retry"
    )]
    OtherVersion,
    #[error("a Job named {0} exists that the operator did not create; delete it, then create a ReleaseAction Retry")]
    ForeignJob(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    pub name: String,
    pub uid: String,
    pub created: Timestamp,
    pub subject: String,
    pub approve: bool,
    /// Stamped by the API server; None when the stamp is missing.
    pub by: Option<Person>,
    /// What its `Counted` condition said.
    pub counted_before: Option<(bool, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub groups: Vec<String>,
}

impl Person {
    /// Service accounts and the cluster's own components are no people.
    pub fn is_program(name: &str) -> bool {
        name.starts_with("system:")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    Retry,
    Freeze,
    Rollback,
    Unguard,
}

/// An action that is not complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub name: String,
    pub uid: String,
    pub created: Timestamp,
    pub verb: Verb,
    pub revision: Option<Digest>,
    pub reason: String,
    pub by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Admitted {
    pub name: String,
    pub revision: Digest,
    pub model_digest: Option<Digest>,
    pub model_version: Option<String>,
    pub template_digest: Digest,
    pub target_uid: String,
    /// It ran before, and was not evaluated since.
    pub adopted: bool,
    /// When it was admitted, or adopted.
    pub at: Timestamp,
    /// Measured numbers by policy/gate.
    pub values: BTreeMap<String, String>,
    /// What was counted beside them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, Counts>,
    /// Digests of the explanations it was admitted with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub explanations: BTreeMap<String, Digest>,
    pub guard: Option<Guard>,
    /// What its `Current` condition says.
    pub current: bool,
    /// When it began to serve, or last ceased to; none of a revision that never did.
    #[serde(default)]
    pub served: Option<Timestamp>,
}

impl Admitted {
    /// Orders revisions by when they last served: what serves is last, what never did is first.
    pub fn last_served(&self) -> (bool, Option<Timestamp>, Timestamp) {
        (self.current, self.served, self.at)
    }
}

/// Why a revision was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    pub at: Timestamp,
    pub message: String,
    pub response: OnBreach,
    pub restore_to: Option<Digest>,
    pub retiring: Vec<String>,
    /// UID of the ReleaseAction that asked for it.
    #[serde(default)]
    pub action: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaSet {
    pub name: String,
    pub uid: String,
    pub hash: String,
    pub template_digest: Option<Digest>,
    pub replicas: i32,
    pub ready: i32,
    pub available: i32,
    pub mark: Option<String>,
    /// `deployment.kubernetes.io/desired-replicas`.
    pub desired_annotation: Option<String>,
    /// When Modelgate last woke the Deployment controller by touching it.
    pub woken_at: Option<Timestamp>,
    pub terminating_since: Option<Timestamp>,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrphanPod {
    pub name: String,
    pub uid: String,
    pub resource_version: String,
    pub ready: bool,
    pub terminating: bool,
}

/// What an approval gate asks, once the tier is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRequirement {
    pub gate: GateKey,
    pub groups: Vec<String>,
    pub required: u32,
    pub binds: ApprovalBinds,
    pub enforcement: Enforcement,
}

impl ApprovalRequirement {
    pub fn is_blocking(&self) -> bool {
        self.enforcement == Enforcement::Enforce
    }
}

/// Worst outcome of blocking findings, for the run's own status.
pub fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    outcomes.into_iter().max().unwrap_or(Outcome::Pass)
}
