//! OpenLineage: the data quality assertions of a run's data sets. The data set is the suite. A run tells of itself in
//! several events; until one says that it is complete, more may come.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Format;
use crate::policy::finding::clean;
use std::collections::BTreeMap;

pub fn read(events: &[Node<'_>], report: &mut TestReport) -> Result<(), EvidenceError> {
    let mut complete: BTreeMap<&str, bool> = BTreeMap::new();
    for event in events {
        let run = event.need("run", "a run")?.need("runId", "a run's identifier")?.text()?;
        let completed = complete.entry(run).or_default();
        match event.text_of("eventType")? {
            Some("COMPLETE") => *completed = true,
            Some("START" | "RUNNING" | "OTHER") | None => {}
            Some(kind) => return Err(unfinished(format!("run {} says {}", clean(run, 40), clean(kind, 20)))),
        }
        read_event(event, report)?;
    }
    match complete.into_iter().find(|(_, completed)| !completed) {
        Some((run, _)) => Err(unfinished(format!("run {} has no COMPLETE event", clean(run, 40)))),
        None => Ok(()),
    }
}

fn unfinished(why: String) -> EvidenceError {
    EvidenceError::Unfinished { format: Format::OpenLineage, why }
}

fn read_event(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    for side in ["inputs", "outputs"] {
        for dataset in node.items_of(side)? {
            let name = dataset.need("name", "a data set's name")?.text()?;
            for facets in ["inputFacets", "outputFacets", "facets"] {
                let facet = dataset.get(facets).and_then(|facets| facets.get("dataQualityAssertions"));
                let Some(facet) = facet else { continue };
                for assertion in facet.need("assertions", "a list of assertions")?.items()? {
                    let kind = assertion.need("assertion", "an assertion's name")?.text()?;
                    let test = match assertion.text_of("column")? {
                        Some(column) => format!("{kind}({column})"),
                        None => kind.to_owned(),
                    };
                    let held = assertion.need("success", "true or false")?.flag()?;
                    // An assertion may be declared a warning (`severity: warn`).
                    let mild = assertion.text_of("severity")? == Some("warn");
                    let ending = match (held, mild) {
                        (true, _) => Ending::Passed,
                        (false, true) => Ending::Warned,
                        (false, false) => Ending::Failed,
                    };
                    report.record(name, &test, ending)?;
                }
            }
        }
    }
    Ok(())
}
