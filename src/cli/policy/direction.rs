//! Which way a changed field goes: whether more, less or other things are asked. What is not told apart here is
//! `Other`, never stricter.

mod fields;

use fields::Asks::*;
use fields::asks;
pub(super) use fields::{Settings, named};
use jiff::Timestamp;
use serde_json::Value;

/// What a change does to what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Stricter,
    /// Which way cannot be told by comparing.
    Other,
    Looser,
}

/// Every field that differs, with its values: an object that is new or gone is one.
pub(super) fn compared(old: &Settings, new: &Settings) -> Vec<(Change, String)> {
    let mut found = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        if let Some((object, change)) = of_object(name, old, new) {
            if !told.contains(&object) {
                let words = if change == Change::Stricter { "nothing -> asked" } else { "asked -> nothing" };
                found.push((change, format!("{object} {words}")));
                told.push(object);
            }
            continue;
        }
        let (from, to) = (old.get(name), new.get(name));
        if let Some(change) = direction(name, from, to, (old, new)) {
            let shown =
                |value: Option<&String>| value.map_or("nothing".to_owned(), |value| super::explain::abridged(value));
            found.push((change, format!("{name} {} -> {}", shown(from), shown(to))));
        }
    }
    found
}

/// The outermost object with this field that only one side has.
fn of_object(name: &str, old: &Settings, new: &Settings) -> Option<(String, Change)> {
    let has = |all: &Settings, object: &str| {
        all.keys().any(|name| name == object || name.strip_prefix(object).is_some_and(|rest| rest.starts_with('.')))
    };
    let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
    ends.map(|end| &name[..end]).filter(|object| asks(object) == Object).find_map(|object| {
        match (has(old, object), has(new, object)) {
            (false, true) => Some((object.to_owned(), Change::Stricter)),
            (true, false) => Some((object.to_owned(), Change::Looser)),
            (true, true) | (false, false) => None,
        }
    })
}

/// None when both say the same.
fn direction(
    name: &str,
    from: Option<&String>,
    to: Option<&String>,
    (old, new): (&Settings, &Settings),
) -> Option<Change> {
    if from == to {
        return None;
    }
    let beside = |all: &Settings, field: &str| {
        let (parent, _) = name.rsplit_once('.')?;
        all.get(&format!("{parent}.{field}")).cloned()
    };
    let both =
        |field: &str, value: &str| [old, new].into_iter().all(|all| beside(all, field).as_deref() == Some(value));
    match asks(name) {
        Least => bound(from, to, true),
        Most => bound(from, to, false),
        On => Some(word(&["true", "false"], from, to)),
        Off => Some(word(&["false", "true"], from, to)),
        Words(words) => Some(word(words, from, to)),
        EachLeast(number) => listed(from, to, |from, to| of_each(from, to, |one, other| at_least(number, one, other))),
        Ways => listed(from, to, |from, to| match from.is_empty() || to.is_empty() {
            true => Change::Other,
            false => one_of(from, to),
        }),
        OneOf => listed(from, to, one_of),
        // The other way round: whatever is let off was let off before.
        Excused => listed(from, to, |from, to| of_each(to, from, |one, other| one == other)),
        ExcusedUntil(end) => listed(from, to, |from, to| of_each(to, from, |one, other| no_later(end, one, other))),
        Trusted => listed(from, to, trusted),
        Logs => listed(from, to, |from, to| match (from.is_empty(), to.is_empty()) {
            (true, false) => Change::Stricter,
            (false, true) => Change::Looser,
            (true, true) | (false, false) => trusted(from, to),
        }),
        Chosen if from.is_none() || to.is_none() => Some(Change::Other),
        Each | Chosen => listed(from, to, |from, to| of_each(from, to, |one, other| one == other)),
        Redacted => listed(from, to, redacted),
        GroupSize if both("smallGroups", "Inconclusive") => bound(from, to, true),
        // Groups that are left out are asked nothing; one that no longer is may be all that can be told.
        GroupSize => bound(from, to, true).map(|change| match change {
            Change::Stricter => Change::Looser,
            Change::Other | Change::Looser => Change::Other,
        }),
        Threshold if beside(old, "method") != beside(new, "method") => Some(Change::Other),
        Threshold if both("compare", "Statistic") => bound(from, to, false),
        Threshold if both("compare", "PValue") => bound(from, to, true),
        // Whether an object is there is told before; what is in it, by its fields.
        Told | Object => None,
        Threshold | Unclear => Some(Change::Other),
    }
}

/// A bound that appears is stricter, one that goes is looser; equal numbers are the same however they are written.
fn bound(from: Option<&String>, to: Option<&String>, rises: bool) -> Option<Change> {
    let number = |text: &String| text.strip_suffix('s').unwrap_or(text).parse::<f64>().ok().filter(|n| n.is_finite());
    match (from, to) {
        (None, None) => None,
        (None, Some(_)) => Some(Change::Stricter),
        (Some(_), None) => Some(Change::Looser),
        (Some(from), Some(to)) => match (number(from), number(to)) {
            (Some(from), Some(to)) if from == to => None,
            (Some(from), Some(to)) if (to > from) == rises => Some(Change::Stricter),
            (Some(_), Some(_)) => Some(Change::Looser),
            (_, _) => Some(Change::Other),
        },
    }
}

/// A word that is left out is what the API says it is then: a switch is off.
fn word(strictest_first: &[&str], from: Option<&String>, to: Option<&String>) -> Change {
    let place = |word: Option<&String>| {
        let word = word.map_or("false", String::as_str);
        strictest_first.iter().position(|known| *known == word)
    };
    match (place(from), place(to)) {
        (Some(from), Some(to)) if to < from => Change::Stricter,
        (Some(_), Some(_)) => Change::Looser,
        (_, _) => Change::Other,
    }
}

/// Lists, where none is an empty one. The same entries in another order are the same.
fn listed(from: Option<&String>, to: Option<&String>, change: impl Fn(&[Value], &[Value]) -> Change) -> Option<Change> {
    let list =
        |text: Option<&String>| text.map_or(Some(Vec::new()), |text| serde_json::from_str::<Vec<Value>>(text).ok());
    let (Some(from), Some(to)) = (list(from), list(to)) else { return Some(Change::Other) };
    let within = |some: &[Value], all: &[Value]| some.iter().all(|one| all.contains(one));
    if from.len() == to.len() && within(&from, &to) && within(&to, &from) { None } else { Some(change(&from, &to)) }
}

/// Stricter when everything that was asked still is; `holds` says whether the second entry asks all that the first did.
fn of_each(from: &[Value], to: &[Value], holds: impl Fn(&Value, &Value) -> bool) -> Change {
    let kept = from.iter().all(|one| to.iter().any(|other| holds(one, other)));
    if kept { Change::Stricter } else { Change::Looser }
}

fn one_of(from: &[Value], to: &[Value]) -> Change {
    let within = |some: &[Value], all: &[Value]| some.iter().all(|one| all.contains(one));
    // `*` at the end stands for any ending: one pattern may hold another.
    let pattern = |one: &Value| one.as_str().is_some_and(|text| text.ends_with('*'));
    match (from.is_empty(), to.is_empty()) {
        (true, _) => Change::Stricter,
        (_, true) => Change::Looser,
        (false, false) if within(to, from) => Change::Stricter,
        (false, false) if !within(from, to) && from.iter().any(pattern) => Change::Other,
        (false, false) => Change::Looser,
    }
}

fn without(value: &Value, field: &str) -> Value {
    let mut value = value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.remove(field);
    }
    value
}

/// The same, with a number that is at least as high.
fn at_least(number: &str, one: &Value, other: &Value) -> bool {
    let least = |value: &Value| value.get(number).and_then(Value::as_u64);
    without(one, number) == without(other, number)
        && least(other).zip(least(one)).is_some_and(|(other, one)| other >= one)
}

/// The same, that ends at the same moment or before.
fn no_later(end: &str, one: &Value, other: &Value) -> bool {
    let until = |value: &Value| value.get(end).and_then(Value::as_str)?.parse::<Timestamp>().ok();
    without(one, end) == without(other, end) && until(one).zip(until(other)).is_some_and(|(one, other)| one <= other)
}

fn trusted(from: &[Value], to: &[Value]) -> Change {
    let named = |all: &[Value], one: &Value| all.iter().any(|other| other["name"] == one["name"]);
    if to.iter().any(|one| !named(from, one)) {
        Change::Looser
    } else if to.iter().all(|one| from.contains(one)) {
        Change::Stricter
    } else {
        Change::Other
    }
}

fn redacted(from: &[Value], to: &[Value]) -> Change {
    let within = |some: &[Value], all: &[Value]| some.iter().all(|one| all.contains(one));
    let bare = |rules: &[Value]| rules.iter().map(|rule| without(rule, "clearText")).collect::<Vec<_>>();
    let moved = |one: &Value, other: &Value| one["clearText"].is_null() || one["clearText"] == other["clearText"];
    let pairs = || from.iter().zip(to);
    if within(from, to) {
        Change::Stricter
    } else if within(to, from) {
        Change::Looser
    } else if bare(from) != bare(to) {
        Change::Other
    } else if pairs().all(|(before, after)| moved(before, after)) {
        Change::Stricter
    } else if pairs().all(|(before, after)| moved(after, before)) {
        Change::Looser
    } else {
        Change::Other
    }
}

#[cfg(test)]
mod tests;
