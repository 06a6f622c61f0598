//! Words by which contracts say how data is encrypted at rest.

/// Ways and words for yes, without upper case and without what is neither letter nor digit.
const KNOWN: [&str; 28] = [
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
    "sse",
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

/// `AES256`, `AES-256-GCM`, `aes-xts-128`, `AES-GCM`, `AES 256 bit`.
fn is_aes(word: &str) -> bool {
    let Some(rest) = word.strip_prefix("aes") else { return false };
    let one_of = |rest: &str, words: &[&str]| words.iter().find_map(|word| rest.strip_prefix(word)).map(str::to_owned);
    let length = |rest: &str| {
        let rest = one_of(rest, &["128", "192", "256"])?;
        Some(rest.strip_prefix("bit").map_or(rest.clone(), str::to_owned))
    };
    // The longer name of a mode first.
    let mode = |rest: &str| one_of(rest, &["gcmsiv", "cbc", "ctr", "gcm", "siv", "xts"]);
    let before = length(rest);
    let rest = before.clone().unwrap_or_else(|| rest.to_owned());
    let rest = mode(&rest).unwrap_or(rest);
    let after = if before.is_none() { length(&rest) } else { None };
    after.unwrap_or(rest).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for word in [
            "true",
            "Yes",
            "aws:kms",
            "SSE-S3",
            "AES-256",
            "AES256-GCM",
            "aes-xts-256",
            "AES-GCM",
            "AES 256 bit",
            "AES-XTS",
            "SSE",
            "cmek",
            "AES",
            "LUKS2",
        ] {
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
