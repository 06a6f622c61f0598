//! `modelgate check`: the verdict without a cluster.

mod junit;
mod markdown;
mod sarif;
mod table;

pub(super) use junit::escaped;

use super::line;
use super::offline::{FileError, Files, Request, Verdict, VerdictError, verdict};
use crate::evaluator::Ending;
use crate::policy::finding::figure;
use crate::policy::{Enforcement, Finding, GateKey};
use crate::release::condition::ConditionType;
use crate::release::decision::Row;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Say what the operator would say about a release, without a cluster.
///
/// Reads ModelReleases, GovernancePolicies and whatever else plays a part (ConfigMaps with evidence, the
/// Deployment, the Namespace, AdmittedRevisions to compare with) from files, evaluates every gate that is
/// answered from evidence on this machine, and decides with the operator's own code.
///
/// Without a Namespace in the files and without --namespace-label, all given policies apply. Without the
/// Deployment, one that names the release's model is supposed. Approvals and Prometheus gates are named and
/// not asked. No container is started: its gate is missing and names the MODELGATE_RUN that its result is for;
/// give what it wrote with --result. Evidence at an https address is fetched.
///
/// Exit codes: 0 all blocking gates passed; 1 at least one failed; 2 at least one could not be decided or its
/// evidence is missing; 3 at least one could not be evaluated, or none at all; 4 wrong usage or files. A failed
/// gate outweighs an error, and an error an undecided gate.
#[derive(Debug, Args)]
pub struct Check {
    /// Manifest, or folder of manifests; - is the standard input. May be repeated
    #[arg(short, long = "filename", value_name = "FILE", required = true)]
    filename: Vec<PathBuf>,
    /// A file that stands for a piece of the release's evidence. May be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = named_file)]
    evidence: Vec<(String, PathBuf)>,
    /// What the container of a gate's own Job wrote (check job). May be repeated
    #[arg(long, value_name = "POLICY/GATE=FILE", value_parser = result_file)]
    result: Vec<(GateKey, PathBuf)>,
    /// Only this release
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// Namespace of objects that name none
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// Label of the release's namespace, for the policies' selectors. May be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = label)]
    namespace_label: Vec<(String, String)>,
    /// How to write the verdict
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// Longest for one release, such as 90s or 5m; gates that are left then are errors
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = super::evaluate::duration)]
    timeout: Duration,
    /// Judge as at this moment, such as 2026-11-27T20:48:20Z, when a GateRun was created; left out: now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Table,
    /// The result document, as an evaluation Job hands it over
    Json,
    /// One test case for each gate
    Junit,
    /// For code scanning: one result for each gate that is not passed
    Sarif,
    /// For a pull request
    Markdown,
}

#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error("{0}")]
    File(#[from] FileError),
    #[error("{0}")]
    Verdict(#[from] VerdictError),
    #[error("the files hold no ModelRelease{0}")]
    NoRelease(String),
    #[error("the files hold {1} ModelReleases and {0} is for one: choose it with --release")]
    OneRelease(&'static str, usize),
    #[error("{0} {1} is given twice: give one file for it")]
    Twice(&'static str, String),
    #[error("the verdict cannot be written: {0}")]
    Write(#[from] std::io::Error),
    #[error("the verdict cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl CheckError {
    fn code(&self) -> u8 {
        match self {
            Self::Verdict(VerdictError::Evaluator(_) | VerdictError::Folder(_)) | Self::Write(_) | Self::Json(_) => {
                Ending::SomeBroke.code()
            }
            Self::File(_) | Self::NoRelease(_) | Self::OneRelease(..) | Self::Twice(..) => super::USAGE,
            Self::Verdict(
                VerdictError::NoRelease(..)
                | VerdictError::UnknownEvidence { .. }
                | VerdictError::UnknownGate(_)
                | VerdictError::Result(..)
                | VerdictError::Gather(_),
            ) => super::USAGE,
        }
    }
}

impl Check {
    pub fn run(self) -> ExitCode {
        match self.check() {
            Ok(ending) => ExitCode::from(ending.code()),
            Err(error) => {
                eprintln!("modelgate check: {}", super::said(&error));
                ExitCode::from(error.code())
            }
        }
    }

    fn check(self) -> Result<Ending, CheckError> {
        let mut files = Files::read(&self.filename, self.namespace.as_deref())?;
        let wanted = |name: &str| self.release.as_ref().is_none_or(|only| only == name);
        let releases: Vec<_> = files.releases.iter().filter(|found| wanted(&found.name)).cloned().collect();
        if releases.is_empty() {
            return Err(CheckError::NoRelease(self.release.map(|name| format!(" {name}")).unwrap_or_default()));
        }
        let for_one = [
            ("--output json", self.output == Output::Json),
            ("--evidence", !self.evidence.is_empty()),
            ("--result", !self.result.is_empty()),
        ];
        if let Some((option, _)) = for_one.into_iter().find(|(_, given)| *given && releases.len() > 1) {
            return Err(CheckError::OneRelease(option, releases.len()));
        }
        let mut evidence = BTreeMap::new();
        for (name, file) in self.evidence {
            if evidence.insert(name.clone(), file).is_some() {
                return Err(CheckError::Twice("--evidence", name));
            }
        }
        let mut results = BTreeMap::new();
        for (gate, file) in self.result {
            if results.insert(gate.clone(), file).is_some() {
                return Err(CheckError::Twice("--result", gate.to_string()));
            }
        }
        files.note().into_iter().for_each(|note| tell(&note));
        let labels: BTreeMap<_, _> = self.namespace_label.into_iter().collect();
        let now = self.at.unwrap_or_else(Timestamp::now);
        let mut verdicts = Vec::with_capacity(releases.len());
        for release in &releases {
            files.suppose(&release.namespace, &release.name, &labels)?.iter().for_each(|note| tell(note));
            let request = Request { release, evidence: &evidence, results: &results, timeout: self.timeout, now };
            let mut progress = Progress::default();
            verdicts.push(verdict(&files, &request, |finding, of| progress.tell(finding, of))?);
            progress.clear();
        }
        let mut out = std::io::stdout().lock();
        match self.output {
            Output::Table => table::write(&mut out, &verdicts, std::io::stdout().is_terminal())?,
            Output::Json => {
                for verdict in &verdicts {
                    match &verdict.document {
                        Some(document) => writeln!(out, "{}", serde_json::to_string_pretty(document)?)?,
                        None => eprintln!("modelgate check: nothing was evaluated: {}", sentence(verdict)),
                    }
                }
            }
            Output::Junit => junit::write(&mut out, &verdicts)?,
            Output::Sarif => writeln!(out, "{}", serde_json::to_string_pretty(&sarif::log(&verdicts))?)?,
            Output::Markdown => markdown::write(&mut out, &verdicts)?,
        }
        out.flush()?;
        Ok(verdicts.iter().map(ending).max_by_key(|ending| severity(*ending)).unwrap_or(Ending::SomeBroke))
    }
}

/// Something to know beside the verdict.
fn tell(note: &str) {
    eprintln!("modelgate check: {}", line(note));
}

/// What one release's verdict means for the exit code: only gates that block count, and people are not asked here.
pub(super) fn ending(verdict: &Verdict) -> Ending {
    if verdict.document.is_none() {
        return Ending::SomeBroke;
    }
    let asked = verdict.report.rows.iter().filter(|row| row.check != "approval");
    let blocking = asked.filter(|row| row.enforcement == Enforcement::Enforce);
    Ending::of(blocking.map(|row| row.outcome))
}

fn severity(ending: Ending) -> u8 {
    match ending {
        Ending::AllPassed => 0,
        Ending::SomeUndecided => 1,
        Ending::SomeBroke => 2,
        Ending::SomeFailed => 3,
    }
}

fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::AllPassed => "pass",
        Ending::SomeFailed => "fail",
        Ending::SomeUndecided => "undecided",
        Ending::SomeBroke => "error",
    }
}

/// What the operator's status would say in one sentence.
pub(super) fn sentence(verdict: &Verdict) -> &str {
    let said = |kind| verdict.report.conditions.iter().find(|c| c.kind == kind).map(|c| c.message.as_str());
    let kinds = match verdict.document.is_some() {
        true => [ConditionType::GatesPassed, ConditionType::Ready],
        false => [ConditionType::Ready, ConditionType::WorkloadMatched],
    };
    if verdict.document.is_none() && !verdict.report.rows.is_empty() {
        return "no gate of the policies is answered from evidence: nothing was evaluated";
    }
    kinds.into_iter().find_map(said).unwrap_or("the operator would say nothing")
}

/// What the risk is made of: `by high-risk: BusinessCriticality 100 x 35, …`, level times weight.
fn risk_parts(verdict: &Verdict) -> Option<String> {
    let risk = verdict.report.risk.as_ref()?;
    let parts = risk.contributions.iter().map(|part| format!("{:?} {} x {}", part.factor, part.level, part.weight));
    Some(format!("{} by {}: {}", risk.score, risk.policy, parts.collect::<Vec<_>>().join(", ")))
}

/// What came of it, how risky it is, and who would be asked next.
fn summary(verdict: &Verdict) -> Vec<String> {
    let mut parts = vec![sentence(verdict).trim_end_matches('.').to_owned()];
    parts.extend(verdict.report.risk.as_ref().map(|risk| format!("risk {} ({})", risk.score, risk.tier)));
    if ending(verdict) == Ending::AllPassed {
        parts.extend(people(verdict).map(|who| format!("next: {who}")));
    }
    parts
}

/// The row's number for people, or its text.
fn shown(row: &Row) -> String {
    let number = row.value.as_deref().map(|text| text.parse().map_or_else(|_| text.to_owned(), figure));
    number.unwrap_or_default()
}

/// Who would be asked next; None when nobody.
fn people(verdict: &Verdict) -> Option<String> {
    let asked = verdict.report.approvals.as_ref().filter(|tally| tally.required > tally.counted)?;
    let count = asked.required - asked.counted;
    let noun = if count == 1 { "approval" } else { "approvals" };
    Some(format!("{count} {noun} by {}", asked.groups.join(" or ")))
}

/// One line on the terminal while a long evaluation goes on; nothing elsewhere.
#[derive(Default)]
struct Progress {
    told: usize,
}

impl Progress {
    fn tell(&mut self, finding: Option<&Finding>, of: usize) {
        self.told += usize::from(finding.is_some());
        if std::io::stderr().is_terminal() {
            let last = finding.map(|finding| format!(", last {}", finding.gate)).unwrap_or_default();
            eprint!("\r\x1b[K{} of {of} gates answered{last}", self.told);
        }
    }

    fn clear(&self) {
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
    }
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("write NAME=FILE")?;
    if name.is_empty() || file.is_empty() { Err("write NAME=FILE".into()) } else { Ok((name.into(), file.into())) }
}

fn result_file(text: &str) -> Result<(GateKey, PathBuf), String> {
    let (gate, file) = named_file(text).map_err(|_| "write POLICY/GATE=FILE".to_owned())?;
    Ok((GateKey::try_from(gate).map_err(|error| error.to_string())?, file))
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    if key.is_empty() { Err("write KEY=VALUE".into()) } else { Ok((key.into(), value.into())) }
}
