//! Structured logs, one line for each event, to standard error.
//!
//! No object is ever logged whole: names, digests, reasons and errors only.

use clap::ValueEnum;
use std::fmt::Display;
use tracing::Span;
use tracing::field::Empty;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// kube's client logs answers that the caller handles as errors of its own.
pub const DEFAULT_FILTER: &str = "info,kube_client=off,tower=warn,hyper=warn,hyper_util=warn";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Json,
    Text,
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the log filter cannot be read: {0}")]
    Filter(#[from] ParseError),
    #[error("logs are set up already: {0}")]
    SetUp(#[from] TryInitError),
}

/// Sets up the logs of this process.
pub fn init(format: LogFormat, filter: &str) -> Result<(), LogError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.boxed(),
    };
    tracing_subscriber::registry().with(filter).with(lines).try_init()?;
    Ok(())
}

/// The span of a pass. Every line logged in it tells the release, and revision and run once known.
pub fn pass(release: &impl Display) -> Span {
    tracing::info_span!("pass", %release, revision = Empty, run = Empty)
}

/// Tells the current pass which revision it is about.
pub fn revision(revision: &impl Display) {
    Span::current().record("revision", tracing::field::display(revision));
}

/// Tells the current pass which run it is about.
pub fn run(run: &impl Display) {
    Span::current().record("run", tracing::field::display(run));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_tells_release_revision_and_run() {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
        let layer = layer.json().flatten_event(true).with_span_list(false);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            pass(&"lending/mortgage").in_scope(|| {
                revision(&"sha256:1");
                run(&"mortgage-1");
                tracing::info!(gate = "card", "evaluated");
            });
        });
        let line: serde_json::Value = serde_json::from_slice(&lines.0.lock().unwrap()).unwrap();
        assert_eq!(line["message"], "evaluated");
        assert_eq!(line["gate"], "card");
        let span = &line["span"];
        assert_eq!(
            (&span["release"], &span["revision"], &span["run"]),
            (&"lending/mortgage".into(), &"sha256:1".into(), &"mortgage-1".into())
        );
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_an_error() {
        assert!(matches!(init(LogFormat::Json, "modelgate=loud"), Err(LogError::Filter(_))));
    }
}
