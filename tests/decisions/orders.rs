//! The order of arrival does not matter.

use crate::make::*;
use crate::world::World;
use modelgate::policy::OnBreach;

const PARTS: [&str; 4] = ["release", "deployment", "evidence", "policy"];

fn arrive(world: &mut World, part: &str) {
    match part {
        "release" => world.apply_release(1),
        "deployment" => world.apply_deployment(1),
        "evidence" => world.apply_evidence(1),
        _ => world.plan = Ok(plan(vec![accuracy(), errors(OnBreach::Rollback)])),
    }
}

fn orders() -> Vec<Vec<&'static str>> {
    fn extend(so_far: Vec<&'static str>, all: &mut Vec<Vec<&'static str>>) {
        if so_far.len() == PARTS.len() {
            all.push(so_far);
            return;
        }
        for part in PARTS.into_iter().filter(|p| !so_far.contains(p)) {
            extend([so_far.clone(), vec![part]].concat(), all);
        }
    }
    let mut all = vec![];
    extend(vec![], &mut all);
    all
}

#[test]
fn any_order_ends_alike() {
    let mut at_once = World::empty();
    PARTS.iter().for_each(|part| arrive(&mut at_once, part));
    let expected = at_once.settle().outcome();
    assert_eq!(at_once.ready(), "Released");
    assert_eq!(orders().len(), 24);
    for order in orders() {
        // A single pass between, and enough of them to come to rest.
        for seconds in [1, 30] {
            let mut world = World::empty();
            for part in &order {
                arrive(&mut world, part);
                world.wait(seconds);
            }
            assert_eq!(world.settle().outcome(), expected, "{order:?}");
            assert_eq!(world.idle_writes, Vec::<String>::new(), "{order:?}");
            assert_eq!(world.runs.len(), 1, "{order:?}");
        }
    }
}

#[test]
fn a_new_version_in_any_order_is_held_until_it_is_whole() {
    let gates = || plan(vec![accuracy()]);
    let mut at_once = World::with(gates(), 1);
    at_once.settle().apply(2);
    let expected = at_once.settle().outcome();
    assert_eq!(at_once.serving(), [(2, 3)]);
    for order in orders() {
        let mut world = World::with(gates(), 1);
        world.settle();
        for part in &order {
            match *part {
                "release" => world.apply_release(2),
                "deployment" => world.apply_deployment(2),
                "evidence" => world.apply_evidence(2),
                _ => {}
            }
            world.wait(3);
        }
        assert_eq!(world.settle().outcome(), expected, "{order:?}");
        assert_eq!(world.runs.len(), 2, "{order:?}: a run for each version");
    }
}

#[test]
fn going_back_to_an_earlier_version_while_both_are_evaluated() {
    let mut world = World::with(plan(vec![accuracy()]), 1);
    world.broken.jobs = true;
    world.wait(2).apply(2);
    world.wait(2).apply(1);
    world.wait(2);
    world.broken.jobs = false;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(1, 3)]));
}
