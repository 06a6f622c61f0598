//! The operator inside this process, and whose turn it is: tests that need nothing but a running
//! operator share one; a test that stops, cuts or doubles it has the cluster for itself.

use super::installed::installed;
use super::line::Line;
use crate::cluster::cluster;
use clap::Parser;
use modelgate::controller::{Operator, OperatorError};
use modelgate::runtime::client::client_with;
use modelgate::runtime::options::Options;
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError, mpsc};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

pub struct Running {
    runtime: Option<Runtime>,
    lease: String,
    stop: CancellationToken,
    ended: mpsc::Receiver<Result<(), String>>,
}

/// Starts an operator that competes for this lease.
pub fn start(lease: &str, line: &Line) -> Running {
    start_with(lease, line, &[])
}

/// The same with further options, which count instead of the usual ones.
pub fn start_with(lease: &str, line: &Line, further: &[&str]) -> Running {
    log_to_file();
    let options = options(lease, further);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (tell, ended) = mpsc::channel();
    let (stop, line) = (CancellationToken::new(), line.clone());
    let asked = stop.clone();
    runtime.spawn(async move {
        let result = loop {
            let client = client_with(installed().operator_config().await, &line).unwrap();
            match Operator::new(options.clone(), client).run(asked.clone()).await {
                // On a busy machine; its pod would be started again.
                Err(OperatorError::LeaseLost) => continue,
                other => break other,
            }
        };
        let _ = tell.send(result.map_err(|e| e.to_string()));
    });
    Running { runtime: Some(runtime), lease: lease.to_owned(), stop, ended }
}

pub const LEASE: &str = "modelgate-operator";

impl Running {
    /// In order, as on SIGTERM.
    pub fn stop(mut self) {
        self.stop.cancel();
        let ended = self.ended.recv_timeout(Duration::from_secs(30)).expect("the operator stops when asked to");
        ended.expect("the operator ends well");
        self.end();
    }

    /// At once, as on SIGKILL. Its lease is taken away, so that the next one need not wait for its end.
    pub fn kill(mut self) {
        self.end();
        cluster().kubectl(&["-n", "modelgate-system", "delete", "lease", &self.lease]);
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

#[derive(Parser)]
#[command(args_override_self = true)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

fn options(lease: &str, further: &[&str]) -> Options {
    let arguments = [
        "modelgate",
        "--image",
        &installed().evaluator,
        "--listen=127.0.0.1:0",
        // Renewed in time however busy the machine is.
        "--lease-duration=60s",
        "--lease-name",
        lease,
        // A pass of a dead line holds its place.
        "--concurrency=128",
    ];
    Arguments::parse_from(arguments.iter().chain(further)).options
}

/// What operators of this process log is in a file whose name the first of them prints.
fn log_to_file() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let file = format!("{}/operators-{}.log", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        println!("operators log to {file}");
        let file = std::fs::File::create(file).unwrap();
        let subscriber = tracing_subscriber::fmt().with_writer(Mutex::new(file)).with_ansi(false);
        subscriber.with_max_level(tracing::Level::INFO).init();
    });
}

#[derive(Default)]
struct Turns {
    sharing: usize,
    alone: bool,
    shared: Option<Running>,
}

static TURNS: Mutex<Turns> = Mutex::new(Turns { sharing: 0, alone: false, shared: None });
static CHANGED: Condvar = Condvar::new();

/// Held for as long as a test needs the cluster as it asked for it.
pub struct Turn {
    alone: bool,
}

/// One operator runs, and others' stories with it.
pub fn shared() -> Turn {
    installed();
    let mut turns = CHANGED.wait_while(lock(), |turns| turns.alone).unwrap_or_else(PoisonError::into_inner);
    turns.sharing += 1;
    turns.shared.get_or_insert_with(|| start(LEASE, &Line::default()));
    Turn { alone: false }
}

/// No operator runs, and nobody else's story.
pub fn alone() -> Turn {
    installed();
    let busy = |turns: &mut Turns| turns.alone || turns.sharing > 0;
    let mut turns = CHANGED.wait_while(lock(), busy).unwrap_or_else(PoisonError::into_inner);
    turns.alone = true;
    if let Some(running) = turns.shared.take() {
        running.stop();
    }
    Turn { alone: true }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = lock();
        match self.alone {
            true => turns.alone = false,
            false => turns.sharing -= 1,
        }
        CHANGED.notify_all();
    }
}

fn lock() -> MutexGuard<'static, Turns> {
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}
