use super::*;
use crate::cluster::slim::{Deployment, ReplicaSet};
use serde_json::json;

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

fn template() -> Value {
    json!({
        "metadata": {
            "creationTimestamp": null,
            "labels": {"app": "m"},
            "annotations": {"kubectl.kubernetes.io/restartedAt": "now", "long": "x".repeat(300)}
        },
        "spec": {
            "initContainers": [{"name": "fetch", "image": "fetch:1"}],
            "containers": [{
                "name": "serve",
                "image": format!("registry.example/serve@{DIGEST}"),
                "env": [
                    {"name": "A", "value": "b"},
                    {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "from-key", "key": "k"}}},
                    {"name": "S", "valueFrom": {"secretKeyRef": {"name": "secret", "key": "k"}}}
                ],
                "envFrom": [{"configMapRef": {"name": "from-env"}}, {"secretRef": {"name": "s"}}]
            }],
            "volumes": [
                {"name": "v", "configMap": {"name": "from-volume"}},
                {"name": "p", "projected": {"sources": [{"configMap": {"name": "from-projected"}}, {"secret": {"name": "s"}}]}},
                {"name": "model", "image": {"reference": "oci.example/model:3"}},
                {"name": "e", "emptyDir": {}}
            ]
        }
    })
}

fn facts(mut template: Value) -> TemplateFacts {
    TemplateFacts::read(&mut template).unwrap()
}

#[test]
fn reads_what_a_revision_is_made_of() {
    let facts = facts(template());
    let maps: Vec<_> = facts.config_maps.iter().map(|name| &**name).collect();
    assert_eq!(
        maps,
        ["from-env", "from-key", "from-projected", "from-volume"]
    );
    let images: Vec<_> = facts
        .images
        .iter()
        .map(|i| (&*i.used_by, &*i.image))
        .collect();
    let serve = format!("registry.example/serve@{DIGEST}");
    assert_eq!(
        images,
        [
            ("fetch", "fetch:1"),
            ("serve", &serve),
            ("volume/model", "oci.example/model:3")
        ]
    );
    assert_eq!(
        facts.model_digests,
        [Digest::parse(DIGEST).unwrap()].into_iter().collect()
    );
    assert_eq!(
        facts.annotations.get("kubectl.kubernetes.io/restartedAt"),
        Some("now")
    );
    assert_eq!(
        facts.annotations.get("long"),
        Some(&*format!(
            "{REPLACED}{}",
            Digest::of("x".repeat(300).as_bytes())
        ))
    );
}

#[test]
fn annotations_and_the_hash_label_are_not_in_the_digest_all_else_is() {
    let before = facts(template()).digest;
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut template = template();
        change(&mut template);
        facts(template).digest
    };
    assert_eq!(
        before,
        changed(&|t| t["metadata"]["annotations"]["new"] = json!("x"))
    );
    assert_eq!(
        before,
        changed(&|t| t["metadata"]["annotations"] = Value::Null)
    );
    assert_eq!(
        before,
        changed(&|t| t["metadata"]["labels"][HASH_LABEL] = json!("5d4c"))
    );
    assert_ne!(
        before,
        changed(&|t| t["metadata"]["labels"]["app"] = json!("x"))
    );
    assert_ne!(
        before,
        changed(&|t| t["spec"]["containers"][0]["image"] = json!("x"))
    );
    assert_ne!(
        before,
        changed(&|t| t["spec"]["containers"][0]["env"][0]["value"] = json!("x"))
    );
    assert_ne!(
        before,
        changed(&|t| t["spec"]["aFieldOfTomorrow"] = json!(1))
    );
}

#[test]
fn a_model_is_named_by_annotation_env_or_image_and_by_a_whole_digest_only() {
    let named = |change: &dyn Fn(&mut Value)| {
        let mut template = json!({"metadata": {"annotations": {}}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
        change(&mut template);
        facts(template).model_digests.len()
    };
    let digest = || json!(DIGEST);
    assert_eq!(named(&|_| ()), 0);
    assert_eq!(
        named(&|t| t["metadata"]["annotations"][MODEL_DIGEST] = digest()),
        1
    );
    assert_eq!(
        named(&|t| t["metadata"]["annotations"]["other"] = digest()),
        0
    );
    assert_eq!(
        named(&|t| t["spec"]["containers"][0]["env"] =
            json!([{"name": "M", "value": format!("s3://b@{DIGEST}/x")}])),
        1
    );
    assert_eq!(
        named(&|t| t["spec"]["volumes"] =
            json!([{"name": "m", "image": {"reference": format!("m@{DIGEST}")}}])),
        1
    );
    for part in [
        &DIGEST[..70],
        &format!("{DIGEST}1"),
        &DIGEST.replace('1', "A"),
        "sha256:é",
    ] {
        assert_eq!(
            named(&|t| t["metadata"]["annotations"][MODEL_DIGEST] = json!(part)),
            0,
            "{part}"
        );
    }
}

#[test]
fn a_replaced_annotation_cannot_be_typed() {
    let long = "x".repeat(300);
    let typed = format!("{REPLACED}{}", Digest::of(long.as_bytes()));
    assert_ne!(short(long.into()), short(typed.into()));
}

fn deployment(spec: Value) -> Deployment {
    serde_json::from_value(json!({
        "metadata": {"name": "d", "namespace": "n", "generation": 4}, "spec": spec,
        "status": {"observedGeneration": 4, "readyReplicas": 2, "conditions": [{"type": "Progressing", "status": "True", "reason": "New"}]}
    }))
    .unwrap()
}

fn spec() -> Value {
    json!({
        "replicas": 3, "paused": true, "selector": {"matchLabels": {"app": "m"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 1}},
        "template": template()
    })
}

#[test]
fn a_deployment_and_its_replica_set_have_the_same_template() {
    let deployment = deployment(spec());
    let mut copy = template();
    copy["metadata"]["labels"][HASH_LABEL] = json!("5d4c");
    copy["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("creationTimestamp");
    let set: ReplicaSet = serde_json::from_value(json!({
        "metadata": {"name": "d-5d4c", "labels": {HASH_LABEL: "5d4c"}},
        "spec": {"replicas": 2, "template": copy}, "status": {"replicas": 2, "availableReplicas": 1}
    }))
    .unwrap();
    assert_eq!(deployment.template, set.template);
    assert_eq!(set.pod_template_hash(), Some("5d4c"));
    assert_eq!(
        (
            set.replicas,
            set.status.replicas,
            set.status.available_replicas
        ),
        (2, 2, 1)
    );
    assert_eq!((deployment.replicas, deployment.paused), (3, true));
    assert_eq!(
        (
            deployment.status.observed_generation,
            deployment.status.ready_replicas
        ),
        (4, 2)
    );
    assert_eq!(
        &*deployment.status.condition("Progressing").unwrap().reason,
        "New"
    );
    assert_eq!(&*deployment.strategy.kind, "RollingUpdate");
    let selector = serde_json::to_value(deployment.selector.to_label_selector()).unwrap();
    assert_eq!(selector, json!({"matchLabels": {"app": "m"}}));
    assert!(
        deployment.strategy.max_unavailable.is_some() && deployment.strategy.max_surge.is_some()
    );
}

#[test]
fn what_cannot_be_read_is_an_error_in_the_object() {
    let broken = |path: &str, value: Value| {
        let mut spec = spec();
        *spec.pointer_mut(path).unwrap() = value;
        deployment(spec).template.unwrap_err()
    };
    for (path, word) in [
        ("/replicas", "spec"),
        ("/paused", "spec"),
        ("/selector", "spec"),
        ("/template", "pod template"),
        ("/template/spec", "pod template"),
        ("/template/spec/containers", "pod template"),
        ("/template/spec/containers/0/env", "pod template"),
        ("/template/spec/volumes/0/configMap", "pod template"),
        ("/template/metadata/annotations", "pod template"),
    ] {
        assert!(broken(path, json!("odd")).starts_with(word), "{path}");
    }
    assert!(deployment(Value::Null).template.is_err(), "no spec at all");
}
