//! After-release gates: asks Prometheus for those that are due.

use super::prometheus::{PrometheusClient, PrometheusError, Provider, QueryVariables, finding, substitute};
use super::world::{ReleaseKey, World};
use crate::policy::{Check, Finding, FindingReason, Gate, GateKey, Outcome, check};
use crate::release::facts::Admitted;
use crate::release::{Asked, Facts, counted_at, probe_due, watched};
use futures::future::join_all;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Remembers when each gate was asked about which revision, and keeps a connection to each provider. Only in memory: after a
/// restart every gate is asked at once but those that fail or are blind, whose streaks and times are in the release's status.
#[derive(Default)]
pub struct Probes {
    asked: Mutex<HashMap<(ReleaseKey, GateKey), Asked>>,
    clients: Mutex<HashMap<String, Arc<PrometheusClient>>>,
}

impl Probes {
    /// Fills in the answers of the gates that are due, and when the next one is. An answer counts as given once it is
    /// [told](Self::told).
    pub async fn ask(&self, world: &World, key: &ReleaseKey, facts: &mut Facts, now: Timestamp) {
        let Some((running, gates)) = watched(facts) else { return };
        let hash = facts
            .replica_sets
            .iter()
            .filter(|rs| rs.template_digest.as_ref() == Some(&running.template_digest))
            .max_by_key(|rs| rs.replicas)
            .map_or("", |rs| rs.hash.as_str());
        let variables = QueryVariables {
            namespace: &facts.release.namespace,
            release: &facts.release.name,
            deployment: &facts.release.target_name,
            revision: hash,
        };
        let (due, later): (Vec<&Gate>, Vec<&Gate>) =
            gates.into_iter().partition(|gate| self.due(key, facts, running, gate, now) <= now);
        let answers = join_all(due.iter().map(|gate| self.answer(world, gate, &variables))).await;
        let just_now = (running.revision.clone(), now);
        let again = due.iter().map(|gate| probe_due(Some(&just_now), None, gate, &running.revision, now));
        let next = again.chain(later.iter().map(|gate| self.due(key, facts, running, gate, now))).min();
        facts.probes = answers.into_iter().flatten().collect();
        facts.next_probe = next;
    }

    fn due(&self, key: &ReleaseKey, facts: &Facts, running: &Admitted, gate: &Gate, now: Timestamp) -> Timestamp {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let last = asked.get(&(key.clone(), gate.key.clone()));
        probe_due(last, counted_at(facts, running, gate), gate, &running.revision, now)
    }

    /// This pass's answers are in the status. One that is not, because a write failed, is asked for again.
    pub fn told(&self, key: &ReleaseKey, facts: &Facts, now: Timestamp) {
        let Some((running, _)) = watched(facts) else { return };
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        for answer in &facts.probes {
            asked.insert((key.clone(), answer.gate.clone()), (running.revision.clone(), now));
        }
    }

    async fn answer(&self, world: &World, gate: &Gate, variables: &QueryVariables<'_>) -> Option<Finding> {
        let Check::Prometheus(asked) = &gate.check else { return None };
        let query = match substitute(&asked.query, variables) {
            Ok(query) => query,
            Err(problem) => {
                return Some(Finding::new(
                    gate.key.clone(),
                    Outcome::Error,
                    FindingReason::ExpressionInvalid,
                    problem.to_string(),
                ));
            }
        };
        let client = match self.client(world, asked) {
            Ok(Some(client)) => client,
            Ok(None) => {
                let message = format!(
                    "GateConfig names no Prometheus provider {}: a cluster admin adds it to spec.prometheus",
                    asked.provider
                );
                return Some(Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ProviderUnknown, message));
            }
            Err(error) => return Some(finding(&gate.key, asked, &Err(error))),
        };
        Some(finding(&gate.key, asked, &client.query(&query).await))
    }

    fn client(
        &self,
        world: &World,
        asked: &check::Prometheus,
    ) -> Result<Option<Arc<PrometheusClient>>, PrometheusError> {
        let config = world.gate_configs.named("modelgate");
        let config = config.as_ref().and_then(|c| c.read().ok());
        let Some(provider) = config.and_then(|c| c.spec.prometheus.iter().find(|p| *p.name == *asked.provider)) else {
            return Ok(None);
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&provider.url.0) {
            return Ok(Some(client.clone()));
        }
        let made = PrometheusClient::new(&Provider { url: provider.url.to_string(), bearer_token: None, ca: None })?;
        let made = Arc::new(made);
        clients.insert(provider.url.to_string(), made.clone());
        Ok(Some(made))
    }

    /// Forgets a release that is gone.
    pub fn forget(&self, key: &ReleaseKey) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).retain(|(release, _), _| release != key);
    }
}
