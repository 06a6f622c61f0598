//! The API server refuses and takes what the command line does without one, as `tests/cli/refusals.rs` sees it.

use crate::cluster::cluster;
use crate::refused::{refused, taken};
use crate::stage::place::Place;
use serde_json::Value;

#[tokio::test]
async fn the_api_server_says_what_the_command_line_says() {
    let place = Place::new("").await;
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("object.json");
    let apply = |object: &Value| {
        std::fs::write(&file, object.to_string()).unwrap();
        let words = ["apply", "--dry-run=server", "--validate=strict", "-n", &place.namespace, "-f"];
        cluster().try_kubectl(&[&words[..], &[&file.display().to_string()]].concat())
    };
    let mut wrong = Vec::new();
    for case in refused() {
        match apply(&case.object) {
            Ok(said) => wrong.push(format!("taken: {said}: {}", case.object)),
            Err(said) if case.by_rule && !said.contains(case.message()) => {
                wrong.push(format!("{said}: {}", case.object))
            }
            Err(_) => {}
        }
    }
    for object in taken() {
        wrong.extend(apply(&object).err().map(|said| format!("refused: {said}: {object}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
