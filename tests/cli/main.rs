//! The command line as a user runs it: the built program, its output and its exit codes.

mod check;
mod documented;
mod own_jobs;
#[path = "../pages/mod.rs"]
mod pages;
mod policy;
mod profile;
mod refusals;
#[path = "../refused/mod.rs"]
mod refused;
mod suppositions;

use std::path::Path;
use std::process::{Command, Output};

/// Runs `modelgate` in the project's root folder.
fn modelgate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_modelgate"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
