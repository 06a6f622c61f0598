//! OpenSSF model signing: the one subject is the digest of the digests of all files, in their order.

use super::statement::digest;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// What the signature covers: the model as a whole, and each file that is signed whole and by SHA-256.
///
/// # Errors
/// `Shape` when the whole is not what its parts come to.
pub(super) fn files(
    predicate: &Node<'_>,
    listed: &Node<'_>,
    whole: BTreeSet<Digest>,
) -> Result<BTreeSet<Digest>, EvidenceError> {
    let serialization = predicate.need("serialization", "how the model was read")?;
    let by_file = serialization.need("method", "files or shards")?.text()? == "files";
    let resources = predicate.need("resources", "a list of files")?;
    let mut subjects = whole.clone();
    let mut hasher = Sha256::new();
    let mut count = 0usize;
    for resource in resources.items()? {
        count += 1;
        resource.need("name", "a file's name")?.text()?;
        let algorithm = resource.need("algorithm", "a digest's algorithm")?.text()?;
        let hex = resource.need("digest", "a digest in hex")?;
        hasher.update(hex::decode(hex.text()?).map_err(|_| hex.wrong("a digest in hex"))?);
        if by_file && algorithm == "sha256" {
            subjects.insert(digest(&hex)?);
        }
    }
    let sum = Digest::from(hasher);
    let one = listed.items()?.count() == 1;
    if count == 0 || !one || whole.iter().ne([&sum]) {
        return Err(listed.wrong("the digest of the files that are listed"));
    }
    Ok(subjects)
}
