//! Ends the process in order when it is asked to.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by SIGTERM or SIGINT. A second signal ends the process at once.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
            if asked.is_cancelled() {
                std::process::exit(130);
            }
            tracing::info!("asked to stop");
            asked.cancel();
        }
    });
    Ok(stop)
}
