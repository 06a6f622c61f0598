//! Patterns of the schemas, as an API server reads them.

use super::SCHEMAS;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static PATTERNS: LazyLock<BTreeMap<&'static str, Regex>> = LazyLock::new(|| {
    let (mut found, mut open) = (BTreeMap::new(), SCHEMAS.values().collect::<Vec<_>>());
    while let Some(schema) = open.pop() {
        if let Some(pattern) = &schema.pattern
            && let Ok(read) = Regex::new(&of_go(pattern))
        {
            found.insert(pattern.as_str(), read);
        }
        open.extend(within(schema));
    }
    found
});

/// Whether a text fits a pattern of the schemas. One that cannot be read here fits nothing.
pub fn fits(pattern: &str, text: &str) -> bool {
    PATTERNS.get(pattern).is_some_and(|read| read.is_match(text))
}

/// The schemas of a schema's fields, items and values.
pub fn within(schema: &JSONSchemaProps) -> Vec<&JSONSchemaProps> {
    let mut found: Vec<_> = schema.properties.iter().flat_map(BTreeMap::values).collect();
    match &schema.items {
        Some(JSONSchemaPropsOrArray::Schema(items)) => found.push(items),
        Some(JSONSchemaPropsOrArray::Schemas(items)) => found.extend(items),
        None => {}
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &schema.additional_properties {
        found.push(values);
    }
    found
}

/// White space is five characters of ASCII to an API server, and all of Unicode's to the library here.
fn of_go(pattern: &str) -> String {
    let (mut read, mut in_class) = (String::with_capacity(pattern.len()), false);
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match (c, in_class) {
            ('\\', _) => match characters.next() {
                Some('s') if in_class => read.push_str(r"\t\n\f\r "),
                Some('s') => read.push_str(r"[\t\n\f\r ]"),
                Some(other) => read.extend(['\\', other]),
                None => read.push('\\'),
            },
            ('[' | ']', _) => {
                in_class = c == '[';
                read.push(c);
            }
            (_, _) => read.push(c),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the two libraries read alike: no class of Unicode but the one that is put into Go's words.
    #[test]
    fn every_pattern_is_read_as_an_api_server_reads_it() {
        let (mut open, mut seen) = (SCHEMAS.values().collect::<Vec<_>>(), 0);
        while let Some(schema) = open.pop() {
            if let Some(pattern) = &schema.pattern {
                assert!(PATTERNS.contains_key(pattern.as_str()), "{pattern}");
                for class in [r"\d", r"\w", r"\b", r"\S", r"\D", r"\W", r"\B", r"\p", "(?", "[[", "&&", "--", "~~"] {
                    let plain = pattern.replace("-----", "");
                    assert!(!plain.contains(class), "{pattern}: Go and Rust read {class} differently");
                }
                seen += 1;
            }
            open.extend(within(schema));
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn white_space_is_that_of_go() {
        for (pattern, text, fits) in [
            (r"^[^\s]+$", "a\u{a0}b", true),
            (r"^[^\s]+$", "a b", false),
            (r"^\s*[{]", "\u{a0}{", false),
            (r"^\s*[{]", "\t\n{", true),
            (r"^[^/\\.][^\\]*$", "a/b", true),
            (r"^[^/\\.][^\\]*$", r"a\b", false),
        ] {
            assert_eq!(Regex::new(&of_go(pattern)).unwrap().is_match(text), fits, "{pattern} {text:?}");
        }
    }
}
