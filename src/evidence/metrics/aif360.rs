//! AIF360's JSON explainer has no field for the number: it is computed again from the counts, or stands at the end
//! of a sentence.

use super::{Metrics, Reading};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let name = node.need("metric", "a metric's name")?.text()?;
    let rate = |positives: &str, all: &str| -> Result<Option<f64>, EvidenceError> {
        let (Some(positives), Some(all)) = (node.get(positives), node.get(all)) else { return Ok(None) };
        // Weights make these counts fractions; of no group more than all are chosen.
        let (some, of) = (positives.number_or_text()?, all.number_or_text()?);
        if some < 0.0 || some > of {
            return Err(positives.wrong("between 0 and the number of the group"));
        }
        Ok(Some(some / of))
    };
    let unprivileged = rate("numPositivePredictionsUnprivileged", "numUnprivileged")?;
    let privileged = rate("numPositivePredictionsPrivileged", "numPrivileged")?;
    let number = match (name, unprivileged, privileged) {
        ("Disparate Impact", Some(some), Some(others)) => some / others,
        ("Statistical Parity Difference" | "Mean Difference", Some(some), Some(others)) => some - others,
        (_, _, _) => {
            let message = node.need("message", "a sentence")?;
            let last = message.text()?.rsplit([' ', ':']).find(|word| !word.is_empty()).unwrap_or_default();
            last.parse().map_err(|_| message.wrong("a sentence that ends with a number"))?
        }
    };
    let reading = if number.is_finite() { Reading::Number(number) } else { Reading::NotFinite(number.to_string()) };
    metrics.add(name.to_owned(), reading, "an AIF360 metric explanation")
}
