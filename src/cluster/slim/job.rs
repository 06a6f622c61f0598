//! A Job that evaluates: whether it runs, and how it ended.

use super::deployment::Condition;
use super::{SlimMeta, bounded, slim_object};
use jiff::Timestamp;
use k8s_openapi::api::batch::v1 as batch;
use serde::Deserialize;

const LONGEST_MESSAGE: usize = 1024;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "batch::Job")]
pub struct Job {
    pub meta: SlimMeta,
    pub active: i32,
    pub succeeded: i32,
    pub failed: i32,
    pub started: Option<Timestamp>,
    pub conditions: Vec<JobCondition>,
}

/// A condition and its message, of which at most 1,024 bytes are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct JobCondition {
    pub condition: Condition,
    pub message: String,
}

slim_object!(Job, like batch::Job);

impl Job {
    /// The condition `Failed`, when it is true.
    pub fn failure(&self) -> Option<&JobCondition> {
        self.true_condition("Failed")
    }

    /// `Complete` or `Failed` is true: no pod of it will run any more.
    pub fn is_over(&self) -> bool {
        self.failure().is_some() || self.true_condition("Complete").is_some()
    }

    fn true_condition(&self, kind: &str) -> Option<&JobCondition> {
        self.conditions.iter().find(|c| &*c.condition.kind == kind && &*c.condition.status == "True")
    }
}

impl From<batch::Job> for Job {
    fn from(job: batch::Job) -> Self {
        let status = job.status.unwrap_or_default();
        Self {
            meta: job.metadata.into(),
            active: status.active.unwrap_or_default(),
            succeeded: status.succeeded.unwrap_or_default(),
            failed: status.failed.unwrap_or_default(),
            started: status.start_time.map(|time| time.0),
            conditions: status
                .conditions
                .into_iter()
                .flatten()
                .map(|condition| JobCondition {
                    condition: Condition {
                        kind: condition.type_.into(),
                        status: condition.status.into(),
                        reason: condition.reason.unwrap_or_default().into(),
                    },
                    message: bounded(condition.message.unwrap_or_default(), LONGEST_MESSAGE),
                })
                .collect(),
        }
    }
}
