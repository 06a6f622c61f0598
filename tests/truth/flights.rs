//! Real data: months differ, odd rows and even ones do not. `make truth` brings the tables.

use super::{KS_PROBABILITY, ROOT, VALUE, agree, file};
use modelgate::measure::drift::{Ask, Source, compare};
use modelgate::policy::check::DriftMethod as Method;
use serde_json::Value;
use std::fs::File;
use std::path::Path;

const FOLDER: &str = "tests/truth/.flights";

#[test]
#[ignore = "real data of some megabytes: make truth"]
fn january_and_july_differ_and_odd_and_even_rows_do_not() {
    let path = Path::new(ROOT).join(FOLDER).join("expected.json");
    let expected: Value = serde_json::from_reader(File::open(path).unwrap()).unwrap();
    for (name, drifts) in [("months", true), ("rows", false)] {
        let [reference, current] = ["reference", "current"].map(|side| file(&format!("{FOLDER}/{name}.{side}.csv")));
        let methods =
            [Method::Psi, Method::KolmogorovSmirnov, Method::Wasserstein, Method::JensenShannon, Method::CramersV];
        let ask = |column: &String| Ask { column: column.clone(), lengths: false, methods: methods.into() };
        let asks: Vec<Ask> = reference.columns().iter().map(ask).collect();
        let answers = compare(Source::Rows(&reference, None), Source::Rows(&current, None), &asks, 2);
        let mut farthest = 0f64;
        for (ask, answers) in asks.iter().zip(answers) {
            let answers = answers.unwrap();
            let theirs = &expected[name][&ask.column];
            if theirs.is_object() {
                let ks = answers[&Method::KolmogorovSmirnov].as_ref().unwrap();
                agree(&format!("{name} {} ks", ask.column), ks.statistic, &theirs["ks"], VALUE);
                agree(&format!("{name} {} p", ask.column), ks.p().unwrap(), &theirs["p"], KS_PROBABILITY);
                let distance = answers[&Method::Wasserstein].as_ref().unwrap();
                agree(&format!("{name} {} w1", ask.column), distance.statistic, &theirs["w1"], VALUE);
            }
            farthest = farthest.max(answers[&Method::Psi].as_ref().unwrap().statistic);
        }
        assert_eq!(farthest > 0.1, drifts, "{name}: PSI up to {farthest}");
        assert!(drifts || farthest < 0.01, "{name}: PSI up to {farthest}");
    }
}
