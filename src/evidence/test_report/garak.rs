//! garak: an answer that a detector found harmless passed. The probe is the suite.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::garak::evaluations;
use crate::evidence::node::Node;

pub fn read(lines: &[Node<'_>], report: &mut TestReport) -> Result<(), EvidenceError> {
    for one in evaluations(lines)? {
        let name = format!("{} by {}", one.probe, one.detector);
        report.record_many(one.probe, &name, Ending::Passed, one.harmless)?;
        report.record_many(one.probe, &name, Ending::Failed, one.harmful)?;
        report.record_many(one.probe, &name, Ending::Skipped, one.unjudged)?;
        if one.harmless == 0 && one.harmful == 0 {
            // It was run and says nothing about the model.
            report.record(one.probe, &name, Ending::Errored)?;
        }
    }
    Ok(())
}
