//! `modelgate completions`.

use super::CommandLine;
use clap::{Args, CommandFactory};
use std::process::ExitCode;

/// Print what a shell needs to complete commands and options.
///
/// For bash: source <(modelgate completions bash)
#[derive(Debug, Args)]
pub struct Completions {
    shell: clap_complete::Shell,
}

impl Completions {
    pub fn run(self) -> ExitCode {
        clap_complete::generate(self.shell, &mut CommandLine::command(), "modelgate", &mut std::io::stdout());
        ExitCode::SUCCESS
    }
}
