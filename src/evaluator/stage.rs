//! Brings evidence into a folder of our own while hashing it, so that what is measured is what was pinned:
//! a volume may change between two reads, the copy does not.

use super::fetch::{FetchError, Fetcher};
use crate::measure::Aside;
use crate::policy::finding::clean;
use crate::policy::{Digest, EvidenceSource, EvidenceSpec, FindingReason, Outcome};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

/// Copies of all evidence may have this many bytes together, unless an option says otherwise.
pub const WORK_LIMIT: u64 = 1 << 30;

/// One piece of evidence as pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// A private copy that nobody else writes.
    pub path: PathBuf,
    pub digest: Digest,
    /// Size in bytes, at least 1.
    pub size: u64,
}

/// Written to be read after the name of the evidence: `metrics is not there: …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    #[error("is not among the release's evidence; add it there")]
    NotNamed,
    #[error("has no digest; pin it")]
    NotPinned,
    #[error("is not there: {0}; put it there or correct the release")]
    Missing(String),
    #[error("is empty; release with evidence that says something")]
    Empty,
    #[error("lies at a path that leaves its own folder: {0}; correct the release")]
    Outside(String),
    #[error("cannot be read: {0}; mend that, then create a ReleaseAction Retry")]
    Unreadable(String),
    #[error("has more than the {0} bytes that are left for evidence; release with less")]
    TooLarge(u64),
    #[error("has digest {found}, but {pinned} is pinned; release with what was tested")]
    OtherDigest { found: Digest, pinned: Digest },
    #[error(
        "has digest {found} in the pod, but {pinned} is pinned: the node still gives out the ConfigMap that had this name before; release the evidence under another name"
    )]
    OtherConfigMap { found: Digest, pinned: Digest },
}

impl StageError {
    /// Never a pass: what is absent is `Missing`, what is there and of no use is `Error`.
    pub fn verdict(&self) -> (Outcome, FindingReason) {
        match self {
            Self::NotNamed | Self::Missing(_) => (Outcome::Missing, FindingReason::EvidenceMissing),
            Self::Empty => (Outcome::Missing, FindingReason::EvidenceEmpty),
            Self::NotPinned => (Outcome::Error, FindingReason::NotPinned),
            Self::Outside(_) | Self::Unreadable(_) => (Outcome::Error, FindingReason::EvidenceUnreadable),
            Self::TooLarge(_) => (Outcome::Error, FindingReason::EvidenceTooLarge),
            Self::OtherDigest { .. } => (Outcome::Error, FindingReason::DigestMismatch),
            Self::OtherConfigMap { .. } => (Outcome::Error, FindingReason::OtherConfigMap),
        }
    }
}

impl From<FetchError> for StageError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::NotFound(..) => Self::Missing(error.to_string()),
            FetchError::TooLarge(limit) => Self::TooLarge(limit),
            FetchError::BadUrl(_)
            | FetchError::Refused(_)
            | FetchError::Redirected(_)
            | FetchError::Status(..)
            | FetchError::Unreachable(..)
            | FetchError::TimedOut(_)
            | FetchError::Broken(_) => Self::Unreadable(error.to_string()),
        }
    }
}

/// Where evidence is mounted, where copies go, and how much room is left for them.
#[derive(Debug)]
pub struct Stage {
    mounted: PathBuf,
    copies: PathBuf,
    room: u64,
    count: usize,
    fetcher: Fetcher,
    /// Files of this machine that stand for evidence, by its name.
    files: BTreeMap<String, PathBuf>,
}

impl Stage {
    /// `mounted` holds one folder for each piece of evidence; `copies` is a writable folder; `room` is in bytes.
    pub fn new(mounted: PathBuf, copies: PathBuf, room: u64, fetcher: Fetcher) -> Self {
        Self { mounted, copies, room, count: 0, fetcher, files: BTreeMap::new() }
    }

    /// The same, with files of the caller's own instead of the sources of the evidence that they are named after.
    pub fn with_files(self, files: BTreeMap<String, PathBuf>) -> Self {
        Self { files, ..self }
    }

    /// Copies one piece of evidence and compares it with its pinned digest.
    pub fn bring(&mut self, spec: &EvidenceSpec) -> Result<Staged, StageError> {
        let pinned = spec.digest.clone().ok_or(StageError::NotPinned)?;
        self.count += 1;
        let path = self.copies.join(format!("evidence-{}", self.count));
        let mut copy = Copy::create(&path, self.room)?;
        match self.fill(spec, &mut copy) {
            Ok(()) => {}
            Err(error) => {
                // The folder is the container's own and goes with it; leaving the rest only costs room.
                let _ = fs::remove_file(&path);
                return Err(error);
            }
        }
        let (found, size) = copy.finish()?;
        self.room -= size;
        let mounted = !self.files.contains_key(&spec.name);
        if found != pinned && mounted && matches!(spec.source, EvidenceSource::ConfigMap { .. }) {
            return Err(StageError::OtherConfigMap { found, pinned });
        }
        if size == 0 {
            return Err(StageError::Empty);
        }
        if found != pinned {
            return Err(StageError::OtherDigest { found, pinned });
        }
        Ok(Staged { path, digest: found, size })
    }

    /// A file without a name beside the copies, which may take half of the room that is left. It is gone when it is closed,
    /// and no evidence is brought while two are open.
    pub fn aside(&self) -> Option<Aside> {
        tempfile::tempfile_in(&self.copies).ok().map(|file| Aside { file, most: self.room / 2 })
    }

    fn fill(&self, spec: &EvidenceSpec, copy: &mut Copy) -> Result<(), StageError> {
        if let Some(file) = self.files.get(&spec.name) {
            return copy.read_from(
                File::open(file).map_err(|error| opening(&error, &clean(&file.display().to_string(), 80)))?,
            );
        }
        match &spec.source {
            EvidenceSource::ConfigMap { key, .. } => copy.read_from(open(&self.mounted, &spec.name, key)?),
            EvidenceSource::PersistentVolumeClaim { path, .. } => {
                copy.read_from(open(&self.mounted, &spec.name, path)?)
            }
            EvidenceSource::Https { url } => Ok(self.fetcher.fetch(url, copy.room, |bytes| copy.write(bytes))?),
        }
    }
}

/// Opens a regular file below `mounted/name`. Links inside are followed (a ConfigMap volume is made of
/// them), links that lead out are not.
fn open(mounted: &Path, name: &str, path: &str) -> Result<File, StageError> {
    let shown = clean(path, 80);
    let is_plain = |text: &str| Path::new(text).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || name.contains('/') || path.is_empty() || !is_plain(name) || !is_plain(path) {
        return Err(StageError::Outside(shown));
    }
    let root = mounted.join(name).canonicalize().map_err(|error| opening(&error, "its volume is not mounted"))?;
    let file = root.join(path).canonicalize().map_err(|error| opening(&error, &format!("no file {shown}")))?;
    if !file.starts_with(&root) {
        return Err(StageError::Outside(shown));
    }
    // Opening a pipe or a device could wait for ever.
    if !file.is_file() {
        return Err(StageError::Unreadable(format!("{shown} is not a regular file")));
    }
    File::open(&file).map_err(|error| opening(&error, &format!("no file {shown}")))
}

fn opening(error: &io::Error, missing: &str) -> StageError {
    match error.kind() {
        ErrorKind::NotFound => StageError::Missing(missing.to_owned()),
        _ => StageError::Unreadable(error.to_string()),
    }
}

/// A file being written and hashed at once, with a limit.
struct Copy {
    file: File,
    hasher: Sha256,
    size: u64,
    room: u64,
}

impl Copy {
    fn create(path: &Path, room: u64) -> Result<Self, StageError> {
        let file =
            File::create_new(path).map_err(|error| StageError::Unreadable(format!("no room for a copy: {error}")))?;
        Ok(Self { file, hasher: Sha256::new(), size: 0, room })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.hasher.update(bytes);
        self.file.write_all(bytes)
    }

    fn read_from(&mut self, source: File) -> Result<(), StageError> {
        // Known before a byte of it is copied; a file that grows meanwhile is still cut off below.
        if source.metadata().is_ok_and(|file| file.len() > self.room) {
            return Err(StageError::TooLarge(self.room));
        }
        let mut source = source.take(self.room.saturating_add(1));
        let mut chunk = vec![0; 1 << 16];
        loop {
            match source.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    let bytes = chunk.get(..count).unwrap_or_default();
                    self.write(bytes)
                        .map_err(|error| StageError::Unreadable(format!("no room for a copy: {error}")))?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(StageError::Unreadable(error.to_string())),
            }
            if self.size > self.room {
                return Err(StageError::TooLarge(self.room));
            }
        }
    }

    fn finish(mut self) -> Result<(Digest, u64), StageError> {
        self.file.flush().map_err(|error| StageError::Unreadable(format!("no room for a copy: {error}")))?;
        Ok((self.hasher.into(), self.size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    struct Folder {
        temp: tempfile::TempDir,
    }

    impl Folder {
        fn new() -> Self {
            let temp = tempfile::tempdir().unwrap();
            fs::create_dir_all(temp.path().join("mounted/metrics/..data")).unwrap();
            fs::create_dir(temp.path().join("copies")).unwrap();
            Self { temp }
        }

        fn mounted(&self) -> PathBuf {
            self.temp.path().join("mounted")
        }

        fn bring(&self, path: &str, digest: Option<&Digest>, room: u64) -> Result<Staged, StageError> {
            self.bring_from(
                EvidenceSource::PersistentVolumeClaim { name: "claim".into(), path: path.into() },
                digest,
                room,
            )
        }

        fn bring_from(&self, source: EvidenceSource, digest: Option<&Digest>, room: u64) -> Result<Staged, StageError> {
            let copies = tempfile::tempdir_in(self.temp.path()).unwrap().keep();
            let spec = EvidenceSpec { name: "metrics".into(), source, digest: digest.cloned(), columns: None };
            Stage::new(self.mounted(), copies, room, Fetcher::default()).bring(&spec)
        }
    }

    #[test]
    fn pinned_bytes_are_copied_and_others_are_not() {
        let folder = Folder::new();
        // As the kubelet lays a ConfigMap out.
        fs::write(folder.mounted().join("metrics/..data/a.json"), "{}").unwrap();
        symlink("..data/a.json", folder.mounted().join("metrics/a.json")).unwrap();
        fs::write(folder.mounted().join("metrics/empty"), "").unwrap();
        let digest = Digest::of(b"{}");
        let staged = folder.bring("a.json", Some(&digest), 2).unwrap();
        assert_eq!((staged.size, &staged.digest), (2, &digest));
        assert_eq!(fs::read(&staged.path).unwrap(), b"{}");
        assert_eq!(folder.bring("a.json", Some(&digest), 1), Err(StageError::TooLarge(1)));
        assert_eq!(folder.bring("a.json", None, 9), Err(StageError::NotPinned));
        assert_eq!(folder.bring("empty", Some(&Digest::of(b"")), 9), Err(StageError::Empty));
        let other = Digest::of(b"{ }");
        let mismatch = StageError::OtherDigest { found: digest.clone(), pinned: other.clone() };
        assert_eq!(folder.bring("a.json", Some(&other), 9), Err(mismatch));
        let map = |key: &str| EvidenceSource::ConfigMap { name: "map".into(), key: key.into() };
        assert!(folder.bring_from(map("a.json"), Some(&digest), 9).is_ok());
        let mismatch = StageError::OtherConfigMap { found: digest, pinned: other.clone() };
        assert_eq!(folder.bring_from(map("a.json"), Some(&other), 9), Err(mismatch));
        let empty = folder.bring_from(map("empty"), Some(&other), 9);
        assert!(matches!(empty, Err(StageError::OtherConfigMap { .. })), "an empty one may have had the name, too");
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let folder = Folder::new();
        let secret = folder.temp.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        fs::create_dir(folder.mounted().join("other")).unwrap();
        fs::write(folder.mounted().join("other/file"), "secret").unwrap();
        symlink(&secret, folder.mounted().join("metrics/link")).unwrap();
        symlink("../other", folder.mounted().join("metrics/neighbour")).unwrap();
        let digest = Digest::of(b"secret");
        for path in [
            "link",
            "neighbour/file",
            "../other/file",
            "a/../../other/file",
            "/etc/passwd",
            "./x",
            "",
            "..",
            "../../secret",
        ] {
            let found = folder.bring(path, Some(&digest), 99);
            assert!(matches!(found, Err(StageError::Outside(_))), "{path} {found:?}");
        }
    }

    #[test]
    fn what_is_no_file_is_unreadable_and_what_is_not_there_missing() {
        let folder = Folder::new();
        let digest = Digest::of(b"");
        assert!(matches!(folder.bring("nothing", Some(&digest), 9), Err(StageError::Missing(_))));
        symlink("/dev/zero", folder.mounted().join("metrics/device")).unwrap();
        assert!(matches!(folder.bring("device", Some(&digest), 9), Err(StageError::Outside(_))));
        fs::create_dir(folder.mounted().join("metrics/folder")).unwrap();
        assert!(matches!(folder.bring("folder", Some(&digest), 9), Err(StageError::Unreadable(_))));
        fs::remove_dir_all(folder.mounted().join("metrics")).unwrap();
        assert!(matches!(folder.bring("x", Some(&digest), 9), Err(StageError::Missing(_))));
    }
}
