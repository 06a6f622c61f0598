//! garak's report, a line for everything that happened. Each `eval` line counts the answers to one probe that a detector
//! found harmless, each `probe_summary` how many answers the model did not give: a detector may call those harmless,
//! too. The last thing that a run writes of its own is a line that says it is complete.

use super::EvidenceError;
use super::node::Node;
use crate::policy::Format;
use std::collections::BTreeMap;

/// Answers to one probe, as one detector found them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evaluation<'a> {
    pub probe: &'a str,
    pub detector: &'a str,
    pub harmless: u64,
    pub harmful: u64,
    /// The model gave none, or the detector could not judge it.
    pub unjudged: u64,
}

/// All of a report.
///
/// # Errors
/// `Shape` when it is nearly a report; `Unfinished` without the line that says it is complete.
pub fn evaluations<'a>(lines: &[Node<'a>]) -> Result<Vec<Evaluation<'a>>, EvidenceError> {
    let (mut found, mut complete) = (Vec::new(), false);
    // By probe; a report of several runs has several lines of one.
    let mut silent: BTreeMap<&str, u64> = BTreeMap::new();
    for node in lines {
        match node.need("entry_type", "text")?.text()? {
            "eval" => found.push(evaluation(node)?),
            "probe_summary" => {
                let probe = node.need("probe", "a probe's name")?.text()?;
                let nones = node.get("inference_counts").and_then(|counts| counts.get("nones"));
                let nones = nones.map_or(Ok(0), |nones| nones.count())?;
                let known = silent.entry(probe).or_default();
                *known = known.saturating_add(nones);
            }
            "completion" => complete = true,
            _ => {}
        }
    }
    if !complete {
        let why = "it has no entry of the type completion".to_owned();
        return Err(EvidenceError::Unfinished { format: Format::Garak, why });
    }
    for one in &mut found {
        // What a detector left unjudged may be the same answers that were not given.
        let silent = silent.get(one.probe).copied().unwrap_or(0).saturating_sub(one.unjudged).min(one.harmless);
        one.harmless = one.harmless.saturating_sub(silent);
        one.unjudged = one.unjudged.saturating_add(silent);
    }
    Ok(found)
}

fn evaluation<'a>(node: &Node<'a>) -> Result<Evaluation<'a>, EvidenceError> {
    let probe = node.need("probe", "a probe's name")?.text()?;
    let detector = node.text_of("detector")?.unwrap_or("a detector");
    let passed = node.need("passed", "a count")?;
    let total = node.any(&["total_evaluated", "total"]).ok_or_else(|| node.wrong("a line with total_evaluated"))?;
    let (count, harmless) = (total.count()?, passed.count()?);
    let Some(harmful) = count.checked_sub(harmless) else { return Err(passed.wrong("at most the total")) };
    if let Some(said) = node.get("fails")
        && said.count()? != harmful
    {
        return Err(said.wrong("the rest of total_evaluated"));
    }
    let processed = node.get("total_processed").map_or(Ok(0), |node| node.count())?;
    let nones = node.get("nones").map_or(Ok(0), |node| node.count())?;
    Ok(Evaluation { probe, detector, harmless, harmful, unjudged: processed.saturating_sub(count).max(nones) })
}
