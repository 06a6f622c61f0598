//! What people ask for by ReleaseAction.

use crate::make::*;
use crate::world::World;
use modelgate::policy::{OnBreach, Outcome};
use modelgate::release::Step;
use modelgate::release::facts::{Mode, Verb};

fn served(versions: u32) -> World {
    let mut world = World::with(plan(vec![accuracy(), errors(OnBreach::Rollback)]), 1);
    for version in 1..=versions {
        world.apply(version);
        world.settle();
    }
    world
}

#[test]
fn freeze_then_rollback() {
    let mut world = served(2);
    world.act("stop", Verb::Freeze, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving(), world.answers["stop"].0), ("Frozen", vec![(2, 3)], true));
    assert!(world.message("Ready").contains("otto"));
    // People decide: back.
    world.act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving(), world.answers["back"].0), ("RolledBack", vec![(1, 3)], true));
}

#[test]
fn freeze_then_unguard() {
    let mut world = served(2);
    world.act("stop", Verb::Freeze, None);
    world.settle();
    world.act("go", Verb::Unguard, Some(revision(2)));
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving(), world.answers["go"].0), ("Released", vec![(2, 3)], true));
}

#[test]
fn a_freeze_in_mid_rollout_can_be_rolled_back() {
    let mut world = served(2);
    world.broken.never_ready = vec![template(3)];
    world.apply(3);
    world.wait(20);
    assert_eq!(world.serving().len(), 2);
    world.act("stop", Verb::Freeze, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving().len()), ("Frozen", 2));
    world.act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(2, 3)]), "3 goes, not 2");
}

#[test]
fn the_revision_that_is_named_is_meant() {
    let mut world = served(2);
    world.act("old", Verb::Freeze, Some(revision(1)));
    world.act("this", Verb::Freeze, Some(revision(2)));
    world.settle();
    assert_eq!((world.answers["old"].0, world.answers["this"].0), (false, true));
    assert_eq!(world.ready(), "Frozen");
}

#[test]
fn rollback_without_a_target_is_refused() {
    let mut world = served(1);
    world.act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!(world.answers["back"], (false, "NoRollbackTarget".into()));
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(1, 3)]));
}

#[test]
fn nothing_to_do_is_answered() {
    let all = |world: &mut World| {
        world.act("r", Verb::Retry, None);
        world.act("f", Verb::Freeze, None);
        world.act("b", Verb::Rollback, None);
        world.act("u", Verb::Unguard, Some(revision(9)));
        world.settle();
        assert_eq!(world.actions, []);
        for name in ["f", "b", "u"] {
            assert!(!world.answers[name].0, "{name}");
        }
    };
    let mut nothing = World::empty();
    nothing.apply_release(1);
    all(&mut nothing);
    let mut held = World::with(plan(vec![accuracy(), people(&["risk"], 1)]), 1);
    all(&mut held);
    let mut loose = served(1);
    loose.mode = Mode::NotGoverned;
    all(&mut loose);
    let mut stalled = served(1);
    stalled.act("first", Verb::Freeze, None);
    stalled.settle();
    all(&mut stalled);
}

#[test]
fn in_an_audit_namespace_nothing_is_touched() {
    let mut world = served(2);
    world.mode = Mode::Audit;
    world.act("stop", Verb::Freeze, None);
    world.act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.answers["stop"].0, world.answers["back"].0, world.deployment().paused), (false, false, false));
}

#[test]
fn unguard_in_the_middle_of_a_restore_waits_for_its_end() {
    for seconds in 1..8 {
        let mut world = served(2);
        world.act("back", Verb::Rollback, None);
        world.wait(seconds);
        world.act("pardon", Verb::Unguard, Some(revision(2)));
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(2, 3)]), "after {seconds} s");
        assert!(world.answers["pardon"].0 && world.pods.is_empty());
        assert_eq!((world.guarded.len(), world.admitted.iter().filter(|a| a.guard.is_some()).count()), (0, 0));
    }
}

#[test]
fn a_pardon_without_a_workload() {
    let mut world = served(2);
    world.act("back", Verb::Rollback, None);
    world.settle().odd_target = Some(modelgate::release::facts::Target::Claimed("older".into()));
    world.act("pardon", Verb::Unguard, Some(revision(2)));
    world.settle();
    assert!(world.answers["pardon"].0);
}

#[test]
fn rolled_back_by_hand_twice_in_a_row() {
    let mut world = served(3);
    world.act("one", Verb::Rollback, None);
    world.settle();
    assert_eq!(world.serving(), [(2, 3)]);
    world.act("two", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.answers["two"].0, world.serving()), (true, vec![(1, 3)]));
}

#[test]
fn in_mid_rollout_the_predecessor_is_what_served_until_now() {
    // 1, 2, then 1 again, then 3 fails: 1 served last, although 2 was admitted later.
    let mut world = served(2);
    world.apply(1);
    world.settle();
    world.broken.never_ready = vec![template(3)];
    world.apply(3);
    world.wait(20);
    world.act("back", Verb::Rollback, None);
    assert_eq!(world.settle().serving(), [(1, 3)]);
}

/// Not the one that was admitted last: people had gone back from it.
#[test]
fn what_served_last_is_brought_back() {
    let mut world = served(2);
    world.apply(1);
    world.settle();
    assert_eq!(world.serving(), [(1, 3)]);
    world.apply(3);
    world.settle();
    world.act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
}

#[test]
fn what_never_served_is_not_brought_back() {
    let mut world = served(1);
    world.broken.never_ready = vec![template(2)];
    world.apply(2);
    world.wait(20);
    world.apply(3);
    world.settle();
    assert_eq!(world.serving(), [(3, 3)]);
    world.act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
}

/// The same file applied again, months later.
#[test]
fn an_action_of_a_name_that_was_used_before_is_another_action() {
    let mut world = served(2);
    world.act("back", Verb::Rollback, None);
    world.settle().apply(3);
    world.settle();
    assert_eq!(world.serving(), [(3, 3)]);
    world.answers.clear();
    world.act("back", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.answers["back"].clone(), world.serving()), ((true, "Done".to_owned()), vec![(1, 3)]));
}

/// Completion of a rollback stands in the release's status, which a new object does not have.
#[test]
fn a_rollback_of_long_ago_is_not_done_again_for_a_new_release_object() {
    let mut world = served(2);
    world.act("back", Verb::Rollback, None);
    world.settle().apply(3);
    world.settle();
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.apply(4);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("GateFailed", vec![(3, 3)]));
    world.status = None;
    world.fewest_serving = i32::MAX;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving(), world.fewest_serving), ("GateFailed", vec![(3, 3)], 3));
}

/// Its record is written once in a pass: a second write would rest on what the cache showed before, guard and all.
#[test]
fn unguarded_at_any_moment_of_its_successors_rollout() {
    for moment in 0..12 {
        let mut world = served(2);
        world.act("stop", Verb::Freeze, None);
        world.settle().apply(3);
        world.wait(moment);
        world.act("go", Verb::Unguard, Some(revision(2)));
        for _ in 0..20 {
            let steps = world.pass().unwrap().steps;
            let unguards = steps.iter().any(|s| matches!(s, Step::Unguard { .. }));
            let stands_back = steps.iter().any(|s| matches!(s, Step::SetCurrent { current: false, .. }));
            assert!(!(unguards && stands_back), "{moment}: {steps:?}");
            world.tick();
            world.now += jiff::SignedDuration::from_secs(1);
        }
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(3, 3)]), "{moment}");
        assert_eq!(world.admitted.iter().filter(|a| a.current).count(), 1, "{moment}");
    }
}
