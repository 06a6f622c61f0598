//! `modelgate operator`: the controller.

use crate::controller::Operator;
use crate::runtime::options::Options;
use crate::runtime::{client, logs, shutdown};
use std::process::ExitCode;

/// Watch releases, evaluate them, hold, admit and take back
#[derive(Debug, clap::Args)]
pub struct Run {
    #[command(flatten)]
    options: Options,
}

impl Run {
    pub fn run(self) -> ExitCode {
        let outcome = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|e| e.to_string())
            .and_then(|runtime| runtime.block_on(operate(self.options)));
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                eprintln!("modelgate operator: {problem}");
                ExitCode::FAILURE
            }
        }
    }
}

async fn operate(options: Options) -> Result<(), String> {
    logs::init(options.log_format, &options.log).map_err(|e| e.to_string())?;
    let stop = shutdown::on_signal().map_err(|e| e.to_string())?;
    let config = client::config().await.map_err(|e| e.to_string())?;
    let client = client::client(config).map_err(|e| e.to_string())?;
    Operator::new(options, client).run(stop).await.map_err(|e| e.to_string())
}
