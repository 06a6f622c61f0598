//! The pod of the evaluator.

use super::volumes::{self, mount};
use super::{EvaluatorPod, confined, without_privileges};
use crate::policy::EvaluationOrder;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

pub const CONTAINER: &str = "evaluator";

pub fn pod(order: &EvaluationOrder, finish_seconds: u64, pod: &EvaluatorPod) -> core::PodSpec {
    let (evidence, mounts) = volumes::evidence(order);
    let volumes = [volumes::order_volume(), volumes::empty("work", "1Gi")].into_iter().chain(evidence).collect();
    let own_mounts = [mount("order", "/modelgate/order", true), mount("work", "/modelgate/work", false)];
    let timeout = format!("{}s", finish_seconds.saturating_sub(10).max(1));
    let container = core::Container {
        name: CONTAINER.to_owned(),
        image: Some(pod.image.clone()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        args: Some(vec!["evaluate".to_owned(), "--timeout".to_owned(), timeout]),
        resources: Some(core::ResourceRequirements {
            requests: quantities([("cpu", "50m"), ("memory", "64Mi")]),
            limits: quantities([("cpu", "2"), ("memory", "512Mi"), ("ephemeral-storage", "2Gi")]),
            ..core::ResourceRequirements::default()
        }),
        volume_mounts: Some(own_mounts.into_iter().chain(mounts).collect()),
        security_context: Some(without_privileges()),
        ..core::Container::default()
    };
    confined(vec![container], volumes, pod)
}

pub fn quantities<K: Into<String>, V: Into<String>>(
    list: impl IntoIterator<Item = (K, V)>,
) -> Option<BTreeMap<String, Quantity>> {
    Some(list.into_iter().map(|(name, amount)| (name.into(), Quantity(amount.into()))).collect())
}
