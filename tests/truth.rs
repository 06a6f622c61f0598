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
#[path = "truth/invariance.rs"]
mod invariance;
#[path = "truth/many.rs"]
mod many;
#[path = "truth/people.rs"]
mod people;
#[path = "truth/planted.rs"]
mod planted;
#[path = "truth/series.rs"]
mod series;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn expected(name: &str) -> Value {
    let path = Path::new(ROOT).join("tests/truth/expected").join(name);
    serde_json::from_reader(File::open(path).unwrap()).unwrap()
}

fn cases(name: &str) -> Vec<Value> {
    expected(name)["cases"].as_array().unwrap().clone()
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

/// How near two numbers must be: in shares of theirs. Where theirs is not itself nearer to the truth, which is where the
/// truth is nothing, both must be next to nothing: `truth/README.md` says why for each.
#[derive(Debug, Clone, Copy)]
struct Close {
    relative: f64,
    nothing: f64,
}

const VALUE: Close = Close { relative: 1e-9, nothing: 0.0 };
const PROBABILITY: Close = Close { relative: 1e-6, nothing: 0.0 };
/// No limit of a policy, of 15 digits, tells smaller ones apart: these are not computed exactly.
const KS_PROBABILITY: Close = Close { nothing: 1e-30, ..PROBABILITY };
const DIFFERENCE: Close = Close { relative: 1e-9, nothing: 1e-15 };

#[track_caller]
fn agree(what: &str, ours: f64, theirs: &Value, Close { relative, nothing }: Close) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what}: no number is expected, ours is {ours}"));
    let apart = (ours - theirs).abs();
    let close = apart <= relative * theirs.abs() || ours.abs().max(theirs.abs()) <= nothing;
    assert!(close, "{what}: ours {ours:?}, theirs {theirs:?}, apart {apart:e}");
}

#[test]
fn fairness() {
    let mut numbers = 0;
    for case in cases("fairness.json") {
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
                    Some(ours) => agree(&format!("{name} {group} {rate}"), ours, &theirs[group][rate], VALUE),
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
                    agree(&format!("{name} {measure}"), gap.value, &theirs["value"], DIFFERENCE);
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
    for case in cases("drift.json") {
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
    let close = Close { nothing: 1e-15, ..VALUE };
    let numbers =
        drift(DriftMethod::Psi, "psi", |what, ours, theirs| agree(what, ours.statistic, &theirs["value"], close));
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

#[test]
fn chi_square() {
    let close = Close { nothing: 1e-20, ..VALUE };
    let numbers = drift(DriftMethod::ChiSquare, "chi_square", |what, ours, theirs| {
        agree(what, ours.statistic, &theirs["statistic"], close);
        agree(&format!("{what} p"), ours.p().unwrap(), &theirs["p"], PROBABILITY);
    });
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

#[test]
fn kolmogorov_smirnov() {
    let numbers = drift(DriftMethod::KolmogorovSmirnov, "ks", |what, ours, theirs| {
        agree(what, ours.statistic, &theirs["statistic"], VALUE);
        agree(&format!("{what} p"), ours.p().unwrap(), &theirs["p_auto"], KS_PROBABILITY);
    });
    assert!(numbers > 50, "only {numbers} numbers were compared");
}

/// Gates compare the exact probability of small samples; the other one must hold there too.
#[test]
fn asymptotic_probability() {
    let mut numbers = 0;
    for case in cases("drift.json") {
        let sizes = [&case["reference"], &case["current"]].map(|side| side_sizes(side, &case["columns"]));
        for (column, theirs) in case["columns"].as_object().unwrap() {
            let theirs = &theirs["ks"];
            if theirs["p_asymp"].is_null() {
                continue;
            }
            let [n, m] = [sizes[0][column], sizes[1][column]];
            let size = (n * m / (n + m)).round_ties_even() as u64;
            let p = ks_probability::of_one_sample(size, theirs["statistic"].as_f64().unwrap()).unwrap();
            agree(&format!("{} {column}", case["name"]), p, &theirs["p_asymp"], PROBABILITY);
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
