//! Whether whatever keeps one contract keeps another too.

use super::{Column, Logical, Object, Rule};

/// In what ways data that keeps `new` may break `tested`, each in a few words. Empty: in none.
pub fn breaks(new: &Object, tested: &Object) -> Vec<String> {
    let mut found = Vec::new();
    for column in &tested.columns {
        let name = &column.name;
        match new.columns.iter().find(|other| other.name == *name) {
            None => found.push(format!("{name} is gone")),
            Some(now) => found.extend(changes(now, column).into_iter().map(|what| format!("{name} {what}"))),
        }
    }
    let key = |object: &Object| object.columns.iter().filter(|c| c.key).map(|c| c.name.clone()).collect::<Vec<_>>();
    if !key(tested).is_empty() && key(new) != key(tested) {
        found.push("its primary key is another".to_owned());
    }
    for rule in &tested.rules {
        if !new.rules.iter().any(|now| keeps(now, rule)) {
            let of = rule.counted.columns().join(", ");
            let space = if of.is_empty() { "" } else { " of " };
            found.push(format!("{}{space}{of} is no longer {}", rule.counted, rule.bound));
        }
    }
    for asked in &tested.freshness {
        if !new.freshness.iter().any(|now| now.column == asked.column && now.seconds <= asked.seconds) {
            found.push(format!("{} may be older", asked.column));
        }
    }
    for part in &tested.unevaluated {
        if !new.unevaluated.contains(part) {
            found.push(format!("{} at {} was changed", part.kind, part.at));
        }
    }
    found
}

fn changes(now: &Column, tested: &Column) -> Vec<&'static str> {
    let logical = match (tested.logical, now.logical) {
        (None, _) | (Some(Logical::Number), Some(Logical::Integer)) => true,
        (Some(before), Some(after)) => before == after,
        (Some(_), None) => false,
    };
    let allowed = match (&tested.allowed, &now.allowed) {
        (None, _) => true,
        (Some(before), Some(after)) => after.is_within(before),
        (Some(_), None) => false,
    };
    let lengths = tested.lengths.min.is_none_or(|min| now.lengths.min.is_some_and(|now| now >= min))
        && tested.lengths.max.is_none_or(|max| now.lengths.max.is_some_and(|now| now <= max));
    let kept = [
        (logical, "is of another type"),
        (tested.stored.is_none() || now.stored == tested.stored, "is stored as another type"),
        (!tested.required || now.required, "may be missing"),
        (!tested.unique || now.unique, "may repeat"),
        (now.range.is_within(&tested.range), "has a wider range"),
        (lengths, "may be shorter or longer"),
        (tested.pattern.is_none() || now.pattern == tested.pattern, "has another pattern"),
        (allowed, "may have more values"),
        (tested.form.is_none() || now.form == tested.form, "has another format"),
        (tested.zoned.is_none() || now.zoned == tested.zoned, "may be without or with a zone"),
        (
            tested.multiple_of.is_none_or(|of| now.multiple_of.is_some_and(|now| now % of == 0)),
            "is no multiple as before",
        ),
        (now.classification == tested.classification, "is classified otherwise"),
    ];
    kept.into_iter().filter(|(kept, _)| !kept).map(|(_, what)| what).collect()
}

/// Whether the rule asks at least as much as the tested one of the same thing.
fn keeps(now: &Rule, tested: &Rule) -> bool {
    now.counted == tested.counted && now.percent == tested.percent && now.bound.implies(&tested.bound)
}
