//! Who counts, and what an approval holds on to.

use crate::make::*;
use crate::world::World;
use modelgate::policy::check::Approval;
use modelgate::policy::risk::{Factor, Level};
use modelgate::policy::{ApprovalBinds, Check, Enforcement, Outcome, Plan, Tier};
use modelgate::release::decision::CountReason;
use modelgate::release::facts::Verb;

fn waiting(required: u32) -> World {
    let mut world = World::with(plan(vec![accuracy(), people(&["risk"], required)]), 1);
    world.settle();
    assert_eq!(world.ready(), "AwaitingApproval");
    world
}

fn tally(world: &World) -> (u32, u32) {
    let tally = world.status.as_ref().unwrap().approvals.as_ref().unwrap();
    (tally.counted, tally.required)
}

#[test]
fn whose_approval_counts() {
    use CountReason::*;
    let cases: [(&str, &[&str], CountReason); 7] = [
        ("ann", &["risk"], Counted),
        ("ann", &["dev", "risk"], Counted),
        ("ann", &["dev"], NotInGroup),
        ("ann", &[], NotInGroup),
        ("mia", &["risk"], WroteTheRelease),
        ("system:serviceaccount:argocd:controller", &["risk"], NoPerson),
        ("noah", &["risk"], WroteTheRelease),
    ];
    for (by, groups, reason) in cases {
        let mut world = waiting(1);
        world.release.as_mut().unwrap().authors = vec!["noah".into()];
        let run = world.run();
        world.approve("a", by, groups, &run);
        world.settle();
        let counts = reason == Counted;
        assert_eq!(world.counted["a"], (counts, reason), "{by}");
        assert_eq!(world.ready() == "Released", counts, "{by}");
        assert_eq!(tally(&world), (u32::from(counts), 1), "{by}");
    }
}

#[test]
fn the_author_is_told_why_and_a_second_person_opens() {
    let mut world = waiting(1);
    let run = world.run();
    world.approve("own", "mia", &["risk"], &run);
    world.settle();
    assert_eq!(world.ready(), "AwaitingApproval");
    world.approve("other", "ann", &["risk"], &run);
    world.settle();
    assert_eq!((world.ready().as_str(), world.counted["own"].1), ("Released", CountReason::WroteTheRelease));
    assert!(world.message("Approved").contains("ann"));
}

#[test]
fn no_stamp_no_person() {
    let mut world = waiting(1);
    let run = world.run();
    world.approve("a", "ann", &["risk"], &run);
    world.approvals[0].by = None;
    world.settle();
    assert_eq!((world.counted["a"].1, world.serving()), (CountReason::NoPerson, vec![]));
}

#[test]
fn under_git_ops_the_authors_must_be_named() {
    let mut world = waiting(1);
    world.release.as_mut().unwrap().changed_by = vec!["system:serviceaccount:argocd:controller".into()];
    let run = world.run();
    world.approve("a", "ann", &["risk"], &run);
    world.settle();
    assert_eq!((world.counted["a"].1, world.ready().as_str()), (CountReason::AuthorsUnknown, "AwaitingApproval"));
    assert!(world.message("Approved").contains("spec.authors"));
    world.release.as_mut().unwrap().authors = vec!["mia".into()];
    assert_eq!(world.settle().ready(), "Released");
    let mut committer = waiting(1);
    committer.release.as_mut().unwrap().changed_by = vec!["system:serviceaccount:argocd:controller".into()];
    committer.release.as_mut().unwrap().authors = vec!["mia".into()];
    let run = committer.run();
    committer.approve("a", "mia", &["risk"], &run);
    assert_eq!(committer.settle().counted["a"].1, CountReason::WroteTheRelease);
}

#[test]
fn one_person_counts_once() {
    let mut world = waiting(2);
    let run = world.run();
    world.approve("first", "ann", &["risk"], &run);
    world.approve("again", "ann", &["risk"], &run);
    world.settle();
    assert_eq!((world.ready().as_str(), tally(&world)), ("AwaitingApproval", (1, 2)));
    assert_eq!(world.counted["again"], (false, CountReason::AlreadyCounted));
    world.approve("second", "ben", &["risk"], &run);
    assert_eq!(world.settle().ready(), "Released");
}

#[test]
fn given_before_the_run_ended_or_for_another_run() {
    let mut world = World::with(plan(vec![accuracy(), people(&["risk"], 1)]), 1);
    world.broken.jobs = true;
    world.wait(3);
    let run = world.run();
    world.approve("early", "ann", &["risk"], &run);
    world.wait(3);
    world.broken.jobs = false;
    world.settle();
    assert_eq!((world.counted["early"].1, world.serving()), (CountReason::GivenBeforeTheRunEnded, vec![]));
    world.approve("other", "ann", &["risk"], "mortgage-00000000-1");
    world.settle();
    assert_eq!((world.counted["other"].1, world.serving()), (CountReason::OtherRun, vec![]));
}

#[test]
fn a_new_version_voids_approvals_visibly() {
    let mut world = waiting(2);
    let run = world.run();
    world.approve("for-v1", "ann", &["risk"], &run);
    world.settle();
    assert!(world.counted["for-v1"].0);
    world.apply(2);
    world.settle();
    assert_eq!((world.ready().as_str(), world.counted["for-v1"]), ("AwaitingApproval", (false, CountReason::OtherRun)));
}

#[test]
fn an_approval_that_carried_an_admission_stays_as_it_was_told() {
    let mut world = waiting(1);
    let run = world.run();
    world.approve("for-v1", "ann", &["risk"], &run);
    world.settle().apply(2);
    world.settle();
    assert_eq!((world.ready().as_str(), world.counted["for-v1"]), ("AwaitingApproval", (true, CountReason::Counted)));
    assert_eq!(world.serving(), [(1, 3)]);
}

#[test]
fn a_rejection_blocks_until_it_is_deleted() {
    let mut world = waiting(1);
    let run = world.run();
    world.approve("yes", "ann", &["risk"], &run);
    world.reject("no", "ben", &["risk"], &run);
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("Approved").as_str()), ("Rejected", "Rejected"));
    assert!(world.message("Ready").contains("ben"));
    world.approvals.retain(|a| a.name != "no");
    assert_eq!(world.settle().ready(), "Released");
}

/// Editors may ask for another attempt; nothing that was rejected has changed by it.
#[test]
fn a_retry_is_no_answer_to_a_rejection() {
    let mut world = waiting(1);
    let run = world.run();
    world.reject("no", "ben", &["risk"], &run);
    world.settle();
    world.act("again", Verb::Retry, None);
    world.settle();
    assert_ne!(world.run(), run);
    assert_eq!((world.ready().as_str(), world.counted["no"]), ("Rejected", (true, CountReason::Counted)));
    let run = world.run();
    world.approve("yes", "ann", &["risk"], &run);
    assert_eq!((world.settle().ready().as_str(), world.serving()), ("Rejected", vec![]));
    // Another version is another question.
    world.apply(2);
    world.settle();
    assert_eq!((world.ready().as_str(), world.counted["no"]), ("AwaitingApproval", (false, CountReason::OtherRun)));
}

/// Whoever made the template what it is has made this revision, though somebody else wrote the release.
#[test]
fn who_changed_the_deployment_does_not_approve_it() {
    let mut world = waiting(1);
    world.deployment().changed_by = Some("ann".into());
    let run = world.run();
    world.approve("own", "ann", &["risk"], &run);
    world.settle();
    assert_eq!(world.ready(), "AwaitingApproval");
    assert_eq!(world.counted["own"], (false, CountReason::WroteTheRelease));
    assert_eq!(world.run(), run);
    world.approve("other", "ben", &["risk"], &run);
    assert_eq!(world.settle().ready(), "Released");
}

#[test]
fn a_rejection_by_somebody_who_is_not_asked_blocks_nobody() {
    for (by, groups) in [("ben", vec!["dev"]), ("mia", vec!["risk"]), ("system:serviceaccount:x:y", vec!["risk"])] {
        let mut world = waiting(1);
        let run = world.run();
        world.reject("no", by, &groups, &run);
        world.settle();
        assert_eq!((world.ready().as_str(), world.counted["no"].0), ("AwaitingApproval", false), "{by}");
        world.approve("yes", "ann", &["risk"], &run);
        assert_eq!(world.settle().ready(), "Released", "{by}");
    }
}

#[test]
fn a_rejection_after_admission_does_not_undo_it() {
    let mut world = waiting(1);
    let run = world.run();
    world.approve("yes", "ann", &["risk"], &run);
    world.settle();
    world.reject("no", "ben", &["risk"], &run);
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("Approved").as_str()), ("Released", "Approved"));
    world.approvals.clear();
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("Approved").as_str()), ("Released", "Approved"));
}

fn bound(binds: ApprovalBinds) -> Plan {
    let check = Check::Approval(Approval { groups: vec!["risk".into()], required: 1, binds });
    plan(vec![accuracy(), gate("people", check)])
}

#[test]
fn bound_to_the_model_it_survives_another_template_and_nothing_else() {
    for (binds, ready) in [(ApprovalBinds::Model, "Released"), (ApprovalBinds::Revision, "AwaitingApproval")] {
        let mut world = World::with(bound(binds), 1);
        world.settle();
        let run = world.run();
        world.approve("a", "ann", &["risk"], &run);
        world.settle();
        // A larger memory limit: another template, the same model.
        let d = world.deployment();
        (d.paused, d.mark, d.revision, d.template_digest, d.generation) =
            (true, None, revision(8), template(8), d.generation + 1);
        world.settle();
        assert_eq!((world.ready().as_str(), world.runs.len()), (ready, 2));
        // Another model.
        let mut other = world.clone();
        other.apply(2);
        assert_eq!(other.settle().ready(), "AwaitingApproval", "{binds:?}");
        // Another policy.
        let d = world.deployment();
        (d.paused, d.mark, d.revision, d.template_digest, d.generation) =
            (true, None, revision(7), template(7), d.generation + 1);
        let mut gates = bound(binds);
        gates.policies[0].gates.push(expression());
        world.plan = Ok(gates);
        assert_eq!(world.settle().ready(), "AwaitingApproval", "{binds:?}");
    }
}

#[test]
fn bound_and_in_the_group_of_the_same_gate() {
    // Ben may speak for the revision, and his approval is for an earlier run of the same model.
    let by_model = Check::Approval(Approval { groups: vec!["risk".into()], required: 1, binds: ApprovalBinds::Model });
    let by_revision =
        Check::Approval(Approval { groups: vec!["ops".into()], required: 1, binds: ApprovalBinds::Revision });
    let mut world = World::with(plan(vec![accuracy(), gate("risk", by_model), gate("ops", by_revision)]), 1);
    world.settle();
    let run = world.run();
    world.approve("ben", "ben", &["ops"], &run);
    let d = world.deployment();
    (d.revision, d.template_digest, d.generation) = (revision(8), template(8), d.generation + 1);
    world.settle();
    assert!(!world.counted["ben"].0, "it counts for no gate: {:?}", world.counted["ben"]);
    assert_eq!(tally(&world), (0, 2));
}

fn tiers(level: Level) -> World {
    // The stricter policy calls High what the other calls Medium; the people stand in the lenient one.
    let mut lenient = policy("lenient", vec![accuracy(), from_tier(Tier::High, people(&["risk"], 1))]);
    lenient.risk = Some(by_criticality(40, 90, 100));
    let mut strict = policy("strict", vec![expression()]);
    strict.risk = Some(by_criticality(20, 50, 100));
    let mut world = World::with(Plan::new(vec![lenient, strict]), 1);
    world.release.as_mut().unwrap().declared.insert(Factor::BusinessCriticality, level);
    world.settle();
    world
}

#[test]
fn the_highest_tier_of_all_policies_decides_who_is_asked() {
    let low = tiers(Level::Low);
    assert_eq!((low.ready().as_str(), low.reason("Approved").as_str()), ("Released", "NotRequired"));
    let medium = tiers(Level::Medium);
    assert_eq!((medium.ready().as_str(), tally(&medium)), ("AwaitingApproval", (0, 1)));
    assert_eq!(medium.status.as_ref().unwrap().risk.as_ref().unwrap().policy.0.as_str(), "strict");
}

#[test]
fn people_are_asked_only_when_every_other_gate_passes() {
    let mut world = World::with(plan(vec![accuracy(), people(&["risk"], 1)]), 1);
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    world.settle();
    let run = world.run();
    world.approve("a", "ann", &["risk"], &run);
    world.settle();
    assert_eq!((world.ready().as_str(), world.reason("Approved").as_str()), ("GateFailed", "AwaitingGates"));
    assert_eq!(world.serving(), []);
}

#[test]
fn softer_people_do_not_block() {
    for enforcement in [Enforcement::Warn, Enforcement::Audit] {
        let mut world = World::with(plan(vec![accuracy(), softened(enforcement, people(&["risk"], 1))]), 1);
        assert_eq!(world.settle().ready(), "Released");
    }
}

#[test]
fn a_run_that_ended_in_the_future_takes_no_approval() {
    let mut world = waiting(1);
    world.now = at(-3600);
    let run = world.run();
    world.approve("a", "ann", &["risk"], &run);
    world.settle();
    assert_eq!((world.counted["a"].1, world.serving()), (CountReason::GivenBeforeTheRunEnded, vec![]));
}

#[test]
fn old_approvals_are_not_written_again_for_every_run() {
    let mut world = waiting(1);
    for version in 1..=4 {
        world.apply(version);
        world.settle();
        let run = world.run();
        world.approve(&format!("a{version}"), "ann", &["risk"], &run);
        world.settle();
    }
    let before = world.approvals[0].counted_before.clone();
    world.apply(5);
    world.settle();
    assert_eq!(world.approvals[0].counted_before, before);
}
