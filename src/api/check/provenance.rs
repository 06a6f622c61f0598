use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Statements signed by trusted keys say what was made, how and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.aboutModel || (has(self.subjects) && size(self.subjects) > 0)").message("ask for statements about the model (aboutModel) or about evidence (subjects)"))]
#[x_kube(validation = Rule::new("self.threshold <= size(self.keys)").message("threshold is more than there are keys"))]
pub struct ProvenanceCheck {
    /// Names of the evidence that holds the statements: DSSE envelopes or Sigstore bundles, one or one a line. Each of them must hold.
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub evidence: Vec<Name>,
    /// Keys that may sign. Keys that a release brings along count nothing.
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub keys: Vec<TrustedKeySpec>,
    /// How many different keys must have signed each statement.
    #[serde(default = "one_key")]
    #[schemars(range(min = 1, max = 16))]
    pub threshold: u32,
    /// The release's model digest must be the subject of a statement. Of an OpenSSF model signature, a signed file may be it.
    #[serde(default = "yes")]
    pub about_model: bool,
    /// Evidence, by name, whose digest must be the subject of a statement too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub subjects: Vec<Name>,
    /// The only predicate types that statements may have. Left out: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub predicate_types: Vec<Uri>,
    /// The only builders that SLSA provenance may name; one that ends in * stands for all that start so. Asks for SLSA provenance of each subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub builders: Vec<Uri>,
    /// The only source repositories that SLSA provenance may name, without revision; one that ends in * stands for all that start so. Asks for SLSA provenance of each subject that names a source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub sources: Vec<Uri>,
    /// How long ago the step that made a subject may have ended. Asks for SLSA provenance of each subject that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<DurationText>,
    /// Every input of the step that made a subject must come from somewhere known. Asks for SLSA provenance of each subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<LineageSpec>,
}

fn one_key() -> u32 {
    1
}

fn yes() -> bool {
    true
}

/// A key that may sign: Ed25519, ECDSA on P-256 or P-384, or RSA of at least 2048 bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrustedKeySpec {
    /// What findings call it.
    pub name: Name,
    /// The public key.
    pub pem: PublicKeyPem,
    /// From then on its signatures count nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

/// Where inputs may come from, beside other statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineageSpec {
    /// Inputs that need no statement of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub declared: Vec<DeclaredSourceSpec>,
}

/// An input that needs no statement of its own. Its digest must be named by the step that used it all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredSourceSpec {
    /// Its URI, or a git repository without revision; one that ends in * stands for all that start so.
    pub uri: Uri,
    /// Only with this digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestText>,
}
