//! What is installed against what is shipped.

use super::{Installed, Shipped};

/// At most this many objects are named; the rest is counted.
const NAMED: usize = 5;

/// Why the hold cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    #[error("the admission policies were not checked yet")]
    NotChecked,
    #[error(
        "this API server does not serve MutatingAdmissionPolicy in admissionregistration.k8s.io/v1: Kubernetes 1.36 or newer can hold, an older one can only audit"
    )]
    ServerTooOld,
    #[error("GateConfig modelgate, which the admission policies read, {0}")]
    Parameter(String),
    #[error("{}", sentence(.missing, .altered))]
    Altered { missing: Vec<String>, altered: Vec<String> },
    #[error("the admission policies are there and do not answer: {0}")]
    Silent(String),
}

impl Weakness {
    /// What a release says about it. Cluster-wide detail stays with GateConfig, so that releases are not
    /// written again for each of it.
    pub fn summary(&self) -> String {
        match self {
            Self::NotChecked | Self::ServerTooOld => self.to_string(),
            Self::Parameter(_) => {
                "GateConfig modelgate is missing or cannot be read: a cluster admin should apply it again".to_owned()
            }
            Self::Altered { .. } => {
                "the admission policies in the API server are not those of this Modelgate: a cluster \
                admin should apply them again; GateConfig modelgate names them"
                    .to_owned()
            }
            Self::Silent(_) => {
                "the admission policies are there and do not answer; GateConfig modelgate says more".to_owned()
            }
        }
    }
}

fn sentence(missing: &[String], altered: &[String]) -> String {
    let tell = |what: &str, names: &[String]| match names.len() {
        0 => None,
        n if n <= NAMED => Some(format!("{what}: {}", names.join(", "))),
        n => Some(format!("{what}: {} and {} more", names[..NAMED].join(", "), n - NAMED)),
    };
    let told: Vec<String> =
        [tell("missing, or without the label app.kubernetes.io/part-of=modelgate", missing), tell("altered", altered)]
            .into_iter()
            .flatten()
            .collect();
    told.join("; ")
}

/// Ok when everything shipped is installed with the very same spec, and the policies find GateConfig.
pub fn compare(shipped: &[Shipped], installed: &impl Installed) -> Result<(), Weakness> {
    if shipped.iter().any(|rule| !installed.serves(rule.kind)) {
        return Err(Weakness::ServerTooOld);
    }
    let (mut missing, mut altered) = (Vec::new(), Vec::new());
    for rule in shipped {
        let name = || format!("{} {}", rule.kind.as_str(), rule.name);
        match installed.spec(rule.kind, &rule.name) {
            None => missing.push(name()),
            Some(spec) if spec != rule.spec => altered.push(name()),
            Some(_) => {}
        }
    }
    if !missing.is_empty() || !altered.is_empty() {
        return Err(Weakness::Altered { missing, altered });
    }
    installed.parameter().map_err(Weakness::Parameter)
}

#[cfg(test)]
mod tests {
    use super::super::{RuleKind, shipped};
    use super::*;
    use crate::policy::Digest;
    use std::collections::BTreeMap;

    #[derive(Clone)]
    struct Server {
        unserved: Vec<RuleKind>,
        rules: BTreeMap<(RuleKind, String), Digest>,
        parameter: Result<(), String>,
    }

    impl Installed for Server {
        fn serves(&self, kind: RuleKind) -> bool {
            !self.unserved.contains(&kind)
        }
        fn spec(&self, kind: RuleKind, name: &str) -> Option<Digest> {
            self.rules.get(&(kind, name.to_owned())).cloned()
        }
        fn parameter(&self) -> Result<(), String> {
            self.parameter.clone()
        }
    }

    fn well() -> (Vec<Shipped>, Server) {
        let shipped = shipped().unwrap();
        let rules = shipped.iter().map(|s| ((s.kind, s.name.clone()), s.spec.clone())).collect();
        (shipped, Server { unserved: Vec::new(), rules, parameter: Ok(()) })
    }

    #[test]
    fn what_is_shipped_passes_and_more_does_not_matter() {
        let (shipped, mut server) = well();
        assert_eq!(compare(&shipped, &server), Ok(()));
        server.rules.insert((RuleKind::ValidatingPolicy, "modelgate-own".to_owned()), Digest::of(b"x"));
        assert_eq!(compare(&shipped, &server), Ok(()));
    }

    #[test]
    fn each_one_missing_or_altered_is_named() {
        let (shipped, server) = well();
        for rule in &shipped {
            let name = format!("{} {}", rule.kind.as_str(), rule.name);
            let key = (rule.kind, rule.name.clone());
            let mut without = server.clone();
            without.rules.remove(&key);
            let problem = compare(&shipped, &without).unwrap_err();
            assert_eq!(problem, Weakness::Altered { missing: vec![name.clone()], altered: vec![] });
            assert!(problem.to_string().ends_with(&format!("modelgate: {name}")), "{problem}");
            let mut other = server.clone();
            other.rules.insert(key, Digest::of(b"{}"));
            let problem = compare(&shipped, &other).unwrap_err();
            assert_eq!(problem.to_string(), format!("altered: {name}"));
        }
    }

    #[test]
    fn a_binding_does_not_stand_for_its_policy() {
        let (shipped, mut server) = well();
        let binding = server.rules.remove(&(RuleKind::MutatingBinding, "modelgate-hold".to_owned())).unwrap();
        server.rules.insert((RuleKind::ValidatingBinding, "modelgate-hold".to_owned()), binding);
        assert!(compare(&shipped, &server).is_err());
    }

    #[test]
    fn nothing_installed_is_told_in_one_short_sentence() {
        let (shipped, mut server) = well();
        server.rules.clear();
        let told = compare(&shipped, &server).unwrap_err().to_string();
        assert!(told.ends_with(&format!("and {} more", shipped.len() - NAMED)), "{told}");
        assert!(told.len() < 600, "{told}");
    }

    #[test]
    fn an_older_server_and_a_missing_parameter() {
        for kind in RuleKind::ALL {
            let (shipped, mut server) = well();
            server.unserved.push(kind);
            assert_eq!(compare(&shipped, &server), Err(Weakness::ServerTooOld));
        }
        let (shipped, mut server) = well();
        server.parameter = Err("does not exist".to_owned());
        assert_eq!(compare(&shipped, &server), Err(Weakness::Parameter("does not exist".to_owned())));
    }
}
