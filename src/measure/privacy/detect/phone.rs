//! Telephone numbers: international ones (E.164, with `+` or `00`), and national forms that are hardly anything else.

use super::Word;
use super::groups::{Digits, Groups};

/// Digits of an international number, with the country's.
const SHORTEST: usize = 9;
const LONGEST: usize = 15;

/// Groups of national numbers that begin with 0.
const NATIONAL: [&[usize]; 16] = [
    &[2, 2, 2, 2, 2],
    &[2, 4, 4],
    &[3, 8],
    &[3, 7],
    &[3, 4, 4],
    &[3, 3, 4],
    &[3, 3, 2, 2],
    &[4, 6],
    &[4, 7],
    &[4, 8],
    &[4, 3, 3],
    &[4, 3, 4],
    &[5, 5],
    &[5, 6],
    &[5, 3, 3],
    &[5, 7],
];

/// Where the number ends that begins with this word of digits.
pub fn end(word: Word<'_>, groups: &Groups<'_>) -> Option<usize> {
    match word.before(1) {
        Some(b'+') if word.before(2).is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'+') => {
            international(word.text, word.start)
        }
        Some(b'(') if word.after(0) == Some(b')') => area_in_brackets(word),
        // Groups in the middle of a longer number.
        Some(b' ') if word.before(2).is_some_and(|byte| byte.is_ascii_digit()) => None,
        Some(b' ') if word.before(2) == Some(b' ') && word.before(3).is_some_and(|byte| byte.is_ascii_digit()) => None,
        _ => zeros(word).or_else(|| national(word, groups)),
    }
}

/// `0049 30 1234567`; without anything between the digits it may as well be a number filled up with zeros.
fn zeros(word: Word<'_>) -> Option<usize> {
    word.bytes().strip_prefix(b"00")?;
    let end = international(word.text, word.start + 2)?;
    let free = word.before(1).is_none_or(|byte| !matches!(byte, b'-' | b'.' | b'/' | b'_'));
    // `00862084-2549-b313-…` goes on as no number does.
    let over = !matches!(word.text.get(end..end + 2), Some([b'-' | b'.' | b'/', next]) if next.is_ascii_alphanumeric());
    (end > word.end && free && over).then_some(end)
}

/// From the first digit of the country on.
fn international(text: &[u8], start: usize) -> Option<usize> {
    let (mut digits, mut at, mut end, mut gap, mut points) = ([0u8; LONGEST], start, None, 0, 0);
    let mut count = 0;
    // Each end of a group may be the end of the number; the last that fits is.
    while let Some(byte) = text.get(at).copied() {
        // `+49 (0)30`: dialled only within the country.
        if text[at..].starts_with(b"(0)") {
            at += 3;
            continue;
        }
        match byte {
            b'0'..=b'9' => {
                let Some(slot) = digits.get_mut(count) else { break };
                (*slot, gap) = (byte, 0);
                count += 1;
                let more = text.get(at + 1).copied();
                if more.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_') && is_country(&digits[..count])
                {
                    end = Some(at + 1);
                }
            }
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' if gap < 2 => {
                gap += 1;
                points += usize::from(byte == b'.');
            }
            _ => break,
        }
        at += 1;
    }
    // One point alone is that of a decimal number.
    let decimal = points == 1 && text[start..end?].contains(&b'.');
    if decimal { None } else { end }
}

/// Whether the digits begin with the code of a country and are as many as it has.
fn is_country(digits: &[u8]) -> bool {
    let digit = |at: usize| digits.get(at).map_or(0, |byte| byte - b'0');
    let code = match (digit(0), digit(1)) {
        // North America, Russia and Kazakhstan
        (1, area) => return digits.len() == 11 && area >= 2,
        (7, area) => return digits.len() == 11 && area >= 3,
        (2, 0 | 7)
        | (3, 0..=4 | 6 | 9)
        | (4, 0 | 1 | 3..=9)
        | (5, 1..=8)
        | (6, 0..=6)
        | (8, 1 | 2 | 4 | 6)
        | (9, 0..=5 | 8) => 2,
        (2, 1..=6 | 9) | (3, 5 | 7 | 8) | (4, 2) | (5, 0 | 9) | (6, 7..=9) | (8, 0 | 5 | 7 | 8) | (9, 6 | 7 | 9) => 3,
        (_, _) => return false,
    };
    // Italy, Ivory Coast, Gabon and Congo keep the zero that others leave out abroad.
    let zero = digit(code) == 0
        && !matches!(digits, [b'3', b'9', ..] | [b'2', b'2', b'5', ..] | [b'2', b'4', b'1' | b'2', ..]);
    digits.len() >= SHORTEST.max(code + 6) && !zero
}

/// `(212) 555-0123` and `(030) 1234567`.
fn area_in_brackets(word: Word<'_>) -> Option<usize> {
    if word.before(2).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let start = word.end + 1 + usize::from(word.after(1) == Some(b' '));
    word.text.get(start).filter(|byte| byte.is_ascii_digit())?;
    let rest = Groups::at(word.text, start);
    let area = word.bytes();
    let american = || matches!(rest.separator, Some(b'-' | b'.' | b' ')).then(|| rest.shape(&[3, 4])).flatten();
    if area.len() == 3 && is_area(area) && exchange(word.text, start) {
        return american();
    }
    if !area.starts_with(b"0") || !(2..=5).contains(&area.len()) || area.starts_with(b"00") {
        return None;
    }
    let shapes: [&[usize]; 7] = [&[4, 4], &[3, 4], &[6], &[7], &[8], &[3, 2, 2], &[3, 3]];
    shapes.iter().find_map(|shape| rest.shape(shape))
}

/// Area codes and exchanges of North America begin with 2 to 9; those that end in 11 are services.
fn is_area(digits: &[u8]) -> bool {
    matches!(digits, [b'2'..=b'9', two, three] if (*two, *three) != (b'1', b'1'))
}

fn exchange(text: &[u8], at: usize) -> bool {
    text.get(at..at + 3).is_some_and(is_area)
}

fn national(word: Word<'_>, groups: &Groups<'_>) -> Option<usize> {
    if matches!(groups.separator, Some(b'-' | b'.')) {
        let (area, code) = match word.len() {
            1 if word.bytes() == b"1" => (word.start + 2, groups.shape(&[1, 3, 3, 4])),
            3 => (word.start, groups.shape(&[3, 3, 4])),
            _ => (word.start, None),
        };
        if code.is_some() && exchange(word.text, area) && exchange(word.text, area + 4) {
            return code;
        }
    }
    let [b'0', b'1'..=b'9', ..] = word.bytes() else { return None };
    // `01 20230203` is a number and a day.
    let mobile = || groups.shape(&[2, 8]).filter(|_| word.bytes() == b"06");
    // `01.02.2023`: only pairs are parted by points.
    let shaped = || match groups.separator? {
        b'.' => groups.shape(NATIONAL[0]),
        b'/' => NATIONAL[2..].iter().find_map(|shape| groups.shape(shape)),
        _ => NATIONAL.iter().find_map(|shape| groups.shape(shape)),
    };
    shaped().or_else(mobile).or_else(|| behind_a_stroke(word))
}

/// `030/1234 567`: the area and a stroke, then groups of their own.
fn behind_a_stroke(word: Word<'_>) -> Option<usize> {
    if word.after(0) != Some(b'/') || !(3..=5).contains(&word.len()) {
        return None;
    }
    let start = word.end + 1;
    word.text.get(start).filter(|byte| byte.is_ascii_digit())?;
    let rest = Groups::at(word.text, start);
    let shapes: [&[usize]; 5] = [&[4, 4], &[3, 4], &[3, 3], &[4, 3], &[3, 2, 2]];
    shapes.iter().find_map(|shape| rest.shape_behind(shape))
}

/// Whether a whole cell is digits as a number may be written, for a column that is called so.
pub fn is_plain(text: &[u8]) -> bool {
    let written = text.iter().all(|byte| byte.is_ascii_digit() || b" -./()+".contains(byte));
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let zeros = Digits::of(text).values().iter().all(|digit| *digit == 0);
    written && !zeros && (7..=LONGEST).contains(&digits)
}
