//! Groups that fairness gates compare. Gates that ask the same of one table are answered by one reading of it.

use crate::measure::fairness::{Groups, Roles};
use crate::policy::Digest;
use std::sync::Arc;

/// What was counted of one table: by each sensitive attribute or set of them, and in how many rows.
#[derive(Debug)]
pub struct Counts {
    pub groups: Vec<Groups>,
    pub rows: u64,
}

/// What decides the counts.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    table: Digest,
    slice: Option<String>,
    label: Option<String>,
    prediction: String,
    favorable: String,
    protected: Vec<Vec<(String, String)>>,
}

/// Counts so far; at most one for each gate.
#[derive(Debug, Default)]
pub struct Counted(Vec<(Asked, Arc<Counts>)>);

impl Counted {
    /// What was counted before, or is now by `count`.
    ///
    /// # Errors
    /// Those of `count`; they are not kept.
    pub fn of<E>(
        &mut self,
        table: &Digest,
        slice: Option<&str>,
        roles: Roles<'_>,
        count: impl FnOnce() -> Result<Counts, E>,
    ) -> Result<Arc<Counts>, E> {
        let pair = |(attribute, column): &(&str, &str)| ((*attribute).to_owned(), (*column).to_owned());
        let asked = Asked {
            table: table.clone(),
            slice: slice.map(str::to_owned),
            label: roles.label.map(str::to_owned),
            prediction: roles.prediction.to_owned(),
            favorable: roles.favorable.to_owned(),
            protected: roles.protected.iter().map(|set| set.iter().map(pair).collect()).collect(),
        };
        if let Some((_, counts)) = self.0.iter().find(|(known, _)| *known == asked) {
            return Ok(Arc::clone(counts));
        }
        let counts = Arc::new(count()?);
        self.0.push((asked, Arc::clone(&counts)));
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_not_counted_again() {
        let mut counted = Counted::default();
        let both = [vec![("race", "r")], vec![("sex", "s")]];
        let turned = [vec![("race", "s")], vec![("sex", "r")]];
        let roles = Roles { label: Some("y"), prediction: "p", protected: &both, favorable: "1" };
        let asked = [
            ("a", None, roles, 1),
            ("a", None, roles, 1),
            ("b", None, roles, 2),
            ("a", Some("age > 3"), roles, 3),
            ("a", None, Roles { label: None, ..roles }, 4),
            ("a", None, Roles { prediction: "q", ..roles }, 5),
            ("a", None, Roles { favorable: "0", ..roles }, 6),
            ("a", None, Roles { protected: &both[..1], ..roles }, 7),
            ("a", None, Roles { protected: &turned, ..roles }, 8),
            ("a", None, roles, 1),
        ];
        let mut times = 0;
        for (table, slice, roles, expected) in asked {
            let counts = counted.of(&Digest::of(table.as_bytes()), slice, roles, || {
                times += 1;
                Ok::<_, ()>(Counts { groups: Vec::new(), rows: times })
            });
            assert_eq!(counts.unwrap().rows, expected);
        }
        assert_eq!(counted.of(&Digest::of(b"c"), None, roles, || Err(())).map(drop), Err(()));
        assert_eq!(counted.of(&Digest::of(b"c"), None, roles, || Err(())).map(drop), Err(()));
    }
}
