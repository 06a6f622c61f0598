//! Numbers that compare exactly, whole ones of any size with broken ones, and ranges of them.

use std::cmp::Ordering;
use std::fmt;

/// A finite number. Whole ones are exact up to 38 digits.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    Whole(i128),
    /// Not whole, or too large to tell.
    Real(f64),
}

/// Doubles below it that are whole fit a whole number.
const WHOLE: f64 = 1e38;

impl Number {
    /// `None` for NaN and infinities.
    pub fn real(value: f64) -> Option<Self> {
        match value {
            _ if !value.is_finite() => None,
            _ if value.fract() == 0.0 && value.abs() < WHOLE => Some(Self::Whole(value as i128)),
            _ => Some(Self::Real(value)),
        }
    }

    /// Of a text: `17`, `-0.5`, `1e3`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(whole) = text.parse::<i128>() {
            return Some(Self::Whole(whole));
        }
        text.parse::<f64>().ok().and_then(Self::real)
    }

    pub fn is_whole(self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Real(value) => value.fract() == 0.0,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            // Both are finite.
            (Self::Real(a), Self::Real(b)) => a.total_cmp(&b),
            (Self::Whole(a), Self::Real(b)) => whole_with_real(a, b),
            (Self::Real(a), Self::Whole(b)) => whole_with_real(b, a).reverse(),
        }
    }
}

fn whole_with_real(whole: i128, real: f64) -> Ordering {
    if real.abs() >= WHOLE {
        // Beyond every whole number here but the very largest, which a double cannot tell apart.
        return if real > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    let floor = real.floor();
    whole.cmp(&(floor as i128)).then(if real > floor { Ordering::Less } else { Ordering::Equal })
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:?}"),
        }
    }
}

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub at: Number,
    /// The edge itself is outside.
    pub exclusive: bool,
}

/// From a lowest to a highest number; open where there is no edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    pub low: Option<Edge>,
    pub high: Option<Edge>,
}

impl Range {
    /// Both ends belong to it.
    pub fn between(low: i128, high: i128) -> Self {
        let edge = |at| Some(Edge { at: Number::Whole(at), exclusive: false });
        Self { low: edge(low), high: edge(high) }
    }

    pub fn is_below(&self, number: Number) -> bool {
        self.low.is_some_and(|low| number < low.at || low.exclusive && number == low.at)
    }

    pub fn is_above(&self, number: Number) -> bool {
        self.high.is_some_and(|high| number > high.at || high.exclusive && number == high.at)
    }

    /// The lowest numbers up to this edge go, too.
    pub fn raise(&mut self, edge: Edge) {
        let tighter = self.low.is_none_or(|low| edge.at > low.at || edge.at == low.at && edge.exclusive);
        if tighter {
            self.low = Some(edge);
        }
    }

    /// The highest numbers down to this edge go, too.
    pub fn lower(&mut self, edge: Edge) {
        let tighter = self.high.is_none_or(|high| edge.at < high.at || edge.at == high.at && edge.exclusive);
        if tighter {
            self.high = Some(edge);
        }
    }

    /// Whether everything in it is in the other.
    pub fn is_within(&self, other: &Self) -> bool {
        let low = match (self.low, other.low) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(low)) => own.at > low.at || own.at == low.at && (own.exclusive || !low.exclusive),
        };
        let high = match (self.high, other.high) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(high)) => own.at < high.at || own.at == high.at && (own.exclusive || !high.exclusive),
        };
        low && high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_broken_numbers_compare_exactly() {
        let cases = [
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("1.0", "1", Ordering::Equal),
            ("-0", "0.0", Ordering::Equal),
            ("0.5", "1", Ordering::Less),
            ("-0.5", "-1", Ordering::Greater),
            ("1e300", "170141183460469231731687303715884105727", Ordering::Greater),
            ("-1e300", "0", Ordering::Less),
            ("0.1", "0.10", Ordering::Equal),
        ];
        for (one, two, order) in cases {
            let (one, two) = (Number::parse(one).unwrap(), Number::parse(two).unwrap());
            assert_eq!((one.cmp(&two), two.cmp(&one)), (order, order.reverse()), "{one} {two}");
        }
        for text in ["", " 1", "1,5", "0x10", "NaN", "inf", "-Infinity", "1e999", "--1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn edges() {
        let edge = |at: &str, exclusive| Edge { at: Number::parse(at).unwrap(), exclusive };
        let mut range = Range::default();
        range.raise(edge("0", false));
        range.raise(edge("0", true));
        range.raise(edge("-1", true));
        range.lower(edge("10", false));
        range.lower(edge("11", false));
        let out = |text: &str| {
            let number = Number::parse(text).unwrap();
            (range.is_below(number), range.is_above(number))
        };
        assert_eq!(
            [out("0"), out("0.001"), out("10"), out("10.001")],
            [(true, false), (false, false), (false, false), (false, true)]
        );
        assert!(range.is_within(&Range::between(0, 10)) && !Range::between(0, 10).is_within(&range));
        assert!(range.is_within(&Range::default()) && !Range::default().is_within(&range));
    }
}
