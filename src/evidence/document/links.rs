//! Links of a Markdown text that only its own bundle can answer.

use std::collections::BTreeSet;

/// Links in one text; more are refused.
pub const MAX_LINKS: usize = 1000;

/// Targets of links, images and reference definitions in a line, outside of `code`.
pub fn of_line(line: &str, found: &mut Vec<String>) {
    let mut add = |target: &str| {
        let target = target.trim().trim_start_matches('<');
        // A title may follow: `(file.md "Title")`.
        let target = target.split(['>', ' ', '\t']).next().unwrap_or_default();
        if !target.is_empty() && found.len() <= MAX_LINKS {
            found.push(target.to_owned());
        }
    };
    let trimmed = line.trim_start();
    let definition = trimmed.strip_prefix('[').and_then(|rest| rest.split_once("]:"));
    if let Some((_, target)) = definition.filter(|(label, _)| !label.contains(']')) {
        add(target);
        return;
    }
    // Every second part lies between backticks.
    for prose in line.split('`').step_by(2) {
        for after in prose.split("](").skip(1) {
            if let Some((target, _)) = after.split_once(')') {
                add(target);
            }
        }
    }
}

/// Whether a target has a scheme (`https:`), or a host (`//host`).
fn leads_out(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    target.starts_with("//")
        || scheme.is_some_and(|s| s.len() > 1 && s.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)))
}

/// The anchor that renderers make of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Targets that do not lead out and are not one of these headings.
pub fn inside<'a>(targets: Vec<String>, headings: impl Iterator<Item = &'a str>) -> Vec<String> {
    let anchors: BTreeSet<String> = headings.map(anchor).collect();
    let own = |target: &str| target.strip_prefix('#').is_some_and(|name| anchors.contains(&name.to_lowercase()));
    targets.into_iter().filter(|target| !leads_out(target) && !own(target)).collect()
}
