//! A model card in the Hugging Face form: YAML front matter, then Markdown with headings.

use super::links;
use crate::evidence::EvidenceError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Texts that templates leave behind and that say nothing.
const PLACEHOLDERS: [&str; 12] = [
    "[more information needed]",
    "more information needed",
    "[optional]",
    "todo",
    "tbd",
    "n/a",
    "na",
    "none",
    "unknown",
    "to be determined",
    "coming soon",
    "lorem ipsum",
];

/// What a card says, reduced to what a gate asks about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    front_matter: Map<String, Value>,
    /// Normalised heading -> words under it and under its own sub-headings; of several equal headings the best.
    sections: BTreeMap<String, u32>,
    links: Vec<String>,
}

impl Card {
    /// Reads a card. A card without front matter has no keys; text before the first heading counts nowhere.
    ///
    /// # Errors
    /// Those of [`crate::evidence::text`], and `Unreadable` when the front matter does not end or is not a YAML map.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let text = crate::evidence::text(bytes)?;
        let (front, body) = split_front_matter(text)?;
        let (sections, targets) = sections(body);
        if targets.len() > links::MAX_LINKS {
            return Err(EvidenceError::TooLarge { what: "links", limit: links::MAX_LINKS });
        }
        let links = links::inside(targets, sections.keys().map(String::as_str));
        Ok(Self { front_matter: front.map(front_matter).transpose()?.unwrap_or_default(), sections, links })
    }

    /// Whether the front matter gives this key a value that says something.
    pub fn says(&self, key: &str) -> bool {
        self.front_matter.get(key).is_some_and(is_said)
    }

    /// What the front matter gives for a key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.front_matter.get(key)
    }

    /// Links that only files beside the card could answer, and those to headings that are not there.
    pub fn links(&self) -> &[String] {
        &self.links
    }

    /// Words under a heading, compared without case and surrounding space; `None` when there is no such heading.
    pub fn words(&self, heading: &str) -> Option<u32> {
        self.sections.get(&normal(heading)).copied()
    }
}

pub(super) fn says_something(text: &str) -> bool {
    prose(text).0.iter().any(|line| matches!(line, Line::Words(1..)))
}

fn is_said(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !is_placeholder(text),
        Value::Array(items) => items.iter().any(is_said),
        Value::Object(entries) => entries.values().any(is_said),
    }
}

fn is_placeholder(text: &str) -> bool {
    let plain = text.trim().trim_matches(['*', '_', '.', '-', ':', '`', '|', '>']).trim().to_lowercase();
    plain.is_empty() || plain.starts_with("lorem ipsum ") || PLACEHOLDERS.contains(&plain.as_str())
}

pub(super) fn normal(heading: &str) -> String {
    heading.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn split_front_matter(text: &str) -> Result<(Option<&str>, &str), EvidenceError> {
    let is_fence = |line: &str| line.trim_end() == "---";
    let mut lines = text.split_inclusive('\n');
    match lines.next() {
        Some(first) if is_fence(first) => {
            let start = first.len();
            let mut end = start;
            for line in lines {
                if is_fence(line) {
                    return Ok((Some(&text[start..end]), &text[end + line.len()..]));
                }
                end += line.len();
            }
            let why = "the front matter that starts in line 1 has no closing ---".to_owned();
            Err(EvidenceError::Unreadable { format: "a model card", why })
        }
        Some(_) | None => Ok((None, text)),
    }
}

/// Refuses repeated keys, includes, and documents that grow by aliases (the reader's own limits).
fn front_matter(yaml: &str) -> Result<Map<String, Value>, EvidenceError> {
    if yaml.trim().is_empty() {
        return Ok(Map::new());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 32, max_nodes: 20_000, max_aliases: 100, max_documents: 1 },
    };
    serde_saphyr::from_str_with_options(yaml, options).map_err(|error| {
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        EvidenceError::Unreadable { format: "YAML front matter", why }
    })
}

/// Headings with their words, and the targets of links.
fn sections(body: &str) -> (BTreeMap<String, u32>, Vec<String>) {
    let mut done: BTreeMap<String, u32> = BTreeMap::new();
    // Headings that are still open, from the outermost; each collects the words of what it holds.
    let mut open: Vec<(usize, String, u32)> = Vec::new();
    let mut close = |open: &mut Vec<(usize, String, u32)>, level: usize| {
        while open.last().is_some_and(|(at, _, _)| *at >= level) {
            if let Some((_, heading, words)) = open.pop() {
                if let Some((_, _, outer)) = open.last_mut() {
                    *outer = outer.saturating_add(words);
                }
                let best = done.entry(heading).or_default();
                *best = words.max(*best);
            }
        }
    };
    let (lines, targets) = prose(body);
    for line in lines {
        match line {
            Line::Heading(level, heading) => {
                close(&mut open, level);
                open.push((level, normal(&heading), 0));
            }
            Line::Words(words) => {
                if let Some((_, _, count)) = open.last_mut() {
                    *count = count.saturating_add(words);
                }
            }
        }
    }
    close(&mut open, 0);
    (done, targets)
}

enum Line {
    Heading(usize, String),
    Words(u32),
}

/// Headings and counted words, without HTML comments, fenced code and placeholders.
fn prose(body: &str) -> (Vec<Line>, Vec<String>) {
    let body = without_comments(body);
    let (mut lines, mut targets): (Vec<Line>, Vec<String>) = (Vec::new(), Vec::new());
    let mut fence: Option<(char, usize)> = None;
    let mut before: Option<String> = None;
    for line in body.lines() {
        let trimmed = line.trim();
        if let Some((mark, length)) = fence {
            let run = trimmed.chars().take_while(|c| *c == mark).count();
            if run >= length && trimmed.chars().count() == run {
                fence = None;
            }
            continue;
        }
        if let Some(opened) = fence_opening(trimmed) {
            (fence, before) = (Some(opened), None);
            continue;
        }
        links::of_line(line, &mut targets);
        if let Some((level, heading)) = hash_heading(line) {
            lines.push(Line::Heading(level, heading));
            before = None;
            continue;
        }
        let underline = match trimmed {
            "" => None,
            _ if trimmed.chars().all(|c| c == '=') => Some(1),
            _ if trimmed.chars().all(|c| c == '-') => Some(2),
            _ => None,
        };
        if let (Some(level), Some(heading)) = (underline, before.take()) {
            // The line before was the heading, so its words are no text.
            lines.pop();
            lines.push(Line::Heading(level, heading));
            continue;
        }
        if !trimmed.is_empty() {
            before = Some(trimmed.to_owned());
            lines.push(Line::Words(words(trimmed)));
        }
    }
    (lines, targets)
}

pub(super) fn words(line: &str) -> u32 {
    let item = line.trim_start_matches(['-', '*', '+', '>', ' ']);
    // `**Developed by:** [More Information Needed]`: a label without an answer.
    let answer = item.rsplit_once(':').map_or(item, |(_, answer)| answer);
    if is_placeholder(item) || (answer.len() < item.len() && !answer.is_empty() && is_placeholder(answer)) {
        return 0;
    }
    let said = item.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    u32::try_from(said).unwrap_or(u32::MAX)
}

fn fence_opening(trimmed: &str) -> Option<(char, usize)> {
    let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = trimmed.chars().take_while(|c| *c == mark).count();
    (length >= 3).then_some((mark, length))
}

fn hash_heading(line: &str) -> Option<(usize, String)> {
    let line = line.trim_end();
    let unindented = line.trim_start_matches(' ');
    let level = unindented.chars().take_while(|c| *c == '#').count();
    let rest = unindented.get(level..)?;
    let heading = (1..=6).contains(&level) && line.len() - unindented.len() <= 3 && rest.starts_with([' ', '\t']);
    let text = rest.trim().trim_end_matches('#').trim().trim_matches(['*', '_']);
    heading.then(|| (level, text.to_owned()))
}

/// A comment that does not end hides the rest, as in a browser.
fn without_comments(body: &str) -> String {
    let mut kept = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(start) = rest.find("<!--") {
        kept.push_str(&rest[..start]);
        rest = rest[start..].find("-->").map_or("", |end| &rest[start + end + "-->".len()..]);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(text: &str) -> Card {
        Card::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn front_matter_keys_must_say_something() {
        let card = card(
            "---\nlicense: apache-2.0\nlanguage:\n- en\nempty:\nblank: ''\nlist: []\nholes: [TBD, '']\nmap: {a: null}\n\
             deep: {a: [x]}\nzero: 0\nnot_yet: '[More Information Needed]'\n---\n# Card\n",
        );
        for key in ["license", "language", "deep", "zero"] {
            assert!(card.says(key), "{key}");
        }
        for key in ["empty", "blank", "list", "holes", "map", "not_yet", "absent"] {
            assert!(!card.says(key), "{key}");
        }
    }

    #[test]
    fn words_under_headings() {
        let card = card(
            "# Model\nTwo words.\n\n## Intended use\nSorts applications.\n### Not for\nTurning people down.\n\n\
             ## Empty ##\n\n## Only a comment\n<!-- write\nsomething --> \n## Only code\n```python\n# Not a heading\nprint(1)\n```\n\
             ## Template\n[More Information Needed]\n- **Developed by:** [More Information Needed]\nTODO\n\
             ## Table\n| a | b |\n|---|---|\n| 1 | 2 |\n\nUnderlined\n----------\none two three\n\n***\n",
        );
        let cases = [
            ("intended USE", Some(5)),
            (" not  for ", Some(3)),
            ("Empty", Some(0)),
            ("Only a comment", Some(0)),
            ("Only code", Some(0)),
            ("Not a heading", None),
            ("Template", Some(0)),
            ("Table", Some(4)),
            ("Underlined", Some(3)),
            ("Model", Some(14)),
            ("Limitations", None),
        ];
        for (heading, words) in cases {
            assert_eq!(card.words(heading), words, "{heading}");
        }
    }

    #[test]
    fn a_plain_markdown_file_has_no_keys() {
        let card = card("# Card\n\n---\n\nlicense: mit\n");
        assert!(!card.says("license"));
    }

    #[test]
    fn the_second_of_two_equal_headings_may_be_the_one_that_speaks() {
        assert_eq!(card("# Use\n\n# Use\nthree words here\n# Use\n").words("use"), Some(3));
    }

    #[test]
    fn a_comment_or_fence_without_end_hides_the_rest() {
        assert_eq!(card("# Use\n<!-- one two\n# Risks\nthree").words("risks"), None);
        assert_eq!(card("# Use\n~~~\n# Risks\nthree").words("risks"), None);
    }

    #[test]
    fn broken_front_matter_is_an_error() {
        let bomb = format!(
            "---\na: &a [x,x,x,x,x,x,x,x]\n{}---\n",
            (0..60)
                .map(|i| {
                    let from = if i == 0 { "a".to_owned() } else { format!("b{}", i - 1) };
                    format!("b{i}: &b{i} [*{from},*{from},*{from},*{from},*{from},*{from},*{from},*{from}]\n")
                })
                .collect::<String>()
        );
        let deep = format!("---\na: {}{}\n---\n", "[".repeat(5000), "]".repeat(5000));
        let cases =
            ["---\nlicense: mit\n", "---\n- a\n---\n", "---\na: 1\na: 2\n---\n", "---\na: [\n---\n", &bomb, &deep];
        for text in cases {
            let error = Card::parse(text.as_bytes()).unwrap_err();
            assert!(matches!(error, EvidenceError::Unreadable { .. }), "{text:.40}: {error:?}");
        }
        assert_eq!(Card::parse(b"\n \n"), Err(EvidenceError::Empty));
    }
}
