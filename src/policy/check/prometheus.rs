use crate::policy::Limits;
use crate::policy::finding::clean;
use serde::{Deserialize, Serialize};

/// One number from a Prometheus query, after release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prometheus {
    pub provider: String,
    pub query: String,
    #[serde(flatten)]
    pub limits: Limits,
}

/// What a query may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryVariable {
    Namespace,
    Release,
    Deployment,
    Revision,
}

impl QueryVariable {
    pub const ALL: [Self; 4] = [Self::Namespace, Self::Release, Self::Deployment, Self::Revision];

    /// As it stands between `${` and `}`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Release => "release",
            Self::Deployment => "deployment",
            Self::Revision => "revision",
        }
    }
}

/// Part of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryPart<'a> {
    /// As it is; `${1}` and the like belong to `label_replace`.
    Text(&'a str),
    Variable(QueryVariable),
}

/// Why a query can never be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("the query asks for ${{{0}}}; there are namespace, release, deployment and revision")]
    Unknown(String),
    #[error("the query opens ${{ and does not close it")]
    Unclosed,
}

impl Prometheus {
    /// The query, taken apart at its variables.
    ///
    /// # Errors
    /// An unknown name, or one that is not closed.
    pub fn parts(query: &str) -> Result<Vec<QueryPart<'_>>, QueryError> {
        let (mut parts, mut rest) = (Vec::new(), query);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').ok_or(QueryError::Unclosed)?;
            parts.push(QueryPart::Text(before));
            let is_group = !name.is_empty() && name.len() < 3 && name.bytes().all(|b| b.is_ascii_digit());
            let known = QueryVariable::ALL.into_iter().find(|variable| variable.name() == name);
            parts.push(match known {
                Some(variable) => QueryPart::Variable(variable),
                None if is_group => {
                    QueryPart::Text(rest.get(before.len()..rest.len() - behind.len()).unwrap_or_default())
                }
                None => return Err(QueryError::Unknown(clean(name, 40))),
            });
            rest = behind;
        }
        parts.push(QueryPart::Text(rest));
        Ok(parts)
    }
}
