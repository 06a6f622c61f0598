//! An MLflow run: REST (a list), Python's `to_dictionary` (a map), bare or under `run`.

use super::{Metrics, reading};
use crate::evidence::EvidenceError;
use crate::policy::Format;
use crate::policy::finding::clean;
use serde_json::Value;

const MLFLOW: &str = "an MLflow run";

pub fn read(document: &Value, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let run = document.get("run").unwrap_or(document);
    let data = &run["data"];
    let unreadable = |why: String| EvidenceError::Unreadable { format: MLFLOW, why };
    // Every form of a run has it; 3 is FINISHED in MLflow's protocol.
    match &run["info"]["status"] {
        status if status == "FINISHED" || *status == 3 => {}
        status => {
            let why = format!("its status is {}, not FINISHED", clean(&status.to_string(), 40));
            return Err(EvidenceError::Unfinished { format: Format::MlFlow, why });
        }
    }
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
    Ok(())
}
