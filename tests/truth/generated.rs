//! Every method on tables that both sides make by formula (`generated.py`), and tests over many p-values, proportions
//! and scores.

use super::{Close, DIFFERENCE, KS_PROBABILITY, PROBABILITY, VALUE, agree, expected, table_of};
use modelgate::measure::benjamini_hochberg;
use modelgate::measure::drift::{Ask, Source, compare};
use modelgate::measure::fairness::calibration::calibrate;
use modelgate::measure::fairness::interval::{of_difference, of_ratio, wilson};
use modelgate::policy::check::DriftMethod;
use serde_json::Value;

pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        let mut draw = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1));
        (0..4).for_each(|_| {
            draw.unit();
        });
        draw
    }

    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 * 2f64.powi(-53)
    }
}

fn column(kind: &str, seed: u64, rows: u64, shift: f64, nulls: f64) -> String {
    let mut draw = Draw::new(seed);
    let mut text = String::from("x\n");
    for _ in 0..rows {
        let hole = draw.unit() < nulls;
        let value = cell(kind, &mut draw, shift);
        text.push_str(if hole { "\"\"" } else { &value });
        text.push('\n');
    }
    text
}

fn cell(kind: &str, draw: &mut Draw, shift: f64) -> String {
    let u = draw.unit();
    let number = match kind {
        "uniform" => u + shift,
        "bell" => u + draw.unit() + draw.unit() + shift,
        "steps" => (u * 7.0).floor() + (shift * 4.0).floor(),
        "heavy-tail" => 1.0 / (u + 0.0009765625) + shift,
        "zeros" => {
            let v = draw.unit();
            match u {
                _ if u < 0.25 => -0.0,
                _ if u < 0.5 => 0.0,
                _ => v - 0.5 + shift,
            }
        }
        "huge" => (u - 0.5) * 1e300 * (1.0 + shift),
        "subnormal" => (u * 60.0 + shift * 16.0).floor() * 5e-324,
        "big-integers" => 9_007_199_254_740_992.0 + (u * 1000.0).floor() * 2.0 + (shift * 64.0).floor() * 2.0,
        "near" => 1e9 + (u * 4096.0).floor() * 1.1920928955078125e-07 + shift,
        "instants" => {
            let at = 1_774_742_400 + ((u + shift) * 86_400.0).floor() as i64;
            let zone = (draw.unit() * 5.0).floor() as i8 - 2;
            let offset = jiff::tz::Offset::constant(zone);
            let local = offset.to_datetime(jiff::Timestamp::from_second(at).unwrap());
            let sign = if zone < 0 { '-' } else { '+' };
            return format!("{local}{sign}{:02}:00", zone.unsigned_abs());
        }
        "words" => return format!("w{}", (u * 5.0 + shift * 3.0).floor()),
        "many-words" => return format!("wört {}", (u * 400.0 + shift * 90.0).floor()),
        "booleans" => return (u < 0.5 + shift / 4.0).to_string(),
        "lengths" => return "é".repeat(1 + (u * 9.0 + shift * 4.0).floor() as usize),
        other => panic!("no kind {other}"),
    };
    format!("{number:?}")
}

/// Key, method, and what is next to nothing.
const METHODS: [(&str, DriftMethod, f64); 10] = [
    ("psi", DriftMethod::Psi, 1e-15),
    ("ks", DriftMethod::KolmogorovSmirnov, 0.0),
    ("js", DriftMethod::JensenShannon, 2e-8),
    ("w1", DriftMethod::Wasserstein, 1e-320),
    ("nw1", DriftMethod::NormalizedWasserstein, 0.0),
    ("chi", DriftMethod::ChiSquare, 1e-12),
    ("tv", DriftMethod::TotalVariation, 1e-15),
    ("v", DriftMethod::CramersV, 1e-7),
    ("missing", DriftMethod::MissingShare, 1e-15),
    ("new", DriftMethod::NewCategoryShare, 0.0),
];

#[test]
fn every_method_on_every_table() {
    let (mut cases, mut numbers) = (0, 0);
    for case in expected("generated.json")["cases"].as_array().unwrap() {
        cases += 1;
        let kind = case["kind"].as_str().unwrap();
        let whole = |key: &str| case[key].as_u64().unwrap();
        let number = |key: &str| case[key].as_f64().unwrap();
        let nulls = number("nulls");
        let reference = table_of(&column(kind, whole("seed"), whole("n"), 0.0, nulls / 2.0));
        let current = table_of(&column(kind, whole("seed") + 1, whole("m"), number("shift"), nulls));
        let methods = METHODS.iter().map(|(_, method, _)| *method).collect();
        let ask = Ask { column: "x".into(), lengths: kind == "lengths", methods };
        let answers =
            compare(Source::Rows(&reference, None), Source::Rows(&current, None), &[ask], 1).remove(0).unwrap();
        for (key, method, nothing) in METHODS {
            let what = format!("{kind} {} {} seed {}: {key}", whole("n"), whole("m"), whole("seed"));
            match (&answers[&method], &case[key]) {
                (Ok(answer), theirs @ Value::Number(_)) => {
                    numbers += 1;
                    agree(&what, answer.statistic, theirs, Close { nothing, ..VALUE });
                    if let (Some(p), theirs @ Value::Number(_)) = (answer.p(), &case[format!("{key}_p")]) {
                        numbers += 1;
                        let close = if method == DriftMethod::KolmogorovSmirnov { KS_PROBABILITY } else { PROBABILITY };
                        agree(&format!("{what} p"), p, theirs, close);
                    }
                }
                (Err(_), Value::Null) => {}
                (ours, theirs) => panic!("{what}: ours {ours:?}, theirs {theirs:?}"),
            }
        }
    }
    assert!(cases >= 200 && numbers > 2000, "{cases} cases, {numbers} numbers");
}

#[test]
fn many_tests() {
    for case in expected("generated.json")["tests"].as_array().unwrap() {
        let p: Vec<f64> = serde_json::from_value(case["p"].clone()).unwrap();
        let theirs = case["adjusted"].as_array().unwrap();
        for (ours, theirs) in benjamini_hochberg::adjust(&p).into_iter().zip(theirs) {
            agree("adjusted", ours, theirs, VALUE);
        }
    }
}

#[test]
fn proportions() {
    for case in expected("generated.json")["proportions"].as_array().unwrap() {
        let pair = |key: &str| (case[key][0].as_u64().unwrap(), case[key][1].as_u64().unwrap());
        let (high, low, confidence) = (pair("high"), pair("low"), case["confidence"].as_f64().unwrap());
        let check = |key: &str, ours: (f64, f64)| {
            let what = format!("{key} of {high:?} and {low:?} at {confidence}");
            agree(&what, ours.0, &case[key][0], DIFFERENCE);
            agree(&what, ours.1, &case[key][1], DIFFERENCE);
        };
        check("wilson", wilson(low.0, low.1, confidence));
        check("difference", of_difference(high, low, confidence));
        if case.get("ratio").is_some() {
            check("ratio", of_ratio(low, high, confidence).unwrap());
        }
    }
}

#[test]
fn calibration_errors() {
    for case in expected("generated.json")["calibrations"].as_array().unwrap() {
        let mut draw = Draw::new(case["seed"].as_u64().unwrap());
        let rows = case["rows"].as_u64().unwrap();
        let scores: Vec<f64> = (0..rows).map(|_| ((draw.unit() * 1025.0).floor() / 1024.0).min(1.0)).collect();
        let lines: String = scores.iter().map(|s| format!("{},{s:?},a\n", u8::from(draw.unit() < s * s))).collect();
        let table = table_of(&format!("y,s,g\n{lines}"));
        let groups = calibrate(&table, None, ("y", "s", "1"), &[vec![("g", "g")]]).unwrap();
        agree("calibration", groups[0]["a"].error(), &case["error"], DIFFERENCE);
    }
}
