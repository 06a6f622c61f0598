//! The verdict as JUnit XML: a suite for each release, a case for each gate
//! (<https://github.com/testmoapp/junitxml> describes what readers agree on).

use super::sentence;
use crate::cli::offline::Verdict;
use crate::policy::{Enforcement, Outcome};
use crate::release::decision::Row;
use std::io::{self, Write};

pub(super) fn write(out: &mut impl Write, verdicts: &[Verdict]) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, "<testsuites>")?;
    for verdict in verdicts {
        suite(out, verdict)?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(out: &mut impl Write, verdict: &Verdict) -> io::Result<()> {
    let rows = &verdict.report.rows;
    let name = format!("{}/{}", verdict.release.namespace, verdict.release.name);
    let count = |kind| rows.iter().filter(|row| of(row) == kind).count();
    let broken = usize::from(verdict.document.is_none());
    writeln!(
        out,
        r#"  <testsuite name="{}" tests="{}" failures="{}" errors="{}" skipped="{}">"#,
        escaped(&name),
        rows.len() + broken,
        count(Some("failure")),
        count(Some("error")) + broken,
        count(Some("skipped"))
    )?;
    if broken > 0 {
        let why = escaped(sentence(verdict));
        writeln!(
            out,
            r#"    <testcase name="evaluation" classname="{}"><error message="{why}"/></testcase>"#,
            escaped(&name)
        )?;
    }
    for row in rows {
        let case =
            format!(r#"    <testcase name="{}" classname="{}""#, escaped(&row.key.gate), escaped(&row.key.policy));
        let said = escaped(&format!("{}: {}", row.reason, row.message));
        match of(row) {
            None => writeln!(out, "{case}><system-out>{said}</system-out></testcase>")?,
            Some(kind) => writeln!(out, r#"{case}><{kind} message="{said}"/></testcase>"#)?,
        }
    }
    writeln!(out, "  </testsuite>")
}

/// What does not block is shown and does not fail the suite.
fn of(row: &Row) -> Option<&'static str> {
    match (row.outcome, row.enforcement) {
        (Outcome::Pass, _) => None,
        // People are not asked here.
        (_, _) if row.check == "approval" => Some("skipped"),
        (Outcome::Skipped | Outcome::Warn, _) => Some("skipped"),
        (_, Enforcement::Audit | Enforcement::Warn) => Some("skipped"),
        (Outcome::Fail, Enforcement::Enforce) => Some("failure"),
        (Outcome::Inconclusive | Outcome::Missing | Outcome::Error, Enforcement::Enforce) => Some("error"),
    }
}

pub(in crate::cli) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Not allowed in XML 1.0, whatever the writing.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
