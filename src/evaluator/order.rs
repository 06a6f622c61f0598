//! Reads the order, and refuses one that does not ask exactly one clear thing for each gate.

use crate::policy::check::AnsweredBy;
use crate::policy::plan::MAX_GATES;
use crate::policy::result::EvaluationOrder;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Annotations of a pod hold 256 KiB together.
const MAX_ORDER: u64 = 1 << 20;

/// Why there is nothing to evaluate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    #[error("the order cannot be read: {0}")]
    Unreadable(String),
    #[error("the order has more than {MAX_ORDER} bytes")]
    TooLarge,
    #[error("the order is not one: {0}")]
    Malformed(String),
    #[error("the order was changed after it was given")]
    Altered,
    #[error("the order names no run")]
    NoRun,
    #[error("the order asks for no gate")]
    NoGates,
    #[error("the order asks for {0} gates; {MAX_GATES} are allowed")]
    TooManyGates(usize),
    #[error("the order asks twice for {0}")]
    Twice(String),
    #[error("the order asks for {0}, which this program does not answer")]
    NotForJobs(String),
}

/// Reads the order from a file. All its gates are `answered_by` the same.
pub fn read(path: &Path, answered_by: AnsweredBy) -> Result<EvaluationOrder, OrderError> {
    let unreadable = |error: std::io::Error| OrderError::Unreadable(error.to_string());
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(MAX_ORDER + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_ORDER {
        return Err(OrderError::TooLarge);
    }
    parse(&bytes, answered_by)
}

fn parse(bytes: &[u8], answered_by: AnsweredBy) -> Result<EvaluationOrder, OrderError> {
    let order: EvaluationOrder =
        serde_json::from_slice(bytes).map_err(|error| OrderError::Malformed(error.to_string()))?;
    if order.run.is_empty() {
        return Err(OrderError::NoRun);
    }
    if order.gates.is_empty() {
        return Err(OrderError::NoGates);
    }
    if order.gates.len() > MAX_GATES {
        return Err(OrderError::TooManyGates(order.gates.len()));
    }
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    if let Some(gate) = order.gates.iter().find(|gate| !seen.insert(&gate.key)) {
        return Err(OrderError::Twice(format!("gate {}", gate.key)));
    }
    if let Some(gate) = order.gates.iter().find(|gate| gate.check.answered_by() != answered_by) {
        return Err(OrderError::NotForJobs(format!("gate {}", gate.key)));
    }
    if let Some(spec) = order.evidence.iter().find(|spec| !names.insert(&spec.name)) {
        return Err(OrderError::Twice(format!("evidence {}", spec.name)));
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn gate(name: &str, check: &Value) -> Value {
        json!({"key": format!("base/{name}"), "enforcement": "Enforce", "severity": "High", "stage": "BeforeRelease", "check": check})
    }

    fn order(run: &str, gates: Vec<Value>, evidence: Vec<Value>) -> Result<EvaluationOrder, OrderError> {
        let facts = json!({"namespace": "n", "namespaceLabels": {}, "release": "r", "modelName": "m", "modelVersion": "1", "declared": {}});
        parse(
            json!({"run": run, "facts": facts, "evidence": evidence, "gates": gates}).to_string().as_bytes(),
            AnsweredBy::Evaluator,
        )
    }

    #[test]
    fn only_orders_that_can_be_answered() {
        let truth = json!({"expression": {"expression": "true"}});
        let people = json!({"approval": {"groups": ["g"], "required": 1, "binds": "Revision"}});
        let metrics = json!({"name": "metrics", "source": {"configMap": {"name": "c", "key": "k"}}});
        let one = || vec![gate("a", &truth)];
        assert!(order("u", one(), vec![metrics.clone()]).is_ok());
        assert_eq!(order("", one(), vec![]), Err(OrderError::NoRun));
        assert_eq!(order("u", vec![], vec![]), Err(OrderError::NoGates));
        let many = (0..129).map(|i| gate(&format!("g{i}"), &truth)).collect();
        assert_eq!(order("u", many, vec![]), Err(OrderError::TooManyGates(129)));
        let twice = vec![gate("a", &truth), gate("a", &truth)];
        assert_eq!(order("u", twice, vec![]), Err(OrderError::Twice("gate base/a".into())));
        assert_eq!(
            order("u", one(), vec![metrics.clone(), metrics]),
            Err(OrderError::Twice("evidence metrics".into()))
        );
        assert_eq!(order("u", vec![gate("a", &people)], vec![]), Err(OrderError::NotForJobs("gate base/a".into())));
        assert!(matches!(order("u", vec![gate("a", &json!({"magic": {}}))], vec![]), Err(OrderError::Malformed(_))));
        assert!(matches!(parse(b"", AnsweredBy::Evaluator), Err(OrderError::Malformed(_))));
        assert!(matches!(parse(&[b'['; 200_000], AnsweredBy::Evaluator), Err(OrderError::Malformed(_))));
    }
}
