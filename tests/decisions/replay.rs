//! Decisions are functions of what was recorded. Every pass of every story is replayed (see `checked`);
//! here is a record that must stay readable.

use crate::make::*;
use crate::world::World;
use modelgate::policy::OnBreach;
use modelgate::release::{Facts, decide};

#[test]
fn facts_survive_json_at_every_step_of_a_story() {
    let mut world = World::with(plan(vec![accuracy(), errors(OnBreach::Rollback)]), 1);
    world.settle();
    let facts = world.gather().unwrap();
    let text = serde_json::to_string_pretty(&facts).unwrap();
    let read: Facts = serde_json::from_str(&text).unwrap();
    assert_eq!(decide(&read, world.now), decide(&facts, world.now));
}

#[test]
fn another_time_or_another_fact_is_another_decision() {
    let world = World::with(plan(vec![accuracy()]), 1);
    let facts = world.gather().unwrap();
    let first = decide(&facts, at(0));
    assert_ne!(decide(&facts, at(1)).report, first.report);
    let mut other = facts.clone();
    other.release.model_digest = model(2);
    assert_ne!(decide(&other, at(0)).steps, first.steps);
}
