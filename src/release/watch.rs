//! After release: add this pass's answers to the streaks, and act on a breach.

use super::condition::{ConditionType, Reason, Status};
use super::draft::{Draft, later};
use super::facts::{Admitted, Facts, GateStreak, Mode, Target, Verb, Workload};
use super::{intervene, restore, running, words};
use crate::policy::watch::{Health, Streak};
use crate::policy::{Digest, Enforcement, Gate, OnBreach, Outcome, Plan, Stage, WatchSchedule};
use jiff::Timestamp;

/// After-release gates that are asked now, and the revision they are about. None while nothing admitted
/// runs, a restore is under way, or a person asks to stop it: that does not wait for Prometheus.
pub fn watched(facts: &Facts) -> Option<(&Admitted, Vec<&Gate>)> {
    let Target::Found(workload) = &facts.target else { return None };
    let restoring = restore::pending(facts).is_some_and(|(bad, _)| !restore::admitted_since(workload, bad));
    let stopping = facts.actions.iter().any(|action| matches!(action.verb, Verb::Freeze | Verb::Rollback));
    if facts.namespace.mode == Mode::NotGoverned || restoring || stopping || running::stopped(facts, workload).is_some()
    {
        return None;
    }
    let running = running::running(facts, workload)?;
    let plan = facts.plan.as_ref().ok()?;
    Some((running, plan.gates().filter(|g| g.stage == Stage::AfterRelease).collect()))
}

/// When a gate was asked last, about which revision.
pub type Asked = (Digest, Timestamp);

/// When the answer came that counted last about what runs, as the status has it.
pub fn counted_at(facts: &Facts, running: &Admitted, gate: &Gate) -> Option<Timestamp> {
    if !same_revision(facts, running) {
        return None;
    }
    facts.prior.streaks.iter().find(|counted| counted.gate == gate.key)?.at
}

/// When a gate is to be asked: at once about a revision that it was not asked about last. `last` is what this process
/// remembers; `counted_at` outlives it, so that a change of leader counts no failure before its time. A clock that
/// stepped back never puts it off by more than its interval.
pub fn probe_due(
    last: Option<&Asked>,
    counted_at: Option<Timestamp>,
    gate: &Gate,
    revision: &Digest,
    now: Timestamp,
) -> Timestamp {
    let remembered = last.filter(|(about, _)| about == revision).map(|(_, at)| *at);
    let Some(last) = remembered.max(counted_at) else { return now };
    later(last.min(now), gate.watch.as_ref().map_or(60, |watch| watch.interval_seconds))
}

/// The streaks of all after-release gates, with this pass's answers added.
pub(super) fn counted<'a>(
    facts: &Facts,
    running: &Admitted,
    plan: &'a Plan,
    now: Timestamp,
) -> Vec<(&'a Gate, &'a WatchSchedule, GateStreak)> {
    let gates = plan.gates().filter(|g| g.stage == Stage::AfterRelease);
    let scheduled = gates.filter_map(|gate| Some((gate, gate.watch.as_ref()?)));
    scheduled.map(|(gate, schedule)| (gate, schedule, streak(facts, running, gate, schedule, now))).collect()
}

/// Those of which the status tells.
pub(super) fn told(counted: &[(&Gate, &WatchSchedule, GateStreak)]) -> Vec<GateStreak> {
    counted.iter().map(|(.., row)| row).filter(|row| row.streak != Streak::default()).cloned().collect()
}

/// True when a breach was acted on: the pass has nothing else to decide.
pub(super) fn watch(draft: &mut Draft, workload: &Workload, running: &Admitted) -> bool {
    let Ok(plan) = &draft.facts.plan else {
        // What was counted so far is not forgotten over a policy that cannot be read for a moment.
        draft.report.watch = draft.facts.prior.streaks.clone();
        draft.say(
            ConditionType::WatchHealthy,
            Status::Unknown,
            Reason::NotStarted,
            "the policies cannot be used: nothing is watched",
        );
        return false;
    };
    let counted = counted(draft.facts, running, plan, draft.now);
    if counted.is_empty() {
        draft.say(ConditionType::WatchHealthy, Status::True, Reason::NoWatch, "no policy watches after release");
        return false;
    }
    if let Some(next) = draft.facts.next_probe {
        draft.look_at(next);
    }
    let mut worst: Option<(Health, &Gate, String)> = None;
    let mut breach: Option<(OnBreach, &Gate, String)> = None;
    draft.report.watch = told(&counted);
    for (gate, schedule, GateStreak { streak, message, .. }) in counted {
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
    }
    if let Some((response, _, why)) = breach {
        draft.say(ConditionType::WatchHealthy, Status::False, Reason::Breached, why.clone());
        let response = intervene::after_breach(draft.facts, workload, running, response, why);
        intervene::respond(draft, workload, running, response);
        return true;
    }
    // Good once a number has said so, and until one says otherwise.
    let good_before = same_revision(draft.facts, running)
        && draft
            .facts
            .prior
            .conditions
            .iter()
            .any(|c| c.kind == ConditionType::WatchHealthy && c.reason == Reason::WithinLimits);
    let good_now = draft.facts.probes.iter().any(|f| f.outcome == Outcome::Pass);
    match worst {
        Some((Health::Blind, gate, message)) => {
            draft.say(
                ConditionType::WatchHealthy,
                Status::Unknown,
                Reason::NoData,
                format!("gate {}: {message}", gate.key),
            );
        }
        Some((Health::Failing | Health::Breached, gate, message)) => {
            draft.say(
                ConditionType::WatchHealthy,
                Status::False,
                Reason::Failing,
                format!("gate {}: {message}", gate.key),
            );
        }
        // Not blind for long enough to worry, and still nothing to call good.
        Some((Health::WithinLimits, gate, message))
            if !good_before && draft.report.watch.iter().any(|row| row.streak.blind > 0) =>
        {
            draft.say(
                ConditionType::WatchHealthy,
                Status::Unknown,
                Reason::NoData,
                format!("gate {}: {message}", gate.key),
            );
        }
        Some((Health::WithinLimits, ..)) if good_before || good_now => {
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

/// Whether what is recorded is about the revision that runs now.
fn same_revision(facts: &Facts, running: &Admitted) -> bool {
    facts.prior.admitted_revision.as_ref() == Some(&running.revision)
}

/// The streak as recorded, with this pass's answer added, and the last answer that was not good. Another
/// revision begins with none. It is counted no further than it matters, so that a watch that stays failing
/// or blind stops writing.
fn streak(facts: &Facts, running: &Admitted, gate: &Gate, schedule: &WatchSchedule, now: Timestamp) -> GateStreak {
    let nothing = || GateStreak { gate: gate.key.clone(), streak: Streak::default(), message: String::new(), at: None };
    let same = same_revision(facts, running);
    let prior = facts.prior.streaks.iter().find(|counted| same && counted.gate == gate.key);
    let before = prior.cloned().unwrap_or_else(nothing);
    let Some(answer) = facts.probes.iter().find(|f| f.gate == gate.key) else { return before };
    let after = before.streak.after(answer.outcome);
    let streak =
        Streak { failures: after.failures.min(schedule.breach_after), blind: after.blind.min(schedule.blind_after) };
    if streak == before.streak && prior.is_some() {
        return before;
    }
    GateStreak { streak, message: answer.message.clone(), at: Some(now), ..before }
}
