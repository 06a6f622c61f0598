//! One pass over a text: words that hold a digit or may begin a secret are looked at closely, all others are skipped.
//! No step looks further than a bounded stretch of bytes, so a text costs time in proportion to its length.

mod coordinates;
mod email;
mod groups;
mod iban;
mod ip;
mod marks;
mod national;
mod payment_card;
mod phone;
mod secret;
pub mod separators;

pub use coordinates::{Axis, is_degrees};
pub use national::is_national;
pub use phone::is_plain as is_plain_phone;

use crate::policy::check::Detector;
use groups::Groups;

/// A set of detectors, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Set(u32);

impl Set {
    pub fn of(detector: Detector) -> Self {
        Self(1 << detector as u32)
    }

    pub fn add(&mut self, detector: Detector) {
        self.0 |= Self::of(detector).0;
    }

    pub fn has(self, detector: Detector) -> bool {
        self.0 & Self::of(detector).0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What was found in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hits {
    /// Found for certain: by its form, by a test that few numbers pass by chance, or by a word before it.
    pub certain: Set,
    /// Plain digits that pass a test which many numbers pass by chance.
    pub passed: Set,
    /// Plain digits of the same length that do not.
    pub failed: Set,
}

impl Hits {
    pub fn is_empty(self) -> bool {
        self.certain.is_empty() && self.passed.is_empty() && self.failed.is_empty()
    }

    fn join(&mut self, other: Self) {
        self.certain.0 |= other.certain.0;
        self.passed.0 |= other.passed.0;
        self.failed.0 |= other.failed.0;
    }
}

const DIGIT: u8 = 1;
const LETTER: u8 = 2;
/// Bytes that words are made of.
const WORD: u8 = DIGIT | LETTER;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES[byte as usize]
}

/// Everything that is found in a text, as it is or with its spaces and hyphens as plain ones. A dash may also part
/// sentences, so that one way does not stand for the other.
pub fn scan(text: &[u8]) -> Hits {
    let mut hits = scan_as_it_is(text);
    if let Some(plain) = separators::plain(text) {
        hits.join(scan_as_it_is(&plain));
    }
    hits
}

/// Whoever asks for it: what one detector takes is not looked at by another.
fn scan_as_it_is(text: &[u8]) -> Hits {
    let mut hits = Hits::default();
    // Everything before it is done with.
    let mut at = 0;
    marks::each(text, |mark| {
        if mark >= at {
            at = look_around(text, at, mark, &mut hits);
        }
    });
    hits
}

/// Looks at what a mark is a sign of: the word around it, the word that ends there, the one that begins behind it. Gives
/// the place before which nothing is left to look at.
#[inline(never)]
fn look_around(text: &[u8], at: usize, mark: usize, hits: &mut Hits) -> usize {
    let is_word = |at: usize| text.get(at).is_some_and(|byte| class(*byte) & WORD != 0);
    match text[mark] {
        b'@' => {
            let end = email::end(text, mark);
            if end.is_some() {
                hits.certain.add(Detector::Email);
            }
            end.unwrap_or(mark + 1)
        }
        // Of the keys that begin so and may go on without another mark.
        b'A' if matches!(text.get(mark + 1), Some(b'K' | b'S' | b'I')) && (mark == at || !is_word(mark - 1)) => {
            Word::around(text, at, mark).take(hits)
        }
        b'A' | b'/' => at,
        sign @ (b'.' | b'_' | b'-' | b':') => {
            let end = if mark > at && is_word(mark - 1) { Word::around(text, at, mark - 1).take(hits) } else { mark };
            match sign {
                b'-' | b':' if end <= mark && is_word(mark + 1) => Word::around(text, mark, mark + 1).take(hits),
                _ => end,
            }
        }
        _ => Word::around(text, at, mark).take(hits),
    }
}

/// A stretch of letters and digits between other bytes.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
    /// Classes of its bytes.
    seen: u8,
}

impl<'a> Word<'a> {
    /// The word that a place is in, but not what lies before `from`.
    fn around(text: &'a [u8], from: usize, place: usize) -> Self {
        let (mut start, mut end, mut seen) = (place, place, 0);
        while start > from && class(text[start - 1]) & WORD != 0 {
            start -= 1;
            seen |= class(text[start]);
        }
        while let Some(byte) = text.get(end)
            && class(*byte) & WORD != 0
        {
            seen |= class(*byte);
            end += 1;
        }
        Self { text, start, end, seen }
    }

    /// Looks at the word. Gives the end of what was found, or its own.
    fn take(self, hits: &mut Hits) -> usize {
        let found = if self.is_ordinary() { None } else { self.look(hits) };
        found.unwrap_or(self.end)
    }

    fn bytes(&self) -> &'a [u8] {
        &self.text[self.start..self.end]
    }

    fn len(&self) -> usize {
        self.end - self.start
    }

    /// The byte so far before the word; 1 is the one next to it.
    fn before(&self, distance: usize) -> Option<u8> {
        self.text.get(self.start.checked_sub(distance)?).copied()
    }

    /// The byte so far behind the word; 0 is the one next to it.
    fn after(&self, distance: usize) -> Option<u8> {
        self.text.get(self.end + distance).copied()
    }

    /// Whether groups like this first one begin anything that is looked for: most numbers are amounts and dates.
    fn may_be_long(self) -> bool {
        if matches!(self.before(1), Some(b'+' | b'(')) || self.bytes().starts_with(b"00") {
            return true;
        }
        // A phone number, which may have groups behind a stroke; an SSN; a DNI; one of plain digits.
        if self.text[self.start] == b'0' {
            return self.after(0) == Some(b'/') || self.digits_ahead() >= 8;
        }
        match self.len() {
            // Several groups: a card or a NIR, a Steuer-ID, an SSN or a phone number, a card or a BSN.
            1 | 2 => self.digits_ahead() >= 11,
            3 | 4 => self.digits_ahead() >= 9,
            8 | 9 | 11 | 13..=19 => true,
            _ => false,
        }
    }

    /// Digits from here on that one and the same separator parts, as many as anything that is looked for may have.
    fn digits_ahead(self) -> usize {
        let (mut digits, mut at) = (self.len(), self.end);
        let Some(separator) = self.after(0).filter(|byte| matches!(byte, b' ' | b'-' | b'.' | b'/')) else {
            return digits;
        };
        while digits < 20
            && let Some(next) = groups::behind(self.text, at, separator)
            && self.text.get(next).is_some_and(u8::is_ascii_digit)
        {
            at = next;
            while digits < 20 && self.text.get(at).is_some_and(u8::is_ascii_digit) {
                digits += 1;
                at += 1;
            }
        }
        digits
    }

    /// Words and numbers that nothing which is looked for begins with: short, and not tied to what follows.
    #[inline]
    fn is_ordinary(self) -> bool {
        let next = self.after(0);
        let led = matches!(self.before(1), Some(b':' | b'-' | b'('));
        match self.seen {
            LETTER => self.len() < 20 && !led && !matches!(next, Some(b'_' | b'-' | b'.' | b':')),
            DIGIT => {
                let twice = next == Some(b' ') && self.after(1) == next;
                let more = self.after(1 + usize::from(twice)).is_some_and(|byte| byte.is_ascii_digit());
                let tied = more && matches!(next, Some(b' ' | b'-' | b'.' | b'/')) || next == Some(b':');
                self.len() < 7 && !led && self.before(1) != Some(b'+') && !tied
            }
            _ => false,
        }
    }

    /// Where what was found ends, beyond the word or at its end.
    #[inline(never)]
    fn look(self, hits: &mut Hits) -> Option<usize> {
        if self.seen != DIGIT
            && let Some(end) = secret::end(self)
        {
            hits.certain.add(Detector::Secret);
            return Some(end);
        }
        if let Some(end) = ip::v6_end(self) {
            hits.certain.add(Detector::IpAddress);
            return Some(end);
        }
        match self.seen {
            DIGIT => self.number(hits),
            LETTER => None,
            _ => self.mixed(hits),
        }
    }

    /// Letters and digits.
    fn mixed(self, hits: &mut Hits) -> Option<usize> {
        if let Some((end, is)) = iban::end(self) {
            if is {
                hits.certain.add(Detector::Iban);
            }
            return Some(end);
        }
        let found = [
            (Detector::EsDni, national::es_dni as fn(&[u8]) -> bool),
            (Detector::ItCodiceFiscale, national::it_codice_fiscale),
            (Detector::FrNir, national::fr_nir),
            (Detector::CnResidentId, national::cn_resident_id),
        ]
        .into_iter()
        .find(|(_, is)| is(self.bytes()))?;
        hits.certain.add(found.0);
        Some(self.end)
    }

    /// Digits alone, perhaps the first of several groups.
    fn number(self, hits: &mut Hits) -> Option<usize> {
        // The fraction of a number, or a later part of something dotted.
        if self.before(1) == Some(b'.') && self.before(2).is_some_and(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let fraction = self.after(0) == Some(b'.') && self.after(1).is_some_and(|byte| byte.is_ascii_digit());
        if fraction && let Some(end) = coordinates::pair_end(self) {
            hits.certain.add(Detector::Coordinates);
            return Some(end);
        }
        if fraction && let Some(end) = ip::v4_end(self) {
            hits.certain.add(Detector::IpAddress);
            return Some(end);
        }
        if self.may_be_long() { self.long_number(hits) } else { None }
    }

    fn long_number(self, hits: &mut Hits) -> Option<usize> {
        let groups = Groups::at(self.text, self.start);
        let certain = [
            (Detector::PaymentCard, payment_card::end(&groups)),
            (Detector::FrNir, national::fr_nir_end(&groups)),
            (Detector::CnResidentId, national::cn_resident_id_end(&groups)),
            (Detector::BrCpf, national::br_cpf_end(self)),
            (Detector::UsSsn, national::us_ssn_end(&groups)),
            (Detector::EsDni, national::es_dni_end(self)),
            (Detector::NlBsn, national::nl_bsn_end(&groups)),
            (Detector::Phone, phone::end(self, &groups)),
        ];
        if let Some((detector, end)) = certain.into_iter().find_map(|(detector, end)| Some((detector, end?))) {
            hits.certain.add(detector);
            // What the words around it say may mean another number of the same form.
            if detector == Detector::UsSsn {
                national::weak(&groups, hits);
            }
            return Some(end);
        }
        national::weak(&groups, hits)
    }
}

#[cfg(test)]
mod tests;
