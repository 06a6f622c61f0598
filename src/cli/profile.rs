//! `modelgate profile`: a reference profile of a table.

use crate::evaluator::Ending;
use crate::measure::profile::Profile;
use crate::measure::{Aside, Table};
use crate::policy::Digest;
use clap::Args;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bytes of temporary files that may be taken.
const MOST_ASIDE: u64 = 8 << 30;

/// Write a profile of a table, which stands for its rows as the reference of a drift gate.
///
/// Reads CSV, JSON lines, Parquet or Arrow IPC. The profile holds each column's distribution and no row; docs/checks/drift.md says what it
/// keeps exactly. Prints the profile's digest, for referenceDigests.
///
/// Exit codes: 0 written; 3 the table cannot be read or the profile not be written; 4 wrong usage.
#[derive(Debug, Args)]
pub struct MakeProfile {
    /// The reference rows
    table: PathBuf,
    /// File to write, which must not be there yet; - is the standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

#[derive(Debug, thiserror::Error)]
enum ProfileError {
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, std::io::Error),
    #[error("{0} {1}")]
    Table(String, crate::measure::MeasureError),
    #[error("{0} cannot be written: {1}")]
    Unwritable(String, std::io::Error),
}

impl MakeProfile {
    pub fn run(self) -> ExitCode {
        match self.write() {
            Ok(digest) => {
                eprintln!("{digest}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("modelgate profile: {}", super::line(&error.to_string()));
                ExitCode::from(Ending::SomeBroke.code())
            }
        }
    }

    fn write(self) -> Result<Digest, ProfileError> {
        let shown = self.table.display().to_string();
        let file = File::open(&self.table).map_err(|error| ProfileError::Unreadable(shown.clone(), error))?;
        let aside = tempfile::tempfile().ok().map(|file| Aside { file, most: MOST_ASIDE });
        let table = Table::open_with(file, aside).map_err(|error| ProfileError::Table(shown.clone(), error))?;
        let bytes = Profile::of(&table).and_then(|profile| profile.write());
        let bytes = bytes.map_err(|error| ProfileError::Table(shown, error))?;
        let target = self.output.display().to_string();
        put(&self.output, &bytes).map_err(|error| ProfileError::Unwritable(target, error))?;
        Ok(Digest::of(&bytes))
    }
}

fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if path == Path::new("-") {
        return std::io::stdout().lock().write_all(bytes);
    }
    File::create_new(path)?.write_all(bytes)
}
