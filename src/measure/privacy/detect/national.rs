//! Numbers that states give to people, each with the test that its issuer publishes.

use super::groups::{Digits, Groups};
use super::{Hits, Word};
use crate::measure::privacy::names::says;
use crate::policy::check::Detector;

/// US social security number, `078-05-1120`. It has no check digit; what was never issued is none.
pub fn us_ssn_end(groups: &Groups<'_>) -> Option<usize> {
    let (end, sure) = match groups.separator {
        Some(b'-') => (groups.shape(&[3, 2, 4])?, true),
        Some(b' ') => (groups.shape(&[3, 2, 4])?, false),
        _ => (groups.plain().filter(|(_, digits)| digits.len() == 9)?.0, false),
    };
    let digits = groups.digits(end);
    (is_us_ssn(&digits) && (sure || says_before(groups, Detector::UsSsn))).then_some(end)
}

fn is_us_ssn(digits: &Digits) -> bool {
    let (area, group, serial) = (digits.number(0, 3), digits.number(3, 5), digits.number(5, 9));
    // The two that were printed in advertisements.
    let printed = matches!((area, group, serial), (78, 5, 1120) | (219, 9, 9999));
    digits.values().len() == 9 && !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0 && !printed
}

/// Spanish DNI (eight digits and a letter) and NIE (X, Y or Z, seven digits and a letter): the remainder by 23.
pub fn es_dni(word: &[u8]) -> bool {
    let [first, middle @ .., letter] = word else { return false };
    let lead = match first {
        b'0'..=b'9' => u32::from(first - b'0'),
        b'X' | b'Y' | b'Z' => u32::from(first - b'X'),
        _ => return false,
    };
    if middle.len() != 7 || !middle.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = middle.iter().fold(lead, |number, digit| number * 10 + u32::from(digit - b'0'));
    b"TRWAGMYFPDXBNJZSQVHLCKE".get(number as usize % 23) == Some(letter)
}

/// The same with a dash before the letter: `12345678-Z`.
pub fn es_dni_end(word: Word<'_>) -> Option<usize> {
    let free = word.before(1).is_none_or(|byte| byte != b'-');
    let letter = word.after(1).filter(|_| word.len() == 8 && word.after(0) == Some(b'-') && free)?;
    let alone = word.after(2).is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'-');
    let written: Vec<u8> = word.bytes().iter().copied().chain([letter]).collect();
    (alone && es_dni(&written)).then_some(word.end + 2)
}

/// Italian codice fiscale: sixteen letters and digits, the last a check letter. Digits may be written as letters, which
/// tells apart people who would have the same.
pub fn it_codice_fiscale(word: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let Ok(code) = <[u8; 16]>::try_from(word) else { return false };
    let code = code.map(|byte| byte.to_ascii_uppercase());
    let digit = |byte: u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(&byte);
    let formed = code.iter().enumerate().all(|(at, byte)| match at {
        6 | 7 | 9 | 10 | 12..=14 => digit(*byte),
        8 => b"ABCDEHLMPRST".contains(byte),
        _ => byte.is_ascii_uppercase(),
    });
    let value = |byte: u8| usize::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' });
    formed && {
        // Places are counted from 1, so the first is odd.
        let sum: u32 = code[..15]
            .iter()
            .enumerate()
            .map(|(at, byte)| if at % 2 == 0 { ODD[value(*byte)] } else { value(*byte) as u32 })
            .sum();
        sum % 26 == u32::from(code[15] - b'A')
    }
}

/// French NIR: sex, year, month, department, commune and order, then 97 less the remainder by 97. Of Corsica in one
/// piece, 2A and 2B for 19 and 18.
pub fn fr_nir(word: &[u8]) -> bool {
    let Ok(mut number) = <[u8; 15]>::try_from(word) else { return false };
    match &number[5..7] {
        b"2A" | b"2a" => number[5..7].copy_from_slice(b"19"),
        b"2B" | b"2b" => number[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    number.iter().all(u8::is_ascii_digit) && is_fr_nir(&Digits::of(&number))
}

pub fn fr_nir_end(groups: &Groups<'_>) -> Option<usize> {
    let plain = groups.plain().filter(|(_, digits)| digits.len() == 15).map(|(end, _)| end);
    let end = plain.or_else(|| groups.shape(&[1, 2, 2, 2, 3, 3, 2])).or_else(|| groups.shape(&[13, 2]))?;
    is_fr_nir(&groups.digits(end)).then_some(end)
}

fn is_fr_nir(digits: &Digits) -> bool {
    let first = digits.values().first().copied().unwrap_or_default();
    let month = digits.number(3, 5);
    digits.values().len() == 15
        && matches!(first, 1..=4 | 7 | 8)
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && digits.number(5, 7) != 0
        && digits.number(13, 15) == 97 - digits.number(0, 13) % 97
}

/// Dutch BSN as it is printed, `1234.56.782`.
pub fn nl_bsn_end(groups: &Groups<'_>) -> Option<usize> {
    let end = groups.shape(&[4, 2, 3]).filter(|_| groups.separator == Some(b'.'))?;
    is_nl_bsn(&groups.digits(end)).then_some(end)
}

/// Weights 9 to 2 and -1; the sum is a multiple of 11.
fn is_nl_bsn(digits: &Digits) -> bool {
    let [rest @ .., last] = digits.values() else { return false };
    let sum: i32 = rest.iter().zip((2..=9).rev()).map(|(digit, weight)| i32::from(*digit) * weight).sum();
    rest.len() == 8 && sum > 0 && (sum - i32::from(*last)) % 11 == 0
}

/// Polish PESEL: a day of birth whose month tells the century, and a check digit by weights 1, 3, 7, 9.
fn is_pl_pesel(digits: &Digits) -> bool {
    let values = digits.values();
    let (month, day) = (digits.number(2, 4) % 20, digits.number(4, 6));
    let sum: u32 = values.iter().zip([1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).map(|(digit, w)| u32::from(*digit) * w).sum();
    values.len() == 11 && (1..=days_of(month)).contains(&day) && sum.is_multiple_of(10)
}

/// German Steuer-ID: among the first ten digits exactly one stands twice or three times, and ISO 7064 MOD 11,10.
fn is_de_steuer_id(digits: &Digits) -> bool {
    let values = digits.values();
    let [first, .., check] = values else { return false };
    if values.len() != 11 || *first == 0 {
        return false;
    }
    let mut times = [0u8; 10];
    values[..10].iter().for_each(|digit| times[usize::from(*digit)] += 1);
    let repeated = times.iter().filter(|count| **count > 1).count();
    let most = times.iter().copied().max().unwrap_or_default();
    let product = values[..10].iter().fold(10u8, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    repeated == 1 && most <= 3 && *check == (11 - product) % 10
}

/// Chinese resident identity: region, day of birth, order, and the check of ISO 7064 MOD 11-2, which may be X.
pub fn cn_resident_id(word: &[u8]) -> bool {
    let [open @ .., check] = word else { return false };
    let check = match check {
        b'0'..=b'9' => u64::from(check - b'0'),
        b'X' | b'x' => 10,
        _ => return false,
    };
    if open.len() != 17 || !open.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let digits = Digits::of(open);
    let (year, month, day) = (digits.number(6, 10), digits.number(10, 12), digits.number(12, 14));
    // 2^17, 2^16, … by 11.
    let sum = digits.values().iter().fold(0, |sum, digit| (sum + u64::from(*digit)) * 2 % 11);
    matches!(digits.number(0, 2), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
        && matches!(year, 1900..=2099)
        && (1..=days_of(month)).contains(&day)
        && (sum + check) % 11 == 1
}

pub fn cn_resident_id_end(groups: &Groups<'_>) -> Option<usize> {
    groups.plain().filter(|(_, digits)| cn_resident_id(digits)).map(|(end, _)| end)
}

/// Brazilian CPF as it is printed, `529.982.247-25`.
pub fn br_cpf_end(word: Word<'_>) -> Option<usize> {
    const FORM: &[u8; 14] = b"ddd.ddd.ddd-dd";
    let end = word.start + FORM.len();
    let written = word.text.get(word.start..end)?;
    let formed = written.iter().zip(FORM).all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        mark => byte == mark,
    });
    let tied = |byte: Option<u8>| byte.is_some_and(|byte| matches!(byte, b'.' | b'-' | b'/'));
    let behind = word.text.get(end).copied();
    let more = word.text.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
    let alone =
        behind.is_none_or(|byte| !byte.is_ascii_alphanumeric()) && !(tied(behind) && more) && !tied(word.before(1));
    (formed && alone && is_br_cpf(&Digits::of(written))).then_some(end)
}

/// Two check digits by weights that fall to 2. Numbers of one digit over and over pass and were never issued.
fn is_br_cpf(digits: &Digits) -> bool {
    let values = digits.values();
    let check = |count: usize| {
        let weights = (2..=11).take(count).collect::<Vec<u32>>();
        let sum: u32 = values.iter().zip(weights.iter().rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        sum * 10 % 11 % 10
    };
    let several = values.iter().any(|digit| Some(digit) != values.first());
    values.len() == 11 && several && check(9) == u32::from(values[9]) && check(10) == u32::from(values[10])
}

/// Norwegian fødselsnummer and D-nummer: day of birth, order, and two check digits by 11.
fn is_no_fodselsnummer(digits: &Digits) -> bool {
    const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
    const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let values = digits.values();
    let holds = |weights: &[u32]| {
        let sum: u32 = values.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        sum.is_multiple_of(11)
    };
    // A D-nummer adds 40 to the day.
    let day = digits.number(0, 2);
    let day = if day > 40 { day - 40 } else { day };
    values.len() == 11 && (1..=days_of(digits.number(2, 4))).contains(&day) && holds(&FIRST) && holds(&SECOND)
}

/// Days that a month may have; none of what is no month.
fn days_of(month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 29,
        1..=12 => 31,
        _ => 0,
    }
}

/// Plain digits, which a test of one digit lets pass by chance: for certain only with a word before them that says so.
pub fn weak(groups: &Groups<'_>, hits: &mut Hits) -> Option<usize> {
    let plain = groups.plain().map(|(end, digits)| (end, Digits::of(digits)));
    let spaced = || groups.shape(&[2, 3, 3, 3]).filter(|_| groups.separator == Some(b' '));
    let (end, digits) = plain
        .filter(|(_, digits)| matches!(digits.values().len(), 9 | 11))
        .or_else(|| spaced().map(|end| (end, groups.digits(end))))?;
    let tests: &[(Detector, fn(&Digits) -> bool)] = match digits.values().len() {
        9 => &[(Detector::NlBsn, is_nl_bsn)],
        _ => &[
            (Detector::PlPesel, is_pl_pesel),
            (Detector::DeSteuerId, is_de_steuer_id),
            (Detector::BrCpf, is_br_cpf),
            (Detector::NoFodselsnummer, is_no_fodselsnummer),
        ],
    };
    for (detector, is) in tests {
        let set = match (is(&digits), says_before(groups, *detector)) {
            (true, true) => &mut hits.certain,
            (true, false) => &mut hits.passed,
            (false, _) => &mut hits.failed,
        };
        set.add(*detector);
    }
    Some(end)
}

/// Whether a whole cell is a number of this kind, for a column that is called so. Zeros in front may be lost.
pub fn is_national(detector: Detector, text: &[u8]) -> bool {
    let (width, is): (usize, fn(&Digits) -> bool) = match detector {
        Detector::UsSsn => (9, is_us_ssn),
        Detector::NlBsn => (9, is_nl_bsn),
        Detector::PlPesel => (11, is_pl_pesel),
        Detector::DeSteuerId => (11, is_de_steuer_id),
        Detector::BrCpf => (11, is_br_cpf),
        Detector::NoFodselsnummer => (11, is_no_fodselsnummer),
        Detector::Email
        | Detector::Phone
        | Detector::Iban
        | Detector::PaymentCard
        | Detector::EsDni
        | Detector::ItCodiceFiscale
        | Detector::FrNir
        | Detector::CnResidentId
        | Detector::IpAddress
        | Detector::Coordinates
        | Detector::Secret
        | Detector::PersonName => return false,
    };
    let written = text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'-' | b'/'));
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
    let lost = width.checked_sub(digits.len()).filter(|lost| written && *lost <= 3);
    lost.is_some_and(|lost| is(&Digits::of(&[vec![b'0'; lost], digits].concat())))
}

/// Whether the few words before a number say which one it is.
fn says_before(groups: &Groups<'_>, detector: Detector) -> bool {
    let start = groups.start();
    let before = &groups.text[start.saturating_sub(32)..start];
    before.len() >= 3 && says(&String::from_utf8_lossy(before), detector)
}
