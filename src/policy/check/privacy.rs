use super::Declared;
use crate::policy::{Decimal, Digest, Limits};
use serde::{Deserialize, Serialize};

/// Rows say no more about people than they may. The number compared is how many of the things asked do not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Privacy {
    /// The rows; `None` when nothing is asked of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_data: Option<PersonalData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<Redacted>,
    /// Empty: any column may be there. One that ends in `*` stands for all that start so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymity: Option<Anonymity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
}

/// What must not be found in which columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonalData {
    /// In the order of [`Detector::ALL`], at least one.
    pub detectors: Vec<Detector>,
    pub columns: ColumnsAsked,
    pub most: MostCells,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ColumnsAsked {
    /// All of them must be there.
    Only(Vec<String>),
    /// Every column but these. One that ends in `*` stands for all that start so.
    AllBut(Vec<String>),
}

/// In how many cells of a column a detector may find something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MostCells {
    /// Of the cells that are not empty.
    Share(Decimal),
    Count(u32),
}

macro_rules! detectors {
    ($($name:ident $words:literal)+) => {
        /// One kind of personal data.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Detector { $($name,)+ }

        impl Detector {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// In a sentence.
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }

            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|detector| format!("{detector:?}") == name)
            }
        }
    };
}

detectors! {
    Email "e-mail addresses"
    Phone "phone numbers"
    Iban "IBANs"
    PaymentCard "payment cards"
    UsSsn "US SSNs"
    EsDni "DNI/NIE numbers"
    ItCodiceFiscale "codici fiscali"
    NlBsn "BSNs"
    PlPesel "PESEL numbers"
    FrNir "NIR numbers"
    DeSteuerId "Steuer-IDs"
    CnResidentId "Chinese resident IDs"
    BrCpf "CPF numbers"
    NoFodselsnummer "Norwegian fødselsnummer"
    IpAddress "IP addresses"
    Coordinates "coordinates"
    Secret "secrets"
    PersonName "names"
}

/// Columns whose cells are all tokens or masks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redacted {
    pub columns: Vec<String>,
    pub form: TokenForm,
    /// Stands before each token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Characters behind the prefix; `None`: any number, the same in all cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Bits a character, over all tokens of a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_entropy: Option<Decimal>,
    /// No token is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_text: Option<ClearText>,
}

/// A sample of what tokens stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearText {
    pub evidence: String,
    pub column: String,
    /// It must be one of these; the policy chooses it, not the release. Empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Digest>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenForm {
    Mask,
    Hex,
    Base64,
    Uuid,
    Alphanumeric,
}

impl TokenForm {
    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mask => "masks",
            Self::Hex => "hex tokens",
            Self::Base64 => "base64 tokens",
            Self::Uuid => "UUIDs",
            Self::Alphanumeric => "alphanumeric tokens",
        }
    }
}

/// Nobody is alone in their group, nor is what is sensitive the same for all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Anonymity {
    pub quasi_identifiers: Vec<String>,
    /// Fewest rows of a group.
    pub k: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// Fewest different values of each sensitive column in a group; at least 1 when there are such columns.
    pub l: u32,
}

impl Privacy {
    pub fn limits(&self) -> Limits {
        Limits::at_most(Decimal::whole(0))
    }
}

/// Whether a list of names, some of which may end in `*`, covers this one.
pub fn covers(names: &[String], name: &str) -> bool {
    names.iter().any(|listed| match listed.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => listed == name,
    })
}
