//! One pass over one release: gather, decide, apply, report.

use super::operator::Shared;
use crate::cluster::apply::{Undone, apply};
use crate::cluster::gather::{Beside, GatherError, gather};
use crate::cluster::world::ReleaseKey;
use crate::cluster::writer::WriteError;
use crate::cluster::{events, report};
use crate::policy::Outcome;
use crate::release::decision::{Decision, Step};
use crate::release::{Facts, decide};
use crate::runtime::logs;
use jiff::Timestamp;

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
        enforcement: shared.enforcement(),
        waits: shared.waits,
        refused: shared.refused(key),
        evaluator: &shared.evaluator,
        now,
    };
    let gathered = gather(&shared.world, &shared.client, &key.namespace, &key.name, beside).await?;
    let Some(mut facts) = gathered else {
        shared.forget(key);
        return Ok(None);
    };
    shared.probes.ask(&shared.world, key, &mut facts, now).await;
    let decision = decide(&facts, now);
    trace(&facts, &decision);
    let writer = shared.writer(key);
    let done = apply(&writer, &decision.steps).await;
    let refused = done.as_ref().err().and_then(|undone| undone.refused_job());
    let tell = done.is_ok() || refused.is_some();
    shared.remember_refusal(key, refused);
    if tell && report::report(&writer, &facts, &decision).await? {
        events::publish(&shared.recorder, &writer, &facts, &decision.notices).await;
    }
    done?;
    count(shared, &decision);
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
