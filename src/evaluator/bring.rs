//! Evidence for a gate's own Job: brought and compared with its pinned digests before the policy's container starts.

use super::checks::words::without_number;
use super::fetch::Fetcher;
use super::order;
use super::run::EvaluatorError;
use super::sources::file_name;
use super::stage::{Stage, StageError};
use super::termination::TerminationLog;
use crate::policy::check::AnsweredBy;
use crate::policy::result::RESULT_SCHEMA;
use crate::policy::{Digest, EvaluationOrder, EvidenceSpec, Finding, FindingReason, Outcome, ResultDocument, message};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Bring {
    /// The order, as JSON.
    pub order: PathBuf,
    /// What the operator gave. An order reaches its pod by an annotation, which others may try to change.
    pub order_digest: Digest,
    /// One folder for each mounted piece of evidence.
    pub evidence_root: PathBuf,
    /// A writable, empty folder: each piece becomes `NAME/FILE` in it.
    pub into: PathBuf,
    /// Bytes that all pieces may have together.
    pub limit: u64,
    /// Where is said why there is nothing to read.
    pub termination_log: PathBuf,
}

/// Brings every piece of the order's evidence; true when all are there. Else the termination log holds a finding for
/// the gate.
///
/// # Errors
/// There is no usable order (the termination log then says so), or nothing can be written.
pub fn bring(options: &Bring) -> Result<bool, EvaluatorError> {
    let unwritable = |error| EvaluatorError::Termination(options.termination_log.clone(), error);
    let mut termination = TerminationLog::open(&options.termination_log).map_err(unwritable)?;
    let order = order::read(&options.order, AnsweredBy::OwnJob).and_then(|order| {
        let is_as_given = Digest::of_json(&order).is_ok_and(|digest| digest == options.order_digest);
        if is_as_given { Ok(order) } else { Err(order::OrderError::Altered) }
    });
    let order = match order {
        Ok(order) => order,
        Err(error) => {
            termination.refuse("", &error.to_string()).map_err(unwritable)?;
            return Err(error.into());
        }
    };
    let put = |termination: &mut TerminationLog, finding: Finding| {
        let written = match message::write(&document(&order, finding)) {
            Ok(bytes) => termination.put(&bytes),
            Err(error) => termination.refuse(&order.run, &error.to_string()),
        };
        written.map_err(unwritable)
    };
    let [gate] = &order.gates[..] else { return Err(order::OrderError::NoGates.into()) };
    let ended = "the evidence was not brought to its end; the log of the pod's container evidence may say why";
    put(&mut termination, Finding::new(gate.key.clone(), Outcome::Error, FindingReason::JobFailed, ended))?;
    // Names of evidence never begin with a dot.
    let copies = options.into.join(".copies");
    let broken = |error: io::Error| EvaluatorError::Copies(options.into.clone(), error);
    fs::create_dir(&copies).map_err(broken)?;
    let mut stage = Stage::new(options.evidence_root.clone(), copies.clone(), options.limit, Fetcher::default());
    // A container that does not find what it should read must not be asked.
    let named = |wanted: &&str| order.evidence.iter().any(|spec| spec.name == **wanted);
    if let Some(absent) = gate.check.evidence().into_iter().find(|wanted| !named(wanted)) {
        let error = StageError::NotNamed;
        put(&mut termination, without_number(gate, error.verdict(), absent, error, Vec::new()))?;
        return Ok(false);
    }
    for spec in &order.evidence {
        match stage.bring(spec) {
            Ok(staged) => place(&staged.path, &options.into, spec).map_err(broken)?,
            Err(error) => {
                put(&mut termination, without_number(gate, error.verdict(), &spec.name, error, Vec::new()))?;
                return Ok(false);
            }
        }
    }
    fs::remove_dir(&copies).map_err(broken)?;
    termination.put(b"").map_err(unwritable)?;
    Ok(true)
}

fn place(copy: &Path, into: &Path, spec: &EvidenceSpec) -> io::Result<()> {
    let folder = into.join(&spec.name);
    fs::create_dir(&folder)?;
    let name = file_name(&spec.source).filter(|name| !name.is_empty() && !name.starts_with('.'));
    fs::rename(copy, folder.join(name.unwrap_or("evidence")))
}

fn document(order: &EvaluationOrder, finding: Finding) -> ResultDocument {
    ResultDocument {
        schema: RESULT_SCHEMA.to_owned(),
        run: order.run.clone(),
        order: Digest::of_json(order).ok(),
        results: vec![finding],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    struct Scene {
        folder: tempfile::TempDir,
        order: Value,
    }

    impl Scene {
        /// One piece of evidence, `prompts`, that holds `held`, and whose digest is that of `pinned`.
        fn new(held: &[u8], pinned: &[u8]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mounted = folder.path().join("mounted/prompts");
            fs::create_dir_all(&mounted).unwrap();
            fs::create_dir(folder.path().join("staged")).unwrap();
            fs::write(mounted.join("all.jsonl"), held).unwrap();
            let gate = json!({"key": "base/red-team", "enforcement": "Enforce", "severity": "High",
                "stage": "BeforeRelease",
                "check": {"job": {"image": "x@sha256:0", "requests": {}, "limits": {}, "evidence": ["prompts"]}}});
            let evidence = json!({"name": "prompts", "digest": Digest::of(pinned),
                "source": {"persistentVolumeClaim": {"name": "c", "path": "all.jsonl"}}});
            let facts = json!({"namespace": "n", "namespaceLabels": {}, "release": "r", "modelName": "m",
                "modelVersion": "1", "declared": {}});
            let order = json!({"run": "u", "facts": facts, "evidence": [evidence], "gates": [gate]});
            Self { folder, order }
        }

        fn bring(&self, digest: Option<Digest>) -> Result<bool, EvaluatorError> {
            let order = self.folder.path().join("order.json");
            fs::write(&order, self.order.to_string()).unwrap();
            let read: EvaluationOrder = serde_json::from_value(self.order.clone()).unwrap();
            bring(&Bring {
                order,
                order_digest: digest.unwrap_or_else(|| Digest::of_json(&read).unwrap()),
                evidence_root: self.folder.path().join("mounted"),
                into: self.folder.path().join("staged"),
                limit: 1 << 20,
                termination_log: self.folder.path().join("log"),
            })
        }

        fn log(&self) -> String {
            fs::read_to_string(self.folder.path().join("log")).unwrap()
        }
    }

    #[test]
    fn pinned_bytes_are_there_under_their_name() {
        let scene = Scene::new(b"{}", b"{}");
        assert!(scene.bring(None).unwrap());
        let staged = scene.folder.path().join("staged");
        assert_eq!(fs::read(staged.join("prompts/all.jsonl")).unwrap(), b"{}");
        assert_eq!(fs::read_dir(staged).unwrap().count(), 1, "nothing else is left");
        assert_eq!(scene.log(), "", "and nothing is said");
    }

    #[test]
    fn other_bytes_are_told_as_a_finding_of_the_gate() {
        let scene = Scene::new(b"{}", b"[]");
        assert!(!scene.bring(None).unwrap());
        assert!(!scene.folder.path().join("staged/prompts").exists());
        let read: EvaluationOrder = serde_json::from_value(scene.order.clone()).unwrap();
        let document = crate::intake::result(&scene.log(), 3, &read).unwrap();
        let findings = crate::policy::judgement::findings(&document, &read).unwrap();
        assert_eq!((findings[0].outcome, findings[0].reason), (Outcome::Error, FindingReason::DigestMismatch));
        assert!(findings[0].message.contains("prompts"), "{}", findings[0].message);
    }

    #[test]
    fn another_order_than_was_given_is_refused() {
        let scene = Scene::new(b"{}", b"{}");
        assert!(scene.bring(Some(Digest::of(b"another"))).is_err());
        assert!(scene.log().contains("changed"), "{}", scene.log());
        let mut scene = scene;
        scene.order["gates"][0]["check"] = json!({"expression": {"expression": "true"}});
        assert!(scene.bring(None).is_err(), "the evaluator's own gates are not for containers");
    }
}
