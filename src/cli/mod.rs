//! The command line.

mod check;
mod completions;
mod evaluate;
mod generate;
pub mod offline;
mod operator;
mod policy;
mod profile;
mod reference;
mod stage;

use crate::policy::finding::clean;
use clap::{Parser, Subcommand};
use offline::FileError;
use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

/// Longest line of an error that is printed, in bytes: it may hold what stands in a file of somebody else.
const SAID: usize = 1024;

/// An error as it is printed: in one line, whatever stands in a file of somebody else, or for problems of a file in some,
/// those after the first indented.
fn said(error: &(dyn Error + 'static)) -> String {
    let lines = match error.source().and_then(|source| source.downcast_ref::<FileError>()) {
        Some(of_file) => of_file.lines(),
        None => vec![error.to_string()],
    };
    lines.iter().map(|line| clean(line, SAID)).collect::<Vec<_>>().join("\n  ")
}

/// A text of somebody else in one line of output.
fn line(text: &str) -> String {
    clean(text, 2 * crate::policy::expression::MAX_TEXT)
}

/// Exit code when the command line itself is wrong.
const USAGE: u8 = 4;

/// Release gates for ML models, enforced on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "modelgate", version, propagate_version = true, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Operator(operator::Run),
    Evaluate(evaluate::Evaluate),
    Stage(stage::StageEvidence),
    Generate(generate::Generate),
    Policy(policy::Policy),
    Profile(profile::MakeProfile),
    Completions(completions::Completions),
}

/// Parses and runs one command.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line.command,
        Err(error) => {
            // Help and version come this way too. Nothing is left to do if nobody reads it.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match command {
        Command::Check(check) => check.run(),
        Command::Operator(operator) => operator.run(),
        Command::Evaluate(evaluate) => evaluate.run(),
        Command::Stage(stage) => stage.run(),
        Command::Generate(generate) => generate.run(),
        Command::Policy(policy) => policy.run(),
        Command::Profile(profile) => profile.run(),
        Command::Completions(completions) => completions.run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }
}
