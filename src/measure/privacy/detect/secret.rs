//! Keys and tokens of services that begin as their makers document, and private keys in PEM.

use super::{LETTER, Word};

/// What a token is made of.
type Alphabet = fn(u8) -> bool;

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn joined(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn dotted(byte: u8) -> bool {
    joined(byte) || byte == b'.'
}

/// How tokens begin, what follows and at least how many of it.
const TOKENS: [(&[u8], Alphabet, usize); 44] = [
    // GitHub
    (b"ghp_", plain, 36),
    (b"gho_", plain, 36),
    (b"ghu_", plain, 36),
    (b"ghs_", plain, 36),
    (b"ghr_", plain, 36),
    (b"github_pat_", joined, 22),
    // GitLab
    (b"glpat-", joined, 20),
    (b"gloas-", joined, 20),
    (b"gldt-", joined, 20),
    (b"glrt-", joined, 20),
    (b"glrtr-", joined, 20),
    (b"glcbt-", joined, 20),
    (b"glptt-", joined, 20),
    (b"glft-", joined, 20),
    (b"glimt-", joined, 20),
    (b"glagent-", joined, 20),
    (b"glwt-", joined, 20),
    (b"glsoat-", joined, 20),
    (b"glffct-", joined, 20),
    // Slack
    (b"xoxb-", joined, 20),
    (b"xoxp-", joined, 20),
    (b"xoxa-", joined, 20),
    (b"xoxr-", joined, 20),
    (b"xoxs-", joined, 20),
    (b"xoxe-", joined, 20),
    (b"xapp-", joined, 20),
    // Google
    (b"AIza", joined, 35),
    (b"GOCSPX-", joined, 28),
    (b"ya29.", joined, 20),
    // Stripe
    (b"sk_live_", plain, 24),
    (b"rk_live_", plain, 24),
    // OpenAI, the last of them as keys began before there were projects; Anthropic, Hugging Face
    (b"sk-proj-", joined, 20),
    (b"sk-svcacct-", joined, 20),
    (b"sk-admin-", joined, 20),
    (b"sk-", plain, 48),
    (b"sk-ant-", joined, 20),
    (b"hf_", plain, 34),
    // Registries of packages
    (b"npm_", plain, 36),
    (b"pypi-", joined, 85),
    // SendGrid, Shopify, DigitalOcean, HashiCorp Vault
    (b"SG.", dotted, 66),
    (b"shpat_", plain, 32),
    (b"dop_v1_", plain, 64),
    (b"hvs.", joined, 24),
    // A signed token of anybody: two JSON objects, each in base64.
    (b"eyJ", dotted, 40),
];

/// How AWS names keys: a long-term and a temporary one.
const AWS: [&[u8]; 2] = [b"AKIA", b"ASIA"];

/// Where the secret ends that begins with this word.
pub fn end(word: Word<'_>) -> Option<usize> {
    let bytes = word.bytes();
    // Most words end in a space.
    let goes_on = matches!(word.after(0), Some(b'_' | b'-' | b'.'));
    if !goes_on && bytes.len() < 20 && bytes != b"BEGIN" {
        return None;
    }
    if bytes.len() == 20 && AWS.iter().any(|start| bytes.starts_with(start)) {
        let upper = bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        return upper.then_some(word.end);
    }
    if bytes == b"BEGIN" && word.seen == LETTER {
        return private_key(word);
    }
    // How any of the tokens begins; few other words do.
    let begins = matches!(
        bytes,
        [b'g', b'h' | b'i' | b'l', ..]
            | [b'x', b'o' | b'a', ..]
            | [b'A', b'I', ..]
            | [b'G', b'O', ..]
            | [b'y', b'a', ..]
            | [b's' | b'r', b'k', ..]
            | [b'h', b'f' | b'v', ..]
            | [b'n', b'p', ..]
            | [b'p', b'y', ..]
            | [b'S', b'G', ..]
            | [b's', b'h', ..]
            | [b'd', b'o', ..]
            | [b'e', b'y', ..]
    );
    if !begins {
        return None;
    }
    let rest = &word.text[word.start..];
    TOKENS.iter().filter(|(start, ..)| rest.starts_with(start)).find_map(|(start, alphabet, fewest)| {
        let body = &rest[start.len()..];
        // A token is not a whole text without spaces.
        let length = body.iter().take(2048).take_while(|byte| alphabet(**byte)).count();
        let body = &body[..length];
        let whole = *start != b"eyJ" || body.windows(4).any(|four| four == b".eyJ");
        let mixed = body.iter().any(|byte| *byte != body[0]);
        (length >= *fewest && whole && mixed).then(|| word.start + start.len() + length)
    })
}

/// `-----BEGIN … PRIVATE KEY-----`
fn private_key(word: Word<'_>) -> Option<usize> {
    let dashes = word.start.checked_sub(5).and_then(|at| word.text.get(at..word.start));
    let label = &word.text[word.end..];
    let label = &label[..label.len().min(48)];
    let end = label.windows(5).position(|five| five == b"-----")?;
    let private = label[..end].windows(11).any(|some| some == b"PRIVATE KEY");
    (dashes == Some(b"-----") && private).then_some(word.end + end + 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_as_they_are_given_out() {
        let body = "aB3dE5fG".repeat(6);
        let gitlab = "gldt glrt glrtr glcbt glptt glft glimt glagent glwt glsoat glffct gloas glpat";
        let openai = "sk sk-svcacct sk-admin sk-proj";
        for start in gitlab.split(' ').chain(openai.split(' ')) {
            let text = format!("key={start}-{body}");
            let hits = crate::measure::privacy::scan(text.as_bytes());
            assert!(hits.certain.has(crate::policy::check::Detector::Secret), "{text}");
        }
    }

    #[test]
    fn no_token_begins_in_another_way() {
        for (start, alphabet, fewest) in TOKENS {
            let body: Vec<u8> = (0..fewest).map(|at| b"aB3dE5fG"[at % 8]).collect();
            let text = [start, if start == b"eyJ" { b"a.eyJ" } else { b"" }, &body].concat();
            assert!(body.iter().all(|byte| alphabet(*byte)));
            assert!(
                crate::measure::privacy::scan(&text).certain.has(crate::policy::check::Detector::Secret),
                "{start:?}"
            );
        }
        // Words that begin so, and are no keys.
        for text in ["sk-svcacct-name", "sk-learn-1.2.3", "gldt-4", "glrt-runner", "glass-ceiling-of-the-year-2026"] {
            assert!(crate::measure::privacy::scan(text.as_bytes()).certain.is_empty(), "{text}");
        }
    }
}
