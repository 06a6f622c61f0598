//! What ran before its namespace was governed.

use crate::make::*;
use crate::world::World;
use modelgate::policy::{OnBreach, Outcome, Plan};
use modelgate::release::facts::{Mode, Verb, Workload};

fn found_running(adopted_is_baseline: bool) -> World {
    let mut only = policy(POLICY, vec![accuracy(), errors(OnBreach::Rollback)]);
    only.adopted_is_baseline = adopted_is_baseline;
    let mut world = World::empty();
    world.plan = Ok(Plan::new(vec![only]));
    world.deployment = Some(Workload { paused: false, ..workload(1) });
    world.tick();
    world.apply_release(1);
    world
}

#[test]
fn it_keeps_running_and_is_shown_as_never_evaluated() {
    let mut world = found_running(false);
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("Admitted").as_str()), ("Adopted", "Adopted"));
    assert_eq!((world.serving(), world.runs.len(), world.admitted.len()), (vec![(1, 3)], 0, 1));
    assert!(world.message("Ready").contains("never evaluated"));
    assert!(!world.deployment().paused);
}

#[test]
fn not_while_the_admission_policies_are_altered() {
    let mut world = found_running(false);
    world.enforcement = Err("policy modelgate-hold is missing".into());
    world.settle();
    assert_eq!((world.ready().as_str(), world.admitted.len()), ("PoliciesAltered", 0));
    assert_eq!(world.reason("Enforced"), "PoliciesAltered");
}

#[test]
fn it_is_a_target_only_if_a_policy_says_so() {
    for (baseline, ready, serving) in [(true, "RolledBack", (1, 3)), (false, "Released", (2, 3))] {
        let mut world = found_running(baseline);
        world.settle().apply(2);
        world.settle();
        assert_eq!(world.serving(), [(2, 3)]);
        world.act("back", Verb::Rollback, None);
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), (ready, vec![serving]), "{baseline}");
    }
}

#[test]
fn a_guarded_revision_is_never_adopted() {
    // The policies were away for a moment, and somebody resumed the frozen Deployment.
    let mut world = World::with(plan(vec![accuracy()]), 1);
    world.settle().act("stop", Verb::Freeze, None);
    world.settle();
    let d = world.deployment();
    (d.paused, d.generation) = (false, d.generation + 1);
    world.settle();
    assert_eq!((world.ready().as_str(), world.deployment().paused), ("Frozen", true));
}

/// It was evaluated while its namespace was only audited, and failed: nothing was admitted by that.
#[test]
fn a_run_of_the_time_before_does_not_speak_for_it() {
    let mut world = found_running(false);
    world.mode = Mode::Audit;
    world.apply_evidence(1);
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.settle();
    assert_eq!((world.ready().as_str(), world.runs.len()), ("GateFailed", 1));
    world.mode = Mode::Enforce;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Adopted", vec![(1, 3)]));
    assert_eq!(world.condition("GatesPassed").0, "Unknown");
    assert_eq!(world.reason("Approved"), "NotRequired");
}

#[test]
fn evaluated_later_it_counts_like_any_other() {
    let mut world = found_running(false);
    world.settle().apply(2);
    world.settle().apply(1);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(1, 3)]));
    assert_eq!(world.admitted.len(), 2, "one record a revision");
    let evaluated = world.admitted.iter().find(|a| a.revision == revision(1)).unwrap();
    assert!(!evaluated.adopted && evaluated.values.len() == 1 && evaluated.model_version.is_some());
    assert_eq!(world.idle_writes, Vec::<String>::new());
    world.apply(3);
    world.settle().act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]), "what served last");
}

/// Nobody paused it, and its mark stayed. What is on record tells that this is no onboarding.
#[test]
fn what_changed_while_the_policies_were_away_is_not_adopted() {
    let mut world = found_running(false);
    world.settle().enforcement = Err("policy modelgate-hold is missing".into());
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.apply(2);
    let mark = revision(1).to_string();
    let d = world.deployment();
    (d.paused, d.mark) = (false, Some(mark));
    for _ in 0..9 {
        world.tick();
    }
    assert_eq!(world.serving(), [(2, 3)]);
    world.enforcement = Ok(());
    world.settle();
    assert_eq!((world.ready().as_str(), world.admitted.len()), ("GateFailed", 1));
    assert_eq!(
        (world.serving(), world.deployment().paused, world.deployment().mark.clone()),
        (vec![(2, 3)], true, None)
    );
    world.measured.clear();
    world.act("again", Verb::Retry, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(2, 3)]));
}

#[test]
fn what_was_made_while_the_policies_were_away_is_not_adopted() {
    for (recorded_since, ready, adopted) in [(None, "Adopted", true), (Some(at(-200)), "Released", false)] {
        let mut world = found_running(false);
        world.apply_evidence(1);
        world.recorded_since = recorded_since;
        world.wait(1);
        assert_eq!(world.deployment().paused, !adopted, "{recorded_since:?}");
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving(), world.admitted.len()), (ready, vec![(1, 3)], 1));
        assert_eq!(world.admitted[0].adopted, adopted);
    }
}
