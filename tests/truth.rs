//! The measures give what Fairlearn and SciPy give on the same tables. Definitions: `truth/README.md`.

use modelgate::measure::Table;
use modelgate::measure::drift::{Answer, Ask, NotComparable, Source, compare};
use modelgate::measure::fairness::{Rate, Roles, Undefined, count};
use modelgate::measure::ks_probability;
use modelgate::measure::table::Cell;
use modelgate::policy::check::{DriftMethod, FairnessMeasure};
use serde_json::Value;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

#[path = "truth/flights.rs"]
mod flights;
#[path = "truth/generated.rs"]
mod generated;
#[path = "truth/planted.rs"]
mod planted;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn expected(name: &str) -> Vec<Value> {
    let path = Path::new(ROOT).join("tests/truth/expected").join(name);
    let document: Value = serde_json::from_reader(File::open(path).unwrap()).unwrap();
    document["cases"].as_array().unwrap().clone()
}

fn file(path: &str) -> Table {
    Table::open(File::open(Path::new(ROOT).join(path)).unwrap()).unwrap()
}

fn side(side: &Value) -> Table {
    match side.get("file") {
        Some(path) => file(path.as_str().unwrap()),
        None => formula(&side["formula"]),
    }
}

fn formula(formula: &Value) -> Table {
    let whole = |name: &str| formula[name].as_u64().unwrap();
    let divisor = formula["divisor"].as_f64().unwrap();
    let mut text = String::from("x\n");
    for i in 0..whole("rows") {
        let value = ((i * whole("multiplier") + whole("offset")) % whole("modulus")) as f64 / divisor;
        text.push_str(&format!("{value:?}\n"));
    }
    table_of(&text)
}

fn table_of(text: &str) -> Table {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    Table::open(file).unwrap()
}

#[track_caller]
fn agree(what: &str, ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what}: no number is expected, ours is {ours}"));
    let close = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
    assert!(close, "{what}: ours {ours:?}, theirs {theirs:?}, apart {:e}", (ours - theirs).abs());
}

#[test]
fn fairness() {
    let mut numbers = 0;
    for case in expected("fairness.json") {
        let name = case["name"].as_str().unwrap();
        let column = |role: &str| case["columns"][role].as_str().unwrap();
        let protected = [vec![("group", column("group"))]];
        let roles = Roles {
            label: Some(column("label")),
            prediction: column("prediction"),
            protected: &protected,
            favorable: case["favorable"].as_str().unwrap(),
        };
        let groups = &count(&file(case["table"].as_str().unwrap()), None, roles).unwrap()[0];
        let theirs = case["groups"].as_object().unwrap();
        assert!(groups.0.keys().eq(theirs.keys()), "{name}: {:?}", groups.0.keys());
        for (group, counts) in &groups.0 {
            assert_eq!(Some(counts.rows), theirs[group]["count"].as_u64(), "{name} {group}");
            let rates = [
                ("selection_rate", counts.rate(Rate::Selection)),
                ("tpr", counts.rate(Rate::TruePositive)),
                ("fpr", counts.rate(Rate::FalsePositive)),
            ];
            for (rate, ours) in rates {
                match ours {
                    Some(ours) => agree(&format!("{name} {group} {rate}"), ours, &theirs[group][rate]),
                    None => assert!(theirs[group][rate].is_null(), "{name} {group} {rate}"),
                }
            }
        }
        let measures = [
            ("demographic_parity_difference", FairnessMeasure::DemographicParityDifference),
            ("demographic_parity_ratio", FairnessMeasure::DemographicParityRatio),
            ("equal_opportunity_difference", FairnessMeasure::EqualOpportunityDifference),
            ("equalized_odds_difference", FairnessMeasure::EqualizedOddsDifference),
        ];
        for (measure, ours) in measures {
            let theirs = &case["measures"][measure];
            match groups.measure(ours) {
                Ok(gap) => {
                    numbers += 1;
                    agree(&format!("{name} {measure}"), gap.value, &theirs["value"]);
                }
                Err(undefined) => {
                    let why = match undefined {
                        Undefined::OneGroup => "OneGroup",
                        Undefined::NoFavorableLabels => "NoFavorableLabels",
                        Undefined::NoUnfavorableLabels => "NoUnfavorableLabels",
                        Undefined::NoFavorablePredictions => "NoFavorablePredictions",
                        Undefined::NobodySelected => "NobodySelected",
                    };
                    assert_eq!(theirs["why"], why, "{name} {measure}");
                }
            }
        }
    }
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

/// The name of a reason in the expected values.
fn why(unlike: &NotComparable) -> &'static str {
    match unlike {
        NotComparable::Null | NotComparable::NullReference | NotComparable::NullCurrent => "AllNull",
        NotComparable::ConstantReference => "ConstantReference",
        NotComparable::OneValue => "OneValue",
        NotComparable::NotNumeric => "NotNumeric",
        NotComparable::UnsupportedType(_) => "UnsupportedType",
        NotComparable::NotText => "NotText",
        NotComparable::FewValues | NotComparable::FewValuesOnOneSide => "FewValues",
        NotComparable::DifferentTypes => "DifferentTypes",
        NotComparable::NotFinite => "NotFinite",
        NotComparable::NotInProfile => "NotInProfile",
    }
}

/// Compares every case by one method; `number` is what an expected answer is compared by.
fn drift(method: DriftMethod, key: &str, check: impl Fn(&str, &Answer, &Value)) -> usize {
    let mut numbers = 0;
    for case in expected("drift.json") {
        let (reference, current) = (side(&case["reference"]), side(&case["current"]));
        let theirs = case["columns"].as_object().unwrap();
        let asks: Vec<Ask> = reference
            .columns()
            .iter()
            .map(|column| Ask { column: column.clone(), lengths: false, methods: [method].into() })
            .collect();
        assert_eq!(asks.len(), theirs.len());
        let answers = compare(Source::Rows(&reference, None), Source::Rows(&current, None), &asks, 2);
        for (ask, answers) in asks.iter().zip(answers) {
            let what = format!("{} {} {key}", case["name"], ask.column);
            let theirs = &theirs[&ask.column][key];
            match answers.unwrap().remove(&method).unwrap() {
                Ok(answer) => {
                    numbers += 1;
                    check(&what, &answer, theirs);
                }
                // One value on both sides is, for PSI, one value in the reference.
                Err(NotComparable::OneValue) if key == "psi" => {
                    assert_eq!(theirs["why"], "ConstantReference", "{what}")
                }
                Err(unlike) => assert_eq!(theirs["why"], why(&unlike), "{what}"),
            }
        }
    }
    numbers
}

#[test]
fn population_stability_index() {
    let numbers = drift(DriftMethod::Psi, "psi", |what, ours, theirs| agree(what, ours.statistic, &theirs["value"]));
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

#[test]
fn chi_square() {
    let numbers = drift(DriftMethod::ChiSquare, "chi_square", |what, ours, theirs| {
        agree(what, ours.statistic, &theirs["statistic"]);
        agree(&format!("{what} p"), ours.p().unwrap(), &theirs["p"]);
    });
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

#[test]
fn kolmogorov_smirnov() {
    let numbers = drift(DriftMethod::KolmogorovSmirnov, "ks", |what, ours, theirs| {
        agree(what, ours.statistic, &theirs["statistic"]);
        agree(&format!("{what} p"), ours.p().unwrap(), &theirs["p_auto"]);
    });
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

/// Gates compare the exact probability of small samples; the other one must hold there too.
#[test]
fn asymptotic_probability() {
    let mut numbers = 0;
    for case in expected("drift.json") {
        let sizes = [&case["reference"], &case["current"]].map(|side| side_sizes(side, &case["columns"]));
        for (column, theirs) in case["columns"].as_object().unwrap() {
            let theirs = &theirs["ks"];
            if theirs["p_asymp"].is_null() {
                continue;
            }
            let [n, m] = [sizes[0][column], sizes[1][column]];
            let size = (n * m / (n + m)).round_ties_even() as u64;
            let p = ks_probability::of_one_sample(size, theirs["statistic"].as_f64().unwrap()).unwrap();
            agree(&format!("{} {column}", case["name"]), p, &theirs["p_asymp"]);
            numbers += 1;
        }
    }
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

/// How many cells of each column are not empty.
fn side_sizes(one: &Value, columns: &Value) -> std::collections::BTreeMap<String, f64> {
    let table = side(one);
    columns
        .as_object()
        .unwrap()
        .keys()
        .map(|column| {
            let mut size = 0.0;
            let count = |row: &[Cell<'_>]| {
                size += if row[0] == Cell::Null { 0.0 } else { 1.0 };
                Ok(())
            };
            table.visit(&[table.position(column).unwrap()], None, count).unwrap();
            (column.clone(), size)
        })
        .collect()
}
