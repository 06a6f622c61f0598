//! A ConfigMap: digests and sizes of its values, which are hashed while they are read.

use super::{SlimMeta, slim_object};
use crate::policy::Digest;
use k8s_openapi::ByteString;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct ConfigMap {
    pub meta: SlimMeta,
    pub immutable: bool,
    /// Values of `data` and `binaryData` by key.
    pub data: BTreeMap<String, Entry>,
}

/// A value: the digest and number of its bytes as a pod would mount them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub digest: Digest,
    pub bytes: u64,
}

slim_object!(ConfigMap, like k8s_openapi::api::core::v1::ConfigMap);

impl ConfigMap {
    /// Digest of all keys and values.
    pub fn content_digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        for (key, entry) in &self.data {
            hasher.update((key.len() as u64).to_le_bytes());
            hasher.update(key.as_bytes());
            hasher.update(entry.digest.as_str().as_bytes());
        }
        hasher.into()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    metadata: SlimMeta,
    immutable: Option<bool>,
    data: Option<BTreeMap<String, Text>>,
    binary_data: Option<BTreeMap<String, Binary>>,
}

impl From<Wire> for ConfigMap {
    fn from(wire: Wire) -> Self {
        let text = wire.data.into_iter().flatten().map(|(key, value)| (key, value.0));
        let binary = wire.binary_data.into_iter().flatten().map(|(key, value)| (key, value.0));
        Self { meta: wire.metadata, immutable: wire.immutable == Some(true), data: text.chain(binary).collect() }
    }
}

fn entry(bytes: &[u8]) -> Entry {
    Entry { digest: Digest::of(bytes), bytes: bytes.len() as u64 }
}

struct Text(Entry);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hash;
        impl Visitor<'_> for Hash {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(entry(text.as_bytes())))
            }
        }
        deserializer.deserialize_str(Hash)
    }
}

struct Binary(Entry);

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(entry(&ByteString::deserialize(deserializer)?.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> ConfigMap {
        serde_json::from_str(&value.to_string()).unwrap()
    }

    #[test]
    fn values_become_digests_of_the_mounted_bytes() {
        let map = read(json!({
            "metadata": {"name": "m", "namespace": "n"}, "immutable": true,
            "data": {"a.json": "{\n\"é\": 1}"}, "binaryData": {"b": "AAEC"}
        }));
        assert!(map.immutable);
        assert_eq!(map.data["a.json"], entry("{\n\"é\": 1}".as_bytes()));
        assert_eq!(map.data["b"], entry(&[0, 1, 2]));
        assert_eq!(map.data["b"].bytes, 3);
    }

    #[test]
    fn content_digest_sees_keys_and_values() {
        let digest = |data: serde_json::Value| read(json!({"metadata": {"name": "m"}, "data": data})).content_digest();
        assert_eq!(digest(json!({"a": "1", "b": "2"})), digest(json!({"b": "2", "a": "1"})));
        assert_ne!(digest(json!({"a": "1"})), digest(json!({"a": "2"})));
        assert_ne!(digest(json!({"a": "1"})), digest(json!({"b": "1"})));
        assert_ne!(digest(json!({})), digest(json!({"a": ""})));
    }
}
