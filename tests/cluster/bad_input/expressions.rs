//! CEL that cannot be evaluated, or that asks for more than is allowed.

use super::{apply, config_map, from_map, holds_words, is_held, quiet, row, says};
use crate::stage::operator::shared;
use crate::stage::place::Place;
use kube::api::Api;
use modelgate::api::{GovernancePolicy, OutcomeName};
use serde_json::{Value, json};

#[tokio::test]
async fn expressions_that_give_no_answer_are_errors() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let huge = format!("{}true", "true || ".repeat(511));
    let deep = format!("{}true{}", "(".repeat(500), ")".repeat(500));
    let loops = "[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, a + b + c > 0)))";
    // Ten thousand times ten thousand: cut off after five seconds.
    let costly = "evidence.metrics.many.all(a, evidence.metrics.many.all(b, a + b > 0))";
    let asked: [(&str, &str, &[&str]); 9] = [
        ("true", "ExpressionTrue", &[]),
        ("evidence.metrics.accuracy >", "ExpressionInvalid", &[]),
        (&huge, "ExpressionTooCostly", &["more than 512", "split the gate"]),
        (&deep, "ExpressionTooCostly", &["nests deeper than 32"]),
        (loops, "ExpressionTooCostly", &["loops stand more than 2 deep"]),
        (costly, "ExpressionTooCostly", &[]),
        ("evidence.metrics.accuracy", "ExpressionNotBoolean", &[]),
        ("evidence.metrics.none > 1", "ExpressionInvalid", &[]),
        ("1 / 0 == 1", "ExpressionInvalid", &[]),
    ];
    let gate = |(number, (text, ..)): (usize, &(&str, &str, &[&str]))| json!({"name": format!("e{number}"), "expression": {"expression": text, "evidence": ["metrics"]}});
    place.policy(asked.iter().enumerate().map(gate).collect::<Vec<Value>>().into()).await;
    let metrics = json!({"accuracy": 0.9, "many": vec![1; 10_000]}).to_string();
    config_map(&place, "report", metrics.as_bytes(), true).await;
    apply(&place, "m", &json!([from_map("metrics", "report")])).await;
    let said = says(&place, "m", "Stalled", "True", "GateError").await;
    holds_words(&said, &["gate ", "and 7 more"]);
    for (number, (text, reason, words)) in asked.iter().enumerate() {
        let row = row(&place, "m", &format!("e{number}")).await;
        println!("{}: {} {}", &text[..text.len().min(60)], row.reason, row.message);
        assert_eq!(row.reason, *reason, "{text}: {}", row.message);
        holds_words(&row.message, words);
        let wanted = match *reason {
            "ExpressionTrue" => OutcomeName::Pass,
            "ExpressionNotBoolean" => OutcomeName::Inconclusive,
            _ => OutcomeName::Error,
        };
        assert_eq!(row.outcome, wanted, "{text}");
    }
    // Who wrote the policy is told, too.
    let policies: Api<GovernancePolicy> = Api::all(place.client.clone());
    let policy = policies.get(&place.namespace).await.unwrap();
    let ready = policy.status.unwrap().conditions.into_iter().find(|c| c.type_ == "Ready").unwrap();
    assert_eq!((&*format!("{:?}", ready.status), &*ready.reason), ("False", "Invalid"));
    holds_words(&ready.message, &["gate e2", "split the gate"]);
    is_held(&place, "m").await;
    quiet(&[&place]).await;
}
