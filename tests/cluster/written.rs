//! What the pages write is done as they write it: first-steps.md from its first line to its last, and every other
//! object and gate of a page is taken by the API server as it stands.

use crate::cluster::{cluster, path};
use crate::pages::{self, Block};
use crate::stage::installed::installed;
use crate::stage::operator::shared;
use crate::stage::place::{Place, deployment, policy, said};
use modelgate::api::{ModelRelease, ReleaseAction, ReleaseApproval};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a shell's words as this user, with kubectl on the PATH; returns what it prints.
fn shell(folder: &Path, kubeconfig: &Path, words: &str, input: &str) -> String {
    let path = format!("{}:{}", cluster().programs(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", words]).current_dir(folder).env("PATH", path).env("KUBECONFIG", kubeconfig);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{words}\n{input}\n{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// One person, in a folder of theirs.
struct Person<'a> {
    folder: &'a Path,
    kubeconfig: PathBuf,
}

impl Person<'_> {
    fn types(&self, words: &str) -> String {
        shell(self.folder, &self.kubeconfig, words, "")
    }

    fn applies(&self, object: &str) {
        shell(self.folder, &self.kubeconfig, "kubectl apply -f -", object);
    }

    fn creates(&self, object: &str) {
        shell(self.folder, &self.kubeconfig, "kubectl create -f -", object);
    }
}

/// The namespace of the page, and what it makes beside.
struct Fraud(Place);

impl Drop for Fraud {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = cluster().try_kubectl(&["delete", "governancepolicy", "basics", "--ignore-not-found"]);
        }
    }
}

#[tokio::test]
async fn the_first_steps_lead_where_they_say() {
    let _turn = shared();
    installed();
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("card.md"), fs::read(path("examples/mortgage/evidence/v3/model-card.md")).unwrap())
        .unwrap();
    fs::write(temp.path().join("run.json"), r#"{"accuracy": 0.91}"#).unwrap();
    cluster().kubectl(&["create", "namespace", "fraud"]);
    let fraud = Fraud(Place { namespace: "fraud".to_owned(), client: cluster().client().await });
    let admin = Person { folder: temp.path(), kubeconfig: cluster().kubeconfig().to_owned() };
    let approver = Person { folder: temp.path(), kubeconfig: cluster().kubeconfig_of("mara", &["model-risk"]) };
    // As the column of `kubectl get mrel` says it.
    let says = async |reason: &str| {
        let said = async || {
            let release: ModelRelease = fraud.0.api().get("fraud").await.unwrap();
            said(&release, "Ready").filter(|said| said.1 == reason)
        };
        fraud.0.until(&format!("the release to say {reason}"), said).await
    };
    let done = pages::blocks("docs/first-steps.md").into_iter().filter(|block| !block.language.is_empty());
    let mut steps = 0;
    for Block { language, text, .. } in done {
        steps += 1;
        let text = text.replace("sha256:…", &pages::digest());
        match &*language {
            "sh" => {
                admin.types(&text);
                if text.contains("until it says Adopted") {
                    says("Adopted").await;
                }
            }
            // Others use the cluster's GateConfig too.
            "yaml" if text.contains("kind: GateConfig") => {
                shell(admin.folder, &admin.kubeconfig, "kubectl apply --dry-run=server -f -", &text);
            }
            "yaml" if text.contains("kind: ReleaseApproval") => {
                says("AwaitingApproval").await;
                let run = admin.types("kubectl -n fraud get mrel fraud -o jsonpath={.status.run}");
                approver.creates(&text.replace("name: …", &format!("name: {run}")));
                says("Released").await;
                let told = async || fraud.0.list::<ReleaseApproval>().await.into_iter().find_map(|it| it.status);
                fraud.0.until("the approval to count", told).await;
            }
            "yaml" if text.contains("kind: ReleaseAction") => {
                admin.creates(&text);
                let told = async || fraud.0.list::<ReleaseAction>().await.into_iter().find_map(|it| it.status);
                fraud.0.until("an answer to the action", told).await;
            }
            "yaml" if text.contains("kind: ModelRelease") => admin.applies(&text),
            "yaml" if text.starts_with("spec:\n  template:") => {
                let mut workload = deployment("1", 1);
                let template: Value = serde_saphyr::from_str(&text).unwrap();
                (workload["metadata"]["name"], workload["metadata"]["namespace"]) = ("fraud".into(), "fraud".into());
                workload["spec"]["template"]["metadata"]["annotations"] =
                    template["spec"]["template"]["metadata"]["annotations"].clone();
                admin.applies(&workload.to_string());
                says("AuditOnly").await;
            }
            "yaml" => admin.applies(&text),
            other => panic!("a block of {other:?} is not done by this test"),
        }
    }
    assert!(steps >= 12, "{steps}");
}

#[tokio::test]
async fn what_the_pages_write_is_taken() {
    let _turn = shared();
    installed();
    let place = Place::new("").await;
    let admin = cluster().kubeconfig();
    let objects = pages::objects(&place.namespace, |gates| policy(&place.namespace, gates));
    assert!(objects.len() >= 20, "{}", objects.len());
    for (page, object) in objects {
        println!("{page}");
        let verb = if object.contains("generateName") { "create" } else { "apply" };
        let words = format!("kubectl {verb} --dry-run=server --validate=strict -f -");
        shell(Path::new("/"), admin, &words, &object);
    }
}
