//! `modelgate profile`.

use crate::{code, err, modelgate, out};
use modelgate::policy::Digest;

#[test]
fn a_profile_stands_for_the_rows_it_was_made_of() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("training.profile.json").display().to_string();
    let made = modelgate(&["profile", "examples/mortgage/evidence/v2/training.csv", "-o", &path]);
    assert_eq!(code(&made), 0, "{}", err(&made));
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(err(&made).trim(), Digest::of(&bytes).as_str());
    // Every time the same bytes, wherever they go.
    let again = modelgate(&["profile", "examples/mortgage/evidence/v2/training.csv"]);
    assert_eq!(again.stdout, bytes);
    // The policy of the example names the digest of the rows, so only one that names the profile's takes it.
    let policies = std::fs::read_to_string("examples/mortgage/k8s/base/policies.yaml").unwrap();
    let rows = Digest::of(&std::fs::read("examples/mortgage/evidence/v2/training.csv").unwrap());
    assert!(policies.contains(rows.as_str()));
    let named = temp.path().join("policies.yaml");
    std::fs::write(&named, policies.replace(rows.as_str(), Digest::of(&bytes).as_str())).unwrap();
    let evidence = format!("training={path}");
    for (policies, expected) in [("examples/mortgage/k8s/base/policies.yaml", 3), (named.to_str().unwrap(), 0)] {
        let manifests = ["examples/mortgage/k8s/v2/release.yaml", "examples/mortgage/k8s/v2/evidence.yaml"];
        let output =
            modelgate(&["check", "-f", policies, "-f", manifests[0], "-f", manifests[1], "--evidence", &evidence]);
        assert_eq!(code(&output), expected, "{}", out(&output));
    }
}

#[test]
fn what_is_no_table_has_no_profile() {
    for (table, said) in
        [("none.csv", "cannot be read"), ("examples/mortgage/evidence/v2/metrics.json", "metrics.json ")]
    {
        let output = modelgate(&["profile", table]);
        assert_eq!((code(&output), output.stdout.len()), (3, 0), "{table}");
        assert!(err(&output).contains(said), "{}", err(&output));
    }
}
