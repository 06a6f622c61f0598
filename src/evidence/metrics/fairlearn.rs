//! Fairlearn's `MetricFrame.by_group.to_json()`: for each metric an object of groups and numbers, named
//! `accuracy.F`. Beside them stands how far the groups are apart, by the names and definitions of `MetricFrame`
//! between groups: `accuracy.difference`, `accuracy.ratio`, `accuracy.group_min` and `accuracy.group_max`.

use super::{MAX_NAME, Metrics, Reading, reading};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

const FAIRLEARN: &str = "Fairlearn metrics by group";

pub fn read(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    for (name, groups) in node.entries()? {
        // Copied for every group.
        if name.len() > MAX_NAME {
            return Err(EvidenceError::TooLarge { what: "bytes in a metric's name", limit: MAX_NAME });
        }
        let values: Vec<(&str, Reading)> = match groups.value().as_object() {
            // Pandas writes NaN as null: a group without a number must not vanish from the comparison.
            Some(map) => map.iter().map(|(group, value)| (group.as_str(), reading(value))).collect(),
            None => return Err(groups.wrong("an object of groups and numbers; write by_group.to_json()")),
        };
        for (measure, number) in apart(&values) {
            metrics.add(format!("{name}.{measure}"), number, FAIRLEARN)?;
        }
        for (group, value) in values {
            metrics.add(format!("{name}.{group}"), value, FAIRLEARN)?;
        }
    }
    Ok(())
}

fn apart(values: &[(&str, Reading)]) -> [(&'static str, Reading); 4] {
    let names = ["difference", "ratio", "group_min", "group_max"];
    let numbers: Option<Vec<f64>> = values
        .iter()
        .map(|(_, value)| match value {
            Reading::Number(number) => Some(*number),
            Reading::NotFinite(_) | Reading::Other(_) => None,
        })
        .collect();
    let untold = |why: &'static str| names.map(|name| (name, Reading::Other(why)));
    let Some(numbers) = numbers else { return untold("a comparison with a group that has no number") };
    if numbers.len() < 2 {
        return untold("a comparison of fewer than two groups");
    }
    let smallest = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let told = [largest - smallest, smallest / largest, smallest, largest].map(Reading::of);
    let [difference, ratio, min, max] = told;
    [(names[0], difference), (names[1], ratio), (names[2], min), (names[3], max)]
}
