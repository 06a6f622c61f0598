//! The order's evidence by name. Each is brought in once, when a gate first asks for it.

use super::comparison::Comparisons;
use super::counted::Counted;
use super::stage::{Stage, StageError, Staged};
use crate::measure::Aside;
use crate::policy::{Columns, Digest, EvidenceSource, EvidenceSpec};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

/// Evidence that gates may read.
#[derive(Debug)]
pub struct Sources {
    stage: Stage,
    named: Vec<EvidenceSpec>,
    brought: BTreeMap<String, Result<Staged, StageError>>,
    pub(super) comparisons: Comparisons,
    pub(super) counted: Counted,
    /// What each piece was last read as.
    formats: BTreeMap<String, &'static str>,
    /// What the gate that is answered has read, in this order.
    read: Vec<String>,
}

/// Bytes as pinned.
#[derive(Debug)]
pub struct Document {
    pub bytes: Vec<u8>,
    pub digest: Digest,
}

/// A table as pinned, with what its columns mean.
#[derive(Debug)]
pub struct TableFile {
    pub file: File,
    pub digest: Digest,
    pub columns: Option<Columns>,
}

impl Sources {
    pub fn new(stage: Stage, named: Vec<EvidenceSpec>) -> Self {
        Self {
            stage,
            named,
            brought: BTreeMap::new(),
            comparisons: Comparisons::default(),
            counted: Counted::default(),
            formats: BTreeMap::new(),
            read: Vec::new(),
        }
    }

    /// Another gate is answered: it has read nothing yet.
    pub fn begin(&mut self) {
        self.read.clear();
    }

    /// Keeps what a piece was read as. A table that was compared before need not be read again for that.
    pub fn read_as(&mut self, name: &str, format: &'static str) {
        self.formats.insert(name.to_owned(), format);
    }

    /// What the gate has read, by format, each once.
    pub fn formats(&self) -> Vec<&'static str> {
        let mut formats = Vec::new();
        for format in self.read.iter().filter_map(|name| self.formats.get(name).copied()) {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }

    /// A document, whole; at most `limit` bytes.
    pub fn document(&mut self, name: &str, limit: usize) -> Result<Document, StageError> {
        // Another gate may have read it as something else.
        self.formats.remove(name);
        let (staged, _) = self.bring(name)?;
        self.read.push(name.to_owned());
        if staged.size > limit as u64 {
            return Err(StageError::TooLarge(limit as u64));
        }
        let mut bytes = Vec::new();
        open(&staged)?.read_to_end(&mut bytes).map_err(|error| StageError::Unreadable(error.to_string()))?;
        Ok(Document { bytes, digest: staged.digest })
    }

    /// The last part of the path that a named piece of evidence is known by.
    pub fn file_name(&self, name: &str) -> Option<&str> {
        file_name(&self.named.iter().find(|spec| spec.name == name)?.source)
    }

    /// A table, to be read as a stream.
    pub fn table(&mut self, name: &str) -> Result<TableFile, StageError> {
        let (staged, columns) = self.bring(name)?;
        self.read.push(name.to_owned());
        Ok(TableFile { file: open(&staged)?, digest: staged.digest, columns })
    }

    /// The digest of a piece that is not read.
    pub fn digest(&mut self, name: &str) -> Result<Digest, StageError> {
        Ok(self.bring(name)?.0.digest)
    }

    /// Room for what is read of one of two tables and needed again, if there is any.
    pub fn aside(&self) -> Option<Aside> {
        self.stage.aside()
    }

    fn bring(&mut self, name: &str) -> Result<(Staged, Option<Columns>), StageError> {
        let spec = self.named.iter().find(|spec| spec.name == name).ok_or(StageError::NotNamed)?;
        let brought = match self.brought.get(name) {
            Some(brought) => brought.clone(),
            None => {
                let brought = self.stage.bring(spec);
                self.brought.insert(name.to_owned(), brought.clone());
                brought
            }
        };
        Ok((brought?, spec.columns.clone()))
    }
}

/// The last part of the path that a piece of evidence is known by.
pub fn file_name(source: &EvidenceSource) -> Option<&str> {
    let path = match source {
        EvidenceSource::ConfigMap { key, .. } => key.as_str(),
        EvidenceSource::PersistentVolumeClaim { path, .. } => path,
        EvidenceSource::Https { url } => url.split(['?', '#']).next()?,
    };
    path.rsplit('/').next()
}

fn open(staged: &Staged) -> Result<File, StageError> {
    File::open(&staged.path).map_err(|error| StageError::Unreadable(error.to_string()))
}
