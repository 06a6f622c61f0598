//! A JSON value that knows where it stands, so that what is nearly a format can say what is wrong and where.

use super::EvidenceError;
use crate::policy::Format;
use crate::policy::finding::clean;
use jiff::Timestamp;
use serde_json::Value;

/// Longest part of a place, in bytes.
const MAX_STEP: usize = 80;

/// A value and its place. Absent keys and `null` are the same.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    value: &'a Value,
    at: String,
    format: Format,
}

impl<'a> Node<'a> {
    /// The document as a whole, read as this format.
    pub fn root(format: Format, value: &'a Value) -> Self {
        Self { value, at: String::new(), format }
    }

    /// One line of a document of lines.
    pub fn line(format: Format, index: usize, value: &'a Value) -> Self {
        Self { value, at: format!("line {} ", index.saturating_add(1)), format }
    }

    pub fn format(&self) -> Format {
        self.format
    }

    pub fn value(&self) -> &'a Value {
        self.value
    }

    fn step(&self, value: &'a Value, step: &str) -> Self {
        // A place is for people; everything below a long key would take a copy of it.
        let step = clean(step, MAX_STEP).replace('~', "~0").replace('/', "~1");
        Self { value, at: format!("{}/{step}", self.at), format: self.format }
    }

    /// What stands under a key, unless it is absent or `null`.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.value.get(key).filter(|value| !value.is_null()).map(|value| self.step(value, key))
    }

    /// The first of several keys that is there: tools rename.
    pub fn any(&self, keys: &[&str]) -> Option<Node<'a>> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// What must stand under a key.
    ///
    /// # Errors
    /// `Shape` with the place, and what was expected there.
    pub fn need(&self, key: &str, expected: &'static str) -> Result<Node<'a>, EvidenceError> {
        let absent = || EvidenceError::Shape { format: self.format, at: format!("{}/{key}", self.at), expected };
        self.get(key).ok_or_else(absent)
    }

    /// This value is not what it should be.
    pub fn wrong(&self, expected: &'static str) -> EvidenceError {
        EvidenceError::Shape { format: self.format, at: self.place().to_owned(), expected }
    }

    /// JSON pointer of this value; `/` for the whole document.
    pub fn place(&self) -> &str {
        if self.at.is_empty() { "/" } else { &self.at }
    }

    pub fn text(&self) -> Result<&'a str, EvidenceError> {
        self.value.as_str().ok_or_else(|| self.wrong("text"))
    }

    pub fn flag(&self) -> Result<bool, EvidenceError> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// A whole number that is not negative; `3.0` counts.
    pub fn count(&self) -> Result<u64, EvidenceError> {
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        let whole = self.value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=LARGEST).contains(n));
        let count = self.value.as_u64().or_else(|| whole.map(|n| n as u64));
        count.ok_or_else(|| self.wrong("a count"))
    }

    /// A finite number.
    pub fn number(&self) -> Result<f64, EvidenceError> {
        self.value.as_f64().filter(|n| n.is_finite()).ok_or_else(|| self.wrong("a number"))
    }

    /// A finite number, which some formats write as text.
    pub fn number_or_text(&self) -> Result<f64, EvidenceError> {
        let parsed = self.value.as_str().and_then(|text| text.trim().parse::<f64>().ok());
        self.value.as_f64().or(parsed).filter(|n| n.is_finite()).ok_or_else(|| self.wrong("a number"))
    }

    /// A time as RFC 3339 writes it, with or without a fraction.
    pub fn time(&self) -> Result<Timestamp, EvidenceError> {
        time(self.text()?).ok_or_else(|| self.wrong("a time (RFC 3339)"))
    }

    pub fn items(&self) -> Result<impl Iterator<Item = Node<'a>> + use<'a>, EvidenceError> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("a list"))?;
        let here = self.clone();
        Ok(items.iter().enumerate().map(move |(index, item)| here.step(item, &index.to_string())))
    }

    /// Items under a key; none when the key is absent.
    pub fn items_of(&self, key: &str) -> Result<Vec<Node<'a>>, EvidenceError> {
        self.get(key).map(|node| node.items().map(Iterator::collect)).transpose().map(Option::unwrap_or_default)
    }

    pub fn entries(&self) -> Result<impl Iterator<Item = (&'a str, Node<'a>)> + use<'a>, EvidenceError> {
        let entries = self.value.as_object().ok_or_else(|| self.wrong("an object"))?;
        let here = self.clone();
        Ok(entries.iter().map(move |(key, value)| (key.as_str(), here.step(value, key))))
    }

    /// Text under a key, if it is there and text.
    pub fn text_of(&self, key: &str) -> Result<Option<&'a str>, EvidenceError> {
        self.get(key).map(|node| node.text()).transpose()
    }
}

/// RFC 3339, a date and time in UTC without zone (as Python writes it), or a date alone (its first moment, UTC).
pub fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn says_where_and_what() {
        let value = json!({"a/b": [{"n": "x", "m": 1.5, "z": null}], "t": "2026-01-02T03:04:05"});
        let root = Node::root(Format::Trivy, &value);
        let item = root.need("a/b", "a list").unwrap().items().unwrap().next().unwrap();
        let cases = [
            (item.get("n").unwrap().number().unwrap_err(), "/a~1b/0/n", "a number"),
            (item.get("m").unwrap().count().unwrap_err(), "/a~1b/0/m", "a count"),
            (item.need("z", "text").unwrap_err(), "/a~1b/0/z", "text"),
            (root.items().map(|_| ()).unwrap_err(), "/", "a list"),
        ];
        for (error, at, expected) in cases {
            assert_eq!(error, EvidenceError::Shape { format: Format::Trivy, at: at.into(), expected });
        }
        assert_eq!(root.get("t").unwrap().time().unwrap().to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(root.items_of("absent").unwrap().len(), 0);
    }

    #[test]
    fn times() {
        for (text, time_expected) in [
            ("2026-01-02", Some("2026-01-02T00:00:00Z")),
            ("2026-01-02T03:04:05+02:00", Some("2026-01-02T01:04:05Z")),
            ("2026-01-02 03:04:05.5", Some("2026-01-02T03:04:05.5Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(time(text).map(|t| t.to_string()).as_deref(), time_expected, "{text}");
        }
    }
}
