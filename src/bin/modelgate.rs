//! The one program: operator, evaluator and command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Fails only if one is installed already, and then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    modelgate::cli::run(std::env::args_os())
}
