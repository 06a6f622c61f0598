//! Gates that have a Job of their own, beside the evaluator's.

use crate::make::*;
use crate::world::World;
use modelgate::policy::{GateKey, Outcome};
use modelgate::release::decision::Step;
use modelgate::release::facts::{JobProblem, JobState, Verb};

fn world() -> World {
    World::with(plan(vec![accuracy(), own_job("red-team"), own_job("load")]), 1)
}

fn own(world: &World, gate: &str) -> usize {
    let key = GateKey::new(POLICY, gate);
    world.jobs.iter().position(|(job, _)| job.gate.as_ref() == Some(&key)).unwrap()
}

fn outcomes(world: &World) -> Vec<(String, String)> {
    let rows = &world.status.as_ref().unwrap().gates.as_ref().expect("rows").rows;
    rows.iter().map(|row| (row.gate.0.clone(), row.reason.clone())).collect()
}

fn reason(world: &World, gate: &str) -> String {
    outcomes(world).into_iter().find(|(name, _)| name == gate).unwrap().1
}

#[test]
fn every_gate_with_a_job_gets_one_and_the_evaluator_the_others() {
    let mut world = world();
    world.settle();
    assert_eq!(world.ready(), "Released");
    let asked: Vec<Vec<String>> =
        world.jobs.iter().map(|(_, order)| order.gates.iter().map(|gate| gate.key.gate.clone()).collect()).collect();
    assert_eq!(asked, [vec!["accuracy"], vec!["red-team"], vec!["load"]]);
    assert!(world.jobs.iter().all(|(_, order)| order.evidence.len() == 1), "each with the evidence it reads");
    // Without the others there is no evaluator Job.
    let mut alone = World::with(plan(vec![own_job("red-team")]), 1);
    assert_eq!(alone.settle().ready(), "Released");
    assert_eq!(alone.jobs.len(), 1);
}

#[test]
fn one_that_does_not_pass_blocks() {
    for (outcome, ready) in [
        (Outcome::Fail, "GateFailed"),
        (Outcome::Error, "GateError"),
        (Outcome::Missing, "EvidenceMissing"),
        (Outcome::Inconclusive, "GateInconclusive"),
    ] {
        let mut world = world();
        world.measured.insert("red-team".into(), (outcome, 0.5));
        world.settle();
        assert_eq!((world.ready().as_str(), world.serving()), (ready, vec![]), "{outcome}");
    }
}

#[test]
fn a_run_waits_for_all_its_jobs_and_says_for_which() {
    let mut world = world();
    world.broken.own_jobs = true;
    world.wait(30);
    assert_eq!((world.ready().as_str(), world.serving()), ("Evaluating", vec![]));
    let said = world.message("Ready");
    assert!(said.contains("gate base/red-team: no pod was created yet"), "{said}");
    world.broken.own_jobs = false;
    assert_eq!(world.settle().ready(), "Released");
}

#[test]
fn one_that_takes_too_long_is_an_error_by_its_own_bound() {
    let mut world = world();
    world.broken.own_jobs = true;
    world.wait(1);
    let since = world.now;
    for gate in ["red-team", "load"] {
        let at = own(&world, gate);
        world.jobs[at].0.state = JobState::Running { since };
    }
    world.wait(58);
    assert_eq!(world.ready(), "Evaluating");
    let at = own(&world, "load");
    let mut load = world.jobs[at].clone();
    load.0.state = JobState::Running { since: world.now };
    world.jobs[at] = load;
    world.wait(5);
    // What is not waited for any longer is stopped at once, and stays an error whatever it would have said.
    assert_eq!((world.ready().as_str(), world.jobs.len()), ("Evaluating", 2));
    world.wait(60).settle();
    assert_eq!((world.ready().as_str(), world.jobs.len()), ("GateError", 1));
    assert_eq!((reason(&world, "red-team").as_str(), reason(&world, "load").as_str()), ("JobTimedOut", "JobTimedOut"));
    assert_eq!(reason(&world, "accuracy"), "WithinLimits", "what was answered counts");
}

#[test]
fn an_answer_stands_whatever_becomes_of_its_pod_and_its_job() {
    let mut world = world();
    world.measured.insert("red-team".into(), (Outcome::Fail, 0.5));
    world.broken.own_jobs = true;
    world.wait(1);
    world.broken.own_jobs = false;
    let load = own(&world, "load");
    let waiting = world.jobs[load].clone();
    world.tick();
    world.jobs[load] = waiting;
    world.broken.own_jobs = true;
    world.wait(2);
    assert_eq!(world.ready(), "Evaluating");
    // An editor deletes what said no, and the evaluator's node goes.
    world.jobs.retain(|(job, _)| job.gate.as_ref().is_some_and(|gate| gate.gate == "load"));
    world.measured.clear();
    world.wait(5);
    assert_eq!(world.jobs.len(), 1, "nothing is asked twice");
    world.broken.own_jobs = false;
    world.settle();
    assert_eq!((world.ready().as_str(), world.serving()), ("GateFailed", vec![]));
    assert_eq!(reason(&world, "accuracy"), "WithinLimits");
}

#[test]
fn a_job_that_is_refused_keeps_no_other_from_running_and_bears_its_own_error() {
    let mut world = world();
    world.refused = Some("exceeded quota: no-gpu".into());
    world.refused_gate = Some("red-team".into());
    world.wait(5);
    assert_eq!(world.jobs.len(), 2, "the others run");
    assert_eq!(world.runs[0].answered.len(), 2, "and what they answer is on record while it is refused");
    world.wait(120).settle();
    assert_eq!(world.ready(), "GateError");
    assert_eq!(
        (reason(&world, "red-team").as_str(), reason(&world, "load").as_str()),
        ("JobNotStarted", "WithinLimits")
    );
}

#[test]
fn trouble_of_one_is_told_of_its_gate_alone() {
    for (problem, expected) in [
        (JobProblem::NoResult(0), "ResultMissing"),
        (JobProblem::BadResult("it says Pass, and its program ended with exit code 1".into()), "ResultInvalid"),
        (JobProblem::ForeignJob("modelgate-run-x".into()), "ResultForeign"),
        (JobProblem::OutOfMemory, "OutOfMemory"),
        (JobProblem::Failed("DeadlineExceeded".into()), "JobFailed"),
    ] {
        let mut world = world();
        world.broken.own_jobs = true;
        world.wait(1);
        let at = own(&world, "red-team");
        world.jobs[at].0.state = JobState::Broken(problem.clone());
        world.broken.own_jobs = false;
        world.settle();
        assert_eq!(world.ready(), "GateError", "{problem}");
        assert_eq!(reason(&world, "red-team"), expected, "{problem}");
        assert_eq!(reason(&world, "load"), "WithinLimits");
    }
}

#[test]
fn a_run_that_another_version_of_the_operator_began_is_evaluated_again() {
    let mut world = world();
    world.broken.jobs = true;
    world.wait(1);
    for (job, _) in &mut world.jobs {
        job.state = JobState::Broken(JobProblem::OtherVersion);
    }
    world.wait(2);
    assert_eq!((world.ready().as_str(), world.serving()), ("Evaluating", vec![]));
    assert!(world.message("Ready").contains("another version of the operator"), "{}", world.message("Ready"));
    world.broken.jobs = false;
    assert_eq!(world.settle().ready(), "Released");
    assert_eq!(world.runs.len(), 2);
}

#[test]
fn an_answer_of_one_never_counts_for_another() {
    let mut world = world();
    world.broken.jobs = true;
    world.wait(1);
    world.broken.jobs = false;
    world.tick();
    let (from, to) = (own(&world, "load"), own(&world, "red-team"));
    world.jobs[to].0.state = world.jobs[from].0.state.clone();
    world.settle();
    assert_eq!((world.ready().as_str(), reason(&world, "red-team").as_str()), ("GateError", "ResultInvalid"));
}

#[test]
fn missing_evidence_of_one_keeps_no_other_from_running() {
    let mut other = own_job("red-team");
    if let modelgate::policy::Check::Job(job) = &mut other.check {
        job.evidence = vec!["prompts".into()];
    }
    let mut world = World::with(plan(vec![accuracy(), other]), 1);
    world.settle();
    assert_eq!(world.ready(), "EvidenceMissing");
    assert_eq!(world.jobs.len(), 1);
    assert_eq!(reason(&world, "accuracy"), "WithinLimits");
}

#[test]
fn the_run_records_which_jobs_answered() {
    let mut world = world();
    let mut recorded = vec![];
    for _ in 0..20 {
        let decision = world.pass().unwrap();
        world.tick();
        world.now += jiff::SignedDuration::from_secs(1);
        for step in &decision.steps {
            if let Step::FinishRun { jobs, .. } = step {
                recorded =
                    jobs.iter().map(|job| (job.gate.as_ref().map(|g| g.gate.clone()), job.name.clone())).collect();
            }
        }
    }
    let run = world.run();
    let own = |gate: &str| (Some(gate.to_owned()), format!("job-of-{run}-{gate}"));
    assert_eq!(recorded, [(None, format!("job-of-{run}")), own("red-team"), own("load")]);
}

/// Its plan is another one now, so another run is followed.
#[test]
fn a_job_whose_gate_left_the_policy_is_stopped_with_its_run() {
    let mut world = world();
    world.broken.jobs = true;
    world.broken.own_jobs = true;
    world.wait(3);
    assert_eq!(world.jobs.len(), 3);
    let before = world.run();
    world.plan = Ok(plan(vec![accuracy(), own_job("load")]));
    world.wait(3);
    assert_ne!(world.run(), before);
    let still_there: Vec<&str> = world.jobs.iter().map(|(job, _)| job.run.as_str()).collect();
    assert_eq!(still_there, [world.run(), world.run()], "that of red-team, too, is gone");
}

#[test]
fn a_retry_asks_all_of_them_again() {
    let mut world = world();
    world.measured.insert("red-team".into(), (Outcome::Error, 0.5));
    assert_eq!(world.settle().ready(), "GateError");
    world.measured.clear();
    world.act("again", Verb::Retry, None);
    assert_eq!(world.settle().ready(), "Released");
    assert_eq!((world.runs.len(), world.jobs.len()), (2, 6));
}
