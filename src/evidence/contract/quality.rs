//! Rules about quality: those of the standard's own library. SQL, texts and other engines' rules are not evaluated.

use super::property::values;
use super::{Around, given, unevaluated};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::contract::{Bound, Counted, Object, Rule, Test};
use std::collections::BTreeMap;

/// Keys that change nothing about what is counted and compared.
const ABOUT: [&str; 14] = [
    "authoritativeDefinitions",
    "businessImpact",
    "customProperties",
    "description",
    "dimension",
    "id",
    "method",
    "name",
    "schedule",
    "scheduler",
    "scheduleCronExpression",
    "severity",
    "tags",
    "type",
];

/// Keys of what is counted and compared.
const READ: [&str; 14] = [
    "arguments",
    "metric",
    "mustBe",
    "mustBeBetween",
    "mustBeGreaterOrEqualTo",
    "mustBeGreaterThan",
    "mustBeLessOrEqualTo",
    "mustBeLessThan",
    "mustNotBe",
    "mustNotBeBetween",
    "pattern",
    "rule",
    "unit",
    "validValues",
];

/// Reads the rules of a column, or of the whole object.
pub fn read(
    node: &Node<'_>,
    column: Option<&str>,
    at: &str,
    around: &mut Around<'_>,
    object: &mut Object,
) -> Result<(), EvidenceError> {
    for said in node.items_of("quality")? {
        let kind = match (said.text_of("type")?, said.get("metric").or(said.get("rule"))) {
            (Some("library"), _) | (None, Some(_)) => "library",
            (Some("sql"), _) => "sql",
            (Some("custom"), _) => "custom",
            (Some("text"), _) => "text",
            (Some(_), _) => "quality",
            (None, None) if said.get("query").is_some() => "sql",
            (None, None) if said.get("implementation").is_some() => "custom",
            (None, None) => "text",
        };
        let rule = if kind == "library" { rule(&said, column, around)? } else { None };
        match rule {
            Some(rule) => object.rules.push(rule),
            None => {
                // By number it would be another one's place as soon as one comes or goes before it.
                let mut part = unevaluated(kind, String::new(), &said);
                part.at = format!("{at}.quality.{}", part.said.short(12));
                object.unevaluated.push(part);
            }
        }
    }
    Ok(())
}

/// The rule, if all that it says is understood.
fn rule(node: &Node<'_>, column: Option<&str>, around: &mut Around<'_>) -> Result<Option<Rule>, EvidenceError> {
    let known = |key: &str| ABOUT.contains(&key) || READ.contains(&key);
    if node.entries()?.any(|(key, _)| !known(key)) {
        return Ok(None);
    }
    let mut bound = bound(node)?;
    let name = match (node.text_of("metric")?, node.text_of("rule")?) {
        (Some(metric), None) => metric,
        // The names of version 3.0; with no bound of their own, none may be found.
        (None, Some(rule)) => {
            let none_may_be = match rule {
                "nullCheck" | "validValues" | "duplicateCount" => bound.is_empty(),
                _ => false,
            };
            if none_may_be {
                bound = Bound::new(vec![Test::Is(0.0)]);
            }
            match rule {
                "nullCheck" if none_may_be => "nullValues",
                "validValues" if none_may_be => "invalidValues",
                "duplicateCount" => "duplicateValues",
                "nullCheck" | "validValues" => return Ok(None),
                other => other,
            }
        }
        (Some(_), Some(_)) | (None, None) => return Ok(None),
    };
    let percent = match node.text_of("unit")? {
        None | Some("rows") => false,
        Some("percent") => true,
        Some(_) => return Ok(None),
    };
    let Some(counted) = counted(node, name, column, around)? else { return Ok(None) };
    // A share of all rows is always a hundred.
    if bound.is_empty() || percent && counted == Counted::Rows {
        return Ok(None);
    }
    Ok(Some(Rule { counted, bound, percent }))
}

fn bound(node: &Node<'_>) -> Result<Bound, EvidenceError> {
    let mut tests = Vec::new();
    let one: [(&str, fn(f64) -> Test); 6] = [
        ("mustBe", Test::Is),
        ("mustNotBe", Test::IsNot),
        ("mustBeGreaterThan", Test::Above),
        ("mustBeGreaterOrEqualTo", Test::AtLeast),
        ("mustBeLessThan", Test::Below),
        ("mustBeLessOrEqualTo", Test::AtMost),
    ];
    for (key, test) in one {
        if let Some(number) = given(node, key, "a number")? {
            tests.push(test(number.number()?));
        }
    }
    let pair = |key: &str| -> Result<Option<(f64, f64)>, EvidenceError> {
        let Some(list) = given(node, key, "two numbers")? else { return Ok(None) };
        match &list.items()?.map(|item| item.number()).collect::<Result<Vec<f64>, _>>()?[..] {
            [low, high] if low <= high => Ok(Some((*low, *high))),
            _ => Err(list.wrong("two numbers, the lower one first")),
        }
    };
    // As the standard says: above the one and below the other.
    if let Some((low, high)) = pair("mustBeBetween")? {
        tests.extend([Test::Above(low), Test::Below(high)]);
    }
    if let Some((low, high)) = pair("mustNotBeBetween")? {
        tests.push(Test::NotBetween(low, high));
    }
    Ok(Bound::new(tests))
}

fn counted(
    node: &Node<'_>,
    metric: &str,
    column: Option<&str>,
    around: &mut Around<'_>,
) -> Result<Option<Counted>, EvidenceError> {
    let arguments = node.get("arguments");
    let argument = |key: &'static str| -> Result<Option<Node<'_>>, EvidenceError> {
        let inner = match &arguments {
            Some(arguments) => given(arguments, key, "a value")?,
            None => None,
        };
        // Beside the rule's other keys in version 3.0, and in the standard's own examples.
        Ok(inner.or(given(node, key, "a value")?))
    };
    let only = |known: &[&str]| -> Result<bool, EvidenceError> {
        let own = match &arguments {
            Some(arguments) => arguments.entries()?.all(|(key, _)| known.contains(&key)),
            None => true,
        };
        let beside = |key: &&str| match node.get(key) {
            // Said twice it could be said in two ways.
            Some(_) => known.contains(key) && arguments.as_ref().is_none_or(|arguments| arguments.get(key).is_none()),
            None => true,
        };
        Ok(own && ["pattern", "validValues"].iter().all(beside))
    };
    Ok(match (metric, column) {
        ("rowCount", None) if only(&[])? => Some(Counted::Rows),
        ("nullValues", Some(column)) if only(&[])? => Some(Counted::Nulls { column: column.to_owned() }),
        ("missingValues", Some(column)) if only(&["missingValues"])? => match argument("missingValues")? {
            Some(list) => Some(Counted::Missing { column: column.to_owned(), values: values(&list, false)? }),
            None => None,
        },
        ("invalidValues", Some(column)) if only(&["validValues", "pattern"])? => {
            let allowed = argument("validValues")?.map(|list| values(&list, false)).transpose()?;
            let asked = argument("pattern")?;
            let pattern = asked.as_ref().map(|asked| around.pattern(asked)).transpose()?.flatten();
            let understood = asked.is_some() == pattern.is_some() && (allowed.is_some() || pattern.is_some());
            understood.then(|| Counted::Invalid { column: column.to_owned(), allowed, pattern })
        }
        ("duplicateValues", Some(column)) if only(&[])? => {
            Some(Counted::Duplicates { columns: vec![column.to_owned()] })
        }
        ("duplicateValues", None) if only(&["properties"])? => match argument("properties")? {
            Some(list) => Some(Counted::Duplicates { columns: named_columns(&list, around.columns)? }),
            None => None,
        },
        _ => None,
    })
}

/// Columns by the names that the contract has for them.
fn named_columns(list: &Node<'_>, known: &BTreeMap<String, String>) -> Result<Vec<String>, EvidenceError> {
    let mut columns = Vec::new();
    for item in list.items()? {
        let column = known.get(item.text()?).ok_or_else(|| item.wrong("the name of a property"))?;
        if columns.contains(column) {
            return Err(item.wrong("a property that is named once"));
        }
        columns.push(column.clone());
    }
    if columns.is_empty() { Err(list.wrong("a list of at least one property")) } else { Ok(columns) }
}
