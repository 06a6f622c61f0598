//! The cluster that the tests of this process share, and ways to look at it.

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, ResourceExt};
use modelgate::runtime::client;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Longest a test waits for something that takes a moment on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Cluster {
    name: String,
    programs: String,
    admin: PathBuf,
}

/// The shared cluster, with Modelgate's own kinds. Started by the first test that asks.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::up(""))
}

/// A second cluster, for a test that needs the policies inside the API server as it likes: they are there
/// once for all namespaces.
pub fn cluster_of_its_own(suffix: &str) -> Cluster {
    Cluster::up(suffix)
}

impl Cluster {
    fn up(suffix: &str) -> Self {
        // Fails only when one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let kept = std::env::var("MODELGATE_TEST_CLUSTER").map(|name| name + suffix);
        let name = kept.unwrap_or_else(|_| {
            let name = format!("test-{}{suffix}", std::process::id());
            down_with_this_process(&name);
            name
        });
        // Takes a lock: several test processes may ask for the same cluster.
        command(&["up", "--name", &name]);
        let cluster =
            Self { programs: command(&["build"]), admin: command(&["kubeconfig", "--name", &name]).into(), name };
        cluster.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &path("crds")]);
        cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", "-f", &path("crds")]);
        cluster
    }

    /// Runs kubectl as administrator; returns what it prints.
    pub fn kubectl(&self, args: &[&str]) -> String {
        let kubectl = format!("{}/kubectl", self.programs);
        run(Command::new(kubectl).args(args).env("KUBECONFIG", &self.admin))
    }

    /// The same; what it said when it did not work.
    pub fn try_kubectl(&self, args: &[&str]) -> Result<String, String> {
        let kubectl = format!("{}/kubectl", self.programs);
        let mut command = Command::new(kubectl);
        command.args(args).env("KUBECONFIG", &self.admin);
        let out = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match out.status.success() {
            true => Ok(text(&out.stdout)),
            false => Err(text(&out.stderr)),
        }
    }

    /// Puts an image archive into the node; returns the name that a pod can ask for, by digest.
    pub fn load(&self, archive: &str) -> String {
        command(&["load", archive, "--name", &self.name])
    }

    /// The image of the node's sandboxes: starts at once and does nothing.
    pub fn idle_image(&self) -> String {
        self.load(&format!("{}/pause.tar", self.programs))
    }

    /// How an administrator, who is in `system:masters`, reaches the API server.
    pub async fn config(&self) -> Config {
        read(&self.admin).await
    }

    /// How a user with a client certificate reaches it.
    pub async fn config_as(&self, user: &str, groups: &[&str]) -> Config {
        read(&self.kubeconfig_of(user, groups)).await
    }

    pub fn kubeconfig_of(&self, user: &str, groups: &[&str]) -> PathBuf {
        let groups = groups.join(",");
        let mut args = vec!["kubeconfig", "--name", &self.name, "--as", user];
        if !groups.is_empty() {
            args.extend(["--groups", &groups]);
        }
        command(&args).into()
    }

    /// The administrator's.
    pub fn kubeconfig(&self) -> &Path {
        &self.admin
    }

    /// Where kubectl is.
    pub fn programs(&self) -> &str {
        &self.programs
    }

    /// A client of the administrator. One for each test: it lives on the test's runtime.
    pub async fn client(&self) -> Client {
        client::client(self.config().await).unwrap()
    }

    pub async fn client_as(&self, user: &str, groups: &[&str]) -> Client {
        client::client(self.config_as(user, groups).await).unwrap()
    }

    /// A namespace of the test's own, with these labels. Returns its name.
    pub async fn namespace(&self, labels: &[(&str, &str)]) -> String {
        let labels: BTreeMap<_, _> = labels.iter().copied().collect();
        let namespace = json!({"metadata": {"generateName": "t-", "labels": labels}});
        let namespace: Namespace = serde_json::from_value(namespace).unwrap();
        let api = Api::all(self.client().await);
        api.create(&PostParams::default(), &namespace).await.unwrap().name_any()
    }

    /// The audit log from here on.
    pub fn audit(&self) -> Audit {
        let path = PathBuf::from(format!("/var/lib/modelgate-local/{}/audit.log", self.name));
        let from = std::fs::metadata(&path).unwrap().len();
        Audit { path, from }
    }
}

/// A question to the admission policies, not a write.
fn is_dry_run(line: &Value) -> bool {
    line["requestURI"].as_str().unwrap_or_default().contains("dryRun=All")
}

/// A place in the audit log.
pub struct Audit {
    path: PathBuf,
    from: u64,
}

impl Audit {
    /// Waits until the log of the shared cluster shows what was asked up to now, by a question of our own:
    /// it is behind by a moment, and what is not there may only not be there yet.
    pub async fn caught_up(&self) {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let name = format!("until-here-{}-{}", std::process::id(), ASKED.fetch_add(1, Ordering::Relaxed));
        let _ = cluster().try_kubectl(&["get", "namespace", &name]);
        until("the audit log", async || {
            self.since().iter().any(|line| line["objectRef"]["name"] == name.as_str()).then_some(())
        })
        .await;
    }

    /// Requests answered since, oldest first. The log is behind by a moment: wait until it has
    /// [`Self::caught_up`] before trusting that something is not there.
    pub fn since(&self) -> Vec<Value> {
        let mut file = std::fs::File::open(&self.path).unwrap();
        file.seek(SeekFrom::Start(self.from)).unwrap();
        let lines = BufReader::new(file).lines().map(Result::unwrap);
        // The last line may be half written.
        lines.map_while(|line| serde_json::from_str(&line).ok()).collect()
    }

    /// Of these, what a user asked for and how it was answered, as `201 create pods/binding name`.
    pub fn writes_of(&self, user: &str, namespace: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.since()
            .iter()
            .filter(|line| text(&line["user"]["username"]) == user && !is_dry_run(line))
            .filter(|line| namespace.is_empty() || text(&line["objectRef"]["namespace"]) == namespace)
            .filter(|line| !["get", "list", "watch"].contains(&text(&line["verb"]).as_str()))
            .map(|line| {
                let (object, code) = (&line["objectRef"], &line["responseStatus"]["code"]);
                let (verb, kind, part) = (text(&line["verb"]), text(&object["resource"]), text(&object["subresource"]));
                let slash = if part.is_empty() { "" } else { "/" };
                format!("{code} {verb} {kind}{slash}{part} {}", text(&object["name"]))
            })
            .collect()
    }

    /// Of these, the writes of programs whose User-Agent begins so, as `patch deployments/scale name`.
    pub fn writes(&self, user_agent: &str) -> Vec<String> {
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        self.since()
            .iter()
            .filter(|line| text(line, "userAgent").starts_with(user_agent) && !is_dry_run(line))
            .filter(|line| !["get", "list", "watch"].contains(&text(line, "verb").as_str()))
            .map(|line| {
                let object = &line["objectRef"];
                let part = text(object, "subresource");
                let slash = if part.is_empty() { "" } else { "/" };
                let (verb, kind, name) = (text(line, "verb"), text(object, "resource"), text(object, "name"));
                format!("{verb} {kind}{slash}{part} {name}")
            })
            .collect()
    }
}

/// Waits until the answer is there.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A file of the repository.
pub fn path(file: &str) -> String {
    format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))
}

async fn read(kubeconfig: &PathBuf) -> Config {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).unwrap();
    let options = KubeConfigOptions::default();
    client::prepared(Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap())
}

/// Runs `deploy/local/cluster`; returns the last line that it prints.
fn command(args: &[&str]) -> String {
    let out = run(Command::new(path("deploy/local/cluster")).args(args));
    out.lines().last().unwrap_or_default().to_owned()
}

pub fn run(command: &mut Command) -> String {
    let out = command.stdin(Stdio::null()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{command:?}: {}\n{stdout}{stderr}", out.status);
    stdout.trim().to_owned()
}

/// Takes the cluster down when this process has ended, in whatever way: the test runner gives no
/// moment of its own for it. The process that waits for that outlives this one on purpose.
#[allow(clippy::zombie_processes)]
fn down_with_this_process(name: &str) {
    let me = std::process::id();
    let cluster = path("deploy/local/cluster");
    let script = format!("tail --pid={me} -f /dev/null; exec '{cluster}' down --name '{name}'");
    Command::new("setsid")
        .args(["bash", "-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
}
