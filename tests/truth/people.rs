//! Tables of people that both sides make by formula (`people.py`): fairness by every measure over one attribute and
//! several, the ends of its intervals, anonymity, and what the rules of a contract count.

use super::generated::Draw;
use super::{Close, DIFFERENCE, agree, expected, table_of};
use modelgate::evidence::contract;
use modelgate::measure::Table;
use modelgate::measure::contract::{Asked, Broken, measure};
use modelgate::measure::fairness::calibration::calibrate;
use modelgate::measure::fairness::{Roles, count};
use modelgate::measure::privacy::anonymity;
use modelgate::policy::check::FairnessMeasure;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub const HEADER: &str = "label,said,score,race,sex,zip,age,ill,id\n";

pub fn rows(seed: u64, count: u64) -> Vec<String> {
    let mut draw = Draw::new(seed);
    let mut row = || {
        let score = ((draw.unit() * 1025.0).floor() / 1024.0).min(1.0);
        let label = u8::from(draw.unit() < score);
        let said = u8::from(draw.unit() < 0.25 + score / 2.0);
        let u = draw.unit();
        let race = ["a", "b", "c"][(u * u * 3.0).floor() as usize];
        let sex = ["f", "m"][(draw.unit() * 2.0).floor() as usize];
        let hole = draw.unit() < 0.125;
        let code = (draw.unit() * 5.0).floor();
        let age = 20.0 + (draw.unit() * 4.0).floor();
        let unwell = draw.unit() < 0.75;
        let ill = (draw.unit() * 3.0).floor();
        let id = (draw.unit() * count as f64 * 3.0).floor();
        let zip = if hole { String::new() } else { format!("z{code}") };
        let ill = if unwell { format!("i{ill}") } else { String::new() };
        format!("{label},{said},{score:?},{race},{sex},{zip},{age},{ill},{id}\n")
    };
    (0..count).map(|_| row()).collect()
}

fn cases(name: &str) -> Vec<(Value, Table)> {
    let document = expected("people.json");
    let with_table = |case: &Value| {
        let text = HEADER.to_owned() + &rows(case["seed"].as_u64().unwrap(), case["rows"].as_u64().unwrap()).concat();
        (case.clone(), table_of(&text))
    };
    document[name].as_array().unwrap().iter().map(with_table).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn named(measure: &str) -> FairnessMeasure {
    serde_json::from_value(measure.into()).unwrap()
}

fn compare<T>(what: &str, ours: Result<f64, T>, theirs: &Value, close: Close) -> usize {
    match ours {
        Ok(ours) => {
            agree(what, ours, theirs, close);
            1
        }
        Err(_) => {
            assert!(theirs.is_null(), "{what}: ours has no value, theirs {theirs}");
            0
        }
    }
}

#[test]
fn fairness_by_every_measure_over_one_attribute_and_several() {
    let (mut numbers, mut tried) = (0, BTreeSet::new());
    for (case, table) in cases("fairness") {
        let columns = texts(&case["columns"]);
        let set = [columns.iter().map(|column| (column.as_str(), column.as_str())).collect::<Vec<_>>()];
        let roles = Roles { label: Some("label"), prediction: "said", protected: &set, favorable: "1" };
        let groups = count(&table, None, roles).unwrap().remove(0);
        let of = format!("{} rows by {columns:?}", case["rows"]);
        for (measure, theirs) in case["measures"].as_object().unwrap() {
            tried.insert(measure.clone());
            let what = format!("{measure} of {of}");
            numbers += match named(measure) {
                FairnessMeasure::CalibrationGap => {
                    let errors = calibrate(&table, None, ("label", "score", "1"), &set).unwrap().remove(0);
                    let worst = errors.values().map(|one| one.error()).fold(0.0, f64::max);
                    compare(&what, Ok::<f64, ()>(worst), theirs, DIFFERENCE)
                }
                measure => compare(&what, groups.measure(measure).map(|gap| gap.value), theirs, DIFFERENCE),
            };
        }
        for bound in case["bounds"].as_array().unwrap() {
            let confidence = bound["confidence"].as_f64().unwrap();
            for (measure, theirs) in bound["ends"].as_object().unwrap() {
                let ours = groups.bound(named(measure), confidence).map(|bound| bound.end);
                numbers += compare(&format!("{measure} at {confidence} of {of}"), ours, theirs, DIFFERENCE);
            }
        }
    }
    assert!(numbers > 500, "{numbers}");
    // A measure that is new in the schema needs values, too.
    let schema = serde_json::to_value(schemars::schema_for!(modelgate::api::FairnessMeasureName)).unwrap();
    let in_schema: BTreeSet<String> = texts_in(&schema).into_iter().collect();
    assert_eq!(tried, in_schema);
}

/// Names of an enum in its schema, whether its variants are described or not.
fn texts_in(schema: &Value) -> Vec<String> {
    let plain = schema["enum"].as_array().map_or(&[][..], Vec::as_slice).iter();
    let described = schema["oneOf"].as_array().map_or(&[][..], Vec::as_slice).iter();
    let described =
        described.flat_map(|one| one["enum"].as_array().cloned().unwrap_or_else(|| vec![one["const"].clone()]));
    plain.cloned().chain(described).filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

#[test]
fn anonymity_of_rows() {
    for (case, table) in cases("anonymity") {
        let whole = |name: &str| case[name].as_u64().unwrap();
        let (quasi, sensitive) = (texts(&case["quasi"]), vec!["ill".to_owned()]);
        let asked = anonymity::Asked { quasi_identifiers: &quasi, sensitive: &sensitive, k: whole("k"), l: whole("l") };
        let groups = anonymity::count(&table, asked).unwrap();
        let diversity = &groups.diversity[0];
        let ours = [
            groups.rows,
            groups.groups,
            groups.smallest,
            groups.rows_below_k,
            diversity.fewest,
            diversity.groups_below_l,
        ];
        let theirs = ["rows", "groups", "smallest", "rows_below_k", "fewest", "groups_below_l"].map(whole);
        assert_eq!(ours, theirs, "{case}");
    }
}

/// Every kind of rule that counts values or rows.
const CONTRACT: &str = r#"
apiVersion: v3.1.0
kind: DataContract
id: people
version: 1.0.0
status: active
schema:
- name: people
  properties:
  - {name: zip, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
  - {name: age, logicalType: integer, primaryKey: true, primaryKeyPosition: 2, logicalTypeOptions: {minimum: 21, maximum: 22}}
  - {name: id, logicalType: integer, unique: true}
  - {name: race, logicalType: string, enum: [a, b]}
  - {name: sex, logicalType: string, quality: [{metric: invalidValues, arguments: {validValues: [f]}, mustBe: 0}]}
  - {name: ill, logicalType: string, logicalTypeOptions: {pattern: "i[01]"}, quality: [{metric: nullValues, mustBe: 0}]}
  - {name: score, logicalType: number}
  quality:
  - {metric: duplicateValues, arguments: {properties: [race, sex, ill]}, mustBe: 0}
  - {metric: rowCount, mustBe: 0}
"#;

/// What is broken, by the column and the rule, with how many break it.
pub fn broken(table: &Table) -> BTreeMap<String, u64> {
    let contract = contract::read(CONTRACT.as_bytes()).unwrap();
    let object = &contract.objects[0];
    assert!(object.unevaluated.is_empty(), "{:?}", object.unevaluated);
    let asked = Asked { rows: None, no_extra_columns: false, forbidden_classifications: &[], now: None, threads: 2 };
    let found = measure(table, object, asked).unwrap();
    let one = |broken: Broken| {
        // Limits are said behind the words; the rule is told by these alone.
        let what = broken.what.split(" not = ").next().unwrap().to_owned();
        let column = broken.column.map(|column| format!("{column} ")).unwrap_or_default();
        (format!("{column}{what}"), broken.count.unwrap())
    };
    found.broken.into_iter().map(one).collect()
}

#[test]
fn what_the_rules_of_a_contract_count() {
    for (case, table) in cases("contracts") {
        let theirs: BTreeMap<String, u64> = serde_json::from_value(case["broken"].clone()).unwrap();
        assert_eq!(broken(&table), theirs, "{} rows", case["rows"]);
    }
}
