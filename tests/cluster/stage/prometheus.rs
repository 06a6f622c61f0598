//! A Prometheus that answers as told, by namespace. It hears the query that the operator filled in.

use axum::Router;
use axum::routing::post;
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// What policies of the stories ask. The stand-in answers 0.1, and 0.9 about a revision that is bad.
pub const QUERY: &str = r#"denied{namespace="${namespace}",revision="${revision}"}"#;

/// What comes back about a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// One number.
    #[default]
    Number,
    /// No series at all.
    Empty,
    NotANumber,
    TwoSeries,
    /// As a proxy answers whose Prometheus is away.
    Unavailable,
    /// The form of an answer, cut off.
    Truncated,
}

#[derive(Default)]
struct Told {
    answer: Answer,
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

    /// Answers in this way from now on.
    pub fn answers(&self, namespace: &str, answer: Answer) {
        self.told.lock().unwrap().entry(namespace.to_owned()).or_default().answer = answer;
    }

    /// How often it was asked about the namespace.
    pub fn asked(&self, namespace: &str) -> usize {
        self.told.lock().unwrap().get(namespace).map_or(0, |told| told.asked.len())
    }

    fn answer(&self, form: &str) -> (StatusCode, String) {
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
        let one = json!({"metric": {}, "value": [1_764_000_000, value]});
        let vector = |result: Value| {
            json!({"status": "success", "data": {"resultType": "vector", "result": result}}).to_string()
        };
        match told.answer {
            Answer::Number => (StatusCode::OK, vector(json!([one]))),
            Answer::Empty => (StatusCode::OK, vector(json!([]))),
            Answer::NotANumber => (StatusCode::OK, vector(json!([{"metric": {}, "value": [1_764_000_000, "NaN"]}]))),
            Answer::TwoSeries => (StatusCode::OK, vector(json!([one, one]))),
            Answer::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "no healthy upstream".to_owned()),
            Answer::Truncated => (StatusCode::OK, vector(json!([one]))[..40].to_owned()),
        }
    }
}
