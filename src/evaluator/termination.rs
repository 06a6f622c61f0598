//! The file whose content Kubernetes hands over when the container ends, in whatever way it ends.

use crate::policy::message;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Holds one document at any time. It is rewritten after every gate, so that a process that is
/// killed or aborts still leaves a finding for each.
#[derive(Debug)]
pub struct TerminationLog {
    file: File,
    length: usize,
}

impl TerminationLog {
    /// The file is mounted by the kubelet: it is written in place, not replaced.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        Ok(Self { file, length: 0 })
    }

    /// Replaces the document. Trailing spaces cover a longer one before it, so that there is no moment
    /// in which the file holds half of each.
    pub fn put(&mut self, document: &[u8]) -> io::Result<()> {
        let mut padded = document.to_vec();
        padded.resize(self.length.max(document.len()), b' ');
        self.file.write_all_at(&padded, 0)?;
        self.file.set_len(document.len() as u64)?;
        self.length = document.len();
        Ok(())
    }

    /// Writes why there are no results.
    pub fn refuse(&mut self, run: &str, why: &str) -> io::Result<()> {
        self.put(&message::refusal(run, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_document_stands_alone() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("log");
        std::fs::write(&path, "something from before").unwrap();
        let mut log = TerminationLog::open(&path).unwrap();
        for document in ["{\"long\": 1}", "{}", "{\"a\":2}"] {
            log.put(document.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), document);
        }
    }
}
