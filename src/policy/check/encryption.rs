//! Words by which contracts say how data is encrypted at rest.

/// Ways and words for yes, without upper case and without what is neither letter nor digit.
const KNOWN: [&str; 27] = [
    "true",
    "yes",
    "enabled",
    "encrypted",
    // Ciphers; AES also with its key length and mode, see `is_aes`.
    "aes",
    "chacha20poly1305",
    "xchacha20poly1305",
    // Of clouds, by the names that they give them
    "awskms",
    "awskmsdsse",
    "ssekms",
    "sses3",
    "ssec",
    "dssekms",
    "kms",
    "cmk",
    "cmek",
    "csek",
    "gmek",
    "byok",
    // Of disks, databases and files
    "tde",
    "luks",
    "luks2",
    "dmcrypt",
    "bitlocker",
    "filevault",
    "pgp",
    "gpg",
];
/// Words for no.
const NONE: [&str; 14] = [
    "none",
    "no",
    "false",
    "off",
    "0",
    "disabled",
    "unencrypted",
    "notencrypted",
    "noencryption",
    "plain",
    "plaintext",
    "clear",
    "cleartext",
    "notenabled",
];

/// Whether a word is a way of encryption that is known, or a word for yes.
pub fn is_known(word: &str) -> bool {
    let word = letters(word);
    KNOWN.contains(&word.as_str()) || is_aes(&word)
}

/// Whether a word says that there is none.
pub fn is_none(word: &str) -> bool {
    NONE.contains(&letters(word).as_str())
}

fn letters(word: &str) -> String {
    word.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `AES256`, `AES-256-GCM`, `aes-xts-128`.
fn is_aes(word: &str) -> bool {
    let Some(rest) = word.strip_prefix("aes") else { return false };
    let length = |text: &str| ["128", "192", "256"].contains(&text);
    let mode = |text: &str| ["cbc", "ctr", "gcm", "gcmsiv", "siv", "xts"].contains(&text);
    let first = rest.get(..3).filter(|first| length(first)).map(|_| &rest[3..]);
    let last = rest.len().checked_sub(3).and_then(|at| rest.split_at_checked(at)).filter(|(_, last)| length(last));
    first.is_some_and(|rest| rest.is_empty() || mode(rest)) || last.is_some_and(|(rest, _)| mode(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for word in ["true", "Yes", "aws:kms", "SSE-S3", "AES-256", "AES256-GCM", "aes-xts-256", "cmek", "AES", "LUKS2"]
        {
            assert!(is_known(word) && !is_none(word), "{word}");
        }
        for word in ["disabled", "plaintext", "not encrypted", "0", "None", "OFF", "un-encrypted", "no"] {
            assert!(!is_known(word) && is_none(word), "{word}");
        }
        for word in
            ["n/a", "unknown", "", "?", "maybe", "aes-1", "AES-256-ECB", "rot13", "not kms", "kms: none", "aesé12"]
        {
            assert!(!is_known(word) && !is_none(word), "{word}");
        }
    }
}
