//! The evaluator's termination message → a result document.

use crate::policy::finding::clean;
use crate::policy::{EvaluationOrder, GateKey, ResultDocument, message};
use crate::release::facts::JobProblem;

/// The document in a termination message, or why there is none. Exit code 0 is not enough: what counts
/// is the document.
pub fn result(text: &str, exit_code: i32, order: &EvaluationOrder) -> Result<ResultDocument, JobProblem> {
    let keys: Vec<GateKey> = order.gates.iter().map(|gate| gate.key.clone()).collect();
    message::read(text.as_bytes(), &keys).map_err(|error| match error {
        message::MessageError::Empty => JobProblem::NoResult(exit_code),
        other => JobProblem::BadResult(clean(&other.to_string(), 160)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::OrderFacts;

    #[test]
    fn messages() {
        let order = EvaluationOrder { run: "u".into(), facts: OrderFacts::default(), evidence: vec![], gates: vec![] };
        assert_eq!(result("", 137, &order), Err(JobProblem::NoResult(137)));
        let good = r#"{"schema":"modelgate.dev/result/v1","run":"u","results":[]}"#;
        assert_eq!(result(good, 0, &order).map(|d| d.run), Ok("u".to_owned()));
        let long = format!("{good}{}", " ".repeat(4097 - good.len()));
        for bad in ["{", "[]", &long, &good.replace("v1", "v2"), &good[..30], r#"{"schema":1}"#] {
            assert!(matches!(result(bad, 0, &order), Err(JobProblem::BadResult(_))), "{bad:.40}");
        }
    }
}
