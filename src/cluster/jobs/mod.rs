//! The Jobs of a run: one for the evaluator, and one for each gate that has its own.

mod evaluator;
mod made;
mod own;
mod volumes;

use crate::api::{GateRun, labels};
use crate::policy::{EvaluationOrder, GateKey};
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::Resource;
use std::collections::BTreeMap;

/// How evaluation pods are made; the same for every run.
#[derive(Debug, Clone)]
pub struct EvaluatorPod {
    /// The operator's own image, by digest.
    pub image: String,
    pub service_account: Option<String>,
}

/// A finished Job stays this long for people who read its log.
const KEEP_SECONDS: i32 = 86_400;
const USER: i64 = 65_532;

/// The container whose termination message is the result.
pub fn container(gate: Option<&GateKey>) -> &'static str {
    match gate {
        None => evaluator::CONTAINER,
        Some(_) => own::CONTAINER,
    }
}

pub use made::{Made, made};
pub use own::STAGE;

/// The Job. Errors only if the order cannot be written as JSON.
pub fn build(
    namespace: &str,
    run_name: &str,
    release: &str,
    order: &EvaluationOrder,
    (start_seconds, finish_seconds): (u64, u64),
    pod: &EvaluatorPod,
) -> Result<Job, serde_json::Error> {
    let order_text = serde_json::to_string(order)?;
    let mut own_labels = BTreeMap::from([
        (labels::RUN.to_owned(), run_name.to_owned()),
        (labels::RELEASE.to_owned(), release.to_owned()),
        ("app.kubernetes.io/managed-by".to_owned(), "modelgate".to_owned()),
    ]);
    own_labels.extend(order.own_job().map(|(gate, _)| (labels::GATE.to_owned(), gate.gate.clone())));
    let owner = OwnerReference {
        api_version: GateRun::api_version(&()).into_owned(),
        kind: GateRun::kind(&()).into_owned(),
        name: run_name.to_owned(),
        uid: order.run.clone(),
        controller: Some(true),
        block_owner_deletion: None,
    };
    let finish_seconds = order.finish_seconds(finish_seconds);
    // Each program of the pod has both times.
    let programs = if order.own_job().is_some() { 2 } else { 1 };
    let deadline = i64::try_from(programs * (start_seconds + finish_seconds)).unwrap_or(i64::MAX);
    Ok(Job {
        metadata: ObjectMeta {
            name: Some(order.job_name()),
            namespace: Some(namespace.to_owned()),
            labels: Some(own_labels.clone()),
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        spec: Some(JobSpec {
            // A failed evaluation is an answer; it is never asked again behind people's backs.
            backoff_limit: Some(0),
            active_deadline_seconds: Some(deadline),
            ttl_seconds_after_finished: Some(KEEP_SECONDS),
            template: core::PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(own_labels),
                    annotations: Some(BTreeMap::from([(labels::ORDER.to_owned(), order_text)])),
                    ..ObjectMeta::default()
                }),
                spec: Some(match order.own_job() {
                    Some((gate, job)) => own::pod(order, gate, job, pod)?,
                    None => evaluator::pod(order, finish_seconds, pod),
                }),
            },
            ..JobSpec::default()
        }),
        status: None,
    })
}

/// What every evaluation pod has: no token, no root, no way to write to its own program, and no second try.
fn confined(containers: Vec<core::Container>, volumes: Vec<core::Volume>, pod: &EvaluatorPod) -> core::PodSpec {
    core::PodSpec {
        restart_policy: Some("Never".to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        service_account_name: pod.service_account.clone(),
        security_context: Some(core::PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(USER),
            run_as_group: Some(USER),
            fs_group: Some(USER),
            seccomp_profile: Some(core::SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
            ..core::PodSecurityContext::default()
        }),
        containers,
        volumes: Some(volumes),
        ..core::PodSpec::default()
    }
}

fn without_privileges() -> core::SecurityContext {
    core::SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(core::Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
        ..core::SecurityContext::default()
    }
}

/// The order that a Job was given, if its pod template carries one.
pub fn order_of(job: &Job) -> Option<EvaluationOrder> {
    let template = &job.spec.as_ref()?.template;
    let text = template.metadata.as_ref()?.annotations.as_ref()?.get(labels::ORDER)?;
    serde_json::from_str(text).ok()
}
