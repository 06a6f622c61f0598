//! Admission: record first, exactly the decided template, once.

use crate::make::*;
use crate::world::World;
use modelgate::policy::Outcome;
use modelgate::release::Step;

fn world() -> World {
    World::with(plan(vec![accuracy()]), 1)
}

#[test]
fn the_record_is_durable_before_the_effect() {
    let mut world = world();
    let decision = loop {
        let decision = world.pass().unwrap();
        world.tick();
        if decision.steps.iter().any(|s| matches!(s, Step::Admit { .. })) {
            break decision;
        }
    };
    let at = |wanted: fn(&Step) -> bool| decision.steps.iter().position(wanted).unwrap();
    assert!(at(|s| matches!(s, Step::FinishRun { .. })) < at(|s| matches!(s, Step::RecordAdmission(_))));
    assert!(at(|s| matches!(s, Step::RecordAdmission(_))) < at(|s| matches!(s, Step::Admit { .. })));
}

#[test]
fn no_pod_starts_before_and_all_start_after() {
    let mut world = world();
    world.broken.jobs = true;
    world.wait(60);
    assert_eq!((world.serving(), world.reason("Admitted").as_str()), (vec![], "Held"));
    world.broken.jobs = false;
    world.settle();
    assert_eq!((world.serving(), world.reason("Admitted").as_str()), (vec![(1, 3)], "Admitted"));
    assert!(world.admitted[0].current);
}

#[test]
fn a_template_that_moved_between_decision_and_write_is_not_admitted() {
    let mut world = world();
    world.wait(1);
    let facts = world.gather().unwrap();
    // Decided about version 1; version 2 arrives before the write.
    let decision = modelgate::release::decide(&facts, world.now);
    assert!(decision.steps.iter().any(|s| matches!(s, Step::Admit { .. })));
    world.apply_deployment(2);
    let Some(Step::Admit { generation, .. }) = decision.steps.iter().find(|s| matches!(s, Step::Admit { .. })) else { panic!() };
    assert_ne!(*generation, world.deployment().generation, "the patch tests it");
    assert_eq!(world.settle().serving(), []);
}

#[test]
fn the_old_revision_runs_until_the_new_one_is_admitted() {
    let mut world = world();
    world.settle().measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.apply(2);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("GateFailed", vec![(1, 3)]));
    assert!(world.message("Admitted").contains("keeps running"));
    // Scaling goes on.
    world.deployment().replicas = 5;
    assert_eq!(world.settle().serving(), [(1, 5)]);
}

#[test]
fn a_persons_pause_of_an_admitted_deployment_is_left_alone() {
    let mut world = world();
    world.settle();
    world.deployment().paused = true;
    world.deployment().generation += 1;
    world.settle();
    assert_eq!((world.ready().as_str(), world.deployment().paused), ("RollingOut", true));
    assert!(world.message("Ready").contains("paused by a person"));
}

#[test]
fn the_admitted_template_again_needs_no_new_run() {
    let mut world = world();
    world.settle().measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.apply(2);
    world.settle().apply(1);
    world.settle();
    assert_eq!((world.ready().as_str(), world.runs.len(), world.admitted.len()), ("Released", 2, 1));
}

#[test]
fn warnings_stay_visible_after_admission() {
    let soft = softened(modelgate::policy::Enforcement::Warn, accuracy());
    let mut world = World::with(plan(vec![soft, expression()]), 1);
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("GatesPassed").as_str()), ("Released", "PassedWithWarnings"));
}

#[test]
fn exactly_one_record_is_current() {
    let mut world = world();
    world.settle().apply(2);
    world.settle();
    let current: Vec<_> = world.admitted.iter().filter(|a| a.current).map(|a| a.revision.clone()).collect();
    assert_eq!(current, [revision(2)]);
}
