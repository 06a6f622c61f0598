//! Named numbers: an MLflow run, a JSON object of numbers, or CSV.

use super::{EvidenceError, json};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Names of at most this many bytes and levels joined by dots.
const MAX_NAME: usize = 1024;

/// What stands under a name.
#[derive(Debug, Clone, PartialEq)]
enum Reading {
    /// Finite.
    Number(f64),
    /// `NaN`, `Infinity` and the like, as written.
    NotFinite(String),
    /// Something else, in a word.
    Other(&'static str),
}

/// All named readings of one document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics(BTreeMap<String, Reading>);

impl Metrics {
    /// Reads, by what the document starts with: an MLflow run (`data.metrics` as a map or a list, bare or under
    /// `run`), any other JSON object (nested names joined by dots), or CSV (header `name,value`, or one row of
    /// values under a header).
    ///
    /// # Errors
    /// The document is empty, too large, malformed, names a metric twice, or is an MLflow run that did not finish.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let text = super::text(bytes)?;
        if !text.trim_start().starts_with(['{', '[']) {
            return from_csv(text);
        }
        let document = json::parse(bytes)?;
        let run = document.get("run").unwrap_or(&document);
        match run.get("data") {
            Some(data) if run.get("info").is_some() => from_run(run, data),
            Some(_) | None => from_object(&document),
        }
    }

    /// The number under this name.
    ///
    /// # Errors
    /// `MetricMissing` (which lists some names that are there), `NotFinite`, or `NotANumber`.
    pub fn number(&self, name: &str) -> Result<f64, EvidenceError> {
        match self.0.get(name) {
            Some(Reading::Number(number)) => Ok(*number),
            Some(Reading::NotFinite(text)) => {
                Err(EvidenceError::NotFinite { what: format!("{text} for metric {name:?}") })
            }
            Some(Reading::Other(kind)) => Err(EvidenceError::NotANumber { name: name.to_owned(), kind }),
            None => Err(EvidenceError::MetricMissing { name: name.to_owned(), present: self.some_names() }),
        }
    }

    fn some_names(&self) -> String {
        let some: Vec<&str> = self.0.keys().take(4).map(String::as_str).collect();
        match (some.is_empty(), self.0.len().saturating_sub(some.len())) {
            (true, _) => "none at all".to_owned(),
            (false, 0) => some.join(", "),
            (false, more) => format!("{} and {more} more", some.join(", ")),
        }
    }

    fn add(&mut self, name: String, reading: Reading, format: &'static str) -> Result<(), EvidenceError> {
        if name.len() > MAX_NAME {
            return Err(EvidenceError::TooLarge { what: "bytes in a metric's name", limit: MAX_NAME });
        }
        match self.0.entry(name) {
            Entry::Vacant(free) => {
                free.insert(reading);
                Ok(())
            }
            Entry::Occupied(taken) => {
                Err(EvidenceError::Unreadable { format, why: format!("metric {:?} stands twice", taken.key()) })
            }
        }
    }
}

const MLFLOW: &str = "an MLflow run";

fn from_run(run: &Value, data: &Value) -> Result<Metrics, EvidenceError> {
    let unreadable = |why: String| EvidenceError::Unreadable { format: MLFLOW, why };
    // 3 is FINISHED in MLflow's protocol.
    match &run["info"]["status"] {
        Value::Null => {}
        status if status == "FINISHED" || *status == 3 => {}
        status => return Err(unreadable(format!("the run is {status}, not FINISHED"))),
    }
    let mut metrics = Metrics::default();
    match &data["metrics"] {
        Value::Null => {}
        Value::Object(map) => {
            for (name, value) in map {
                metrics.add(name.clone(), reading(value), MLFLOW)?;
            }
        }
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                let name = item["key"].as_str();
                let name = name.ok_or_else(|| unreadable(format!("/data/metrics/{index}/key is not text")))?;
                metrics.add(name.to_owned(), reading(&item["value"]), MLFLOW)?;
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(unreadable("/data/metrics is neither a map nor a list".to_owned()));
        }
    }
    Ok(metrics)
}

fn from_object(document: &Value) -> Result<Metrics, EvidenceError> {
    if !document.is_object() {
        let why = "the document is not an object of names and numbers".to_owned();
        return Err(EvidenceError::Unreadable { format: "metrics", why });
    }
    let mut metrics = Metrics::default();
    // Own stack; depth is bounded by the parser anyway.
    let mut open = vec![(String::new(), document)];
    while let Some((prefix, value)) = open.pop() {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                    if name.len() > MAX_NAME {
                        return Err(EvidenceError::TooLarge { what: "bytes in a metric's name", limit: MAX_NAME });
                    }
                    open.push((name, value));
                }
            }
            leaf => metrics.add(prefix, reading(leaf), "metrics")?,
        }
    }
    Ok(metrics)
}

fn reading(value: &Value) -> Reading {
    match value {
        Value::Number(number) => number.as_f64().map_or(Reading::Other("a number out of range"), Reading::Number),
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) if !number.is_finite() => Reading::NotFinite(text.chars().take(12).collect()),
            Ok(_) | Err(_) => Reading::Other("text"),
        },
        Value::Null => Reading::Other("null"),
        Value::Bool(_) => Reading::Other("true or false"),
        Value::Array(_) => Reading::Other("a list"),
        Value::Object(_) => Reading::Other("an object"),
    }
}

fn from_csv(text: &str) -> Result<Metrics, EvidenceError> {
    let unreadable = |why: String| EvidenceError::Unreadable { format: "CSV", why };
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| unreadable(e.to_string()))?.clone();
    let listed = header.len() == 2
        && ["name", "metric", "key"].iter().any(|word| header[0].trim().eq_ignore_ascii_case(word))
        && header[1].trim().eq_ignore_ascii_case("value");
    let mut metrics = Metrics::default();
    for (index, row) in reader.records().enumerate() {
        let row = row.map_err(|e| unreadable(e.to_string()))?;
        if listed {
            metrics.add(row[0].trim().to_owned(), csv_reading(&row[1]), "CSV")?;
        } else if index == 0 {
            for (name, cell) in header.iter().zip(&row) {
                metrics.add(name.trim().to_owned(), csv_reading(cell), "CSV")?;
            }
        } else {
            let why = "it is neither name,value lines nor a header with one row of values".to_owned();
            return Err(unreadable(why));
        }
    }
    Ok(metrics)
}

fn csv_reading(cell: &str) -> Reading {
    match cell.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Reading::Number(number),
        Ok(_) => Reading::NotFinite(cell.trim().chars().take(12).collect()),
        Err(_) if cell.trim().is_empty() => Reading::Other("an empty cell"),
        Err(_) => Reading::Other("text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{FindingReason, Outcome};

    #[test]
    fn every_known_form_gives_the_number() {
        let forms = [
            r#"{"info": {"status": "FINISHED"}, "data": {"metrics": {"accuracy": 0.8125}, "params": {"accuracy": "no"}}}"#,
            r#"{"run": {"info": {"status": "FINISHED"}, "data": {"metrics": [{"key": "accuracy", "value": 0.8125, "step": 0}]}}}"#,
            r#"{"info": {"status": 3}, "data": {"metrics": [{"key": "loss", "value": "NaN"}, {"key": "accuracy", "value": 0.8125}]}}"#,
            r#"{"accuracy": 0.8125, "note": "any"}"#,
            "name,value\naccuracy,0.8125\nloss,nan\n",
            "\u{feff}Metric, Value\r\naccuracy , 0.8125\r\n",
            "loss,accuracy\n0.5,0.8125\n",
        ];
        for form in forms {
            assert_eq!(Metrics::parse(form.as_bytes()).unwrap().number("accuracy"), Ok(0.8125), "{form}");
        }
        let nested = Metrics::parse(br#"{"test": {"slice.a": {"auc": 1}}}"#).unwrap();
        assert_eq!(nested.number("test.slice.a.auc"), Ok(1.0));
    }

    #[test]
    fn bad_numbers_never_become_numbers() {
        use FindingReason::{EvidenceUnreadable, MetricMissing, NotFinite};
        let cases = [
            (r#"{"m": "NaN"}"#, Outcome::Error, NotFinite),
            (r#"{"m": "-Infinity"}"#, Outcome::Error, NotFinite),
            (r#"{"m": "inf"}"#, Outcome::Error, NotFinite),
            (r#"{"m": "N/A"}"#, Outcome::Error, EvidenceUnreadable),
            (r#"{"m": "0.9"}"#, Outcome::Error, EvidenceUnreadable),
            (r#"{"m": null}"#, Outcome::Error, EvidenceUnreadable),
            (r#"{"m": [0.9]}"#, Outcome::Error, EvidenceUnreadable),
            (r#"{"m": {"value": 0.9}}"#, Outcome::Missing, MetricMissing),
            ("{}", Outcome::Missing, MetricMissing),
            (r#"{"info": {}, "data": {}}"#, Outcome::Missing, MetricMissing),
            ("name,value\nm,NaN", Outcome::Error, NotFinite),
            ("name,value\nm,", Outcome::Error, EvidenceUnreadable),
            ("name,value\n", Outcome::Missing, MetricMissing),
            ("m\n1e999\n", Outcome::Error, NotFinite),
        ];
        for (text, outcome, reason) in cases {
            let error = Metrics::parse(text.as_bytes()).unwrap().number("m").unwrap_err();
            assert_eq!(error.verdict(), (outcome, reason), "{text}: {error}");
        }
    }

    #[test]
    fn bad_documents_are_refused() {
        let cases = [
            (r#"{"m": NaN}"#, "NaN at line 1 column 7"),
            (r#"[{"key": "m", "value": 1}]"#, "not an object"),
            (r#"{"a.b": 1, "a": {"b": 2}}"#, "\"a.b\" stands twice"),
            (r#"{"info": {"status": "FAILED"}, "data": {"metrics": {"m": 1}}}"#, "\"FAILED\", not FINISHED"),
            (r#"{"info": {}, "data": {"metrics": 3}}"#, "neither a map nor a list"),
            (r#"{"info": {}, "data": {"metrics": [{"value": 3}]}}"#, "/data/metrics/0/key"),
            (
                r#"{"info": {}, "data": {"metrics": [{"key": "m", "value": 1}, {"key": "m", "value": 2}]}}"#,
                "\"m\" stands twice",
            ),
            ("name,value\nm,1\nm,2\n", "\"m\" stands twice"),
            ("name,value\nm,1,2\n", "record 1 (line: 2"),
            ("a,b\n1,2\n3,4\n", "neither name,value lines"),
        ];
        for (text, said) in cases {
            let error = Metrics::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert_eq!(Metrics::parse(b""), Err(EvidenceError::Empty));
    }

    #[test]
    fn a_missing_name_says_what_is_there() {
        let metrics = Metrics::parse(br#"{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}"#).unwrap();
        let said = metrics.number("accuracy").unwrap_err().to_string();
        assert_eq!(said, r#"has no metric "accuracy"; it has a, b, c, d and 1 more; measure it and release that"#);
    }
}
