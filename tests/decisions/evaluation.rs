//! From a pair to a verdict: policies, evidence, Jobs and their results.

use crate::make::*;
use crate::world::World;
use modelgate::policy::check::{Check, Explainability, Stability, TestCounts, Tests, TestsAgainstAdmitted};
use modelgate::policy::evidence::{Columns, ProtectedColumn};
use modelgate::policy::risk::{Factor, Level};
use modelgate::policy::{Enforcement, FindingReason, Outcome, Tier};
use modelgate::release::facts::{EvidenceState, JobProblem, JobState, PlanProblem, Verb};

fn world() -> World {
    World::with(plan(vec![accuracy()]), 1)
}

fn row(world: &World, gate: &str) -> (String, String, String) {
    let rows = &world.status.as_ref().unwrap().gates.as_ref().expect("rows").rows;
    let row = rows.iter().find(|r| *r.gate.0 == *gate).expect("the gate's row");
    (format!("{:?}", row.outcome), row.reason.clone(), row.message.clone())
}

#[test]
fn policies_that_cannot_be_used_block_and_say_so() {
    let cases = [
        (PlanProblem::NoPolicy("lending".into()), "NoPolicy"),
        (PlanProblem::TooMany { policies: 17, gates: 20 }, "TooManyGates"),
        (PlanProblem::Invalid { policy: "base".into(), problem: "gate x: exactly one check".into() }, "InvalidPolicy"),
    ];
    for (problem, reason) in cases {
        let mut world = world();
        world.plan = Err(problem.clone());
        world.settle();
        assert_eq!((world.ready().as_str(), world.message("Ready")), (reason, problem.to_string()));
        assert_eq!((world.runs.len(), world.serving().len()), (0, 0));
        // Losing the policy later neither stops what runs nor lets a new version through.
        let mut later = self::world();
        later.settle().plan = Err(problem);
        later.settle();
        assert_eq!((later.ready().as_str(), later.serving()), (reason, vec![(1, 3)]));
        later.apply(2);
        assert_eq!(later.settle().serving(), [(1, 3)]);
    }
}

#[test]
fn tests_are_compared_with_those_of_the_last_admitted_revision() {
    let asked = Tests {
        evidence: vec!["metrics".into()],
        format: None,
        suites: vec![],
        max_failed: 0,
        allow_warnings: false,
        max_skipped: None,
        min_tests: 1,
        about_model: false,
        against_admitted: Some(TestsAgainstAdmitted { max_fewer: 1, max_more_skipped: None }),
        admitted: None,
    };
    let mut world = World::with(plan(vec![gate("suite", Check::Tests(asked))]), 1);
    world.measured.insert("suite".into(), (Outcome::Pass, 0.0));
    assert_eq!(world.settle().ready(), "Released", "a first release has nothing to compare with");
    assert_eq!(TestCounts::of(&world.admitted[0].counts["base/suite"]), Some(TestCounts { ran: 10, skipped: 10 }));
    for (version, counts, ready, reason) in
        [(2, 8, "GateFailed", "FewerTests"), (3, 9, "Released", "WithinLimits"), (4, 8, "Released", "WithinLimits")]
    {
        world.counts = counts;
        world.apply(version);
        assert_eq!(world.settle().ready(), ready, "{version}");
        assert_eq!(row(&world, "suite").1, reason, "{version}");
    }
}

#[test]
fn rankings_are_compared_with_that_of_the_last_admitted_revision() {
    let asked = |reference: &str| {
        let stability = Stability {
            reference: reference.into(),
            reference_digests: vec![],
            against_admitted: true,
            admitted: None,
            min_rank_correlation: Some(decimal("0.8")),
            overlap: None,
        };
        let check = Explainability {
            evidence: "metrics".into(),
            format: None,
            about_model: false,
            data: None,
            features: vec![],
            max_share: decimal("0"),
            min_features: 1,
            stability: Some(stability),
            min_cases: 0,
            cases: vec![],
        };
        plan(vec![gate("explained", Check::Explainability(check))])
    };
    // The release names no evidence `before`: a first one need not.
    let mut world = World::with(asked("before"), 1);
    assert_eq!(world.settle().ready(), "Released", "a first release has nothing to compare with");
    world.apply(2);
    assert_eq!(
        (world.settle().ready().as_str(), row(&world, "explained").1.as_str()),
        ("EvidenceMissing", "EvidenceMissing")
    );
    assert!(row(&world, "explained").2.contains("names no evidence before"), "{}", row(&world, "explained").2);

    let mut world = World::with(asked("metrics"), 1);
    for version in 1..=2 {
        world.apply(version);
        assert_eq!(world.settle().ready(), "Released", "{version}");
    }
    let recorded: Vec<_> = world.admitted.iter().map(|record| record.explanations.get("base/explained")).collect();
    assert!(matches!(recorded[..], [Some(first), Some(second)] if first != second), "{recorded:?}");
    // One whose explanation could not be judged, and that was admitted all the same, is no yardstick, and hides none.
    let first = recorded[0].cloned();
    world.admitted[1].explanations.clear();
    world.apply(3);
    world.settle();
    let orders: Vec<_> =
        world.jobs.iter().filter(|(job, _)| job.run == world.run()).map(|(_, order)| &order.gates[0].check).collect();
    let [Check::Explainability(Explainability { stability: Some(stability), .. })] = orders[..] else {
        panic!("{orders:?}")
    };
    assert_eq!(stability.admitted, first);
    // What was taken back is no yardstick: the one before it is.
    let mut guarded = World::with(asked("before"), 1);
    guarded.measured.insert("explained".into(), (Outcome::Pass, 0.0));
    guarded.settle();
    let guard = modelgate::release::facts::Guard {
        at: guarded.now,
        message: "bad".into(),
        response: modelgate::policy::OnBreach::Freeze,
        restore_to: None,
        retiring: vec![],
        action: None,
    };
    guarded.admitted[0].guard = Some(guard);
    guarded.apply(2);
    assert_eq!(guarded.settle().ready(), "Released", "{}", guarded.message("Ready"));
}

#[test]
fn missing_evidence_is_waited_for_and_then_missing() {
    let mut world = world();
    world.config_maps.clear();
    world.wait(110);
    assert_eq!((world.ready().as_str(), world.runs.len()), ("AwaitingEvidence", 0));
    world.wait(20).settle();
    assert_eq!((world.ready().as_str(), world.reason("GatesPassed").as_str()), ("EvidenceMissing", "EvidenceMissing"));
    assert_eq!(row(&world, "accuracy").0, "Missing");
    world.apply_evidence(1);
    assert_eq!(world.settle().ready(), "Released", "evidence that comes late is evaluated by itself");
}

#[test]
fn the_wait_for_evidence_begins_when_the_pair_is_made() {
    let mut world = world();
    world.config_maps.clear();
    world.apply_deployment(2);
    world.wait(300);
    world.apply_release(2);
    world.wait(60);
    assert_eq!(world.ready(), "AwaitingEvidence", "300 s without a pair are no wait for evidence");
    world.apply_evidence(2);
    assert_eq!(world.settle().ready(), "Released");
}

#[test]
fn unusable_evidence_is_an_error_at_once() {
    let mut world = world();
    world.odd_evidence =
        Some(EvidenceState::Unusable(FindingReason::NotPinned, "ConfigMap evidence-1 can be changed".into()));
    world.settle();
    assert_eq!((world.ready().as_str(), world.message("Ready").contains("can be changed")), ("GateError", true));
    assert_eq!(row(&world, "accuracy").1, "NotPinned");
}

#[test]
fn evidence_that_no_release_names_is_missing() {
    let mut world = world();
    world.release.as_mut().unwrap().evidence.clear();
    world.settle();
    assert_eq!((world.ready().as_str(), world.message("Ready").contains("spec.evidence")), ("EvidenceMissing", true));
}

#[test]
fn a_config_map_made_again_is_another_run() {
    let mut world = world();
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.5));
    world.settle();
    assert_eq!(world.ready(), "GateFailed");
    world.measured.clear();
    world.config_maps.insert("evidence-1".into(), "another uid".into());
    world.settle();
    assert_eq!((world.ready().as_str(), world.runs.len()), ("Released", 2));
}

/// A node may remember an immutable ConfigMap that is not there any more.
#[test]
fn a_config_map_that_the_node_remembers_is_asked_for_again_and_not_for_ever() {
    let mut world = world();
    world.broken.old_config_maps = true;
    world.wait(3);
    assert_eq!((world.ready().as_str(), world.runs.len()), ("Evaluating", 1));
    assert!(world.message("Ready").contains("an old copy of a ConfigMap"), "{}", world.message("Ready"));
    assert_eq!(world.reason("Stalled"), "", "nothing for a person to do yet");
    world.broken.old_config_maps = false;
    world.wait(15).settle();
    assert_eq!((world.ready().as_str(), world.runs.len()), ("Released", 2));

    world.broken.old_config_maps = true;
    world.apply(2);
    world.wait(60).settle();
    assert_eq!((world.ready().as_str(), world.runs.len()), ("GateError", 5), "three attempts and no more");
    assert_eq!(row(&world, "accuracy").1, "OtherConfigMap");
    world.broken.old_config_maps = false;
    world.act("again", Verb::Retry, None);
    assert_eq!(world.settle().ready(), "Released", "a person may ask a fourth time");
}

/// Whenever its Job starts: the same run asked again gives the same verdict.
#[test]
fn ages_are_judged_at_the_moment_the_run_was_created() {
    for refused in [None, Some("no room".to_owned())] {
        let mut world = world();
        world.refused = refused;
        world.wait(30);
        world.refused = None;
        world.wait(30);
        let created = world.runs[0].created;
        let asked: Vec<_> = world.jobs.iter().map(|(_, order)| order.facts.at).collect();
        assert_eq!(asked, [Some(created)]);
        assert_eq!(world.settle().ready(), "Released");
    }
}

#[test]
fn what_the_release_says_about_its_evidence_is_part_of_the_run() {
    let mapped = Columns {
        label: None,
        prediction: None,
        favorable: "1".into(),
        score: None,
        protected: vec![ProtectedColumn { attribute: "race".into(), column: "afam".into() }],
    };
    type Change = fn(&mut World, Columns);
    let changes: [Change; 2] = [
        |w, columns| w.release.as_mut().unwrap().evidence[0].columns = Some(columns),
        |w, _| {
            w.release.as_mut().unwrap().declared.insert(Factor::DataSensitivity, Level::Low);
        },
    ];
    for change in changes {
        let mut world = world();
        world.measured.insert("accuracy".into(), (Outcome::Fail, 0.5));
        world.settle();
        world.measured.clear();
        change(&mut world, mapped.clone());
        world.settle();
        assert_eq!((world.ready().as_str(), world.runs.len()), ("Released", 2));
    }
}

#[test]
fn a_run_of_something_else_is_never_taken_for_this_one() {
    // Same name, as a run whose key begins alike would have; another revision.
    let mut world = world();
    world.settle();
    let mut foreign = world.runs[0].clone();
    let mut fresh = self::world();
    foreign.revision = revision(9);
    fresh.runs = vec![foreign];
    fresh.wait(5);
    assert_eq!(fresh.serving(), [], "a verdict about another revision admits nothing");
}

#[test]
fn broken_jobs_end_in_an_error_that_keeps_the_reason() {
    let cases = [
        (JobProblem::OutOfMemory, FindingReason::OutOfMemory, "memory"),
        (JobProblem::NoResult(137), FindingReason::ResultMissing, "137"),
        (JobProblem::BadResult("4097 bytes".into()), FindingReason::ResultInvalid, "4097"),
        (JobProblem::OtherRun, FindingReason::ResultForeign, "another run"),
        (JobProblem::ForeignJob("modelgate-run-x".into()), FindingReason::ResultForeign, "modelgate-run-x"),
        (JobProblem::Failed("DeadlineExceeded".into()), FindingReason::JobFailed, "DeadlineExceeded"),
    ];
    for (problem, reason, word) in cases {
        let mut world = world();
        world.broken.jobs = true;
        world.wait(2);
        world.jobs[0].0.state = JobState::Broken(problem);
        world.settle();
        let (outcome, shown, message) = row(&world, "accuracy");
        assert_eq!((world.ready().as_str(), outcome.as_str(), shown), ("GateError", "Error", reason.to_string()));
        assert!(message.contains(word), "{message}");
        assert_eq!(world.serving(), []);
    }
}

#[test]
fn jobs_that_do_not_start_or_end_are_given_up_in_time() {
    let mut stuck = world();
    stuck.broken.jobs = true;
    stuck.wait(2);
    stuck.jobs[0].0.state = JobState::NotStarted("quota exceeded".into());
    stuck.wait(110);
    assert_eq!((stuck.ready().as_str(), stuck.message("Ready").contains("quota")), ("Evaluating", true));
    stuck.wait(20).settle();
    assert_eq!(
        (row(&stuck, "accuracy").1.as_str(), stuck.message("Ready").contains("quota exceeded")),
        ("JobNotStarted", true)
    );
    assert!(stuck.jobs.is_empty(), "it is deleted");

    let mut endless = world();
    endless.broken.jobs = true;
    endless.wait(2);
    endless.jobs[0].0.state = JobState::Running { since: endless.now };
    endless.wait(590);
    assert_eq!(endless.ready(), "Evaluating");
    endless.wait(20).settle();
    assert_eq!(row(&endless, "accuracy").1, "JobTimedOut");

    let mut refused = world();
    refused.refused = Some("denied by policy no-jobs".into());
    refused.wait(130).settle();
    assert_eq!(row(&refused, "accuracy").1, "JobNotStarted");
    assert!(refused.message("Ready").contains("no-jobs"));
}

#[test]
fn results_for_another_order_or_run_are_refused() {
    for spoil in ["order", "no order", "run", "twice", "skipped"] {
        let mut world = world();
        world.broken.jobs = true;
        world.wait(2);
        world.broken.jobs = false;
        world.tick();
        let JobState::Ended(document) = &mut world.jobs[0].0.state else { panic!() };
        match spoil {
            "order" => document.order = Some(digest("another order")),
            "no order" => document.order = None,
            "run" => document.run = "another run".into(),
            "twice" => document.results.push(document.results[0].clone()),
            _ => document.results[0].outcome = Outcome::Skipped,
        }
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), ("GateError", vec![]), "{spoil}");
    }
}

#[test]
fn only_a_pass_opens_a_gate() {
    for (outcome, ready) in [
        (Outcome::Fail, "GateFailed"),
        (Outcome::Error, "GateError"),
        (Outcome::Missing, "EvidenceMissing"),
        (Outcome::Inconclusive, "GateInconclusive"),
        (Outcome::Warn, "GateError"),
        (Outcome::Skipped, "GateError"),
    ] {
        for (enforcement, admitted) in
            [(Enforcement::Enforce, false), (Enforcement::Warn, true), (Enforcement::Audit, true)]
        {
            let mut world = World::with(plan(vec![softened(enforcement, accuracy())]), 1);
            world.measured.insert("accuracy".into(), (outcome, 0.5));
            world.settle();
            let expected = if admitted { "Released" } else { ready };
            assert_eq!(world.ready(), expected, "{outcome} {enforcement:?}");
            let gates = if admitted { "PassedWithWarnings" } else { ready };
            assert_eq!(world.reason("GatesPassed"), gates, "{outcome} {enforcement:?}");
        }
    }
    // A value that is claimed to pass is judged again.
    let mut world = world();
    world.measured.insert("accuracy".into(), (Outcome::Pass, 0.5));
    assert_eq!(world.settle().ready(), "GateFailed");
}

#[test]
fn the_risk_is_the_same_before_and_after_the_run_is_stored() {
    let gates = vec![softened(Enforcement::Warn, accuracy()), expression(), people(&["risk"], 1)];
    let mut world = World::with(plan(gates), 1);
    world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
    let mut seen = vec![];
    for _ in 0..10 {
        world.wait(1);
        seen.extend(world.status.as_ref().unwrap().risk.as_ref().map(|r| r.score));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn a_gate_below_its_tier_is_not_asked() {
    for (level, ready) in [(Level::Low, "Released"), (Level::High, "GateFailed")] {
        let mut only = policy(POLICY, vec![from_tier(Tier::High, accuracy())]);
        only.risk = Some(by_criticality(30, 60, 85));
        let mut world = World::with(modelgate::policy::Plan::new(vec![only]), 1);
        world.release.as_mut().unwrap().declared.insert(Factor::BusinessCriticality, level);
        world.measured.insert("accuracy".into(), (Outcome::Fail, 0.1));
        assert_eq!(world.settle().ready(), ready);
    }
}

#[test]
fn a_stale_policy_change_does_not_undo_an_admission() {
    let mut world = world();
    world.settle().plan = Ok(plan(vec![accuracy(), expression()]));
    world.settle();
    assert_eq!((world.ready().as_str(), world.runs.len(), world.serving()), ("Released", 1, vec![(1, 3)]));
}

#[test]
fn retries() {
    let mut world = world();
    world.measured.insert("accuracy".into(), (Outcome::Error, 0.1));
    world.settle().measured.clear();
    world.act("again", Verb::Retry, None);
    world.settle();
    assert_eq!((world.ready().as_str(), world.runs.len()), ("Released", 2));
    assert_eq!(world.answers["again"], (true, "Started".into()));
    // What is admitted is not evaluated again.
    world.act("for-nothing", Verb::Retry, None);
    world.settle();
    assert_eq!((world.answers["for-nothing"].0, world.runs.len()), (false, 2));
}

#[test]
fn a_retry_does_not_wait_for_evidence_again() {
    let mut world = world();
    world.config_maps.clear();
    world.wait(130).settle();
    world.act("again", Verb::Retry, None);
    world.settle();
    assert_eq!((world.runs.len(), world.ready().as_str()), (2, "EvidenceMissing"));
    assert_eq!(world.answers["again"], (true, "Started".into()));
}

#[test]
fn a_run_that_nobody_waits_for_is_closed_and_answers_nothing() {
    let mut world = World::with(plan(vec![accuracy()]), 1);
    world.broken.jobs = true;
    world.wait(3).apply(2);
    world.wait(3);
    let closed = |w: &World| w.runs.iter().map(|r| r.superseded).collect::<Vec<_>>();
    assert_eq!(closed(&world), [true, false]);
    let runs = |w: &World| w.jobs.iter().map(|(job, _)| job.run.clone()).collect::<Vec<_>>();
    assert_eq!(runs(&world), [world.run()], "its Job is stopped");
    // Back again: another attempt.
    world.apply(1);
    world.wait(3);
    assert_eq!(closed(&world), [true, true, false]);
    assert_eq!(world.runs[2].attempt, 2);
    world.broken.jobs = false;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("Released", vec![(1, 3)]));
    assert_eq!(world.idle_writes, Vec::<String>::new());
}

/// While a release is taken through its commit, file by file, nothing is voided.
#[test]
fn a_run_is_not_closed_before_another_one_is_under_way() {
    let mut world = World::with(plan(vec![accuracy()]), 1);
    world.broken.jobs = true;
    world.wait(3).apply_release(2);
    world.wait(3);
    assert!(!world.runs[0].superseded);
    // The admitted template again: what was asked about its successor is of no use.
    world.apply_release(1);
    world.broken.jobs = false;
    world.settle().broken.jobs = true;
    world.apply(2);
    world.wait(3).apply(1);
    world.settle();
    assert_eq!((world.ready().as_str(), world.runs[1].superseded), ("Released", true));
}
