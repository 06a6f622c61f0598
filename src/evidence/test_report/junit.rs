//! JUnit XML, as pytest, Surefire, cargo-nextest, Go and many others write it. Test cases are counted. What a suite says
//! about its own counts is not believed, but where it says that more failed or were skipped, or lists none of those that
//! ran, the report is not whole. That more ran is told: some count subtests or assertions.

use super::{Ending, NAME, TestReport};
use crate::evidence::EvidenceError;
use crate::policy::Format;
use crate::policy::finding::clean;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Elements within each other. JUnit nests suites; nobody nests them this deep.
pub const MAX_DEPTH: usize = 32;
/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 256;
/// Elements altogether.
const MAX_ELEMENTS: usize = 200_000;

/// An open element.
enum Open {
    /// The root has no name and is no suite of its own.
    Suite {
        name: Option<String>,
        listed: Totals,
        claimed: Totals,
        /// Tests that the suites within count and do not list.
        beyond: u64,
    },
    Case {
        suite: String,
        name: String,
        /// What its attributes say.
        said: Ending,
        /// What its elements say, and how many of them do.
        told: Ending,
        bad: u64,
        skipped: u64,
    },
    Other,
}

/// Of a suite and all within it.
#[derive(Default)]
struct Totals {
    tests: u64,
    /// Failures and errors; tools differ in which is which.
    bad: u64,
    skipped: u64,
}

/// Adds what a JUnit document says.
///
/// # Errors
/// Not well-formed, with the byte; a document type (nothing needs one, and entities grow); another root; a status that
/// is not known; no test cases, or fewer that failed or were skipped, where a suite says it has some.
pub fn read(text: &str, report: &mut TestReport) -> Result<(), EvidenceError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let (mut elements, mut rooted) = (0usize, false);
    loop {
        let at = reader.buffer_position();
        let unreadable = |why: String| EvidenceError::Unreadable { format: "XML", why: format!("{why} at byte {at}") };
        let event = reader.read_event().map_err(|error| unreadable(error.to_string()))?;
        let (start, empty) = match &event {
            Event::Start(start) => (Some(start), false),
            Event::Empty(start) => (Some(start), true),
            Event::End(_) => {
                close(&mut open, report)?;
                (None, false)
            }
            Event::DocType(_) => return Err(unreadable("it has a document type, which is refused".to_owned())),
            Event::Eof if open.is_empty() && rooted => return Ok(()),
            Event::Eof => return Err(unreadable("it ends too early".to_owned())),
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => (None, false),
        };
        let Some(start) = start else { continue };
        elements += 1;
        if elements > MAX_ELEMENTS {
            return Err(EvidenceError::TooLarge { what: "XML elements", limit: MAX_ELEMENTS });
        }
        if open.len() >= MAX_DEPTH {
            return Err(EvidenceError::TooLarge { what: "XML levels", limit: MAX_DEPTH });
        }
        let is_root = open.is_empty();
        if is_root && (rooted || !matches!(start.name().as_ref(), "testsuites" | "testsuite")) {
            return Err(shape("/", "a testsuites or testsuite element"));
        }
        rooted = true;
        well_formed(start).map_err(unreadable)?;
        let opened = enter(start, &mut open).map_err(unreadable)?;
        open.push(opened);
        if empty {
            close(&mut open, report)?;
        }
    }
}

/// The reader passes over what it is not asked for, well-formed or not.
fn well_formed(start: &BytesStart<'_>) -> Result<(), String> {
    if start.contains('<') {
        return Err("a tag starts within another".to_owned());
    }
    // Each is compared with all before it.
    for (at, attribute) in start.attributes().enumerate() {
        attribute.map_err(|error| error.to_string())?;
        if at >= MAX_ATTRIBUTES {
            return Err(format!("an element has more than {MAX_ATTRIBUTES} attributes"));
        }
    }
    Ok(())
}

fn enter(start: &BytesStart<'_>, open: &mut [Open]) -> Result<Open, String> {
    let attribute = |name: &str| -> Result<Option<String>, String> {
        let found = start.try_get_attribute(name).map_err(|error| error.to_string())?;
        let value = found.map(|a| a.normalized_value(XmlVersion::Implicit1_0).map(|v| v.into_owned()));
        value.transpose().map_err(|error| error.to_string())
    };
    let suite = open.iter().rev().find_map(|element| match element {
        Open::Suite { name, .. } => name.clone(),
        Open::Case { .. } | Open::Other => None,
    });
    let unnamed = || "unnamed".to_owned();
    match start.name().as_ref() {
        word @ ("testsuites" | "testsuite") => {
            let count = |name: &str| -> Result<u64, String> {
                let text = attribute(name)?.unwrap_or_default();
                let wrong = |_| format!("{name}={:?} is not a count", clean(&text, 40));
                if text.trim().is_empty() { Ok(0) } else { text.trim().parse().map_err(wrong) }
            };
            let bad = count("failures")?.saturating_add(count("errors")?);
            let claimed = Totals { tests: count("tests")?, bad, skipped: count("skipped")? };
            let name = match word {
                "testsuite" => attribute("name")?.filter(|name| !name.is_empty()).or(suite).or(Some(unnamed())),
                _ => None,
            };
            // Short at once: every test case inside takes a copy.
            let name = name.map(|name| clean(&name, NAME));
            Ok(Open::Suite { name, listed: Totals::default(), claimed, beyond: 0 })
        }
        "testcase" => {
            let name = attribute("name")?.unwrap_or_default();
            let class = attribute("classname")?.filter(|class| !class.is_empty());
            let name = class.map_or_else(|| name.clone(), |class| format!("{class}.{name}"));
            // A runner that was cut off, or that writes no elements for it, says so here and nowhere else.
            let said = [attribute("status")?, attribute("result")?];
            let said = said.iter().flatten().map(|word| ending(word));
            let said = said.collect::<Result<Vec<_>, _>>()?.into_iter().reduce(Ending::worse).unwrap_or(Ending::Passed);
            let suite = suite.unwrap_or_else(unnamed);
            Ok(Open::Case { suite, name, said, told: Ending::Passed, bad: 0, skipped: 0 })
        }
        // flakyFailure and rerunFailure tell of earlier tries; the last one is told by failure and error.
        word @ ("failure" | "error" | "skipped") => match open.last_mut() {
            Some(Open::Case { told, bad, skipped, .. }) => {
                let (count, ending) = match word {
                    "failure" => (bad, Ending::Failed),
                    "error" => (bad, Ending::Errored),
                    _ => (skipped, Ending::Skipped),
                };
                *count += 1;
                *told = told.worse(ending);
                Ok(Open::Other)
            }
            // The suite itself broke, outside of any test.
            Some(Open::Suite { .. }) if word != "skipped" => {
                let suite = suite.unwrap_or_else(unnamed);
                let name = format!("{suite} itself");
                Ok(Open::Case { suite, name, said: Ending::Errored, told: Ending::Passed, bad: 1, skipped: 0 })
            }
            Some(Open::Suite { .. } | Open::Other) | None => Ok(Open::Other),
        },
        _ => Ok(Open::Other),
    }
}

/// What `status` (GoogleTest, CTest and others) or `result` (GoogleTest) says; most tools write neither.
fn ending(word: &str) -> Result<Ending, String> {
    match word.trim().to_ascii_lowercase().as_str() {
        "" | "run" | "completed" | "pass" | "passed" | "success" | "successful" | "ok" => Ok(Ending::Passed),
        "fail" | "failed" | "failure" => Ok(Ending::Failed),
        "error" | "errored" | "broken" => Ok(Ending::Errored),
        "notrun" | "disabled" | "skip" | "skipped" | "suppressed" | "ignored" | "pending" => Ok(Ending::Skipped),
        _ => Err(format!("a test is {:?}, which is no known status", clean(word, 40))),
    }
}

fn close(open: &mut Vec<Open>, report: &mut TestReport) -> Result<(), EvidenceError> {
    match open.pop() {
        Some(Open::Case { suite, name, said, told, bad, skipped }) => {
            let is_bad = matches!(said, Ending::Failed | Ending::Errored);
            for element in open {
                if let Open::Suite { listed, .. } = element {
                    listed.tests += 1;
                    listed.bad += bad.max(u64::from(is_bad));
                    listed.skipped += skipped.max(u64::from(said == Ending::Skipped));
                }
            }
            report.record(&suite, &name, said.worse(told))
        }
        Some(Open::Suite { name, listed, claimed, beyond }) => {
            if let Some(name) = &name {
                report.suite(name)?;
            }
            let beyond = claimed.tests.saturating_sub(listed.tests).max(beyond);
            let around = match open.last_mut() {
                Some(Open::Suite { beyond, .. }) => beyond,
                Some(Open::Case { .. } | Open::Other) | None => &mut report.beyond,
            };
            *around = around.saturating_add(beyond);
            // Of so many tests not one is there.
            let unlisted = if listed.tests == 0 { claimed.tests } else { 0 };
            let pairs = [
                (unlisted, listed.tests, "tests"),
                (claimed.bad, listed.bad, "failures and errors"),
                (claimed.skipped, listed.skipped, "skipped tests"),
            ];
            match pairs.into_iter().find(|(claimed, listed, _)| claimed > listed) {
                Some((claimed, listed, what)) => {
                    let name = name.map_or_else(|| "the report".to_owned(), |name| format!("suite {name:?}"));
                    let why = format!("{name} says it has {claimed} {what}, but {listed} are there");
                    Err(EvidenceError::Unreadable { format: "a JUnit report", why })
                }
                None => Ok(()),
            }
        }
        Some(Open::Other) | None => Ok(()),
    }
}

fn shape(at: &str, expected: &'static str) -> EvidenceError {
    EvidenceError::Shape { format: Format::JUnit, at: at.to_owned(), expected }
}
