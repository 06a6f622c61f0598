//! Commands of the pages do what the pages say.

use crate::pages::{self, Block};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

/// Runs a shell's words in a folder, with `modelgate` on the PATH.
fn shell(folder: &Path, words: &str) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_modelgate")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    Command::new("bash").args(["-euo", "pipefail", "-c", words]).current_dir(folder).env("PATH", path).output().unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// A block of commands, and the block after it, which is what they print.
#[test]
fn what_is_shown_is_printed() {
    let mut tried = 0;
    let pages = ["docs", "examples"].iter().flat_map(|folder| pages::pages(folder));
    for blocks in pages.map(|page| pages::blocks(&page)) {
        let is_console = |block: &Block| block.language == "console";
        for pair in blocks.windows(2).filter(|pair| is_console(&pair[0])) {
            let words = pair[0].text.strip_prefix("$ ").unwrap();
            let output = shell(&pages::file(""), words);
            assert!(output.status.success(), "{words}\n{}", said(&output));
            let printed = said(&output);
            // A row of dots stands for what is left out.
            let mut rest = printed.lines();
            for line in pair[1].text.lines().filter(|line| *line != "…") {
                assert!(
                    rest.any(|found| found.trim_end() == line),
                    "{}: {line:?} is not printed:\n{printed}",
                    pair[0].page
                );
            }
            tried += 1;
        }
    }
    assert!(tried >= 1);
}

#[test]
fn the_policy_tests_run_as_written() {
    let blocks = pages::blocks("examples/policies/README.md");
    let output = shell(&pages::file(""), &blocks[0].text);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).ends_with(" passed, 0 failed\n"), "{}", said(&output));
}

/// Of job.md: the script is run by hand, and `modelgate check` takes what it wrote.
#[test]
fn a_container_s_script_is_tried_as_written() {
    let blocks = pages::blocks("docs/checks/job.md");
    let of = |language: &str| blocks.iter().find(|block| block.language == language).unwrap();
    let gates: Value = serde_saphyr::from_str(&of("yaml").text).unwrap();
    let policy = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "GovernancePolicy", "metadata": {"name": "models"},
        "spec": {"match": {"namespaceSelector": {"matchLabels": {"modelgate.dev/environment": "production"}}},
            "enforcement": "Enforce", "gates": gates}});
    let attacks = std::fs::read(pages::file("examples/red-team/attacks.jsonl")).unwrap();
    let evidence = json!([{"name": "attacks", "configMap": {"name": "attacks", "key": "attacks.jsonl"}}]);
    let release = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ModelRelease",
        "metadata": {"name": "m", "namespace": "lending"},
        "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"},
            "model": {"name": "m", "version": "1", "digest": format!("sha256:{}", "a".repeat(64))}, "evidence": evidence}});
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "attacks", "namespace": "lending"},
        "immutable": true, "data": {"attacks.jsonl": String::from_utf8(attacks).unwrap()}});
    let temp = tempfile::tempdir().unwrap();
    let put = |name: &str, text: String| std::fs::write(temp.path().join(name), text).unwrap();
    put("policy.yaml", policy.to_string());
    put("release.yaml", format!("{release}\n---\n{map}\n"));
    std::os::unix::fs::symlink(pages::file("examples"), temp.path().join("examples")).unwrap();
    let output = shell(temp.path(), &of("sh").text);
    // One attack of four succeeded, and the page lets one of ten.
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("fail: gate models/red-team: 1 of 4 attacks succeeded"), "{}", said(&output));
}

/// What each shell is given, the shell itself can read.
#[test]
fn completions_are_understood_by_the_shell() {
    let output = shell(Path::new("/"), "source <(modelgate completions bash); complete -p modelgate");
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("_modelgate"), "{}", said(&output));
    for name in ["zsh", "fish", "elvish", "powershell"] {
        let output = shell(Path::new("/"), &format!("modelgate completions {name}"));
        assert!(output.status.success() && said(&output).contains("policy"), "{name}: {}", said(&output));
    }
}
