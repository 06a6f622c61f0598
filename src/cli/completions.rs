//! `modelgate completions`.

use super::CommandLine;
use clap::{Args, CommandFactory};
use std::io::Write;
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
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut CommandLine::command(), "modelgate", &mut script);
        match std::io::stdout().write_all(&script) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("modelgate completions: the script cannot be written: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
