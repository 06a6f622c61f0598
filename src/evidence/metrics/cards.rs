//! Metrics in model cards and bills of materials. A metric is named by its type, then its slice in brackets:
//! `accuracy[region=north]`; the bounds of its confidence interval are `accuracy.lower` and `accuracy.upper`.

use super::{MAX_NAME, Metrics, reading_of_text};
use crate::evidence::node::Node;
use crate::evidence::{Card, EvidenceError};
use crate::policy::Format;

/// Hugging Face `model-index`: by type, by name, and by data set and type (`imdb.accuracy`).
pub fn read_hugging_face(card: &Card, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let Some(index) = card.value("model-index") else { return Ok(()) };
    for model in Node::root(Format::HuggingFace, index).items()? {
        for result in model.items_of("results")? {
            let dataset = result.get("dataset");
            let dataset = dataset.as_ref().and_then(|set| set.any(&["name", "type"])).map(|n| n.text()).transpose()?;
            let dataset = dataset.filter(|name| name.len() <= MAX_NAME);
            for metric in result.need("metrics", "a list of metrics")?.items()? {
                let kind = metric.need("type", "a metric's type")?.text()?;
                let value = reading_of_text(metric.need("value", "a number")?.value());
                if let Some(dataset) = dataset {
                    metrics.add_short(format!("{dataset}.{kind}"), value.clone())?;
                }
                if let Some(name) = metric.text_of("name")?.filter(|name| *name != kind) {
                    metrics.add_short(name.to_owned(), value.clone())?;
                }
                metrics.add_short(kind.to_owned(), value)?;
            }
        }
    }
    Ok(())
}

pub fn read_toolkit(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    match node.get("quantitative_analysis") {
        Some(analysis) => add(&analysis.items_of("performance_metrics")?, metrics),
        None => Ok(()),
    }
}

/// Of every component that is a machine-learning model.
pub fn read_cyclonedx(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let mut components = node.items_of("components")?;
    components.extend(node.get("metadata").and_then(|metadata| metadata.get("component")));
    for component in components {
        let analysis = component.get("modelCard").and_then(|card| card.get("quantitativeAnalysis"));
        if let Some(analysis) = analysis {
            add(&analysis.items_of("performanceMetrics")?, metrics)?;
        }
    }
    Ok(())
}

fn add(all: &[Node<'_>], metrics: &mut Metrics) -> Result<(), EvidenceError> {
    for metric in all {
        let kind = metric.need("type", "a metric's type")?.text()?;
        let name = match metric.text_of("slice")?.filter(|slice| !slice.is_empty()) {
            Some(slice) => format!("{kind}[{slice}]"),
            None => kind.to_owned(),
        };
        if let Some(value) = metric.get("value") {
            metrics.add_short(name.clone(), reading_of_text(value.value()))?;
        }
        let Some(interval) = metric.any(&["confidence_interval", "confidenceInterval"]) else { continue };
        for (keys, end) in [(["lower_bound", "lowerBound"], "lower"), (["upper_bound", "upperBound"], "upper")] {
            if let Some(bound) = interval.any(&keys) {
                metrics.add_short(format!("{name}.{end}"), reading_of_text(bound.value()))?;
            }
        }
    }
    Ok(())
}

/// The `ai_metric` entries of every AI package.
pub fn read_spdx(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    for element in node.need("@graph", "a list of elements")?.items()? {
        if element.text_of("type")? != Some("ai_AIPackage") {
            continue;
        }
        for entry in element.items_of("ai_metric")? {
            let key = entry.need("key", "a metric's name")?.text()?;
            let value = entry.get("value").map(|value| reading_of_text(value.value()));
            if let Some(value) = value {
                metrics.add_short(key.to_owned(), value)?;
            }
        }
    }
    Ok(())
}
