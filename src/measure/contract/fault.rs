//! What is wrong with a value, and the words for it.

use super::column::shown_name;
use crate::policy::contract::{Column, Edge, Logical};

/// What a value may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Missing,
    NotFinite,
    Type,
    Stored,
    Below,
    Above,
    Short,
    Long,
    Pattern,
    NotAllowed,
    Form,
    Multiple,
    Zone,
}

pub const FAULTS: [Fault; 13] = [
    Fault::Missing,
    Fault::NotFinite,
    Fault::Type,
    Fault::Stored,
    Fault::Below,
    Fault::Above,
    Fault::Short,
    Fault::Long,
    Fault::Pattern,
    Fault::NotAllowed,
    Fault::Form,
    Fault::Multiple,
    Fault::Zone,
];

/// Those that one value shows, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults(u16);

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u16;
    }

    pub fn has(self, fault: Fault) -> bool {
        self.0 & 1 << fault as u16 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Fault {
    /// What a column's values are told to be.
    pub fn words(self, column: &Column) -> String {
        let edge = |edge: Option<Edge>| match column.logical {
            // Of moments the edge is a count of nanoseconds.
            Some(Logical::Integer | Logical::Number) | None => {
                edge.map(|edge| format!(" {}", edge.at)).unwrap_or_default()
            }
            Some(Logical::Text | Logical::Boolean | Logical::Date | Logical::Timestamp | Logical::Time) => {
                String::new()
            }
        };
        match self {
            Fault::Missing => "missing".to_owned(),
            Fault::NotFinite => "NaN or infinite".to_owned(),
            Fault::Type => match column.logical {
                Some(logical) => format!("no {logical}"),
                None => "of another type".to_owned(),
            },
            Fault::Stored => {
                format!("not {}", column.stored.as_ref().map(|stored| shown_name(&stored.name)).unwrap_or_default())
            }
            Fault::Below => format!("below the minimum{}", edge(column.range.low)),
            Fault::Above => format!("above the maximum{}", edge(column.range.high)),
            Fault::Short => "too short".to_owned(),
            Fault::Long => "too long".to_owned(),
            Fault::Pattern => "not of the pattern".to_owned(),
            Fault::NotAllowed => "not allowed".to_owned(),
            Fault::Form => "not of the format".to_owned(),
            Fault::Multiple => "no multiple".to_owned(),
            Fault::Zone => "with or without a zone".to_owned(),
        }
    }
}
