//! The project's pages, as tests read them: blocks of code, and what a page says that a gate comes to.

#![allow(dead_code, reason = "each test program reads a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What stands between two lines of three backticks.
pub struct Block {
    /// The page's path in the project.
    pub page: String,
    /// What follows the first backticks: a language, mostly.
    pub language: String,
    pub text: String,
    /// From `<!-- runs: NAME=FILE … comes to: OUTCOME REASON -->` after the block.
    pub runs: Vec<Run>,
}

/// Evidence, and what the page says that the gate before it comes to.
pub struct Run {
    /// Names and files of the project.
    pub evidence: Vec<(String, String)>,
    pub comes_to: String,
}

impl Block {
    /// A list of gates, not an object.
    pub fn is_gates(&self) -> bool {
        self.language == "yaml" && self.text.starts_with("- name: ") && self.page.starts_with("docs/checks/")
    }
}

impl Run {
    fn parse(text: &str) -> Self {
        let (evidence, comes_to) = text.split_once(" comes to: ").unwrap();
        let pairs = evidence.split_whitespace().map(|pair| pair.split_once('=').unwrap());
        let evidence = pairs.map(|(name, file)| (name.to_owned(), file.to_owned())).collect();
        Self { evidence, comes_to: comes_to.to_owned() }
    }
}

/// A file of the project.
pub fn file(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}

/// The key of a ConfigMap under which a file is put.
pub fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// The blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(file(page)).unwrap();
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, Some(language)) => {
                let (page, language) = (page.to_owned(), language.to_owned());
                open = Some(Block { page, language, text: String::new(), runs: Vec::new() });
            }
            (None, None) => {
                if let Some(run) = line.strip_prefix("<!-- runs: ") {
                    found.last_mut().unwrap().runs.push(Run::parse(run.strip_suffix(" -->").unwrap()));
                }
            }
        }
    }
    assert!(open.is_none(), "{page}: a block has no end");
    found
}

/// Pages of a folder and of those in it, in order. What is generated is left out.
pub fn pages(folder: &str) -> Vec<String> {
    let mut entries: Vec<_> = fs::read_dir(file(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        let shown = path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true if ["docs/cli", "docs/api"].contains(&&*shown) => {}
            true => found.extend(pages(&shown)),
            false if shown.ends_with(".md") => found.push(shown),
            false => {}
        }
    }
    found
}

/// The model of the pages, whose digest they leave open.
pub fn digest() -> String {
    format!("sha256:{}", "7".repeat(64))
}

/// Page and text of every object of the pages, and of every gate in a policy that `of_gates` makes. What the pages leave open
/// is filled in.
pub fn objects(namespace: &str, of_gates: impl Fn(serde_json::Value) -> serde_json::Value) -> Vec<(String, String)> {
    let pages = ["docs", "examples"].iter().flat_map(|folder| pages(folder));
    let blocks = pages.filter(|page| page != "docs/first-steps.md").flat_map(|page| blocks(&page));
    let mut found = Vec::new();
    for block in blocks.filter(|block| block.language == "yaml") {
        let text = block.text.replace("sha256:…", &digest()).replace("name: …", "name: x");
        if text.contains("apiVersion: modelgate.dev/") {
            found.push((block.page, text.replace("namespace: fraud", &format!("namespace: {namespace}"))));
        } else if text.starts_with("- name: ") {
            let gates = serde_saphyr::from_str(&text).unwrap();
            found.push((block.page, of_gates(gates).to_string()));
        }
    }
    found
}

/// What the columns of predictions mean, as fairness.md says it.
pub fn columns_of_predictions() -> serde_json::Value {
    let blocks = blocks("docs/checks/fairness.md");
    let release = blocks.iter().find(|block| block.language == "yaml release").unwrap();
    let release: serde_json::Value = serde_saphyr::from_str(&release.text).unwrap();
    release["evidence"][0]["columns"].clone()
}
