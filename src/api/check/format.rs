use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident { $($format:ident)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[schemars(inline)]
        pub enum $name {
            // Told from the document.
            #[default]
            Auto,
            $($format,)+
        }

        impl $name {
            /// Those that have a name.
            pub const ALL: &'static [Self] = &[$(Self::$format,)+];

            /// As written in a policy; `None` of `Auto`.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    Self::Auto => None,
                    $(Self::$format => Some(stringify!($format)),)+
                }
            }
        }
    )+};
}

formats! {
    /// Formats of test reports.
    TestFormatName {
        JUnit GreatExpectations Evidently EvidentlyLegacy Deepchecks InTotoTestResult LmEval Inspect Promptfoo Garak
        OpenLineage
    }
    /// Formats of vulnerability scans.
    ScanFormatName { Sarif Trivy Grype Osv CargoAudit PipAudit Bandit CycloneDx InTotoVulns }
    /// Formats of documents with metrics.
    MetricFormatName {
        Json Csv MlFlow Evidently EvidentlyLegacy LmEval Inspect Promptfoo Garak GreatExpectations Kubeflow Aif360
        Fairlearn Presidio HuggingFace ModelCardToolkit CycloneDx Spdx
    }
    /// Formats of explanations.
    ExplanationFormatName { Explanation Shap Alibi PermutationImportance InterpretMl Json Csv }
    /// Formats of documentation.
    DocumentFormatName { HuggingFace Markdown ModelCardToolkit CycloneDx Spdx Croissant ModelPack }
}
