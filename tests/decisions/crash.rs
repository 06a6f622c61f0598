//! The operator is killed after every single write; it comes back, and everything ends as without it.

use crate::make::*;
use crate::world::World;
use modelgate::policy::{OnBreach, Outcome};
use modelgate::release::facts::Verb;

type Part = fn(&mut World);

fn gates(on_breach: OnBreach) -> modelgate::policy::Plan {
    plan(vec![accuracy(), people(&["risk"], 1), errors(on_breach)])
}

fn approved(world: &mut World, version: u32) {
    world.apply(version);
    world.settle();
    let run = world.run();
    world.approve(&format!("approval-{version}"), "ann", &["risk"], &run);
    world.settle();
}

fn admission(world: &mut World) {
    approved(world, 1);
}

fn breach(world: &mut World) {
    approved(world, 2);
    world.answer = Outcome::Fail;
    world.until_guarded();
    world.answer = Outcome::Pass;
    world.settle();
}

fn freeze(world: &mut World) {
    world.act("freeze", Verb::Freeze, None);
    world.settle();
}

fn rollback_by_hand(world: &mut World) {
    approved(world, 2);
    world.act("back", Verb::Rollback, None);
    world.settle();
}

fn retry(world: &mut World) {
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.apply(2);
    world.settle();
    world.act("again", Verb::Retry, None);
    world.settle();
    world.measured.clear();
    world.act("once-more", Verb::Retry, None);
    world.settle();
}

fn unguard(world: &mut World) {
    rollback_by_hand(world);
    world.act("good-after-all", Verb::Unguard, Some(revision(2)));
    world.settle();
}

fn onboarding(world: &mut World) {
    world.apply_release(1);
    world.apply_evidence(1);
    let held = workload(1);
    world.deployment = Some(modelgate::release::facts::Workload { paused: false, ..held });
    world.settle();
}

fn evaluated_later(world: &mut World) {
    approved(world, 2);
    approved(world, 1);
}

fn overtaken(world: &mut World) {
    world.broken.jobs = true;
    world.apply(2);
    world.wait(5).apply(3);
    world.wait(5);
    world.broken.jobs = false;
    world.settle();
}

/// From what was there before, the story, and what its end looks like.
const STORIES: [(&str, Option<Part>, Part, OnBreach, &str); 10] = [
    ("admission", None, admission, OnBreach::Rollback, "Released"),
    ("breach", Some(admission), breach, OnBreach::Rollback, "RolledBack"),
    ("freeze on breach", Some(admission), breach, OnBreach::Freeze, "Frozen"),
    ("freeze", Some(admission), freeze, OnBreach::Rollback, "Frozen"),
    ("rollback", Some(admission), rollback_by_hand, OnBreach::Rollback, "RolledBack"),
    ("retry", Some(admission), retry, OnBreach::Rollback, "AwaitingApproval"),
    ("unguard", Some(admission), unguard, OnBreach::Rollback, "Released"),
    ("onboarding", None, onboarding, OnBreach::Rollback, "Adopted"),
    ("evaluated later", Some(onboarding), evaluated_later, OnBreach::Rollback, "Released"),
    ("overtaken", Some(admission), overtaken, OnBreach::Rollback, "AwaitingApproval"),
];

/// To its end, and until every gate was asked once more.
fn tell(story: Part, world: &mut World) {
    story(world);
    world.wait(70).settle();
}

#[test]
fn killed_after_every_single_write() {
    for (name, before, story, on_breach, end) in STORIES {
        let mut start = World::empty();
        start.plan = Ok(gates(on_breach));
        if let Some(before) = before {
            before(&mut start);
        }
        start.writes = 0;
        let mut smooth = start.clone();
        tell(story, &mut smooth);
        assert_eq!(smooth.ready(), end, "{name}");
        assert_eq!(smooth.idle_writes, Vec::<String>::new(), "{name}");
        assert!(smooth.writes >= 3, "{name}");
        let expected = smooth.outcome();
        for cut in 0..=smooth.writes {
            let mut world = start.clone();
            world.writes_left = Some(cut);
            tell(story, &mut world);
            assert_eq!(world.outcome(), expected, "{name}, killed after {cut} of {} writes", smooth.writes);
        }
        // It never gets further than so many writes in one pass.
        for most in [1, 2, 3] {
            let mut world = start.clone();
            world.dies_after = Some(most);
            tell(story, &mut world);
            assert_eq!(world.outcome(), expected, "{name}, {most} writes a pass");
        }
    }
}
