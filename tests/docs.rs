//! The documentation is true to the code where a machine can tell.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// Variants of a plain enum in a source file.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let (_, rest) = source.split_once(&format!("pub enum {name} {{")).unwrap();
    let (body, _) = rest.split_once('}').unwrap();
    let lines = body.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//"));
    lines.map(|l| l.trim_end_matches(',').to_owned()).collect()
}

/// First cells in backticks of a page's tables, from one heading to the next of the same depth.
fn rows(page: &str, from: &str, to: Option<&str>) -> BTreeSet<String> {
    let (_, section) = page.split_once(from).unwrap();
    let section = to.map_or(section, |to| section.split_once(to).unwrap().0);
    section.lines().filter_map(|l| l.strip_prefix("| `")?.split('`').next()).map(str::to_owned).collect()
}

#[test]
fn every_condition_and_reason_is_explained_and_no_other() {
    let (source, page) = (read("src/release/condition.rs"), read("docs/conditions.md"));
    let types = variants(&source, "ConditionType");
    assert!(types.len() > 5, "{types:?}");
    assert_eq!(rows(&page, "## Condition types", Some("## Reasons")), types);
    let reasons = variants(&source, "Reason");
    assert!(reasons.len() > 30, "{reasons:?}");
    assert_eq!(rows(&page, "## Reasons", Some("## Why an approval")), reasons);
    let counts = variants(&read("src/release/decision.rs"), "CountReason");
    assert_eq!(rows(&page, "## Why an approval", None), counts);
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let root = Path::new(ROOT);
    let mut found = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    pages(&root.join("docs"), &mut found);
    let mut dead = Vec::new();
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|l| !l.contains("://") && !l.starts_with('#')) {
            let file = link.split('#').next().unwrap();
            if !page.parent().unwrap().join(file).exists() {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
}

/// The table of architecture.md names every module, and no other.
#[test]
fn the_architecture_page_names_every_module() {
    let modules: BTreeSet<String> = variants_of_lib(&read("src/lib.rs"));
    let page = read("docs/architecture.md");
    let named = rows(&page, "## Which module decides what", Some("### Inside"));
    let named: BTreeSet<String> = named.into_iter().map(|m| m.trim_end_matches('/').to_owned()).collect();
    assert_eq!(named, modules);
}

fn variants_of_lib(source: &str) -> BTreeSet<String> {
    source.lines().filter_map(|l| l.strip_prefix("pub mod ")).map(|l| l.trim_end_matches(';').to_owned()).collect()
}

/// What follows each occurrence of a word in the pages, up to the end of a name.
fn named_after(word: &str) -> BTreeSet<String> {
    let root = Path::new(ROOT);
    let mut found = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    pages(&root.join("docs"), &mut found);
    let mut names = BTreeSet::new();
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        // Only commands: in backticks, or at the start of a line of an example.
        for place in ["`", "\n", "\nsudo "] {
            let start = format!("{place}{word} ");
            let said = text.split(&start).skip(1);
            names.extend(
                said.map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap().to_owned()),
            );
        }
    }
    names.remove("");
    names
}

#[test]
fn every_make_target_that_is_named_does_something() {
    let makefile = read("Makefile");
    let recipe = |target: &str| {
        let rule = makefile.split(&format!("\n{target}: ## ")).nth(1);
        rule.and_then(|rest| rest.lines().nth(1)).is_some_and(|line| line.starts_with('\t'))
    };
    let named = named_after("make");
    assert!(named.contains("test") && named.contains("bench"), "{named:?}");
    let missing: Vec<_> = named.into_iter().filter(|target| !recipe(target)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// The table of expression.md has every fact with its type, and no other.
#[test]
fn the_facts_of_expressions_are_those_that_can_be_read() {
    use modelgate::policy::expression::FACTS;
    let page = read("docs/checks/expression.md");
    let named = rows(&page, "## What it can read", Some("## What it comes to"));
    let facts = FACTS.iter().map(|fact| format!("{}.{}", fact.variable, fact.field));
    assert_eq!(named, facts.chain(["evidence.NAME".to_owned()]).collect());
    for fact in FACTS {
        let absent = if fact.always { "never" } else { "unless declared" };
        let row = format!("| `{}.{}` | {} | {absent}", fact.variable, fact.field, fact.kind.words());
        assert!(page.contains(&row), "{row}");
    }
}

/// The steps that CONTRIBUTING.md lists are those of `.ci/test`.
#[test]
fn the_steps_of_the_tests_are_listed() {
    let steps = read(".ci/test");
    let steps = steps.lines().find_map(|l| l.strip_prefix("steps=(")).unwrap().trim_end_matches(')').to_owned();
    assert!(read("CONTRIBUTING.md").contains(&format!("`{steps}`")), "{steps}");
}
