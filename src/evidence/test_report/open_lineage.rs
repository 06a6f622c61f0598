//! OpenLineage: the data quality assertions of a run's data sets, whose suite is the data set, and the tests of the run
//! itself, whose suite is the job. A run tells of itself in several events, of the same test more than once; until one
//! says that it is complete, more may come.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Format;
use crate::policy::finding::clean;
use std::collections::BTreeMap;

pub fn read(events: &[Node<'_>], report: &mut TestReport) -> Result<(), EvidenceError> {
    let mut complete: BTreeMap<&str, bool> = BTreeMap::new();
    let mut told = Told::new();
    for event in events {
        let run = event.need("run", "a run")?.need("runId", "a run's identifier")?.text()?;
        let completed = complete.entry(run).or_default();
        match event.text_of("eventType")? {
            Some("COMPLETE") => *completed = true,
            Some("START" | "RUNNING" | "OTHER") | None => {}
            Some(kind) => return Err(unfinished(format!("run {} says {}", clean(run, 40), clean(kind, 20)))),
        }
        join(&mut told, read_event(event, run)?);
    }
    for (test, endings) in told {
        endings.into_iter().try_for_each(|ending| report.record(test.suite, &test.name, ending))?;
    }
    match complete.into_iter().find(|(_, completed)| !completed) {
        Some((run, _)) => Err(unfinished(format!("run {} has no COMPLETE event", clean(run, 40)))),
        None => Ok(()),
    }
}

fn unfinished(why: String) -> EvidenceError {
    EvidenceError::Unfinished { format: Format::OpenLineage, why }
}

/// What tells a test from others, whichever event is about it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Test<'a> {
    run: &'a str,
    namespace: Option<&'a str>,
    suite: &'a str,
    facet: &'static str,
    name: String,
    /// What else it is asked with, as JSON: a name may stand for one test of each column.
    asked: String,
}

/// All that is said of a test but how it went.
fn asked(node: &Node<'_>) -> String {
    let mut asked = node.value().clone();
    if let Some(fields) = asked.as_object_mut() {
        fields.retain(|key, _| !["success", "status", "actual"].contains(&key.as_str()));
    }
    asked.to_string()
}

/// How the first, second, … test of a name ended.
type Told<'a> = BTreeMap<Test<'a>, Vec<Ending>>;

/// What one event says of a test and what others say: the worse is believed.
fn join<'a>(told: &mut Told<'a>, event: Told<'a>) {
    for (test, endings) in event {
        let known = told.entry(test).or_default();
        for (nth, ending) in endings.into_iter().enumerate() {
            match known.get_mut(nth) {
                Some(same) => *same = same.worse(ending),
                None => known.push(ending),
            }
        }
    }
}

fn read_event<'a>(event: &Node<'a>, run: &'a str) -> Result<Told<'a>, EvidenceError> {
    let mut told = Told::new();
    for side in ["inputs", "outputs"] {
        for dataset in event.items_of(side)? {
            let (namespace, suite) =
                (dataset.text_of("namespace")?, dataset.need("name", "a data set's name")?.text()?);
            for facet in ["inputFacets", "outputFacets", "facets"] {
                let assertions = dataset.get(facet).and_then(|facets| facets.get("dataQualityAssertions"));
                let Some(assertions) = assertions else { continue };
                for assertion in assertions.need("assertions", "a list of assertions")?.items()? {
                    let (name, ending) = read_assertion(&assertion)?;
                    let asked = asked(&assertion);
                    told.entry(Test { run, namespace, suite, facet, name, asked }).or_default().push(ending);
                }
            }
        }
    }
    let tests = event.get("run").and_then(|run| run.get("facets")).and_then(|facets| facets.get("test"));
    if let Some(tests) = tests {
        let job = event.need("job", "a job")?;
        let (namespace, suite) = (job.text_of("namespace")?, job.need("name", "a job's name")?.text()?);
        for test in tests.need("tests", "a list of tests")?.items()? {
            let (name, ending) = read_test(&test)?;
            let asked = asked(&test);
            told.entry(Test { run, namespace, suite, facet: "test", name, asked }).or_default().push(ending);
        }
    }
    Ok(told)
}

fn read_assertion(assertion: &Node<'_>) -> Result<(String, Ending), EvidenceError> {
    let kind = assertion.need("assertion", "an assertion's name")?.text()?;
    let name = match assertion.text_of("column")? {
        Some(column) => format!("{kind}({column})"),
        None => kind.to_owned(),
    };
    let held = assertion.need("success", "true or false")?.flag()?;
    Ok((name, if held { Ending::Passed } else { not_held(assertion)? }))
}

fn read_test(test: &Node<'_>) -> Result<(String, Ending), EvidenceError> {
    let name = test.need("name", "a test's name")?.text()?.to_owned();
    let status = test.need("status", "pass, fail or skip")?;
    let ending = match status.text()? {
        "pass" => Ending::Passed,
        "fail" => not_held(test)?,
        "skip" => Ending::Skipped,
        _ => return Err(status.wrong("pass, fail or skip")),
    };
    Ok((name, ending))
}

/// Either may be declared a warning.
fn not_held(node: &Node<'_>) -> Result<Ending, EvidenceError> {
    let mild = node.text_of("severity")? == Some("warn");
    Ok(if mild { Ending::Warned } else { Ending::Failed })
}
