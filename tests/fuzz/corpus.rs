//! Where inputs start from: fixtures of the formats, the example's evidence, and inputs that once broke something.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Seed {
    pub name: String,
    pub bytes: Vec<u8>,
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// One file of the repository.
pub fn file(path: &str) -> Seed {
    Seed { name: path.to_owned(), bytes: fs::read(root(path)).unwrap_or_else(|error| panic!("{path}: {error}")) }
}

/// All files of a folder, by name.
pub fn folder(path: &str) -> Vec<Seed> {
    let Ok(entries) = fs::read_dir(root(path)) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| format!("{path}/{}", entry.unwrap().file_name().to_string_lossy())).collect();
    names.sort();
    names.iter().map(|name| file(name)).collect()
}

/// What once broke this target.
pub fn regressions(target: &str) -> Vec<Seed> {
    folder(&format!("tests/fuzz/corpus/{target}"))
}

pub fn text(name: &str, text: &str) -> Seed {
    Seed { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// The first lines of a table.
pub fn lines(path: &str, count: usize) -> Seed {
    let Seed { name, bytes } = file(path);
    let end = bytes.split_inclusive(|byte| *byte == b'\n').take(count).map(<[u8]>::len).sum();
    Seed { name, bytes: bytes[..end].to_vec() }
}
