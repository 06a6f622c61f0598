//! The sample of clear text that tokens are compared with. It is told by its evidence and column, never by a value.

use crate::evaluator::checks::words::{name, without_number};
use crate::evaluator::sources::Sources;
use crate::measure::Table;
use crate::measure::privacy::clear_text;
use crate::measure::privacy::redaction::Looks;
use crate::policy::check::ClearText;
use crate::policy::{Digest, Finding, FindingReason, Gate, Outcome};

/// What was read, and what it is called.
pub(super) struct Sample {
    pub values: clear_text::ClearText,
    /// `ssn in identities`
    called: String,
}

/// Reads the sample.
///
/// # Errors
/// A finding that says why there is none.
pub(super) fn read(
    gate: &Gate,
    asked: &ClearText,
    sources: &mut Sources,
    digests: &mut Vec<Digest>,
) -> Result<Sample, Box<Finding>> {
    let evidence = &asked.evidence;
    let stopped = |verdict, wrong: &dyn std::fmt::Display, digests: &[Digest]| {
        Box::new(without_number(gate, verdict, evidence, wrong, digests.iter().cloned()))
    };
    let source = sources.table(evidence).map_err(|error| stopped(error.verdict(), &error, digests))?;
    digests.push(source.digest.clone());
    if !asked.digests.is_empty() && !asked.digests.contains(&source.digest) {
        let wrong = format!("is {}, which the policy does not name", source.digest.short(12));
        return Err(stopped((Outcome::Error, FindingReason::DigestMismatch), &wrong, digests));
    }
    let read = Table::open(source.file).and_then(|table| {
        sources.read_as(evidence, table.format());
        clear_text::ClearText::read(&table, &asked.column)
    });
    let values = read.map_err(|error| stopped(error.verdict(), &error, digests))?;
    Ok(Sample { values, called: format!("{} in {}", name(&asked.column), name(evidence)) })
}

impl Sample {
    /// What is wrong with a column, one sentence for each way.
    pub(super) fn given_away(&self, looks: &Looks) -> Vec<String> {
        let cells = looks.given_away;
        let ways = [(cells.in_clear, "values"), (cells.encoded, "encoded values"), (cells.hashed, "unsalted hashes")];
        let some = ways.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, what)| format!("{count} of {} cells that are {what} of {}", looks.cells, self.called))
            .collect()
    }

    /// Behind what a column holds.
    pub(super) fn held(&self) -> String {
        format!(", none of {} values of {}", self.values.values(), self.called)
    }

    /// Why nothing was compared.
    pub(super) fn says_nothing(&self) -> Option<String> {
        (self.values.values() == 0).then(|| format!("there is no value of {}, so no token is compared", self.called))
    }
}
