//! A Prometheus that gives no number: never good, and never a reason to take anything back.

use super::holds_words;
use crate::stage::operator::shared;
use crate::stage::place::{Place, deployment, message, said};
use crate::stage::prometheus::{Answer, QUERY, prometheus};
use futures::future::join_all;
use modelgate::api::ModelRelease;
use serde_json::{Value, json};

/// One failure is a breach, and two answers without a number are blindness.
fn gate(provider: &str, query: &str) -> Value {
    json!([{"name": "denied", "severity": "High",
        "watch": {"interval": "1s", "breachAfter": 1, "blindAfter": 2, "onBreach": "Rollback"},
        "prometheus": {"provider": provider, "query": query, "max": "0.3"}}])
}

/// What is asked after release fails nothing, opens nothing and is said.
async fn is_blind(place: &Place, words: &[&str]) -> ModelRelease {
    let release = place.says("WatchHealthy", "Unknown", "NoData").await;
    let blind = place
        .until("two answers without a number", async || {
            let release = place.get_release().await;
            release.status.as_ref()?.watch.iter().any(|row| row.blind == 2).then_some(release)
        })
        .await;
    let told = message(&blind, "WatchHealthy");
    println!("{words:?}: {told}");
    holds_words(&told, &["gate ", "denied: Prometheus"]);
    holds_words(&told, words);
    release
}

/// Version 2 serves, with version 1 to go back to, and nobody has taken it back.
async fn still_serves(place: &Place) {
    let release = place.get_release().await;
    assert_eq!(said(&release, "Ready"), Some(("True".into(), "Released".into())), "{}", message(&release, "Ready"));
    assert_eq!((place.pods("2", true).await, place.all_pods().await.len()), (1, 1));
    assert!(place.guarded().await.is_empty() && place.admitted("2").await.status.unwrap().guard.is_none());
    assert_eq!(release.status.unwrap().last_rollback, None);
}

async fn two_versions(place: &Place) {
    for version in ["1", "2"] {
        place.release(version, "none").await;
        place.deployment(&deployment(version, 1)).await;
        place.serves(version, 1).await;
    }
}

#[tokio::test]
async fn answers_without_a_number_are_said_and_take_nothing_back() {
    let _turn = shared();
    let answers: [(Answer, &[&str]); 5] = [
        (Answer::Empty, &["has no series for the query"]),
        (Answer::NotANumber, &["gives NaN, which is not a finite number"]),
        (Answer::TwoSeries, &["gives 2 series where one is needed", "aggregate the query"]),
        (Answer::Unavailable, &["answers with status 503"]),
        (Answer::Truncated, &["not Prometheus's"]),
    ];
    let each = answers.iter().map(async |(answer, words)| {
        let place = Place::new("enforce").await;
        place.policy(gate("main", QUERY)).await;
        two_versions(&place).await;
        place.says("WatchHealthy", "True", "WithinLimits").await;
        prometheus().answers(&place.namespace, *answer);
        is_blind(&place, words).await;
        still_serves(&place).await;
        rests(&place).await;
        still_serves(&place).await;
        // A number is good news again.
        prometheus().answers(&place.namespace, Answer::Number);
        place.says("WatchHealthy", "True", "WithinLimits").await;
    });
    join_all(each).await;
}

/// It goes on asking, and has nothing new to write.
async fn rests(place: &Place) {
    let (asked, before) = (prometheus().asked(&place.namespace), place.get_release().await);
    place.until("further questions", async || (prometheus().asked(&place.namespace) >= asked + 3).then_some(())).await;
    assert_eq!(place.get_release().await.metadata.resource_version, before.metadata.resource_version);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_said_and_takes_nothing_back() {
    let _turn = shared();
    let providers: [(&str, &[&str]); 2] = [
        ("down", &["down cannot be reached", "refused"]),
        ("unheard-of", &["names no Prometheus provider unheard-of", "spec.prometheus"]),
    ];
    let each = providers.iter().map(async |(provider, words)| {
        let place = Place::new("enforce").await;
        place.policy(gate(provider, QUERY)).await;
        two_versions(&place).await;
        let release = place.says("WatchHealthy", "Unknown", "NoData").await;
        let told = message(&release, "WatchHealthy");
        println!("{provider}: {told}");
        holds_words(&told, words);
        let blind = |release: &ModelRelease| release.status.as_ref().unwrap().watch.iter().any(|row| row.blind == 2);
        place.until("blindness", async || blind(&place.get_release().await).then_some(())).await;
        still_serves(&place).await;
        super::quiet(&[&place]).await;
        still_serves(&place).await;
    });
    join_all(each).await;
}
