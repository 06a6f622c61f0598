//! IBANs: a country of the registry, its length, and the check of ISO 13616 (remainder 1 by 97). In one piece or in
//! groups of four.

use super::{Word, groups};

/// Where what has the form of a number ends, when it begins with this word, and whether it is one. What fails the check
/// is still one thing, whose groups would now and then pass for a card by chance; but not when it is tied to more, as
/// in `DE12 4111 1111 1111 1111 12/27`.
pub fn end(word: Word<'_>) -> Option<(usize, bool)> {
    let [one, two, check @ ..] = word.bytes() else { return None };
    if !one.is_ascii_alphabetic() || !two.is_ascii_alphabetic() || !check.get(..2)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = length([one.to_ascii_uppercase(), two.to_ascii_uppercase()])?;
    let mut number = [0u8; 34];
    let number = number.get_mut(..length)?;
    let end = match word.len() {
        whole if whole == length => {
            number.copy_from_slice(word.bytes());
            word.end
        }
        4 => grouped(word, number)?,
        _ => return None,
    };
    number.make_ascii_uppercase();
    number.rotate_left(4);
    let remainder = number.iter().try_fold(0u32, |rest, byte| match byte {
        b'0'..=b'9' => Some((rest * 10 + u32::from(byte - b'0')) % 97),
        b'A'..=b'Z' => Some((rest * 100 + u32::from(byte - b'A') + 10) % 97),
        _ => None,
    });
    // Two digits that are a remainder less than 98 are 02 to 98.
    let checked = !matches!(check, [b'0', b'0' | b'1', ..] | [b'9', b'9', ..]);
    let is = checked && remainder == Some(1);
    let tied = matches!(word.text.get(end..end + 2), Some([b'/' | b'-' | b'.', next]) if next.is_ascii_alphanumeric());
    (is || !tied).then_some((end, is))
}

/// Fills the number from groups of four, the last of which may be shorter.
fn grouped(word: Word<'_>, number: &mut [u8]) -> Option<usize> {
    let separator = word.after(0).filter(|byte| matches!(byte, b' ' | b'-'))?;
    let mut at = word.start;
    for (nth, group) in number.chunks_mut(4).enumerate() {
        if nth > 0 {
            at = groups::behind(word.text, at, separator)?;
        }
        group.copy_from_slice(word.text.get(at..at + group.len())?);
        at += group.len();
    }
    let ends = word.text.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    ends.then_some(at)
}

/// Characters of a country's numbers, from the registry that SWIFT keeps.
fn length(country: [u8; 2]) -> Option<usize> {
    Some(match &country {
        b"NO" => 15,
        b"BE" => 16,
        b"DK" | b"FI" | b"FK" | b"FO" | b"GL" | b"NL" | b"SD" => 18,
        b"MK" | b"SI" => 19,
        b"AT" | b"BA" | b"EE" | b"KZ" | b"LT" | b"LU" | b"MN" | b"XK" => 20,
        b"CH" | b"HR" | b"LI" | b"LV" => 21,
        b"BG" | b"BH" | b"CR" | b"DE" | b"GB" | b"GE" | b"IE" | b"ME" | b"RS" | b"VA" => 22,
        b"AE" | b"GI" | b"IL" | b"IQ" | b"OM" | b"SO" | b"TL" => 23,
        b"AD" | b"CZ" | b"ES" | b"MD" | b"PK" | b"RO" | b"SA" | b"SE" | b"SK" | b"TN" | b"VG" => 24,
        b"LY" | b"PT" | b"ST" => 25,
        b"IS" | b"TR" => 26,
        b"BI" | b"DJ" | b"FR" | b"GR" | b"IT" | b"MC" | b"MR" | b"SM" => 27,
        b"AL" | b"AZ" | b"BY" | b"CY" | b"DO" | b"GT" | b"HN" | b"HU" | b"LB" | b"NI" | b"PL" | b"SV" => 28,
        b"BR" | b"EG" | b"PS" | b"QA" | b"UA" => 29,
        b"JO" | b"KW" | b"MU" | b"YE" => 30,
        b"MT" | b"SC" => 31,
        b"LC" => 32,
        b"RU" => 33,
        _ => return None,
    })
}
