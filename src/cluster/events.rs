//! Kubernetes events for what a decision wants told.

use super::writer::Writer;
use crate::api::ModelRelease;
use crate::release::Facts;
use crate::release::decision::{About, Notice};
use crate::release::facts::Target;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Resource;
use kube::runtime::events::{Event, EventType, Recorder};

/// An event's note holds at most 1,024 bytes.
const NOTE_LIMIT: usize = 1000;

/// Publishes the notices. One that cannot be published is logged: conditions say the same and last.
pub async fn publish(recorder: &Recorder, writer: &Writer, facts: &Facts, notices: &[Notice]) {
    let revision = match &facts.target {
        Target::Found(workload) => workload.revision.short(12),
        Target::NotFound | Target::Unsupported(_) | Target::Claimed(_) | Target::Unreadable(_) => "none",
    };
    for notice in notices {
        let Some(about) = reference(facts, notice.about) else { continue };
        let event = Event {
            type_: if notice.warning { EventType::Warning } else { EventType::Normal },
            reason: format!("{:?}", notice.reason),
            note: Some(crate::policy::finding::clean(&notice.message, NOTE_LIMIT)),
            // Events alike in reason and action are counted together under the first one's text: the
            // revision keeps those of different versions apart.
            action: format!("Decide/{revision}"),
            secondary: None,
        };
        let published = recorder.publish(&event, &about).await;
        writer.metrics.write("events", "create", if published.is_ok() { "ok" } else { "error" });
        if let Err(error) = published {
            tracing::warn!(reason = event.reason, %error, "event not published");
        }
    }
}

fn reference(facts: &Facts, about: About) -> Option<ObjectReference> {
    let release = &facts.release;
    let (api_version, kind, name, uid) = match (about, &facts.target) {
        (About::Release, _) => (
            ModelRelease::api_version(&()).into_owned(),
            ModelRelease::kind(&()).into_owned(),
            release.name.clone(),
            release.uid.clone(),
        ),
        (About::Deployment, Target::Found(workload)) => {
            ("apps/v1".to_owned(), "Deployment".to_owned(), workload.name.clone(), workload.uid.clone())
        }
        (
            About::Deployment,
            Target::NotFound | Target::Unsupported(_) | Target::Claimed(_) | Target::Unreadable(_),
        ) => return None,
    };
    Some(ObjectReference {
        api_version: Some(api_version),
        kind: Some(kind),
        name: Some(name),
        namespace: Some(release.namespace.clone()),
        uid: Some(uid),
        ..ObjectReference::default()
    })
}
