//! What a check counts beside the number that it compares: kept with the finding, so that risk and later revisions can
//! be told by it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Largest count that every reader of JSON takes exactly; more are counted as this many.
pub const MOST: u64 = (1 << 53) - 1;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Count {
    /// Tests that were not skipped.
    TestsRan,
    TestsSkipped,
    /// Features that an explanation lists.
    Features,
    /// Data quality, 0 to 1, in millionths: see [`super::check::DataContract::quality`].
    QualityMillionths,
    /// How far a number is from those of earlier revisions, in percent of what the gate allows.
    AnomalyPercent,
}

impl Count {
    pub const ALL: [Self; 5] =
        [Self::TestsRan, Self::TestsSkipped, Self::Features, Self::QualityMillionths, Self::AnomalyPercent];

    /// As it is written in objects.
    pub fn name(self) -> &'static str {
        match self {
            Self::TestsRan => "testsRan",
            Self::TestsSkipped => "testsSkipped",
            Self::Features => "features",
            Self::QualityMillionths => "qualityMillionths",
            Self::AnomalyPercent => "anomalyPercent",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|count| count.name() == name)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Each at most [`MOST`].
pub type Counts = BTreeMap<Count, u64>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json() {
        for count in Count::ALL {
            assert_eq!(serde_json::to_value(count).unwrap(), count.name());
            assert_eq!(Count::named(count.name()), Some(count));
        }
        assert_eq!(Count::named("shoes"), None);
    }
}
