//! A number among earlier ones, and two rankings of features (`series.py`).

use super::{DIFFERENCE, agree, expected};
use modelgate::evidence::explanation::{overlap, rank_correlation};
use modelgate::policy::check::{AgainstHistory, Metric};
use modelgate::policy::{Decimal, Limits, Outcome};
use std::collections::BTreeMap;

/// What the gate says when so many deviations are allowed.
fn allowed(earlier: &[f64], value: f64, deviations: f64) -> Outcome {
    let against = AgainstHistory {
        last: 20,
        fewest: 3,
        max_deviations: Decimal::parse(&format!("{deviations:.15}")).unwrap(),
        values: earlier.iter().map(|number| format!("{number:?}")).collect(),
    };
    let metric = Metric {
        evidence: "metrics".into(),
        format: None,
        name: "accuracy".into(),
        limits: Limits::default(),
        against_admitted: None,
        against_baseline: None,
        against_history: Some(against),
        slice: None,
    };
    metric.judge(value, None).unwrap().outcome
}

#[test]
fn deviations_from_the_median_of_earlier_numbers() {
    let mut told = 0;
    for case in expected("series.json")["histories"].as_array().unwrap() {
        let earlier: Vec<f64> = serde_json::from_value(case["earlier"].clone()).unwrap();
        let value = case["value"].as_f64().unwrap();
        match case["deviations"].as_f64() {
            // The number itself is no one's to see: a gate turns there, to 1e-9 on either side.
            Some(theirs) if theirs > 1e-3 => {
                told += 1;
                assert_eq!(allowed(&earlier, value, theirs * (1.0 + 1e-9)), Outcome::Pass, "{case}");
                assert_eq!(allowed(&earlier, value, theirs * (1.0 - 1e-9)), Outcome::Fail, "{case}");
            }
            Some(_) => assert_eq!(allowed(&earlier, value, 1e-3), Outcome::Pass, "{case}"),
            // All earlier ones are the same: another is infinitely far.
            None => assert_eq!(allowed(&earlier, value, 1e9), Outcome::Fail, "{case}"),
        }
    }
    assert!(told > 40, "{told}");
}

#[test]
fn rankings_of_features() {
    let mut told = 0;
    for case in expected("series.json")["rankings"].as_array().unwrap() {
        let [one, two]: [BTreeMap<String, f64>; 2] = serde_json::from_value(case["sides"].clone()).unwrap();
        match rank_correlation(&one, &two) {
            Some(ours) => {
                told += 1;
                agree(&case.to_string(), ours, &case["correlation"], DIFFERENCE);
            }
            None => assert!(case["correlation"].is_null(), "{case}"),
        }
        for (k, theirs) in case["overlaps"].as_object().unwrap() {
            assert_eq!(overlap(&one, &two, k.parse().unwrap()), theirs.as_f64(), "{case}: top {k}");
        }
    }
    assert!(told > 30, "{told}");
}
