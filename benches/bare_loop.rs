//! The least that answers an event with a write: watches ReleaseActions and, for each that is made in its namespace,
//! writes a guard into the status of the AdmittedRevision that has the release's name. The same client library,
//! kinds and size of write as the operator's first write of a restore, without cache, queue and decision.
//!
//!     KUBECONFIG=FILE bare_loop NAMESPACE < BODY
//!
//! BODY is the merge patch, one line of JSON. Prints `ready` once it watches, and the name of each record that
//! it wrote. Ends when its input does.

use futures::TryStreamExt;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams, WatchEvent, WatchParams};
use modelgate::api::{AdmittedRevision, ReleaseAction};
use modelgate::runtime::client;
use serde_json::Value;
use std::error::Error;
use std::pin::pin;

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test` and `cargo bench` without a word more ask for nothing.
    let Some(namespace) = std::env::args().nth(1).filter(|word| !word.starts_with("--")) else { return Ok(()) };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut body = String::new();
    std::io::stdin().read_line(&mut body)?;
    let body = serde_json::from_str(&body)?;
    std::thread::spawn(|| {
        // A read that ends, in whatever way, means that nobody is there any more.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    // As many threads as the operator has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(answer(&namespace, &body))
}

async fn answer(namespace: &str, body: &Value) -> Result<(), Box<dyn Error>> {
    let client = client::client(client::config().await?)?;
    let records: Api<AdmittedRevision> = Api::namespaced(client.clone(), namespace);
    // All of them, as the operator does; those of other namespaces are only read.
    let actions: Api<ReleaseAction> = Api::all(client);
    let mut from = actions.list(&ListParams::default().limit(1)).await?.metadata.resource_version.unwrap_or_default();
    println!("ready");
    loop {
        // The API server ends each watch; the next goes on where it was.
        let mut events = pin!(actions.watch(&WatchParams::default().timeout(290), &from).await?);
        while let Some(event) = events.try_next().await? {
            match event {
                WatchEvent::Added(action) => {
                    if action.metadata.namespace.as_deref() == Some(namespace) {
                        let name = action.spec.release_name.0.as_str();
                        records.patch_status(name, &PatchParams::default(), &Patch::Merge(body)).await?;
                        println!("{name}");
                    }
                    from = action.metadata.resource_version.unwrap_or_default();
                }
                WatchEvent::Bookmark(bookmark) => from = bookmark.metadata.resource_version,
                WatchEvent::Modified(_) | WatchEvent::Deleted(_) => {}
                WatchEvent::Error(status) => return Err(status.message.into()),
            }
        }
    }
}
