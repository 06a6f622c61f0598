//! `modelgate policy test`: policies against releases whose verdict is known.

use super::test_file::{self, Case, TestFile, Word};
use super::{PolicyError, compile};
use crate::cli::check::{ending, escaped, sentence};
use crate::cli::line;
use crate::cli::offline::{Files, Request, Verdict, verdict};
use crate::evaluator::Ending;
use crate::policy::{GateKey, Outcome};
use clap::{Args, ValueEnum};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Run tests of policies: given releases and evidence, expected outcomes and reasons.
///
/// Reads *.test.yaml below the folder. Each case is one release, decided by the operator's own code. At the
/// end it says which gates no case expects to pass, and which no case expects not to.
///
/// Exit codes: 0 every case is as expected; 1 at least one is not; 4 a file cannot be used.
#[derive(Debug, Args)]
pub struct Test {
    /// Folder with tests, or one test file
    path: PathBuf,
    /// How to write the results
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// Longest for one case
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = crate::cli::evaluate::duration)]
    timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Table,
    /// One test case for each case
    Junit,
}

/// One case after it was run.
struct Ran {
    file: String,
    case: String,
    /// What is not as expected.
    wrong: Vec<String>,
}

/// Whether any case expects a gate to pass, and not to.
type Coverage = BTreeMap<GateKey, (bool, bool)>;

impl Test {
    pub(super) fn run(self) -> Result<bool, PolicyError> {
        let mut ran = Vec::new();
        let mut coverage = Coverage::new();
        for file in test_file::read(&self.path)? {
            for case in &file.cases {
                let wrong = run(&file, case, self.timeout, &mut coverage)?;
                ran.push(Ran { file: file.shown.clone(), case: case.name.clone(), wrong });
            }
        }
        let mut out = std::io::stdout().lock();
        match self.output {
            Output::Table => table(&mut out, &ran, &coverage)?,
            Output::Junit => junit(&mut out, &ran)?,
        }
        Ok(ran.iter().all(|ran| ran.wrong.is_empty()))
    }
}

fn run(file: &TestFile, case: &Case, timeout: Duration, coverage: &mut Coverage) -> Result<Vec<String>, PolicyError> {
    let at = |path: &PathBuf| file.folder.join(path);
    let paths: Vec<_> = file.policies.iter().chain(&case.manifests).map(at).collect();
    let mut files = Files::read(&paths, None)?;
    // Gates that no case reaches are told too.
    let mut known = BTreeSet::new();
    for policy in &files.policies {
        let gates = compile(policy)?.gates;
        known.extend(gates.into_iter().filter(|gate| gate.check.runs_in_job()).map(|gate| gate.key));
    }
    for gate in &known {
        coverage.entry(gate.clone()).or_default();
    }
    let wanted = |name: &str| case.release.as_ref().is_none_or(|only| only == name);
    let mut releases = files.releases.iter().filter(|found| wanted(&found.name)).cloned();
    let (Some(release), None) = (releases.next(), releases.next()) else {
        let why = format!("case {:?}: the manifests hold no such ModelRelease, or several: name one", case.name);
        return Err(test_file::TestFileError::Malformed(file.shown.clone(), why).into());
    };
    files.suppose(&release.namespace, &release.name, &case.namespace_labels)?;
    let evidence = case.evidence.iter().map(|(name, path)| (name.clone(), at(path))).collect();
    let results = case.results.iter().map(|(gate, path)| (gate.clone(), at(path))).collect();
    let now = case.at.unwrap_or_else(jiff::Timestamp::now);
    let request = Request { release: &release, evidence: &evidence, results: &results, timeout, now };
    let verdict = verdict(&files, &request, |_, _| {})
        .map_err(|error| PolicyError::Case(format!("{}: {}", file.shown, case.name), error))?;
    for (gate, expected) in &case.expect.gates {
        if let Some((passes, others)) = coverage.get_mut(gate) {
            *if expected.outcome == Outcome::Pass { passes } else { others } = true;
        }
    }
    Ok(compare(case, &verdict, &known))
}

fn compare(case: &Case, verdict: &Verdict, known: &BTreeSet<GateKey>) -> Vec<String> {
    let mut wrong = Vec::new();
    let came = match ending(verdict) {
        Ending::AllPassed => Word::Pass,
        Ending::SomeFailed => Word::Fail,
        Ending::SomeUndecided => Word::Undecided,
        Ending::SomeBroke => Word::Error,
    };
    if let Some(expected) = case.expect.verdict.filter(|expected| *expected != came) {
        wrong.push(format!("verdict: expected {expected:?}, came to {came:?}: {}", sentence(verdict)));
    }
    for (gate, expected) in &case.expect.gates {
        let Some(row) = verdict.report.rows.iter().find(|row| row.key == *gate) else {
            let why = match known.contains(gate) {
                true => "its policy does not select the namespace, or nothing was evaluated; see namespaceLabels",
                false => "no policy under test has this gate",
            };
            wrong.push(format!("{gate}: {why}"));
            continue;
        };
        let reason = expected.reason.map(|reason| reason.to_string());
        if row.outcome != expected.outcome || reason.as_ref().is_some_and(|reason| *reason != row.reason) {
            let wanted = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            wrong.push(format!(
                "{gate}: expected {}{wanted}, came to {} ({}): {}",
                expected.outcome, row.outcome, row.reason, row.message
            ));
        }
    }
    let tier = verdict.report.risk.as_ref().map(|risk| risk.tier);
    if case.expect.risk_tier.is_some_and(|expected| Some(expected) != tier) {
        wrong.push(format!("risk tier: expected {:?}, came to {tier:?}", case.expect.risk_tier));
    }
    let score = verdict.report.risk.as_ref().map(|risk| risk.score);
    if case.expect.risk_score.is_some_and(|expected| Some(expected) != score) {
        wrong.push(format!("risk score: expected {:?}, came to {score:?}", case.expect.risk_score));
    }
    wrong
}

fn table(out: &mut impl Write, ran: &[Ran], coverage: &Coverage) -> io::Result<()> {
    let mut file = "";
    for one in ran {
        if one.file != file {
            file = &one.file;
            writeln!(out, "{file}")?;
        }
        writeln!(out, "  {}  {}", if one.wrong.is_empty() { "ok    " } else { "FAILED" }, line(&one.case))?;
        for wrong in &one.wrong {
            writeln!(out, "          {}", line(wrong))?;
        }
    }
    for (gate, (passes, others)) in coverage {
        let never = match (passes, others) {
            (true, true) => continue,
            (true, false) => "no case expects it not to pass",
            (false, true) => "no case expects it to pass",
            (false, false) => "no case expects anything of it",
        };
        writeln!(out, "gate {gate}: {never}")?;
    }
    let both = coverage.values().filter(|(passes, others)| *passes && *others).count();
    let failed = ran.iter().filter(|one| !one.wrong.is_empty()).count();
    writeln!(out, "{} of {} gates are expected both ways", both, coverage.len())?;
    writeln!(out, "{} passed, {failed} failed", ran.len() - failed)
}

fn junit(out: &mut impl Write, ran: &[Ran]) -> io::Result<()> {
    let failed = ran.iter().filter(|one| !one.wrong.is_empty()).count();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites><testsuite name="modelgate policy test" tests="{}" failures="{failed}">"#, ran.len())?;
    for one in ran {
        let case = format!(r#"  <testcase name="{}" classname="{}""#, escaped(&one.case), escaped(&one.file));
        match one.wrong.is_empty() {
            true => writeln!(out, "{case}/>")?,
            false => writeln!(out, r#"{case}><failure message="{}"/></testcase>"#, escaped(&one.wrong.join("; ")))?,
        }
    }
    writeln!(out, "</testsuite></testsuites>")
}
