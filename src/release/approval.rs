//! People: which approvals count, and whether they are enough.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{ApprovalTally, CountReason, Row, Step};
use super::draft::Draft;
use super::facts::{Approval, ApprovalRequirement, Facts, Person, Release, Run, Target};
use crate::policy::{ApprovalBinds, Check, Counts, Outcome, Plan, risk::Tier};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// True when every approval gate that is asked at this tier has its people, and nobody rejected.
pub(super) fn satisfied(draft: &mut Draft, plan: &Plan, tier: Option<Tier>, run: &Run, finished: Timestamp) -> bool {
    let count = show(draft, plan, tier, run, finished);
    if let Some(rejection) = count.rejected {
        draft.say(ConditionType::Approved, Status::False, Reason::Rejected, rejection.clone());
        draft.stall(Reason::Rejected, rejection);
        return false;
    }
    if let Some(waiting) = count.waiting {
        draft.say(ConditionType::Approved, Status::Unknown, Reason::AwaitingApproval, waiting.clone());
        draft.reconcile(Reason::AwaitingApproval, waiting);
        return false;
    }
    true
}

pub(super) struct Count {
    rejected: Option<String>,
    waiting: Option<String>,
}

/// Counts, writes down why each one counts or not, and shows the rows. Says that approval is there when it is.
pub(super) fn show(draft: &mut Draft, plan: &Plan, tier: Option<Tier>, run: &Run, finished: Timestamp) -> Count {
    let asked = requirements(plan, tier);
    let mut tally = ApprovalTally::default();
    let mut count = Count { rejected: None, waiting: None };
    let mut people: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); asked.len()];
    let facts = draft.facts;
    for given in &facts.approvals {
        let (mut reason, mut message) = judge(facts, run, finished, &asked, given);
        if reason == CountReason::Counted
            && let Some(by) = &given.by
        {
            let mut adds = !given.approve;
            for (gate, people) in asked.iter().zip(&mut people) {
                if in_group(by, &gate.groups) && bound(gate.binds, &facts.runs, run, given) {
                    if given.approve {
                        adds |= people.insert(by.name.as_str());
                    } else if gate.is_blocking() {
                        count.rejected.get_or_insert(format!(
                            "{} rejected GateRun {}: apply another version, or ask them to delete ReleaseApproval {}",
                            by.name, given.subject, given.name
                        ));
                    }
                }
            }
            if !adds {
                reason = CountReason::AlreadyCounted;
                message = format!("{} has approved already, and counts once", by.name);
            }
        }
        let counted = reason == CountReason::Counted;
        // What an approval did for a revision that was admitted is history and stays as it was told.
        let subject = facts.runs.iter().find(|r| r.name == given.subject && r.name != run.name);
        let is_history = subject.is_some_and(|s| facts.admitted.iter().any(|a| a.revision == s.revision));
        if is_history && given.counted_before.is_some() && !counted {
            continue;
        }
        if given.counted_before.as_ref().map(|(c, m)| (*c, m.as_str())) != Some((counted, message.as_str())) {
            draft.step(Step::CountApproval { name: given.name.clone(), counted, reason, message });
        }
    }
    let mut missing = Vec::new();
    for (gate, people) in asked.iter().zip(&people) {
        let have = u32::try_from(people.len()).unwrap_or(u32::MAX).min(gate.required);
        draft.report.rows.push(row(gate, have, people));
        if !gate.is_blocking() {
            continue;
        }
        tally.required += gate.required;
        tally.counted += have;
        if have < gate.required {
            tally.groups.extend(gate.groups.iter().filter(|g| !tally.groups.contains(g)).cloned().collect::<Vec<_>>());
            missing.push(format!("{} of {} from {}", gate.required - have, gate.required, gate.groups.join(" or ")));
        }
    }
    if missing.is_empty() {
        let (reason, message) = match tally.required {
            0 => (Reason::NotRequired, "no approval is needed at this risk tier".to_owned()),
            _ => (Reason::Approved, format!("approved by {}", names(&people))),
        };
        draft.say(ConditionType::Approved, Status::True, reason, message);
    } else {
        count.waiting = Some(format!(
            "waiting for approvals, {}: a member creates a ReleaseApproval for GateRun {}{}",
            missing.join(", "),
            run.name,
            if authors_unknown(&facts.release) {
                "; none counts before spec.authors names the people who wrote this version"
            } else {
                ""
            }
        ));
    }
    draft.report.approvals = Some(tally);
    count
}

fn names(people: &[BTreeSet<&str>]) -> String {
    let all: BTreeSet<&str> = people.iter().flatten().copied().collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

fn requirements(plan: &Plan, tier: Option<Tier>) -> Vec<ApprovalRequirement> {
    plan.gates()
        .filter(|gate| gate.min_tier.is_none_or(|from| tier.is_none_or(|tier| tier >= from)))
        .filter_map(|gate| {
            let Check::Approval(asked) = &gate.check else { return None };
            Some(ApprovalRequirement {
                gate: gate.key.clone(),
                groups: asked.groups.clone(),
                required: asked.required,
                binds: asked.binds,
                enforcement: gate.enforcement,
            })
        })
        .collect()
}

fn row(gate: &ApprovalRequirement, have: u32, people: &BTreeSet<&str>) -> Row {
    let enough = have >= gate.required;
    let by = people.iter().copied().collect::<Vec<_>>().join(", ");
    Row {
        key: gate.gate.clone(),
        check: "approval".to_owned(),
        enforcement: gate.enforcement,
        outcome: if enough { Outcome::Pass } else { Outcome::Missing },
        value: Some(have.to_string()),
        threshold: Some(format!(">= {}", gate.required)),
        reason: if enough { "Approved" } else { "AwaitingApproval" }.to_owned(),
        message: if enough {
            format!("approved by {by}")
        } else {
            let plural = if gate.required == 1 { "" } else { "s" };
            format!("needs {} approval{plural} from {}", gate.required, gate.groups.join(" or "))
        },
        counts: Counts::new(),
    }
}

/// Only a service account wrote the release and nobody says who is behind it.
fn authors_unknown(release: &Release) -> bool {
    release.authors.is_empty() && release.changed_by.iter().all(|user| Person::is_program(user))
}

fn wrote(release: &Release, person: &str) -> bool {
    release.authors.iter().chain(&release.changed_by).any(|author| author == person)
}

fn in_group(person: &Person, groups: &[String]) -> bool {
    person.groups.iter().any(|group| groups.contains(group))
}

/// Whether an approval's subject is this run, or for `binds: Model` an earlier run of the same model and plan. A
/// rejection stays one in every further attempt at the same revision: a retry is no answer to it.
fn bound(binds: ApprovalBinds, runs: &[Run], run: &Run, given: &Approval) -> bool {
    if given.subject == run.name {
        return true;
    }
    let subject = runs.iter().find(|r| r.name == given.subject && r.finished.is_some());
    subject
        .filter(|s| s.plan == run.plan && s.release_uid == run.release_uid && s.evidence == run.evidence)
        .is_some_and(|s| match binds {
            ApprovalBinds::Revision => !given.approve && s.revision == run.revision,
            ApprovalBinds::Model => s.model_digest == run.model_digest,
        })
}

fn judge(
    facts: &Facts,
    run: &Run,
    finished: Timestamp,
    asked: &[ApprovalRequirement],
    given: &Approval,
) -> (CountReason, String) {
    let (release, runs) = (&facts.release, &facts.runs);
    let Some(by) = &given.by else {
        return (
            CountReason::NoPerson,
            "the API server stamped no approver: the identity policy is missing".to_owned(),
        );
    };
    if Person::is_program(&by.name) {
        return (CountReason::NoPerson, format!("{} is not a person", by.name));
    }
    if authors_unknown(release) {
        return (
            CountReason::AuthorsUnknown,
            format!("only a service account wrote ModelRelease {}: spec.authors must name the people", release.name),
        );
    }
    if wrote(release, &by.name) {
        return (
            CountReason::WroteTheRelease,
            format!("{} wrote this version: somebody else must approve it", by.name),
        );
    }
    if let Target::Found(workload) = &facts.target
        && workload.changed_by.as_ref() == Some(&by.name)
    {
        return (
            CountReason::WroteTheRelease,
            format!("{} changed Deployment {}: somebody else must approve it", by.name, workload.name),
        );
    }
    let about: Vec<&ApprovalRequirement> = asked.iter().filter(|gate| bound(gate.binds, runs, run, given)).collect();
    if about.is_empty() && given.subject != run.name {
        // Without the current run's name: it would be written anew for every run there will be.
        return (CountReason::OtherRun, format!("it is for run {}, which is not the current one", given.subject));
    }
    let subject_end =
        runs.iter().find(|r| r.name == given.subject).and_then(|r| r.finished.as_ref()).map_or(finished, |f| f.at);
    if given.created.as_second() < subject_end.as_second() {
        return (
            CountReason::GivenBeforeTheRunEnded,
            "it was given before the run had ended: give it again".to_owned(),
        );
    }
    if !about.iter().any(|gate| in_group(by, &gate.groups)) {
        let groups: BTreeSet<&str> = about.iter().flat_map(|g| g.groups.iter().map(String::as_str)).collect();
        let groups = groups.into_iter().collect::<Vec<_>>().join(", ");
        return (
            CountReason::NotInGroup,
            if groups.is_empty() {
                "no approval is needed".to_owned()
            } else {
                format!("{} is in none of the groups that may approve: {groups}", by.name)
            },
        );
    }
    (CountReason::Counted, format!("{} counts for run {}", by.name, run.name))
}
