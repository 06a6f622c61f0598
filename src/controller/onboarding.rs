//! Deployments that ran before their namespace was governed and that no release claims: on record, and
//! marked, so that a restart or a scale-up does not hold them.

use super::operator::Shared;
use crate::cluster::apply::{Undone, apply};
use crate::cluster::gather::{ignored, namespace_facts};
use crate::cluster::workload;
use crate::cluster::world::ReleaseKey;
use crate::release::adoption;
use crate::release::facts::Mode;
use jiff::Timestamp;

pub async fn adopt(shared: &Shared, namespace: &str) -> Result<(), Box<Undone>> {
    if namespace_facts(&shared.world, namespace).mode != Mode::Enforce || shared.enforcement().is_err() {
        return Ok(());
    }
    let key = ReleaseKey::new(namespace, "");
    if shared.world.behind(&key) {
        return Ok(());
    }
    let ignored = ignored(&shared.world);
    for deployment in shared.world.deployments.list(namespace) {
        let name = deployment.meta.name();
        if shared.exempt(namespace, name) || shared.claimed(namespace, name) {
            continue;
        }
        let facts = match workload::facts(&shared.world, &deployment, &ignored) {
            Ok(facts) => facts,
            Err(problem) => {
                tracing::warn!(deployment = name, problem, "cannot be read and is not adopted");
                continue;
            }
        };
        if facts.paused || facts.mark.is_some() || facts.terminating {
            continue;
        }
        tracing::info!(deployment = name, revision = facts.revision.short(12), "adopted: it ran before its namespace was governed");
        apply(&shared.writer(&key), &adoption(&facts, None, Timestamp::now())).await?;
    }
    Ok(())
}
