//! What a verdict needs and the files do not say.

use super::object::{as_stored, held};
use super::{FileError, Files};
use crate::api::{self, labels};
use crate::cluster::lenient::Lenient;
use crate::cluster::slim;
use serde_json::json;
use std::collections::BTreeMap;

impl Files {
    /// Supposes a namespace that every policy selects, or one with these labels, and a Deployment that names the
    /// release's model. What the files say stands. Gives a sentence for each thing that was supposed.
    pub fn suppose(
        &mut self,
        namespace: &str,
        name: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<Vec<String>, FileError> {
        let mut notes = Vec::new();
        if self.world.namespaces.named(namespace).is_none() {
            self.suppose_namespace(namespace, labels)?;
        } else if !labels.is_empty() && !self.supposed.contains(namespace) {
            return Err(FileError::Unfit {
                file: "--namespace-label".to_owned(),
                object: format!("Namespace {namespace}"),
                problem: "the files hold this Namespace: give its labels there or here, not both".to_owned(),
            });
        }
        let everywhere = self.supposed.contains(namespace) && labels.is_empty();
        if everywhere {
            notes.push(format!("no Namespace {namespace} in the files: all policies apply, whatever they select"));
        }
        for policy in &self.policies {
            let mut policy = policy.clone();
            if everywhere {
                policy.spec.match_.namespace_selector = api::LabelSelector::default();
            }
            self.world.show(Lenient::Readable(policy));
        }
        let target = self.world.releases.get(namespace, name).and_then(|release| {
            let spec = &release.read().ok()?.spec;
            Some((spec.target_ref.name.to_string(), spec.model.digest.to_string()))
        });
        let Some((deployment, model)) = target else { return Ok(notes) };
        if self.world.deployments.get(namespace, &deployment).is_none() {
            self.suppose_deployment(namespace, &deployment, &model)?;
            notes.push(format!(
                "no Deployment {namespace}/{deployment} in the files: one that names the release's model is supposed"
            ));
        }
        Ok(notes)
    }

    fn suppose_namespace(&mut self, namespace: &str, labels: &BTreeMap<String, String>) -> Result<(), FileError> {
        let mut all = BTreeMap::from([(labels::ENFORCEMENT.to_owned(), "enforce".to_owned())]);
        all.extend(labels.clone());
        let mut object = json!({"metadata": {"labels": all}});
        as_stored(&mut object, "Namespace", "", namespace);
        self.show::<slim::Namespace>(object).map_err(|problem| supposed(format!("Namespace {namespace}"), problem))?;
        self.supposed.insert(namespace.to_owned());
        Ok(())
    }

    fn suppose_deployment(&mut self, namespace: &str, name: &str, model: &str) -> Result<(), FileError> {
        let image = format!("supposed@sha256:{}", "0".repeat(64));
        let mut object = json!({
            "spec": {
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}, "annotations": {labels::MODEL_DIGEST: model}},
                    "spec": {"containers": [{"name": "model", "image": image}]},
                },
            },
        });
        as_stored(&mut object, "Deployment", namespace, name);
        self.show::<slim::Deployment>(held(object)).map_err(|problem| supposed(format!("Deployment {name}"), problem))
    }
}

fn supposed(object: String, problem: String) -> FileError {
    FileError::Unfit { file: "supposed".to_owned(), object, problem }
}
