//! A Job that is there already, as somebody left it.

use super::super::world::{ReleaseKey, World};
use super::*;
use crate::cluster::jobs::EvaluatorPod;
use crate::policy::OrderFacts;
use crate::policy::result::job_name;
use crate::runtime::metrics::Metrics;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

const RUN: &str = "m-0123456789abcdef-1";

/// Starts the Job of a run where one of its name is there. Gives what came of it, and the deletions.
async fn start(owner: &str, label: Option<&str>) -> (Result<(), WriteError>, Vec<String>) {
    let name = job_name("run-uid", None);
    let there = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {
        "name": name, "uid": "job-uid", "labels": label.map(|run| json!({labels::RUN: run})),
        "ownerReferences": [{"apiVersion": "modelgate.dev/v1alpha1", "kind": "GateRun", "name": RUN, "uid": owner}]}});
    let deleted = Arc::new(Mutex::new(Vec::new()));
    let service = tower::service_fn({
        let deleted = deleted.clone();
        move |request: Request<Body>| {
            let (there, deleted) = (there.clone(), deleted.clone());
            async move {
                let (code, answer) = match *request.method() {
                    Method::POST => (
                        409,
                        json!({"kind": "Status", "status": "Failure", "code": 409, "reason": "AlreadyExists", "message": "there"}),
                    ),
                    Method::GET => (200, there),
                    _ => {
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        let body: Value = serde_json::from_slice(&body).unwrap();
                        deleted.lock().unwrap().push(body["preconditions"]["uid"].as_str().unwrap().to_owned());
                        (200, json!({"kind": "Status", "status": "Success"}))
                    }
                };
                let body = Body::from(serde_json::to_vec(&answer).unwrap());
                Ok::<_, Infallible>(Response::builder().status(code).body(body).unwrap())
            }
        }
    });
    let writer = Writer {
        client: Client::new(service, "default"),
        world: Arc::new(World::new(|_, _| {})),
        metrics: Arc::new(Metrics::new()),
        key: ReleaseKey::new("lending", "m"),
        evaluator: EvaluatorPod { image: String::new(), service_account: None },
    };
    let order = EvaluationOrder {
        run: "run-uid".to_owned(),
        facts: OrderFacts::default(),
        evidence: Vec::new(),
        gates: Vec::new(),
    };
    let done = start_job(&writer, RUN, &order, (60, 60)).await;
    let deleted = deleted.lock().unwrap().clone();
    (done, deleted)
}

#[tokio::test]
async fn a_job_that_is_there() {
    // The cache does not show it yet.
    let (done, deleted) = start("run-uid", Some(RUN)).await;
    assert!(done.is_ok() && deleted.is_empty(), "{done:?}");
    // Somebody took its label or changed it, and the cache will never show it as this run's.
    for label in [None, Some("another")] {
        let (done, deleted) = start("run-uid", label).await;
        assert!(matches!(done, Err(WriteError::Conflict { .. })), "it is tried again: {done:?}");
        assert_eq!(deleted, ["job-uid"]);
    }
    let (done, deleted) = start("somebody", None).await;
    let said = done.unwrap_err().to_string();
    assert!(said.contains("delete it") && deleted.is_empty(), "{said}");
}
