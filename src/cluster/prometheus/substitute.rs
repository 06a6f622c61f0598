//! Fills `${namespace}`, `${release}`, `${deployment}` and `${revision}` into a query. Pure.

use crate::policy::check::{Prometheus, QueryError, QueryPart, QueryVariable};

/// Values of what a query may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryVariables<'a> {
    pub namespace: &'a str,
    pub release: &'a str,
    pub deployment: &'a str,
    /// As it stands in the pods' labels.
    pub revision: &'a str,
}

/// Why a query cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubstituteError {
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("the value of ${{{0}}} has characters that a query cannot hold")]
    Unsafe(&'static str),
}

/// The query with its variables filled in.
///
/// # Errors
/// Those of [`Prometheus::parts`], or a value that could end the quotes around it: names of objects
/// never hold such characters, so nothing is escaped.
pub fn substitute(query: &str, variables: &QueryVariables<'_>) -> Result<String, SubstituteError> {
    let mut filled = String::with_capacity(query.len() + 64);
    for part in Prometheus::parts(query)? {
        let variable = match part {
            QueryPart::Text(text) => {
                filled.push_str(text);
                continue;
            }
            QueryPart::Variable(variable) => variable,
        };
        let value = match variable {
            QueryVariable::Namespace => variables.namespace,
            QueryVariable::Release => variables.release,
            QueryVariable::Deployment => variables.deployment,
            QueryVariable::Revision => variables.revision,
        };
        let is_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':' | b'/');
        if value.is_empty() || !value.bytes().all(is_safe) {
            return Err(SubstituteError::Unsafe(variable.name()));
        }
        filled.push_str(value);
    }
    Ok(filled)
}
