//! What a pod template says that decides about a revision.

use super::canonical;
use super::compact::{Set, Words};
use crate::policy::Digest;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The label that the Deployment controller adds to a ReplicaSet's copy of the template.
pub const HASH_LABEL: &str = "pod-template-hash";
/// The pod annotation that names the model.
pub const MODEL_DIGEST: &str = "modelgate.dev/model-digest";

const LONGEST_ANNOTATION: usize = 256;
/// More digests than this in one template are not read; a model named only by the rest is not named.
const MOST_MODEL_DIGESTS: usize = 64;
const REPLACED: &str = "digest-of-value:";

/// Facts about a pod template. Equal for a Deployment and for the ReplicaSet made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFacts {
    /// Of the template without its annotations and without the label `pod-template-hash`.
    pub digest: Digest,
    /// All annotations. A value longer than 256 bytes is replaced by `digest-of-value:sha256:…`.
    pub annotations: Words,
    /// Digests that may name a model: in the annotation `modelgate.dev/model-digest`, in values of
    /// environment variables, in images and in image volumes. At most 64.
    pub model_digests: Set<Digest>,
    /// Of init containers, containers and image volumes, in this order.
    pub images: Box<[Image]>,
    /// Names of the ConfigMaps that pods mount or take variables from.
    pub config_maps: Set<Box<str>>,
}

/// An image and where the template uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Name of the container, or `volume/NAME`.
    pub used_by: Box<str>,
    pub image: Box<str>,
}

impl TemplateFacts {
    /// Reads a pod template. The error says what is not as the API server would have it.
    pub fn read(template: &mut Value) -> Result<Self, String> {
        let wire = Wire::deserialize(&*template).map_err(|error| format!("pod template: {error}"))?;
        let annotations = wire.metadata.annotations.unwrap_or_default();
        let mut found = Found::default();
        if let Some(named) = annotations.get(MODEL_DIGEST) {
            found.digests_in(named);
        }
        found.all_in(wire.spec);
        Ok(Self {
            digest: digest_of(template),
            annotations: annotations.into_iter().map(|(key, value)| (key, short(value))).collect(),
            model_digests: found.model_digests.into_iter().collect(),
            images: found.images.into(),
            config_maps: found.config_maps.into_iter().map(Into::into).collect(),
        })
    }
}

fn digest_of(template: &mut Value) -> Digest {
    if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("annotations");
        if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
            labels.remove(HASH_LABEL);
        }
    }
    canonical::digest(template)
}

// A value that looks like a replaced one is replaced too, else two values could be taken for one.
fn short(value: Box<str>) -> Box<str> {
    if value.len() > LONGEST_ANNOTATION || value.starts_with(REPLACED) {
        format!("{REPLACED}{}", Digest::of(value.as_bytes())).into()
    } else {
        value
    }
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    metadata: MetaWire,
    spec: PodSpec,
}

#[derive(Deserialize, Default)]
struct MetaWire {
    annotations: Option<BTreeMap<Box<str>, Box<str>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    containers: Vec<Container>,
    #[serde(default)]
    init_containers: Option<Vec<Container>>,
    #[serde(default)]
    volumes: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
    image: Option<String>,
    env: Option<Vec<Env>>,
    env_from: Option<Vec<EnvFrom>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Env {
    value: Option<String>,
    value_from: Option<ValueFrom>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValueFrom {
    config_map_key_ref: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EnvFrom {
    config_map_ref: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    name: String,
    config_map: Option<Named>,
    projected: Option<Projected>,
    image: Option<ImageVolume>,
}

#[derive(Deserialize)]
struct Projected {
    sources: Option<Vec<ProjectedSource>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectedSource {
    config_map: Option<Named>,
}

#[derive(Deserialize)]
struct ImageVolume {
    reference: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

#[derive(Default)]
struct Found {
    model_digests: BTreeSet<Digest>,
    images: Vec<Image>,
    config_maps: BTreeSet<String>,
}

impl Found {
    fn all_in(&mut self, spec: PodSpec) {
        for container in spec.init_containers.into_iter().flatten().chain(spec.containers) {
            for env in container.env.into_iter().flatten() {
                self.digests_in(env.value.as_deref().unwrap_or_default());
                self.config_map(env.value_from.and_then(|from| from.config_map_key_ref));
            }
            for from in container.env_from.into_iter().flatten() {
                self.config_map(from.config_map_ref);
            }
            self.image(container.name, container.image);
        }
        for volume in spec.volumes.into_iter().flatten() {
            self.config_map(volume.config_map);
            let sources = volume.projected.and_then(|projected| projected.sources);
            for source in sources.into_iter().flatten() {
                self.config_map(source.config_map);
            }
            if let Some(image) = volume.image {
                self.image(format!("volume/{}", volume.name), image.reference);
            }
        }
    }

    fn image(&mut self, used_by: String, image: Option<String>) {
        let image = image.unwrap_or_default();
        self.digests_in(&image);
        self.images.push(Image { used_by: used_by.into(), image: image.into() });
    }

    fn config_map(&mut self, reference: Option<Named>) {
        let name = reference.and_then(|reference| reference.name).filter(|name| !name.is_empty());
        self.config_maps.extend(name);
    }

    fn digests_in(&mut self, text: &str) {
        const PREFIX: &str = "sha256:";
        for (start, _) in text.match_indices(PREFIX) {
            let end = start + PREFIX.len() + 64;
            // A longer run of hex digits is something else.
            let goes_on = text.as_bytes().get(end).is_some_and(u8::is_ascii_hexdigit);
            if self.model_digests.len() < MOST_MODEL_DIGESTS
                && !goes_on
                && let Some(Ok(digest)) = text.get(start..end).map(Digest::parse)
            {
                self.model_digests.insert(digest);
            }
        }
    }
}

#[cfg(test)]
mod tests;
