//! Modelgate as an administrator installs it, without the operator's Deployment: the operator runs in
//! this process, under its own service account's token and rights.

use super::prometheus::prometheus;
use super::store::authority;
use crate::cluster::{cluster, path, run};
use kube::Config;
use modelgate::policy::Digest;
use modelgate::runtime::client;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub const OPERATOR: &str = "system:serviceaccount:modelgate-system:modelgate";

pub struct Installed {
    /// The evaluator of this build, by digest.
    pub evaluator: String,
    /// What model servers run here, by digest.
    pub model_server: String,
    token: String,
}

pub fn installed() -> &'static Installed {
    static INSTALLED: OnceLock<Installed> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let evaluator = cluster().load(&evaluator_archive());
        let model_server = cluster().idle_image();
        apply_all(&evaluator);
        gate_config();
        in_force();
        let token = ["create", "token", "modelgate", "-n", "modelgate-system", "--duration=6h"];
        Installed { evaluator, model_server, token: cluster().kubectl(&token) }
    })
}

impl Installed {
    /// How the operator reaches the API server: by its token, with no other right than its own.
    pub async fn operator_config(&self) -> Config {
        let mut config = cluster().config().await;
        config.auth_info = serde_json::from_value(json!({"token": self.token})).unwrap();
        client::prepared(config)
    }
}

/// The image of this build's own binary, made once for each content of it.
fn evaluator_archive() -> String {
    let built = Path::new(env!("CARGO_BIN_EXE_modelgate"));
    let trusted = authority();
    let digest = Digest::of(&[std::fs::read(built).unwrap(), std::fs::read(trusted).unwrap()].concat());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("evaluator-{}", digest.short(16)));
    let archive = folder.join("modelgate.tar");
    if !archive.exists() {
        let begun = folder.with_extension(std::process::id().to_string());
        std::fs::create_dir_all(&begun).unwrap();
        // Without its symbols it is a third of the size.
        let small = begun.join("modelgate");
        run(Command::new("strip").arg("-o").arg(&small).arg(built));
        run(Command::new(path("deploy/image/build"))
            .arg(&begun)
            .arg("--binary")
            .arg(&small)
            .arg("--authorities")
            .arg(trusted));
        std::fs::remove_file(small).unwrap();
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::rename(&begun, &folder).unwrap();
    }
    archive.to_str().unwrap().to_owned()
}

fn apply_all(image: &str) {
    let rendered = run(Command::new(path("deploy/render")).args(["--image", image]));
    let documents = rendered.split("\n---\n").filter(|d| !d.lines().any(|line| line == "kind: Deployment"));
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("installed-{}.yaml", std::process::id()));
    std::fs::write(&file, documents.collect::<Vec<_>>().join("\n---\n")).unwrap();
    let name = file.to_str().unwrap();
    if cluster().try_kubectl(&["get", "gateconfig", "modelgate"]).is_err() {
        cluster().kubectl(&["create", "-f", &path("deploy/gateconfig.yaml")]);
    }
    cluster().kubectl(&["apply", "--server-side", "--force-conflicts", "-f", name]);
    std::fs::remove_file(&file).unwrap();
}

fn gate_config() {
    // Nothing listens on the discard port of this machine.
    let spec = json!({"spec": {"prometheus": [
        {"name": "main", "url": prometheus().url()},
        {"name": "down", "url": "http://127.0.0.1:9"},
    ]}});
    cluster().kubectl(&["patch", "gateconfig", "modelgate", "--type=merge", "-p", &spec.to_string()]);
}

/// Policies take effect a moment after they are written: waits until one late of each kind has.
fn in_force() {
    let space = format!("canary-{}", std::process::id());
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": space, "labels": {"modelgate.dev/enforcement": "enforce"}}});
    create(&namespace, &[]).unwrap();
    let pod = json!({"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}});
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "x", "namespace": space},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": pod}});
    let approval = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ReleaseApproval",
        "metadata": {"name": "x", "namespace": space},
        "spec": {"releaseName": "x", "subjectRef": {"kind": "GateRun", "name": "x"}, "decision": "Approve", "reason": "x"}});
    let began = Instant::now();
    loop {
        let refused = create(&set, &["--dry-run=server"]).is_err_and(|why| why.contains("modelgate-unholdable"));
        let stamped = create(&approval, &["--dry-run=server", "-o", "jsonpath={.spec.approver.username}"]);
        if refused && stamped.as_deref() == Ok("admin") {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the policies are not in force: {stamped:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
    cluster().kubectl(&["delete", "namespace", &space, "--wait=false"]);
}

fn create(object: &Value, flags: &[&str]) -> Result<String, String> {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("object-{}.json", std::process::id()));
    std::fs::write(&file, object.to_string()).unwrap();
    let said = cluster().try_kubectl(&[&["create", "-f", file.to_str().unwrap()], flags].concat());
    std::fs::remove_file(&file).unwrap();
    said
}
