use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows say no more about people than they may: no personal data where there must be none, tokens that are tokens, no column that is not needed, nobody alone in their group. And the data's contract declares what it must.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.declared) || has(self.personalData) || has(self.redacted) && size(self.redacted) > 0 || has(self.allowedColumns) && size(self.allowedColumns) > 0 || has(self.anonymity)").message("ask for at least one of personalData, redacted, allowedColumns, anonymity and declared"))]
#[x_kube(validation = Rule::new("has(self.evidence) == (has(self.personalData) || has(self.redacted) && size(self.redacted) > 0 || has(self.allowedColumns) && size(self.allowedColumns) > 0 || has(self.anonymity))").message("evidence holds the rows: name it when something is asked of them, and only then"))]
pub struct PrivacyCheck {
    /// Evidence with the rows: CSV, JSON lines, Parquet or Arrow IPC. Left out when only declared is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Name>,
    /// Columns that hold no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_data: Option<PersonalDataSpec>,
    /// Columns that hold nothing but tokens or masks, and no personal data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub redacted: Vec<RedactedSpec>,
    /// The only columns that there may be; a name that ends in * stands for all that start so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    pub allowed_columns: Vec<Word>,
    /// How many rows are alike in what could tell who somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymity: Option<AnonymitySpec>,
    /// What the data's contract must declare. Declarations are words of whoever wrote the contract; nothing of them is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<DeclaredSpec>,
}

/// What the contract of the data (ODCS) must declare about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("has(self.consent) || has(self.retention) || has(self.storage)").message("ask for at least one of consent, retention and storage"))]
pub struct DeclaredSpec {
    /// Evidence with the contract.
    pub evidence: Name,
    /// The contract must be one of these. The policy chooses it, not the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub digests: Vec<DigestText>,
    /// The people whose data it is agreed to what it is used for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentSpec>,
    /// The day until which the data may be kept is not past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<RetentionSpec>,
    /// Every server that holds the data is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageSpec>,
}

/// Which purposes must be among those that people agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentSpec {
    /// The contract's custom property that lists the purposes.
    #[serde(default = "consent_purposes")]
    pub property: Word,
    /// What the data is used for. Left out: the release's declared purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub uses: Vec<Word>,
}

fn consent_purposes() -> Word {
    "consentPurposes".into()
}

/// How long the data may still be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetentionSpec {
    /// The contract's custom property with the last day, in UTC, or the moment.
    #[serde(default = "retention_until")]
    pub property: Word,
    /// Fewest days that must be left.
    #[serde(default)]
    #[schemars(range(min = 0, max = 36500))]
    pub min_days: u32,
}

fn retention_until() -> Word {
    "retentionUntil".into()
}

/// How the data must be encrypted where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StorageSpec {
    /// The custom property of each server that says how it is encrypted.
    #[serde(default = "encryption")]
    pub property: Word,
    /// Ways of encryption that count, exactly as declared. Left out: true, yes, and ways that are known (AES, aws:kms, CMEK, TDE, LUKS, …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub encryption: Vec<Word>,
}

fn encryption() -> Word {
    "encryption".into()
}

/// What must not be found, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.columns) && size(self.columns) > 0) || !(has(self.except) && size(self.except) > 0)").message("name columns or except, not both"))]
#[x_kube(validation = Rule::new("!has(self.maxShare) || !has(self.maxCells)").message("say maxShare or maxCells, not both"))]
#[x_kube(validation = Rule::new("!has(self.maxShare) || double(self.maxShare) >= 0.0 && double(self.maxShare) < 1.0").message("maxShare is a share, from 0 to less than 1: 0.05 is five percent"))]
pub struct PersonalDataSpec {
    /// What is looked for. Left out: all of it. docs/checks/privacy.md says what each finds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub detectors: Vec<DetectorName>,
    /// Columns that are looked at; all of them must be there. Left out: every column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    pub columns: Vec<Word>,
    /// Columns that are not looked at; a name that ends in * stands for all that start so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    pub except: Vec<Word>,
    /// Largest good share of a column's cells, in quotes and below 1, for each detector; "0" when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_share: Option<DecimalText>,
    /// The same as a number of cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 50000000))]
    pub max_cells: Option<u32>,
}

macro_rules! detectors {
    ($($(#[$doc:meta])* $name:ident)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[schemars(inline)]
        pub enum DetectorName { $($name,)+ }

        impl DetectorName {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As written in a policy.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

detectors! {
    Email Phone Iban PaymentCard UsSsn EsDni ItCodiceFiscale NlBsn PlPesel FrNir DeSteuerId CnResidentId BrCpf
    NoFodselsnummer IpAddress Coordinates Secret PersonName
}

/// Columns that were redacted or tokenized, and what every cell of them looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.form != 'Mask' || !has(self.prefix) && !has(self.length) && !has(self.minEntropy)").message("a mask has no prefix, length or entropy"))]
#[x_kube(validation = Rule::new("self.form != 'Mask' || !has(self.clearText)").message("a mask is no clear text: leave clearText out"))]
#[x_kube(validation = Rule::new("self.form != 'Uuid' || !has(self.length)").message("a UUID has its own length"))]
pub struct RedactedSpec {
    /// Their names. All of them must be there.
    #[schemars(length(min = 1, max = 256))]
    pub columns: Vec<Word>,
    /// Mask: nothing but * # X x • and the like. Hex, Base64 (either alphabet), Uuid, Alphanumeric: tokens of one length.
    pub form: TokenFormName,
    /// What stands before each token, for example tok_.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Word>,
    /// Characters of each token behind the prefix. Left out: any number, the same in all cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4096))]
    pub length: Option<u32>,
    /// Fewest bits of entropy of a character, in quotes, over all tokens of a column: at most 4 for Hex, 6 for Base64. Numbers that count up have little of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_entropy: Option<DecimalText>,
    /// A sample of what the tokens stand for. No token may be one of its values, encoded, or hashed without salt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_text: Option<ClearTextSpec>,
}

/// What tokens must not give away. At most 500,000 different values are compared; a column with more is refused: take a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClearTextSpec {
    /// Evidence with the clear text: CSV, JSON lines, Parquet or Arrow IPC.
    pub evidence: Name,
    /// Its column.
    pub column: Word,
    /// The evidence must be one of these. The policy chooses the sample, not the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub digests: Vec<DigestText>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum TokenFormName {
    Mask,
    Hex,
    Base64,
    Uuid,
    Alphanumeric,
}

/// k-anonymity and, for sensitive columns, distinct l-diversity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.l) == (has(self.sensitive) && size(self.sensitive) > 0)").message("sensitive and l belong together"))]
pub struct AnonymitySpec {
    /// Columns that together could tell who somebody is, such as age, postal code and sex.
    #[schemars(length(min = 1, max = 32))]
    pub quasi_identifiers: Vec<Word>,
    /// Fewest rows that are alike in all of them.
    #[schemars(range(min = 2, max = 1000000))]
    pub k: u32,
    /// Columns with what nobody may learn about somebody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub sensitive: Vec<Word>,
    /// Fewest different values of each of them among rows that are alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub l: Option<u32>,
}
