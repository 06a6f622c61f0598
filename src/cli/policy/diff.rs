//! `modelgate policy diff`: what changes between two sets of policies, and whether a gate becomes looser.

use super::direction::{Change, compared, named};
use super::explain::{selected, settings};
use super::{PolicyError, compiled};
use crate::api::GovernancePolicy;
use crate::cli::line;
use crate::policy::risk::{Factor, RiskModel};
use crate::policy::{Gate, GateKey, Level, PolicyPlan};
use clap::Args;
use std::cmp::Ordering;
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
        let diluted = diluted(&new);
        let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let by_risk = diluted.get(&key.policy);
            match (before.get(key), after.get(key)) {
                (Some(gate), None) => tell(Change::Looser, format!("{key}: gone ({})", gate.check.kind()))?,
                (None, Some(gate)) => {
                    let what = format!("{key}: new ({})", gate.check.kind());
                    match by_risk.filter(|_| gate.check.runs_in_job()) {
                        Some(why) => tell(Change::Other, format!("{what}; {why}"))?,
                        None => tell(Change::Stricter, what)?,
                    }
                }
                (Some(gate), Some(other)) => {
                    for (change, what) in changes(gate, other) {
                        tell(change, format!("{key}: {what}"))?;
                    }
                    if let (Some(change), what) = severity(gate, other) {
                        match by_risk.filter(|_| other.check.runs_in_job()) {
                            Some(why) => tell(change.max(Change::Other), format!("{key}: {what}; {why}"))?,
                            None => tell(change, format!("{key}: {what}"))?,
                        }
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

/// Policies whose risk is a share of what its gates come to, where a gate is asked from a tier on: one gate more, or
/// one that counts for more, may lower the share, the tier, and who is asked.
fn diluted(plans: &[(GovernancePolicy, PolicyPlan)]) -> BTreeMap<String, String> {
    let mut all = plans.iter().flat_map(|(_, plan)| &plan.gates);
    let Some(asked) = all.find(|gate| gate.min_tier.is_some()) else { return BTreeMap::new() };
    let why = format!("it may lower the risk, on which minTier of {} rests", asked.key);
    let shares = |plan: &PolicyPlan| plan.risk.clone().unwrap_or_default().weights.contains_key(&Factor::GateOutcomes);
    let diluted = plans.iter().filter(|(_, plan)| shares(plan));
    diluted.map(|(_, plan)| (plan.name.clone(), why.clone())).collect()
}

fn severity(old: &Gate, new: &Gate) -> (Option<Change>, String) {
    let change = match new.severity.cmp(&old.severity) {
        Ordering::Equal => None,
        Ordering::Greater => Some(Change::Stricter),
        Ordering::Less => Some(Change::Looser),
    };
    (change, format!("severity {:?} -> {:?}", old.severity, new.severity))
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
    let compare = |a: &dyn Fn() -> Ordering| match a() {
        Ordering::Equal => None,
        Ordering::Less => Some(true),
        Ordering::Greater => Some(false),
    };
    let (a, b) = (old.enforcement, new.enforcement);
    ordered("enforcement", compare(&|| a.cmp(&b)), format!("{a:?}"), format!("{b:?}"));
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
    let settings = |gate: &Gate| named(gate.check.kind(), settings(gate));
    found.extend(compared(&settings(old), &settings(new)));
    found
}
