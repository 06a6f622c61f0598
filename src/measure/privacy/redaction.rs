//! Whether the cells of a column are the tokens or masks they should be. No value leaves this module.

use super::clear_text::{ClearText, GivenAway};
use super::personal::{Found, Looked};
use crate::measure::MeasureError;
use crate::measure::Table;
use crate::measure::plain_cells::Plain;
use crate::policy::check::{Redacted, TokenForm};

/// What the cells of one column look like.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    /// Cells that are not empty.
    pub cells: u64,
    /// Cells that are not of the form: another alphabet, another length than asked, no prefix.
    pub ill_formed: u64,
    /// Shortest and longest token, in characters behind the prefix.
    pub lengths: Option<(usize, usize)>,
    /// Bits a character, over all well-formed tokens; 0 of none.
    pub entropy: f64,
    /// Personal data in the cells.
    pub found: Found,
    pub given_away: GivenAwayCells,
}

/// Cells that give a value of the clear text away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GivenAwayCells {
    pub in_clear: u64,
    pub encoded: u64,
    pub hashed: u64,
}

/// Looks at every cell of the columns of a rule, in the order of the rule, and whether it gives away any of `clear`.
///
/// # Errors
/// A column that is not there; those of the reader.
pub fn look(table: &Table, rule: &Redacted, clear: Option<&ClearText>) -> Result<Vec<Looks>, MeasureError> {
    let positions: Vec<usize> = rule.columns.iter().map(|name| table.position(name)).collect::<Result<_, _>>()?;
    let mut columns: Vec<Column> = rule.columns.iter().map(|name| Column::new(name)).collect();
    table.plain_values(&positions, &mut |at, value, rows| {
        columns[at].see(rule, clear, value, rows);
        Ok(())
    })?;
    Ok(columns.into_iter().map(Column::looks).collect())
}

struct Column {
    cells: u64,
    ill_formed: u64,
    lengths: Option<(usize, usize)>,
    characters: [u64; 256],
    looked: Looked,
    given_away: GivenAwayCells,
}

impl Column {
    fn new(name: &str) -> Self {
        let looked = Looked::new(name, false);
        let given_away = GivenAwayCells::default();
        Self { cells: 0, ill_formed: 0, lengths: None, characters: [0; 256], looked, given_away }
    }

    fn see(&mut self, rule: &Redacted, clear: Option<&ClearText>, value: Plain<'_>, rows: u64) {
        self.looked.see(value, rows);
        let digits;
        let text = match value {
            Plain::Null => return,
            Plain::Text(text) => text,
            Plain::Whole(number) => {
                digits = number.to_string();
                digits.as_bytes()
            }
            // Neither is a token in any form.
            Plain::Real(_) | Plain::Decimal(..) | Plain::Scaled(_) => b"",
        };
        self.cells += rows;
        // Of a cell that is no token, too.
        let body = rule.prefix.as_ref().and_then(|prefix| text.strip_prefix(prefix.as_bytes())).unwrap_or(text);
        match clear.and_then(|clear| clear.given_away(body)) {
            Some(GivenAway::InClear) => self.given_away.in_clear += rows,
            Some(GivenAway::Encoded) => self.given_away.encoded += rows,
            Some(GivenAway::Hashed) => self.given_away.hashed += rows,
            None => {}
        }
        let Some(token) = token(rule, text) else {
            self.ill_formed += rows;
            return;
        };
        if rule.form == TokenForm::Mask {
            return;
        }
        let (shortest, longest) = self.lengths.unwrap_or((token.len(), token.len()));
        self.lengths = Some((shortest.min(token.len()), longest.max(token.len())));
        token.iter().for_each(|byte| self.characters[usize::from(*byte)] += rows);
    }

    fn looks(self) -> Looks {
        let all = self.characters.iter().sum::<u64>() as f64;
        let shares = self.characters.iter().filter(|count| **count > 0).map(|count| *count as f64 / all);
        let entropy = shares.map(|share| -share * share.log2()).sum();
        Looks {
            cells: self.cells,
            ill_formed: self.ill_formed,
            lengths: self.lengths,
            entropy,
            found: self.looked.found(),
            given_away: self.given_away,
        }
    }
}

/// The token of a cell without its prefix, if it is one.
fn token<'a>(rule: &Redacted, text: &'a [u8]) -> Option<&'a [u8]> {
    let body = match &rule.prefix {
        Some(prefix) => text.strip_prefix(prefix.as_bytes())?,
        None => text,
    };
    let long_enough = rule.length.map_or(!body.is_empty(), |length| body.len() == length as usize);
    let all = |allowed: fn(u8) -> bool| body.iter().all(|byte| allowed(*byte));
    let formed = match rule.form {
        TokenForm::Mask => is_mask(body),
        TokenForm::Hex => all(|byte| byte.is_ascii_hexdigit()),
        TokenForm::Base64 => {
            let unpadded = body.strip_suffix(b"==").or(body.strip_suffix(b"=")).unwrap_or(body);
            unpadded.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
        }
        TokenForm::Uuid => is_uuid(body),
        TokenForm::Alphanumeric => all(|byte| byte.is_ascii_alphanumeric()),
    };
    (formed && long_enough).then_some(body)
}

fn is_mask(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    !text.is_empty()
        && text.chars().all(|c| "*#Xx•●█-_ .@/()+".contains(c))
        && text.chars().any(|c| "*#Xx•●█".contains(c))
}

fn is_uuid(body: &[u8]) -> bool {
    body.len() == 36
        && body.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
