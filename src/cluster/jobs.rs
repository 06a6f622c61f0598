//! The evaluator Job of a run.

use crate::api::{GateRun, labels};
use crate::policy::{Digest, EvaluationOrder, EvidenceSource};
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::Resource;
use std::collections::BTreeMap;

/// How evaluator pods are made; the same for every run.
#[derive(Debug, Clone)]
pub struct EvaluatorPod {
    /// The operator's own image, by digest.
    pub image: String,
    pub service_account: Option<String>,
}

/// A finished Job stays this long for people who read its log.
const KEEP_SECONDS: i32 = 86_400;
const USER: i64 = 65_532;
/// Container name in evaluator pods.
pub const CONTAINER: &str = "evaluator";

/// Name of the Job of a run. Evaluator pods begin with `modelgate-run-`, which a policy relies on.
pub fn name(run_uid: &str) -> String {
    format!("modelgate-run-{}", Digest::of(run_uid.as_bytes()).short(16))
}

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
    let own_labels = BTreeMap::from([
        (labels::RUN.to_owned(), run_name.to_owned()),
        (labels::RELEASE.to_owned(), release.to_owned()),
        ("app.kubernetes.io/managed-by".to_owned(), "modelgate".to_owned()),
    ]);
    let owner = OwnerReference {
        api_version: GateRun::api_version(&()).into_owned(),
        kind: GateRun::kind(&()).into_owned(),
        name: run_name.to_owned(),
        uid: order.run.clone(),
        controller: Some(true),
        block_owner_deletion: None,
    };
    let deadline = i64::try_from(start_seconds + finish_seconds).unwrap_or(i64::MAX);
    Ok(Job {
        metadata: ObjectMeta {
            name: Some(name(&order.run)),
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
                spec: Some(pod_spec(order, finish_seconds, pod)),
            },
            ..JobSpec::default()
        }),
        status: None,
    })
}

fn pod_spec(order: &EvaluationOrder, finish_seconds: u64, pod: &EvaluatorPod) -> core::PodSpec {
    let mut volumes = vec![order_volume(), work_volume()];
    let mut mounts = vec![mount("order", "/modelgate/order", true), mount("work", "/modelgate/work", false)];
    for evidence in &order.evidence {
        let volume_name = format!("evidence-{}", volumes.len());
        if let Some(volume) = evidence_volume(&volume_name, &evidence.source) {
            volumes.push(volume);
            mounts.push(mount(&volume_name, &format!("/modelgate/evidence/{}", evidence.name), true));
        }
    }
    let quantities = |list: &[(&str, &str)]| {
        Some(list.iter().map(|(k, v)| ((*k).to_owned(), Quantity((*v).to_owned()))).collect::<BTreeMap<_, _>>())
    };
    let timeout = format!("{}s", finish_seconds.saturating_sub(10).max(1));
    let container = core::Container {
        name: CONTAINER.to_owned(),
        image: Some(pod.image.clone()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        args: Some(vec!["evaluate".to_owned(), "--timeout".to_owned(), timeout]),
        resources: Some(core::ResourceRequirements {
            requests: quantities(&[("cpu", "50m"), ("memory", "64Mi")]),
            limits: quantities(&[("cpu", "2"), ("memory", "512Mi"), ("ephemeral-storage", "2Gi")]),
            ..core::ResourceRequirements::default()
        }),
        volume_mounts: Some(mounts),
        security_context: Some(core::SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(core::Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
            ..core::SecurityContext::default()
        }),
        ..core::Container::default()
    };
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
        containers: vec![container],
        volumes: Some(volumes),
        ..core::PodSpec::default()
    }
}

fn mount(name: &str, path: &str, read_only: bool) -> core::VolumeMount {
    core::VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: read_only.then_some(true),
        ..core::VolumeMount::default()
    }
}

/// The order reaches the pod as a file made from its own annotation: no further object to create.
fn order_volume() -> core::Volume {
    let field = core::ObjectFieldSelector {
        field_path: format!("metadata.annotations['{}']", labels::ORDER),
        ..core::ObjectFieldSelector::default()
    };
    let file = core::DownwardAPIVolumeFile {
        path: "order.json".to_owned(),
        field_ref: Some(field),
        ..core::DownwardAPIVolumeFile::default()
    };
    core::Volume {
        name: "order".to_owned(),
        downward_api: Some(core::DownwardAPIVolumeSource { items: Some(vec![file]), default_mode: None }),
        ..core::Volume::default()
    }
}

fn work_volume() -> core::Volume {
    core::Volume {
        name: "work".to_owned(),
        empty_dir: Some(core::EmptyDirVolumeSource { size_limit: Some(Quantity("1Gi".to_owned())), medium: None }),
        ..core::Volume::default()
    }
}

fn evidence_volume(volume: &str, source: &EvidenceSource) -> Option<core::Volume> {
    let volume = core::Volume { name: volume.to_owned(), ..core::Volume::default() };
    match source {
        EvidenceSource::ConfigMap { name, key } => Some(core::Volume {
            config_map: Some(core::ConfigMapVolumeSource {
                name: name.clone(),
                items: Some(vec![core::KeyToPath { key: key.clone(), path: key.clone(), mode: None }]),
                ..core::ConfigMapVolumeSource::default()
            }),
            ..volume
        }),
        EvidenceSource::PersistentVolumeClaim { name, .. } => Some(core::Volume {
            persistent_volume_claim: Some(core::PersistentVolumeClaimVolumeSource {
                claim_name: name.clone(),
                read_only: Some(true),
            }),
            ..volume
        }),
        EvidenceSource::Https { .. } => None,
    }
}

/// The order that a Job was given, if its pod template carries one.
pub fn order_of(job: &Job) -> Option<EvaluationOrder> {
    let template = &job.spec.as_ref()?.template;
    let text = template.metadata.as_ref()?.annotations.as_ref()?.get(labels::ORDER)?;
    serde_json::from_str(text).ok()
}

/// Whether `live` says everything that `wanted` says: lists alike in length, objects with at least
/// these members. What the API server adds by default is no difference.
pub fn covers(live: &serde_json::Value, wanted: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| live.get(key).is_some_and(|found| covers(found, value)))
        }
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len() && live.iter().zip(wanted).all(|(l, w)| covers(l, w))
        }
        (live, wanted) => live == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn covering() {
        let wanted = json!({"a": 1, "list": [{"x": 1}]});
        assert!(covers(&json!({"a": 1, "b": 2, "list": [{"x": 1, "y": 2}]}), &wanted));
        for other in [
            json!({"a": 2, "list": [{"x": 1}]}),
            json!({"a": 1}),
            json!({"a": 1, "list": []}),
            json!({"a": 1, "list": [{"x": 1}, {"x": 2}]}),
        ] {
            assert!(!covers(&other, &wanted), "{other}");
        }
    }
}
