//! Records that cannot be read, and writes that are refused.

use crate::make::*;
use crate::world::World;
use modelgate::policy::{OnBreach, Outcome};
use modelgate::release::facts::{RecordKind, Unreadable, Verb};

fn unreadable(kind: RecordKind) -> Vec<Unreadable> {
    vec![Unreadable { kind, name: "broken-1".into(), problem: "missing field `at`".into() }]
}

/// So many versions served, the last one still does.
fn served(versions: u32) -> World {
    let mut world = World::with(plan(vec![accuracy(), errors(OnBreach::Rollback)]), 1);
    for version in 1..=versions {
        world.apply(version);
        world.settle();
    }
    world
}

#[test]
fn the_next_admission_waits_for_a_record_that_cannot_be_read() {
    for kind in [RecordKind::GateRun, RecordKind::AdmittedRevision, RecordKind::ReleaseAction] {
        let mut world = served(1);
        world.unreadable = unreadable(kind);
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(1, 3)]), "{kind:?}");
        world.apply(2);
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), ("RecordUnreadable", vec![(1, 3)]), "{kind:?}");
        let said = world.message("Ready");
        assert!(said.contains(&format!("{kind:?} broken-1")) && said.contains("missing field"), "{said}");
        assert_eq!(world.condition("GatesPassed").0, "Unknown");
        world.unreadable.clear();
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(2, 3)]), "{kind:?}");
    }
}

#[test]
fn an_approval_that_cannot_be_read_matters_where_people_are_asked() {
    for (gates, ready) in [(vec![accuracy()], "Released"), (vec![accuracy(), people(&["risk"], 1)], "RecordUnreadable")]
    {
        let mut world = World::with(plan(gates), 1);
        world.unreadable = unreadable(RecordKind::ReleaseApproval);
        world.settle();
        assert_eq!(world.ready(), ready);
    }
}

#[test]
fn what_runs_is_watched_and_taken_back_all_the_same() {
    let mut world = served(2);
    world.unreadable = unreadable(RecordKind::AdmittedRevision);
    world.answer = Outcome::Fail;
    world.until_guarded();
    world.answer = Outcome::Pass;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
}

#[test]
fn nothing_is_held_adopted_or_answered_over_the_record_of_what_runs() {
    let mut world = served(1);
    let records = std::mem::take(&mut world.admitted);
    world.unreadable = unreadable(RecordKind::AdmittedRevision);
    world.act("stop", Verb::Freeze, None);
    world.act("pardon", Verb::Unguard, Some(revision(1)));
    world.writes = 0;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving(), world.writes), ("RecordUnreadable", vec![(1, 3)], 1));
    assert!(!world.deployment().paused && world.deployment().mark.is_some() && world.replica_sets[0].mark.is_some());
    assert!(world.answers.is_empty(), "it may still be carried out");
    world.unreadable.clear();
    world.admitted = records;
    world.settle();
    assert_eq!((world.ready().as_str(), world.answers["stop"].0), ("Frozen", true));
}

#[test]
fn a_rollback_waits_for_a_target_that_cannot_be_read() {
    let mut world = served(2);
    world.act("back", Verb::Rollback, None);
    world.pass();
    let at = world.admitted.iter().position(|a| a.revision == revision(1)).unwrap();
    let target = world.admitted.remove(at);
    world.unreadable = unreadable(RecordKind::AdmittedRevision);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("NoRollbackTarget", vec![(2, 3)]));
    assert!(world.message("Ready").contains("AdmittedRevision broken-1"), "{}", world.message("Ready"));
    world.unreadable.clear();
    world.admitted.push(target);
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
}

#[test]
fn a_refused_admission_is_told_and_no_answer_is_lost() {
    let mut world = served(1);
    world.refuses = vec!["Admit"];
    world.answer = Outcome::Fail;
    world.apply(2);
    world.wait(5);
    assert_eq!((world.ready().as_str(), world.serving()), ("WriteRefused", vec![(1, 3)]));
    assert!(world.message("Ready").contains("by a webhook"), "{}", world.message("Ready"));
    assert_eq!(world.condition("Admitted"), ("False".into(), "Held".into()));
    assert_eq!(world.reason("GatesPassed"), "AllPassed");
    world.wait(125);
    assert_eq!(world.status.as_ref().unwrap().watch[0].failures, 2);
    world.answer = Outcome::Pass;
    world.refuses.clear();
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(2, 3)]));
    assert_eq!(world.idle_writes, Vec::<String>::new());
}

#[test]
fn a_guard_that_is_refused_is_written_as_soon_as_it_can_be() {
    let mut world = served(2);
    world.refuses = vec!["Guard"];
    world.answer = Outcome::Fail;
    world.wait(200);
    assert_eq!((world.ready().as_str(), world.serving()), ("WriteRefused", vec![(2, 3)]));
    let status = world.status.clone().unwrap();
    assert_eq!((status.watch[0].failures, status.last_rollback), (3, None));
    assert_eq!(world.condition("WatchHealthy"), ("False".into(), "Breached".into()));
    world.refuses.clear();
    world.answer = Outcome::Pass;
    world.wait(1);
    assert!(world.admitted.iter().any(|a| a.guard.is_some()), "three failures are not forgotten");
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("RolledBack", vec![(1, 3)]));
}
