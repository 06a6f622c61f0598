//! Payment cards: an issuer's prefix with a length it uses, and the check digit of ISO/IEC 7812 (Luhn).

use super::groups::{Digits, Groups};

/// How numbers are printed in groups.
const SHAPES: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];

/// Where the card number ends that begins here.
pub fn end(groups: &Groups<'_>) -> Option<usize> {
    let parted = matches!(groups.separator, Some(b' ' | b'-'));
    let shaped = SHAPES.iter().rev().filter(|_| parted).filter_map(|shape| groups.shape(shape));
    let plain = groups.plain().filter(|(_, digits)| (14..=19).contains(&digits.len())).map(|(end, _)| end);
    shaped.chain(plain).find(|end| is_card(&groups.digits(*end)))
}

fn is_card(digits: &Digits) -> bool {
    let length = digits.values().len();
    let issued = match digits.number(0, 4) {
        // Visa; the old length 13 is that of article numbers too and left out.
        4000..=4999 => matches!(length, 16 | 19),
        // Mastercard
        5100..=5599 | 2221..=2720 => length == 16,
        // American Express
        3400..=3499 | 3700..=3799 => length == 15,
        // Diners Club
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => matches!(length, 14 | 16 | 19),
        // Discover, JCB, UnionPay
        6011 | 6440..=6599 | 3528..=3589 | 6200..=6299 | 8100..=8171 => (16..=19).contains(&length),
        // Maestro
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => (16..=19).contains(&length),
        // Mir
        2200..=2204 => (16..=19).contains(&length),
        _ => false,
    };
    issued && luhn(digits.values())
}

/// Every second digit from the right is doubled, digits of the products are added up, and the sum ends in 0.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(*digit) << (at % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}
