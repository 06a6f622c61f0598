//! Checkpoints: the size and root of a log, as a note that it signed (C2SP signed-note and tlog-checkpoint).

use super::super::key;
use super::merkle::Hash;
use crate::policy::check::Log;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Signatures on one note: the log's and those of witnesses.
const MAX_SIGNATURES: usize = 16;

pub(super) struct Checkpoint {
    pub size: u64,
    pub root: Hash,
}

/// What a note says, if one of the logs signed it. The hints which key that was are not used: every log is tried.
pub(super) fn signed<'l>(note: &str, logs: &'l [Log]) -> Option<(Checkpoint, &'l Log)> {
    let at = note.rfind("\n\n")?;
    // The empty line is of the frame, the end of the line before it of the text.
    let (text, signatures) = (note.get(..=at)?, note.get(at + 2..)?);
    let mut lines = text.lines();
    lines.next().filter(|origin| !origin.is_empty())?;
    let size = lines.next()?;
    let size = size.parse().ok().filter(|number: &u64| number.to_string() == size)?;
    let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
    let made = |line: &str| {
        let encoded = line.strip_prefix("\u{2014} ")?.rsplit_once(' ')?.1;
        let bytes = STANDARD.decode(encoded).ok()?;
        // Before the signature stand four bytes that hint at its key.
        bytes.get(4..).map(<[u8]>::to_vec)
    };
    let signatures: Vec<Vec<u8>> = signatures.lines().take(MAX_SIGNATURES).filter_map(made).collect();
    let by = |log: &&Log| signatures.iter().any(|one| key::verifies(&log.key, text.as_bytes(), one));
    logs.iter().find(by).map(|log| (Checkpoint { size, root }, log))
}
