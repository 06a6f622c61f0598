use super::*;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/explanations/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn what_the_tools_wrote() {
    let cases = [
        ("explanation.json", Format::Explanation, 2),
        ("shap.json", Format::Shap, 6),
        ("shap-classes.json", Format::Shap, 6),
        ("alibi-kernel-shap.json", Format::Alibi, 3),
        ("permutation-importance.json", Format::PermutationImportance, 0),
        ("interpretml.json", Format::InterpretMl, 0),
        ("importances.json", Format::Json, 0),
        ("importances.csv", Format::Csv, 0),
    ];
    for (name, format, local) in cases {
        // An object of any names and numbers is taken for importances only when the policy says so.
        let untold = name == "importances.json";
        assert_eq!(Explanation::parse(&fixture(name), None).is_err(), untold, "{name}");
        for named in [None, Some(format)].into_iter().skip(usize::from(untold)) {
            let read = Explanation::parse(&fixture(name), named).unwrap();
            assert_eq!((read.format, read.local()), (format, local), "{name}");
            // In all of them income matters most, and noise hardly.
            let share = |feature: &str| read.share(&[feature.to_owned()]).unwrap();
            assert!(share("income") > 0.5 && share("noise") < 0.2, "{name}: {:?}", read.importance);
            assert!((share("*") - 1.0).abs() < 1e-12, "{name}");
        }
    }
}

#[test]
fn shares_and_patterns() {
    let json = |text: &str| Explanation::parse(text.as_bytes(), Some(Format::Json)).unwrap();
    let read = json(r#"{"income": 6, "sex_F": -1, "sex_M": 1, "race": 2}"#);
    let share = |patterns: &[&str]| read.share(&patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
    assert_eq!(share(&["sex*"]), Some(0.2));
    assert_eq!(share(&["sex*", "race"]), Some(0.4));
    assert_eq!(share(&["sex"]), Some(0.0));
    assert_eq!((json(r#"{"a": 0, "b": 0}"#).share(&["a".into()]), json(r#"{"a": 0}"#).total()), (None, None));
    let listed = br#"[{"feature": "income", "importance": 3}, {"feature": "sex", "importance": 1}]"#;
    assert_eq!(Explanation::parse(listed, None).unwrap().share(&["sex".into()]), Some(0.25));
}

#[test]
fn what_is_nearly_a_report_says_where() {
    let cases = [
        (r#"{"schema": "modelgate.dev/explanation/v2"}"#, "/schema is not modelgate.dev/explanation/v1"),
        (r#"{"schema": "modelgate.dev/explanation/v1", "importance": {}}"#, "a report with at least one feature"),
        (r#"{"schema": "modelgate.dev/explanation/v1", "importance": {"a": "x"}}"#, "/importance/a is not a number"),
        (
            r#"{"schema": "modelgate.dev/explanation/v1", "model": {"digest": "md5:1"}, "importance": {"a": 1}}"#,
            "/model/digest is not sha256:",
        ),
        (
            r#"{"schema": "modelgate.dev/explanation/v1", "importance": {"a": 1}, "local": [{"case": "1", "importance": {}}]}"#,
            "/local/0/importance is not an object with at least one feature",
        ),
        (r#"{"values": [[1, 2], [3]], "feature_names": ["a", "b"]}"#, "/values/1 is not a row with a number for each"),
        (r#"{"values": [[1, 2, 3]], "feature_names": ["a", "b"]}"#, "/values/0 is not a row with a number for each"),
        (r#"{"values": [], "feature_names": ["a", "b"]}"#, "/values is not a list with at least one row"),
        (r#"{"importances_mean": [1], "feature_names": ["a", "b"]}"#, "/importances_mean is not a list as long as"),
        (r#"{"accuracy": 0.9, "loss": 0.1}"#, "is JSON of no known format that holds explanation"),
        (r#"[{"name": "accuracy", "value": 0.9}]"#, "no known format"),
        ("name,value\naccuracy,0.9\n", "the header names no columns"),
        ("feature,importance\na,b\n", "\"b\" is no number"),
        ("feature,importance\na,NaN\n", "NaN for feature \"a\""),
        ("feature,importance\na,1\na,2\n", "names each feature once"),
        ("a,b\n1,2\n", "the header names no columns"),
        ("feature,importance\n", "at least one feature"),
    ];
    for (text, said) in cases {
        let error = Explanation::parse(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn rankings() {
    let of = |values: &[f64]| values.iter().enumerate().map(|(n, v)| (format!("f{n}"), *v)).collect::<BTreeMap<_, _>>();
    let a = of(&[0.5, 0.3, 0.1, 0.1]);
    assert_eq!(rank_correlation(&a, &a), Some(1.0));
    // scipy.stats.spearmanr(a, other).statistic
    for (other, expected) in
        [([0.1, 0.2, 0.3, 0.4], -0.948_683_298_050_513_7), ([0.5, 0.1, 0.2, 0.1], 0.5000000000000001)]
    {
        assert!((rank_correlation(&a, &of(&other)).unwrap() - expected).abs() < 1e-12, "{other:?}");
    }
    assert_eq!(rank_correlation(&a, &of(&[1.0, 1.0, 1.0, 1.0])), None);
    assert_eq!(rank_correlation(&of(&[1.0]), &of(&[1.0])), None);
    assert_eq!(overlap(&a, &a, 2), Some(1.0));
    assert_eq!(overlap(&a, &of(&[0.1, 0.5, 0.4, 0.0]), 2), Some(0.5));
    assert_eq!(overlap(&a, &a, 100), Some(1.0));
    assert_eq!(overlap(&a, &of(&[]), 2), Some(0.0));
    assert_eq!(overlap(&of(&[]), &of(&[]), 2), None);
}

#[test]
fn pair_terms_count_for_each_of_their_features() {
    let read = |names: &str| {
        let text = format!(r#"{{"names": [{names}], "scores": [6, 3, 1], "type": "univariate"}}"#);
        Explanation::parse(text.as_bytes(), Some(Format::InterpretMl)).unwrap()
    };
    let share = |names: &str, pattern: &str| read(names).share(&[pattern.to_owned()]);
    let new = r#""income", "age & sex", "sex_f & race""#;
    let old = r#""income", "sex x age", "race x sex_f""#;
    for names in [new, old] {
        assert_eq!(share(names, "sex"), Some(0.3), "{names}");
        assert_eq!(share(names, "sex*"), Some(0.4), "{names}");
        assert_eq!(share(names, "race"), Some(0.1), "{names}");
        assert_eq!(share(names, "income"), Some(0.6), "{names}");
    }
    // A name may hold what joins names.
    assert_eq!(share(r#""income", "R & D", "c""#, "R & D"), Some(0.3));
    // Other formats list features alone.
    let plain = Explanation::parse(br#"{"a & sex": 1, "b": 1}"#, Some(Format::Json)).unwrap();
    assert_eq!(plain.share(&["sex".to_owned()]), Some(0.0));
}
