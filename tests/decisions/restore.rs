//! Bringing the last good pods back: order, edges, pace.

use crate::make::*;
use crate::world::World;
use modelgate::policy::OnBreach;
use modelgate::release::Step;
use modelgate::release::facts::{OrphanPod, Verb};

/// Version 2 serves, and somebody asks for a rollback.
fn asked() -> World {
    let mut world = World::with(plan(vec![accuracy(), errors(OnBreach::Rollback)]), 1);
    world.settle().apply(2);
    world.settle().act("back", Verb::Rollback, None);
    world.fewest_serving = i32::MAX;
    world
}

fn names(steps: &[Step]) -> Vec<String> {
    let name = |s: &Step| format!("{s:?}").split([' ', '(']).next().unwrap().to_owned();
    steps.iter().map(name).collect()
}

fn back_on_one(world: &mut World) {
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
    assert!(world.pods.is_empty(), "ownerless pods are left");
    assert!(world.status.as_ref().unwrap().last_rollback.as_ref().unwrap().completed_at.is_some());
}

#[test]
fn guard_then_hold_then_the_second_wall() {
    let mut world = asked();
    let first = world.pass().unwrap();
    assert_eq!(names(&first.steps), ["Guard", "Hold", "GuardDigest", "CompleteAction"]);
    let Step::Guard { guard, .. } = &first.steps[0] else { panic!() };
    assert_eq!(guard.retiring, [template(2).short(10).to_owned()], "recorded before anything is deleted");
    // The controller has not seen the hold: nothing is deleted yet.
    let second = world.pass().unwrap();
    assert_eq!(names(&second.steps), Vec::<String>::new());
    world.tick();
    let third = world.pass().unwrap();
    assert_eq!(names(&third.steps), ["RetireReplicaSet"]);
    back_on_one(&mut world);
}

#[test]
fn a_hash_is_recorded_before_its_set_is_deleted() {
    let mut world = asked();
    world.wait(1);
    // A ReplicaSet that was not there when the guard was written.
    let stray = world.new_set(&template(7), 0);
    world.replica_sets.push(stray);
    let steps = names(&world.pass().unwrap().steps);
    assert_eq!(steps, ["Guard", "RetireReplicaSet", "RetireReplicaSet"]);
    back_on_one(&mut world);
}

#[test]
fn never_fewer_pods_than_asked_for() {
    let mut world = asked();
    back_on_one(&mut world);
    assert!(world.fewest_serving >= 3, "{}", world.fewest_serving);
    assert_eq!(world.idle_writes, Vec::<String>::new());
}

#[test]
fn good_pods_that_do_not_come_keep_the_bad_ones() {
    let mut world = asked();
    world.broken.never_ready = vec![template(1)];
    world.wait(300);
    assert_eq!((world.ready().as_str(), world.pods.len()), ("RollingBack", 3));
    assert!(world.message("Ready").contains("0 of 3 good pods"), "{}", world.message("Ready"));
    world.broken.never_ready.clear();
    back_on_one(&mut world);
    assert!(world.fewest_serving >= 3);
}

#[test]
fn after_a_while_bad_pods_make_room_as_far_as_the_deployment_allows() {
    let mut world = asked();
    world.deployment().max_unavailable = 1;
    world.broken.never_ready = vec![template(1)];
    world.wait(30);
    assert_eq!(world.pods.len(), 3, "not at once");
    world.wait(300);
    assert_eq!(world.pods.len(), 2);
    world.broken.never_ready.clear();
    back_on_one(&mut world);
    assert!(world.fewest_serving >= 2);
}

#[test]
fn a_restore_that_does_not_end_is_ended_by_another_version() {
    let mut world = asked();
    world.broken.never_ready = vec![template(1)];
    world.wait(60).apply(3);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(3, 3)]));
    assert!(world.pods.is_empty(), "ownerless pods are left");
    assert!(world.fewest_serving >= 3, "{}", world.fewest_serving);
    assert_eq!(world.reason("WatchHealthy"), "WithinLimits", "it is watched");
}

#[test]
fn a_target_that_was_pruned_is_made_again() {
    let mut world = asked();
    world.replica_sets.retain(|rs| rs.template_digest == Some(template(2)));
    back_on_one(&mut world);
    assert!(world.fewest_serving >= 3);
    assert!(world.replica_sets[0].mark.is_some(), "without the mark it would not start");
}

#[test]
fn a_record_that_is_gone_freezes_and_says_so() {
    let mut world = asked();
    // Killed between the guard and the hold; somebody deletes the record of version 1.
    world.writes_left = Some(1);
    world.pass();
    world.admitted.retain(|a| a.revision == revision(2));
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("NoRollbackTarget", vec![(2, 3)]));
    assert!(world.deployment().paused && world.deployment().mark.is_none(), "it is held all the same");
}

#[test]
fn a_slow_garbage_collector_is_helped_after_eight_seconds() {
    let mut world = asked();
    world.broken.garbage_collector = true;
    world.wait(8);
    assert!(world.pods.is_empty());
    assert!(world.replica_sets.iter().any(|rs| rs.terminating_since.is_some()));
    world.wait(4);
    assert!(world.replica_sets.iter().all(|rs| rs.terminating_since.is_none()), "its pods were released");
    back_on_one(&mut world);
    assert!(world.fewest_serving >= 3);
}

#[test]
fn a_controller_that_sleeps_is_woken() {
    let mut world = asked();
    world.broken.sleepy_controller = true;
    world.wait(9);
    assert!(!world.nudged);
    world.wait(10);
    assert!(world.nudged);
    back_on_one(&mut world);
}

#[test]
fn a_count_that_would_be_misread_is_corrected() {
    let mut world = asked();
    for set in world.replica_sets.iter_mut().filter(|rs| rs.template_digest == Some(template(1))) {
        (set.replicas, set.desired_annotation) = (3, Some("5".into()));
    }
    world.broken.sleepy_controller = true;
    back_on_one(&mut world);
    assert_eq!(world.replica_sets[0].desired_annotation.as_deref(), Some("3"));
}

#[test]
fn scaled_meanwhile_and_scaled_to_nothing() {
    let mut world = asked();
    world.wait(3);
    world.deployment().replicas = 5;
    world.settle();
    assert_eq!(world.serving(), [(1, 5)]);
    let mut none = asked();
    none.wait(2);
    none.deployment().replicas = 0;
    none.settle();
    assert_eq!((none.ready().as_str(), none.serving()), ("RolledBack", vec![]));
    none.deployment().replicas = 3;
    assert_eq!(none.settle().serving(), [(1, 3)], "scaling up again wakes the good one");
}

#[test]
fn recreate_deletes_the_bad_pods_at_once() {
    let mut world = asked();
    world.deployment().recreate = true;
    back_on_one(&mut world);
}

#[test]
fn the_deployment_is_deleted_meanwhile() {
    let mut world = asked();
    world.broken.never_ready = vec![template(1)];
    world.wait(6);
    assert!(!world.pods.is_empty());
    world.delete_deployment();
    world.settle();
    assert!(world.pods.is_empty(), "nobody else deletes them");
    assert_eq!(world.ready(), "AwaitingWorkload");
}

#[test]
fn the_manifest_is_applied_again_meanwhile() {
    let mut world = asked();
    for _ in 0..20 {
        world.wait(1);
        world.apply(2);
    }
    back_on_one(&mut world);
}

#[test]
fn the_clock_steps_back_meanwhile() {
    for seconds in 1..6 {
        let mut world = asked();
        world.broken.sleepy_controller = true;
        world.wait(seconds);
        world.now = at(-100_000);
        world.wait(60);
        assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]), "after {seconds} s");
    }
}

#[test]
fn not_ready_ones_go_first() {
    let mut world = asked();
    world.broken.never_ready = vec![template(1)];
    world.wait(6);
    world.pods[1].1.ready = false;
    for set in &mut world.replica_sets {
        (set.available, set.ready) = (1, 1);
    }
    let decision = world.pass().unwrap();
    let deleted: Vec<_> = decision
        .steps
        .iter()
        .filter_map(|s| if let Step::DeletePod { name, .. } = s { Some(name) } else { None })
        .collect();
    assert_eq!(deleted, [&world.pods[1].1.name]);
}

#[test]
fn pods_of_others_are_left_alone() {
    let mut world = asked();
    let pod = OrphanPod {
        name: "debug".into(),
        uid: "debug".into(),
        resource_version: "1".into(),
        ready: true,
        terminating: false,
    };
    world.pods.push(("another-hash".into(), pod));
    world.settle();
    assert_eq!(world.pods.len(), 1);
}

#[test]
fn few_writes() {
    let mut world = asked();
    world.writes = 0;
    world.settle();
    // Guard, hold, second wall, ReplicaSet, three pods, two records of what is current or done, four of status.
    assert!(world.writes <= 13, "{} writes", world.writes);
}

/// Nobody else finishes it: the records say what is left to do.
#[test]
fn the_release_is_deleted_meanwhile() {
    for writes in 1..14 {
        let mut world = asked();
        world.writes_left = Some(writes);
        while world.writes_left.is_some() && world.now < at(600) {
            world.wait(1);
        }
        world.delete_release();
        world.wait(60);
        assert_eq!((world.serving(), world.pods.len()), (vec![(1, 3)], 0), "after {writes} writes");
        assert!(world.fewest_serving >= 3 && world.deployment().paused);
        let before = world.writes;
        world.wait(60);
        assert_eq!(world.writes, before, "it comes to rest");
        // Made again, it finds everything done.
        world.fewest_serving = i32::MAX;
        world.apply_release(2);
        back_on_one(&mut world);
        assert_eq!(world.fewest_serving, 3);
    }
}

#[test]
fn release_and_deployment_are_deleted_meanwhile() {
    let mut world = asked();
    world.broken.never_ready = vec![template(1)];
    world.wait(6);
    assert!(!world.pods.is_empty());
    world.delete_release();
    world.delete_deployment();
    world.wait(5);
    assert!(world.pods.is_empty(), "nobody else deletes them");
}
