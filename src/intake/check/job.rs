use super::limits;
use crate::api;
use crate::intake::{IntakeError, seconds};
use crate::policy::check::{CustomJob, Toleration, Variable};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn compile(at: &str, c: &api::JobCheck) -> Result<CustomJob, IntakeError> {
    let wrong = |problem: String| IntakeError::Shape { at: at.to_owned(), problem };
    // Tags move; the API server asks for a digest too, files on a laptop have not met it.
    if !c.image.rsplit_once("@sha256:").is_some_and(|(name, hex)| !name.is_empty() && hex.len() == 64) {
        return Err(wrong(format!("image {} is not named by its digest: write NAME@sha256:…", &*c.image)));
    }
    let mut names = BTreeSet::new();
    for variable in &c.env {
        if variable.name.starts_with("MODELGATE_") {
            return Err(wrong(format!(
                "variable {}: names that begin with MODELGATE_ are the operator's",
                variable.name.0
            )));
        }
        if !names.insert(&*variable.name) {
            return Err(wrong(format!("variable {} stands twice", variable.name.0)));
        }
    }
    let timeout_seconds = c.timeout.as_ref().map(|text| seconds(&format!("{at}, timeout"), text)).transpose()?;
    if timeout_seconds.is_some_and(|seconds| !(1..=86_400).contains(&seconds)) {
        return Err(wrong("timeout is between 1s and 24h".to_owned()));
    }
    let resources = c.resources.clone().unwrap_or_default();
    let told = |amounts: BTreeMap<String, api::QuantityText>| {
        amounts.into_iter().map(|(name, amount)| (name, amount.to_string())).collect()
    };
    Ok(CustomJob {
        image: c.image.to_string(),
        command: c.command.iter().map(ToString::to_string).collect(),
        args: c.args.iter().map(ToString::to_string).collect(),
        env: c.env.iter().map(|v| Variable { name: v.name.to_string(), value: v.value.clone() }).collect(),
        evidence: c.evidence.iter().map(ToString::to_string).collect(),
        requests: told(resources.requests),
        limits: told(resources.limits),
        node_selector: c.node_selector.iter().map(|(label, value)| (label.clone(), value.0.clone())).collect(),
        tolerations: c.tolerations.iter().map(|t| toleration(t).map_err(wrong)).collect::<Result<_, _>>()?,
        timeout_seconds,
        image_pull_secrets: c.image_pull_secrets.iter().map(ToString::to_string).collect(),
        bounds: limits(at, c.min.as_ref(), c.max.as_ref())?,
    })
}

fn toleration(t: &api::JobToleration) -> Result<Toleration, String> {
    let operator = t.operator.unwrap_or(api::TolerationOperator::Equal);
    if operator == api::TolerationOperator::Exists && t.value.is_some() {
        return Err(format!("toleration of {}: Exists takes no value", t.key));
    }
    Ok(Toleration {
        key: t.key.clone(),
        operator: format!("{operator:?}"),
        value: t.value.as_ref().map(|value| value.0.clone()),
        effect: t.effect.map(|effect| format!("{effect:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn compiled(more: Value) -> Result<CustomJob, IntakeError> {
        let mut check = json!({"image": format!("registry.example/red-team@sha256:{}", "a".repeat(64))});
        for (name, value) in more.as_object().unwrap() {
            check[name] = value.clone();
        }
        compile("policy p, gate g", &serde_json::from_value(check).unwrap())
    }

    #[test]
    fn variables_keep_their_order_and_bounds_are_told() {
        let env = json!([{"name": "B", "value": "1"}, {"name": "A", "value": "$(B)"}]);
        let job = compiled(json!({"env": env, "max": "0.1"})).unwrap();
        assert_eq!(job.env.iter().map(|variable| &*variable.name).collect::<Vec<_>>(), ["B", "A"]);
        assert!(job.bounds().is_some());
        assert_eq!(compiled(json!({})).unwrap().bounds(), None);
    }

    #[test]
    fn what_is_refused() {
        for (more, words) in [
            (json!({"image": "registry.example/red-team:latest"}), "by its digest"),
            (json!({"env": [{"name": "MODELGATE_RUN", "value": "x"}]}), "the operator's"),
            (json!({"env": [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}]}), "twice"),
            (json!({"timeout": "25h"}), "between 1s and 24h"),
            (json!({"timeout": "0s"}), "between 1s and 24h"),
            (json!({"tolerations": [{"key": "gpu", "operator": "Exists", "value": "1"}]}), "Exists takes no value"),
        ] {
            let error = compiled(more.clone()).unwrap_err().to_string();
            assert!(error.contains(words), "{more}: {error}");
        }
    }
}
