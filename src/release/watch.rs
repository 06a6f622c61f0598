//! After release: add this pass's answers to the streaks, and act on a breach.

use super::condition::{ConditionType, Reason, Status};
use super::draft::Draft;
use super::facts::{Admitted, Facts, Mode, Target, Workload};
use super::{intervene, restore, running, words};
use crate::policy::watch::{Health, Streak};
use crate::policy::{Enforcement, Gate, GateKey, OnBreach, Stage, WatchSchedule};

/// After-release gates that are asked now, and the revision they are about. None while nothing admitted
/// runs or a restore is under way.
pub fn watched(facts: &Facts) -> Option<(&Admitted, Vec<&Gate>)> {
    let Target::Found(workload) = &facts.target else { return None };
    if facts.namespace.mode == Mode::NotGoverned || restore::pending(facts).is_some() {
        return None;
    }
    let running = running::running(facts, workload)?;
    let plan = facts.plan.as_ref().ok()?;
    Some((running, plan.gates().filter(|g| g.stage == Stage::AfterRelease).collect()))
}

/// True when a breach was acted on: the pass has nothing else to decide.
pub(super) fn watch(draft: &mut Draft, workload: &Workload, running: &Admitted) -> bool {
    let Ok(plan) = &draft.facts.plan else { return false };
    let gates: Vec<&Gate> = plan.gates().filter(|g| g.stage == Stage::AfterRelease).collect();
    if gates.is_empty() {
        draft.say(ConditionType::WatchHealthy, Status::True, Reason::NoWatch, "no policy watches after release");
        return false;
    }
    if let Some(next) = draft.facts.next_probe {
        draft.look_at(next);
    }
    let mut worst: Option<(Health, &Gate, String)> = None;
    let mut breach: Option<(OnBreach, &Gate, String)> = None;
    let mut watch = Vec::new();
    for gate in gates {
        let Some(schedule) = &gate.watch else { continue };
        let (streak, message) = streak(draft, &gate.key, schedule);
        let health = streak.health(schedule);
        if health == Health::Breached && gate.enforcement == Enforcement::Enforce {
            let why = format!("gate {} failed {} times in a row: {message}", gate.key, streak.failures);
            if breach.as_ref().is_none_or(|(strongest, ..)| *strongest < schedule.on_breach) {
                breach = Some((schedule.on_breach, gate, why));
            }
        }
        if worst.as_ref().is_none_or(|(h, ..)| rank(*h) < rank(health)) {
            worst = Some((health, gate, message.clone()));
        }
        if streak != Streak::default() {
            watch.push((gate.key.clone(), streak, message));
        }
    }
    draft.report.watch = watch;
    if let Some((response, _, why)) = breach {
        // What it counted is in the guard record; the next revision starts from nothing.
        draft.report.watch.clear();
        draft.say(ConditionType::WatchHealthy, Status::False, Reason::Breached, why.clone());
        intervene::respond(draft, workload, running, response, why);
        return true;
    }
    let answered = draft.facts.prior.conditions.iter().any(|c| {
        c.kind == ConditionType::WatchHealthy && c.reason != Reason::NotStarted && c.reason != Reason::Initializing
    });
    match worst {
        Some((Health::Blind, gate, message)) => {
            draft.say(ConditionType::WatchHealthy, Status::Unknown, Reason::NoData, format!("gate {}: {message}", gate.key));
        }
        Some((Health::Failing | Health::Breached, gate, message)) => {
            draft.say(ConditionType::WatchHealthy, Status::False, Reason::Failing, format!("gate {}: {message}", gate.key));
        }
        // Not blind for long enough to worry, and still nothing to call good.
        Some((Health::WithinLimits, gate, message)) if draft.report.watch.iter().any(|(_, s, _)| s.blind > 0) => {
            draft.say(ConditionType::WatchHealthy, Status::Unknown, Reason::NoData, format!("gate {}: {message}", gate.key));
        }
        Some((Health::WithinLimits, ..)) if answered || !draft.facts.probes.is_empty() => {
            let message = format!("{} is within its limits", words::revision(running));
            draft.say(ConditionType::WatchHealthy, Status::True, Reason::WithinLimits, message);
        }
        Some((Health::WithinLimits, ..)) | None => {}
    }
    false
}

fn rank(health: Health) -> u8 {
    match health {
        Health::WithinLimits => 0,
        Health::Blind => 1,
        Health::Failing => 2,
        Health::Breached => 3,
    }
}

/// The streak as recorded, with this pass's answer added, and the last answer that was not good. It is
/// counted no further than it matters, so that a watch that stays failing or blind stops writing.
fn streak(draft: &Draft, key: &GateKey, schedule: &WatchSchedule) -> (Streak, String) {
    let prior = draft.facts.prior.streaks.iter().find(|(k, ..)| k == key);
    let (before, message) = prior.map(|(_, s, m)| (*s, m.clone())).unwrap_or_default();
    let Some(answer) = draft.facts.probes.iter().find(|f| f.gate == *key) else { return (before, message) };
    let after = before.after(answer.outcome);
    let counted =
        Streak { failures: after.failures.min(schedule.breach_after), blind: after.blind.min(schedule.blind_after) };
    let unchanged = counted == before && prior.is_some();
    (counted, if unchanged { message } else { answer.message.clone() })
}
