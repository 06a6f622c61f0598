//! `modelgate policy diff`: what changes between two sets of policies, and whether a gate becomes looser.

use super::explain::{abridged, selected, settings};
use super::{PolicyError, compiled};
use crate::cli::line;
use crate::policy::risk::RiskModel;
use crate::policy::{Gate, GateKey, Level, PolicyPlan};
use clap::Args;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

/// Say which gates are new, gone, stricter or looser between two sets of policies.
///
/// Exit codes: 0 no gate became looser; 1 at least one did, or may have; 4 a file cannot be used.
#[derive(Debug, Args)]
pub struct Diff {
    /// Manifest or folder with the policies as they are
    old: PathBuf,
    /// Manifest or folder with the policies as they shall be
    new: PathBuf,
}

/// What a change does to what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Stricter,
    /// Which way cannot be told by comparing.
    Other,
    Looser,
}

impl Diff {
    pub(super) fn run(self) -> Result<bool, PolicyError> {
        let (old, new) = (compiled(&[self.old])?, compiled(&[self.new])?);
        let mut out = std::io::stdout().lock();
        let mut worst = Change::Stricter;
        let mut tell = |change: Change, what: String| {
            worst = worst.max(change);
            let word = match change {
                Change::Stricter => "stricter",
                Change::Other => "changed ",
                Change::Looser => "LOOSER  ",
            };
            writeln!(out, "{word}  {}", line(&what))
        };
        for (policy, plan) in &old {
            let same = new.iter().find(|(_, other)| other.name == plan.name);
            if let Some((other, _)) = same.filter(|(other, _)| selected(other) != selected(policy)) {
                let what = format!("{}: applied {}, now {}", plan.name, selected(policy), selected(other));
                tell(Change::Other, what)?;
            }
        }
        for (_, plan) in &old {
            for (_, other) in new.iter().filter(|(_, other)| other.name == plan.name) {
                for (change, what) in scoring(plan, other) {
                    tell(change, format!("{}: {what}", plan.name))?;
                }
            }
        }
        let gates = |plans: &[(_, PolicyPlan)]| -> BTreeMap<GateKey, Gate> {
            plans.iter().flat_map(|(_, plan)| &plan.gates).map(|gate| (gate.key.clone(), gate.clone())).collect()
        };
        let (before, after) = (gates(&old), gates(&new));
        let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for key in keys {
            match (before.get(key), after.get(key)) {
                (Some(gate), None) => tell(Change::Looser, format!("{key}: gone ({})", gate.check.kind()))?,
                (None, Some(gate)) => tell(Change::Stricter, format!("{key}: new ({})", gate.check.kind()))?,
                (Some(gate), Some(other)) => {
                    for (change, what) in changes(gate, other) {
                        tell(change, format!("{key}: {what}"))?;
                    }
                }
                (None, None) => {}
            }
        }
        Ok(worst == Change::Stricter)
    }
}

/// Tiers and floors decide which gates are asked and who must approve.
fn scoring(old: &PolicyPlan, new: &PolicyPlan) -> Vec<(Change, String)> {
    let mut found = Vec::new();
    let (a, b) = (old.risk.clone().unwrap_or_default(), new.risk.clone().unwrap_or_default());
    for (tier, from, to) in
        [("Medium", a.medium, b.medium), ("High", a.high, b.high), ("Critical", a.critical, b.critical)]
    {
        if from != to {
            let change = if to > from { Change::Looser } else { Change::Stricter };
            found.push((change, format!("risk tier {tier} from {from} -> from {to}")));
        }
    }
    let factors: BTreeSet<_> = a.floors.keys().chain(b.floors.keys()).collect();
    for factor in factors {
        let (from, to) = (a.floors.get(factor), b.floors.get(factor));
        if from != to {
            let change = if to > from { Change::Stricter } else { Change::Looser };
            let shown = |level: Option<&Level>| level.map_or("nothing".to_owned(), |level| format!("{level:?}"));
            found.push((change, format!("risk floor {factor:?} {} -> {}", shown(from), shown(to))));
        }
    }
    found.extend(complexity(&a, &b));
    if a.weights != b.weights {
        found.push((Change::Other, format!("risk weights {:?} -> {:?}", a.weights, b.weights)));
    }
    match (old.adopted_is_baseline, new.adopted_is_baseline) {
        (false, true) => found.push((Change::Looser, "adoptExisting NeverBaseline -> AsBaseline".to_owned())),
        (true, false) => found.push((Change::Stricter, "adoptExisting AsBaseline -> NeverBaseline".to_owned())),
        (true, true) | (false, false) => {}
    }
    found
}

/// A level that begins later is looser, and so is a gate that measures complexity no more.
fn complexity(old: &RiskModel, new: &RiskModel) -> Vec<(Change, String)> {
    let mut found = Vec::new();
    let of = |model: &RiskModel, gate: &str| model.complexity.iter().find(|measured| measured.gate == gate).cloned();
    let gates: BTreeSet<_> = old.complexity.iter().chain(&new.complexity).map(|measured| &measured.gate).collect();
    for gate in gates {
        match (of(old, gate), of(new, gate)) {
            (Some(from), Some(to)) => {
                for (level, from, to) in [("medium", from.medium, to.medium), ("high", from.high, to.high)] {
                    let change = if to.value() > from.value() { Change::Looser } else { Change::Stricter };
                    if to.value() != from.value() {
                        found.push((change, format!("risk complexity {gate} {level} {from} -> {to}")));
                    }
                }
            }
            (Some(_), None) => found.push((Change::Looser, format!("risk complexity {gate}: measured no more"))),
            (None, _) => found.push((Change::Stricter, format!("risk complexity {gate}: measured"))),
        }
    }
    found
}

fn changes(old: &Gate, new: &Gate) -> Vec<(Change, String)> {
    let mut found = Vec::new();
    let mut ordered = |name: &str, stricter: Option<bool>, from: String, to: String| {
        let change = match stricter {
            Some(true) => Change::Stricter,
            Some(false) => Change::Looser,
            None => return,
        };
        found.push((change, format!("{name} {from} -> {to}")));
    };
    let compare = |a: &dyn Fn() -> std::cmp::Ordering| match a() {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some(true),
        std::cmp::Ordering::Greater => Some(false),
    };
    let (a, b) = (old.enforcement, new.enforcement);
    ordered("enforcement", compare(&|| a.cmp(&b)), format!("{a:?}"), format!("{b:?}"));
    let (a, b) = (old.severity, new.severity);
    ordered("severity", compare(&|| a.cmp(&b)), format!("{a:?}"), format!("{b:?}"));
    // Asked from a higher tier on: asked less often.
    let tier = |gate: &Gate| gate.min_tier.map_or("every tier".to_owned(), |tier| tier.to_string());
    ordered("minTier", compare(&|| new.min_tier.cmp(&old.min_tier)), tier(old), tier(new));
    if let (Some(a), Some(b)) = (&old.watch, &new.watch) {
        for (name, a, b) in [
            ("watch.interval", a.interval_seconds, b.interval_seconds),
            ("watch.breachAfter", a.breach_after.into(), b.breach_after.into()),
            ("watch.blindAfter", a.blind_after.into(), b.blind_after.into()),
        ] {
            ordered(name, compare(&|| b.cmp(&a)), a.to_string(), b.to_string());
        }
        let (a, b) = (a.on_breach, b.on_breach);
        ordered("watch.onBreach", compare(&|| a.cmp(&b)), format!("{a:?}"), format!("{b:?}"));
    }
    if old.check.kind() != new.check.kind() {
        found.push((Change::Other, format!("check {} -> {}", old.check.kind(), new.check.kind())));
        return found;
    }
    if old.check.evidence() != new.check.evidence() {
        let names = |gate: &Gate| gate.check.evidence().join(", ");
        found.push((Change::Other, format!("evidence {} -> {}", names(old), names(new))));
    }
    let (a, b): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (settings(old).into_iter().collect(), settings(new).into_iter().collect());
    let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    for name in names {
        let (from, to) = (a.get(name), b.get(name));
        if from != to {
            let shown = |value: Option<&String>| value.map_or("nothing".to_owned(), |value| abridged(value));
            found.push((direction(name, from, to), format!("{name} {} -> {}", shown(from), shown(to))));
        }
    }
    found
}

/// Whom a gate trusts: one more is looser, one less stricter. Logs are asked for once there are any.
const TRUSTED: [&str; 6] = ["keys", "identities", "authorities", "timestampAuthorities", "logs", "certificateLogs"];

fn trusted(name: &str, from: Option<&String>, to: Option<&String>) -> Change {
    let list = |value: Option<&String>| -> Vec<Value> {
        value.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let (from, to) = (list(from), list(to));
    let named = |all: &[Value], one: &Value| all.iter().any(|other| other["name"] == one["name"]);
    if ["logs", "certificateLogs"].contains(&name) && from.is_empty() != to.is_empty() {
        if from.is_empty() { Change::Stricter } else { Change::Looser }
    } else if to.iter().any(|one| !named(&from, one)) {
        Change::Looser
    } else if to.iter().all(|one| from.contains(one)) {
        Change::Stricter
    } else {
        Change::Other
    }
}

/// What is allowed: a list asks more than none, and more the shorter it is.
const ALLOWED: [&str; 1] = ["licenses"];

fn allowed(from: Option<&String>, to: Option<&String>) -> Change {
    let list = |value: Option<&String>| -> Option<BTreeSet<String>> { serde_json::from_str(value?).ok() };
    match (list(from), list(to)) {
        (None, _) => Change::Stricter,
        (_, None) => Change::Looser,
        (Some(from), Some(to)) if to.is_subset(&from) => Change::Stricter,
        (Some(_), Some(_)) => Change::Looser,
    }
}

/// Rules about tokens: one that is compared with clear text, or no longer, and is the same otherwise.
fn redacted(from: Option<&String>, to: Option<&String>) -> Change {
    let list = |value: Option<&String>| -> Vec<Value> {
        value.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let (from, to) = (list(from), list(to));
    let without = |rules: &[Value]| -> Vec<Value> {
        let mut rules = rules.to_vec();
        rules.iter_mut().filter_map(Value::as_object_mut).for_each(|rule| drop(rule.remove("clearText")));
        rules
    };
    let moved = |one: &Value, other: &Value| one["clearText"].is_null() || one["clearText"] == other["clearText"];
    let pairs = || from.iter().zip(&to);
    if without(&from) != without(&to) {
        Change::Other
    } else if pairs().all(|(before, after)| moved(before, after)) {
        Change::Stricter
    } else if pairs().all(|(before, after)| moved(after, before)) {
        Change::Looser
    } else {
        Change::Other
    }
}

/// A bound by its name: `min…` and `required…` ask more when they rise, `max…` when they fall. A bound that
/// appears is stricter, one that goes is looser.
fn direction(name: &str, from: Option<&String>, to: Option<&String>) -> Change {
    if TRUSTED.contains(&name) {
        return trusted(name, from, to);
    }
    if ALLOWED.contains(&name) {
        return allowed(from, to);
    }
    if name == "redacted" {
        return redacted(from, to);
    }
    let number = |value: &String| value.parse::<f64>().ok().filter(|number| number.is_finite());
    let most = name.contains(".most.");
    let name = name.rsplit('.').next().unwrap_or(name);
    // A larger least group may be left out instead of being too small.
    let rises = name.starts_with("min") && name != "minGroupSize" || name.starts_with("required");
    let falls = most || name.starts_with("max");
    // A switch that is left out is off.
    if name == "againstAdmitted" {
        return if to.is_some() { Change::Stricter } else { Change::Looser };
    }
    match (from, to) {
        (None, Some(_)) if rises || falls => Change::Stricter,
        (Some(_), None) if rises || falls => Change::Looser,
        (Some(from), Some(to)) if rises || falls => match (number(from), number(to)) {
            (Some(from), Some(to)) if (to > from) == rises => Change::Stricter,
            (Some(_), Some(_)) => Change::Looser,
            (_, _) => Change::Other,
        },
        (_, _) => Change::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_say_which_way() {
        let text = |text: &str| Some(text.to_owned());
        let cases = [
            ("min", text("0.8"), text("0.9"), Change::Stricter),
            ("min", text("0.8"), text("0.7"), Change::Looser),
            ("max", text("0.8"), text("0.9"), Change::Looser),
            ("maxDriftedShare", text("0.3"), text("0"), Change::Stricter),
            ("required", text("2"), text("1"), Change::Looser),
            ("min", text("0.8"), None, Change::Looser),
            ("max", None, text("1"), Change::Stricter),
            ("min", text("0.8"), text("[]"), Change::Other),
            ("minGroupSize", text("30"), text("300"), Change::Other),
            ("againstAdmitted.maxFewer", text("0"), text("2"), Change::Looser),
            ("againstAdmitted.maxFewer", None, text("0"), Change::Stricter),
            ("againstAdmitted.maxFewer", text("0"), None, Change::Looser),
            ("personalData.most.share", text("0"), text("0.05"), Change::Looser),
            ("method", text("PSI"), text("KolmogorovSmirnov"), Change::Other),
            ("identities", text(r#"[{"name":"a"}]"#), text(r#"[{"name":"a"},{"name":"b"}]"#), Change::Looser),
            ("identities", text(r#"[{"name":"a"},{"name":"b"}]"#), text(r#"[{"name":"b"}]"#), Change::Stricter),
            ("identities", text(r#"[{"name":"a","x":1}]"#), text(r#"[{"name":"a","x":2}]"#), Change::Other),
            ("identities", text(r#"[{"name":"a"}]"#), text(r#"[{"name":"b"}]"#), Change::Looser),
            ("authorities", None, text(r#"[{"name":"a"}]"#), Change::Looser),
            ("keys", text(r#"[{"name":"a"}]"#), None, Change::Stricter),
            ("logs", None, text(r#"[{"name":"a"}]"#), Change::Stricter),
            ("licenses", None, text(r#"["MIT"]"#), Change::Stricter),
            ("licenses", text(r#"["MIT"]"#), None, Change::Looser),
            ("licenses", text(r#"["MIT"]"#), text(r#"["MIT","0BSD"]"#), Change::Looser),
            ("licenses", text(r#"["MIT","0BSD"]"#), text(r#"["0BSD"]"#), Change::Stricter),
            ("redacted", text(r#"[{"a":1}]"#), text(r#"[{"a":1,"clearText":{"b":2}}]"#), Change::Stricter),
            ("redacted", text(r#"[{"a":1,"clearText":{"b":2}}]"#), text(r#"[{"a":1}]"#), Change::Looser),
            (
                "redacted",
                text(r#"[{"a":1,"clearText":{"b":2}}]"#),
                text(r#"[{"a":1,"clearText":{"b":3}}]"#),
                Change::Other,
            ),
            ("redacted", text(r#"[{"a":1}]"#), text(r#"[{"a":2}]"#), Change::Other),
            ("stability.againstAdmitted", None, text("true"), Change::Stricter),
            ("stability.againstAdmitted", text("true"), None, Change::Looser),
            ("logs", text(r#"[{"name":"a"}]"#), None, Change::Looser),
            ("logs", text(r#"[{"name":"a"}]"#), text(r#"[{"name":"a"},{"name":"b"}]"#), Change::Looser),
        ];
        for (name, from, to, expected) in cases {
            assert_eq!(direction(name, from.as_ref(), to.as_ref()), expected, "{name} {from:?} {to:?}");
        }
    }
}
