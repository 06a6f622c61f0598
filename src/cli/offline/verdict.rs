//! One release of the files, decided twice: first for what is to be evaluated, then on what was found.

use super::{Files, Found, own_jobs};
use crate::cluster::gather::{Beside, GatherError, cached};
use crate::cluster::jobs::EvaluatorPod;
use crate::evaluator::fetch::Fetcher;
use crate::evaluator::stage::{Stage, WORK_LIMIT};
use crate::evaluator::{EvaluatorError, evaluate};
use crate::policy::result::RESULT_SCHEMA;
use crate::policy::{Digest, EvidenceSource, Finding, FindingReason, GateKey, ResultDocument};
use crate::release::decide;
use crate::release::decision::{Decision, NewRun, Report, Step};
use crate::release::facts::{EvidenceState, Facts, Job, JobState, Run, Waits};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What stands for the UID of a GateRun.
const RUN_UID: &str = "modelgate-check";

#[derive(Debug, thiserror::Error)]
pub enum VerdictError {
    #[error("there is no ModelRelease {0}/{1}")]
    NoRelease(String, String),
    #[error("ModelRelease {release} names no evidence {name}: add it to spec.evidence, or give another name")]
    UnknownEvidence { release: String, name: String },
    #[error("no policy has gate {0} with a Job of its own: see the gates with modelgate policy explain")]
    UnknownGate(GateKey),
    #[error("result {file} cannot be read: {error}", file = .0.display(), error = .1)]
    Result(PathBuf, io::Error),
    #[error("{0}")]
    Gather(#[from] GatherError),
    #[error("{0}")]
    Evaluator(#[from] EvaluatorError),
    #[error("a folder for copies of evidence cannot be made or written: {0}")]
    Folder(#[from] io::Error),
}

/// Which release, and files for its evidence.
pub struct Request<'a> {
    pub release: &'a Found,
    /// Files by the name of the evidence they stand for.
    pub evidence: &'a BTreeMap<String, PathBuf>,
    /// What the container of a gate's own Job wrote, by gate.
    pub results: &'a BTreeMap<GateKey, PathBuf>,
    pub timeout: Duration,
    pub now: Timestamp,
}

/// What the operator would say, and what the evaluation Job would hand over.
pub struct Verdict {
    pub release: Found,
    pub model: String,
    pub report: Report,
    /// None when it did not come to an evaluation; the report says why.
    pub document: Option<ResultDocument>,
}

/// `progress` hears how many gates are asked before the first is, and every finding as it is made.
pub fn verdict(
    files: &Files,
    request: &Request,
    mut progress: impl FnMut(Option<&Finding>, usize),
) -> Result<Verdict, VerdictError> {
    let nothing = EvaluatorPod { image: String::new(), service_account: None };
    let beside = Beside {
        enforcement: Ok(()),
        // Nothing arrives later.
        waits: Waits { evidence_seconds: 0, pairing_seconds: 0, ..Waits::default() },
        refused: None,
        evaluator: &nothing,
        now: request.now,
    };
    let missing = || VerdictError::NoRelease(request.release.namespace.clone(), request.release.name.clone());
    let mut facts =
        cached(&files.world, &request.release.namespace, &request.release.name, &beside)?.ok_or_else(missing)?;
    let folder = tempfile::tempdir()?;
    let local = local_files(files, &mut facts, request, folder.path())?;
    own_jobs::known(&facts, request.results)?;
    let first = decide(&facts, request.now);
    let model = format!("{} {}", facts.release.model_name, facts.release.model_version);
    let of = |report, document| Verdict { release: request.release.clone(), model, report, document };
    let Some(run) = started(&first) else { return Ok(of(first.report, None)) };
    let mut document =
        ResultDocument { schema: RESULT_SCHEMA.to_owned(), run: RUN_UID.to_owned(), order: None, results: Vec::new() };
    for order in &run.orders {
        let order = order.for_run(RUN_UID, request.now);
        let gate = order.own_job().map(|(gate, _)| gate.clone());
        let state = match &gate {
            Some(gate) => own_jobs::given(&order, request.results.get(gate))?,
            None => {
                let gates = order.gates.len();
                let work = folder.path().join("work");
                std::fs::create_dir(&work)?;
                progress(None, gates);
                let stage = Stage::new(folder.path().join("mounted"), work, WORK_LIMIT, Fetcher::default());
                let until = Instant::now() + request.timeout;
                document = evaluate(order, stage.with_files(local.clone()), until, |_, finding| {
                    progress(Some(finding), gates);
                    Ok(())
                })?;
                JobState::Ended(document.clone())
            }
        };
        let (name, created) = (run.name.clone(), request.now);
        facts.jobs.push(Job { name: name.clone(), uid: RUN_UID.to_owned(), run: name, gate, created, state });
    }
    facts.runs.push(Run {
        name: run.name.clone(),
        uid: RUN_UID.to_owned(),
        release_uid: facts.release.uid.clone(),
        target_uid: run.target_uid.clone(),
        revision: run.revision.clone(),
        model_digest: run.model_digest.clone(),
        plan: run.plan.clone(),
        attempt: run.attempt,
        created: request.now,
        evidence: run.evidence.clone(),
        answered: Vec::new(),
        finished: None,
        superseded: false,
    });
    let second = decide(&facts, request.now);
    // Gates whose evidence is not there are answered by the decision, not by the Job.
    if let Some(Step::FinishRun { findings, .. }) = second.steps.iter().find(|s| matches!(s, Step::FinishRun { .. })) {
        document.results.clone_from(findings);
    }
    // Only people or Prometheus are asked: nothing was evaluated here.
    Ok(of(second.report, Some(document).filter(|document| !document.results.is_empty())))
}

fn started(decision: &Decision) -> Option<&NewRun> {
    decision.steps.iter().find_map(|step| match step {
        Step::StartRun(run) => Some(run.as_ref()),
        _ => None,
    })
}

/// Files for the evaluator by the name of the evidence: those of the command line, whose digests are the
/// evidence's state from here on, and the content of ConfigMaps.
fn local_files(
    files: &Files,
    facts: &mut Facts,
    request: &Request,
    folder: &Path,
) -> Result<BTreeMap<String, PathBuf>, VerdictError> {
    let mut local = BTreeMap::new();
    for (name, path) in request.evidence {
        let spec = facts.release.evidence.iter().find(|e| e.name == *name);
        let state = facts.evidence.iter_mut().find(|e| e.name == *name);
        let (Some(spec), Some(state)) = (spec, state) else {
            return Err(VerdictError::UnknownEvidence { release: request.release.name.clone(), name: name.clone() });
        };
        state.state = file_state(name, path, spec.digest.as_ref());
        local.insert(name.clone(), path.clone());
    }
    for spec in &facts.release.evidence {
        let EvidenceSource::ConfigMap { name, key } = &spec.source else { continue };
        let place = (request.release.namespace.clone(), name.clone(), key.clone());
        if let Some(bytes) = files.content.get(&place).filter(|_| !local.contains_key(&spec.name)) {
            let path = folder.join(format!("content-{}", local.len()));
            File::create_new(&path)?.write_all(bytes)?;
            local.insert(spec.name.clone(), path);
        }
    }
    Ok(local)
}

/// A file given for evidence is pinned by what it holds now; one that is not what the release names is of no use.
fn file_state(name: &str, path: &Path, wanted: Option<&Digest>) -> EvidenceState {
    let shown = path.display();
    let unreadable = |why: String| {
        let message = format!("evidence {name}: file {shown} cannot be read: {why}");
        EvidenceState::Unusable(FindingReason::EvidenceUnreadable, message)
    };
    // A pipe or a device could be waited for without end, and be empty when it is read again.
    if path.exists() && !path.is_file() {
        return unreadable("it is no regular file; write it to one first".to_owned());
    }
    let digest = File::open(path).and_then(Digest::of_reader);
    match digest {
        Ok(digest) => match wanted {
            Some(wanted) if *wanted != digest => EvidenceState::Unusable(
                FindingReason::DigestMismatch,
                format!(
                    "evidence {name}: file {shown} holds {} and the release names {}: name the digest of what was tested",
                    digest.short(12),
                    wanted.short(12)
                ),
            ),
            Some(_) | None => EvidenceState::Pinned { digest, uid: None },
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            EvidenceState::Missing(format!("evidence {name}: file {shown} does not exist"))
        }
        Err(error) => unreadable(error.to_string()),
    }
}
