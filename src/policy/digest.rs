//! SHA-256 digests in the written form `sha256:<64 lower-case hex digits>`.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io;

/// A SHA-256 digest. Constructed only from bytes or from a well-formed text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// The text is not `sha256:` and 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a digest: write sha256: and 64 lower-case hex digits")]
pub struct InvalidDigest(String);

impl Digest {
    /// Digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", hex::encode(Sha256::digest(bytes))))
    }

    /// Digest of the JSON form of a value. Struct fields keep their written order and maps are
    /// `BTreeMap`s throughout this crate, so equal values give equal digests.
    pub fn of_json<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        let mut hasher = Sha256::new();
        serde_json::to_writer(HashWriter(&mut hasher), value)?;
        Ok(Self(format!("sha256:{}", hex::encode(hasher.finalize()))))
    }

    /// Digest of everything that is left to read.
    pub fn of_reader(mut reader: impl io::Read) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        io::copy(&mut reader, &mut HashWriter(&mut hasher))?;
        Ok(hasher.into())
    }

    pub fn parse(text: &str) -> Result<Self, InvalidDigest> {
        let hex = text.strip_prefix("sha256:").unwrap_or_default();
        let well_formed = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidDigest(text.chars().take(80).collect())) }
    }

    /// The whole text, `sha256:…`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first `n` hex digits, for names and tables.
    pub fn short(&self, n: usize) -> &str {
        let hex = &self.0["sha256:".len()..];
        &hex[..n.min(hex.len())]
    }
}

/// Finishes a running hash into a digest.
impl From<Sha256> for Digest {
    fn from(hasher: Sha256) -> Self {
        Self(format!("sha256:{}", hex::encode(hasher.finalize())))
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;
    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        Self::parse(&text)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_text_is_a_digest() {
        let good = Digest::of(b"x").to_string();
        assert!(Digest::parse(&good).is_ok());
        for bad in ["", "sha256:", "sha256:zz", &good.to_uppercase(), &good[7..], &format!("{good}0")] {
            assert!(Digest::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_digest_equals_digest_of_the_text() {
        let value = serde_json::json!({"a": [1, 2], "b": "c"});
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(Digest::of_json(&value).unwrap(), Digest::of(text.as_bytes()));
    }
}
