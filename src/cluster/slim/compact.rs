//! Small sets and maps that are built once. A `BTreeMap` of texts takes 540 bytes for one entry.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Borrow;
use std::fmt;

/// Texts by key, in order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Box<[(Box<str>, Box<str>)]>);

/// Values in order, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T>(Box<[T]>);

impl Words {
    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(k, _)| (**k).cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| &**value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Box<str>, Box<str>)> for Words {
    /// The first of several values of a key counts.
    fn from_iter<I: IntoIterator<Item = (Box<str>, Box<str>)>>(pairs: I) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        pairs.dedup_by(|later, first| later.0 == first.0);
        Self(pairs.into())
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        words_where(deserializer, |_| true)
    }
}

/// Reads the entries whose keys are wanted and passes over the rest.
pub(super) fn words_where<'de, D: Deserializer<'de>>(
    deserializer: D,
    wanted: impl Fn(&str) -> bool,
) -> Result<Words, D::Error> {
    struct Read<F>(F);
    impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Read<F> {
        type Value = Words;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("texts by key")
        }
        fn visit_unit<E>(self) -> Result<Words, E> {
            Ok(Words::default())
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Words, A::Error> {
            let mut pairs = Vec::new();
            while let Some(key) = map.next_key::<Box<str>>()? {
                if (self.0)(&key) {
                    pairs.push((key, map.next_value()?));
                } else {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
            Ok(pairs.into_iter().collect())
        }
    }
    deserializer.deserialize_any(Read(wanted))
}

impl<T: Ord> Set<T> {
    pub fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.binary_search_by(|item| item.borrow().cmp(value)).is_ok()
    }
}

impl<T> Set<T> {
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<'a, T> IntoIterator for &'a Set<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        Self(values.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_key() {
        let words: Words = serde_json::from_str(r#"{"b": "2", "a": "1", "c": ""}"#).unwrap();
        assert_eq!((words.get("a"), words.get("c"), words.get("d")), (Some("1"), Some(""), None));
        assert_eq!(words.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2"), ("c", "")]);
        assert!(serde_json::from_str::<Words>("null").unwrap().is_empty());
        assert!(serde_json::from_str::<Words>(r#"{"a": 1}"#).is_err());
        assert!(serde_json::from_str::<Words>(r#""odd""#).is_err());
    }

    #[test]
    fn a_set_holds_each_value_once() {
        let set: Set<Box<str>> = ["b", "a", "b"].into_iter().map(Into::into).collect();
        assert_eq!(set.len(), 2);
        assert!(set.contains("a") && set.contains("b") && !set.contains("c"));
    }
}
