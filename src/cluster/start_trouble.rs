//! Why an evaluation Job does not start, in the cluster's own words: quota, admission and volumes are
//! told only in events.

use k8s_openapi::api::core::v1::Event;
use kube::Client;
use kube::api::{Api, ListParams};

/// The newest warning about the Job or its pod.
pub async fn why(
    client: &Client,
    namespace: &str,
    job_uid: &str,
    pod_uid: Option<&str>,
) -> Result<Option<String>, kube::Error> {
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    for uid in pod_uid.into_iter().chain([job_uid]) {
        let about = ListParams::default().fields(&format!("involvedObject.uid={uid},type=Warning")).limit(50);
        let newest = events.list(&about).await?.items.into_iter().max_by_key(|e| {
            let seen = e.last_timestamp.as_ref().map(|t| t.0);
            seen.or_else(|| e.event_time.as_ref().map(|t| t.0))
                .or_else(|| e.metadata.creation_timestamp.as_ref().map(|t| t.0))
        });
        if let Some(event) = newest {
            let reason = event.reason.unwrap_or_default();
            return Ok(Some(format!("{reason}: {}", event.message.unwrap_or_default())));
        }
    }
    Ok(None)
}
