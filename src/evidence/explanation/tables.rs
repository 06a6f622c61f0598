//! Importances as other tools write them. None of these says which model it is about.

use super::Explanation;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use serde_json::Value;

/// `feature,importance` lines.
pub fn read_csv(text: &str, read: &mut Explanation) -> Result<(), EvidenceError> {
    let unreadable = |why: String| EvidenceError::Unreadable { format: "CSV", why };
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| unreadable(e.to_string()))?.clone();
    // Other names, such as name and value, are those of tables of anything.
    let column = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let (Some(name), Some(value)) = (column("feature"), column("importance")) else {
        return Err(unreadable("the header names no columns feature and importance".to_owned()));
    };
    for row in reader.records() {
        let row = row.map_err(|e| unreadable(e.to_string()))?;
        let (Some(feature), Some(cell)) = (row.get(name), row.get(value)) else {
            return Err(unreadable("a line is too short".to_owned()));
        };
        let number: f64 = cell.trim().parse().map_err(|_| {
            let cell: String = cell.chars().take(20).collect();
            unreadable(format!("{cell:?} is no number"))
        })?;
        read.add(feature.trim(), number)?;
    }
    Ok(())
}

/// An object of features and numbers (XGBoost's `get_score`), or a list of `{"feature", "importance"}`.
pub fn read_object(node: &Node<'_>, read: &mut Explanation) -> Result<(), EvidenceError> {
    if node.value().is_array() {
        for item in node.items()? {
            let value = item.need("importance", "a number")?;
            read.add(item.need("feature", "a feature's name")?.text()?, value.number()?)?;
        }
        return Ok(());
    }
    for (feature, value) in node.entries()? {
        read.add(feature, value.number()?)?;
    }
    Ok(())
}

/// Two lists side by side.
pub fn read_columns(node: &Node<'_>, names: &str, values: &str, read: &mut Explanation) -> Result<(), EvidenceError> {
    let names = node.get(names).ok_or_else(|| node.wrong("a report with a list of feature names"))?;
    let values = node.get(values).ok_or_else(|| node.wrong("a report with a list of importances"))?;
    add_lists(&names, &values, read)
}

fn add_lists(names: &Node<'_>, values: &Node<'_>, read: &mut Explanation) -> Result<(), EvidenceError> {
    let (names, all): (Vec<_>, Vec<_>) = (names.items()?.collect(), values.items()?.collect());
    if names.len() != all.len() {
        return Err(values.wrong("a list as long as that of the names"));
    }
    for (name, value) in names.iter().zip(&all) {
        read.add(name.text()?, value.number()?)?;
    }
    Ok(())
}

/// The attributes of SHAP's `Explanation`: `values` has a row for each case; with a row of classes inside it, those
/// are added up. A feature's importance is its mean size.
pub fn read_shap(node: &Node<'_>, read: &mut Explanation) -> Result<(), EvidenceError> {
    let names: Vec<_> = node.need("feature_names", "a list of names")?.items()?.collect();
    let values = node.need("values", "a list of rows")?;
    let sizes = mean_sizes(&values, names.len())?;
    read.local = values.items()?.count() as u64;
    for (name, size) in names.iter().zip(sizes) {
        read.add(name.text()?, size)?;
    }
    Ok(())
}

fn mean_sizes(values: &Node<'_>, features: usize) -> Result<Vec<f64>, EvidenceError> {
    let mut sums = vec![0.0; features];
    let mut rows = 0u64;
    for row in values.items()? {
        rows += 1;
        let mut cells = 0;
        for (sum, cell) in sums.iter_mut().zip(row.items()?) {
            cells += 1;
            *sum += match cell.value() {
                Value::Array(_) => {
                    let classes = cell.items()?.map(|class| class.number().map(f64::abs));
                    classes.sum::<Result<f64, _>>()?
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    cell.number()?.abs()
                }
            };
        }
        if cells != features || row.items()?.count() != features {
            return Err(row.wrong("a row with a number for each feature name"));
        }
    }
    if rows == 0 {
        return Err(values.wrong("a list with at least one row"));
    }
    Ok(sums.into_iter().map(|sum| sum / rows as f64).collect())
}

/// Alibi's KernelShap and TreeShap: the ranking over all classes, else the values of each class.
pub fn read_alibi(node: &Node<'_>, read: &mut Explanation) -> Result<(), EvidenceError> {
    let data = node.need("data", "an object")?;
    let importances = data.get("raw").and_then(|raw| raw.get("importances"));
    let classes: Vec<_> = data.items_of("shap_values")?;
    if let Some(first) = classes.first() {
        read.local = first.items()?.count() as u64;
    }
    if let Some(all) = importances.and_then(|importances| importances.get("aggregated")) {
        let names = all.need("names", "a list of names")?;
        return add_lists(&names, &all.need("ranked_effect", "a list of numbers")?, read);
    }
    let names: Vec<_> = data.need("feature_names", "a list of names")?.items()?.collect();
    if classes.is_empty() {
        return Err(data.wrong("data with shap_values or a ranking"));
    }
    let mut sums = vec![0.0; names.len()];
    for class in &classes {
        for (sum, size) in sums.iter_mut().zip(mean_sizes(class, names.len())?) {
            *sum += size;
        }
    }
    for (name, sum) in names.iter().zip(sums) {
        read.add(name.text()?, sum)?;
    }
    Ok(())
}
