//! The operator is killed before and after every single write of an admission and of a rollback. A fresh
//! one goes on, and the story ends as if nothing had happened.
//!
//! All the deaths of a story are told side by side, each in a namespace of its own: the operator's line
//! goes dead for one namespace after the other. Then its process is ended for all of them at once.

use crate::stage::ending::{ending, ends_like};
use crate::stage::line::{Line, Moment};
use crate::stage::operator::{LEASE, alone, start};
use crate::stage::place::{PATIENCE, Place, accuracy_gate, denied_gate, deployment, said};
use crate::stage::prometheus::prometheus;
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Stories told side by side: more would only wait for the machine.
const AT_ONCE: usize = 12;

struct Death {
    place: Place,
    at: (usize, Moment),
}

/// Tells a story undisturbed, then once for each death, and compares how they end. Writes are counted
/// from `strikes` on, which leads to `reason`.
async fn killed_at_any_write(begins: impl AsyncFn(&Place), strikes: impl AsyncFn(&Place), reason: &str) {
    let line = Line::default();
    let operator = start(LEASE, &line);
    let undisturbed = Place::new("enforce").await;
    begins(&undisturbed).await;
    line.count(&undisturbed.namespace, None);
    strikes(&undisturbed).await;
    undisturbed.until(reason, async || has_ended(&undisturbed, reason).await.then_some(())).await;
    let wanted = settled(&undisturbed, &line).await;
    operator.stop();
    let writes = line.writes(&undisturbed.namespace);
    println!("undisturbed it writes {}:\n{}", writes.len(), writes.join("\n"));

    let all: Vec<_> = (1..=writes.len()).flat_map(|n| [(n, Moment::Before), (n, Moment::After)]).collect();
    let mut died = 0;
    for round in all.chunks(AT_ONCE) {
        let line = Line::default();
        let operator = start(LEASE, &line);
        let deaths =
            join_all(round.iter().map(|at| async { Death { place: Place::new("enforce").await, at: *at } })).await;
        join_all(deaths.iter().map(|d| begins(&d.place))).await;
        for death in &deaths {
            line.count(&death.place.namespace, Some(death.at));
        }
        join_all(deaths.iter().map(|d| strikes(&d.place))).await;
        died += all_dead(&deaths, &line, reason).await;
        operator.kill();
        let fresh = start(LEASE, &Line::default());
        for Death { place, at } in &deaths {
            println!(
                "{} was to die {:?} write {}, did {:?}",
                place.namespace,
                at.1,
                at.0,
                line.writes(&place.namespace)
            );
            ends_like(place, &wanted).await;
        }
        fresh.stop();
    }
    println!("{died} of {} died", all.len());
    // Writes that only tell of progress come and go with what a pass happens to see.
    assert!(died * 10 >= all.len() * 7, "too few died: {died} of {}", all.len());
}

/// Waits until each story is cut off by its death, or ended before it; returns how many are dead.
async fn all_dead(deaths: &[Death], line: &Line, reason: &str) -> usize {
    let began = Instant::now();
    loop {
        let (mut dead, mut unfinished) = (0, Vec::new());
        for Death { place, .. } in deaths {
            match line.is_dead(&place.namespace) {
                true => dead += 1,
                false if has_ended(place, reason).await => {}
                false => unfinished.push(&place.namespace),
            }
        }
        if unfinished.is_empty() {
            return dead;
        }
        assert!(began.elapsed() < PATIENCE, "neither dead nor at the end: {unfinished:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn has_ended(place: &Place, reason: &str) -> bool {
    said(&place.get_release().await, "Ready").is_some_and(|(_, why)| why == reason)
}

async fn apply_all(place: &Place) {
    place.policy(json!([accuracy_gate()])).await;
    place.evidence("good", 0.8).await;
    place.release("1", "good").await;
    place.deployment(&deployment("1", 1)).await;
}

#[tokio::test]
async fn killed_at_any_write_of_an_admission() {
    let _turn = alone();
    killed_at_any_write(async |_| {}, apply_all, "Released").await;
}

#[tokio::test]
async fn killed_at_any_write_of_a_rollback() {
    let _turn = alone();
    killed_at_any_write(two_versions, async |place| prometheus().turn(&place.namespace), "RolledBack").await;
}

async fn two_versions(place: &Place) {
    place.policy(json!([denied_gate("Rollback")])).await;
    for version in ["1", "2"] {
        place.release(version, "none").await;
        place.deployment(&deployment(version, 1)).await;
        place.serves(version, 1).await;
    }
    place.says("WatchHealthy", "True", "WithinLimits").await;
}

/// How it ended once nothing is written any more.
async fn settled(place: &Place, line: &Line) -> Value {
    let mut before = (line.writes(&place.namespace).len(), ending(place).await);
    place
        .until("quiet", async || {
            tokio::time::sleep(Duration::from_millis(2500)).await;
            let now = (line.writes(&place.namespace).len(), ending(place).await);
            let quiet = now == before;
            before = now.clone();
            quiet.then_some(now.1)
        })
        .await
}
