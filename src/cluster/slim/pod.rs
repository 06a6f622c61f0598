//! A pod of an evaluation: why it waits, how its containers ended.

use super::{SlimMeta, bounded, slim_object};
use jiff::Timestamp;
use k8s_openapi::api::core::v1 as core;
use serde::Deserialize;

/// The kubelet cuts a termination message at 4,096 bytes. One byte more is kept, so that a longer
/// one, which no kubelet wrote, is seen to be too long.
const LONGEST_TERMINATION_MESSAGE: usize = 4097;
const LONGEST_MESSAGE: usize = 1024;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "core::Pod")]
pub struct Pod {
    pub meta: SlimMeta,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: String,
    /// Why the pod as a whole failed, such as `Evicted` or `DeadlineExceeded`.
    pub reason: String,
    pub message: String,
    pub node: Option<String>,
    pub started: Option<Timestamp>,
    /// Set while the scheduler cannot place the pod.
    pub unscheduled: Option<Waiting>,
    /// Init containers first.
    pub containers: Vec<Container>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    pub name: String,
    pub is_init: bool,
    /// The image that runs, as the node names it; with its digest where the node knows it.
    pub image_id: String,
    pub restarts: i32,
    pub state: ContainerState,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ContainerState {
    /// Also when nothing is known yet, with an empty reason.
    Waiting(Waiting),
    Running {
        started: Option<Timestamp>,
    },
    Terminated(Terminated),
}

/// Why something does not start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub reason: String,
    pub message: String,
}

/// How a container ended. `message` is its termination message, at most 4,097 bytes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminated {
    pub exit_code: i32,
    pub reason: String,
    pub message: String,
    pub finished: Option<Timestamp>,
}

slim_object!(Pod, like core::Pod);

impl From<core::Pod> for Pod {
    fn from(pod: core::Pod) -> Self {
        let status = pod.status.unwrap_or_default();
        let unscheduled = status
            .conditions
            .into_iter()
            .flatten()
            .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")
            .map(|condition| waiting(condition.reason, condition.message));
        let init = status.init_container_statuses.into_iter().flatten().map(|status| container(status, true));
        let others = status.container_statuses.into_iter().flatten().map(|status| container(status, false));
        Self {
            meta: pod.metadata.into(),
            phase: status.phase.unwrap_or_default(),
            reason: bounded(status.reason.unwrap_or_default(), LONGEST_MESSAGE),
            message: bounded(status.message.unwrap_or_default(), LONGEST_MESSAGE),
            node: pod.spec.and_then(|spec| spec.node_name),
            started: status.start_time.map(|time| time.0),
            unscheduled,
            containers: init.chain(others).collect(),
        }
    }
}

fn container(status: core::ContainerStatus, is_init: bool) -> Container {
    let state = status.state.unwrap_or_default();
    let state = if let Some(ended) = state.terminated {
        ContainerState::Terminated(Terminated {
            exit_code: ended.exit_code,
            reason: bounded(ended.reason.unwrap_or_default(), LONGEST_MESSAGE),
            message: bounded(ended.message.unwrap_or_default(), LONGEST_TERMINATION_MESSAGE),
            finished: ended.finished_at.map(|time| time.0),
        })
    } else if let Some(running) = state.running {
        ContainerState::Running { started: running.started_at.map(|time| time.0) }
    } else {
        let (reason, message) = state.waiting.map(|waits| (waits.reason, waits.message)).unwrap_or_default();
        ContainerState::Waiting(waiting(reason, message))
    };
    Container {
        name: status.name,
        is_init,
        image_id: bounded(status.image_id, LONGEST_MESSAGE),
        restarts: status.restart_count,
        state,
    }
}

fn waiting(reason: Option<String>, message: Option<String>) -> Waiting {
    Waiting {
        reason: bounded(reason.unwrap_or_default(), LONGEST_MESSAGE),
        message: bounded(message.unwrap_or_default(), LONGEST_MESSAGE),
    }
}
