//! The help of every command, as pages of the documentation.

use super::CommandLine;
use clap::{Command, CommandFactory};
use std::fmt::Write;

/// File name and text; one page for each command, commands within it below.
pub(super) fn pages() -> Vec<(String, String)> {
    let mut program = CommandLine::command();
    program.build();
    let shown = program.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set());
    shown.map(|command| (format!("{}.md", command.get_name()), page(command))).collect()
}

fn page(command: &Command) -> String {
    let mut text = String::new();
    section(&mut text, command, 1);
    text
}

fn section(text: &mut String, command: &Command, level: usize) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    // The program asks no terminal for its width here, so the text is the same everywhere.
    let help = command.clone().term_width(100).render_long_help().to_string();
    let help = help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    // Writing to a text cannot fail.
    let _ = write!(text, "{} {name}\n\n```text\n{}\n```\n", "#".repeat(level), help.trim_end());
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        text.push('\n');
        section(text, inner, level + 1);
    }
}
