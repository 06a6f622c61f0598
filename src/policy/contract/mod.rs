//! What a data contract promises about tables: its rules, whatever document they were read from.

mod bound;
mod compatible;
mod declaration;
mod moment;
mod number;
mod pattern;
mod time_format;

pub use bound::{Bound, Test};
pub use compatible::breaks;
pub use declaration::{Declaration, Declarations, Server};
pub use moment::{Moment, time_of_day};
pub use number::{Edge, Number, Range};
pub use pattern::{Pattern, PatternError};
pub use time_format::TimeFormat;

use crate::policy::Digest;
use std::collections::BTreeSet;
use std::fmt;

/// A contract in a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    pub id: String,
    pub version: String,
    pub objects: Vec<Object>,
    /// What stands outside of the objects and nothing evaluates.
    pub unevaluated: Vec<Unevaluated>,
}

impl Contract {
    /// Places of the objects that a name may mean: the one that has it, or else all whose tables are stored under it.
    pub fn objects_called(&self, name: &str) -> Vec<usize> {
        let all = || self.objects.iter().enumerate();
        if let Some((place, _)) = all().find(|(_, object)| object.name == name) {
            return vec![place];
        }
        all().filter(|(_, object)| object.physical_name.as_deref() == Some(name)).map(|(place, _)| place).collect()
    }
}

/// What is promised about one table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object {
    pub name: String,
    /// The name of the table where it is stored.
    pub physical_name: Option<String>,
    pub columns: Vec<Column>,
    pub rules: Vec<Rule>,
    pub freshness: Vec<Freshness>,
    pub unevaluated: Vec<Unevaluated>,
}

/// What is promised about one column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    /// As the data names it.
    pub name: String,
    /// As the contract names it.
    pub property: String,
    pub logical: Option<Logical>,
    pub stored: Option<Stored>,
    /// No value is missing.
    pub required: bool,
    /// No value stands twice.
    pub unique: bool,
    /// Part of the primary key.
    pub key: bool,
    /// Of numbers; of nanoseconds since 1970 for dates and timestamps, since midnight for times.
    pub range: Range,
    /// Characters of texts.
    pub lengths: Lengths,
    pub pattern: Option<Pattern>,
    pub allowed: Option<Values>,
    pub form: Option<Form>,
    /// Whether timestamps must say their zone.
    pub zoned: Option<bool>,
    /// Numbers are multiples of it.
    pub multiple_of: Option<i64>,
    pub classification: Option<String>,
}

impl Column {
    /// Whether its values may be shown to people: nobody called them anything but public.
    pub fn is_public(&self) -> bool {
        self.classification.as_ref().is_none_or(|class| class.trim().eq_ignore_ascii_case("public"))
    }
}

/// What values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logical {
    Text,
    Integer,
    Number,
    Boolean,
    Date,
    Timestamp,
    Time,
}

impl fmt::Display for Logical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Time => "time",
        })
    }
}

/// How values are stored, as far as a file can show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// As the contract writes it.
    pub name: String,
    pub family: Family,
    /// Integers of the type lie in it.
    pub range: Range,
    /// Texts of the type have at most so many characters.
    pub max_length: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Text,
    Integer,
    Float,
    /// With so many digits together, and so many of them after the point.
    Decimal {
        digits: Option<u32>,
        after_point: Option<u32>,
    },
    Boolean,
    Date,
    Timestamp {
        /// Whether it has a zone; `None`: not everywhere where it is called so.
        zoned: Option<bool>,
        /// So many digits of a second.
        after_point: Option<u32>,
    },
    Time {
        after_point: Option<u32>,
    },
}

/// Fewest and most characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lengths {
    pub min: Option<u64>,
    pub max: Option<u64>,
}

/// What texts look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    Uuid,
    Ipv4,
    Ipv6,
    /// Of days and times.
    Time(TimeFormat),
}

/// A set of values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    pub texts: BTreeSet<String>,
    pub numbers: BTreeSet<Number>,
    /// Whether a cell without a value is one of them.
    pub null: bool,
}

impl Values {
    pub fn is_within(&self, other: &Self) -> bool {
        self.texts.is_subset(&other.texts) && self.numbers.is_subset(&other.numbers) && (other.null || !self.null)
    }
}

/// A count of rows and its bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub counted: Counted,
    pub bound: Bound,
    /// Of a hundred rows.
    pub percent: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    Rows,
    /// Without a value.
    Nulls {
        column: String,
    },
    /// With one of these, which stand for none.
    Missing {
        column: String,
        values: Values,
    },
    /// With a value that is none of these, or that does not match.
    Invalid {
        column: String,
        allowed: Option<Values>,
        pattern: Option<Pattern>,
    },
    /// That repeat an earlier row in these columns.
    Duplicates {
        columns: Vec<String>,
    },
}

impl Counted {
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Rows => Vec::new(),
            Self::Nulls { column } | Self::Missing { column, .. } | Self::Invalid { column, .. } => vec![column],
            Self::Duplicates { columns } => columns.iter().map(String::as_str).collect(),
        }
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rows => "rowCount",
            Self::Nulls { .. } => "nullValues",
            Self::Missing { .. } => "missingValues",
            Self::Invalid { .. } => "invalidValues",
            Self::Duplicates { .. } => "duplicateValues",
        })
    }
}

/// The newest value of a column of dates or timestamps is at most so old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    pub column: String,
    pub seconds: u64,
}

/// A part of a contract that nothing here evaluates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unevaluated {
    /// What it is: `sql`, `text`, `custom`, `sla`, …
    pub kind: &'static str,
    /// Where it stands: `applications.income.format`; a rule by what it says: `applications.quality.5f1c0a9be2d4`.
    pub at: String,
    /// What it says, to compare one version with another.
    pub said: Digest,
}
