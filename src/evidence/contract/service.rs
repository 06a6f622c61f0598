//! Service levels: how old the newest value of a column may be. What the data cannot show is not evaluated.

use super::unevaluated;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::contract::{Contract, Freshness};

/// Columns whose age is asked, over all objects.
const MAX_ELEMENTS: usize = 1024;

/// Reads `slaProperties`.
pub fn read(node: &Node<'_>, contract: &mut Contract) -> Result<(), EvidenceError> {
    let default = node.text_of("slaDefaultElement")?;
    let mut elements = 0;
    for said in node.items_of("slaProperties")? {
        let property = said.need("property", "text")?.text()?;
        let at = format!("slaProperties.{property}");
        let element = said.text_of("element")?.or(default);
        let is_age = ["latency", "ly", "freshness"].iter().any(|known| property.eq_ignore_ascii_case(known));
        let known = said.entries()?.all(|(key, _)| {
            ["property", "value", "unit", "element", "driver", "description", "id", "scheduler", "schedule"]
                .contains(&key)
        });
        let age = if is_age && known { seconds(&said)? } else { None };
        match (element, age) {
            (Some(element), Some(seconds)) => {
                for one in element.split(',') {
                    elements += 1;
                    if elements > MAX_ELEMENTS {
                        return Err(EvidenceError::TooLarge {
                            what: "elements of service levels",
                            limit: MAX_ELEMENTS,
                        });
                    }
                    let (object, column) =
                        place(one.trim(), contract).ok_or_else(|| said.wrong("about a property of the schema"))?;
                    if let Some(object) = contract.objects.get_mut(object) {
                        object.freshness.push(Freshness { column, seconds });
                    }
                }
            }
            (Some(_), None) | (None, _) => contract.unevaluated.push(unevaluated("sla", at, &said)),
        }
    }
    Ok(())
}

/// The value with its unit, if it is a time that is always as long.
fn seconds(node: &Node<'_>) -> Result<Option<u64>, EvidenceError> {
    let (Some(value), Some(unit)) = (node.get("value"), node.text_of("unit")?) else { return Ok(None) };
    let second = match unit.to_ascii_lowercase().as_str() {
        "s" | "second" | "seconds" => 1.0,
        "min" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        _ => return Ok(None),
    };
    let seconds = value.number_or_text()? * second;
    // A hundred years.
    if (0.0..3.2e9).contains(&seconds) { Ok(Some(seconds as u64)) } else { Err(value.wrong("an age")) }
}

/// Object and column of an element: `applications.created_at`, or `created_at` where there is one object.
fn place(element: &str, contract: &Contract) -> Option<(usize, String)> {
    let named = |object: &str| match contract.objects_called(object)[..] {
        [place] => Some(place),
        [..] => None,
    };
    let (object, column) = match element.split_once('.') {
        Some((object, column)) => (named(object)?, column),
        None if contract.objects.len() == 1 => (0, element),
        None => return None,
    };
    let columns = &contract.objects.get(object)?.columns;
    columns.iter().find(|own| own.property == column || own.name == column).map(|own| (object, own.name.clone()))
}
