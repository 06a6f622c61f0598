//! What an expression may name, and of what type it is: told from the text, before anything runs.
//!
//! Only what is certain is refused: a name that nobody knows, a field that a fact does not have, a comparison of a fact
//! with something that it can never be. Whatever is calculated is told when the expression runs.

use super::{ExpressionError, LOOPS, parts};
use crate::policy::finding::clean;
use std::ops::Range;

/// What a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// One of `Low`, `Medium` and `High`.
    Level,
    /// Texts by name.
    Texts,
}

impl Kind {
    /// As docs/checks/expression.md writes it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Level => "string: Low, Medium or High",
            Self::Texts => "map of strings",
        }
    }
}

/// A fact that every expression may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    pub variable: &'static str,
    pub field: &'static str,
    pub kind: Kind,
    /// Whether it is always there. One that is absent is an error to read: `has()` asks.
    pub always: bool,
}

const fn fact(variable: &'static str, field: &'static str, kind: Kind, always: bool) -> Fact {
    Fact { variable, field, kind, always }
}

/// All of them, beside `evidence.NAME`.
pub const FACTS: [Fact; 10] = [
    fact("release", "name", Kind::Text, true),
    fact("release", "namespace", Kind::Text, true),
    fact("release", "namespaceLabels", Kind::Texts, true),
    fact("model", "name", Kind::Text, true),
    fact("model", "version", Kind::Text, true),
    fact("model", "digest", Kind::Text, true),
    fact("declared", "businessCriticality", Kind::Level, false),
    fact("declared", "dataSensitivity", Kind::Level, false),
    fact("declared", "modelComplexity", Kind::Level, false),
    fact("declared", "purpose", Kind::Text, false),
];

/// The variable of JSON evidence.
pub const EVIDENCE: &str = "evidence";
/// The variable of `where`.
pub const ROW: &str = "row";

const LEVELS: [&str; 3] = ["Low", "Medium", "High"];
/// Longest name that is repeated.
const NAME: usize = 40;

/// Why a text cannot be what the gate means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("{0}")]
    Form(#[from] ExpressionError),
    #[error("there is no variable {0}; there are {1}")]
    NoVariable(String, String),
    #[error("{0} has no field {1}; it has {2}")]
    NoField(String, String, String),
    #[error("{0} is no evidence of this gate; list it under evidence ({1})")]
    NoEvidence(String, String),
    #[error("{0} is {1} and has no fields")]
    NoParts(String, &'static str),
    #[error("{0} is {1}, which never compares with {2}")]
    OtherType(String, &'static str, String),
    #[error("{0} is one of Low, Medium and High; ask with == or in: < would compare letters")]
    LevelsHaveNoOrder(String),
    #[error("the expression gives {0}, and should give true or false")]
    NoBoolean(&'static str),
}

/// Looks at every name of an expression that may read this evidence. Gives the facts that it reads without asking whether
/// they are there, each once.
///
/// # Errors
/// The first name, field or comparison that cannot be meant.
pub fn check_names(text: &str, evidence: &[String]) -> Result<Vec<Fact>, NameError> {
    let parts = parts(text)?;
    let reader = Reader { parts: &parts, loops: loops(&parts), evidence };
    let mut unguarded: Vec<Fact> = Vec::new();
    for at in reader.variables() {
        if let Some(fact) = reader.fact_at(at)?
            && !fact.always
            && !reader.is_asked_for(at)
            && !unguarded.contains(&fact)
        {
            unguarded.push(fact);
        }
    }
    Ok(unguarded.into_iter().filter(|fact| !reader.asks_for(*fact)).collect())
}

/// Looks at every name of a `where`, which knows one variable.
///
/// # Errors
/// Another name.
pub fn check_row_names(text: &str) -> Result<(), NameError> {
    let parts = parts(text)?;
    let reader = Reader { parts: &parts, loops: loops(&parts), evidence: &[] };
    match reader.variables().find(|at| reader.part(*at) != ROW) {
        Some(other) => Err(NameError::NoVariable(clean(reader.part(other), NAME), "row, with row.NAME".to_owned())),
        None => Ok(()),
    }
}

/// Fields of JSON evidence that a text reads by name and does not ask for with `has()`: the evidence, then the path.
///
/// # Errors
/// The text is out of limits.
pub fn evidence_paths(text: &str) -> Result<Vec<Vec<String>>, NameError> {
    let parts = parts(text)?;
    let reader = Reader { parts: &parts, loops: loops(&parts), evidence: &[] };
    let read = reader.variables().filter(|at| reader.part(*at) == EVIDENCE && !reader.is_asked_for(*at));
    Ok(read.map(|at| reader.path(at + 1).0).collect())
}

struct Reader<'a> {
    parts: &'a [&'a str],
    /// Names that loops give, and where they hold.
    loops: Vec<(&'a str, Range<usize>)>,
    evidence: &'a [String],
}

impl<'a> Reader<'a> {
    fn part(&self, at: usize) -> &'a str {
        self.parts.get(at).copied().unwrap_or_default()
    }

    fn before(&self, at: usize, steps: usize) -> &'a str {
        at.checked_sub(steps).map_or("", |at| self.part(at))
    }

    /// Places of names that are read, other than those of loops.
    fn variables(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.parts.len()).filter(|at| {
            let part = self.part(*at);
            let given = || self.loops.iter().any(|(name, range)| *name == part && range.contains(at));
            is_name(part)
                && !["true", "false", "null", "in"].contains(&part)
                && self.before(*at, 1) != "."
                && self.part(*at + 1) != "("
                && !given()
        })
    }

    /// The names that follow a variable, and where they end.
    fn path(&self, mut at: usize) -> (Vec<String>, usize) {
        let mut path = Vec::new();
        loop {
            let (name, next) = match (self.part(at), self.part(at + 1)) {
                (".", name) if is_name(name) && self.part(at + 2) != "(" => (name.to_owned(), at + 2),
                (".", quoted) if quoted.starts_with('`') => (quoted.trim_matches('`').to_owned(), at + 2),
                ("[", quoted) if self.part(at + 2) == "]" => match plain_text(quoted) {
                    Some(name) => (name.to_owned(), at + 3),
                    None => return (path, at),
                },
                (_, _) => return (path, at),
            };
            path.push(name);
            at = next;
        }
    }

    /// The fact that is read at a place, if it is one.
    fn fact_at(&self, at: usize) -> Result<Option<Fact>, NameError> {
        let variable = self.part(at);
        let (path, end) = self.path(at + 1);
        if variable == EVIDENCE {
            return match path.first() {
                Some(name) if !self.evidence.contains(name) => {
                    let listed =
                        if self.evidence.is_empty() { "it lists none".to_owned() } else { self.evidence.join(", ") };
                    Err(NameError::NoEvidence(clean(name, NAME), listed))
                }
                Some(_) | None => Ok(None),
            };
        }
        let mut fields = FACTS.iter().filter(|fact| fact.variable == variable).peekable();
        if fields.peek().is_none() {
            return Err(NameError::NoVariable(
                clean(variable, NAME),
                "release, model, declared and evidence".to_owned(),
            ));
        }
        let Some(field) = path.first() else { return Ok(None) };
        let Some(fact) = fields.find(|fact| fact.field == field) else {
            let known: Vec<&str> =
                FACTS.iter().filter(|fact| fact.variable == variable).map(|fact| fact.field).collect();
            return Err(NameError::NoField(variable.to_owned(), clean(field, NAME), known.join(", ")));
        };
        let shown = format!("{variable}.{field}");
        let is_text = match fact.kind {
            Kind::Text | Kind::Level if path.len() > 1 || self.part(end) == "[" => {
                return Err(NameError::NoParts(shown, "a string"));
            }
            Kind::Text | Kind::Level => true,
            Kind::Texts if path.len() > 2 => return Err(NameError::NoParts(shown, "a map of strings")),
            Kind::Texts => path.len() == 2,
        };
        if is_text && self.part(end) != "." {
            self.compared(at, end, &shown, fact.kind)?;
            if at == 0 && end == self.parts.len() {
                return Err(NameError::NoBoolean("a string"));
            }
        }
        Ok(Some(*fact))
    }

    /// What stands beside a text must be one it can be compared with.
    fn compared(&self, at: usize, end: usize, shown: &str, kind: Kind) -> Result<(), NameError> {
        let is_level = kind == Kind::Level;
        let (operator, length) = match (self.part(end), self.part(end + 1)) {
            ("=" | "!" | "<" | ">", "=") => (self.part(end), 2),
            ("<" | ">", _) => (self.part(end), 1),
            ("in", _) if is_level && self.part(end + 1) == "[" => {
                let items = self.parts.iter().skip(end + 2).take_while(|part| **part != "]");
                return items.filter(|part| **part != ",").try_for_each(|part| level(shown, part));
            }
            (_, _) => ("", 0),
        };
        if length > 0 {
            if is_level && ["<", ">"].contains(&operator) {
                return Err(NameError::LevelsHaveNoOrder(shown.to_owned()));
            }
            // 'a'.size() is another matter than 2.5.
            let literal = self.part(end + length);
            if self.part(end + length + 1) != "." || literal.starts_with(|c: char| c.is_ascii_digit()) {
                of_type(shown, literal, is_level)?;
            }
        }
        // And the other way round: 'High' == declared.businessCriticality.
        let (operator, literal) = match (self.before(at, 1), self.before(at, 2)) {
            ("=", mark @ ("=" | "!" | "<" | ">")) => (mark, self.before(at, 3)),
            (mark @ ("<" | ">"), literal) => (mark, literal),
            (_, _) => return Ok(()),
        };
        if is_level && ["<", ">"].contains(&operator) {
            return Err(NameError::LevelsHaveNoOrder(shown.to_owned()));
        }
        of_type(shown, literal, is_level)
    }

    /// Whether a fact is read in a `has(…)`.
    fn is_asked_for(&self, at: usize) -> bool {
        self.before(at, 1) == "(" && self.before(at, 2) == "has"
    }

    /// Whether the text asks anywhere if the fact is there.
    fn asks_for(&self, fact: Fact) -> bool {
        let mut asked = self.variables().filter(|at| self.is_asked_for(*at));
        asked.any(|at| self.part(at) == fact.variable && self.path(at + 1).0.first().is_some_and(|f| f == fact.field))
    }
}

/// A literal beside a text; whatever is no literal may be anything.
fn of_type(shown: &str, literal: &str, is_level: bool) -> Result<(), NameError> {
    let first = literal.chars().next().unwrap_or_default();
    let other = match literal {
        "true" | "false" => "a boolean".to_owned(),
        "null" => "null; ask has() whether it is there".to_owned(),
        _ if first.is_ascii_digit() || first == '-' => "a number".to_owned(),
        "[" => "a list".to_owned(),
        "{" => "a map".to_owned(),
        _ if is_level => return level(shown, literal),
        _ => return Ok(()),
    };
    Err(NameError::OtherType(shown.to_owned(), if is_level { Kind::Level.words() } else { "a string" }, other))
}

fn level(shown: &str, literal: &str) -> Result<(), NameError> {
    match plain_text(literal) {
        Some(text) if !LEVELS.contains(&text) => {
            Err(NameError::OtherType(shown.to_owned(), Kind::Level.words(), format!("{:?}", clean(text, NAME))))
        }
        Some(_) | None => Ok(()),
    }
}

fn is_name(part: &str) -> bool {
    let starts = part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A quoted text without escapes, or none.
fn plain_text(part: &str) -> Option<&str> {
    let mark = part.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = part.strip_prefix(mark)?.strip_suffix(mark)?;
    (!inner.contains(['\\', mark])).then_some(inner)
}

/// The name that each loop gives: `x` in `list.all(x, …)`, up to the bracket's end.
fn loops<'a>(parts: &[&'a str]) -> Vec<(&'a str, Range<usize>)> {
    let mut found = Vec::new();
    for (at, window) in parts.windows(4).enumerate() {
        let [called, "(", name, ","] = window else { continue };
        if !LOOPS.contains(called) || !is_name(name) {
            continue;
        }
        let mut open = 0_usize;
        let end = parts.iter().enumerate().skip(at + 1).find_map(|(place, part)| {
            match *part {
                "(" | "[" | "{" => open += 1,
                ")" | "]" | "}" => open = open.saturating_sub(1),
                _ => {}
            }
            (open == 0).then_some(place)
        });
        let range = at + 2..end.unwrap_or(parts.len());
        found.push((*name, range.clone()));
        // Some loops give two: the key and the value.
        if let (Some(second), Some(&",")) = (parts.get(at + 4).filter(|part| is_name(part)), parts.get(at + 5)) {
            found.push((second, range));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Vec<String>, String> {
        let unguarded = check_names(text, &["metrics".to_owned(), "model-card".to_owned()]);
        let shown = |fact: &Fact| format!("{}.{}", fact.variable, fact.field);
        unguarded.map(|facts| facts.iter().map(shown).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_can_be_meant_is_let_through() {
        for text in [
            "true",
            "evidence.metrics.accuracy >= 0.8 && evidence['model-card'].x == 1",
            "evidence.metrics.folds.all(f, f > 0.7) && size(evidence.metrics.folds) == 3",
            "evidence.metrics.folds.map(f, f * 2.0).filter(g, g > 1.0).size() == 1",
            "evidence.metrics.runs.all(r, r.seeds.exists(s, s > r.least))",
            "evidence.metrics.all(release, release > 1)",
            "evidence.metrics.all(key, value, key != '' && value > 1)",
            "release.name == 'mortgage' && release.namespaceLabels.env == 'prod'",
            "release.namespaceLabels['cost-center'] in ['a', 'b']",
            "model.version.startsWith('2.') && model.name != '' && model.digest.startsWith('sha256:')",
            "model['name'] == \"m\" && model.`name` == r'm'",
            "has(declared.purpose) && declared.purpose in ['lending', 'insurance']",
            "size(declared) > 2 && 'purpose' in declared",
            "'release.shoes' == 'a' // release.shoes",
            "model.version > '2' && '2' < model.version",
            "release.name + '1' == 'm1' && size(release.name) == 8",
            "model.name == evidence.metrics.name",
            "release.name == 'a'.trim()",
            "{'a': 1}.a == 1 && [1, 2].size() == 2",
        ] {
            assert_eq!(check(text), Ok(vec![]), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_named_with_what_there_is() {
        for (text, said) in [
            ("accuracy > 0.8", "there is no variable accuracy; there are release, model, declared and evidence"),
            ("namespace.name == 'a'", "no variable namespace"),
            ("[1].all(x, x > 0) && x > 0", "no variable x"),
            ("[1].all(x, [2].all(y, y > x)) && y > 0", "no variable y"),
            ("release.nmae == 'a'", "release has no field nmae; it has name, namespace, namespaceLabels"),
            ("release['nmae'] == 'a'", "release has no field nmae"),
            ("model.`di-gest` == 'a'", "model has no field di-gest; it has name, version, digest"),
            ("has(declared.criticality)", "declared has no field criticality; it has businessCriticality,"),
            (
                "evidence.metric.x == 1",
                "metric is no evidence of this gate; list it under evidence (metrics, model-card)",
            ),
            ("evidence['card'].x == 1", "card is no evidence"),
            ("release.name.first == 'a'", "release.name is a string and has no fields"),
            ("release.name[0] == 'a'", "release.name is a string and has no fields"),
            ("release.namespaceLabels.a.b == 'a'", "release.namespaceLabels is a map of strings and has no fields"),
            ("model.version >= 2", "model.version is a string, which never compares with a number"),
            ("2 <= model.version", "model.version is a string, which never compares with a number"),
            ("model.version == -1", "never compares with a number"),
            ("model.name == true", "never compares with a boolean"),
            ("declared.purpose != null", "null; ask has()"),
            ("release.namespaceLabels.env == 1", "release.namespaceLabels is a string"),
            ("model.name == ['a']", "never compares with a list"),
            ("declared.dataSensitivity == 'high'", "string: Low, Medium or High, which never compares with \"high\""),
            ("'high' == declared.dataSensitivity", "never compares with \"high\""),
            ("declared.dataSensitivity in ['High', 'high']", "never compares with \"high\""),
            ("declared.dataSensitivity >= 'Medium'", "< would compare letters"),
            ("'Medium' < declared.dataSensitivity", "< would compare letters"),
            ("release.name", "gives a string, and should give true or false"),
            ("(release.name", "brackets do not pair"),
            ("", "empty"),
        ] {
            let found = check(text);
            assert!(found.as_ref().is_err_and(|error| error.contains(said)), "{text}: {found:?}");
        }
    }

    #[test]
    fn facts_that_may_be_absent_are_told() {
        for (text, expected) in [
            ("declared.purpose == 'lending'", vec!["declared.purpose"]),
            ("declared.purpose == 'a' || declared.purpose == 'b'", vec!["declared.purpose"]),
            (
                "has(declared.purpose) && declared.purpose == 'a' && declared.dataSensitivity == 'Low'",
                vec!["declared.dataSensitivity"],
            ),
            ("!has(declared.purpose) || declared.purpose == 'a'", vec![]),
        ] {
            assert_eq!(check(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_row_is_all_that_where_knows() {
        assert_eq!(check_row_names("row.age > 25 && row['a b'] == 'x' && [1].exists(x, x == row.n)"), Ok(()));
        for text in ["age > 25", "row.age > 25 && region == 'EU'", "release.name == 'a'", "row.a == x"] {
            assert!(matches!(check_row_names(text), Err(NameError::NoVariable(..))), "{text}");
        }
    }

    #[test]
    fn paths_of_evidence() {
        let found = evidence_paths(
            "evidence.m.a.b > 1 && evidence['n'].c[0] == 1 && has(evidence.m.z) && evidence.m.f.all(x, x.y > 1)",
        );
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(found.unwrap(), [path("m.a.b"), path("n.c"), path("m.f")]);
    }

    proptest::proptest! {
        /// Any text is judged without a panic.
        #[test]
        fn any_text(text in "(release|model|declared|evidence|row|has|all|in|[.()\\[\\],'\"`<>=!&|a-c0-9 -]){0,60}") {
            let _ = check_names(&text, &[]);
            let _ = check_row_names(&text);
            let _ = evidence_paths(&text);
        }
    }
}
