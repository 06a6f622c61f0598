use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Statements signed by trusted keys and identities say what was made, how and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.aboutModel || (has(self.subjects) && size(self.subjects) > 0)").message("ask for statements about the model (aboutModel) or about evidence (subjects)"))]
#[x_kube(validation = Rule::new("(has(self.keys) && size(self.keys) > 0) || (has(self.identities) && size(self.identities) > 0)").message("name who may sign: keys, or identities with their authorities"))]
#[x_kube(validation = Rule::new("self.threshold <= (has(self.keys) ? size(self.keys) : 0) + (has(self.identities) && size(self.identities) > 0 ? 1 : 0)").message("threshold is more than there are keys and, of all identities, one"))]
#[x_kube(validation = Rule::new("(has(self.identities) && size(self.identities) > 0) == (has(self.trustedRoot) || (has(self.authorities) && size(self.authorities) > 0))").message("identities need who issues their certificates (authorities or trustedRoot), and that needs identities"))]
#[x_kube(validation = Rule::new("(has(self.identities) && size(self.identities) > 0) || !((has(self.logs) && size(self.logs) > 0) || (has(self.timestampAuthorities) && size(self.timestampAuthorities) > 0))").message("logs and timestampAuthorities are for identities: what a key signed is not looked up"))]
pub struct ProvenanceCheck {
    /// Names of the evidence that holds the statements: DSSE envelopes or Sigstore bundles, one or one a line. Each of them must hold.
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub evidence: Vec<Name>,
    /// Keys that may sign. Keys that a release brings along count nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub keys: Vec<TrustedKeySpec>,
    /// Who may sign with a certificate that one of the authorities issued to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub identities: Vec<IdentitySpec>,
    /// Who issues certificates to identities. Certificates that a release brings along are trusted only if one of these issued them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub authorities: Vec<AuthoritySpec>,
    /// Authorities, time stamp authorities and logs as Sigstore's trusted_root.json names them, beside the ones here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_root: Option<TrustedRootJson>,
    /// Public keys of transparency logs. If there are any, here or in trustedRoot, what a certificate signed must stand in one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub logs: Vec<TrustedKeySpec>,
    /// Who says when something was signed (RFC 3161).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub timestamp_authorities: Vec<AuthoritySpec>,
    /// How many different signers, keys and at most one identity, must have signed each statement.
    #[serde(default = "one_signer")]
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

fn one_signer() -> u32 {
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

/// Somebody whom a certificate names: exactly one of uri, email and dnsName, among its alternative names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.uri), has(self.email), has(self.dnsName)].filter(x, x).size() == 1").message("an identity has exactly one of uri, email and dnsName"))]
pub struct IdentitySpec {
    /// What findings call it.
    pub name: Name,
    /// A URI, such as that of a workflow; one that ends in * stands for all that start so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<Uri>,
    /// An e-mail address; *@ before a domain stands for everybody there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// A host name, without pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<HostName>,
    /// The OpenID issuer that vouched for the name and that the certificate must name (Fulcio's extension). Left out: the certificate must name none, as those of an authority of your own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Uri>,
}

/// Who issues certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthoritySpec {
    /// What you call it.
    pub name: Name,
    /// Its certificates, at most eight. Each is trusted by itself: an intermediate without its root is enough, and a root trusts every intermediate below it.
    pub pem: CertificatesPem,
    /// From then on it is not trusted: what was signed later counts nothing.
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
