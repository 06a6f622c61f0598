//! Names of the document formats that checks read. What recognises and reads them lives in `evidence`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a document may be asked for; a format may serve several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Metrics,
    Tests,
    Vulnerabilities,
    Documentation,
    Explanation,
    Provenance,
    Contract,
}

impl Subject {
    /// To be read after "holds no".
    pub fn words(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Tests => "test results",
            Self::Vulnerabilities => "vulnerability scan",
            Self::Documentation => "documentation",
            Self::Explanation => "explanation",
            Self::Provenance => "signed statement",
            Self::Contract => "data contract",
        }
    }
}

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident = $words:literal: $($subject:ident)+;)+) => {
        /// A format by the name that a policy gives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Format { $($(#[$doc])* $name,)+ }

        impl Format {
            pub const ALL: &'static [Format] = &[$(Format::$name,)+];

            /// With its article: `a Trivy report`.
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }

            /// The name in a policy.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The format of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|format| format.name() == name)
            }

            /// Whether it can answer what is asked.
            pub fn holds(self, subject: Subject) -> bool {
                match self { $(Self::$name => [$(Subject::$subject),+].contains(&subject),)+ }
            }
        }
    };
}

formats! {
    Alibi = "an Alibi explanation": Explanation;
    Aif360 = "an AIF360 metric explanation": Metrics;
    Bandit = "a Bandit report": Vulnerabilities;
    CargoAudit = "a cargo-audit report": Vulnerabilities;
    Croissant = "a Croissant data set description": Documentation;
    Csv = "CSV": Metrics Explanation;
    CycloneDx = "a CycloneDX document": Metrics Vulnerabilities Documentation;
    Deepchecks = "a Deepchecks suite result": Tests;
    Dsse = "a DSSE envelope": Provenance;
    /// 0.7 and newer.
    Evidently = "an Evidently report": Metrics Tests;
    /// 0.6 and older.
    EvidentlyLegacy = "an Evidently report (0.6 or older)": Metrics Tests;
    Explanation = "an explanation of modelgate.dev/explanation/v1": Explanation;
    /// `by_group` of a MetricFrame as JSON.
    Fairlearn = "Fairlearn metrics by group": Metrics;
    Garak = "a garak report": Tests Metrics;
    GreatExpectations = "a Great Expectations validation result": Tests Metrics;
    Grype = "a Grype report": Vulnerabilities;
    /// Markdown with YAML front matter.
    HuggingFace = "a Hugging Face card": Metrics Documentation;
    InTotoStatement = "an in-toto statement": Provenance;
    InTotoTestResult = "an in-toto test result": Tests Provenance;
    InTotoVulns = "an in-toto vulnerability scan": Vulnerabilities Provenance;
    Inspect = "an Inspect log": Tests Metrics;
    InterpretMl = "an InterpretML explanation": Explanation;
    JUnit = "a JUnit report": Tests;
    Json = "JSON": Metrics Explanation;
    Kubeflow = "Kubeflow Pipelines metrics": Metrics;
    LmEval = "lm-evaluation-harness results": Tests Metrics;
    Markdown = "Markdown": Documentation;
    MlFlow = "an MLflow run": Metrics;
    ModelCardToolkit = "a Model Card Toolkit card": Metrics Documentation;
    ModelPack = "a ModelPack configuration": Documentation;
    /// Open Data Contract Standard, version 3.
    Odcs = "a data contract (ODCS)": Contract;
    OpenLineage = "OpenLineage events": Tests;
    Osv = "an OSV-Scanner report": Vulnerabilities;
    PermutationImportance = "scikit-learn permutation importances": Explanation;
    PipAudit = "a pip-audit report": Vulnerabilities;
    Presidio = "Presidio findings": Metrics;
    Promptfoo = "promptfoo results": Tests Metrics;
    Sarif = "SARIF": Vulnerabilities;
    Shap = "a SHAP explanation": Explanation;
    SigstoreBundle = "a Sigstore bundle": Provenance;
    Spdx = "an SPDX 3 document": Metrics Documentation;
    Trivy = "a Trivy report": Vulnerabilities;
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_a_policy_writes() {
        for format in Format::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
        assert!(Format::Evidently.holds(Subject::Tests) && !Format::Evidently.holds(Subject::Documentation));
    }
}
