//! What travels between programs: the order to the evaluator, the result from it, answers of Prometheus.

use crate::bench::{facts, gate};
use crate::corpus::{Seed, regressions, text};
use crate::harness::fuzz;
use crate::properties::{fit, printable};
use modelgate::cluster::prometheus;
use modelgate::evaluator::order;
use modelgate::intake;
use modelgate::policy::check::AnsweredBy;
use modelgate::policy::judgement::{self, ResultProblem};
use modelgate::policy::result::{EvaluationOrder, RESULT_SCHEMA, ResultDocument};
use modelgate::policy::{Check, Digest, EvidenceSource, EvidenceSpec, Finding, FindingReason, Outcome, message};
use modelgate::release::facts::JobProblem;
use serde_json::json;

const RUN: &str = "0c9b2e0e-6ad1-4f2c-9d7c-3f0a5a3c2f11";

fn order() -> EvaluationOrder {
    let source = EvidenceSource::ConfigMap { name: "c".into(), key: "k".into() };
    EvaluationOrder {
        run: RUN.into(),
        facts: facts(),
        evidence: vec![EvidenceSpec { name: "metrics".into(), source, digest: Some(Digest::of(b"x")), columns: None }],
        gates: vec![
            gate("accuracy", json!({"metric": {"evidence": "metrics", "name": "accuracy", "min": "0.8"}})),
            gate("truth", json!({"expression": {"expression": "true"}})),
        ],
    }
}

fn document(gates: usize) -> ResultDocument {
    let order = order();
    let one = |gate: &modelgate::policy::Gate| {
        Finding::new(gate.key.clone(), Outcome::Pass, FindingReason::WithinLimits, "accuracy is 0.9, asked >= 0.8")
            .with_value(0.9)
            .with_threshold(">= 0.8")
            .with_evidence([Digest::of(b"x")])
    };
    ResultDocument {
        schema: RESULT_SCHEMA.into(),
        run: RUN.into(),
        order: Digest::of_json(&order).ok(),
        results: order.gates.iter().take(gates).map(one).collect(),
    }
}

/// What was said passes a gate only when it is one whole document about this run.
fn judged(said: &str, document: &ResultDocument, order: &EvaluationOrder) -> Result<(), String> {
    let whole = serde_json::from_str::<serde_json::Value>(said).is_ok_and(|said| said["schema"] == RESULT_SCHEMA);
    match judgement::findings(document, order) {
        Ok(findings) => {
            let of_this_run = document.run == RUN && whole;
            findings.iter().try_for_each(|finding| fit(finding, of_this_run))
        }
        Err(ResultProblem::OtherRun | ResultProblem::OtherOrder) => Ok(()),
        Err(ResultProblem::Bad(why)) => printable("problem", &why, 256),
    }
}

/// A pod's last words are taken for what they say only when they are one whole document about this run.
#[test]
fn result() {
    let written =
        |name: &str, document: &ResultDocument| Seed { name: name.into(), bytes: message::write(document).unwrap() };
    let mut seeds = vec![written("whole", &document(2)), written("one gate", &document(1))];
    seeds.push(Seed { name: "refusal".into(), bytes: message::refusal(RUN, "the order is empty") });
    let packed = format!(
        r#"{{"schema":"{RESULT_SCHEMA}","run":"{RUN}","reasons":["WithinLimits","ExpressionTrue"],"packed":"P0=0.9,P1"}}"#
    );
    seeds.push(text("packed", &packed));
    seeds.extend(regressions("result"));
    let order = order();
    fuzz("result", &seeds, |bytes| {
        let said = String::from_utf8_lossy(bytes);
        let document = match intake::result(&said, 0, &order) {
            // Nobody guesses the order's digest; what is behind it is to be tried, too.
            Ok(document) => ResultDocument { order: Digest::of_json(&order).ok(), ..document },
            Err(JobProblem::BadResult(why)) => return printable("problem", &why, 160),
            Err(_) => return Ok(()),
        };
        judged(&said, &document, &order)
    });
}

/// What somebody else's container writes is taken as a pass only when it is one whole document about this gate.
#[test]
fn own_result() {
    let job = json!({"job": {"image": "red-team@sha256:0", "requests": {}, "limits": {}, "max": "0.5"}});
    let order = EvaluationOrder { evidence: vec![], gates: vec![gate("red-team", job)], ..order() };
    let key = &order.gates[0].key;
    let seed = |name: &str, result: &str| {
        text(name, &format!(r#"{{"schema":"{RESULT_SCHEMA}","run":"{RUN}","results":[{{"gate":"{key}",{result}}}]}}"#))
    };
    let mut seeds = vec![
        seed("pass", r#""outcome":"Pass","value":0.25,"message":"1 of 4","evidence":[]"#),
        seed("text", r#""outcome":"Fail","value":"0.75","threshold":"<= 0.5""#),
        seed("undecided", r#""outcome":"Inconclusive""#),
    ];
    seeds.extend(regressions("own_result"));
    fuzz("own_result", &seeds, |bytes| {
        let said = String::from_utf8_lossy(bytes);
        let document = match intake::own_result(&said, 0, &order) {
            Ok(document) => document,
            Err(JobProblem::BadResult(why)) => return printable("problem", &why, 160),
            Err(_) => return Ok(()),
        };
        judged(&said, &document, &order)
    });
}

#[test]
fn evaluation_order() {
    let mut all = order();
    all.gates.extend([
        gate("card", json!({"documentation": {"evidence": "card", "sections": [{"heading": "Use", "minWords": 1}]}})),
        gate("drift", json!({"drift": {"reference": "a", "current": "b", "method": "PSI", "compare": "Statistic", "threshold": "0.2", "maxDriftedShare": "0.3"}})),
    ]);
    let mut seeds = vec![Seed { name: "order".into(), bytes: serde_json::to_vec(&all).unwrap() }];
    seeds.push(Seed { name: "short order".into(), bytes: serde_json::to_vec_pretty(&order()).unwrap() });
    seeds.extend(regressions("evaluation_order"));
    let file = tempfile::NamedTempFile::new().unwrap();
    fuzz("evaluation_order", &seeds, |bytes| {
        std::fs::write(file.path(), bytes).unwrap();
        match order::read(file.path(), AnsweredBy::Evaluator) {
            Ok(order) if order.gates.is_empty() || order.gates.len() > 128 => {
                Err(format!("{} gates", order.gates.len()))
            }
            Ok(_) => Ok(()),
            Err(error) => {
                // What the termination log then says.
                let refusal = message::refusal("", &error.to_string());
                if refusal.len() > modelgate::policy::result::RESULT_LIMIT {
                    return Err(format!("a refusal of {} bytes", refusal.len()));
                }
                match message::read(&refusal, &[]) {
                    Err(message::MessageError::Refused(why)) => printable("refusal", &why, 256),
                    other => Err(format!("{other:?}")),
                }
            }
        }
    });
}

/// One finite number, or none: never a pass on what is not an answer.
#[test]
fn prometheus_answers() {
    let vector =
        |series: &str| format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{series}]}}}}"#);
    let one = r#"{"metric":{"model":"mortgage"},"value":[1767225600.123,"0.25"]}"#;
    let mut seeds = vec![
        text("one", &vector(one)),
        text("two", &vector(&format!("{one},{one}"))),
        text("none", &vector("")),
        text("no number", &vector(&one.replace("0.25", "NaN"))),
        text("histogram", &vector(r#"{"metric":{},"histogram":[1,{"count":"1","sum":"2"}]}"#)),
        text("scalar", r#"{"status":"success","data":{"resultType":"scalar","result":[1767225600,"1e3"]}}"#),
        text("matrix", r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#),
        text("warning", &vector(one).replacen('{', r#"{"warnings":["a store did not answer"],"#, 1)),
        text("refused", r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#),
    ];
    seeds.extend(regressions("prometheus_answers"));
    let check = json!({"prometheus": {"provider": "main", "query": "up", "max": "1000000"}});
    let gate = gate("errors", check);
    let Check::Prometheus(check) = &gate.check else { panic!() };
    let finding = |bytes: &[u8]| prometheus::finding(&gate.key, check, &prometheus::read(bytes));
    assert_eq!(finding(&seeds[0].bytes).outcome, Outcome::Pass);
    fuzz("prometheus_answers", &seeds, |bytes| {
        let answer: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
        let readable = answer.is_some_and(|answer| answer["status"] == "success");
        fit(&finding(bytes), readable)
    });
}
