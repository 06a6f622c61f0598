//! Groups of digits with one and the same separator between them: `4111 1111 1111 1111`, `078-05-1120`. Two spaces are one.

/// More groups than any number that is looked for has.
const MOST: usize = 8;

/// The place behind a separator that stands here.
pub fn behind(text: &[u8], at: usize, separator: u8) -> Option<usize> {
    match text.get(at..)? {
        [b' ', b' ', ..] if separator == b' ' => Some(at + 2),
        [first, ..] if *first == separator => Some(at + 1),
        _ => None,
    }
}

/// A run of groups, the first of which is a whole word.
pub struct Groups<'a> {
    pub text: &'a [u8],
    bounds: [(usize, usize); MOST],
    count: usize,
    /// Between the groups; `None` of a single one.
    pub separator: Option<u8>,
    /// More of the same follows, or the last group goes on as a word of letters.
    goes_on: bool,
    /// More of the same stands before.
    began_before: bool,
}

impl<'a> Groups<'a> {
    /// The groups that begin here, where a word of digits begins.
    pub fn at(text: &'a [u8], start: usize) -> Self {
        let digits_from = |from: usize| {
            let rest = text.get(from..).unwrap_or_default();
            // Longer groups are of no number that is looked for; they are cut, and then fit no shape.
            from + rest.iter().take(32).take_while(|byte| byte.is_ascii_digit()).count()
        };
        let mut bounds = [(0, 0); MOST];
        bounds[0] = (start, digits_from(start));
        let (mut count, mut separator, mut goes_on) = (1, None, false);
        let mut end = bounds[0].1;
        while let Some(byte) = text.get(end).copied()
            && matches!(byte, b' ' | b'-' | b'.' | b'/')
            && separator.is_none_or(|known| known == byte)
            && let Some(from) = behind(text, end, byte)
            && text.get(from).is_some_and(u8::is_ascii_digit)
        {
            let next = (from, digits_from(from));
            let letters = text.get(next.1).is_some_and(u8::is_ascii_alphabetic);
            // `12 4th` is a number and then a word; `12-4th` is one thing.
            if letters && byte == b' ' {
                break;
            }
            let Some(slot) = bounds.get_mut(count).filter(|_| !letters) else {
                goes_on = true;
                break;
            };
            *slot = next;
            separator = Some(byte);
            count += 1;
            end = next.1;
        }
        let tied = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'-' | b'.' | b'/'));
        let after = || text.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        goes_on |= tied(text.get(end)) && after();
        let before = |distance: usize| start.checked_sub(distance).and_then(|at| text.get(at));
        let began_before = tied(before(1)) && before(2).is_some_and(u8::is_ascii_alphanumeric);
        Self { text, bounds, count, separator, goes_on, began_before }
    }

    /// Where groups of exactly these lengths end. Between spaces, other numbers may follow; with any other separator
    /// nothing more may be tied to them, before or behind.
    pub fn shape(&self, lengths: &[usize]) -> Option<usize> {
        let fits = self.count >= lengths.len()
            && lengths.iter().zip(&self.bounds).all(|(length, (start, end))| end - start == *length);
        let last = lengths.len().checked_sub(1)?;
        let alone = match (self.separator, last) {
            (Some(b' '), _) => true,
            _ => self.count == lengths.len() && !self.goes_on && !self.began_before,
        };
        (fits && alone).then(|| self.bounds[last].1)
    }

    /// As [`Self::shape`], for what is tied to something before it.
    pub fn shape_behind(&self, lengths: &[usize]) -> Option<usize> {
        Self { began_before: false, bounds: self.bounds, ..*self }.shape(lengths)
    }

    /// A single group that is not tied to others: its end and its digits.
    pub fn plain(&self) -> Option<(usize, &'a [u8])> {
        let (start, end) = self.bounds[0];
        let alone = self.count == 1 && !self.goes_on || self.separator == Some(b' ');
        alone.then(|| (end, &self.text[start..end]))
    }

    /// The digits up to an end, without what parts them.
    pub fn digits(&self, end: usize) -> Digits {
        let mut digits = Digits::default();
        let until = self.bounds[..self.count].iter().filter(|(_, last)| *last <= end);
        until.flat_map(|(start, end)| &self.text[*start..*end]).for_each(|byte| digits.push(*byte));
        digits
    }

    pub fn start(&self) -> usize {
        self.bounds[0].0
    }
}

/// Up to 20 digits, as numbers.
#[derive(Default)]
pub struct Digits {
    values: [u8; 20],
    count: usize,
}

impl Digits {
    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.values.get_mut(self.count) {
            *slot = byte - b'0';
            self.count += 1;
        }
    }

    pub fn of(text: &[u8]) -> Self {
        let mut digits = Self::default();
        text.iter().filter(|byte| byte.is_ascii_digit()).for_each(|byte| digits.push(*byte));
        digits
    }

    pub fn values(&self) -> &[u8] {
        &self.values[..self.count]
    }

    /// Some of them as one number.
    pub fn number(&self, from: usize, to: usize) -> u64 {
        self.values().get(from..to).unwrap_or_default().iter().fold(0, |number, digit| number * 10 + u64::from(*digit))
    }
}
