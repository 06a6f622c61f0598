//! What a pass decided: the new status, the writes to make, the events to tell, when to look again.

use super::condition::Condition;
use super::facts::{GateStreak, Guard, Rollback};
use crate::policy::{Counts, Digest, Enforcement, EvaluationOrder, Finding, GateKey, Outcome, RiskScore};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub report: Report,
    /// In this order; the first that fails ends the pass.
    pub steps: Vec<Step>,
    pub notices: Vec<Notice>,
    /// When to look again even if nothing changes.
    pub look_again: Option<Timestamp>,
}

/// The release's status, from the inside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    pub target: Option<(String, i64)>,
    pub revision: Option<Digest>,
    pub admitted_revision: Option<Digest>,
    pub waiting_since: Option<Timestamp>,
    pub plan: Option<Digest>,
    pub run: Option<String>,
    pub rows: Vec<Row>,
    pub risk: Option<RiskScore>,
    pub approvals: Option<ApprovalTally>,
    pub watch: Vec<GateStreak>,
    pub last_rollback: Option<Rollback>,
    pub conditions: Vec<Condition>,
}

/// One gate as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub key: GateKey,
    pub check: String,
    pub enforcement: Enforcement,
    pub outcome: Outcome,
    pub value: Option<String>,
    pub threshold: Option<String>,
    pub reason: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub counts: Counts,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ApprovalTally {
    pub required: u32,
    pub counted: u32,
    /// Groups whose people may give the ones that are missing.
    pub groups: Vec<String>,
}

/// One write. Each is safe to repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// Create the run and the Jobs that its gates need.
    StartRun(Box<NewRun>),
    /// The run is there, this Job of it is not.
    StartJob {
        run_name: String,
        order: Box<EvaluationOrder>,
        waits: (u64, u64),
    },
    /// Make durable what some Jobs of a run have answered while others are waited for: whoever deletes their pods asks
    /// for no second answer.
    RecordAnswers {
        run_name: String,
        rows: Vec<Row>,
    },
    FinishRun {
        run_name: String,
        outcome: Outcome,
        findings: Vec<Finding>,
        rows: Vec<Row>,
        jobs: Vec<JobOf>,
    },
    DeleteJob {
        name: String,
        uid: String,
    },
    /// Close a run that nobody waits for any more, without an end.
    SupersedeRun {
        run_name: String,
    },
    /// The snapshot that a restore aims at, made durable before the effect.
    RecordAdmission(Box<Admission>),
    /// Write down that an adopted revision has been evaluated, before it is admitted.
    RecordEvaluation {
        admitted: String,
        evaluation: Evaluation,
    },
    /// Unpause and leave the mark, if Deployment UID and generation are still these.
    Admit {
        deployment: String,
        uid: String,
        generation: i64,
        revision: Digest,
    },
    /// Leave the mark on what already runs.
    MarkAdopted {
        deployment: String,
        uid: String,
        generation: i64,
        revision: Digest,
    },
    SetCurrent {
        admitted: String,
        current: bool,
    },
    /// Remember a revision as bad, with what is needed to finish the restore.
    Guard {
        admitted: String,
        guard: Guard,
    },
    GuardDigest {
        digest: Digest,
        since: Timestamp,
    },
    Unguard {
        admitted: String,
    },
    UnguardDigest {
        digest: Digest,
    },
    /// Pause and remove the mark.
    Hold {
        deployment: String,
        uid: String,
    },
    /// Take a mark that no record backs from a ReplicaSet.
    UnmarkReplicaSet {
        name: String,
        uid: String,
        mark: String,
    },
    /// Delete a ReplicaSet, its pods left serving without an owner (or deleted with it).
    RetireReplicaSet {
        name: String,
        uid: String,
        keep_pods: bool,
    },
    /// Do a slow garbage collector's work for a ReplicaSet that is terminating.
    ReleasePods {
        replica_set: String,
        uid: String,
        hash: String,
    },
    /// Bring a pruned ReplicaSet back from its snapshot.
    RebuildReplicaSet {
        admitted: String,
        deployment: String,
        uid: String,
        replicas: i32,
    },
    /// Wake the Deployment controller, or correct what it would misread.
    TouchReplicaSet {
        name: String,
        uid: String,
        desired: i32,
        nudge: bool,
    },
    DeletePod {
        name: String,
        uid: String,
        resource_version: String,
    },
    CountApproval {
        name: String,
        counted: bool,
        reason: CountReason,
        message: String,
    },
    CompleteAction {
        name: String,
        done: bool,
        reason: String,
        message: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewRun {
    pub name: String,
    pub revision: Digest,
    pub model_digest: Digest,
    pub plan: Digest,
    /// The compiled plan as JSON.
    pub compiled: String,
    pub target_uid: String,
    pub attempt: u32,
    pub evidence: Vec<(String, Option<Digest>, Option<String>)>,
    /// One for each Job. The run's UID is filled in once it is known.
    pub orders: Vec<EvaluationOrder>,
    pub waits: (u64, u64),
}

/// A Job that answered for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOf {
    /// The gate, when it is a gate's own Job.
    pub gate: Option<GateKey>,
    pub name: String,
    pub uid: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Admission {
    pub name: String,
    pub release: Option<String>,
    pub deployment: String,
    pub deployment_uid: String,
    pub generation: i64,
    pub revision: Digest,
    pub model_digest: Option<Digest>,
    pub model_version: Option<String>,
    pub adopted: bool,
    pub at: Timestamp,
    pub run: Option<String>,
    pub template_digest: Digest,
    pub values: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, Counts>,
    /// Digests of the explanations that were judged.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub explanations: BTreeMap<String, Digest>,
}

/// What an adopted revision was admitted on, later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    pub run: String,
    pub at: Timestamp,
    pub model_digest: Digest,
    pub model_version: String,
    pub values: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, Counts>,
    /// Digests of the explanations that were judged.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub explanations: BTreeMap<String, Digest>,
}

/// Why an approval counts or not. Closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CountReason {
    Counted,
    WroteTheRelease,
    AuthorsUnknown,
    NotInGroup,
    OtherRun,
    GivenBeforeTheRunEnded,
    NoPerson,
    AlreadyCounted,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub about: About,
    pub warning: bool,
    pub reason: NoticeReason,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    Release,
    Deployment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeReason {
    EvaluationStarted,
    GatesPassed,
    GateFailed,
    ApprovalRequired,
    ApprovalCounted,
    ApprovalNotCounted,
    Rejected,
    Held,
    Admitted,
    RolledOut,
    BreachDetected,
    RolledBack,
    Frozen,
    GuardedRevisionRequested,
}
