use super::limits;
use crate::api;
use crate::intake::{IntakeError, seconds};
use crate::policy::check::CustomJob;
use std::collections::BTreeMap;

/// What a container gets whose policy says nothing about it.
const DEFAULT_LIMITS: [(&str, &str); 3] = [("cpu", "1"), ("memory", "512Mi"), ("ephemeral-storage", "2Gi")];
const DEFAULT_REQUESTS: [(&str, &str); 2] = [("cpu", "100m"), ("memory", "128Mi")];

pub(super) fn compile(at: &str, c: &api::JobCheck) -> Result<CustomJob, IntakeError> {
    let wrong = |problem: String| IntakeError::Shape { at: at.to_owned(), problem };
    // Tags move; the API server asks for a digest too, files on a laptop have not met it.
    if !c.image.rsplit_once("@sha256:").is_some_and(|(name, hex)| !name.is_empty() && hex.len() == 64) {
        return Err(wrong(format!("image {} is not named by its digest: write NAME@sha256:…", &*c.image)));
    }
    let mut env = BTreeMap::new();
    for variable in &c.env {
        if variable.name.starts_with("MODELGATE_") {
            return Err(wrong(format!(
                "variable {}: names that begin with MODELGATE_ are the operator's",
                variable.name.0
            )));
        }
        if env.insert(variable.name.to_string(), variable.value.clone()).is_some() {
            return Err(wrong(format!("variable {} stands twice", variable.name.0)));
        }
    }
    let timeout_seconds = c.timeout.as_ref().map(|text| seconds(&format!("{at}, timeout"), text)).transpose()?;
    if timeout_seconds.is_some_and(|seconds| !(1..=86_400).contains(&seconds)) {
        return Err(wrong("timeout is between 1s and 24h".to_owned()));
    }
    let (requests, most) = resources(&c.resources.clone().unwrap_or_default());
    Ok(CustomJob {
        image: c.image.to_string(),
        command: c.command.iter().map(ToString::to_string).collect(),
        args: c.args.iter().map(ToString::to_string).collect(),
        env,
        evidence: c.evidence.iter().map(ToString::to_string).collect(),
        requests,
        limits: most,
        timeout_seconds,
        image_pull_secrets: c.image_pull_secrets.iter().map(ToString::to_string).collect(),
        bounds: limits(at, c.min.as_ref(), c.max.as_ref())?,
    })
}

type Quantities = BTreeMap<String, String>;

/// Requests and limits: what is said, and the defaults for what is not mentioned in either.
fn resources(said: &api::JobResources) -> (Quantities, Quantities) {
    let told = |amounts: &BTreeMap<String, api::QuantityText>| -> Quantities {
        amounts.iter().map(|(name, amount)| (name.clone(), amount.to_string())).collect()
    };
    let (mut requests, mut limits) = (told(&said.requests), told(&said.limits));
    let unsaid = |(name, _): &(&str, &str)| !said.requests.contains_key(*name) && !said.limits.contains_key(*name);
    let owned = |(name, amount): (&str, &str)| (name.to_owned(), amount.to_owned());
    requests.extend(DEFAULT_REQUESTS.into_iter().filter(unsaid).map(owned));
    limits.extend(DEFAULT_LIMITS.into_iter().filter(unsaid).map(owned));
    (requests, limits)
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
    fn what_is_not_said_is_bounded() {
        let job = compiled(json!({})).unwrap();
        assert_eq!(job.limits["memory"], "512Mi");
        assert_eq!(job.requests["cpu"], "100m");
        let job = compiled(json!({"resources": {"limits": {"memory": "8Gi", "nvidia.com/gpu": "1"}}})).unwrap();
        assert_eq!((&*job.limits["memory"], &*job.limits["nvidia.com/gpu"], &*job.limits["cpu"]), ("8Gi", "1", "1"));
        assert!(!job.requests.contains_key("memory"), "Kubernetes takes the limit");
        assert_eq!(job.bounds(), None);
        assert!(compiled(json!({"max": "0.1"})).unwrap().bounds().is_some());
    }

    #[test]
    fn what_is_refused() {
        for (more, words) in [
            (json!({"image": "registry.example/red-team:latest"}), "by its digest"),
            (json!({"env": [{"name": "MODELGATE_RUN", "value": "x"}]}), "the operator's"),
            (json!({"env": [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}]}), "twice"),
            (json!({"timeout": "25h"}), "between 1s and 24h"),
            (json!({"timeout": "0s"}), "between 1s and 24h"),
        ] {
            let error = compiled(more.clone()).unwrap_err().to_string();
            assert!(error.contains(words), "{more}: {error}");
        }
    }
}
