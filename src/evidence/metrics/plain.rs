//! Names and numbers without a format: nested JSON objects, or CSV.

use super::{MAX_NAME, Metrics, Reading, reading};
use crate::evidence::EvidenceError;
use serde_json::Value;

/// Nested names are joined by dots.
pub fn read_object(document: &Value, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    if !document.is_object() {
        let why = "the document is not an object of names and numbers".to_owned();
        return Err(EvidenceError::Unreadable { format: "metrics", why });
    }
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
                    metrics.spend(&name)?;
                    open.push((name, value));
                }
            }
            leaf @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                metrics.add(prefix, reading(leaf), "metrics")?;
            }
        }
    }
    Ok(())
}

/// `name,value` lines, or a header with one row of values.
pub fn read_csv(text: &str, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let unreadable = |why: String| EvidenceError::Unreadable { format: "CSV", why };
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| unreadable(e.to_string()))?.clone();
    let listed = header.len() == 2
        && ["name", "metric", "key"].iter().any(|word| header[0].trim().eq_ignore_ascii_case(word))
        && header[1].trim().eq_ignore_ascii_case("value");
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
    Ok(())
}

fn csv_reading(cell: &str) -> Reading {
    match cell.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Reading::Number(number),
        Ok(_) => Reading::NotFinite(cell.trim().chars().take(12).collect()),
        Err(_) if cell.trim().is_empty() => Reading::Other("an empty cell"),
        Err(_) => Reading::Other("text"),
    }
}
