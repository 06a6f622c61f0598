//! Arrows between modules go down only. The table is docs/architecture.md's; an import that is not in it
//! fails here.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Module, and the modules of ours that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("policy", &[]),
    ("release", &["policy"]),
    ("evidence", &["policy"]),
    ("measure", &["policy"]),
    ("api", &[]),
    ("intake", &["api", "policy", "release", "evidence"]),
    ("evaluator", &["evidence", "measure", "policy", "intake"]),
    ("runtime", &[]),
    ("cluster", &["api", "intake", "policy", "release", "runtime"]),
    ("controller", &["api", "cluster", "intake", "policy", "release", "runtime"]),
    // The command `operator` starts the controller; nothing else reaches up to it.
    (
        "cli",
        &["api", "cluster", "controller", "evaluator", "evidence", "intake", "measure", "policy", "release", "runtime"],
    ),
];

/// Names that a file uses of the crate's root, whatever way it writes them: `crate::x`, `crate::{x, y::z}`,
/// inside macros, or by climbing with `super::`. `depth` is how many modules lie between file and root.
fn used(tokens: TokenStream, depth: usize, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(word) if word == "crate" || word == "modelgate" => {
                at = names(&tokens, at + 1, found);
                continue;
            }
            TokenTree::Ident(word) if word == "super" => {
                let (mut climbed, mut next) = (1, at + 1);
                while path(&tokens, next) && matches!(&tokens.get(next + 2), Some(TokenTree::Ident(w)) if *w == "super")
                {
                    climbed += 1;
                    next += 3;
                }
                if climbed >= depth {
                    at = names(&tokens, next, found);
                    continue;
                }
                at = next;
                continue;
            }
            // A module written in the file lies one deeper.
            TokenTree::Ident(word) if word == "mod" => {
                if let (Some(TokenTree::Ident(_)), Some(TokenTree::Group(body))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                {
                    used(body.stream(), depth + 1, found);
                    at += 3;
                    continue;
                }
            }
            TokenTree::Group(group) => used(group.stream(), depth, found),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}

fn path(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |t: Option<&TokenTree>| matches!(t, Some(TokenTree::Punct(p)) if p.as_char() == ':');
    colon(tokens.get(at)) && colon(tokens.get(at + 1))
}

/// The name or names after the crate's root; where to go on.
fn names(tokens: &[TokenTree], at: usize, found: &mut BTreeSet<String>) -> usize {
    if !path(tokens, at) {
        // `use crate as c` and the like would hide what is used.
        if matches!(tokens.get(at), Some(TokenTree::Ident(w)) if *w == "as") {
            found.insert("(the crate under another name)".to_owned());
        }
        return at;
    }
    match tokens.get(at + 2) {
        Some(TokenTree::Ident(name)) => {
            found.insert(name.to_string());
        }
        Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
            found.insert("(everything)".to_owned());
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let mut first = true;
            for token in group.stream() {
                match token {
                    TokenTree::Ident(name) if first => {
                        found.insert(name.to_string());
                        first = false;
                    }
                    TokenTree::Punct(comma) if comma.as_char() == ',' => first = true,
                    TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) | TokenTree::Group(_) => {}
                }
            }
        }
        Some(_) | None => {}
    }
    at + 3
}

fn used_by(text: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    used(text.parse().unwrap(), depth, &mut found);
    found
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// How many modules lie between a file and the crate's root: src/a/mod.rs 1, src/a/b.rs 2.
fn depth(source: &Path, file: &Path) -> usize {
    let parts = file.strip_prefix(source).unwrap().components().count();
    parts - usize::from(file.ends_with("mod.rs"))
}

#[test]
fn arrows_go_down_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    files(&source, &mut all);
    for file in all {
        let shown = file.strip_prefix(&source).unwrap().display().to_string();
        let Some((module, _)) = shown.split_once('/') else { continue };
        if module == "bin" {
            continue;
        }
        seen.insert(module.to_owned());
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{shown}: module {module} is not in the table"));
            continue;
        };
        for name in used_by(&std::fs::read_to_string(&file).unwrap(), depth(&source, &file)) {
            if name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{shown}: {module} uses {name}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let table: BTreeSet<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(seen, table, "modules that are there, and modules of the table");
}

/// The pure modules know no client, no clock, no async.
#[test]
fn decisions_are_pure() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for module in ["policy", "release"] {
        let mut all = Vec::new();
        files(&source.join(module), &mut all);
        for file in all {
            let text = std::fs::read_to_string(&file).unwrap();
            for word in
                ["async ", ".await", "kube::", "k8s_openapi", "tokio", "Timestamp::now", "SystemTime", "Instant::now"]
            {
                if text.contains(word) {
                    wrong.push(format!("{}: {word}", file.display()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_scanner_sees_every_way_to_write_an_import() {
    let cases: [(&str, usize, &[&str]); 9] = [
        ("use crate::cluster::world::World;", 1, &["cluster"]),
        ("use crate::{api::X, cluster::{a, b}, policy};", 1, &["api", "cluster", "policy"]),
        ("fn f() { crate::runtime::x() }", 1, &["runtime"]),
        ("macro_rules! m { () => { crate::cli::run() } }", 1, &["cli"]),
        ("pub(in crate::controller) fn f() {}", 1, &["controller"]),
        ("use super::cluster::X;", 1, &["cluster"]),
        ("use super::super::cluster::X;", 2, &["cluster"]),
        ("mod t { use super::super::cluster::X; }", 1, &["cluster"]),
        ("use crate as c; use super::sibling::X; mod t { use super::*; }", 2, &["(the crate under another name)"]),
    ];
    for (text, depth, expected) in cases {
        assert_eq!(used_by(text, depth), expected.iter().map(|s| (*s).to_owned()).collect(), "{text}");
    }
}
