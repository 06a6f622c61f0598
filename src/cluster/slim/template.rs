//! What a pod template says that decides about a revision.

use super::canonical;
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
    pub annotations: BTreeMap<String, String>,
    /// Digests that may name a model: in the annotation `modelgate.dev/model-digest`, in values of
    /// environment variables, in images and in image volumes. At most 64.
    pub model_digests: BTreeSet<Digest>,
    /// Of init containers, containers and image volumes, in this order.
    pub images: Vec<Image>,
    /// Names of the ConfigMaps that pods mount or take variables from.
    pub config_maps: BTreeSet<String>,
}

/// An image and where the template uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Name of the container, or `volume/NAME`.
    pub used_by: String,
    pub image: String,
}

impl TemplateFacts {
    /// Reads a pod template. The error says what is not as the API server would have it.
    pub fn read(template: &mut Value) -> Result<Self, String> {
        let wire =
            Wire::deserialize(&*template).map_err(|error| format!("pod template: {error}"))?;
        let annotations = wire.metadata.annotations.unwrap_or_default();
        let mut digests = Digests::default();
        if let Some(named) = annotations.get(MODEL_DIGEST) {
            digests.take_from(named);
        }
        let mut facts = Self {
            digest: Digest::of(b""),
            annotations: annotations
                .into_iter()
                .map(|(key, value)| (key, short(value)))
                .collect(),
            model_digests: BTreeSet::new(),
            images: Vec::new(),
            config_maps: BTreeSet::new(),
        };
        wire.spec.collect(&mut facts, &mut digests);
        facts.model_digests = digests.0;
        facts.digest = digest_of(template);
        Ok(facts)
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
fn short(value: String) -> String {
    if value.len() > LONGEST_ANNOTATION || value.starts_with(REPLACED) {
        format!("{REPLACED}{}", Digest::of(value.as_bytes()))
    } else {
        value
    }
}

#[derive(Default)]
struct Digests(BTreeSet<Digest>);

impl Digests {
    fn take_from(&mut self, text: &str) {
        const PREFIX: &str = "sha256:";
        for (start, _) in text.match_indices(PREFIX) {
            let end = start + PREFIX.len() + 64;
            // A longer run of hex digits is something else.
            let goes_on = text.as_bytes().get(end).is_some_and(u8::is_ascii_hexdigit);
            if self.0.len() < MOST_MODEL_DIGESTS
                && !goes_on
                && let Some(Ok(digest)) = text.get(start..end).map(Digest::parse)
            {
                self.0.insert(digest);
            }
        }
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
    annotations: Option<BTreeMap<String, String>>,
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

impl PodSpec {
    fn collect(self, facts: &mut TemplateFacts, digests: &mut Digests) {
        for container in self
            .init_containers
            .into_iter()
            .flatten()
            .chain(self.containers)
        {
            for env in container.env.into_iter().flatten() {
                if let Some(value) = &env.value {
                    digests.take_from(value);
                }
                add(
                    &mut facts.config_maps,
                    env.value_from.and_then(|from| from.config_map_key_ref),
                );
            }
            for from in container.env_from.into_iter().flatten() {
                add(&mut facts.config_maps, from.config_map_ref);
            }
            let image = container.image.unwrap_or_default();
            digests.take_from(&image);
            facts.images.push(Image {
                used_by: container.name,
                image,
            });
        }
        for volume in self.volumes.into_iter().flatten() {
            add(&mut facts.config_maps, volume.config_map);
            let sources = volume.projected.and_then(|projected| projected.sources);
            for source in sources.into_iter().flatten() {
                add(&mut facts.config_maps, source.config_map);
            }
            if let Some(image) = volume.image {
                let image = image.reference.unwrap_or_default();
                digests.take_from(&image);
                facts.images.push(Image {
                    used_by: format!("volume/{}", volume.name),
                    image,
                });
            }
        }
    }
}

fn add(names: &mut BTreeSet<String>, reference: Option<Named>) {
    if let Some(name) = reference
        .and_then(|reference| reference.name)
        .filter(|name| !name.is_empty())
    {
        names.insert(name);
    }
}

#[cfg(test)]
mod tests;
