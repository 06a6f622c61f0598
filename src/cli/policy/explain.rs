//! `modelgate policy explain`: what policies ask, gate by gate.

use super::{PolicyError, Sources, compiled};
use crate::api::GovernancePolicy;
use crate::cli::line;
use crate::policy::{Gate, OnBreach, PolicyPlan, Stage};
use clap::Args;
use serde_json::Value;
use std::io::Write;

/// Say what policies ask, gate by gate, with every default written out.
#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    policies: Sources,
}

impl Explain {
    pub(super) fn run(self) -> Result<bool, PolicyError> {
        let mut out = std::io::stdout().lock();
        for (policy, plan) in compiled(&self.policies.paths())? {
            writeln!(
                out,
                "GovernancePolicy {}: {:?} {}",
                plan.name,
                policy.spec.enforcement,
                line(&selected(&policy))
            )?;
            for gate in &plan.gates {
                explain(&mut out, gate)?;
            }
            for (name, value) in scoring(&plan) {
                writeln!(out, "  {name}: {value}")?;
            }
        }
        Ok(true)
    }
}

fn explain(out: &mut impl Write, gate: &Gate) -> std::io::Result<()> {
    let when = match (gate.stage, gate.min_tier) {
        (Stage::AfterRelease, _) => "after release".to_owned(),
        (Stage::BeforeRelease, Some(tier)) => format!("before release, from risk tier {tier}"),
        (Stage::BeforeRelease, None) => "before release".to_owned(),
    };
    writeln!(
        out,
        "  {}: {} ({:?}, severity {:?}, {when})",
        gate.key.gate,
        gate.check.kind(),
        gate.enforcement,
        gate.severity
    )?;
    let evidence = gate.check.evidence();
    if !evidence.is_empty() {
        writeln!(out, "    reads evidence {}", line(&evidence.join(", ")))?;
    }
    for (name, value) in settings(gate) {
        writeln!(out, "    {name}: {}", line(&abridged(&value)))?;
    }
    if let Some(watch) = &gate.watch {
        let does = match watch.on_breach {
            OnBreach::Freeze => "holds the release where it is",
            OnBreach::Rollback => "brings the last good revision back",
        };
        writeln!(
            out,
            "    asked every {} s; {} failures in a row are a breach, which {does}; blind after {} answers without a number",
            watch.interval_seconds, watch.breach_after, watch.blind_after
        )?;
    }
    if let Some(text) = &gate.remediation {
        writeln!(out, "    if it does not pass: {}", line(text))?;
    }
    Ok(())
}

/// What the check is set to, defaults included, evidence names left out; what stands inside an object is named by its
/// path.
pub(super) fn settings(gate: &Gate) -> Vec<(String, String)> {
    let Ok(Value::Object(check)) = serde_json::to_value(&gate.check) else { return Vec::new() };
    let fields = check.into_iter().find_map(|(_, fields)| match fields {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    let fields = fields.unwrap_or_default().into_iter();
    let said = fields.filter(|(name, _)| !["evidence", "reference", "current"].contains(&name.as_str()));
    let mut found = Vec::new();
    said.for_each(|(name, value)| spread(name, value, &mut found));
    found
}

fn spread(name: String, value: Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {}
        Value::String(text) => found.push((name, text)),
        Value::Object(fields) => {
            let (before, whole) = (found.len(), Value::Object(fields.clone()).to_string());
            fields.into_iter().for_each(|(key, value)| spread(format!("{name}.{key}"), value, found));
            // That it is there asks something, with nothing in it too.
            if found.len() == before {
                found.push((name, whole));
            }
        }
        Value::Array(_) | Value::Bool(_) | Value::Number(_) => found.push((name, value.to_string())),
    }
}

/// Without the middle of keys and certificates, which nobody reads: of a word of their letters its start.
pub(super) fn abridged(text: &str) -> String {
    const LONGEST: usize = 64;
    const KEPT: usize = 24;
    let mut out = String::with_capacity(text.len().min(1024));
    let mut rest = text;
    while !rest.is_empty() {
        let coded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let end = rest.find(|c| !coded(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match word.get(..KEPT).filter(|_| word.len() > LONGEST) {
            Some(start) => out.extend([start, "…"]),
            None => out.push_str(word),
        }
        let next = after.chars().next().map_or(0, char::len_utf8);
        out.push_str(after.get(..next).unwrap_or_default());
        rest = after.get(next..).unwrap_or_default();
    }
    out
}

/// How the policy scores, and what it counts as good, defaults included.
pub(super) fn scoring(plan: &PolicyPlan) -> Vec<(String, String)> {
    let risk = plan.risk.clone().unwrap_or_default();
    let list = |pairs: Vec<String>| if pairs.is_empty() { "nothing".to_owned() } else { pairs.join(", ") };
    let weights = risk.weights.iter().map(|(factor, weight)| format!("{factor:?} {weight}")).collect();
    let floors = risk.floors.iter().map(|(factor, level)| format!("{factor:?} {level:?}")).collect();
    let complexity = risk.complexity.iter().map(|measured| {
        format!("from {} of gate {} on Medium, from {} High", measured.medium, measured.gate, measured.high)
    });
    let adopted = if plan.adopted_is_baseline { "AsBaseline" } else { "NeverBaseline" };
    vec![
        ("risk weights".to_owned(), list(weights)),
        ("risk floors".to_owned(), list(floors)),
        ("risk complexity".to_owned(), list(complexity.collect())),
        ("risk tiers".to_owned(), format!("Medium {}, High {}, Critical {}", risk.medium, risk.high, risk.critical)),
        ("adoptExisting".to_owned(), adopted.to_owned()),
    ]
}

pub(super) fn selected(policy: &GovernancePolicy) -> String {
    let selector = &policy.spec.match_.namespace_selector;
    let exact = selector.match_labels.iter().map(|(key, value)| format!("{key}={}", value.0));
    let more = selector.match_expressions.iter().map(|expression| {
        let values: Vec<_> = expression.values.iter().map(|v| v.0.as_str()).collect();
        format!("{} {:?} {}", expression.key.as_str(), expression.operator, values.join("|")).trim_end().to_owned()
    });
    let all: Vec<_> = exact.chain(more).collect();
    if all.is_empty() {
        "in every governed namespace".to_owned()
    } else {
        format!("in namespaces with {}", all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_codes_are_cut_and_nothing_else() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let uri = "https://git.example/acme/trainer/.github/workflows/a-very-long-name-of-a-workflow.yml@refs/tags/*";
        for text in ["", "0.8", "ä/ö", digest.as_str(), uri] {
            assert_eq!(abridged(text), text);
        }
        let long = format!("[\"{}\",\"é\"]", "M".repeat(900));
        assert_eq!(abridged(&long), format!("[\"{}…\",\"é\"]", "M".repeat(24)));
    }
}
