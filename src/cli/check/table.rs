//! The verdict for people: one row for each gate, and under it what was found.

use super::{ending, risk_parts, shown, summary, word};
use crate::cli::line;
use crate::cli::offline::Verdict;
use crate::evaluator::Ending;
use crate::policy::Outcome;
use crate::release::decision::Row;
use std::io::{self, Write};

pub(super) fn write(out: &mut impl Write, verdicts: &[Verdict], color: bool) -> io::Result<()> {
    for (place, verdict) in verdicts.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        writeln!(out, "ModelRelease {}/{}: {}", verdict.release.namespace, verdict.release.name, line(&verdict.model))?;
        rows(out, &verdict.report.rows, color)?;
        if let Some(parts) = risk_parts(verdict) {
            writeln!(out, "risk: {}", line(&parts))?;
        }
        let ending = ending(verdict);
        writeln!(out, "{}: {}", painted(word(ending), code(ending), color), line(&summary(verdict).join("; ")))?;
    }
    Ok(())
}

fn rows(out: &mut impl Write, rows: &[Row], color: bool) -> io::Result<()> {
    let head = ["GATE", "CHECK", "ENFORCEMENT", "OUTCOME", "VALUE", "ASKED"].map(str::to_owned);
    let cells = |row: &Row| {
        [
            row.key.to_string(),
            row.check.clone(),
            format!("{:?}", row.enforcement),
            row.outcome.to_string(),
            shown(row),
            line(row.threshold.as_deref().unwrap_or_default()),
        ]
    };
    if rows.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = rows.iter().map(cells).collect();
    let mut widths = [0; 6];
    for line in lines.iter().chain([&head]) {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let padded = |cells: &[String; 6], outcome: Option<Outcome>| {
        let texts = cells.iter().zip(widths).enumerate().map(|(at, (cell, width))| {
            let text = format!("{cell:<width$}");
            match outcome.filter(|_| at == 3) {
                Some(outcome) => painted(&text, of(outcome), color),
                None => text,
            }
        });
        texts.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    writeln!(out, "{}", padded(&head, None))?;
    for (row, cells) in rows.iter().zip(&lines) {
        writeln!(out, "{}", padded(cells, Some(row.outcome)))?;
        writeln!(out, "    {}: {}", row.reason, line(&row.message))?;
    }
    Ok(())
}

fn painted(text: &str, code: &str, color: bool) -> String {
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

fn of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "32",
        Outcome::Skipped => "2",
        Outcome::Warn | Outcome::Inconclusive | Outcome::Missing => "33",
        Outcome::Error | Outcome::Fail => "31",
    }
}

fn code(ending: Ending) -> &'static str {
    match ending {
        Ending::AllPassed => "1;32",
        Ending::SomeUndecided => "1;33",
        Ending::SomeFailed | Ending::SomeBroke => "1;31",
    }
}
