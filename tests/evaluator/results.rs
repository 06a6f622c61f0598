//! The result document: whole, for this run, with a finding for every gate, in every ending.

use crate::job::Job;
use modelgate::policy::message::{self, MessageError};
use modelgate::policy::result::RESULT_LIMIT;
use modelgate::policy::{FindingReason, Outcome};
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn a_full_order_fits_and_the_log_holds_the_rest() {
    let job = (0..128).fold(Job::new(), |job, place| {
        let name = format!("{}-{place}", "a-rather-long-name-for-a-gate".repeat(2));
        job.expression(&name, if place % 2 == 0 { "true" } else { "recall > 0.5" }, &[])
    });
    let ended = job.run();
    assert!(ended.message.len() <= RESULT_LIMIT);
    let results = ended.document().results;
    for (place, finding) in results.iter().enumerate() {
        let expected = if place % 2 == 0 { Outcome::Pass } else { Outcome::Error };
        assert_eq!(finding.outcome, expected, "{place}");
    }
    assert_eq!(ended.code, Some(3));
    let lines: Vec<serde_json::Value> = ended.log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 128);
    assert!(lines.iter().all(|line| line["run"] == crate::job::RUN && line["finding"]["message"] != ""));
}

#[test]
fn a_failure_outweighs_the_rest() {
    let job = Job::new().expression("a", "false", &[]).expression("b", "nothing", &[]).expression("c", "1", &[]);
    assert_eq!(job.run().code, Some(1));
    let job = Job::new().expression("b", "nothing", &[]).expression("c", "1", &[]).expression("d", "true", &[]);
    assert_eq!(job.run().code, Some(3));
    let job = Job::new().expression("c", "1", &[]).expression("d", "true", &[]);
    assert_eq!(job.run().code, Some(2));
}

#[test]
fn an_order_that_cannot_be_followed_says_why() {
    for (order, said) in [("", "not one"), ("{}", "not one"), ("{\"run\": \"u\"", "not one"), ("\u{0}", "not one")] {
        let job = Job::new();
        let ended = job.end(job.start_with(order));
        assert_eq!(ended.code, Some(3));
        let found = message::read(&ended.message, &[]);
        assert!(matches!(&found, Err(MessageError::Refused(why)) if why.contains(said)), "{order} {found:?}");
    }
    let job = Job::new();
    let ended = job.end(job.start());
    assert_eq!(message::read(&ended.message, &[]), Err(MessageError::Refused("the order asks for no gate".into())));
}

#[test]
fn what_takes_too_long_is_an_error_in_every_gate_that_is_left() {
    let mut job = endless();
    job.timeout = "1s";
    let started = Instant::now();
    let ended = job.run();
    assert!(started.elapsed() < Duration::from_secs(4));
    let results = ended.document().results;
    assert_eq!(results[0].outcome, Outcome::Pass);
    for finding in &results[1..] {
        assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::JobTimedOut));
    }
    assert_eq!(ended.code, Some(3));
}

#[test]
fn a_killed_process_leaves_a_finding_for_every_gate() {
    for signal in ["-TERM", "-KILL", "-ABRT"] {
        let job = endless();
        let child = job.start();
        let told = || std::fs::read_to_string(job.path("termination-log")).is_ok_and(|text| text.contains("\"Pass\""));
        let until = Instant::now() + Duration::from_secs(20);
        while !told() {
            assert!(Instant::now() < until, "the first finding never came");
            std::thread::yield_now();
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let ended = job.end(child);
        assert_ne!(ended.code, Some(0));
        let results = ended.document().results;
        assert_eq!(results[0].outcome, Outcome::Pass);
        for finding in &results[1..] {
            assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::JobFailed));
        }
    }
}

/// One quick gate, one that runs for five seconds, one behind it.
fn endless() -> Job {
    let many: Vec<u32> = (0..50_000).collect();
    let many = serde_json::json!({ "many": many }).to_string();
    Job::new()
        .evidence("m", many.as_bytes())
        .expression("quick", "true", &[])
        .expression("endless", "evidence.m.many.all(a, evidence.m.many.all(b, a + b >= 0))", &["m"])
        .expression("behind", "true", &[])
}

#[test]
fn usage_has_a_code_of_its_own() {
    let code = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_modelgate")).args(arguments).output().unwrap();
        (output.status.code(), output.stdout.len(), output.stderr.len())
    };
    for arguments in
        [&["evaluate", "--timeout", "soon"][..], &["evaluate", "extra"], &["unknown"], &["evaluate", "--no"]]
    {
        let (code, out, err) = code(arguments);
        assert!(code == Some(4) && out == 0 && err > 0, "{arguments:?} {code:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["evaluate", "--help"]] {
        let (code, out, err) = code(arguments);
        assert!(code == Some(0) && out > 0 && err == 0, "{arguments:?} {code:?}");
    }
}
