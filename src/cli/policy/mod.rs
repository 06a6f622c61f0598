//! `modelgate policy`: what an author of policies asks before a cluster admin applies them.

mod diff;
mod direction;
mod explain;
mod lint;
mod test;
mod test_file;

use super::line;
use super::offline::{FileError, Files};
use crate::api::GovernancePolicy;
use crate::intake;
use crate::policy::PolicyPlan;
use crate::release::facts::Mode;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit code when what was asked about is not in order.
const FOUND: u8 = 1;

/// Try policies before they apply: test, lint, explain, compare.
#[derive(Debug, Args)]
pub struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Test(test::Test),
    Lint(lint::Lint),
    Explain(explain::Explain),
    Diff(diff::Diff),
}

impl Policy {
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Test(test) => test.run(),
            Command::Lint(lint) => lint.run(),
            Command::Explain(explain) => explain.run(),
            Command::Diff(diff) => diff.run(),
        };
        match done {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(FOUND),
            Err(error) => {
                eprintln!("modelgate policy: {}", super::said(&error));
                ExitCode::from(super::USAGE)
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum PolicyError {
    #[error("{0}")]
    File(#[from] FileError),
    #[error("{0} holds no GovernancePolicy")]
    NoPolicy(String),
    #[error("GovernancePolicy {0}: {1}")]
    Invalid(String, intake::IntakeError),
    #[error("{0}")]
    Test(#[from] test_file::TestFileError),
    #[error("{0}: {1}")]
    Case(String, super::offline::VerdictError),
    #[error("the answer cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Policies, named as files are elsewhere or with -f as for kubectl.
#[derive(Debug, Args)]
struct Sources {
    /// Manifest or folder with GovernancePolicies. May be repeated
    #[arg(value_name = "FILE", required_unless_present = "filename")]
    file: Vec<PathBuf>,
    /// The same
    #[arg(short, long, value_name = "FILE")]
    filename: Vec<PathBuf>,
}

impl Sources {
    fn paths(self) -> Vec<PathBuf> {
        [self.file, self.filename].concat()
    }
}

type Compiled = Vec<(GovernancePolicy, PolicyPlan)>;

/// The compiled policies of files and folders, as they apply where their own enforcement holds.
fn compiled(paths: &[PathBuf]) -> Result<Compiled, PolicyError> {
    with_files(paths).map(|(compiled, _)| compiled)
}

/// The same, with what else the files hold.
fn with_files(paths: &[PathBuf]) -> Result<(Compiled, Files), PolicyError> {
    let mut files = Files::read(paths, None)?;
    if let Some(note) = files.note() {
        eprintln!("modelgate policy: {}", line(&note));
    }
    if files.policies.is_empty() {
        let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(PolicyError::NoPolicy(shown.join(", ")));
    }
    let with_plan = |policy| compile(&policy).map(|plan| (policy, plan));
    let compiled = std::mem::take(&mut files.policies).into_iter().map(with_plan).collect::<Result<_, _>>()?;
    Ok((compiled, files))
}

fn compile(policy: &GovernancePolicy) -> Result<PolicyPlan, PolicyError> {
    let name = policy.metadata.name.clone().unwrap_or_default();
    intake::compile(&name, &policy.spec, Mode::Enforce).map_err(|error| PolicyError::Invalid(name, error))
}
