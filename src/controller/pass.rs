//! One pass over one release: gather, decide, apply, report.

use super::operator::Shared;
use crate::cluster::apply::{Undone, apply};
use crate::cluster::gather::{self, Beside, GatherError, gather};
use crate::cluster::world::ReleaseKey;
use crate::cluster::writer::WriteError;
use crate::cluster::{events, report};
use crate::policy::Outcome;
use crate::release::decision::{Decision, Step};
use crate::release::{Facts, decide, left_behind, undone};
use crate::runtime::logs;
use jiff::Timestamp;
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum PassError {
    #[error("{0}")]
    Gather(#[from] GatherError),
    #[error("{0}")]
    Apply(#[from] Box<Undone>),
    #[error("{0}")]
    Report(#[from] WriteError),
}

/// When to look again even if nothing changes.
pub async fn reconcile(shared: &Shared, key: &ReleaseKey) -> Result<Option<Timestamp>, PassError> {
    if shared.world.behind(key) {
        // The cache does not show all own writes yet; it wakes this pass when it does.
        return Ok(None);
    }
    let now = Timestamp::now();
    let beside = Beside {
        enforcement: shared.enforcement().map_err(|weakness| weakness.summary()),
        waits: shared.waits,
        refused: shared.refused(key),
        evaluator: &shared.evaluator,
        now,
    };
    let gathered = gather(&shared.world, &shared.client, &key.namespace, &key.name, &beside).await?;
    let Some(mut facts) = gathered else {
        shared.forget(key);
        return finish_restore(shared, key, &beside).await;
    };
    shared.probes.ask(&shared.world, key, &mut facts, now).await;
    let decision = decide(&facts, now);
    trace(&facts, &decision);
    let writer = shared.writer(key);
    let done = apply(&writer, &decision.steps).await;
    let failed = done.as_ref().err();
    shared.remember_refusal(key, failed.and_then(|failed| failed.refused_job()));
    let told = match failed {
        None => Some(Cow::Borrowed(&decision)),
        Some(failed) if failed.refused_job().is_some() => Some(Cow::Borrowed(&decision)),
        // What was seen no longer holds, or the API server cannot be reached: the next pass tells.
        Some(failed) => failed.refusal().map(|why| Cow::Owned(undone(&facts, &decision, &why, now))),
    };
    if let Some(told) = told {
        if report::report(&writer, &facts, &told).await? {
            events::publish(&shared.recorder, &writer, &facts, &told.notices).await;
        }
        shared.probes.told(key, &facts, now);
    }
    done?;
    count(shared, &decision);
    Ok(decision.look_again)
}

/// A release that was deleted in the middle of a restore left it to the records.
async fn finish_restore(
    shared: &Shared,
    key: &ReleaseKey,
    beside: &Beside<'_>,
) -> Result<Option<Timestamp>, PassError> {
    let left = gather::left_behind(&shared.world, &shared.client, &key.namespace, &key.name, beside).await?;
    let Some(facts) = left else { return Ok(None) };
    let decision = left_behind(&facts, beside.now);
    trace(&facts, &decision);
    apply(&shared.writer(key), &decision.steps).await?;
    Ok(decision.look_again)
}

fn trace(facts: &Facts, decision: &Decision) {
    if let Some(revision) = &decision.report.revision {
        logs::revision(&revision.short(12));
    }
    if let Some(run) = &decision.report.run {
        logs::run(run);
    }
    if !decision.steps.is_empty() {
        let ready = decision.report.conditions.first().map(|c| c.reason.as_str()).unwrap_or_default();
        tracing::info!(steps = ?decision.steps.iter().map(step_name).collect::<Vec<_>>(), ready, "decided");
    }
    // What was decided about, for a replay: at trace level only, and never evidence itself.
    if tracing::enabled!(tracing::Level::TRACE) {
        tracing::trace!(facts = %serde_json::to_string(facts).unwrap_or_default(), "facts");
    }
}

fn step_name(step: &Step) -> String {
    let text = format!("{step:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

fn count(shared: &Shared, decision: &Decision) {
    for step in &decision.steps {
        if let Step::FinishRun { rows, .. } = step {
            for row in rows {
                let outcome: Outcome = row.outcome;
                shared.metrics.gate_outcome(outcome.as_str());
            }
        }
    }
}
