//! Names of builders, repositories and inputs, compared with what a policy allows.

/// Whether one of the patterns is the text; one that ends in `*` stands for all that start so. A text that climbs
/// (`..`, plain or encoded) fits no such pattern.
pub fn matches<'p>(patterns: impl IntoIterator<Item = &'p str>, text: &str) -> bool {
    let climbs = text.contains("..") || text.contains('\\') || text.to_ascii_lowercase().contains("%2e");
    patterns.into_iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => !climbs && text.starts_with(start),
        None => pattern == text,
    })
}

/// A repository's address without `git+`, revision (`@refs/heads/main`), `.git`, query and fragment.
pub fn repository(uri: &str) -> &str {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.split(['?', '#']).next().unwrap_or(uri);
    // An `@` before the path parts user and host.
    let path = uri.find("://").map_or(0, |at| at + 3);
    let path = uri.get(path..).and_then(|rest| rest.find('/')).map_or(uri.len(), |at| path + at);
    let end = uri.get(path..).and_then(|rest| rest.find('@')).map_or(uri.len(), |at| path + at);
    let uri = uri.get(..end).unwrap_or(uri).trim_end_matches('/');
    uri.strip_suffix(".git").unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories() {
        for (uri, expected) in [
            ("git+https://git.example/a/b@refs/heads/main", "https://git.example/a/b"),
            ("https://git.example/a/b.git", "https://git.example/a/b"),
            ("git+ssh://git@git.example/a/b.git@v1#sub", "ssh://git@git.example/a/b"),
            ("https://git.example/a/b/?x=@", "https://git.example/a/b"),
            ("https://git.example", "https://git.example"),
            ("git@git.example:a/b", "git@git.example:a/b"),
            ("", ""),
        ] {
            assert_eq!(repository(uri), expected, "{uri}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("https://a/b", "https://a/b", true),
            ("https://a/b", "https://a/bc", false),
            ("https://a/*", "https://a/b", true),
            ("https://a/*", "https://evil/a/", false),
            ("https://a/*", "https://a/../evil", false),
            ("https://a/*", "https://a/%2E%2e/evil", false),
            ("https://a/*", "https://a/..\\evil", false),
            ("", "", true),
        ] {
            assert_eq!(matches([pattern], text), expected, "{pattern} {text}");
        }
        assert!(!matches([], "https://a"));
    }
}
