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

struct Death {
    place: Place,
    at: (usize, Moment),
}

async fn deaths(writes: usize) -> Vec<Death> {
    let numbers = (1..=writes).flat_map(|n| [(n, Moment::Before), (n, Moment::After)]);
    join_all(numbers.map(|at| async move { Death { place: Place::new("enforce").await, at } })).await
}

/// Waits until each line is dead. Writes that only tell of progress come and go with what a pass happens
/// to see, so a story may end before its last ones; then it has ended as it should.
async fn all_dead(deaths: &[Death], line: &Line, ended: impl AsyncFn(&Place) -> bool) -> usize {
    let began = Instant::now();
    loop {
        let mut alive = 0;
        let mut unfinished = Vec::new();
        for death in deaths.iter().filter(|d| !line.is_dead(&d.place.namespace)) {
            alive += 1;
            if !ended(&death.place).await {
                unfinished.push(&death.place.namespace);
            }
        }
        if unfinished.is_empty() {
            return deaths.len() - alive;
        }
        assert!(began.elapsed() < PATIENCE, "neither dead nor at the end: {unfinished:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn all_end_like(deaths: &[Death], line: &Line, wanted: &Value) {
    for death in deaths {
        println!("{} was to die {:?} write {}, did {:?}", death.place.namespace, death.at.1, death.at.0, line.writes(&death.place.namespace));
        ends_like(&death.place, wanted).await;
    }
}

async fn apply_all(place: &Place) {
    place.policy(json!([accuracy_gate()])).await;
    place.evidence("good", 0.8).await;
    place.release("1", "good").await;
    place.deployment(&deployment("1", 1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_write_of_an_admission() {
    let _turn = alone();
    let line = Line::default();
    let operator = start(LEASE, &line);
    let undisturbed = Place::new("enforce").await;
    line.count(&undisturbed.namespace, None);
    apply_all(&undisturbed).await;
    undisturbed.serves("1", 1).await;
    let wanted = settled(&undisturbed, &line).await;
    let writes = line.writes(&undisturbed.namespace);
    println!("an admission writes {}:\n{}", writes.len(), writes.join("\n"));

    let deaths = deaths(writes.len()).await;
    for death in &deaths {
        line.count(&death.place.namespace, Some(death.at));
    }
    join_all(deaths.iter().map(|d| apply_all(&d.place))).await;
    let released = async |place: &Place| said(&place.get_release().await, "Ready").is_some_and(|(_, why)| why == "Released");
    let died = all_dead(&deaths, &line, released).await;
    println!("{died} of {} died", deaths.len());
    assert!(died * 10 >= deaths.len() * 7, "too few died: {died} of {}", deaths.len());
    operator.kill();
    let fresh = start(LEASE, &Line::default());
    all_end_like(&deaths, &line, &wanted).await;
    fresh.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_write_of_a_rollback() {
    let _turn = alone();
    let line = Line::default();
    let operator = start(LEASE, &line);
    let undisturbed = Place::new("enforce").await;
    two_versions(&undisturbed).await;
    line.count(&undisturbed.namespace, None);
    prometheus().turn(&undisturbed.namespace);
    undisturbed.says("Ready", "False", "RolledBack").await;
    let wanted = settled(&undisturbed, &line).await;
    let writes = line.writes(&undisturbed.namespace);
    println!("a rollback writes {}:\n{}", writes.len(), writes.join("\n"));

    let deaths = deaths(writes.len()).await;
    join_all(deaths.iter().map(|d| two_versions(&d.place))).await;
    for death in &deaths {
        line.count(&death.place.namespace, Some(death.at));
        prometheus().turn(&death.place.namespace);
    }
    let rolled_back = async |place: &Place| said(&place.get_release().await, "Ready").is_some_and(|(_, why)| why == "RolledBack");
    let died = all_dead(&deaths, &line, rolled_back).await;
    println!("{died} of {} died", deaths.len());
    assert!(died * 10 >= deaths.len() * 7, "too few died: {died} of {}", deaths.len());
    operator.kill();
    let fresh = start(LEASE, &Line::default());
    all_end_like(&deaths, &line, &wanted).await;
    fresh.stop();
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
