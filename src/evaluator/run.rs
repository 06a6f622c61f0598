//! One evaluation from start to end. Every gate of the order gets a finding, whatever happens.

use super::checks;
use super::fetch::Fetcher;
use super::order;
use super::sources::Sources;
use super::stage::Stage;
use super::termination::TerminationLog;
use crate::policy::check::AnsweredBy;
use crate::policy::message;
use crate::policy::result::{EvaluationOrder, RESULT_SCHEMA, ResultDocument};
use crate::policy::{Check, Digest, Finding, FindingReason, Gate, Outcome};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Options {
    /// The order, as JSON.
    pub order: PathBuf,
    /// One folder for each mounted piece of evidence.
    pub evidence_root: PathBuf,
    /// A writable folder for copies.
    pub work: PathBuf,
    /// Bytes that all copies may have together.
    pub work_limit: u64,
    /// Where the result document goes.
    pub termination_log: PathBuf,
    /// For the whole evaluation.
    pub timeout: Duration,
}

/// What the evaluation came to, as a process tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    AllPassed,
    SomeFailed,
    SomeUndecided,
    SomeBroke,
}

impl Ending {
    pub fn code(self) -> u8 {
        match self {
            Self::AllPassed => 0,
            Self::SomeFailed => 1,
            Self::SomeUndecided => 2,
            Self::SomeBroke => 3,
        }
    }

    /// A failure outweighs an error, and an error what could not be decided.
    pub fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let ending = |outcome: Outcome| match outcome {
            Outcome::Pass | Outcome::Skipped | Outcome::Warn => Self::AllPassed,
            Outcome::Inconclusive | Outcome::Missing => Self::SomeUndecided,
            Outcome::Error => Self::SomeBroke,
            Outcome::Fail => Self::SomeFailed,
        };
        let told: Vec<Self> = outcomes.into_iter().map(ending).collect();
        let worst_first = [Self::SomeFailed, Self::SomeBroke, Self::SomeUndecided];
        worst_first.into_iter().find(|ending| told.contains(ending)).unwrap_or(Self::AllPassed)
    }
}

/// Why there are no findings.
#[derive(Debug, thiserror::Error)]
pub enum EvaluatorError {
    #[error(transparent)]
    Order(#[from] order::OrderError),
    #[error("the result cannot be written to {0}: {1}")]
    Termination(PathBuf, io::Error),
    #[error("evidence cannot be copied into {0}: {1}")]
    Copies(PathBuf, io::Error),
    #[error("no thread to evaluate in: {0}")]
    Thread(io::Error),
}

/// Evaluates the order; findings go to `log` as JSON lines, the result document to the termination log.
///
/// # Errors
/// There is no usable order (the termination log then says so), or the result cannot be written.
pub fn run(options: &Options, log: &mut impl Write) -> Result<Ending, EvaluatorError> {
    let until = Instant::now() + options.timeout;
    let unwritable = |error| EvaluatorError::Termination(options.termination_log.clone(), error);
    let mut termination = TerminationLog::open(&options.termination_log).map_err(unwritable)?;
    let order = match order::read(&options.order, AnsweredBy::Evaluator) {
        Ok(order) => order,
        Err(error) => {
            termination.refuse("", &error.to_string()).map_err(unwritable)?;
            return Err(error.into());
        }
    };
    let mut put = |document: &ResultDocument| {
        let written = match message::write(document) {
            Ok(bytes) => termination.put(&bytes),
            Err(error) => termination.refuse(&document.run, &error.to_string()),
        };
        written.map_err(unwritable)
    };
    // From the first moment on there is a finding for every gate.
    put(&Report::new(&order).document)?;
    let stage = Stage::new(options.evidence_root.clone(), options.work.clone(), options.work_limit, Fetcher::default());
    let document = evaluate(order, stage, until, |document, finding| {
        tell(log, &document.run, finding);
        put(document)
    })?;
    Ok(Ending::of(document.results.iter().map(|finding| finding.outcome)))
}

/// Answers all gates of the order. `at_each` hears every answer, with the document as it then stands:
/// gates without an answer yet are errors in it.
///
/// # Errors
/// Those of `at_each`, and that no thread could be started.
pub fn evaluate(
    order: EvaluationOrder,
    stage: Stage,
    until: Instant,
    mut at_each: impl FnMut(&ResultDocument, &Finding) -> Result<(), EvaluatorError>,
) -> Result<ResultDocument, EvaluatorError> {
    let began = Instant::now();
    let mut report = Report::new(&order);
    let answers = answer_all(order, stage).map_err(EvaluatorError::Thread)?;
    loop {
        match answers.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok((place, finding)) => {
                report.take(place, finding.clone());
                at_each(&report.document, &finding)?;
            }
            Err(RecvTimeoutError::Timeout) => {
                report.time_is_up(began.elapsed());
                break;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    for finding in report.unanswered() {
        at_each(&report.document, finding)?;
    }
    Ok(report.document)
}

/// The document as it stands: gates without an answer yet are errors.
struct Report {
    document: ResultDocument,
    answered: Vec<bool>,
}

impl Report {
    fn new(order: &EvaluationOrder) -> Self {
        let broke = "the evaluation ended before this gate was answered; the log of its pod may say why";
        let finding = |gate: &Gate| Finding::new(gate.key.clone(), Outcome::Error, FindingReason::JobFailed, broke);
        let document = ResultDocument {
            schema: RESULT_SCHEMA.to_owned(),
            run: order.run.clone(),
            order: Digest::of_json(order).ok(),
            results: order.gates.iter().map(finding).collect(),
        };
        Self { document, answered: vec![false; order.gates.len()] }
    }

    fn take(&mut self, place: usize, finding: Finding) {
        if let (Some(slot), Some(answered)) = (self.document.results.get_mut(place), self.answered.get_mut(place)) {
            (*slot, *answered) = (finding, true);
        }
    }

    fn time_is_up(&mut self, after: Duration) {
        let late =
            format!("the evaluation took longer than {} s and ended before this gate was answered", after.as_secs());
        for (finding, answered) in self.document.results.iter_mut().zip(&self.answered) {
            if !answered {
                *finding = Finding::new(finding.gate.clone(), Outcome::Error, FindingReason::JobTimedOut, &late);
            }
        }
    }

    fn unanswered(&self) -> impl Iterator<Item = &Finding> {
        self.document.results.iter().zip(&self.answered).filter(|(_, answered)| !**answered).map(|(finding, _)| finding)
    }
}

/// Stack of the thread that reads evidence: its depth is bounded, the margin is wide.
const STACK: usize = 16 << 20;

/// Answers all gates in a thread of its own, which the caller need not wait for.
fn answer_all(order: EvaluationOrder, stage: Stage) -> io::Result<Receiver<(usize, Finding)>> {
    let (sender, receiver) = channel();
    let EvaluationOrder { run: _, facts, evidence, gates } = order;
    let mut sources = Sources::new(stage, evidence);
    let drift = gates.iter().filter_map(|gate| if let Check::Drift(check) = &gate.check { Some(check) } else { None });
    sources.comparisons.expect(drift.cloned());
    // Expressions last: they alone may take the whole process down with them.
    let is_expression = |gate: &Gate| matches!(gate.check, Check::Expression(_));
    let mut queue: Vec<(usize, Gate)> = gates.into_iter().enumerate().collect();
    queue.sort_by_key(|(_, gate)| is_expression(gate));
    let work = move || {
        for (place, gate) in queue {
            let answer = catch_unwind(AssertUnwindSafe(|| checks::answer(&gate, &facts, &mut sources)));
            let finding = answer.unwrap_or_else(|_| {
                let broke = "the check itself broke on this evidence; the log of its pod says where";
                Finding::new(gate.key.clone(), Outcome::Error, FindingReason::JobFailed, broke)
            });
            if sender.send((place, finding)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("gates".into()).stack_size(STACK).spawn(work)?;
    Ok(receiver)
}

/// The pod's log is for people; the result does not depend on it.
fn tell(log: &mut impl Write, run: &str, finding: &Finding) {
    let line = serde_json::json!({ "run": run, "finding": finding });
    let _ = writeln!(log, "{line}");
}
