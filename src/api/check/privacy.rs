use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows say no more about people than they may: no personal data where there must be none, tokens that are tokens, no column that is not needed, nobody alone in their group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.personalData) || has(self.redacted) && size(self.redacted) > 0 || has(self.allowedColumns) && size(self.allowedColumns) > 0 || has(self.anonymity)").message("ask for at least one of personalData, redacted, allowedColumns and anonymity"))]
pub struct PrivacyCheck {
    /// Evidence with the rows: CSV, JSON lines, Parquet or Arrow IPC.
    pub evidence: Name,
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
    Email Phone Iban PaymentCard UsSsn EsDni ItCodiceFiscale NlBsn PlPesel FrNir DeSteuerId IpAddress Coordinates Secret
    PersonName
}

/// Columns that were redacted or tokenized, and what every cell of them looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.form != 'Mask' || !has(self.prefix) && !has(self.length) && !has(self.minEntropy)").message("a mask has no prefix, length or entropy"))]
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
