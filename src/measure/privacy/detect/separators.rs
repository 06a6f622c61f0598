//! Spaces and hyphens of typesetting, which word processors, web pages and locales put between groups of digits.

/// The same text with plain spaces and hyphens; `None` when it has no others.
pub fn plain(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return None;
    }
    let mut at = first(text)?;
    let mut plain = Vec::with_capacity(text.len());
    plain.extend_from_slice(&text[..at]);
    while let Some(byte) = text.get(at).copied() {
        let (byte, length) = separator(&text[at..]).unwrap_or((byte, 1));
        plain.push(byte);
        at += length;
    }
    Some(plain)
}

fn first(text: &[u8]) -> Option<usize> {
    memchr::memchr2_iter(0xc2, 0xe2, text).find(|at| separator(&text[*at..]).is_some())
}

/// What a separator at the beginning stands for, and its bytes in UTF-8.
fn separator(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        // No-break space
        [0xc2, 0xa0, ..] => Some((b' ', 2)),
        // U+2000 to U+200A, spaces of many widths; U+202F, a narrow one that does not break
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..] => Some((b' ', 3)),
        // U+2010 to U+2015, hyphens and dashes; U+2212, a minus
        [0xe2, 0x80, 0x90..=0x95, ..] | [0xe2, 0x88, 0x92, ..] => Some((b'-', 3)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        for (text, said) in [
            ("plain - text", None),
            ("ä € “quoted”", None),
            ("1\u{a0}2\u{202f}3\u{2007}4\u{2009}5", Some("1 2 3 4 5")),
            ("ä1\u{2010}2\u{2011}3\u{2013}4\u{2014}5\u{2212}6€", Some("ä1-2-3-4-5-6€")),
        ] {
            assert_eq!(plain(text.as_bytes()).as_deref(), said.map(str::as_bytes), "{text}");
        }
        assert_eq!(plain(b"\xe2\x80"), None);
    }
}
