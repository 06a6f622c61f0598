//! The verdict for a pull request. Evidence is written by the judged: what they wrote stands in code spans, where
//! nothing of it becomes markup, a link or a mention.

use super::{ending, risk_parts, shown, summary, word};
use crate::cli::offline::Verdict;
use std::io::{self, Write};

pub(super) fn write(out: &mut impl Write, verdicts: &[Verdict]) -> io::Result<()> {
    for verdict in verdicts {
        let release = format!("{}/{}", verdict.release.namespace, verdict.release.name);
        writeln!(out, "### ModelRelease {}: {}\n", code(&release), word(ending(verdict)))?;
        writeln!(out, "{}\n", code(&format!("{}: {}", verdict.model, summary(verdict).join("; "))))?;
        if verdict.report.rows.is_empty() {
            continue;
        }
        writeln!(out, "| gate | check | outcome | value | asked | |\n|---|---|---|---|---|---|")?;
        for row in &verdict.report.rows {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                code(&row.key.to_string()),
                row.check,
                row.outcome,
                code(&shown(row)),
                code(row.threshold.as_deref().unwrap_or_default()),
                code(&row.message),
            )?;
        }
        writeln!(out)?;
        if let Some(parts) = risk_parts(verdict) {
            writeln!(out, "Risk: {}\n", code(&parts))?;
        }
    }
    Ok(())
}

/// A code span that fits a table's cell.
fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let text: String = text
        .chars()
        .map(|c| match c {
            '`' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    format!("`{}`", text.replace('|', "\\|"))
}
