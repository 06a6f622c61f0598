//! After release: what counts as a breach and what it does.

use crate::make::*;
use crate::world::World;
use modelgate::policy::{Enforcement, OnBreach, Outcome};
use modelgate::release::facts::Verb;
use modelgate::release::probe_due;

/// Version 1 serves.
fn one(on_breach: OnBreach) -> World {
    let mut world = World::with(plan(vec![accuracy(), errors(on_breach)]), 1);
    world.settle();
    assert_eq!(world.ready(), "Released");
    world
}

/// Version 2 serves, version 1 is the one before.
fn two(on_breach: OnBreach) -> World {
    let mut world = one(on_breach);
    world.apply(2);
    world.settle();
    assert_eq!(world.serving(), [(2, 3)]);
    world
}

#[test]
fn three_failures_in_a_row_bring_the_last_good_one_back() {
    let mut world = two(OnBreach::Rollback);
    world.answer = Outcome::Fail;
    world.wait(115);
    assert_eq!((world.serving(), world.reason("WatchHealthy").as_str()), (vec![(2, 3)], "Failing"));
    world.until_guarded();
    world.answer = Outcome::Pass;
    world.settle().wait(60);
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
    assert!(world.message("Ready").contains("still asks for revision"));
    assert_eq!(world.reason("WatchHealthy"), "WithinLimits");
    assert_eq!(world.guarded, [model(2)]);
    let current: Vec<_> = world.admitted.iter().filter(|a| a.current).map(|a| a.revision.clone()).collect();
    assert_eq!(current, [revision(1)], "what runs is on record");
    // The manifest again: nothing to change.
    world.apply(2);
    let writes = world.writes;
    world.settle();
    assert_eq!((world.writes, world.serving()), (writes, vec![(1, 3)]));
    // The next version rolls out from the good one.
    world.apply(3);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(3, 3)]));
    assert_eq!(world.idle_writes, Vec::<String>::new());
}

#[test]
fn failures_that_are_not_in_a_row_do_nothing() {
    let mut world = two(OnBreach::Rollback);
    for _ in 0..4 {
        world.answer = Outcome::Fail;
        world.wait(120);
        world.answer = Outcome::Pass;
        world.wait(60);
    }
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(2, 3)]));
}

#[test]
fn no_number_never_rolls_back() {
    for outcome in [Outcome::Error, Outcome::Missing, Outcome::Inconclusive] {
        let mut world = two(OnBreach::Rollback);
        world.answer = outcome;
        world.wait(1200);
        assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(2, 3)]), "{outcome}");
        assert_eq!(world.condition("WatchHealthy"), ("Unknown".into(), "NoData".into()));
        // Neither does it forget the failures before it.
        world.answer = Outcome::Pass;
        world.wait(70);
        assert_eq!(world.reason("WatchHealthy"), "WithinLimits");
    }
}

#[test]
fn healthy_is_said_only_after_a_number() {
    let mut world = World::with(plan(vec![accuracy(), errors(OnBreach::Rollback)]), 1);
    world.answer = Outcome::Error;
    world.settle();
    assert_eq!((world.ready().as_str(), world.condition("WatchHealthy").0.as_str()), ("Released", "Unknown"));
}

#[test]
fn a_new_version_starts_with_a_clean_slate() {
    let mut world = two(OnBreach::Rollback);
    world.answer = Outcome::Fail;
    world.wait(125);
    assert_eq!(world.status.as_ref().unwrap().watch[0].failures, 2);
    world.apply(3);
    world.wait(40);
    world.answer = Outcome::Pass;
    world.settle();
    assert_eq!(
        (world.ready().as_str(), world.serving()),
        ("Released", vec![(3, 3)]),
        "one failure of its own is no breach"
    );
}

#[test]
fn without_a_predecessor_it_is_frozen_and_says_so() {
    let mut world = one(OnBreach::Rollback);
    world.answer = Outcome::Fail;
    world.wait(200).settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("NoRollbackTarget", vec![(1, 3)]));
    assert_eq!(world.condition("WatchHealthy"), ("False".into(), "Breached".into()));
    assert!(world.deployment().paused && world.deployment().mark.is_none());
    world.answer = Outcome::Pass;
    world.apply(2);
    assert_eq!(world.settle().serving(), [(2, 3)], "another version is the way out");
}

#[test]
fn freeze_keeps_the_pods() {
    let mut world = two(OnBreach::Freeze);
    world.answer = Outcome::Fail;
    world.wait(200).settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Frozen", vec![(2, 3)]));
    world.wait(600);
    assert_eq!((world.ready().as_str(), world.serving()), ("Frozen", vec![(2, 3)]));
}

#[test]
fn a_freeze_in_mid_rollout_stops_there() {
    let mut world = one(OnBreach::Freeze);
    world.broken.never_ready = vec![template(2)];
    world.apply(2);
    world.answer = Outcome::Fail;
    world.wait(400);
    let mixed = world.serving();
    assert_eq!((world.ready().as_str(), mixed.len()), ("Frozen", 2));
    world.wait(1200);
    assert_eq!((world.ready().as_str(), world.serving()), ("Frozen", mixed), "the other one is not judged for it");
    assert_eq!(world.admitted.iter().filter(|a| a.guard.is_some()).count(), 1);
}

#[test]
fn one_rollback_then_people() {
    let mut world = two(OnBreach::Rollback);
    world.apply(3);
    world.settle();
    world.answer = Outcome::Fail;
    world.wait(1500);
    assert_eq!((world.ready().as_str(), world.serving()), ("Frozen", vec![(2, 3)]));
    assert!(world.message("Ready").contains("brought back by a rollback"), "{}", world.message("Ready"));
    let guarded: Vec<_> = world.admitted.iter().filter(|a| a.guard.is_some()).map(|a| a.revision.clone()).collect();
    assert_eq!(guarded, [revision(2), revision(3)]);
    assert_eq!(world.idle_writes, Vec::<String>::new());
    // A person may still go one further back.
    world.answer = Outcome::Pass;
    world.act("further", Verb::Rollback, None);
    world.settle();
    assert_eq!((world.answers["further"].0, world.serving()), (true, vec![(1, 3)]));
}

#[test]
fn a_held_newer_template_does_not_shield_what_runs() {
    let mut world = two(OnBreach::Rollback);
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.apply(3);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("GateFailed", vec![(2, 3)]));
    world.answer = Outcome::Fail;
    world.wait(200);
    world.answer = Outcome::Pass;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("GateFailed", vec![(1, 3)]));
    assert_eq!(world.idle_writes, Vec::<String>::new(), "it was held already");
}

#[test]
fn softer_gates_show_and_do_not_act() {
    for enforcement in [Enforcement::Warn, Enforcement::Audit] {
        let mut world = World::with(plan(vec![accuracy(), softened(enforcement, errors(OnBreach::Rollback))]), 1);
        world.settle().answer = Outcome::Fail;
        world.wait(600);
        assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(1, 3)]));
        assert_eq!(world.reason("WatchHealthy"), "Failing");
    }
}

#[test]
fn the_strongest_response_wins() {
    for names in [["a", "b"], ["b", "a"]] {
        let gates =
            vec![accuracy(), named(names[0], errors(OnBreach::Freeze)), named(names[1], errors(OnBreach::Rollback))];
        let mut world = World::with(plan(gates), 1);
        world.settle().apply(2);
        world.settle().answer = Outcome::Fail;
        world.wait(200);
        world.answer = Outcome::Pass;
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
    }
}

#[test]
fn a_gate_that_left_the_policy_is_forgotten() {
    let mut world = two(OnBreach::Rollback);
    world.answer = Outcome::Fail;
    world.wait(80);
    assert_eq!(world.status.as_ref().unwrap().watch.len(), 1);
    world.plan = Ok(plan(vec![accuracy()]));
    world.settle();
    assert_eq!((world.status.as_ref().unwrap().watch.len(), world.reason("WatchHealthy").as_str()), (0, "NoWatch"));
}

#[test]
fn a_policy_that_cannot_be_read_for_a_moment_does_not_clear_the_count() {
    let mut world = two(OnBreach::Rollback);
    world.answer = Outcome::Fail;
    world.wait(125);
    let plan = world.plan.clone();
    world.plan = Err(modelgate::release::facts::PlanProblem::Invalid { policy: "base".into(), problem: "x".into() });
    world.wait(10);
    assert_eq!(world.reason("WatchHealthy"), "NotStarted");
    world.plan = plan;
    world.wait(1);
    assert_eq!(world.status.as_ref().unwrap().watch[0].failures, 2);
}

#[test]
fn after_unguard_the_count_starts_again() {
    let mut world = two(OnBreach::Rollback);
    world.answer = Outcome::Fail;
    world.wait(200);
    world.answer = Outcome::Pass;
    world.settle();
    world.act("pardon", Verb::Unguard, Some(revision(2)));
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(2, 3)]));
    world.answer = Outcome::Fail;
    world.wait(70);
    assert_eq!(world.serving(), [(2, 3)]);
    world.wait(200);
    world.answer = Outcome::Pass;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]), "a pardon is for one time");
}

#[test]
fn an_old_rollback_is_not_done_again() {
    // 3 → 2, then 4 → 2, then 4 is pardoned: what is left of 3 must not be restored again.
    let mut world = two(OnBreach::Rollback);
    for version in [3, 4] {
        world.apply(version);
        world.settle();
        world.act(&format!("back-{version}"), Verb::Rollback, None);
        world.settle();
        assert_eq!(world.serving(), [(2, 3)]);
    }
    world.act("pardon", Verb::Unguard, Some(revision(4)));
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(4, 3)]));
    world.answer = Outcome::Fail;
    world.wait(200);
    world.answer = Outcome::Pass;
    world.settle();
    assert_eq!(world.serving(), [(2, 3)], "it is still watched");
}

#[test]
fn a_release_made_again_is_watched_although_something_was_rolled_back_before() {
    let mut world = two(OnBreach::Rollback);
    world.act("back", Verb::Rollback, None);
    world.settle().apply(3);
    world.settle();
    world.status = None;
    // The operator forgets a release that is gone.
    world.asked.clear();
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("WatchHealthy").as_str()), ("Released", "WithinLimits"));
    world.answer = Outcome::Fail;
    world.wait(200);
    world.answer = Outcome::Pass;
    assert_eq!(world.settle().serving(), [(1, 3)]);
}

#[test]
fn a_clock_that_stepped_back_does_not_lose_a_rollback() {
    let mut world = two(OnBreach::Rollback);
    world.apply(3);
    world.settle().act("first", Verb::Rollback, None);
    world.settle().apply(4);
    world.settle();
    world.now = at(-7200);
    world.act("second", Verb::Rollback, None);
    world.wait(120);
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(2, 3)]));
}

#[test]
fn another_revision_is_asked_about_at_once() {
    let gate = errors(OnBreach::Freeze);
    let at = |second| jiff::Timestamp::from_second(second).unwrap();
    let last = (revision(1), at(1000));
    let cases = [
        (None, revision(1), 1010, 1010),
        (Some(&last), revision(1), 1010, 1060),
        (Some(&last), revision(2), 1010, 1010),
        // The clock stepped back.
        (Some(&last), revision(1), 500, 560),
    ];
    for (last, about, now, expected) in cases {
        assert_eq!(probe_due(last, None, &gate, &about, at(now)), at(expected), "{last:?} {now}");
    }
    // What was asked about version 1 puts off nothing about version 2.
    let mut world = one(OnBreach::Rollback);
    let asked = world.asked.values().next().cloned().unwrap();
    world.apply(2);
    world.settle();
    let again = world.asked.values().next().cloned().unwrap();
    assert_ne!(again.0, asked.0);
    assert!(again.1.duration_since(asked.1).as_secs() < 60, "{asked:?} {again:?}");
}

#[test]
fn a_person_who_stops_it_waits_for_no_answer() {
    for verb in [Verb::Freeze, Verb::Rollback] {
        let mut world = two(OnBreach::Rollback);
        world.act("stop", verb, None);
        world.now += jiff::SignedDuration::from_secs(600);
        let before = world.asked.clone();
        world.pass();
        assert_eq!(world.asked, before, "{verb:?}");
        world.settle();
        assert!(world.answers["stop"].0, "{verb:?}");
    }
}

/// A replica that takes over remembers nothing, and asks at once what is within its limits only.
#[test]
fn a_change_of_leader_counts_nothing_before_its_time() {
    let mut world = two(OnBreach::Rollback);
    world.answer = Outcome::Fail;
    for _ in 0..22 {
        world.wait(5).change_leader();
    }
    assert_eq!((world.serving(), world.status.as_ref().unwrap().watch[0].failures), (vec![(2, 3)], 2), "after 110 s");
    world.until_guarded();
    world.answer = Outcome::Pass;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
}
