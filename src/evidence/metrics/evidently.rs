//! Evidently. A metric is named by its kind and column (`ValueDrift.age`), and by its own full name
//! (`ValueDrift(column=age,method=K-S p_value,threshold=0.05)`); parts of a value follow after a dot.

use super::Metrics;
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
    }
    Ok(())
}

/// 0.6 and older: `DatasetDriftMetric.drift_share`.
pub fn read_legacy(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    for metric in node.items_of("metrics")? {
        let kind = metric.need("metric", "a metric's name")?.text()?;
        if let Some(result) = metric.get("result") {
            metrics.add_tree(kind, result.value())?;
        }
    }
    if let Some(summary) = node.get("summary") {
        metrics.add_tree("summary", summary.value())?;
    }
    Ok(())
}
