//! The verdict for a pull request.

use super::{ending, people, risk, sentence, word};
use crate::cli::offline::Verdict;
use crate::evaluator::Ending;
use crate::policy::{Outcome, finding::figure};
use std::io::{self, Write};

pub(super) fn write(out: &mut impl Write, verdicts: &[Verdict]) -> io::Result<()> {
    for verdict in verdicts {
        let ending = ending(verdict);
        writeln!(out, "### ModelRelease {}/{}: {}\n", cell(&verdict.namespace), cell(&verdict.name), word(ending))?;
        let mut parts = vec![cell(&verdict.model), cell(sentence(verdict))];
        parts.extend(risk(verdict));
        if ending == Ending::AllPassed {
            parts.extend(people(verdict).map(|who| format!("next: {}", cell(&who))));
        }
        writeln!(out, "{}\n", parts.join("; "))?;
        if verdict.report.rows.is_empty() {
            continue;
        }
        writeln!(out, "| gate | check | outcome | value | asked | |\n|---|---|---|---|---|---|")?;
        for row in &verdict.report.rows {
            let number = row.value.as_deref().map(|text| text.parse().map_or_else(|_| text.to_owned(), figure));
            let said = if row.outcome > Outcome::Skipped { cell(&row.message) } else { String::new() };
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {said} |",
                cell(&row.key.to_string()),
                cell(&row.check),
                row.outcome,
                cell(&number.unwrap_or_default()),
                cell(&row.threshold.clone().unwrap_or_default()),
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Evidence is written by the judged: nothing of it may become markup.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '!' | '~' | '@' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
