//! Asks the API server whether it refuses what must be refused: text that is stored is not yet in force.
//!
//! The operator's own user is exempt from `hold`, and asking as another would take the right to
//! impersonate. But `held` binds everybody: it denies every Deployment that `hold` should have paused and
//! did not, so it is the one that must answer. Nothing is written, it is a dry run. One replica of the API
//! server answers; where there are several, the others are not asked.

use crate::api::{self, labels};
use crate::cluster::slim;
use crate::cluster::world::World;
use k8s_openapi::api::apps::v1::Deployment;
use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// `held` lets no Deployment get a shorter history than 2.
const TOO_SHORT: i32 = 1;
const LONGEST: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Refused by `held`.
    Refused,
    /// The Deployment it was tried on.
    LetThrough(String),
    /// There is nothing to try it on, or something else came in between.
    Unknown(String),
}

/// Tries it on the first Deployment that is held to the rules.
pub async fn ask(client: &Client, world: &World) -> Answer {
    let Some((namespace, name)) = subject(world) else {
        return Answer::Unknown("no namespace with a Deployment is governed".to_owned());
    };
    let api: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let params = PatchParams { dry_run: true, ..PatchParams::default() };
    let patch = Patch::Merge(json!({"spec": {"revisionHistoryLimit": TOO_SHORT}}));
    match timeout(LONGEST, api.patch(&name, &params, &patch)).await {
        Ok(Ok(_)) => Answer::LetThrough(format!("{namespace}/{name}")),
        Ok(Err(kube::Error::Api(status))) if status.message.contains("'modelgate-held'") => Answer::Refused,
        Ok(Err(error)) => Answer::Unknown(error.to_string()),
        Err(_) => Answer::Unknown("no answer in time".to_owned()),
    }
}

fn subject(world: &World) -> Option<(String, String)> {
    let mut namespaces = world.namespaces.all();
    namespaces.retain(|n| n.meta.label(labels::ENFORCEMENT) == Some("enforce") && !n.meta.is_terminating());
    namespaces.sort_by(|a, b| a.meta.name().cmp(b.meta.name()));
    let config = world.gate_configs.named(api::GATE_CONFIG)?;
    let exemptions = &config.read().ok()?.spec.exemptions;
    let exempt = |d: &slim::Deployment| {
        exemptions
            .iter()
            .any(|e| e.kind == "Deployment" && *e.namespace == *d.meta.namespace() && *e.name == *d.meta.name())
    };
    namespaces.iter().find_map(|namespace| {
        let deployments = world.deployments.list(namespace.meta.name());
        // One that has this limit already is not refused it.
        let fit = deployments.iter().find(|d| {
            !d.meta.is_terminating() && d.template.is_ok() && d.revision_history_limit != Some(TOO_SHORT) && !exempt(d)
        })?;
        Some((fit.meta.namespace().to_owned(), fit.meta.name().to_owned()))
    })
}
