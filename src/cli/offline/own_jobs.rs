//! Gates that have a Job of their own: no container is started here, what one wrote elsewhere can be given.

use super::verdict::{RUN_UID, VerdictError};
use crate::intake;
use crate::policy::check::AnsweredBy;
use crate::policy::result::{RESULT_LIMIT, RESULT_SCHEMA};
use crate::policy::{Digest, EvaluationOrder, Finding, FindingReason, GateKey, Outcome, Plan, ResultDocument};
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

/// What the gate's Job came to: the document in the file, or that it did not run.
pub(super) fn given(order: &EvaluationOrder, file: Option<&PathBuf>) -> Result<JobState, VerdictError> {
    let Some(file) = file else { return Ok(JobState::Ended(not_run(order))) };
    let bytes = read(file).map_err(|error| VerdictError::Result(file.clone(), error))?;
    let text =
        String::from_utf8(bytes).map_err(|_| JobProblem::BadResult(format!("file {} is not UTF-8", file.display())));
    // The exit code is not in the file: what it says counts.
    Ok(match text.and_then(|text| intake::own_result(&text, 0, order)) {
        Ok(document) => JobState::Ended(document),
        Err(problem) => JobState::Broken(problem),
    })
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(RESULT_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn not_run(order: &EvaluationOrder) -> ResultDocument {
    let finding = order.own_job().map(|(key, job)| {
        let message = format!(
            "runs in the cluster only; run its container with MODELGATE_RUN={RUN_UID} and MODELGATE_GATE={key}, and give what it wrote with --result {key}=FILE: {}",
            job.image
        );
        Finding::new(key.clone(), Outcome::Missing, FindingReason::ResultMissing, message)
    });
    ResultDocument {
        schema: RESULT_SCHEMA.to_owned(),
        run: order.run.clone(),
        order: Digest::of_json(order).ok(),
        results: finding.into_iter().collect(),
    }
}
