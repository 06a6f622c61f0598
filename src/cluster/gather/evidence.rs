//! What a release names as evidence, as far as the cache tells.

use crate::cluster::world::World;
use crate::policy::{EvidenceSource, EvidenceSpec, FindingReason};
use crate::release::facts::{Evidence, EvidenceState};

pub(super) fn evidence(world: &World, namespace: &str, spec: &EvidenceSpec) -> Evidence {
    let state = match &spec.source {
        EvidenceSource::ConfigMap { name, key } => config_map(world, namespace, spec, name, key),
        EvidenceSource::PersistentVolumeClaim { .. } | EvidenceSource::Https { .. } => match &spec.digest {
            Some(digest) => EvidenceState::Pinned { digest: digest.clone(), uid: None },
            None => EvidenceState::Unusable(
                FindingReason::NotPinned,
                format!("evidence {} names no digest: add spec.evidence[].digest", spec.name),
            ),
        },
    };
    Evidence { name: spec.name.clone(), source: spec.source.clone(), state }
}

fn config_map(world: &World, namespace: &str, spec: &EvidenceSpec, name: &str, key: &str) -> EvidenceState {
    let Some(found) = world.config_maps.get(namespace, name) else {
        return EvidenceState::Missing(format!(
            "evidence {}: ConfigMap {namespace}/{name} does not exist: apply it, with immutable: true",
            spec.name
        ));
    };
    if !found.immutable {
        return EvidenceState::Unusable(
            FindingReason::NotPinned,
            format!(
                "evidence {}: ConfigMap {name} can be changed: make it anew under another name with immutable: true",
                spec.name
            ),
        );
    }
    let Some(entry) = found.data.get(key) else {
        return EvidenceState::Missing(format!(
            "evidence {}: ConfigMap {namespace}/{name} has no key {key}: correct the release, or make it anew with that key",
            spec.name
        ));
    };
    match &spec.digest {
        Some(wanted) if *wanted != entry.digest => EvidenceState::Unusable(
            FindingReason::DigestMismatch,
            format!(
                "evidence {}: ConfigMap {name} holds {} and the release names {}: name the digest of what was tested",
                spec.name,
                entry.digest.short(12),
                wanted.short(12)
            ),
        ),
        Some(_) | None => {
            EvidenceState::Pinned { digest: entry.digest.clone(), uid: Some(found.meta.uid().to_owned()) }
        }
    }
}
