//! Evidently. A metric is named by its kind and column (`ValueDrift.age`), and by its own full name
//! (`ValueDrift(column=age,method=K-S p_value,threshold=0.05)`); parts of a value follow after a dot. Behind the names of
//! a drift, `.drifted` is 1 or 0.

use super::drift_method::drifted;
use super::{Metrics, Reading};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    for metric in node.need("metrics", "a list of metrics")?.items()? {
        let full = metric.need("metric_name", "a metric's name")?.text()?;
        let Some(value) = metric.get("value") else { continue };
        metrics.add_tree(full, value.value())?;
        let Some(config) = metric.get("config") else { continue };
        let Some(kind) = config.text_of("type")? else { continue };
        let kind = kind.rsplit(':').next().unwrap_or(kind);
        let name = match config.text_of("column")? {
            Some(column) => format!("{kind}.{column}"),
            None => kind.to_owned(),
        };
        if name != full {
            metrics.add_tree(&name, value.value())?;
        }
        if kind == "ValueDrift"
            && let Some(method) = config.text_of("method")?
        {
            let threshold = config.get("threshold").map(|threshold| threshold.number()).transpose()?;
            let said = match (threshold, value.value().as_f64()) {
                (Some(threshold), Some(number)) => drifted(method, threshold, number),
                (_, _) => Reading::Other("drift without a number and a threshold"),
            };
            metrics.add_short(format!("{full}.drifted"), said.clone())?;
            metrics.add_short(format!("{name}.drifted"), said)?;
        }
    }
    Ok(())
}

/// 0.6 and older: `DatasetDriftMetric.drift_share`, and of one column `ColumnDriftMetric.age.drift_score`.
pub fn read_legacy(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    for metric in node.items_of("metrics")? {
        let kind = metric.need("metric", "a metric's name")?.text()?;
        let Some(result) = metric.get("result") else { continue };
        metrics.add_tree(kind, result.value())?;
        let Some(column) = result.value().get("column_name").and_then(|column| column.as_str()) else { continue };
        let name = format!("{kind}.{column}");
        metrics.add_tree(&name, result.value())?;
        if let Some(detected) = result.get("drift_detected") {
            metrics.add_short(format!("{name}.drifted"), Reading::Number(f64::from(u8::from(detected.flag()?))))?;
        }
    }
    if let Some(summary) = node.get("summary") {
        metrics.add_tree("summary", summary.value())?;
    }
    Ok(())
}
