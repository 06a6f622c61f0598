//! Bounds on a count or a share of rows.

use std::fmt;

/// All of its tests hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bound(Vec<Test>);

/// One comparison with finite numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Test {
    Is(f64),
    IsNot(f64),
    Above(f64),
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
    /// Not above the first and below the second.
    NotBetween(f64, f64),
}

/// Only finite numbers are in it.
impl Eq for Bound {}

impl Test {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Is(number) => value == number,
            Self::IsNot(number) => value != number,
            Self::Above(number) => value > number,
            Self::AtLeast(number) => value >= number,
            Self::Below(number) => value < number,
            Self::AtMost(number) => value <= number,
            Self::NotBetween(low, high) => value <= low || value >= high,
        }
    }

    /// Whether the other holds wherever this one does. Says no when it is not sure.
    fn implies(self, other: Self) -> bool {
        match (self, other) {
            (Self::Is(number), _) => other.holds(number),
            (Self::Below(own), Self::Below(number) | Self::AtMost(number)) => own <= number,
            (Self::AtMost(own), Self::AtMost(number)) => own <= number,
            (Self::AtMost(own), Self::Below(number)) => own < number,
            (Self::Above(own), Self::Above(number) | Self::AtLeast(number)) => own >= number,
            (Self::AtLeast(own), Self::AtLeast(number)) => own >= number,
            (Self::AtLeast(own), Self::Above(number)) => own > number,
            (
                Self::IsNot(_)
                | Self::Above(_)
                | Self::AtLeast(_)
                | Self::Below(_)
                | Self::AtMost(_)
                | Self::NotBetween(..),
                _,
            ) => self == other,
        }
    }
}

impl Bound {
    pub fn new(tests: Vec<Test>) -> Self {
        Self(tests)
    }

    /// Nothing at all is asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn holds(&self, value: f64) -> bool {
        self.0.iter().all(|test| test.holds(value))
    }

    /// Whether the other holds wherever this one does. Says no when it is not sure.
    pub fn implies(&self, other: &Self) -> bool {
        other.0.iter().all(|asked| self.0.iter().any(|own| own.implies(*asked)))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, test) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { " and " } else { "" })?;
            match test {
                Test::Is(number) => write!(f, "= {number}"),
                Test::IsNot(number) => write!(f, "!= {number}"),
                Test::Above(number) => write!(f, "> {number}"),
                Test::AtLeast(number) => write!(f, ">= {number}"),
                Test::Below(number) => write!(f, "< {number}"),
                Test::AtMost(number) => write!(f, "<= {number}"),
                Test::NotBetween(low, high) => write!(f, "not between {low} and {high}"),
            }?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_implies_what_also_holds_then() {
        let numbers = [-1.0, 0.0, 0.5, 1.0];
        let of = |number: f64| {
            [
                Test::Is(number),
                Test::IsNot(number),
                Test::Above(number),
                Test::AtLeast(number),
                Test::Below(number),
                Test::AtMost(number),
                Test::NotBetween(number, number + 0.5),
            ]
        };
        let tests: Vec<Test> = numbers.into_iter().flat_map(of).collect();
        for one in &tests {
            assert!(one.implies(*one), "{one:?}");
            for two in tests.iter().filter(|two| one.implies(**two)) {
                let values = [-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 2.0];
                assert!(values.iter().all(|value| !one.holds(*value) || two.holds(*value)), "{one:?} {two:?}");
            }
        }
        let at_most = |number| Bound::new(vec![Test::AtMost(number)]);
        assert!(at_most(1.0).implies(&at_most(2.0)) && !at_most(2.0).implies(&at_most(1.0)));
        assert!(at_most(1.0).implies(&Bound::default()) && !Bound::default().implies(&at_most(1.0)));
    }
}
