//! Whatever order things arrive in, the story ends in the same way.

use crate::stage::ending::{ending, ends_like};
use crate::stage::operator::shared;
use crate::stage::place::{Place, accuracy_gate, deployment};
use futures::future::join_all;
use serde_json::json;

async fn arrive(place: &Place, order: &[&str]) {
    for what in order {
        match *what {
            "release" => drop(place.release("1", "good").await),
            "deployment" => drop(place.deployment(&deployment("1", 1)).await),
            "evidence" => place.evidence("good", 0.8).await,
            _ => place.policy(json!([accuracy_gate()])).await,
        }
        // The operator has had its say about what is there before the next thing comes.
        if place.api::<modelgate::api::ModelRelease>().get_opt("m").await.unwrap().is_some() {
            place
                .until("a first look", async || {
                    let status = place.get_release().await.status?;
                    let seen = status.target.is_some()
                        || !order[..order.iter().position(|o| o == what)? + 1].contains(&"deployment");
                    seen.then_some(())
                })
                .await;
        }
    }
}

fn orders() -> Vec<Vec<&'static str>> {
    fn from(rest: &[&'static str]) -> Vec<Vec<&'static str>> {
        if rest.is_empty() {
            return vec![Vec::new()];
        }
        rest.iter()
            .flat_map(|first| {
                let others: Vec<_> = rest.iter().copied().filter(|other| other != first).collect();
                from(&others).into_iter().map(move |mut tail| {
                    tail.insert(0, first);
                    tail
                })
            })
            .collect()
    }
    from(&["policy", "evidence", "release", "deployment"])
}

#[tokio::test]
async fn every_order_of_arrival_ends_alike() {
    let _turn = shared();
    let orders = orders();
    assert_eq!(orders.len(), 24);
    let places = join_all(orders.iter().map(|_| Place::new("enforce"))).await;
    join_all(places.iter().zip(&orders).map(|(place, order)| arrive(place, order))).await;
    join_all(places.iter().map(|place| place.serves("1", 1))).await;
    let mut wanted = ending(&places[0]).await;
    // It is in the end when its record says that it serves.
    places[0]
        .until("the end", async || {
            wanted = ending(&places[0]).await;
            wanted["records"][0]["status"]["conditions"][0]["status"].as_str().filter(|s| *s == "True").map(|_| ())
        })
        .await;
    for (place, order) in places.iter().zip(&orders) {
        println!("{order:?} in {}", place.namespace);
        ends_like(place, &wanted).await;
    }
}
