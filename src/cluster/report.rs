//! Tells people: one status patch if it says something new, and events for what changed.

use super::records::instant;
use super::world::Kind;
use super::writer::{WriteError, Writer};
use crate::api;
use crate::intake;
use crate::policy::Enforcement;
use crate::policy::finding::clean;
use crate::policy::risk::{Factor, Tier};
use crate::release::Facts;
use crate::release::condition::Status;
use crate::release::decision::{Decision, Report, Row};
use kube::api::Patch;
use serde_json::json;

/// The release's own rows; the run holds the rest.
const MOST_ROWS: usize = 64;

/// Writes the status if it differs. True if it was written.
pub async fn report(writer: &Writer, facts: &Facts, decision: &Decision) -> Result<bool, WriteError> {
    let status = status(facts, &decision.report);
    let current = writer.world.releases.get(&writer.key.namespace, &writer.key.name);
    let current = current.as_ref().and_then(|object| object.read().ok()).and_then(|r| r.status.clone());
    if current.is_some_and(|current| says_the_same(current, &status)) {
        return Ok(false);
    }
    let operations = json!([
        {"op": "test", "path": "/metadata/uid", "value": facts.release.uid},
        {"op": "add", "path": "/status", "value": status},
    ]);
    let patch: json_patch::Patch = serde_json::from_value(operations).map_err(|e| WriteError::Unwritable {
        kind: "ModelRelease",
        name: writer.key.name.to_string(),
        message: e.to_string(),
    })?;
    let api = writer.namespaced::<api::ModelRelease>();
    writer.patch_status(&api, Kind::Release, &writer.key.name, &Patch::<()>::Json(patch)).await?;
    Ok(true)
}

/// A generation of the workload that changed nothing here (the operator's own pause, a scaling) is no news.
fn says_the_same(mut current: api::ModelReleaseStatus, status: &api::ModelReleaseStatus) -> bool {
    if let (Some(before), Some(now)) = (&mut current.target, &status.target) {
        before.observed_generation = now.observed_generation;
    }
    current == *status
}

/// The status as the API writes it.
pub fn status(facts: &Facts, report: &Report) -> api::ModelReleaseStatus {
    api::ModelReleaseStatus {
        observed_generation: Some(facts.release.generation),
        target: report
            .target
            .as_ref()
            .map(|(uid, generation)| api::TargetStatus { uid: uid.clone(), observed_generation: *generation }),
        revision: report.revision.as_ref().map(|d| d.to_string().into()),
        admitted_revision: report.admitted_revision.as_ref().map(|d| d.to_string().into()),
        waiting_since: report.waiting_since.map(instant),
        plan: report.plan.as_ref().map(|d| d.to_string().into()),
        run: report.run.clone().map(Into::into),
        gates: gates(&report.rows),
        risk: report.risk.as_ref().map(risk),
        approvals: report.approvals.as_ref().map(|tally| api::ApprovalsStatus {
            summary: format!("{}/{}", tally.counted, tally.required),
            required: tally.required,
            counted: tally.counted,
            groups: tally.groups.iter().take(64).cloned().map(Into::into).collect(),
        }),
        watch: report
            .watch
            .iter()
            .take(MOST_ROWS)
            .map(|row| api::WatchRow {
                policy: row.gate.policy.clone().into(),
                gate: row.gate.gate.clone().into(),
                failures: row.streak.failures,
                blind: row.streak.blind,
                message: clean(&row.message, 256),
                at: row.at.map(instant),
            })
            .collect(),
        last_rollback: report.last_rollback.as_ref().map(|r| api::RollbackStatus {
            from: r.from.to_string().into(),
            to: r.to.as_ref().map(|d| d.to_string().into()),
            at: r.at.to_string().into(),
            completed_at: r.completed_at.map(instant),
            message: clean(&r.message, 512),
        }),
        conditions: report
            .conditions
            .iter()
            .map(|c| api::Condition {
                type_: format!("{:?}", c.kind),
                status: match c.status {
                    Status::True => api::ConditionStatus::True,
                    Status::False => api::ConditionStatus::False,
                    Status::Unknown => api::ConditionStatus::Unknown,
                },
                observed_generation: Some(facts.release.generation),
                last_transition_time: instant(c.since),
                reason: c.reason.as_str(),
                message: clean(&c.message, 1024),
            })
            .collect(),
    }
}

fn gates(rows: &[Row]) -> Option<api::GatesStatus> {
    use crate::policy::Outcome;
    if rows.is_empty() {
        return None;
    }
    let asked: Vec<&Row> = rows.iter().filter(|r| r.outcome != Outcome::Skipped).collect();
    let passed = asked.iter().filter(|r| r.outcome == Outcome::Pass).count();
    let mut shown: Vec<&Row> = rows.iter().collect();
    // What blocks is shown first, and never cut.
    shown.sort_by_key(|r| (std::cmp::Reverse((r.enforcement == Enforcement::Enforce, r.outcome)), r.key.clone()));
    Some(api::GatesStatus {
        summary: format!("{passed}/{}", asked.len()),
        rows: shown.into_iter().take(MOST_ROWS).map(intake::gate_row).collect(),
    })
}

fn risk(score: &crate::policy::RiskScore) -> api::RiskStatus {
    api::RiskStatus {
        summary: format!("{} {}", score.score, score.tier),
        score: score.score,
        tier: match score.tier {
            Tier::Low => api::TierName::Low,
            Tier::Medium => api::TierName::Medium,
            Tier::High => api::TierName::High,
            Tier::Critical => api::TierName::Critical,
        },
        policy: score.policy.clone().into(),
        contributions: score
            .contributions
            .iter()
            .map(|c| api::RiskContribution {
                factor: match c.factor {
                    Factor::BusinessCriticality => api::FactorName::BusinessCriticality,
                    Factor::DataSensitivity => api::FactorName::DataSensitivity,
                    Factor::ModelComplexity => api::FactorName::ModelComplexity,
                    Factor::GateOutcomes => api::FactorName::GateOutcomes,
                    Factor::DataQuality => api::FactorName::DataQuality,
                    Factor::HistoryAnomaly => api::FactorName::HistoryAnomaly,
                },
                weight: c.weight,
                level: c.level,
            })
            .collect(),
    }
}
