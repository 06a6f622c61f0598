//! Pairs of coordinates: latitude and longitude in degrees, both with at least four decimals (some ten metres).

use super::Word;

/// Fewest decimals that tell a place and not a region.
const DECIMALS: usize = 4;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    Latitude,
    Longitude,
}

/// Where the pair ends that begins with this word, the whole part of a number. In a longer list of numbers there is none.
pub fn pair_end(word: Word<'_>) -> Option<usize> {
    let text = word.text;
    let decimals = text[word.end + 1..].iter().take(DECIMALS).take_while(|byte| byte.is_ascii_digit()).count();
    if word.len() > 3 || decimals < DECIMALS {
        return None;
    }
    let sign = usize::from(matches!(word.before(1), Some(b'-' | b'+')));
    let start = word.start - sign;
    let before = text[..start].iter().rev().take(8).find(|byte| **byte != b' ');
    if before.is_some_and(|byte| matches!(byte, b',' | b';') || byte.is_ascii_digit())
        || start.checked_sub(1).is_some_and(|at| text[at].is_ascii_alphanumeric())
    {
        return None;
    }
    let (one, at) = degrees(text, start)?;
    let gap = text[at..].iter().take(4).take_while(|byte| matches!(byte, b' ' | b',' | b';' | b'/')).count();
    let (two, end) = degrees(text, at + gap).filter(|_| gap > 0)?;
    let behind =
        text[end..].iter().take(8).skip_while(|byte| matches!(byte, b' ')).take(3).copied().collect::<Vec<u8>>();
    let list = match behind.as_slice() {
        [b',' | b';', rest @ ..] => rest.iter().any(u8::is_ascii_digit),
        [first, ..] => first.is_ascii_digit(),
        [] => false,
    };
    let range = one.abs() <= 90.0 && two.abs() <= 180.0 || one.abs() <= 180.0 && two.abs() <= 90.0;
    // Off the coast of Africa nobody lives; shares and probabilities do.
    let shares = one.abs() <= 1.0 && two.abs() <= 1.0;
    (range && !shares && !list).then_some(end)
}

/// A number with enough decimals, and what may stand behind it: `52.520008° N`.
fn degrees(text: &[u8], start: usize) -> Option<(f64, usize)> {
    let digits = |from: usize| {
        text.get(from..).unwrap_or_default().iter().take(20).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let whole = start + usize::from(matches!(text.get(start), Some(b'-' | b'+')));
    let point = whole + digits(whole);
    if !(1..=3).contains(&(point - whole)) || text.get(point) != Some(&b'.') {
        return None;
    }
    let decimals = digits(point + 1);
    let mut end = point + 1 + decimals;
    if !(DECIMALS..=17).contains(&decimals) {
        return None;
    }
    let number = std::str::from_utf8(&text[start..end]).ok()?.parse().ok()?;
    if text[end..].starts_with("°".as_bytes()) {
        end += "°".len();
    }
    let spaces = text[end..].iter().take(1).take_while(|byte| **byte == b' ').count();
    let side = text.get(end + spaces).is_some_and(|byte| b"NSEWnsew".contains(byte));
    let alone = text.get(end + spaces + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if side && alone {
        end += spaces + 1;
    }
    let goes_on = text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    (!goes_on || text.get(end) == Some(&b'.') && text.get(end + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric()))
        .then_some((number, end))
}

/// Whether a whole cell is a coordinate of this kind, for a column that is called so.
pub fn is_degrees(text: &[u8], axis: Axis) -> bool {
    let most = match axis {
        Axis::Latitude => 90.0,
        Axis::Longitude => 180.0,
    };
    let text = text.trim_ascii();
    degrees(text, 0).is_some_and(|(number, end)| end == text.len() && number.abs() <= most)
}
