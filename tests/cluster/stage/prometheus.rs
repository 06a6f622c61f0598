//! A Prometheus that answers as told, by namespace. It hears the query that the operator filled in.

use axum::Router;
use axum::routing::post;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// What policies of the stories ask. The stand-in answers 0.1, and 0.9 about a revision that is bad.
pub const QUERY: &str = r#"denied{namespace="${namespace}",revision="${revision}"}"#;

#[derive(Default)]
struct Told {
    /// The next revision that is asked about is a bad one.
    turns: bool,
    bad: Vec<String>,
    /// Revisions asked about, oldest first.
    asked: Vec<String>,
}

#[derive(Clone)]
pub struct Prometheus {
    port: u16,
    told: Arc<Mutex<HashMap<String, Told>>>,
}

pub fn prometheus() -> &'static Prometheus {
    static PROMETHEUS: OnceLock<Prometheus> = OnceLock::new();
    PROMETHEUS.get_or_init(Prometheus::serve)
}

impl Prometheus {
    fn serve() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let made = Self { port: listener.local_addr().unwrap().port(), told: Arc::default() };
        let answers = made.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let routes = Router::new()
                    .route("/api/v1/query", post(move |body: String| async move { answers.answer(&body) }));
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, routes).await.unwrap();
            });
        });
        made
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whatever serves when it is asked next is bad from then on.
    pub fn turn(&self, namespace: &str) {
        self.told.lock().unwrap().entry(namespace.to_owned()).or_default().turns = true;
    }

    /// How often it was asked about the namespace.
    pub fn asked(&self, namespace: &str) -> usize {
        self.told.lock().unwrap().get(namespace).map_or(0, |told| told.asked.len())
    }

    fn answer(&self, form: &str) -> String {
        // name="value", percent-encoded
        let label = |name: &str| {
            let (_, rest) = form.split_once(&format!("{name}%3D%22")).unwrap_or_default();
            rest.split('%').next().unwrap_or_default().to_owned()
        };
        let (namespace, revision) = (label("namespace"), label("revision"));
        let mut told = self.told.lock().unwrap();
        let told = told.entry(namespace).or_default();
        if std::mem::take(&mut told.turns) {
            told.bad.push(revision.clone());
        }
        let value = if told.bad.contains(&revision) { "0.9" } else { "0.1" };
        told.asked.push(revision);
        let vector = json!([{"metric": {}, "value": [1_764_000_000, value]}]);
        json!({"status": "success", "data": {"resultType": "vector", "result": vector}}).to_string()
    }
}
