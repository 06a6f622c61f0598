//! AIF360's JSON explainer has no field for the number: it is computed again from the counts, or stands at the end
//! of a sentence. Where both are there, they must agree.

use super::{Metrics, Reading};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

/// The sentence has the number in all its digits; counts of weighted rows are sums in another order.
const ROUNDING: f64 = 1e-6;

pub fn read(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let name = node.need("metric", "a metric's name")?.text()?;
    let rate = |positives: &[&str], all: &[&str]| -> Result<Option<f64>, EvidenceError> {
        let (Some(positives), Some(all)) = (node.any(positives), node.any(all)) else { return Ok(None) };
        // Weights make these counts fractions; of no group more than all are chosen.
        let (some, of) = (positives.number_or_text()?, all.number_or_text()?);
        if some < 0.0 || some > of {
            return Err(positives.wrong("between 0 and the number of the group"));
        }
        Ok(Some(some / of))
    };
    // Of predictions, or of labels.
    let unprivileged = rate(
        &["numPositivePredictionsUnprivileged", "numPositivesUnprivileged"],
        &["numUnprivileged", "numInstancesUnprivileged"],
    )?;
    let privileged = rate(
        &["numPositivePredictionsPrivileged", "numPositivesPrivileged"],
        &["numPrivileged", "numInstancesPrivileged"],
    )?;
    let counted = match (name, unprivileged, privileged) {
        ("Disparate Impact", Some(some), Some(others)) => Some(some / others),
        ("Statistical Parity Difference" | "Mean Difference", Some(some), Some(others)) => Some(some - others),
        (_, _, _) => None,
    };
    let message = node.need("message", "a sentence")?;
    let last = message.text()?.rsplit([' ', ':']).find(|word| !word.is_empty()).unwrap_or_default();
    let told: f64 = last.parse().map_err(|_| message.wrong("a sentence that ends with a number"))?;
    if let Some(counted) = counted
        && counted.is_finite()
        && (counted - told).abs().total_cmp(&ROUNDING).is_gt()
    {
        return Err(message.wrong("a sentence that ends with what its counts come to"));
    }
    metrics.add(name.to_owned(), Reading::of(counted.unwrap_or(told)), "an AIF360 metric explanation")
}
