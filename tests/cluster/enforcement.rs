//! The operator finds out that somebody took a policy away or weakened it, says so once, and adopts nothing
//! meanwhile. It takes marks that were written before a namespace was governed for what they are.

use crate::cluster::{Cluster, cluster_of_its_own, path, until};
use clap::Parser;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::events::v1::Event;
use kube::api::{Api, ListParams, PostParams};
use kube::{Client, Resource, ResourceExt};
use modelgate::api::{AdmittedRevision, Condition, ConditionStatus, GateConfig};
use modelgate::cluster::enforcement::canary::{self, Answer};
use modelgate::cluster::watch;
use modelgate::cluster::world::World;
use modelgate::controller::Operator;
use modelgate::runtime::client;
use modelgate::runtime::metrics::Metrics;
use modelgate::runtime::options::Options;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const OPERATOR: &str = "system:serviceaccount:modelgate-system:modelgate";
const MARK: &str = "modelgate.dev/admitted";
const FORGED: &str = "forged";

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    options: Options,
}

fn install_policies(cluster: &Cluster) {
    let folder = path("charts/modelgate/files/admission");
    cluster.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &folder]);
}

fn install(cluster: &Cluster) {
    for part in ["parts/namespace", "parts/roles", "parts/operator-rbac", "gateconfig"] {
        let file = path(&format!("deploy/{part}.yaml"));
        cluster.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &file]);
    }
    install_policies(cluster);
}

/// A free port of the loopback interface.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The operator with its real rights, as the user that the policies know.
async fn operator(cluster: &Cluster, port: u16) -> Operator {
    let image = format!("modelgate@sha256:{}", "0".repeat(64));
    let listen = format!("127.0.0.1:{port}");
    let args = ["modelgate", "--image", &image, "--listen", &listen, "--replica", "test", "--lease-duration", "3s"];
    let options = Program::try_parse_from(args).unwrap().options;
    Operator::new(options, as_operator(cluster).await)
}

async fn as_operator(cluster: &Cluster) -> Client {
    let mut config = cluster.config().await;
    config.auth_info.impersonate = Some(OPERATOR.to_owned());
    config.auth_info.impersonate_groups = Some(vec!["system:serviceaccounts".to_owned()]);
    client::client(config).unwrap()
}

async fn metrics(port: u16) -> String {
    let ask = move || {
        let mut line = std::net::TcpStream::connect(("127.0.0.1", port))?;
        line.write_all(b"GET /metrics HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        line.read_to_string(&mut text).map(|_| text)
    };
    tokio::task::spawn_blocking(ask).await.unwrap().unwrap()
}

/// What GateConfig says, once it says this.
async fn enforced(client: &Client, status: ConditionStatus, words: &str) -> (GateConfig, Condition) {
    let api: Api<GateConfig> = Api::all(client.clone());
    until(&format!("Enforced={status:?} with {words}"), async || {
        let config = api.get("modelgate").await.unwrap();
        let conditions = config.status.as_ref().map(|s| s.conditions.clone()).unwrap_or_default();
        let said = conditions.into_iter().find(|c| c.type_ == "Enforced")?;
        (said.status == status && said.message.contains(words)).then_some((config, said))
    })
    .await
}

fn deployment(name: &str, image: &str, mark: Option<&str>, more: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": image}]}
            }
        }
    });
    if let Some(mark) = mark {
        object["metadata"]["annotations"] = json!({MARK: mark});
    }
    for (key, value) in more.as_object().into_iter().flatten() {
        object["spec"][key] = value.clone();
    }
    object
}

async fn create<K>(api: &Api<K>, object: Value)
where
    K: Resource + Clone + serde::Serialize + serde::de::DeserializeOwned + std::fmt::Debug,
{
    let object: K = serde_json::from_value(object).unwrap();
    // Policies that were just put back are in force one by one: what pauses may come after what checks it.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while let Err(error) = api.create(&PostParams::default(), &object).await {
        assert!(std::time::Instant::now() < end, "{error}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

fn mark<K: Resource>(object: &K) -> Option<String> {
    object.meta().annotations.as_ref()?.get(MARK).cloned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taken_away_or_weakened_policies_are_found_out() {
    let cluster = cluster_of_its_own("-enf");
    install(&cluster);
    let client = cluster.client().await;
    let governed = cluster.namespace(&[("modelgate.dev/enforcement", "enforce")]).await;
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &governed);
    // Policies come into force a moment after they were written: this one shows that they are.
    until("the hold", async || {
        create(&deployments, deployment("held", "m:1", None, &json!({}))).await;
        let paused = deployments.get("held").await.unwrap().spec.unwrap().paused == Some(true);
        if !paused {
            cluster.kubectl(&["-n", &governed, "delete", "deployment", "held", "--wait=true"]);
        }
        paused.then_some(())
    })
    .await;
    let guard = json!({"status": {"guarded": [{
        "digest": format!("sha256:{}", "7".repeat(64)), "namespace": "n", "release": "r", "since": "2026-01-01T00:00:00Z"
    }]}});
    cluster.kubectl(&[
        "--as",
        OPERATOR,
        "--as-group",
        "system:masters",
        "patch",
        "gateconfig",
        "modelgate",
        "--subresource=status",
        "--type=merge",
        "-p",
        &guard.to_string(),
    ]);

    let audit = cluster.audit();
    let stop = CancellationToken::new();
    let port = free_port();
    let running = tokio::spawn(operator(&cluster, port).await.run(stop.clone()));

    let (config, said) = enforced(&client, ConditionStatus::True, "as shipped").await;
    assert_eq!(said.reason, "Enforced");
    assert_eq!(config.status.as_ref().unwrap().observed_generation, config.meta().generation);
    assert!(metrics(port).await.contains("\nmodelgate_enforced 1\n"));

    // One binding away.
    cluster.kubectl(&["delete", "mutatingadmissionpolicybinding", "modelgate-hold"]);
    let (config, said) =
        enforced(&client, ConditionStatus::False, "MutatingAdmissionPolicyBinding modelgate-hold").await;
    assert_eq!(said.reason, "PoliciesAltered");
    assert!(said.message.starts_with("missing"), "{}", said.message);
    assert_eq!(config.status.unwrap().guarded.len(), 1, "the guard list is left alone");
    assert!(metrics(port).await.contains("\nmodelgate_enforced 0\n"));
    let events: Api<Event> = Api::all(client.clone());
    until("the event", async || {
        let events = events.list(&ListParams::default()).await.unwrap();
        let about = |e: &Event| e.regarding.as_ref().is_some_and(|r| r.kind.as_deref() == Some("GateConfig"));
        events.into_iter().find(|e| {
            about(e) && e.type_.as_deref() == Some("Warning") && e.reason.as_deref() == Some("PoliciesAltered")
        })
    })
    .await;
    onboarding(&cluster, &client).await;

    // One weakened, then one without its label.
    let weaker = r#"{"spec": {"validationActions": ["Audit"]}}"#;
    cluster.kubectl(&["patch", "validatingadmissionpolicybinding", "modelgate-held", "--type=merge", "-p", weaker]);
    let (_, said) =
        enforced(&client, ConditionStatus::False, "altered: ValidatingAdmissionPolicyBinding modelgate-held").await;
    assert_eq!(said.reason, "PoliciesAltered");
    // An apply would leave what others have added to a set.
    cluster.kubectl(&["replace", "-f", &path("charts/modelgate/files/admission")]);
    enforced(&client, ConditionStatus::True, "").await;
    cluster.kubectl(&["label", "validatingadmissionpolicy", "modelgate-held", "app.kubernetes.io/part-of-"]);
    enforced(&client, ConditionStatus::False, "ValidatingAdmissionPolicy modelgate-held").await;
    install_policies(&cluster);
    let (config, _) = enforced(&client, ConditionStatus::True, "").await;
    assert_eq!(config.status.unwrap().guarded.len(), 1, "the guard list is left alone");

    // Told once each: True, and three times False and True again. (Policies that come back are not in force
    // at once, which keeps it False and may be said, more than once on a busy machine.)
    let wrote = |audit: &crate::cluster::Audit| {
        audit.writes("modelgate/").into_iter().filter(|w| w.starts_with("patch gateconfigs/status")).count()
    };
    let wrote = until("the audit log", async || Some(wrote(&audit)).filter(|n| *n >= 7)).await;
    assert!(wrote <= 20, "{wrote} writes to GateConfig");
    stop.cancel();
    running.await.unwrap().unwrap();
    canary(&cluster).await;
}

/// What is stored may not be in force: the dry run tells.
async fn canary(cluster: &Cluster) {
    let client = as_operator(cluster).await;
    let world = Arc::new(World::new(|_: &World, _| {}));
    let _watches = watch::start(&client, &world, &Arc::new(Metrics::new()), &CancellationToken::new());
    world.until_ready().await;
    until("held to refuse", async || (canary::ask(&client, &world).await == Answer::Refused).then_some(())).await;
    cluster.kubectl(&["delete", "validatingadmissionpolicybinding", "modelgate-held"]);
    until("nobody to refuse", async || {
        matches!(canary::ask(&client, &world).await, Answer::LetThrough(_)).then_some(())
    })
    .await;
}

/// Called while the binding of `hold` is away; brings it back.
async fn onboarding(cluster: &Cluster, client: &Client) {
    let namespace = cluster.namespace(&[]).await;
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let sets: Api<ReplicaSet> = Api::namespaced(client.clone(), &namespace);
    let records: Api<AdmittedRevision> = Api::namespaced(client.clone(), &namespace);
    let of = async |name: &str| {
        let listed = sets.list(&ListParams::default().labels(&format!("app={name}"))).await.unwrap();
        listed.items
    };
    create(&deployments, deployment("a-runs", "m:1", Some(FORGED), &json!({}))).await;
    create(&deployments, deployment("b-halted", "m:1", None, &json!({}))).await;
    create(&deployments, deployment("c-stopped", "m:1", Some(FORGED), &json!({"paused": true}))).await;
    create(&deployments, deployment("d-two", "m:1", None, &json!({}))).await;
    for name in ["a-runs", "b-halted", "d-two"] {
        until(name, async || of(name).await.pop().filter(|rs| rs.spec.as_ref().unwrap().replicas == Some(1))).await;
    }
    cluster.kubectl(&["-n", &namespace, "rollout", "pause", "deployment/b-halted"]);
    cluster.kubectl(&["-n", &namespace, "set", "image", "deployment/d-two", "c=m:2"]);
    let old = until("the first ReplicaSet asleep", async || {
        let sets = of("d-two").await;
        let asleep = |rs: &&ReplicaSet| rs.spec.as_ref().unwrap().replicas == Some(0);
        (sets.len() == 2).then(|| sets.iter().find(asleep).cloned())?
    })
    .await;
    let bare = deployment("bare", "m:1", Some(FORGED), &json!({"replicas": 0}));
    let mut bare = bare;
    bare["kind"] = "ReplicaSet".into();
    bare["spec"].as_object_mut().unwrap().remove("strategy");
    create(&sets, bare).await;
    let forged = format!("{MARK}={FORGED}");
    cluster.kubectl(&["-n", &namespace, "annotate", "replicaset", &old.name_any(), &forged]);

    // Governed, but not held as it should be.
    cluster.kubectl(&["label", "namespace", &namespace, "modelgate.dev/enforcement=enforce"]);
    for name in [old.name_any(), "bare".to_owned()] {
        until("a forged mark to go", async || mark(&sets.get(&name).await.unwrap()).is_none().then_some(())).await;
    }
    until("what was stopped to stay so", async || {
        let stopped = deployments.get("c-stopped").await.unwrap();
        (mark(&stopped).is_none() && stopped.spec.unwrap().paused == Some(true)).then_some(())
    })
    .await;
    // The pass that took the marks has been past this one, too.
    assert_eq!(mark(&deployments.get("a-runs").await.unwrap()).as_deref(), Some(FORGED), "not adopted meanwhile");
    assert!(records.list(&ListParams::default()).await.unwrap().items.is_empty());

    install_policies(cluster);
    enforced(client, ConditionStatus::True, "").await;
    for name in ["a-runs", "b-halted", "d-two"] {
        let wanted = until("the record", async || {
            let records = records.list(&ListParams::default()).await.unwrap();
            records.items.into_iter().find(|r| *r.spec.target.name == *name).map(|r| r.spec.revision.to_string())
        })
        .await;
        until("the mark", async || (mark(&deployments.get(name).await.unwrap()) == Some(wanted.clone())).then_some(()))
            .await;
        until("the mark on its ReplicaSet", async || {
            of(name).await.iter().any(|rs| mark(rs) == Some(wanted.clone())).then_some(())
        })
        .await;
    }
    let halted = deployments.get("b-halted").await.unwrap();
    assert_eq!(halted.spec.unwrap().paused, Some(true), "a person's pause is left alone");
    assert_eq!(mark(&sets.get(&old.name_any()).await.unwrap()), None);
    assert_eq!(mark(&deployments.get("c-stopped").await.unwrap()), None);
    assert_eq!(records.list(&ListParams::default()).await.unwrap().items.len(), 3);
}
