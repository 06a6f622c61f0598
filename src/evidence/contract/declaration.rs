//! What a contract declares about its data as a whole: purposes that people agreed to, until when it may be kept, where it
//! lies. The standard has no words for the first two, so they stand among its custom properties.

use crate::evidence::EvidenceError;
use crate::evidence::node::{self, Node};
use crate::policy::check::encryption;
use crate::policy::contract::{Declaration, Declarations, Server};
use jiff::Timestamp;

/// Purposes of one contract; more are refused.
const MAX_PURPOSES: usize = 256;
/// Servers of one contract.
const MAX_SERVERS: usize = 256;

/// Names of the properties that are read.
#[derive(Debug, Clone, Copy)]
pub struct Properties<'a> {
    pub purposes: &'a str,
    pub keep_until: &'a str,
    pub encryption: &'a str,
}

/// Reads what a contract declares.
///
/// # Errors
/// Those of [`crate::evidence::text`]; `Unreadable` for what is no YAML or grows by aliases; `Shape` for what is no contract of
/// version 3, and for a declaration that stands twice or is not of its form. The rest of the contract is not looked at.
pub fn declarations(bytes: &[u8], wanted: Properties<'_>) -> Result<Declarations, EvidenceError> {
    super::with_root(bytes, |node| {
        let servers = node.items_of("servers")?;
        if servers.len() > MAX_SERVERS {
            return Err(EvidenceError::TooLarge { what: "servers", limit: MAX_SERVERS });
        }
        Ok(Declarations {
            purposes: custom(node, wanted.purposes)?.map(|value| purposes(&value)).transpose()?,
            keep_until: custom(node, wanted.keep_until)?.map(|value| day(&value)).transpose()?,
            servers: servers.iter().map(|server| self::server(server, wanted.encryption)).collect::<Result<_, _>>()?,
        })
    })
}

/// The value of a custom property, which stands at most once.
fn custom<'a>(node: &Node<'a>, wanted: &str) -> Result<Option<Node<'a>>, EvidenceError> {
    let mut found = None;
    for property in node.items_of("customProperties")? {
        if property.need("property", "the property's name")?.text()? != wanted {
            continue;
        }
        let value = property.need("value", "what is declared")?;
        if found.replace(value).is_some() {
            return Err(property.wrong("a property that is declared once"));
        }
    }
    Ok(found)
}

/// A list of words, or one text with commas between them.
fn purposes(node: &Node<'_>) -> Result<Vec<String>, EvidenceError> {
    let words: Vec<&str> = match node.value().as_str() {
        Some(text) => text.split(',').collect(),
        None => node.items()?.map(|item| item.text()).collect::<Result<_, _>>()?,
    };
    if words.len() > MAX_PURPOSES {
        return Err(EvidenceError::TooLarge { what: "purposes", limit: MAX_PURPOSES });
    }
    let words: Vec<String> = words.into_iter().map(|word| word.trim().to_owned()).collect();
    if words.is_empty() || words.iter().any(String::is_empty) {
        return Err(node.wrong("a list of purposes, none of them empty"));
    }
    Ok(words)
}

/// The first moment after it: a date alone lasts until its end in UTC.
fn day(node: &Node<'_>) -> Result<Timestamp, EvidenceError> {
    let text = node.text()?.trim();
    let after = match text.parse::<jiff::civil::Date>() {
        Ok(date) if text.len() == "2026-01-31".len() => {
            date.tomorrow().ok().and_then(|next| node::time(&next.to_string()))
        }
        Ok(_) | Err(_) => node::time(text),
    };
    after.ok_or_else(|| node.wrong("a date: 2026-01-31"))
}

/// A place where the data lies, with what it says about encryption: `false` and words for no are none.
fn server(node: &Node<'_>, wanted: &str) -> Result<Server, EvidenceError> {
    let name = node.any(&["server", "id"]).map(|name| name.text()).transpose()?;
    let said = custom(node, wanted)?;
    let encryption = match said.as_ref().map(|said| (said, said.value())) {
        None => Declaration::Absent,
        Some((_, serde_json::Value::Bool(true))) => Declaration::Said("true".to_owned()),
        Some((_, serde_json::Value::Bool(false))) => Declaration::No,
        Some((said, _)) => match said.text()?.trim() {
            "" => return Err(said.wrong("a way of encryption, true or false")),
            text if encryption::is_none(text) => Declaration::No,
            text => Declaration::Said(text.to_owned()),
        },
    };
    Ok(Server { name: name.unwrap_or(node.place()).to_owned(), encryption })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const PROPERTIES: Properties<'_> =
        Properties { purposes: "consentPurposes", keep_until: "retentionUntil", encryption: "encryption" };

    fn read(more: Value) -> Result<Declarations, EvidenceError> {
        let mut contract = json!({
            "kind": "DataContract", "apiVersion": "v3.1.0", "id": "c", "version": "1.0.0", "status": "active",
        });
        contract.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        declarations(contract.to_string().as_bytes(), PROPERTIES)
    }

    fn custom(property: &str, value: Value) -> Value {
        json!({"customProperties": [{"property": "other", "value": 1}, {"property": property, "value": value}]})
    }

    #[test]
    fn what_is_declared() {
        let both = [json!(["research", " triage "]), json!("research, triage")];
        for value in both {
            let found = read(custom("consentPurposes", value)).unwrap();
            assert_eq!(found.purposes.unwrap(), ["research", "triage"]);
        }
        for (text, after) in [
            ("2026-01-31", "2026-02-01T00:00:00Z"),
            ("2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00Z"),
            (" 2026-12-31 ", "2027-01-01T00:00:00Z"),
        ] {
            let found = read(custom("retentionUntil", json!(text))).unwrap();
            assert_eq!(found.keep_until.unwrap().to_string(), after, "{text}");
        }
        assert_eq!(read(json!({})).unwrap(), Declarations::default());
    }

    #[test]
    fn where_it_lies() {
        let server =
            |value: Value| json!({"server": "lake", "customProperties": [{"property": "encryption", "value": value}]});
        let said = |text: &str| Declaration::Said(text.to_owned());
        for (value, expected) in [
            (json!("aws:kms"), said("aws:kms")),
            (json!(true), said("true")),
            (json!(false), Declaration::No),
            (json!("None"), Declaration::No),
            (json!("off"), Declaration::No),
            (json!("disabled"), Declaration::No),
            (json!("Not encrypted"), Declaration::No),
            (json!("plaintext"), Declaration::No),
            (json!("0"), Declaration::No),
            (json!("n/a"), said("n/a")),
        ] {
            let found = read(json!({"servers": [server(value.clone()), {"server": "mirror"}]})).unwrap();
            assert_eq!(found.servers[0], Server { name: "lake".into(), encryption: expected }, "{value}");
            assert_eq!(found.servers[1], Server { name: "mirror".into(), encryption: Declaration::Absent });
        }
    }

    #[test]
    fn what_is_nearly_a_declaration_says_where() {
        let twice = json!({"customProperties": [
            {"property": "retentionUntil", "value": "2026-01-31"}, {"property": "retentionUntil", "value": "2030-01-31"},
        ]});
        let server =
            |value: Value| json!({"servers": [{"customProperties": [{"property": "encryption", "value": value}]}]});
        for (more, at) in [
            (custom("consentPurposes", json!([])), "/customProperties/1/value"),
            (custom("consentPurposes", json!("")), "/customProperties/1/value"),
            (custom("consentPurposes", json!(["a", ""])), "/customProperties/1/value"),
            (custom("consentPurposes", json!(["a", 1])), "/customProperties/1/value/1"),
            (custom("consentPurposes", json!(null)), "/customProperties/1/value"),
            (custom("retentionUntil", json!("next year")), "/customProperties/1/value"),
            (custom("retentionUntil", json!(2030)), "/customProperties/1/value"),
            (twice, "/customProperties/1"),
            (server(json!("")), "/servers/0/customProperties/0/value"),
            (server(json!(1)), "/servers/0/customProperties/0/value"),
            (json!({"customProperties": {"consentPurposes": ["a"]}}), "/customProperties"),
            (json!({"servers": "s3"}), "/servers"),
        ] {
            let error = read(more.clone()).unwrap_err();
            assert!(matches!(&error, EvidenceError::Shape { at: found, .. } if found == at), "{more}: {error}");
        }
        assert!(matches!(declarations(b"kind: Pod", PROPERTIES), Err(EvidenceError::Shape { .. })));
        assert!(matches!(declarations(b"", PROPERTIES), Err(EvidenceError::Empty)));
    }
}
