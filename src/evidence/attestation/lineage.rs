//! Whether everything that a step used comes from somewhere known, back to the start.

use super::{About, Input, Made, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// Why a lineage is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open<'a> {
    /// A step names nothing that it used, which says nothing.
    NoInputs { builder: &'a str },
    /// Neither the subject of another statement nor declared.
    Unknown(&'a Input),
    /// Steps that only rest on each other.
    Circle,
}

/// The first open end of what the statement at `start` rests on; `None` when all of it is known: each input is
/// declared, or the subject of another statement whose own inputs are known. A statement that does not say how its
/// subject was made is an end: somebody trusted vouches for the thing itself.
pub fn open_input<'a>(
    statements: &'a [Statement],
    start: usize,
    declared: impl Fn(&Input) -> bool,
) -> Option<Open<'a>> {
    let mut about: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, statement) in statements.iter().enumerate() {
        for subject in &statement.subjects {
            about.entry(subject).or_default().push(at);
        }
    }
    let others = |at: usize, input: &Input| {
        let known = input.sha256.as_ref().and_then(|digest| about.get(digest)).map(Vec::as_slice).unwrap_or_default();
        known.iter().copied().filter(move |other| *other != at)
    };
    let made = |at: usize| match statements.get(at).map(|statement| &statement.about) {
        Some(About::Made(made)) => Some(made),
        Some(About::Files | About::Other) | None => None,
    };
    // Grows until nothing more becomes known, so that steps in a circle never do.
    let mut known: BTreeSet<usize> = (0..statements.len()).filter(|at| made(*at).is_none()).collect();
    loop {
        let holds = |at: usize, made: &Made| {
            let input = |input: &Input| declared(input) || others(at, input).any(|other| known.contains(&other));
            !made.inputs.is_empty() && made.inputs.iter().all(input)
        };
        let steps = (0..statements.len()).filter(|at| !known.contains(at));
        let more: Vec<usize> = steps.filter(|at| made(*at).is_some_and(|made| holds(*at, made))).collect();
        if more.is_empty() {
            break;
        }
        known.extend(more);
    }
    if known.contains(&start) {
        return None;
    }
    // For the message: the first end on the way back.
    let (mut seen, mut queue) = (BTreeSet::from([start]), vec![start]);
    while let Some(at) = queue.pop() {
        let Some(made) = made(at) else { continue };
        if made.inputs.is_empty() {
            return Some(Open::NoInputs { builder: &made.builder });
        }
        for input in made.inputs.iter().filter(|input| !declared(input)) {
            let mut any = false;
            for other in others(at, input) {
                any = true;
                if !known.contains(&other) && seen.insert(other) {
                    queue.push(other);
                }
            }
            if !any {
                return Some(Open::Unknown(input));
            }
        }
    }
    Some(Open::Circle)
}
