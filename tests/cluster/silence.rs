//! A settled release is not written to, whether the operator goes on or starts afresh.

use crate::cluster::cluster;
use crate::stage::installed::OPERATOR;
use crate::stage::line::Line;
use crate::stage::operator::{LEASE, alone, start};
use crate::stage::place::{Place, accuracy_gate, denied_gate, deployment};
use crate::stage::prometheus::prometheus;
use serde_json::json;

/// The operator's writes but those to its lease.
fn writes(audit: &crate::cluster::Audit) -> Vec<String> {
    let all = audit.writes_of(OPERATOR, "").into_iter();
    all.filter(|write| !write.contains(" leases ")).collect()
}

#[tokio::test]
async fn what_is_settled_is_left_alone() {
    let _turn = alone();
    let operator = start(LEASE, &Line::default());
    let [served, held, taken_back] =
        [Place::new("enforce").await, Place::new("enforce").await, Place::new("enforce").await];
    let audit = cluster().audit();
    for place in [&served, &held] {
        place.policy(json!([accuracy_gate(), denied_gate("Rollback")])).await;
    }
    served.evidence("good", 0.8).await;
    held.evidence("bad", 0.5).await;
    served.release("1", "good").await;
    held.release("1", "bad").await;
    served.deployment(&deployment("1", 1)).await;
    held.deployment(&deployment("1", 1)).await;
    taken_back.policy(json!([denied_gate("Rollback")])).await;
    for version in ["1", "2"] {
        taken_back.release(version, "none").await;
        taken_back.deployment(&deployment(version, 1)).await;
        taken_back.serves(version, 1).await;
    }
    taken_back.says("WatchHealthy", "True", "WithinLimits").await;
    prometheus().turn(&taken_back.namespace);
    taken_back.says("Ready", "False", "RolledBack").await;
    taken_back.says("WatchHealthy", "True", "WithinLimits").await;
    served.serves("1", 1).await;
    served.says("WatchHealthy", "True", "WithinLimits").await;
    held.says("Stalled", "True", "GateFailed").await;
    // Otherwise an empty log would prove nothing.
    assert!(writes(&audit).len() > 10, "{:?}", writes(&audit));
    asked_again(&served, 2).await;

    let audit = cluster().audit();
    asked_again(&served, 5).await;
    assert_eq!(told(&audit).await, [""; 0], "while it goes on");
    operator.stop();
    let fresh = start(LEASE, &Line::default());
    asked_again(&served, 4).await;
    asked_again(&taken_back, 2).await;
    assert_eq!(told(&audit).await, [""; 0], "after a restart and a new list of everything");
    fresh.stop();
}

/// The gate after release was asked this often, once a second.
async fn asked_again(place: &Place, times: usize) {
    let before = prometheus().asked(&place.namespace);
    place
        .until("the watch to go on", async || (prometheus().asked(&place.namespace) >= before + times).then_some(()))
        .await;
}

async fn told(audit: &crate::cluster::Audit) -> Vec<String> {
    audit.caught_up().await;
    writes(audit)
}
