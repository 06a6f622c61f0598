//! Reads the JSON that `/api/v1/query` answers with.

use super::{PrometheusError, Sample};
use crate::policy::finding::clean;
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
struct Envelope {
    status: String,
    data: Option<Data>,
    error: Option<String>,
    /// Thanos and others answer with what they have and say here that it is not all.
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    /// Its shape depends on the type.
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Series {
    /// Time and value; a native histogram has none.
    value: Option<(f64, String)>,
}

/// The one number in a successful answer.
pub fn read(body: &[u8]) -> Result<Sample, PrometheusError> {
    let envelope = parse(body)?;
    if envelope.status != "success" {
        return Err(PrometheusError::QueryRefused(clean(&envelope.error.unwrap_or_default(), 160)));
    }
    if let Some(warning) = envelope.warnings.first() {
        return Err(PrometheusError::Warned(clean(warning, 160)));
    }
    let data = envelope.data.ok_or_else(|| PrometheusError::NotAnAnswer("it has no data".into()))?;
    match data.result_type.as_str() {
        "scalar" => {
            let (_, value): (f64, String) = shaped(data.result)?;
            number(&value)
        }
        "vector" => match shaped::<Vec<Series>>(data.result)?.as_slice() {
            [] => Err(PrometheusError::NoData),
            [Series { value: Some((_, value)) }] => number(value),
            [Series { value: None }] => Err(PrometheusError::NotANumber("a histogram")),
            more => Err(PrometheusError::ManySeries(more.len())),
        },
        "matrix" => Err(PrometheusError::NotANumber("a range of numbers")),
        "string" => Err(PrometheusError::NotANumber("a text")),
        other => Err(PrometheusError::NotAnAnswer(format!("result type {:?}", clean(other, 40)))),
    }
}

fn shaped<T: serde::de::DeserializeOwned>(result: serde_json::Value) -> Result<T, PrometheusError> {
    serde_json::from_value(result).map_err(|error| PrometheusError::NotAnAnswer(clean(&error.to_string(), 120)))
}

/// What an answer with an error status says.
pub(super) fn refusal(body: &[u8], status: StatusCode) -> PrometheusError {
    match parse(body) {
        Ok(Envelope { error: Some(error), .. }) => PrometheusError::QueryRefused(clean(&error, 160)),
        Ok(Envelope { error: None, .. }) | Err(_) => PrometheusError::Status(status.as_u16()),
    }
}

fn parse(body: &[u8]) -> Result<Envelope, PrometheusError> {
    serde_json::from_slice(body).map_err(|error| PrometheusError::NotAnAnswer(clean(&error.to_string(), 120)))
}

fn number(text: &str) -> Result<Sample, PrometheusError> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Sample(value)),
        Ok(_) => Err(PrometheusError::NotFinite(clean(text, 20))),
        Err(_) => Err(PrometheusError::NotAnAnswer(format!("{:?} is not a number", clean(text, 40)))),
    }
}
