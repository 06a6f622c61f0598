//! Workloads that were there before their namespace was governed and that no release claims: what ran is on
//! record and marked, so that a restart or a scale-up does not hold it; what is marked without a record
//! loses the mark.

use super::operator::Shared;
use crate::cluster::apply::{Undone, apply};
use crate::cluster::gather::{self, GatherError, namespace_facts};
use crate::cluster::slim;
use crate::cluster::workload;
use crate::cluster::world::ReleaseKey;
use crate::release::decision::Step;
use crate::release::facts::Mode;
use crate::release::{Standing, adoption, standing, unmark};
use jiff::Timestamp;

#[derive(Debug, thiserror::Error)]
pub enum OnboardingError {
    #[error("{0}")]
    Gather(#[from] GatherError),
    #[error("{0}")]
    Apply(#[from] Box<Undone>),
}

pub async fn onboard(shared: &Shared, namespace: &str) -> Result<(), OnboardingError> {
    let world = &shared.world;
    if namespace_facts(world, namespace).mode != Mode::Enforce {
        return Ok(());
    }
    let key = ReleaseKey::new(namespace, "");
    if world.behind(&key) {
        return Ok(());
    }
    let writer = shared.writer(&key);
    let ignored = gather::ignored(world);
    apply(&writer, &unmark(None, &workload::ownerless(world, namespace, &ignored), &[])).await?;
    // One that cannot be written must not keep the others from being adopted, or held.
    let mut first = Ok(());
    for deployment in world.deployments.list(namespace) {
        let name = deployment.meta.name();
        if shared.exempt(namespace, name) || gather::claimed(world, namespace, name) || deployment.meta.is_terminating()
        {
            continue;
        }
        let steps = steps(shared, &deployment, &ignored)?;
        first = first.and(apply(&writer, &steps).await.map_err(OnboardingError::from));
    }
    first
}

fn steps(shared: &Shared, deployment: &slim::Deployment, ignored: &[String]) -> Result<Vec<Step>, GatherError> {
    let (world, namespace, name) = (&shared.world, deployment.meta.namespace(), deployment.meta.name());
    let facts = match workload::facts(world, deployment, ignored) {
        Ok(facts) => facts,
        Err(problem) => {
            tracing::warn!(deployment = name, problem, "cannot be read and is not adopted");
            return Ok(Vec::new());
        }
    };
    let sets = workload::replica_sets(world, namespace, &facts.uid, ignored);
    let (admitted, unreadable) = gather::admitted(world, namespace, &facts.uid, name);
    if let Some(record) = unreadable.first() {
        tracing::warn!(
            deployment = name,
            record = record.name,
            problem = record.problem,
            "cannot be read: nothing is adopted or held"
        );
        return Ok(Vec::new());
    }
    let mut steps = unmark(Some(&facts), &sets, &admitted);
    let since = gather::recorded_since(world, namespace);
    match standing(&facts, &sets, &admitted, &gather::guarded(world, namespace)?, since) {
        Standing::Known => {}
        // Without the API server's policies it may just have been created ungated.
        Standing::RanBefore if shared.enforcement().is_err() => {
            tracing::warn!(
                deployment = name,
                "runs without a mark that counts and is not adopted while the hold cannot be relied on"
            );
        }
        Standing::RanBefore => {
            tracing::info!(
                deployment = name,
                revision = facts.revision.short(12),
                "adopted: it ran before its namespace was governed"
            );
            steps.extend(adoption(&facts, None, Timestamp::now()));
        }
        Standing::Unfounded => {
            tracing::warn!(deployment = name, "held: it is marked without a record, or guarded");
            steps.push(Step::Hold { deployment: facts.name.clone(), uid: facts.uid.clone() });
        }
    }
    if !steps.is_empty() {
        tracing::info!(deployment = name, steps = steps.len(), "onboarding");
    }
    Ok(steps)
}

#[cfg(test)]
mod tests;
