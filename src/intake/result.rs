//! The evaluator's termination message → a result document.

use crate::policy::ResultDocument;
use crate::policy::finding::clean;
use crate::policy::result::{RESULT_LIMIT, RESULT_SCHEMA};
use crate::release::facts::JobProblem;

/// The document in a termination message, or why there is none. Exit code 0 is not enough: what counts
/// is the document.
pub fn result(message: &str, exit_code: i32) -> Result<ResultDocument, JobProblem> {
    let bad = |what: String| JobProblem::BadResult(clean(&what, 160));
    if message.is_empty() {
        return Err(JobProblem::NoResult(exit_code));
    }
    // The kubelet cuts at 4,096 bytes: a longer message did not come from it.
    if message.len() > RESULT_LIMIT {
        return Err(bad(format!("it is longer than {RESULT_LIMIT} bytes")));
    }
    let document: ResultDocument =
        serde_json::from_str(message).map_err(|e| bad(format!("it is not the expected JSON document: {e}")))?;
    if document.schema != RESULT_SCHEMA {
        return Err(bad(format!("its schema is {:?}, expected {RESULT_SCHEMA}", document.schema)));
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        assert_eq!(result("", 137), Err(JobProblem::NoResult(137)));
        let good = r#"{"schema":"modelgate.dev/result/v1","run":"u","results":[]}"#;
        assert_eq!(result(good, 0).map(|d| d.run), Ok("u".to_owned()));
        let long = format!("{good}{}", " ".repeat(4097 - good.len()));
        for bad in ["{", "[]", &long, &good.replace("v1", "v2"), &good[..30], r#"{"schema":1}"#] {
            assert!(matches!(result(bad, 0), Err(JobProblem::BadResult(_))), "{bad:.40}");
        }
    }
}
