//! IP addresses of hosts, version 4 and 6. Networks, loopback, masks and versions of software are none.

use super::Word;

/// Characters of the longest address, and one more.
const LONGEST: usize = 46;
/// Words before what is no address although it looks like one: `version 1.2.3.4`, `section 3.2.1.4`.
const NO_ADDRESS: [&[u8]; 10] =
    [b"version", b"versions", b"ver", b"v", b"release", b"build", b"section", b"chapter", b"firmware", b"kapitel"];

/// Where the version 4 address ends that begins with this word of digits.
pub fn v4_end(word: Word<'_>) -> Option<usize> {
    let before = word.before(1);
    let tied = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    // `name-1.2.3.4` and `Browser/1.2.3.4` are versions.
    if before.is_some_and(|byte| byte == b'.' || byte == b'_')
        || matches!(before, Some(b'-' | b'/')) && word.before(2).is_some_and(tied)
        // `§3.2.1.4`
        || before == Some(0xa7) && word.before(2) == Some(0xc2)
    {
        return None;
    }
    let (address, end) = v4(word.text, word.start)?;
    let next = |distance: usize| word.text.get(end + distance).copied();
    let goes_on = match next(0) {
        Some(b'.') => next(1).is_some_and(tied),
        Some(b'-') => next(1).is_some_and(|byte| byte.is_ascii_alphabetic()),
        Some(byte) => tied(byte),
        None => false,
    };
    let host = !matches!(address[0], 0 | 127 | 224..=255) && !is_network(word.text, end, 32);
    (host && !goes_on && !said_before(word)).then_some(end)
}

/// Four numbers up to 255 without leading zeros, with dots between.
fn v4(text: &[u8], start: usize) -> Option<([u8; 4], usize)> {
    let (mut address, mut at) = ([0u8; 4], start);
    for (nth, number) in address.iter_mut().enumerate() {
        if nth > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let first = at;
        while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
            if at > first && *number == 0 {
                return None;
            }
            *number = number.checked_mul(10)?.checked_add(digit - b'0')?;
            at += 1;
        }
        if at == first {
            return None;
        }
    }
    Some((address, at))
}

/// `/24` behind an address makes a network of it, the full length does not.
fn is_network(text: &[u8], end: usize, full: u32) -> bool {
    let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix(b"/")) else { return false };
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let length = std::str::from_utf8(&rest[..digits]).ok().and_then(|text| text.parse::<u32>().ok());
    length.is_some_and(|length| length < full)
}

fn said_before(word: Word<'_>) -> bool {
    let before = &word.text[word.start.saturating_sub(16)..word.start];
    let letters = before.iter().rposition(u8::is_ascii_alphabetic).map_or(0, |last| last + 1);
    let between = before.len() - letters;
    let said = &before[..letters];
    let said = said.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(said, |gap| &said[gap + 1..]);
    between <= 2 && NO_ADDRESS.iter().any(|word| said.eq_ignore_ascii_case(word))
}

/// Where the version 6 address ends of which this word is the first part. It has a digit, and begins with a part of at
/// least three characters or has at least four parts: `a::b` is a path in a program.
pub fn v6_end(word: Word<'_>) -> Option<usize> {
    let led = word.before(1) == Some(b':');
    if word.after(0) != Some(b':') && !(led && word.before(2) == Some(b':')) || word.len() > 4 {
        return None;
    }
    // Only the first word of a run, or every word of it would be looked at again.
    let start = if led { word.start.checked_sub(2)? } else { word.start };
    let tied = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.');
    if start.checked_sub(1).and_then(|at| word.text.get(at)).is_some_and(tied) {
        return None;
    }
    let run = word.text[start..].iter().take(LONGEST);
    let run = run.take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).count();
    let run = &word.text[start..start + run];
    let run = run.strip_suffix(b".").unwrap_or(run);
    let run = if run.ends_with(b"::") { run } else { run.strip_suffix(b":").unwrap_or(run) };
    // An hour has one colon.
    if run.iter().filter(|byte| **byte == b':').take(2).count() < 2 {
        return None;
    }
    let end = start + run.len();
    let tied_behind = word.text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let address: std::net::Ipv6Addr = std::str::from_utf8(run).ok()?.parse().ok()?;
    let parts: Vec<&[u8]> = run.split(|byte| *byte == b':').filter(|part| !part.is_empty()).collect();
    let sure = parts.len() >= 4 || parts.first().is_some_and(|part| part.len() >= 3);
    // Eight pairs are the address of a network card.
    let card = parts.len() == 8 && parts.iter().all(|part| part.len() == 2);
    let host = !address.is_unspecified() && !address.is_loopback() && !address.is_multicast();
    let digit = run.iter().any(u8::is_ascii_digit);
    (host && digit && sure && !card && !tied_behind && !is_network(word.text, end, 128)).then_some(end)
}
