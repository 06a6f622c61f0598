//! `modelgate evaluate`: what runs inside a check Job.

use crate::evaluator::{self, Ending, Options};
use crate::policy::finding::clean;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Answer the gates of one order from its evidence.
///
/// This is the program inside the Jobs that the operator starts. It prints each finding as a line of JSON
/// and leaves all of them, as one document of at most 4096 bytes, in the termination log.
///
/// Exit codes: 0 all gates passed; 1 at least one failed; 2 at least one could not be decided or its
/// evidence is missing; 3 at least one could not be evaluated, or none at all; 4 wrong usage. A failed
/// gate outweighs an error, and an error an undecided gate.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The order: JSON that names the run, its gates, its evidence and their digests
    #[arg(long, value_name = "FILE", default_value = "/modelgate/order/order.json")]
    order: PathBuf,
    /// Folder that holds a folder for each mounted piece of evidence
    #[arg(long, value_name = "FOLDER", default_value = "/modelgate/evidence")]
    evidence_root: PathBuf,
    /// Writable, empty folder for copies of the evidence
    #[arg(long, value_name = "FOLDER", default_value = "/modelgate/work")]
    work: PathBuf,
    /// Bytes that all copies may have together
    #[arg(long, value_name = "BYTES", default_value_t = evaluator::stage::WORK_LIMIT)]
    work_limit: u64,
    /// File that takes the result document
    #[arg(long, value_name = "FILE", default_value = "/dev/termination-log")]
    termination_log: PathBuf,
    /// Longest for the whole evaluation, such as 90s or 5m; gates that are left then are errors
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = duration)]
    timeout: Duration,
}

impl Evaluate {
    pub fn run(self) -> ExitCode {
        let Self { order, evidence_root, work, work_limit, termination_log, timeout } = self;
        let options = Options { order, evidence_root, work, work_limit, termination_log, timeout };
        end_when_told();
        match evaluator::run(&options, &mut std::io::stdout().lock()) {
            Ok(ending) => ExitCode::from(ending.code()),
            Err(error) => {
                eprintln!("modelgate evaluate: {}", clean(&error.to_string(), super::SAID));
                ExitCode::from(Ending::SomeBroke.code())
            }
        }
    }
}

/// The first process of a container is not ended by SIGTERM unless it asks to be. The termination log
/// holds what was found so far.
fn end_when_told() {
    let wait = || -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        runtime.block_on(async {
            signal(SignalKind::terminate())?.recv().await;
            Ok(())
        })
    };
    let listen = std::thread::Builder::new().name("signals".into()).spawn(move || match wait() {
        Ok(()) => {
            eprintln!("modelgate evaluate: told to end");
            std::process::exit(i32::from(Ending::SomeBroke.code()));
        }
        Err(error) => eprintln!("modelgate evaluate: cannot listen for SIGTERM: {error}"),
    });
    if let Err(error) = listen {
        eprintln!("modelgate evaluate: cannot listen for SIGTERM: {error}");
    }
}

/// Whole seconds or minutes: `90s`, `5m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(number), _) => number.parse::<u32>().ok(),
        (None, Some(number)) => number.parse::<u32>().ok().and_then(|minutes| minutes.checked_mul(60)),
        (None, None) => None,
    };
    match seconds {
        Some(seconds) if (1..=86_400).contains(&seconds) => Ok(Duration::from_secs(seconds.into())),
        Some(_) | None => Err("write a time from 1s to 24 hours, such as 90s or 5m".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        for bad in ["", "s", "5", "0s", "-1s", "1h", "1.5s", "99999999999s", "4294967295m", "100000s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
