//! The pod of a gate's own Job. The operator's program brings the evidence first, so that the container reads the
//! bytes that were pinned, from wherever they come; then the policy's container answers.

use super::evaluator::quantities;
use super::volumes::{self, mount};
use super::{EvaluatorPod, confined, without_privileges};
use crate::policy::check::{CustomJob, Toleration};
use crate::policy::{Digest, EvaluationOrder, GateKey};
use k8s_openapi::api::core::v1 as core;
use std::collections::BTreeMap;

pub const CONTAINER: &str = "check";
/// Brings the evidence. It leaves a result only where a piece is missing or another one.
pub const STAGE: &str = "evidence";

/// What a container gets whose policy says nothing about it.
const LIMITS: [(&str, &str); 3] = [("cpu", "1"), ("memory", "512Mi"), ("ephemeral-storage", "2Gi")];
const REQUESTS: [(&str, &str); 2] = [("cpu", "100m"), ("memory", "128Mi")];

/// The pod. Errors only if the order cannot be written as JSON.
pub fn pod(
    order: &EvaluationOrder,
    gate: &GateKey,
    job: &CustomJob,
    pod: &EvaluatorPod,
) -> Result<core::PodSpec, serde_json::Error> {
    let (evidence, mounts) = volumes::evidence(order);
    let own_volumes = [volumes::order_volume(), volumes::empty("staged", "1Gi"), volumes::empty("tmp", "1Gi")];
    let own_mounts = [mount("order", "/modelgate/order", true), mount("staged", "/modelgate/staged", false)];
    let stage = core::Container {
        name: STAGE.to_owned(),
        image: Some(pod.image.clone()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        args: Some(vec!["stage".to_owned(), "--order-digest".to_owned(), Digest::of_json(order)?.to_string()]),
        resources: Some(core::ResourceRequirements {
            requests: quantities([("cpu", "50m"), ("memory", "32Mi")]),
            limits: quantities([("cpu", "1"), ("memory", "128Mi"), ("ephemeral-storage", "2Gi")]),
            ..core::ResourceRequirements::default()
        }),
        volume_mounts: Some(own_mounts.into_iter().chain(mounts).collect()),
        security_context: Some(without_privileges()),
        ..core::Container::default()
    };
    let words = |words: &[String]| (!words.is_empty()).then(|| words.to_vec());
    let container = core::Container {
        name: CONTAINER.to_owned(),
        image: Some(job.image.clone()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: words(&job.command),
        args: words(&job.args),
        env: Some(environment(&order.run, gate, job)),
        resources: Some(core::ResourceRequirements {
            requests: quantities(said_or(&job.requests, &REQUESTS, job)),
            limits: quantities(said_or(&job.limits, &LIMITS, job)),
            ..core::ResourceRequirements::default()
        }),
        volume_mounts: Some(vec![
            mount("order", "/modelgate/order", true),
            mount("staged", "/modelgate/evidence", true),
            mount("tmp", "/tmp", false),
        ]),
        security_context: Some(without_privileges()),
        ..core::Container::default()
    };
    let tolerations: Vec<_> = job.tolerations.iter().map(tolerated).collect();
    let secret = |name: &String| core::LocalObjectReference { name: name.clone() };
    let secrets: Vec<_> = job.image_pull_secrets.iter().map(secret).collect();
    let spec = confined(vec![container], own_volumes.into_iter().chain(evidence).collect(), pod);
    Ok(core::PodSpec {
        init_containers: Some(vec![stage]),
        node_selector: (!job.node_selector.is_empty()).then(|| job.node_selector.clone()),
        tolerations: (!tolerations.is_empty()).then_some(tolerations),
        image_pull_secrets: (!secrets.is_empty()).then_some(secrets),
        ..spec
    })
}

fn tolerated(taint: &Toleration) -> core::Toleration {
    core::Toleration {
        key: Some(taint.key.clone()),
        operator: Some(taint.operator.clone()),
        value: taint.value.clone(),
        effect: taint.effect.clone(),
        toleration_seconds: None,
    }
}

/// What the policy says, and the usual amount of what it mentions neither as a request nor as a limit.
fn said_or(said: &BTreeMap<String, String>, usual: &[(&str, &str)], job: &CustomJob) -> BTreeMap<String, String> {
    let unsaid = |(name, _): &&(&str, &str)| !job.requests.contains_key(*name) && !job.limits.contains_key(*name);
    let usual = usual.iter().filter(unsaid).map(|(name, amount)| ((*name).to_owned(), (*amount).to_owned()));
    said.clone().into_iter().chain(usual).collect()
}

/// What the container needs to know to answer: docs/checks/job.md.
fn environment(run: &str, gate: &GateKey, job: &CustomJob) -> Vec<core::EnvVar> {
    let own = [
        ("HOME", "/tmp".to_owned()),
        ("MODELGATE_RUN", run.to_owned()),
        ("MODELGATE_GATE", gate.to_string()),
        ("MODELGATE_ORDER", "/modelgate/order/order.json".to_owned()),
        ("MODELGATE_EVIDENCE", "/modelgate/evidence".to_owned()),
        ("MODELGATE_RESULT", "/dev/termination-log".to_owned()),
    ];
    let own = own.into_iter().filter(|(name, _)| job.env.iter().all(|variable| variable.name != *name));
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let all = own.chain(job.env.iter().map(|variable| (variable.name.clone(), variable.value.clone())));
    // An empty value is how the API server writes none.
    all.map(|(name, value)| core::EnvVar { name, value: Some(value).filter(|v| !v.is_empty()), value_from: None })
        .collect()
}
