//! Evidence in a volume and at an https address: good, changed, not there, not to be trusted.

use super::{Case, each_stalls};
use crate::cluster::cluster;
use crate::stage::operator::shared;
use crate::stage::place::{Place, accuracy_gate, digest};
use crate::stage::store::{FILE, store, stranger};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use kube::Api;
use kube::api::PostParams;
use modelgate::policy::Digest;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

/// A claim `evidence` on a folder of the node, which is a folder of this machine. The volume goes with the
/// returned guard.
struct Volume {
    name: String,
    folder: tempfile::TempDir,
}

impl Volume {
    async fn new(place: &Place) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        // The evaluator is nobody in particular.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let name = format!("evidence-{}", place.namespace);
        let (size, modes) = (json!({"storage": "1Mi"}), json!(["ReadOnlyMany"]));
        let volume = json!({"metadata": {"name": name}, "spec": {
            "capacity": size, "accessModes": modes, "storageClassName": "", "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": folder.path(), "type": "Directory"},
            "claimRef": {"namespace": place.namespace, "name": "evidence"}}});
        let claim = json!({"metadata": {"name": "evidence"}, "spec": {
            "accessModes": modes, "storageClassName": "", "volumeName": name, "resources": {"requests": size}}});
        let volume: PersistentVolume = serde_json::from_value(volume).unwrap();
        let claim: PersistentVolumeClaim = serde_json::from_value(claim).unwrap();
        Api::all(place.client.clone()).create(&PostParams::default(), &volume).await.unwrap();
        place.api().create(&PostParams::default(), &claim).await.unwrap();
        Self { name, folder }
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = cluster().try_kubectl(&["delete", "persistentvolume", &self.name, "--wait=false"]);
    }
}

fn in_volume(path: &str, digest: &str) -> Value {
    json!([{"name": "metrics", "digest": digest, "persistentVolumeClaim": {"name": "evidence", "path": path}}])
}

fn at(url: String, digest: &str) -> Value {
    json!([{"name": "metrics", "digest": digest, "https": {"url": url}}])
}

#[tokio::test]
async fn a_volume_is_read_as_pinned_or_not_at_all() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    place.policy(json!([accuracy_gate()])).await;
    let volume = Volume::new(&place).await;
    volume.write("metrics.json", FILE);
    volume.write("empty.json", "");
    std::os::unix::fs::symlink("/etc/passwd", volume.folder.path().join("outside")).unwrap();
    let right = Digest::of(FILE.as_bytes()).to_string();
    let other = digest("something else");
    let cases = [
        Case::new(
            "other-digest",
            in_volume("metrics.json", &other),
            ("GateError", "DigestMismatch"),
            &["metrics has digest", "is pinned", "release"],
        ),
        Case::new(
            "no-file",
            in_volume("none.json", &right),
            ("EvidenceMissing", "EvidenceMissing"),
            &["metrics is not there", "no file none.json", "release"],
        ),
        Case::new(
            "empty",
            in_volume("empty.json", &right),
            ("EvidenceMissing", "EvidenceEmpty"),
            &["metrics is empty"],
        ),
        Case::new(
            "outside",
            in_volume("outside", &right),
            ("GateError", "EvidenceUnreadable"),
            &["leaves its own folder"],
        ),
    ];
    each_stalls(&place, "accuracy", &cases, in_volume("metrics.json", &right)).await;
}

#[tokio::test]
async fn an_https_address_is_read_as_pinned_or_not_at_all() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    place.policy(json!([accuracy_gate()])).await;
    let right = Digest::of(FILE.as_bytes()).to_string();
    let stranger = stranger();
    let unreadable = ("GateError", "EvidenceUnreadable");
    let cases = [
        Case::new(
            "other-digest",
            at(store().url("/metrics.json"), &digest("something else")),
            ("GateError", "DigestMismatch"),
            &["metrics has digest", "is pinned", "release"],
        ),
        Case::new(
            "no-file",
            at(store().url("/none.json"), &right),
            ("EvidenceMissing", "EvidenceMissing"),
            &["metrics is not there", "answers 404"],
        ),
        Case::new(
            "untrusted",
            at(stranger.url("/metrics.json"), &right),
            unreadable,
            &["metrics cannot be read", "certificate"],
        ),
        Case::new("itself", at("https://127.0.0.1:8443/x".into(), &right), unreadable, &["is this machine"]),
        Case::new("no-name", at("https://none.invalid/x".into(), &right), unreadable, &["cannot be reached"]),
    ];
    each_stalls(&place, "accuracy", &cases, at(store().url("/metrics.json"), &right)).await;
}
