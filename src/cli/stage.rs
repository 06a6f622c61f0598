//! `modelgate stage`: brings evidence to the container of a gate's own Job.

use crate::evaluator::bring::{Bring, bring};
use crate::evaluator::{Ending, stage};
use crate::policy::Digest;
use crate::policy::finding::clean;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Bring the evidence of one order to where a container reads it.
///
/// This is the program that runs before the container of a gate's own Job (check job). It copies every piece of
/// evidence, compares it with its pinned digest, and leaves a finding in the termination log where one is missing
/// or another.
///
/// Exit codes: 0 all evidence is there; 3 a piece is not, or the order cannot be used; 4 wrong usage.
#[derive(Debug, Args)]
pub struct StageEvidence {
    /// The order: JSON that names the run, its gate, its evidence and their digests
    #[arg(long, value_name = "FILE", default_value = "/modelgate/order/order.json")]
    order: PathBuf,
    /// What the order must hash to
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    order_digest: Digest,
    /// Folder that holds a folder for each mounted piece of evidence
    #[arg(long, value_name = "FOLDER", default_value = "/modelgate/evidence")]
    evidence_root: PathBuf,
    /// Writable, empty folder: each piece becomes NAME/FILE in it
    #[arg(long, value_name = "FOLDER", default_value = "/modelgate/staged")]
    into: PathBuf,
    /// Bytes that all pieces may have together
    #[arg(long, value_name = "BYTES", default_value_t = stage::WORK_LIMIT)]
    limit: u64,
    /// File that takes the finding where evidence is missing
    #[arg(long, value_name = "FILE", default_value = "/dev/termination-log")]
    termination_log: PathBuf,
}

impl StageEvidence {
    pub fn run(self) -> ExitCode {
        let Self { order, order_digest, evidence_root, into, limit, termination_log } = self;
        match bring(&Bring { order, order_digest, evidence_root, into, limit, termination_log }) {
            Ok(true) => ExitCode::from(Ending::AllPassed.code()),
            Ok(false) => ExitCode::from(Ending::SomeBroke.code()),
            Err(error) => {
                eprintln!("modelgate stage: {}", clean(&error.to_string(), super::SAID));
                ExitCode::from(Ending::SomeBroke.code())
            }
        }
    }
}

fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).map_err(|error| error.to_string())
}
