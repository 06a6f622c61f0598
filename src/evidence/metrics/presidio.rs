//! What Presidio's analyzer found in one text (a list), or in several (a list of lists). `count` is how often it found
//! anything, `score` the highest score of all; `EMAIL_ADDRESS` and `EMAIL_ADDRESS.score` are the same of one kind. A
//! kind that was not found has no name: the findings do not tell which kinds were looked for.

use super::{MAX_NAME, Metrics, Reading};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use std::collections::BTreeMap;

const PRESIDIO: &str = "Presidio findings";

pub fn read(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let mut all = Found::default();
    let mut kinds: BTreeMap<&str, Found> = BTreeMap::new();
    for item in node.items()? {
        if item.value().is_array() {
            item.items()?.try_for_each(|item| read_one(&item, &mut all, &mut kinds))?;
        } else {
            read_one(&item, &mut all, &mut kinds)?;
        }
    }
    metrics.add("count".to_owned(), Reading::Number(all.count as f64), PRESIDIO)?;
    metrics.add("score".to_owned(), Reading::Number(all.score), PRESIDIO)?;
    for (kind, found) in kinds {
        metrics.add(kind.to_owned(), Reading::Number(found.count as f64), PRESIDIO)?;
        metrics.add(format!("{kind}.score"), Reading::Number(found.score), PRESIDIO)?;
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    count: u64,
    score: f64,
}

impl Found {
    fn add(&mut self, score: f64) {
        self.count = self.count.saturating_add(1);
        self.score = self.score.max(score);
    }
}

fn read_one<'a>(item: &Node<'a>, all: &mut Found, kinds: &mut BTreeMap<&'a str, Found>) -> Result<(), EvidenceError> {
    let kind = item.need("entity_type", "a kind of entity")?;
    let name = kind.text()?;
    if name.len() > MAX_NAME {
        return Err(kind.wrong("a kind of entity with a shorter name"));
    }
    let score = item.need("score", "a score")?;
    let number = score.number()?;
    if !(0.0..=1.0).contains(&number) {
        return Err(score.wrong("between 0 and 1"));
    }
    all.add(number);
    kinds.entry(name).or_default().add(number);
    Ok(())
}
