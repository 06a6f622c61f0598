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
    #[error("{file}: {object}: {}", told(.problems).join("; "))]
    Refused { file: String, object: String, problems: Vec<Problem> },
    #[error("{file}: {object}: {problem}")]
    Unfit { file: String, object: String, problem: String },
    #[error("{file}: {object} is there twice: give it once")]
    Twice { file: String, object: String },
}

impl FileError {
    /// What is printed: one line, or for several problems of an object one each after the first.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Refused { file, object, problems } if problems.len() > 1 => {
                let first = format!("{file}: {object}: {} problems", problems.len());
                [vec![first], told(problems)].concat()
            }
            one => vec![one.to_string()],
        }
    }
}

fn told(problems: &[Problem]) -> Vec<String> {
    let mut told: Vec<_> = problems.iter().take(TOLD).map(ToString::to_string).collect();
    if problems.len() > TOLD {
        told.push(format!("and {} more", problems.len() - TOLD));
    }
    told
}
