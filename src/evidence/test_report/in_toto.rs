//! in-toto attestation `test-result/v0.1`, as a bare statement. Whether it is signed is not asked here.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Digest;

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    for subject in node.items_of("subject")? {
        if let Some(sha256) = subject.get("digest").and_then(|digest| digest.get("sha256")) {
            let digest = Digest::parse(&format!("sha256:{}", sha256.text()?));
            report.subjects.insert(digest.map_err(|_| sha256.wrong("a SHA-256 digest in hex"))?);
        }
    }
    let predicate = node.need("predicate", "a test result")?;
    let suite = configuration(&predicate)?;
    report.suite(&suite)?;
    let mut listed = 0u64;
    for (key, ending) in
        [("passedTests", Ending::Passed), ("warnedTests", Ending::Warned), ("failedTests", Ending::Failed)]
    {
        for test in predicate.items_of(key)? {
            report.record(&suite, test.text()?, ending)?;
            listed += 1;
        }
    }
    let result = predicate.need("result", "PASSED, WARNED or FAILED")?;
    let ending = match result.text()? {
        "PASSED" => Ending::Passed,
        "WARNED" => Ending::Warned,
        "FAILED" => Ending::Failed,
        _ => return Err(result.wrong("PASSED, WARNED or FAILED")),
    };
    // The lists are optional; the result as a whole is then the one test. It may also be worse than the lists.
    let counts = report.suite_named(&suite).unwrap_or_default();
    let told = match ending {
        Ending::Passed | Ending::Skipped | Ending::Errored => true,
        Ending::Warned => counts.warned + counts.failed > 0,
        Ending::Failed => counts.failed > 0,
    };
    if listed == 0 || !told {
        report.record(&suite, "the result as a whole", ending)?;
    }
    Ok(())
}

/// The name of what was run: the configuration's, else the workflow's address.
fn configuration(predicate: &Node<'_>) -> Result<String, EvidenceError> {
    let first = predicate.items_of("configuration")?.into_iter().next();
    let name = match &first {
        Some(configuration) => configuration.text_of("name")?.or(configuration.text_of("uri")?),
        None => None,
    };
    Ok(name.unwrap_or("in-toto").to_owned())
}
