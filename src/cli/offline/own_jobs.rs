//! Gates that have a Job of their own: no container is started here, what one wrote elsewhere can be given.

use super::verdict::VerdictError;
use crate::intake;
use crate::policy::check::{AnsweredBy, CustomJob};
use crate::policy::finding::clean;
use crate::policy::result::{RESULT_LIMIT, RESULT_SCHEMA};
use crate::policy::{
    Digest, EvaluationOrder, Finding, FindingReason, GateKey, Limits, OrderFacts, Outcome, Plan, ResultDocument,
};
use crate::release::Facts;
use crate::release::facts::{JobProblem, JobState};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Every gate that a result is given for has a Job of its own.
pub(super) fn known(facts: &Facts, results: &BTreeMap<GateKey, PathBuf>) -> Result<(), VerdictError> {
    let own = |key: &GateKey| {
        let gate = facts.plan.iter().flat_map(Plan::gates).find(|gate| gate.key == *key);
        gate.is_some_and(|gate| gate.check.answered_by() == AnsweredBy::OwnJob)
    };
    // Without a plan there is another thing to say first.
    match results.keys().find(|key| facts.plan.is_ok() && !own(key)) {
        Some(unknown) => Err(VerdictError::UnknownGate(unknown.clone())),
        None => Ok(()),
    }
}

/// What the gate's Job came to: the document in the file, why that is none, or that it did not run.
pub(super) fn given(order: &EvaluationOrder, file: Option<&PathBuf>) -> Result<JobState, VerdictError> {
    let own = order.own_job().and_then(|(key, job)| Some((key, job, run(order, key, job)?)));
    let Some((key, job, run)) = own else {
        return Ok(JobState::Broken(JobProblem::BadResult("no Job of a gate's own was asked".to_owned())));
    };
    let said = |outcome, reason, message: String| {
        let finding = Finding::new(key.clone(), outcome, reason, message);
        Ok(JobState::Ended(ResultDocument {
            schema: RESULT_SCHEMA.to_owned(),
            run: order.run.clone(),
            order: Digest::of_json(order).ok(),
            results: vec![finding],
        }))
    };
    let container = format!("run its container with MODELGATE_RUN={run} and MODELGATE_GATE={key}");
    let Some(file) = file else {
        let message = format!(
            "runs in the cluster only; {container}, and give what it wrote with --result {key}=FILE: {}",
            job.image
        );
        return said(Outcome::Missing, FindingReason::ResultMissing, message);
    };
    let bytes = read(file).map_err(|error| VerdictError::Result(file.clone(), error))?;
    let shown = clean(&file.display().to_string(), 80);
    let text = String::from_utf8(bytes).map_err(|_| JobProblem::BadResult("it is not UTF-8".to_owned()));
    // The exit code is not in the file: what it says counts.
    match text.and_then(|text| intake::own_result(&text, 0, order)) {
        Ok(document) if document.run == run => {
            Ok(JobState::Ended(ResultDocument { run: order.run.clone(), ..document }))
        }
        Ok(document) => {
            let other = clean(&document.run, 40);
            let message =
                format!("{shown} is for run {other:?}: another release, model, evidence or container; {container}");
            said(Outcome::Error, FindingReason::ResultForeign, message)
        }
        Err(JobProblem::NoResult(_)) => {
            let message = format!("{shown} is empty; {container}, and give the file that MODELGATE_RESULT names");
            said(Outcome::Error, FindingReason::ResultMissing, message)
        }
        Err(JobProblem::BadResult(why)) => {
            let message = format!("{shown} cannot be used, mend what its container writes and run it again: {why}");
            said(Outcome::Error, FindingReason::ResultInvalid, message)
        }
        Err(problem) => Ok(JobState::Broken(problem)),
    }
}

/// What a result must name as its run: what is judged, and all that its container is asked. Bounds are not
/// part of it: they are compared here with what it says.
fn run(order: &EvaluationOrder, key: &GateKey, job: &CustomJob) -> Option<String> {
    let facts = OrderFacts { at: None, ..order.facts.clone() };
    let evidence: BTreeMap<_, _> = order.evidence.iter().map(|spec| (&spec.name, &spec.digest)).collect();
    let asked = CustomJob { bounds: Limits::default(), ..job.clone() };
    let digest = Digest::of_json(&(facts, evidence, key, asked)).ok()?;
    Some(format!("modelgate-check-{}", digest.short(12)))
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(RESULT_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
