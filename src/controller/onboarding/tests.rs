//! Onboarding against an API server that refuses some writes.

use super::*;
use crate::api::AdmittedRevision;
use crate::cluster::lenient::Lenient;
use crate::cluster::world::World;
use crate::controller::operator::Operator;
use crate::runtime::metrics::Metrics;
use crate::runtime::options::Options;
use clap::Parser;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    options: Options,
}

fn deployment(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "lending", "uid": format!("uid-{name}"), "generation": 1,
            "resourceVersion": "1"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}}})
}

/// An enforced namespace with Deployments `a`, `b` and `c` that run, and an API server that refuses patches of `a`.
/// Beside it the writes that were asked for.
fn scene() -> (Shared, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let service = tower::service_fn({
        let asked = asked.clone();
        move |request: Request<Body>| {
            let asked = asked.clone();
            async move {
                let (method, path) = (request.method().clone(), request.uri().path().to_owned());
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let name = path.rsplit('/').next().unwrap().to_owned();
                if method != Method::GET {
                    asked.lock().unwrap().push(format!("{method} {name}"));
                }
                let (code, answer) = match (&method, name.as_str()) {
                    (&Method::PATCH, "a") => (
                        403,
                        json!({"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "no"}),
                    ),
                    (&Method::POST, _) => {
                        let mut made: Value = serde_json::from_slice(&body).unwrap();
                        made["metadata"]["resourceVersion"] = json!("7");
                        (201, made)
                    }
                    _ => (200, deployment(&name)),
                };
                let body = Body::from(serde_json::to_vec(&answer).unwrap());
                Ok::<_, Infallible>(Response::builder().status(code).body(body).unwrap())
            }
        }
    });
    let image = format!("modelgate@sha256:{}", "1".repeat(64));
    let options = Program::parse_from(["modelgate", "--image", &image]).options;
    let world = Arc::new(World::new(|_, _| {}));
    let labels = json!({"modelgate.dev/enforcement": "enforce"});
    let namespace = json!({"metadata": {"name": "lending", "uid": "ns", "labels": labels}});
    world.show::<slim::Namespace>(serde_json::from_value(namespace).unwrap());
    for name in ["a", "b", "c"] {
        world.show::<slim::Deployment>(serde_json::from_value(deployment(name)).unwrap());
    }
    let operator = Operator::new(options, Client::new(service, "default"));
    let shared = operator.shared(&world, &Arc::new(Metrics::new()), Vec::new());
    shared.found_enforcement(Ok(()));
    (shared, asked)
}

#[tokio::test]
async fn a_refused_write_keeps_no_other_deployment_from_onboarding() {
    let (shared, asked) = scene();
    let problem = onboard(&shared, "lending").await.unwrap_err().to_string();
    assert!(problem.contains("Deployment a") || problem.contains("deployments a"), "{problem}");
    let patched: Vec<String> =
        asked.lock().unwrap().iter().filter(|write| write.starts_with("PATCH")).cloned().collect();
    assert_eq!(patched, ["PATCH a", "PATCH b", "PATCH c"]);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_leaves_its_own_deployment_alone() {
    let (shared, asked) = scene();
    let record = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "AdmittedRevision",
        "metadata": {"name": "b-1", "namespace": "lending", "uid": "b-1"}, "spec": {"target": {"name": "b", "uid": "uid-b"}}});
    shared.world.show::<Lenient<AdmittedRevision>>(serde_json::from_value(record).unwrap());
    onboard(&shared, "lending").await.unwrap_err();
    let patched: Vec<String> =
        asked.lock().unwrap().iter().filter(|write| write.starts_with("PATCH")).cloned().collect();
    assert_eq!(patched, ["PATCH a", "PATCH c"]);
}
