//! Whether the hold can be relied on: found out, told on GateConfig, counted.

use super::operator::Shared;
use crate::api::{Condition, ConditionStatus, GATE_CONFIG, GateConfig};
use crate::cluster::enforcement::canary::{self, Answer};
use crate::cluster::enforcement::{Weakness, compare};
use crate::cluster::records::instant;
use crate::policy::finding::clean;
use jiff::{SignedDuration, Timestamp};
use kube::Resource;
use kube::api::{Api, Patch, PatchParams};
use kube::runtime::events::{Event, EventType};
use serde_json::json;

const ENFORCED: &str = "Enforced";
/// Policies come into force a moment after they are written.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(2);
/// Some ways to get well make no news, such as a newer API server.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// Finds out and remembers. True if that is news for releases. The API server is asked only when the
/// policies have just been found intact.
pub async fn look(shared: &Shared) -> bool {
    let before = shared.enforcement();
    let mut found = compare(&shared.shipped, shared.world.as_ref());
    if found.is_ok() && before.is_err() {
        match canary::ask(&shared.client, &shared.world).await {
            Answer::Refused => {}
            Answer::LetThrough(on) => {
                found = Err(Weakness::Silent(format!("a history limit of 1 was not refused to Deployment {on}")));
            }
            Answer::Unknown(why) => {
                tracing::debug!(why, "the admission policies are as shipped and could not be tried")
            }
        }
    }
    if found != before {
        match &found {
            Ok(()) => tracing::info!("the admission policies are as shipped"),
            Err(weakness) => tracing::error!(%weakness, "the hold cannot be relied on"),
        }
    }
    let news = found.as_ref().map_err(Weakness::summary) != before.as_ref().map_err(Weakness::summary);
    shared.found_enforcement(found);
    news
}

/// Writes what was found to GateConfig if that says something new. Returns when to look again.
pub async fn tell(shared: &Shared) -> Result<Option<Timestamp>, kube::Error> {
    let found = shared.enforcement();
    let now = Timestamp::now();
    let again = match &found {
        Ok(()) => None,
        Err(Weakness::Silent(_)) => Some(ASK_AGAIN),
        Err(Weakness::NotChecked | Weakness::ServerTooOld | Weakness::Parameter(_) | Weakness::Altered { .. }) => {
            Some(LOOK_AGAIN)
        }
    };
    let again = again.and_then(|wait| now.checked_add(wait).ok());
    let object = shared.world.gate_configs.named(GATE_CONFIG);
    // One that is not there or cannot be read has no status to compare with; the log and the metric tell.
    let Some(config) = object.as_ref().and_then(|object| object.read().ok()) else { return Ok(again) };
    let status = config.status.clone().unwrap_or_default();
    let before = status.conditions.iter().find(|c| c.type_ == ENFORCED);
    let wanted = condition(&found, config.meta().generation, before, now);
    if before == Some(&wanted) && status.observed_generation == wanted.observed_generation {
        return Ok(again);
    }
    let turned = before.is_none_or(|c| c.status != wanted.status) && found.is_err();
    let others = status.conditions.iter().filter(|c| c.type_ != ENFORCED);
    let conditions: Vec<&Condition> = others.chain([&wanted]).collect();
    // The guard list beside it is not ours to write: what was read must still be there.
    let patch = Patch::Merge(json!({
        "metadata": {"resourceVersion": config.meta().resource_version},
        "status": {"observedGeneration": wanted.observed_generation, "conditions": conditions},
    }));
    let api: Api<GateConfig> = Api::all(shared.client.clone());
    let written = api.patch_status(GATE_CONFIG, &PatchParams::default(), &patch).await;
    shared.metrics.write("gate_configs", "patch status of", if written.is_ok() { "ok" } else { "error" });
    written?;
    if turned {
        warn(shared, config, &wanted).await;
    }
    Ok(again)
}

fn condition(
    found: &Result<(), Weakness>,
    generation: Option<i64>,
    before: Option<&Condition>,
    now: Timestamp,
) -> Condition {
    let (status, reason, message) = match found {
        Ok(()) => (ConditionStatus::True, "Enforced", "the admission policies are as shipped".to_owned()),
        Err(weakness) => {
            let (reason, next) = match weakness {
                Weakness::ServerTooOld => ("ServerTooOld", ""),
                Weakness::NotChecked => ("NotChecked", ""),
                Weakness::Silent(_) => ("NotInForce", ""),
                Weakness::Altered { .. } => {
                    ("PoliciesAltered", "; apply Modelgate's admission policies again, then replace them")
                }
                Weakness::Parameter(_) => ("PoliciesAltered", "; apply it again"),
            };
            (ConditionStatus::False, reason, format!("{weakness}{next}"))
        }
    };
    let since = before.filter(|c| c.status == status).map(|c| c.last_transition_time.clone());
    Condition {
        type_: ENFORCED.to_owned(),
        status,
        observed_generation: generation,
        last_transition_time: since.unwrap_or_else(|| instant(now)),
        reason: reason.to_owned(),
        message: clean(&message, 1024),
    }
}

/// An event that cannot be published is logged: the condition says the same and lasts.
async fn warn(shared: &Shared, config: &GateConfig, said: &Condition) {
    let event = Event {
        type_: EventType::Warning,
        reason: said.reason.clone(),
        note: Some(clean(&said.message, 1000)),
        action: "Check".to_owned(),
        secondary: None,
    };
    let published = shared.recorder.publish(&event, &config.object_ref(&())).await;
    shared.metrics.write("events", "create", if published.is_ok() { "ok" } else { "error" });
    if let Err(error) = published {
        tracing::warn!(reason = event.reason, %error, "event not published");
    }
}
