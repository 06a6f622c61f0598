//! JUnit XML, as pytest, Surefire, cargo-nextest, Go and many others write it. What a suite says about its own
//! counts is not believed: its test cases are counted.

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
    Suite { name: String, own_cases: u64, claimed: Option<u64> },
    Case { suite: String, name: String, ending: Ending },
    Other,
}

/// Adds what a JUnit document says.
///
/// # Errors
/// Not well-formed, with the byte; a document type (nothing needs one, and entities grow); another root;
/// fewer test cases than a suite says it has.
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
        Open::Suite { name, .. } => Some(name.clone()),
        Open::Case { .. } | Open::Other => None,
    });
    match start.name().as_ref() {
        "testsuite" => {
            let name = attribute("name")?.filter(|name| !name.is_empty()).or(suite);
            let claimed = attribute("tests")?.and_then(|tests| tests.trim().parse().ok());
            // Short at once: every test case inside takes a copy.
            let name = name.map_or_else(|| "unnamed".to_owned(), |name| clean(&name, NAME));
            Ok(Open::Suite { name, own_cases: 0, claimed })
        }
        "testcase" => {
            for element in open.iter_mut() {
                if let Open::Suite { own_cases, .. } = element {
                    *own_cases += 1;
                }
            }
            let name = attribute("name")?.unwrap_or_default();
            let class = attribute("classname")?.filter(|class| !class.is_empty());
            let name = class.map_or_else(|| name.clone(), |class| format!("{class}.{name}"));
            // A runner that was cut off says so here and nowhere else.
            let ending = match attribute("status")?.as_deref() {
                Some("notrun" | "disabled" | "skipped") => Ending::Skipped,
                Some(_) | None => Ending::Passed,
            };
            Ok(Open::Case { suite: suite.unwrap_or_else(|| "unnamed".to_owned()), name, ending })
        }
        // flakyFailure and rerunFailure tell of earlier tries; the last one is told by failure and error.
        word @ ("failure" | "error" | "skipped") => {
            if let Some(Open::Case { ending, .. }) = open.last_mut() {
                let worse = match word {
                    "failure" => Ending::Failed,
                    "error" => Ending::Errored,
                    _ => Ending::Skipped,
                };
                *ending = match (*ending, worse) {
                    (Ending::Failed | Ending::Errored, Ending::Skipped) => *ending,
                    (Ending::Errored, _) => Ending::Errored,
                    (_, worse) => worse,
                };
            }
            Ok(Open::Other)
        }
        _ => Ok(Open::Other),
    }
}

fn close(open: &mut Vec<Open>, report: &mut TestReport) -> Result<(), EvidenceError> {
    match open.pop() {
        Some(Open::Case { suite, name, ending }) => report.record(&suite, &name, ending),
        Some(Open::Suite { name, own_cases, claimed }) => {
            report.suite(&name)?;
            match claimed.filter(|claimed| *claimed > own_cases) {
                Some(claimed) => Err(EvidenceError::Unreadable {
                    format: "a JUnit report",
                    why: format!("suite {name:?} says it has {claimed} tests, but {own_cases} are there"),
                }),
                None => Ok(()),
            }
        }
        Some(Open::Other) | None => Ok(()),
    }
}

fn shape(at: &str, expected: &'static str) -> EvidenceError {
    EvidenceError::Shape { format: Format::JUnit, at: at.to_owned(), expected }
}
