//! Proofs that a tree of hashes holds a leaf (RFC 9162, 2.1).

use sha2::{Digest as _, Sha256};

pub(super) type Hash = [u8; 32];

pub(super) fn leaf(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0u8]).chain_update(entry).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1u8]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree with `size` leaves of which this is the one at `index`, as the hashes beside its path say;
/// `None` when there is no such leaf, or too few or too many hashes.
pub(super) fn root(leaf: Hash, index: u64, size: u64, beside: &[Hash]) -> Option<Hash> {
    let mut last = size.checked_sub(1).filter(|last| index <= *last)?;
    let mut at = index;
    let mut hash = leaf;
    for other in beside {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node(other, &hash);
            // The last node of a level without a sibling rises as it is.
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, other);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: a tree is the left part, as large as a power of two can be, and the rest.
    fn tree(leaves: &[Hash]) -> Hash {
        match leaves {
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node(&tree(left), &tree(right))
            }
        }
    }

    fn path(leaves: &[Hash], at: usize) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let (mut path, beside) =
            if at < left.len() { (path(left, at), tree(right)) } else { (path(right, at - left.len()), tree(left)) };
        path.push(beside);
        path
    }

    #[test]
    fn proofs_of_all_small_trees() {
        for size in 1..=33usize {
            let leaves: Vec<Hash> = (0..size).map(|n| leaf(&[n as u8])).collect();
            let expected = tree(&leaves);
            for at in 0..size {
                let path = path(&leaves, at);
                let asked =
                    |index: usize, size: usize, path: &[Hash]| root(leaves[at], index as u64, size as u64, path);
                assert_eq!(asked(at, size, &path), Some(expected), "{at} of {size}");
                assert_ne!(root(leaf(b"other"), at as u64, size as u64, &path), Some(expected));
                assert_ne!(asked(at, size, &[path.as_slice(), &[expected]].concat()), Some(expected));
                if let Some((_, shorter)) = path.split_last() {
                    assert_eq!(asked(at, size, shorter), None, "{at} of {size}");
                }
                assert_eq!(asked(size, size, &path), None);
                assert_eq!(asked(at, 0, &path), None);
                for other in (0..size).filter(|other| *other != at) {
                    assert_ne!(asked(other, size, &path), Some(expected), "{at} as {other} of {size}");
                }
            }
        }
    }
}
