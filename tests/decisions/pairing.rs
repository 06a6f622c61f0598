//! Release and Deployment: which belong together, which cannot be held.

use crate::make::*;
use crate::world::World;
use modelgate::release::facts::{Mode, Target};

fn world() -> World {
    World::with(plan(vec![accuracy()]), 1)
}

#[test]
fn bad_targets_stall_with_their_reason_and_start_nothing() {
    type Spoil = fn(&mut World);
    let cases: [(Spoil, &str, &str); 10] = [
        (|w| w.deployment = None, "AwaitingWorkload", "TargetNotFound"),
        (|w| w.deployment().terminating = true, "AwaitingWorkload", "TargetNotFound"),
        (|w| w.odd_target = Some(Target::Unsupported("apps/v1 StatefulSet".into())), "TargetUnsupported", "TargetUnsupported"),
        (|w| w.odd_target = Some(Target::Unreadable("no template".into())), "TargetUnsupported", "TargetUnsupported"),
        (|w| w.odd_target = Some(Target::Claimed("older".into())), "TargetClaimed", "TargetClaimed"),
        (|w| w.deployment().named_models.clear(), "AwaitingWorkload", "ModelNotNamed"),
        (|w| w.deployment().named_models = vec![model(9)], "AwaitingWorkload", "ModelNotNamed"),
        (|w| w.deployment().unpinned_images = vec!["server:latest".into()], "ImageNotPinned", "ImageNotPinned"),
        (|w| w.deployment().history_limit = 1, "HistoryLimitTooLow", "HistoryLimitTooLow"),
        (|w| w.mode = Mode::NotGoverned, "NotGoverned", "Initializing"),
    ];
    for (spoil, ready, matched) in cases {
        let mut world = world();
        spoil(&mut world);
        world.settle();
        assert_eq!((world.ready().as_str(), world.reason("WorkloadMatched").as_str()), (ready, matched));
        assert_eq!((world.runs.len(), world.admitted.len(), world.serving().len()), (0, 0, 0), "{ready}");
    }
}

#[test]
fn messages_name_the_object_and_the_next_step() {
    let mut world = world();
    world.odd_target = Some(Target::Claimed("older".into()));
    assert!(world.settle().message("Ready").contains("older"));
    world.odd_target = None;
    world.deployment().unpinned_images = vec!["server:latest".into()];
    assert!(world.settle().message("Ready").contains("server:latest"));
}

#[test]
fn ten_minutes_without_a_pair_stall_and_a_pair_ends_that() {
    let mut world = world();
    world.apply_deployment(2);
    world.wait(590);
    assert_eq!(world.ready(), "AwaitingWorkload");
    world.wait(20);
    assert_eq!(world.ready(), "PairingTimedOut");
    world.apply(2);
    assert_eq!(world.settle().ready(), "Released");
}

#[test]
fn the_wait_is_not_prolonged_by_a_clock_that_stepped_back() {
    let mut world = world();
    world.apply_deployment(2);
    world.wait(5);
    world.now = at(-3600);
    world.wait(610);
    assert_eq!(world.ready(), "PairingTimedOut");
}

#[test]
fn nothing_is_voided_while_the_pair_is_broken() {
    let mut world = world();
    world.settle().apply_release(2);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("AwaitingWorkload", vec![(1, 3)]));
    world.apply_release(1);
    world.settle();
    assert_eq!((world.ready().as_str(), world.runs.len()), ("Released", 1));
}

#[test]
fn a_guarded_revision_says_truly_whether_it_matches() {
    let mut world = world();
    world.settle().act("stop", modelgate::release::facts::Verb::Freeze, None);
    world.settle();
    assert_eq!(world.condition("WorkloadMatched"), ("True".into(), "Matched".into()));
    world.apply_release(2);
    world.settle();
    assert_eq!(world.condition("WorkloadMatched"), ("False".into(), "ModelNotNamed".into()));
    assert_eq!(world.ready(), "Frozen");
}

#[test]
fn audit_holds_nothing_and_judges_everything() {
    let mut world = world();
    world.mode = Mode::Audit;
    let mut running = workload(1);
    running.paused = false;
    world.deployment = Some(running);
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("Enforced").as_str()), ("AuditOnly", "AuditOnly"));
    assert_eq!((world.runs.len(), world.admitted.len()), (1, 0));
}
