//! Fills `${namespace}`, `${release}`, `${deployment}` and `${revision}` into a query. Pure.

/// What a query may ask for.
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
    #[error("the query asks for ${{{0}}}; there are namespace, release, deployment and revision")]
    Unknown(String),
    #[error("the query opens ${{ and does not close it")]
    Unclosed,
    #[error("the value of ${{{0}}} has characters that a query cannot hold")]
    Unsafe(&'static str),
}

/// The query with its variables filled in. `${1}` and the like are left for `label_replace`.
///
/// # Errors
/// An unknown name, an unclosed one, or a value that could end the quotes around it: names of objects
/// never hold such characters, so nothing is escaped.
pub fn substitute(query: &str, variables: &QueryVariables<'_>) -> Result<String, SubstituteError> {
    let (mut filled, mut rest) = (String::with_capacity(query.len() + 64), query);
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').ok_or(SubstituteError::Unclosed)?;
        filled.push_str(before);
        let (name, value) = match name {
            "namespace" => ("namespace", variables.namespace),
            "release" => ("release", variables.release),
            "deployment" => ("deployment", variables.deployment),
            "revision" => ("revision", variables.revision),
            group if !group.is_empty() && group.len() < 3 && group.bytes().all(|b| b.is_ascii_digit()) => {
                filled.push_str("${");
                filled.push_str(group);
                filled.push('}');
                rest = behind;
                continue;
            }
            other => return Err(SubstituteError::Unknown(crate::policy::finding::clean(other, 40))),
        };
        let is_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':' | b'/');
        if value.is_empty() || !value.bytes().all(is_safe) {
            return Err(SubstituteError::Unsafe(name));
        }
        filled.push_str(value);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}
