//! Objects that an API server refuses by the schema of their kind, and near ones that it takes. The command line is asked
//! about them without a cluster, and the API server with one: they say the same.

#![allow(dead_code, reason = "each test program reads a part of it")]

use serde_json::{Value, json};

/// An object, and what is said of it.
pub struct Refused {
    pub object: Value,
    /// Where it is wrong, and how.
    pub said: &'static str,
    /// Whether that ends with the beginning of a rule's message, which an API server says too.
    pub by_rule: bool,
}

impl Refused {
    /// The message, without the place.
    pub fn message(&self) -> &'static str {
        self.said.split_once(": ").map_or(self.said, |(_, message)| message)
    }
}

fn digest() -> String {
    format!("sha256:{}", "a".repeat(64))
}

fn pem(kind: &str) -> String {
    format!("-----BEGIN {kind}-----\nMFkw\n-----END {kind}-----\n")
}

fn named(kind: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec})
}

pub fn policy() -> Value {
    let check = json!({"evidence": "e", "name": "accuracy", "min": "0.8"});
    let selector = json!({"matchLabels": {"modelgate.dev/environment": "production"}});
    let spec = json!({"match": {"namespaceSelector": selector}, "enforcement": "Enforce",
        "gates": [{"name": "g", "metric": check}]});
    named("GovernancePolicy", "refused-or-not", spec)
}

pub fn release() -> Value {
    let spec = json!({
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"},
        "model": {"name": "m", "version": "1", "digest": digest()},
        "evidence": [{"name": "e", "configMap": {"name": "e", "key": "e.json"}}],
    });
    named("ModelRelease", "refused-or-not", spec)
}

fn action() -> Value {
    named("ReleaseAction", "refused-or-not", json!({"action": "Retry", "reason": "why", "releaseName": "m"}))
}

fn approval() -> Value {
    let spec = json!({"decision": "Approve", "reason": "why", "releaseName": "m", "subjectRef": {"kind": "GateRun", "name": "r"}});
    named("ReleaseApproval", "refused-or-not", spec)
}

/// The object with this value at a place: a field that is there or not.
fn set(mut object: Value, place: &str, value: Value) -> Value {
    let (parent, field) = place.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap_or_else(|| panic!("{place}"))[field] = value;
    object
}

fn without(mut object: Value, place: &str) -> Value {
    let (parent, field) = place.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field).unwrap();
    object
}

/// A policy with this one gate.
fn gate(fields: Value) -> Value {
    let mut gate = json!({"name": "g"});
    gate.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    set(policy(), "/spec/gates", json!([gate]))
}

/// A policy whose one gate asks this of a metric beside evidence and name.
fn metric(fields: Value) -> Value {
    asks("metric", json!({"evidence": "e", "name": "accuracy"}), fields)
}

fn fairness(fields: Value) -> Value {
    asks("fairness", json!({"evidence": "e", "attributes": ["sex"]}), fields)
}

fn drift(fields: Value) -> Value {
    asks("drift", json!({"current": "c", "reference": "r", "threshold": "0.1"}), fields)
}

fn job(fields: Value) -> Value {
    asks("job", json!({"image": format!("acme/check@{}", digest())}), fields)
}

fn privacy(fields: Value) -> Value {
    asks("privacy", json!({"evidence": "e"}), fields)
}

fn provenance(fields: Value) -> Value {
    asks("provenance", json!({"evidence": ["e"]}), fields)
}

fn asks(check: &str, mut asked: Value, fields: Value) -> Value {
    asked.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    gate(json!({check: asked}))
}

fn prometheus() -> Value {
    json!({"provider": "p", "query": "errors{namespace=\"${namespace}\"}", "max": "0.1"})
}

fn watch(interval: &str) -> Value {
    json!({"interval": interval, "onBreach": "Rollback"})
}

fn keys() -> Value {
    json!([{"name": "k", "pem": pem("PUBLIC KEY")}])
}

fn authorities() -> Value {
    json!([{"name": "a", "pem": pem("CERTIFICATE")}])
}

fn identities() -> Value {
    json!([{"name": "i", "uri": "https://git.example/acme/trainer/build.yml"}])
}

/// Every way of refusing, and every rule of the schemas that is asked when an object is made.
pub fn refused() -> Vec<Refused> {
    let rules = [rules_of_policies(), rules_of_checks(), rules_of_jobs(), rules_of_others()];
    let by = |by_rule| move |(object, said)| Refused { object, said, by_rule };
    shapes().into_iter().map(by(false)).chain(rules.into_iter().flatten().map(by(true))).collect()
}

fn shapes() -> Vec<(Value, &'static str)> {
    let min = |value: Value| metric(json!({ "min": value }));
    let tiers = |tiers: Value| set(policy(), "/spec/risk", json!({ "tiers": tiers }));
    let vulnerabilities = |most: Value| gate(json!({"vulnerabilities": {"evidence": ["e"], "maxCritical": most}}));
    let one = json!({"name": "g", "expression": {"expression": "true"}});
    let many: Vec<Value> =
        (0..65).map(|at| json!({"name": format!("g{at}"), "expression": {"expression": "true"}})).collect();
    let labels: serde_json::Map<_, _> = (0..17).map(|at| (format!("l{at}"), json!("x"))).collect();
    let source = json!({"name": "e", "configMap": {"name": "e", "key": "e.json"}});
    vec![
        // Types.
        (min(json!(0.8)), "spec.gates[0].metric.min (g): found the number 0.8, expected a string: write it in quotes"),
        (min(json!(1)), "spec.gates[0].metric.min (g): found the number 1, expected a string: write it in quotes"),
        (
            set(policy(), "/spec/match/namespaceSelector/matchLabels", json!({"on": true})),
            "spec.match.namespaceSelector.matchLabels.on: found the boolean true, expected a string: write it in quotes",
        ),
        (
            gate(json!({"metric": "accuracy"})),
            "spec.gates[0].metric (g): found \"accuracy\", expected fields with values",
        ),
        (gate(json!({"metric": []})), "spec.gates[0].metric (g): found a list, expected fields with values"),
        (set(policy(), "/spec/gates", one.clone()), "spec.gates: found fields with values, expected a list"),
        (set(policy(), "/spec/gates", json!([null])), "spec.gates[0]: found nothing, expected fields with values"),
        (vulnerabilities(json!("0")), "maxCritical (g): found \"0\", expected a whole number: write it without quotes"),
        (vulnerabilities(json!(0.5)), "maxCritical (g): found the number 0.5, expected a whole number"),
        (set(release(), "/spec", json!("m")), "spec: found \"m\", expected fields with values"),
        (without(release(), "/spec"), "spec: is missing"),
        (set(release(), "/spec/model/digest", Value::Null), "spec.model.digest: is missing"),
        (without(action(), "/spec/reason"), "spec.reason: is missing"),
        // Words.
        (
            set(policy(), "/spec/enforcement", json!("enforce")),
            "spec.enforcement: found \"enforce\", expected one of Enforce, Warn, Audit",
        ),
        (
            set(policy(), "/spec/gates/0/minTier", json!("low")),
            "spec.gates[0].minTier (g): found \"low\", expected one of Low, Medium, High, Critical",
        ),
        (
            set(approval(), "/spec/decision", json!("Yes")),
            "spec.decision: found \"Yes\", expected one of Approve, Reject",
        ),
        // Numbers.
        (
            tiers(json!({"medium": 500, "high": 600, "critical": 700})),
            "spec.risk.tiers.medium: found 500, expected from 0 to 100",
        ),
        (
            vulnerabilities(json!(-1)),
            "spec.gates[0].vulnerabilities.maxCritical (g): found -1, expected from 0 to 1000000",
        ),
        (
            set(policy(), "/spec/risk", json!({"factors": [{"factor": "GateOutcomes", "weight": 4_000_000_000_u32}]})),
            "spec.risk.factors[0].weight: found 4000000000, expected from 1 to 100",
        ),
        // Texts.
        (set(policy(), "/spec/gates/0/name", json!("g".repeat(64))), "has 64 characters, expected from 1 to 63"),
        (set(action(), "/spec/reason", json!("")), "spec.reason: is empty"),
        (
            set(release(), "/spec/model/digest", json!("sha256:abc")),
            "spec.model.digest: found \"sha256:abc\", expected a text of the form ^sha256:[0-9a-f]{64}$",
        ),
        (min(json!("eighty")), "spec.gates[0].metric.min (g): found \"eighty\", expected a text of the form "),
        (min(json!("1e3")), "spec.gates[0].metric.min (g): found \"1e3\", expected a text of the form "),
        // Lists and maps.
        (set(policy(), "/spec/gates", json!([])), "spec.gates: has 0 items, expected from 1 to 64"),
        (set(policy(), "/spec/gates", json!(many)), "spec.gates: has 65 items, expected from 1 to 64"),
        (
            set(policy(), "/spec/match/namespaceSelector/matchLabels", labels.into()),
            "spec.match.namespaceSelector.matchLabels: has 17 entries, expected at most 16",
        ),
        (
            set(policy(), "/spec/gates", json!([one, one])),
            "spec.gates[1] (g): has the same name as item [0] of the list: give each once",
        ),
        (
            set(release(), "/spec/evidence", json!([source, source])),
            "spec.evidence[1] (e): has the same name as item [0] of the list",
        ),
        (
            set(
                policy(),
                "/spec/risk",
                json!({"factors": [{"factor": "GateOutcomes", "weight": 1}, {"factor": "GateOutcomes", "weight": 2}]}),
            ),
            "spec.risk.factors[1]: has the same factor as item [0] of the list",
        ),
        (
            gate(json!({"approval": {"groups": ["risk", "risk"], "required": 1}})),
            "spec.gates[0].approval.groups[1] (g): has the same item as item [0] of the list",
        ),
        // Fields that there are not.
        (
            metric(json!({"mn": "0.8", "max": "1"})),
            "spec.gates[0].metric.mn (g): there is no such field: see kubectl explain governancepolicy.spec.gates.metric",
        ),
        (set(policy(), "/specs", json!({})), "specs: there is no such field: see kubectl explain governancepolicy"),
        // What every object has.
        (
            set(policy(), "/metadata/name", json!("My_Policy")),
            "metadata.name: found \"My_Policy\", expected a text of the form",
        ),
        (
            set(release(), "/metadata/labels", json!({"a": "b c"})),
            "metadata.labels.a: found \"b c\", expected a text of the form",
        ),
        (
            set(release(), "/metadata/labels", json!({"a": 1})),
            "metadata.labels.a: found the number 1, expected a string",
        ),
        (set(release(), "/metadata/labels", json!({"a b": "c"})), "metadata.labels: \"a b\" is no key"),
        (set(release(), "/metadata/annotations", json!({"-a": "c"})), "metadata.annotations: \"-a\" is no key"),
    ]
}

fn rules_of_policies() -> Vec<(Value, &'static str)> {
    let tiers = |tiers: Value| set(policy(), "/spec/risk", json!({ "tiers": tiers }));
    let rising = "spec.risk.tiers: tiers rise: medium < high < critical";
    let two = json!({"metric": {"evidence": "e", "name": "n", "min": "1"}, "expression": {"expression": "true"}});
    let exactly_one = "spec.gates[0] (g): a gate has exactly one check";
    let no_label = "spec.match.namespaceSelector: name at least one label";
    vec![
        (
            set(policy(), "/metadata/name", json!("p".repeat(64))),
            "the object: a policy's name has at most 63 characters",
        ),
        (set(policy(), "/spec/match/namespaceSelector", json!({})), no_label),
        (set(policy(), "/spec/match/namespaceSelector", json!({"matchLabels": {}})), no_label),
        (gate(json!({})), exactly_one),
        (gate(json!({"metric": null})), exactly_one),
        (gate(two), exactly_one),
        (gate(json!({"prometheus": prometheus()})), "spec.gates[0] (g): a prometheus gate needs watch"),
        (set(policy(), "/spec/gates/0/watch", watch("1m")), "spec.gates[0] (g): a prometheus gate needs watch"),
        (
            gate(json!({"prometheus": prometheus(), "watch": watch("1m"), "minTier": "High"})),
            "spec.gates[0] (g): a prometheus gate is asked at every tier: leave minTier out",
        ),
        (
            gate(json!({"prometheus": {"provider": "p", "query": "q"}, "watch": watch("1m")})),
            "spec.gates[0].prometheus (g): ask for min or max",
        ),
        (
            gate(json!({"prometheus": prometheus(), "watch": watch("25h")})),
            "spec.gates[0].watch.interval (g): interval is between 1s and 24h",
        ),
        (
            gate(json!({"prometheus": prometheus(), "watch": watch("0s")})),
            "spec.gates[0].watch.interval (g): interval is between 1s and 24h",
        ),
        (tiers(json!({"medium": 90, "high": 10, "critical": 5})), rising),
        // Against a default.
        (tiers(json!({"medium": 60})), rising),
        (tiers(json!({"critical": 60})), rising),
        (
            set(policy(), "/spec/risk", json!({"complexity": [{"gate": "g", "medium": "10", "high": "9"}]})),
            "spec.risk.complexity[0]: levels rise: medium < high",
        ),
    ]
}

fn rules_of_checks() -> Vec<(Value, &'static str)> {
    let stability = |fields: Value| asks("explainability", json!({"evidence": "e"}), json!({ "stability": fields }));
    let personal = |fields: Value| privacy(json!({ "personalData": fields }));
    let redacted = |fields: Value| privacy(json!({ "redacted": [fields] }));
    let anonymity = |fields: Value| privacy(json!({ "anonymity": fields }));
    let one_bound = "spec.gates[0].fairness (g): a fairness gate needs exactly one of min (for a ratio) and max";
    let which_bound = "spec.gates[0].fairness (g): a ratio needs min, a difference needs max";
    let p_value = "spec.gates[0].drift (g): only KolmogorovSmirnov and ChiSquare have a p-value";
    let rows = "spec.gates[0].privacy (g): evidence holds the rows: name it when something is asked of them";
    let limit = "ask for maxDecrease or maxIncrease";
    vec![
        (
            asks("documentation", json!({"evidence": "e"}), json!({})),
            "documentation (g): ask for at least one section, topic",
        ),
        (
            asks("documentation", json!({"evidence": "e"}), json!({"sections": []})),
            "documentation (g): ask for at least one",
        ),
        (metric(json!({})), "spec.gates[0].metric (g): ask for min, max, equal, againstAdmitted"),
        (metric(json!({"min": null})), "spec.gates[0].metric (g): ask for min, max, equal, againstAdmitted"),
        (metric(json!({"equal": "1", "max": "2"})), "spec.gates[0].metric (g): equal stands without min and max"),
        (
            metric(json!({"min": "0.9", "max": "0.1"})),
            "spec.gates[0].metric (g): no number is at least min and at most max",
        ),
        (
            metric(json!({"min": "1", "where": "row.a > 1", "format": "Json"})),
            "spec.gates[0].metric (g): where is of a table; leave format out",
        ),
        (metric(json!({"againstAdmitted": {}})), limit),
        (metric(json!({"againstBaseline": {"evidence": "b"}})), limit),
        (fairness(json!({"measure": "DemographicParityRatio"})), one_bound),
        (fairness(json!({"measure": "DemographicParityRatio", "min": "0.8", "max": "0.9"})), one_bound),
        (fairness(json!({"measure": "DemographicParityRatio", "max": "0.8"})), which_bound),
        (fairness(json!({"measure": "DemographicParityDifference", "min": "0.0"})), which_bound),
        (
            fairness(json!({"measure": "CalibrationGap", "max": "0.1", "confidence": "0.9"})),
            "spec.gates[0].fairness (g): a calibration gap has no interval: leave confidence out",
        ),
        (
            fairness(json!({"measure": "EqualizedOddsDifference", "max": "0.1", "intersections": true})),
            "spec.gates[0].fairness (g): intersections need two to four attributes",
        ),
        (
            fairness(json!({"measure": "EqualizedOddsDifference", "max": "0.1", "confidence": "0.4"})),
            "spec.gates[0].fairness (g): confidence is at least 0.5 and below 1",
        ),
        (drift(json!({"method": "PSI", "compare": "PValue"})), p_value),
        (
            drift(json!({"method": "PSI", "byColumn": [
                {"columns": ["a"], "method": "JensenShannon", "threshold": "0.1", "compare": "PValue"}]})),
            "spec.gates[0].drift.byColumn[0] (g): only KolmogorovSmirnov and ChiSquare have a p-value",
        ),
        (
            drift(json!({"method": "PSI", "correction": "BenjaminiHochberg"})),
            "spec.gates[0].drift (g): a correction is for p-values: compare PValue",
        ),
        (
            fairness(json!({"measure": "DemographicParityRatio", "min": "0.0"})),
            "spec.gates[0].fairness (g): min is a ratio, above 0 and at most 1",
        ),
        (
            fairness(json!({"measure": "EqualizedOddsDifference", "max": "1"})),
            "spec.gates[0].fairness (g): max is a difference of shares, from 0 to less than 1",
        ),
        (
            drift(json!({"method": "ChiSquare", "compare": "PValue", "threshold": "1"})),
            "spec.gates[0].drift (g): the threshold of a p-value is above 0 and below 1",
        ),
        (drift(json!({"method": "PSI", "threshold": "0"})), "spec.gates[0].drift (g): a threshold is above 0"),
        (
            drift(json!({"method": "JensenShannon", "threshold": "1.5"})),
            "spec.gates[0].drift (g): this method gives at most 1, so that a higher threshold finds nothing",
        ),
        (
            drift(json!({"method": "PSI", "maxDriftedShare": "30"})),
            "spec.gates[0].drift (g): maxDriftedShare is a share, from 0 to less than 1",
        ),
        (
            asks("explainability", json!({"evidence": "e"}), json!({"maxShare": "5"})),
            "spec.gates[0].explainability (g): maxShare is a share, from 0 to less than 1",
        ),
        (
            stability(json!({"reference": "r", "minRankCorrelation": "-1"})),
            "stability (g): a rank correlation is at least -1, which every ranking reaches",
        ),
        (
            stability(json!({"reference": "r", "overlap": {"top": 3, "min": "0"}})),
            "stability.overlap (g): min is a share, above 0 and at most 1",
        ),
        (stability(json!({"reference": "r"})), "stability (g): ask for minRankCorrelation or overlap"),
        (
            stability(
                json!({"reference": "r", "minRankCorrelation": "0.5", "againstAdmitted": true, "referenceDigests": [digest()]}),
            ),
            "stability (g): againstAdmitted fixes the reference: leave referenceDigests out",
        ),
        (
            privacy(json!({})),
            "spec.gates[0].privacy (g): ask for at least one of personalData, redacted, allowedColumns",
        ),
        (privacy(json!({"redacted": []})), "spec.gates[0].privacy (g): ask for at least one of personalData, redacted"),
        (privacy(json!({"declared": {"evidence": "d", "storage": {}}})), rows),
        (gate(json!({"privacy": {"allowedColumns": ["a"]}})), rows),
        (
            gate(json!({"privacy": {"declared": {"evidence": "d"}}})),
            "spec.gates[0].privacy.declared (g): ask for at least one of consent, retention and storage",
        ),
        (
            anonymity(json!({"k": 5, "quasiIdentifiers": ["zip"], "l": 2})),
            "anonymity (g): sensitive and l belong together",
        ),
        (
            anonymity(json!({"k": 5, "quasiIdentifiers": ["zip"], "sensitive": ["ill"]})),
            "anonymity (g): sensitive and l belong together",
        ),
        (personal(json!({"columns": ["a"], "except": ["b"]})), "personalData (g): name columns or except, not both"),
        (personal(json!({"maxShare": "0.1", "maxCells": 1})), "personalData (g): say maxShare or maxCells, not both"),
        (personal(json!({"maxShare": "5"})), "personalData (g): maxShare is a share, from 0 to less than 1"),
        (personal(json!({"maxShare": "-0.1"})), "personalData (g): maxShare is a share, from 0 to less than 1"),
        (
            redacted(json!({"columns": ["a"], "form": "Mask", "prefix": "x"})),
            "redacted[0] (g): a mask has no prefix, length or entropy",
        ),
        (
            redacted(json!({"columns": ["a"], "form": "Mask", "clearText": {"evidence": "c", "column": "a"}})),
            "redacted[0] (g): a mask is no clear text: leave clearText out",
        ),
        (
            redacted(json!({"columns": ["a"], "form": "Uuid", "length": 36})),
            "redacted[0] (g): a UUID has its own length",
        ),
        (
            provenance(json!({"keys": keys(), "aboutModel": false})),
            "spec.gates[0].provenance (g): ask for statements about the model",
        ),
        (provenance(json!({})), "spec.gates[0].provenance (g): name who may sign: keys, or identities"),
        // Above a default of 1 it counts keys.
        (
            provenance(json!({"keys": keys(), "threshold": 2})),
            "spec.gates[0].provenance (g): threshold is more than there are keys",
        ),
        (
            provenance(json!({"identities": identities()})),
            "provenance (g): identities need who issues their certificates",
        ),
        (
            provenance(json!({"keys": keys(), "authorities": authorities()})),
            "provenance (g): identities need who issues their certificates",
        ),
        (
            provenance(json!({"keys": keys(), "logs": [{"name": "l", "pem": pem("PUBLIC KEY")}]})),
            "provenance (g): logs and timestampAuthorities are for identities",
        ),
        (
            provenance(json!({"identities": [{"name": "i", "uri": "https://a.example", "email": "a@b.example"}],
                "authorities": authorities()})),
            "spec.gates[0].provenance.identities[0] (g): an identity has exactly one of uri, email and dnsName",
        ),
        (
            gate(json!({"vulnerabilities": {"evidence": ["e"]}})),
            "spec.gates[0].vulnerabilities (g): allow a number for at least one severity",
        ),
    ]
}

fn rules_of_jobs() -> Vec<(Value, &'static str)> {
    let resources =
        |requests: Value, limits: Value| job(json!({"resources": {"requests": requests, "limits": limits}}));
    let at_most = "spec.gates[0].job.resources (g): a request is at most its limit";
    vec![
        (
            job(json!({"env": [{"name": "MODELGATE_RUN", "value": "x"}]})),
            "spec.gates[0].job.env[0].name (g): names that begin with MODELGATE_ are the operator's",
        ),
        (job(json!({"timeout": "24h1s"})), "spec.gates[0].job.timeout (g): timeout is between 1s and 24h"),
        (
            job(json!({"tolerations": [{"key": "gpu", "operator": "Exists", "value": "x"}]})),
            "spec.gates[0].job.tolerations[0] (g): Exists takes no value",
        ),
        (resources(json!({"disk": "1"}), json!({})), "job.resources (g): resources are cpu, memory, ephemeral-storage"),
        (resources(json!({"cpu": "1001m"}), json!({"cpu": "1"})), at_most),
        (resources(json!({"memory": "1Gi"}), json!({"memory": "1G"})), at_most),
        (
            resources(json!({"nvidia.com/gpu": "1"}), json!({})),
            "job.resources (g): a resource with a domain, such as nvidia.com/gpu, stands in limits",
        ),
        (
            resources(json!({}), json!({"nvidia.com/gpu": "500m"})),
            "job.resources (g): of a resource with a domain, such as nvidia.com/gpu, there are whole ones only",
        ),
    ]
}

fn rules_of_others() -> Vec<(Value, &'static str)> {
    let evidence = |fields: Value| {
        let mut one = json!({"name": "e"});
        one.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        set(release(), "/spec/evidence", json!([one]))
    };
    let map = json!({"name": "e", "key": "e.json"});
    let claim = |path: &str| json!({"name": "c", "path": path});
    let name = "the object: a release's name has at most 40 characters and no dots";
    vec![
        (set(release(), "/metadata/name", json!("m".repeat(41))), name),
        (set(release(), "/metadata/name", json!("a.b")), name),
        (evidence(json!({})), "spec.evidence[0] (e): name exactly one source"),
        (
            evidence(json!({"configMap": map, "https": {"url": "https://a.example/e"}})),
            "spec.evidence[0] (e): name exactly one source",
        ),
        (
            evidence(json!({"persistentVolumeClaim": claim("a")})),
            "spec.evidence[0] (e): evidence in a volume or at an https address needs its digest",
        ),
        (
            evidence(json!({"persistentVolumeClaim": claim("a/../../b"), "digest": digest()})),
            "spec.evidence[0].persistentVolumeClaim.path (e): the path stays inside the volume: no ..",
        ),
        (set(action(), "/spec/action", json!("Unguard")), "spec: Unguard names the revision"),
        (named("GateConfig", "other", json!({})), "the object: there is one GateConfig and its name is modelgate"),
    ]
}

/// Near the others, and in order.
pub fn taken() -> Vec<Value> {
    let resources =
        |requests: Value, limits: Value| job(json!({"resources": {"requests": requests, "limits": limits}}));
    vec![
        policy(),
        release(),
        action(),
        approval(),
        set(policy(), "/spec/gates/0/remediation", Value::Null),
        set(policy(), "/spec/gates/0/metric/max", Value::Null),
        set(policy(), "/spec/gates/0/minTier", Value::Null),
        set(policy(), "/spec/risk", json!({"tiers": {"medium": 59}})),
        set(policy(), "/spec/risk", json!({"tiers": {"medium": 0, "high": 100, "critical": 101}})),
        set(policy(), "/spec/risk", json!({"complexity": [{"gate": "g", "medium": "9", "high": "10"}]})),
        set(policy(), "/metadata/name", json!("a.b")),
        set(policy(), "/metadata/labels", json!({"example.com/a_b": "", "A.b": "C_d"})),
        set(policy(), "/metadata/annotations", json!({"Example.COM/a": "any text: ü"})),
        gate(json!({"prometheus": prometheus(), "watch": watch("1s")})),
        gate(json!({"prometheus": prometheus(), "watch": watch("24h")})),
        gate(json!({"approval": {"groups": ["risk", "legal"], "required": 1}})),
        gate(json!({"metric": {"evidence": "e", "name": "n", "min": "1"}, "expression": null})),
        metric(json!({"equal": "1"})),
        metric(json!({"min": "1", "where": "row.a > 1", "format": "Auto"})),
        metric(json!({"againstAdmitted": {"maxDecrease": "0.1"}})),
        fairness(json!({"measure": "DemographicParityRatio", "min": "0.8"})),
        fairness(json!({"measure": "CalibrationGap", "max": "0.1"})),
        fairness(json!({"measure": "EqualizedOddsDifference", "max": "0.1", "confidence": "0.95"})),
        fairness(
            json!({"measure": "EqualizedOddsDifference", "max": "0.1", "attributes": ["sex", "age"], "intersections": true}),
        ),
        drift(json!({"method": "ChiSquare", "compare": "PValue", "correction": "BenjaminiHochberg"})),
        drift(json!({"method": "PSI", "correction": "None"})),
        job(json!({"timeout": "24h", "env": [{"name": "A", "value": ""}]})),
        job(json!({"tolerations": [{"key": "gpu", "value": "x"}, {"key": "gpu", "operator": "Exists"}]})),
        resources(json!({"cpu": "1000m", "memory": "512Mi"}), json!({"cpu": "1", "memory": "0.5Gi"})),
        resources(json!({"nvidia.com/gpu": "1"}), json!({"nvidia.com/gpu": "1"})),
        privacy(json!({"personalData": {"maxShare": "0.999"}})),
        privacy(json!({"anonymity": {"k": 5, "quasiIdentifiers": ["zip"], "sensitive": ["ill"], "l": 2}})),
        gate(json!({"privacy": {"declared": {"evidence": "d", "storage": {}}}})),
        provenance(json!({"keys": keys()})),
        provenance(json!({"keys": keys(), "identities": identities(), "authorities": authorities(), "threshold": 2})),
        set(action(), "/spec", json!({"action": "Unguard", "reason": "why", "releaseName": "m", "revision": digest()})),
        named("GateConfig", "modelgate", json!({})),
    ]
}
