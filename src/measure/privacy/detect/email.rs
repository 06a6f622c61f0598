//! E-mail addresses: a local part, `@`, and a domain of at least two labels, the last of letters.

/// RFC 5321.
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 255;

/// Where the address around this `@` ends, if it is one.
pub fn end(text: &[u8], at: usize) -> Option<usize> {
    let local = text[..at].iter().rev().take(LONGEST_LOCAL).take_while(|byte| is_local(**byte)).count();
    let local = &text[at - local..at];
    let says_something = local.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    // Of a program, as in `git@github.com:…`, nobody's mailbox.
    if !says_something || local.ends_with(b".") || local == b"git" || is_of_a_url(text, at - local.len()) {
        return None;
    }
    let domain = &text[at + 1..];
    let length = domain.iter().take(LONGEST_DOMAIN).take_while(|byte| is_domain(**byte)).count();
    // Points and dashes behind it are the sentence's.
    let domain = &domain[..length];
    let domain = &domain[..domain.iter().rposition(|byte| !matches!(byte, b'.' | b'-')).map_or(0, |end| end + 1)];
    let last = domain.iter().rposition(|byte| *byte == b'.')?;
    let (labels, top) = (&domain[..last], &domain[last + 1..]);
    // `anna@example.com-Berta`
    let dash = top.iter().position(|byte| *byte == b'-').filter(|_| !top.starts_with(b"xn--"));
    let top = &top[..dash.unwrap_or(top.len())];
    let letters = top.len() >= 2 && top.iter().all(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    let named = labels.split(|byte| *byte == b'.').all(|label| !label.is_empty());
    ((letters || top.starts_with(b"xn--")) && named && !is_picture(labels, top)).then(|| at + 1 + last + 1 + top.len())
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"._%+-'&".contains(&byte)
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || byte == b'.' || byte == b'-'
}

/// Names and passwords in addresses of servers: `ssh://me@host.org`, `https://me:secret@host.org`.
fn is_of_a_url(text: &[u8], start: usize) -> bool {
    let before = &text[start.saturating_sub(LONGEST_LOCAL)..start];
    if !before.ends_with(b"/") && !before.ends_with(b":") {
        return false;
    }
    let word = before.iter().rposition(u8::is_ascii_whitespace).map_or(before, |space| &before[space..]);
    word.windows(3).any(|three| three == b"://")
}

/// `icon@2x.png`
fn is_picture(labels: &[u8], top: &[u8]) -> bool {
    matches!(labels, [digit, b'x'] if digit.is_ascii_digit())
        && [&b"png"[..], b"jpg", b"jpeg", b"gif", b"webp", b"svg"].contains(&top)
}
