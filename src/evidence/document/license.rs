//! Licenses that a document states, for each model or data set that it describes: SPDX identifiers or expressions where
//! it writes such, else its own words.

use super::card::Card;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Format;
use serde_json::Value;
use std::collections::BTreeMap;

/// Bytes that the licenses of all packages of an SPDX document have together: many packages may share long ones.
const MAX_LICENSES: usize = 8 << 20;

/// Licenses of each part; one that states none has an empty list.
pub type Licenses = Vec<Vec<String>>;

/// `license` of the front matter. A card says `other` when it names its own.
pub fn of_card(card: &Card) -> Licenses {
    let mut stated = Vec::new();
    if let Some(value) = card.value("license") {
        add(value, &mut stated);
    }
    if let Some(named) = card.value("license_name")
        && stated == ["other"]
    {
        stated.clear();
        add(named, &mut stated);
    }
    vec![stated]
}

/// Of the parts of a document in JSON that [`super::structured::read`] reads.
pub fn of_json(format: Format, parts: &[Node<'_>], root: &Node<'_>) -> Result<Licenses, EvidenceError> {
    match format {
        Format::CycloneDx => parts.iter().map(of_component).collect(),
        Format::Spdx => of_packages(parts, root),
        Format::ModelCardToolkit => {
            let mut stated = Vec::new();
            let details = root.get("model_details");
            for license in details.map(|details| details.items_of("licenses")).transpose()?.unwrap_or_default() {
                add(license.any(&["identifier", "custom_text"]).unwrap_or(license).value(), &mut stated);
            }
            Ok(vec![stated])
        }
        Format::ModelPack => {
            let mut stated = Vec::new();
            for license in root.need("descriptor", "an object")?.items_of("licenses")? {
                add(license.value(), &mut stated);
            }
            Ok(vec![stated])
        }
        _ => {
            let mut stated = Vec::new();
            if let Some(license) = root.get("license") {
                add(license.value(), &mut stated);
            }
            Ok(vec![stated])
        }
    }
}

fn of_component(component: &Node<'_>) -> Result<Vec<String>, EvidenceError> {
    let mut stated = Vec::new();
    for choice in component.items_of("licenses")? {
        let license = choice.get("license").unwrap_or_else(|| choice.clone());
        add(license.any(&["expression", "id", "name"]).unwrap_or(choice).value(), &mut stated);
    }
    Ok(stated)
}

/// SPDX 3 keeps licenses in elements of their own, and relationships between them and packages.
fn of_packages(packages: &[Node<'_>], root: &Node<'_>) -> Result<Licenses, EvidenceError> {
    let mut expressions: BTreeMap<&str, &str> = BTreeMap::new();
    let mut stated: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for element in root.need("@graph", "a list of elements")?.items()? {
        if let (Some(id), Some(expression)) = (id(&element)?, element.text_of("simplelicensing_licenseExpression")?) {
            expressions.insert(id, expression);
        }
        let kind = element.get("relationshipType").and_then(|kind| kind.value().as_str());
        if let (Some("hasDeclaredLicense" | "hasConcludedLicense"), Some(from)) = (kind, element.text_of("from")?) {
            for to in element.items_of("to")? {
                stated.entry(from).or_default().push(to.text()?);
            }
        }
    }
    let mut bytes = 0_usize;
    let mut of_package = |package: &Node<'_>| {
        let licenses = id(package)?.and_then(|id| stated.get(id)).map(Vec::as_slice).unwrap_or_default();
        let mut told = Vec::new();
        for license in licenses {
            let license = known(expressions.get(license).copied().unwrap_or(license));
            bytes = bytes.saturating_add(size_of::<String>()).saturating_add(license.len());
            if bytes > MAX_LICENSES {
                return Err(EvidenceError::TooLarge { what: "bytes in licenses of its packages", limit: MAX_LICENSES });
            }
            told.push(license);
        }
        Ok(told)
    };
    packages.iter().map(&mut of_package).collect()
}

fn id<'a>(element: &Node<'a>) -> Result<Option<&'a str>, EvidenceError> {
    element.any(&["spdxId", "@id"]).map(|id| id.text()).transpose()
}

/// Text, or several, or a work with an address or a name. What is none of these is stated in JSON, and no license.
fn add(value: &Value, stated: &mut Vec<String>) {
    let each = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(known(text)),
        Value::Object(work) => {
            let told = ["url", "@id", "name"].iter().find_map(|key| work.get(*key)?.as_str());
            Some(told.map_or_else(|| value.to_string(), known))
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Some(value.to_string()),
    };
    match value {
        Value::Array(items) => stated.extend(items.iter().filter_map(each)),
        one => stated.extend(each(one)),
    }
}

/// The SPDX identifier that an address of SPDX or Creative Commons stands for, else the text as it is.
fn known(text: &str) -> String {
    let text = text.trim();
    let address = text.strip_prefix("https://").or(text.strip_prefix("http://")).unwrap_or(text);
    if let Some(page) = address.strip_prefix("spdx.org/licenses/") {
        return page.strip_suffix(".html").or(page.strip_suffix(".json")).unwrap_or(page).to_owned();
    }
    let mut steps = address.strip_prefix("creativecommons.org/").unwrap_or_default().split('/');
    match (steps.next(), steps.next(), steps.next()) {
        (Some("publicdomain"), Some("zero"), Some(version)) => format!("CC0-{version}"),
        (Some("licenses"), Some(kind), Some(version)) => format!("CC-{}-{version}", kind.to_uppercase()),
        (_, _, _) => text.to_owned(),
    }
}
