//! What is mounted into an evaluation pod.

use crate::api::labels;
use crate::policy::{EvaluationOrder, EvidenceSource};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// Volumes of the order's evidence with where the program of the operator looks for them.
pub fn evidence(order: &EvaluationOrder) -> (Vec<core::Volume>, Vec<core::VolumeMount>) {
    let each = order.evidence.iter().enumerate().filter_map(|(nth, evidence)| {
        let name = format!("evidence-{}", nth + 1);
        let path = format!("/modelgate/evidence/{}", evidence.name);
        Some((evidence_volume(&name, &evidence.source)?, mount(&name, &path, true)))
    });
    each.unzip()
}

pub fn mount(name: &str, path: &str, read_only: bool) -> core::VolumeMount {
    core::VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: read_only.then_some(true),
        ..core::VolumeMount::default()
    }
}

/// The order reaches the pod as a file made from its own annotation: no further object to create.
pub fn order_volume() -> core::Volume {
    let field = core::ObjectFieldSelector {
        field_path: format!("metadata.annotations['{}']", labels::ORDER),
        ..core::ObjectFieldSelector::default()
    };
    let file = core::DownwardAPIVolumeFile {
        path: "order.json".to_owned(),
        field_ref: Some(field),
        ..core::DownwardAPIVolumeFile::default()
    };
    core::Volume {
        name: "order".to_owned(),
        downward_api: Some(core::DownwardAPIVolumeSource { items: Some(vec![file]), default_mode: None }),
        ..core::Volume::default()
    }
}

/// An empty folder on the node's disk, gone with the pod.
pub fn empty(name: &str, size: &str) -> core::Volume {
    core::Volume {
        name: name.to_owned(),
        empty_dir: Some(core::EmptyDirVolumeSource { size_limit: Some(Quantity(size.to_owned())), medium: None }),
        ..core::Volume::default()
    }
}

fn evidence_volume(volume: &str, source: &EvidenceSource) -> Option<core::Volume> {
    let volume = core::Volume { name: volume.to_owned(), ..core::Volume::default() };
    match source {
        EvidenceSource::ConfigMap { name, key } => Some(core::Volume {
            config_map: Some(core::ConfigMapVolumeSource {
                name: name.clone(),
                items: Some(vec![core::KeyToPath { key: key.clone(), path: key.clone(), mode: None }]),
                ..core::ConfigMapVolumeSource::default()
            }),
            ..volume
        }),
        EvidenceSource::PersistentVolumeClaim { name, .. } => Some(core::Volume {
            persistent_volume_claim: Some(core::PersistentVolumeClaimVolumeSource {
                claim_name: name.clone(),
                read_only: Some(true),
            }),
            ..volume
        }),
        EvidenceSource::Https { .. } => None,
    }
}
