//! A watch against an API server that says what the test lets it say.

use super::*;
use crate::api::GateConfig;
use crate::cluster::enforcement::rule::MutatingPolicy;
use crate::cluster::lenient::Lenient;
use crate::cluster::slim::{Namespace, Object};
use crate::cluster::world::{Change, Kind, ReleaseKey};
use futures::channel::mpsc;
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use kube::client::Body;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;
use tokio::task::JoinHandle;

type Frames = mpsc::UnboundedSender<Result<Frame<Bytes>, Infallible>>;

/// A watch request and the way to answer it. Dropped, the answer ends.
struct Connection {
    query: BTreeMap<String, String>,
    frames: Frames,
}

impl Connection {
    fn say(&self, event: &str, object: Value) {
        let line = format!("{}\n", json!({"type": event, "object": object}));
        self.frames.unbounded_send(Ok(Frame::data(line.into()))).unwrap();
    }

    fn bookmark(&self, version: &str, completes_list: bool) {
        let annotations = if completes_list { json!({LIST_IS_COMPLETE: "true"}) } else { json!({}) };
        let meta = json!({"resourceVersion": version, "annotations": annotations});
        self.say("BOOKMARK", json!({"apiVersion": "v1", "kind": "X", "metadata": meta}));
    }
}

/// A world with one watch, which tells changes as words.
struct Scene {
    world: Arc<World>,
    connections: mpsc::UnboundedReceiver<Connection>,
    told: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn scene<K: Kept + DeserializeOwned>() -> Scene {
    let (opened, connections) = mpsc::unbounded();
    let service = tower::service_fn(move |request: Request<Body>| {
        let query = request.uri().query().unwrap_or_default();
        let query = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let (frames, answer) = mpsc::unbounded();
        opened.unbounded_send(Connection { query, frames }).ok();
        async { Ok::<_, Infallible>(Response::new(StreamBody::new(answer))) }
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let world = Arc::new(World::new({
        let told = told.clone();
        move |_: &World, change| told.lock().unwrap().push(words(&change))
    }));
    let client = Client::new(service, "default");
    let task = tokio::spawn(follow::<K>(client, world.clone(), Arc::new(Metrics::new())));
    Scene { world, connections, told, task }
}

fn words(change: &Change) -> String {
    match change {
        Change::Namespace(moved) => match (&moved.old, &moved.new) {
            (None, Some(new)) => format!("+{}", new.meta.name()),
            (Some(_), Some(new)) => format!("~{}", new.meta.name()),
            (Some(old), None) => format!("-{}", old.meta.name()),
            (None, None) => "nothing".to_owned(),
        },
        Change::CaughtUp(release) => format!("caught up {release}"),
        other => format!("{other:?}"),
    }
}

impl Scene {
    async fn connection(&mut self) -> Connection {
        self.connections.next().await.unwrap()
    }

    /// What was told since the last call, once the watch has read all that was said.
    async fn told(&self) -> Vec<String> {
        // A paused clock moves only when every task waits.
        sleep(Duration::from_millis(1)).await;
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

fn namespace(name: &str, version: u64) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": name, "uid": format!("uid-{name}"), "resourceVersion": version.to_string()}
    })
}

#[tokio::test(start_paused = true)]
async fn lists_consistently_then_follows() {
    let mut scene = scene::<Namespace>();
    let server = scene.connection().await;
    assert_eq!(server.query["sendInitialEvents"], "true");
    assert_eq!(server.query["resourceVersion"], "", "no version asks for a consistent read");
    server.say("ADDED", namespace("a", 5));
    server.say("ADDED", namespace("b", 3));
    assert_eq!(scene.told().await, ["+a", "+b"]);
    assert!(!scene.world.namespaces.is_listed());
    assert_eq!(scene.world.namespaces.known(), 0, "a list comes in no order of versions");
    server.bookmark("9", true);
    scene.told().await;
    assert!(scene.world.namespaces.is_listed());
    assert_eq!(scene.world.namespaces.known(), 9);
    server.say("MODIFIED", namespace("a", 10));
    server.say("DELETED", namespace("b", 11));
    assert_eq!(scene.told().await, ["~a", "-b"]);
    assert_eq!(scene.world.namespaces.known(), 11);
    assert_eq!(scene.world.namespaces.named("a").unwrap().meta.resource_version(), "10");
    assert!(scene.world.namespaces.named("b").is_none());
}

#[tokio::test(start_paused = true)]
async fn goes_on_from_the_last_bookmark() {
    let mut scene = scene::<Namespace>();
    let server = scene.connection().await;
    server.bookmark("9", true);
    server.bookmark("20", false);
    scene.told().await;
    drop(server);
    let server = scene.connection().await;
    assert_eq!(server.query["resourceVersion"], "20");
    assert!(!server.query.contains_key("sendInitialEvents"));
}

#[tokio::test(start_paused = true)]
async fn a_new_list_tells_what_vanished_and_what_is_new_only() {
    let mut scene = scene::<Namespace>();
    let server = scene.connection().await;
    for (name, version) in [("a", 1), ("b", 2), ("c", 3)] {
        server.say("ADDED", namespace(name, version));
    }
    server.bookmark("9", true);
    scene.told().await;
    server.say("ERROR", json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}));
    let server = scene.connection().await;
    assert_eq!(server.query["sendInitialEvents"], "true");
    server.say("ADDED", namespace("a", 1));
    server.say("ADDED", namespace("c", 12));
    server.say("ADDED", namespace("d", 13));
    assert_eq!(scene.told().await, ["~c", "+d"]);
    assert!(scene.world.namespaces.named("b").is_some(), "nothing is gone before the list is complete");
    server.bookmark("15", true);
    assert_eq!(scene.told().await, ["-b"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_cut_short_starts_over_and_forgets_nothing() {
    let mut scene = scene::<Namespace>();
    let server = scene.connection().await;
    server.say("ADDED", namespace("a", 1));
    scene.told().await;
    drop(server);
    let server = scene.connection().await;
    assert_eq!(server.query["resourceVersion"], "");
    assert!(!scene.world.namespaces.is_listed());
    assert!(scene.world.namespaces.named("a").is_some());
    server.bookmark("9", true);
    assert_eq!(scene.told().await, ["-a"]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_dead() {
    let mut scene = scene::<Namespace>();
    let server = scene.connection().await;
    server.bookmark("9", true);
    scene.told().await;
    let began = Instant::now();
    scene.connection().await;
    assert!(began.elapsed() >= LONGEST_SILENCE && began.elapsed() < LONGEST_SILENCE * 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_up_at_once_is_not_hammered() {
    let mut scene = scene::<Namespace>();
    let began = Instant::now();
    let mut asked = 0;
    while began.elapsed() < Duration::from_secs(120) {
        scene.connection().await;
        asked += 1;
    }
    assert!((5..25).contains(&asked), "{asked} requests in 2 minutes");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_does_not_fit_is_kept_with_the_reason() {
    let mut scene = scene::<Lenient<GateConfig>>();
    let server = scene.connection().await;
    let meta = json!({"name": "modelgate", "uid": "u", "resourceVersion": "4"});
    server.say(
        "ADDED",
        json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "GateConfig", "metadata": meta, "spec": 7}),
    );
    server.bookmark("9", true);
    scene.told().await;
    let kept = scene.world.gate_configs.named("modelgate").unwrap();
    let error = kept.read().unwrap_err();
    assert!(error.contains("expected struct"), "{error}");
    assert_eq!(kept.uid(), "u");
}

#[tokio::test(start_paused = true)]
async fn own_writes_show_when_the_watch_has_come_to_them() {
    let mut scene = scene::<Namespace>();
    let release = ReleaseKey::new("n", "r");
    let server = scene.connection().await;
    scene.world.wrote(&release, Kind::Namespace, "8");
    assert!(scene.world.behind(&release), "nothing is known yet");
    server.say("ADDED", namespace("a", 7));
    server.bookmark("9", true);
    assert_eq!(scene.told().await, ["+a", "caught up n/r"]);
    assert!(!scene.world.behind(&release));

    scene.world.wrote(&release, Kind::Namespace, "9");
    assert!(!scene.world.behind(&release), "known already");
    scene.world.wrote(&release, Kind::Namespace, "12");
    scene.world.wrote(&release, Kind::Namespace, "13");
    assert!(scene.world.behind(&release));
    assert!(!scene.world.behind(&ReleaseKey::new("n", "other")));
    server.say("MODIFIED", namespace("a", 12));
    assert_eq!(scene.told().await, ["~a"]);
    assert!(scene.world.behind(&release), "one of two");
    server.say("DELETED", namespace("a", 14));
    assert_eq!(scene.told().await, ["-a", "caught up n/r"], "gone again counts as seen");
}

#[tokio::test(start_paused = true)]
async fn a_bookmark_shows_a_write_to_an_object_that_is_not_kept() {
    let mut scene = scene::<Namespace>();
    let release = ReleaseKey::new("n", "r");
    let server = scene.connection().await;
    server.bookmark("9", true);
    scene.told().await;
    scene.world.wrote(&release, Kind::Namespace, "12");
    server.bookmark("11", false);
    assert_eq!(scene.told().await, [""; 0]);
    assert!(scene.world.behind(&release));
    server.bookmark("12", false);
    assert_eq!(scene.told().await, ["caught up n/r"]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_shows_when_the_object_goes_or_terminates() {
    let mut scene = scene::<Namespace>();
    let release = ReleaseKey::new("n", "r");
    let server = scene.connection().await;
    for (name, version) in [("a", 1), ("b", 2), ("c", 3)] {
        server.say("ADDED", namespace(name, version));
    }
    server.bookmark("9", true);
    scene.told().await;
    for name in ["a", "b", "c", "unknown"] {
        scene.world.deleted(&release, Kind::Namespace, "", name, &format!("uid-{name}"));
    }
    server.say("MODIFIED", namespace("a", 10));
    scene.told().await;
    assert!(scene.world.behind(&release), "still there");
    server.say("DELETED", namespace("a", 11));
    let mut terminating = namespace("b", 12);
    terminating["metadata"]["deletionTimestamp"] = json!("2026-11-24T00:00:00Z");
    server.say("MODIFIED", terminating);
    assert_eq!(scene.told().await, ["-a", "~b"]);
    assert!(scene.world.behind(&release));
    let mut another = namespace("c", 13);
    another["metadata"]["uid"] = json!("new");
    server.say("ADDED", another);
    assert_eq!(scene.told().await, ["~c", "caught up n/r"]);
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_older_servers_do_not_know_is_no_reason_to_wait() {
    let service = tower::service_fn(|_: Request<Body>| async {
        let answer = Response::builder().status(404);
        Ok::<_, Infallible>(answer.body(Body::from(b"404 page not found\n".to_vec())).unwrap())
    });
    let client = Client::new(service, "default");
    let world = Arc::new(World::new(|_: &World, _| {}));
    let metrics = Arc::new(Metrics::new());
    let optional = tokio::spawn(follow::<MutatingPolicy>(client.clone(), world.clone(), metrics.clone()));
    let needed = tokio::spawn(follow::<Namespace>(client, world.clone(), metrics));
    sleep(Duration::from_secs(1)).await;
    assert!(world.mutating_policies.is_listed() && !world.mutating_policies.is_served());
    assert!(!world.namespaces.is_listed() && !world.ready());
    optional.abort();
    needed.abort();
}
