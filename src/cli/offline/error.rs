//! Why files cannot be used.

use super::files::{MAX_FILE, MAX_FILES};
use super::schema::Problem;

/// Most problems of one object that are told.
const TOLD: usize = 10;

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, String),
    #[error("{0} has more than {MAX_FILE} bytes")]
    TooLarge(String),
    #[error("folder {0} holds no manifest (.yaml, .yml or .json); folders in it are not read: name them")]
    NoManifest(String),
    #[error("folder {0} holds more than {MAX_FILES} manifests: name those that matter")]
    TooManyManifests(String),
    #[error("{0} is not a manifest: {1}")]
    NotManifest(String, String),
    #[error("{file}: {object}: there is no field {field}; kubectl explain shows the fields")]
    UnknownField { file: String, object: String, field: String },
    #[error("{file}: {object}: {}", listed(.problems))]
    Refused { file: String, object: String, problems: Vec<Problem> },
    #[error("{file}: {object}: {problem}")]
    Unfit { file: String, object: String, problem: String },
    #[error("{file}: {object} is there twice: give it once")]
    Twice { file: String, object: String },
}

/// One problem in the same line, several in a line each.
fn listed(problems: &[Problem]) -> String {
    if let [problem] = problems {
        return problem.to_string();
    }
    let mut lines = vec![format!("{} problems", problems.len())];
    lines.extend(problems.iter().take(TOLD).map(ToString::to_string));
    if problems.len() > TOLD {
        lines.push(format!("and {} more", problems.len() - TOLD));
    }
    lines.join("\n")
}
