//! What a contract declares about its data as a whole. Nothing here is measured.

use jiff::Timestamp;

/// Everything that is declared, as far as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declarations {
    /// What the people whose data it is agreed to.
    pub purposes: Option<Vec<String>>,
    /// The first moment at which it may be kept no longer.
    pub keep_until: Option<Timestamp>,
    /// Where it lies.
    pub servers: Vec<Server>,
}

/// A place where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub name: String,
    pub encryption: Declaration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declaration {
    /// Nobody says.
    Absent,
    No,
    /// How.
    Said(String),
}
