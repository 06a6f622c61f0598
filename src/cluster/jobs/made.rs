//! Whether a Job is the operator's own: it was asked for by name, and others may make Jobs, too.

use super::{evaluator, own};
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use serde_json::Value;

/// Whether a Job is the one that the operator makes.
pub fn made(live: &Job, wanted: &Job) -> Made {
    if own_program(live) != own_program(wanted) {
        return Made::ByAnotherVersion;
    }
    let spec = |job: &Job| serde_json::to_value(comparable(job)).unwrap_or_default();
    let (live, wanted) = (spec(live), spec(wanted));
    if covers(&live, &wanted) && !adds(&live, &wanted) { Made::Now } else { Made::ByOthers }
}

/// The image of the operator's own program in a Job's pod.
fn own_program(job: &Job) -> Option<&String> {
    let pod = job.spec.as_ref()?.template.spec.as_ref()?;
    let mut all = pod.init_containers.iter().flatten().chain(&pod.containers);
    all.find(|container| container.name != own::CONTAINER)?.image.as_ref()
}

/// The Job without what says nothing about its answer: how long it may take, which an operator that starts with other
/// options sees otherwise, what its containers may use, which the API server writes in a form of its own, and where it
/// runs, to which a cluster's own policies add.
fn comparable(job: &Job) -> Option<JobSpec> {
    let mut spec = job.spec.clone()?;
    (spec.active_deadline_seconds, spec.ttl_seconds_after_finished) = (None, None);
    if let Some(pod) = &mut spec.template.spec {
        (pod.node_selector, pod.tolerations) = (None, None);
    }
    for container in spec.template.spec.iter_mut().flat_map(|pod| &mut pod.containers) {
        container.resources = None;
        let is_evaluator = container.name == evaluator::CONTAINER;
        // evaluate --timeout TIME
        container.args.iter_mut().filter(|_| is_evaluator).for_each(|args| args.truncate(2));
    }
    Some(spec)
}

/// Who made a Job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// This operator would make it like that.
    Now,
    /// The operator's own program in it is another, as before an update.
    ByAnotherVersion,
    ByOthers,
}

/// Whether a Job has what the operator did not ask for and what could change an answer. Labels, tolerations and the
/// like, which a cluster's own policies add, could not.
fn adds(live: &Value, made: &Value) -> bool {
    const OF_JOBS: [&str; 3] = ["podFailurePolicy", "successPolicy", "managedBy"];
    const OF_PODS: [&str; 8] = [
        "initContainers",
        "ephemeralContainers",
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "shareProcessNamespace",
        "hostAliases",
        "dnsConfig",
    ];
    const OF_CONTAINERS: [&str; 11] = [
        "command",
        "args",
        "env",
        "envFrom",
        "lifecycle",
        "workingDir",
        "volumeDevices",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "restartPolicy",
    ];
    let more = |live: &Value, made: &Value, fields: &[&str]| {
        fields.iter().any(|field| live.get(field).is_some() && made.get(field).is_none())
            || live.get("securityContext") != made.get("securityContext")
            || live.get("volumeMounts") != made.get("volumeMounts")
    };
    let containers = |pod: &Value| -> Vec<Value> {
        ["containers", "initContainers"].iter().filter_map(|list| pod[list].as_array()).flatten().cloned().collect()
    };
    let (pod, made_pod) = (&live["template"]["spec"], &made["template"]["spec"]);
    more(live, made, &OF_JOBS)
        || more(pod, made_pod, &OF_PODS)
        || containers(pod).iter().zip(&containers(made_pod)).any(|(live, made)| more(live, made, &OF_CONTAINERS))
}

/// Whether `live` says everything that `wanted` says: lists alike in length, objects with at least
/// these members. What the API server adds by default is no difference.
fn covers(live: &Value, wanted: &Value) -> bool {
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
    use crate::cluster::jobs::{EvaluatorPod, build};
    use k8s_openapi::api::core::v1 as core;
    use serde_json::json;

    #[test]
    fn another_version_of_the_operator_is_told_from_others() {
        let check = json!({"job": {"image": "red-team@sha256:0", "requests": {}, "limits": {"cpu": "1000m"}}});
        for check in [json!({"expression": {"expression": "true"}}), check] {
            let gate = json!({"key": "base/g", "enforcement": "Enforce", "severity": "High", "stage": "BeforeRelease",
                "check": check});
            let facts = json!({"namespace": "n", "namespaceLabels": {}, "release": "r", "modelName": "m",
                "modelVersion": "1", "declared": {}});
            let order = json!({"run": "u", "facts": facts, "evidence": [], "gates": [gate]});
            let order = serde_json::from_value(order).unwrap();
            let made = |image: &str| {
                let pod = EvaluatorPod { image: image.to_owned(), service_account: None };
                build("n", "run", "r", &order, (60, 60), &pod).unwrap()
            };
            let seen = |live: &Job| super::made(live, &made("operator:2"));
            let first = |job: &mut Job, change: &dyn Fn(&mut core::Container)| {
                change(&mut job.spec.as_mut().unwrap().template.spec.as_mut().unwrap().containers[0]);
            };
            assert_eq!(seen(&made("operator:2")), Made::Now);
            assert_eq!(seen(&made("operator:1")), Made::ByAnotherVersion);
            let mut other = made("operator:2");
            first(&mut other, &|container| container.args = Some(vec!["--help".to_owned()]));
            assert_eq!(seen(&other), Made::ByOthers);
            let pod = EvaluatorPod { image: "operator:2".to_owned(), service_account: None };
            let longer = build("n", "run", "r", &order, (60, 600), &pod).unwrap();
            assert_eq!(seen(&longer), Made::Now, "an operator with other options");
            for (field, value) in [
                ("env", json!([{"name": "LD_PRELOAD", "value": "x"}])),
                ("workingDir", json!("/tmp")),
                ("livenessProbe", json!({"exec": {"command": ["x"]}})),
                ("securityContext", json!({"runAsUser": 0})),
            ] {
                let mut other = serde_json::to_value(made("operator:2")).unwrap();
                let container = &mut other["spec"]["template"]["spec"]["containers"][0];
                if container.get(field).is_some() && field == "env" {
                    container[field].as_array_mut().unwrap().push(value[0].clone());
                } else {
                    container[field] = value;
                }
                assert_eq!(seen(&serde_json::from_value(other).unwrap()), Made::ByOthers, "{field}");
            }
            let mut other = serde_json::to_value(made("operator:2")).unwrap();
            other["spec"]["template"]["spec"]["hostNetwork"] = true.into();
            assert_eq!(seen(&serde_json::from_value(other).unwrap()), Made::ByOthers);
            let mut placed = serde_json::to_value(made("operator:2")).unwrap();
            placed["spec"]["template"]["spec"]["priorityClassName"] = "low".into();
            placed["spec"]["template"]["spec"]["tolerations"] = json!([{"key": "spot", "operator": "Exists"}]);
            assert_eq!(seen(&serde_json::from_value(placed).unwrap()), Made::Now);
            let mut lenient = made("operator:2");
            first(&mut lenient, &|container| container.resources = None);
            assert_eq!(seen(&lenient), Made::Now, "amounts say nothing about the answer");
            if order.own_job().is_some() {
                let mut other = made("operator:2");
                first(&mut other, &|container| container.image = Some("liar@sha256:0".to_owned()));
                assert_eq!(seen(&other), Made::ByOthers, "the policy's own image is part of what is asked");
            }
        }
    }

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
