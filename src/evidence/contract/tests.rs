use super::*;
use crate::policy::FindingReason;
use crate::policy::contract::{Counted, Edge, Family, Logical, Number, Range, breaks};

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/fixtures/contracts/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A contract with one column, of which these lines are said.
fn with(column: &str) -> String {
    format!(
        "kind: DataContract\napiVersion: v3.1.0\nid: i\nversion: '1'\nschema:\n- name: t\n  properties:\n  - name: a\n    {column}\n"
    )
}

fn column(said: &str) -> crate::policy::contract::Column {
    read(with(said).as_bytes()).unwrap().objects.remove(0).columns.remove(0)
}

/// Kinds and places of what is not evaluated.
fn places(text: &str) -> Vec<String> {
    let contract = read(text.as_bytes()).unwrap();
    let parts = contract.objects.iter().flat_map(|object| &object.unevaluated).chain(&contract.unevaluated);
    parts.map(|part| format!("{} {}", part.kind, part.at)).collect()
}

/// The same with # for what a rule says.
fn open(text: &str) -> Vec<String> {
    let without = |place: String| match place.split_once(".quality.") {
        Some((column, rule)) if rule.len() == 12 => format!("{column}.quality.#"),
        Some(_) | None => place,
    };
    places(text).into_iter().map(without).collect()
}

#[test]
fn everything_that_is_evaluated() {
    let contract = read(fixture("applications.odcs.yaml").as_bytes()).unwrap();
    assert_eq!((contract.id.as_str(), contract.version.as_str()), ("applications", "2.1.0"));
    let [object] = &contract.objects[..] else { panic!() };
    assert!(object.unevaluated.is_empty() && contract.unevaluated.is_empty(), "{:?}", object.unevaluated);
    assert_eq!((object.columns.len(), object.rules.len(), object.freshness.len()), (12, 5, 1));
    let of = |name: &str| object.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(of("amount").range.low, Some(Edge { at: Number::Whole(0), exclusive: true }));
    assert_eq!(of("amount").stored.as_ref().unwrap().family, Family::Decimal { digits: Some(8), after_point: Some(2) });
    assert_eq!((of("years").multiple_of, of("created_at").zoned), (Some(5), Some(true)));
    assert!(!of("born").is_public() && of("amount").is_public());
    assert_eq!(object.freshness[0].seconds, 172_800);
    assert_eq!(object.rules[3].bound.to_string(), "> 3 and < 100");
}

#[test]
fn json_is_read_too() {
    let text =
        r#"{"kind": "DataContract", "apiVersion": "v3.0.2", "id": "i", "version": "1", "schema": [{"name": "t"}]}"#;
    assert_eq!(read(text.as_bytes()).unwrap().objects.len(), 1);
}

#[test]
fn version_3_0() {
    let excluded = column(
        "logicalType: integer\n    logicalTypeOptions: {exclusiveMaximum: true, maximum: 100, minimum: 18, exclusiveMinimum: false}",
    );
    let edge = |at, exclusive| Some(Edge { at: Number::Whole(at), exclusive });
    assert_eq!(excluded.range, Range { low: edge(18, false), high: edge(100, true) });
    let dated = column(
        "logicalType: date\n    logicalTypeOptions: {format: 'yyyy-MM-dd HH:mm:ss', minimum: '2020-01-01 00:00:00'}",
    );
    assert_eq!(dated.logical, Some(Logical::Timestamp));
    let text = with(
        "quality: [{type: library, rule: validValues, validValues: [x]}, {rule: nullCheck}, {rule: duplicateCount, mustBeLessThan: 3}]",
    );
    let rules = read(text.as_bytes()).unwrap().objects.remove(0).rules;
    let told: Vec<String> = rules.iter().map(|rule| format!("{} {}", rule.counted, rule.bound)).collect();
    assert_eq!(told, ["invalidValues = 0", "nullValues = 0", "duplicateValues < 3"]);
}

#[test]
fn the_name_in_the_data_is_the_physical_one() {
    let text = with("physicalName: A_1\n    quality: [{metric: nullValues, mustBe: 0}]")
        + "  quality: [{metric: duplicateValues, arguments: {properties: [a]}, mustBe: 0}]\nslaProperties: [{property: ly, value: 1, unit: h, element: a}]\n";
    let object = read(text.as_bytes()).unwrap().objects.remove(0);
    assert_eq!(object.columns[0].name, "A_1");
    assert_eq!(object.rules[1].counted, Counted::Duplicates { columns: vec!["A_1".into()] });
    assert_eq!(object.freshness[0].column, "A_1");
}

#[test]
fn what_nothing_evaluates_is_named() {
    let cases = [
        ("quality: [{type: sql, query: SELECT 1, mustBe: 1}]", "sql t.a.quality.#"),
        ("quality: [{query: SELECT 1}]", "sql t.a.quality.#"),
        ("quality: [{type: text, description: nice}]", "text t.a.quality.#"),
        ("quality: [{description: nice}]", "text t.a.quality.#"),
        ("quality: [{type: custom, engine: soda, implementation: x}]", "custom t.a.quality.#"),
        ("quality: [{type: magic}]", "quality t.a.quality.#"),
        ("quality: [{metric: magic, mustBe: 0}]", "library t.a.quality.#"),
        ("quality: [{metric: nullValues}]", "library t.a.quality.#"),
        ("quality: [{metric: nullValues, mustBeLess: 1}]", "library t.a.quality.#"),
        ("quality: [{metric: nullValues, mustBe: 0, unit: cells}]", "library t.a.quality.#"),
        ("quality: [{metric: nullValues, mustBe: 0, arguments: {where: x}}]", "library t.a.quality.#"),
        ("quality: [{metric: rowCount, mustBe: 0}]", "library t.a.quality.#"),
        ("quality: [{metric: invalidValues, mustBe: 0}]", "library t.a.quality.#"),
        ("quality: [{metric: invalidValues, arguments: {pattern: '(?=x)'}, mustBe: 0}]", "library t.a.quality.#"),
        ("quality: [{metric: invalidValues, pattern: a, arguments: {pattern: b}, mustBe: 0}]", "library t.a.quality.#"),
        ("quality: [{metric: nullValues, pattern: a, mustBe: 0}]", "library t.a.quality.#"),
        ("quality: [{metric: nullValues, rule: nullCheck, mustBe: 0}]", "library t.a.quality.#"),
        ("quality: [{rule: validValues, validValues: [x], mustBeGreaterThan: 5}]", "library t.a.quality.#"),
        ("logicalType: array", "logicalType t.a.logicalType"),
        ("logicalType: map", "logicalType t.a.logicalType"),
        ("physicalType: JSONB", "physicalType t.a.physicalType"),
        ("logicalType: string\n    logicalTypeOptions: {format: email}", "format t.a.format"),
        ("logicalType: date\n    logicalTypeOptions: {format: dd.MM.yy}", "format t.a.format"),
        ("logicalType: date\n    logicalTypeOptions: {format: 'HH:mm'}", "format t.a.format"),
        ("logicalType: timestamp\n    logicalTypeOptions: {format: 'yyyy-MM-dd hh:mm'}", "format t.a.format"),
        ("logicalType: timestamp\n    logicalTypeOptions: {format: 'yyyy-MM-dd HH:mm.SS.S'}", "format t.a.format"),
        ("logicalType: time\n    logicalTypeOptions: {format: 'HH:mm:ssXXX'}", "format t.a.format"),
        ("logicalType: time\n    logicalTypeOptions: {format: 'yyyy-MM-dd HH:mm'}", "format t.a.format"),
        ("physicalType: 'DECIMAL(2,3)'", "physicalType t.a.physicalType"),
        ("physicalType: TIMESTAMP(3) WITH TIME ZONE", "physicalType t.a.physicalType"),
        ("logicalType: number\n    logicalTypeOptions: {multipleOf: 0.1}", "logicalTypeOptions t.a.multipleOf"),
        ("logicalType: string\n    logicalTypeOptions: {pattern: '(a)\\1'}", "pattern t.a.pattern"),
        ("logicalType: string\n    logicalTypeOptions: {minimum: 1}", "logicalTypeOptions t.a.minimum"),
        ("logicalTypeOptions: {minimum: 1}", "logicalTypeOptions t.a.minimum"),
        (
            "logicalType: integer\n    logicalTypeOptions: {exclusiveMaximum: true}",
            "logicalTypeOptions t.a.exclusiveMaximum",
        ),
        (
            "logicalType: timestamp\n    logicalTypeOptions: {defaultTimezone: Europe/Berlin}",
            "logicalTypeOptions t.a.defaultTimezone",
        ),
        ("requierd: true", "key t.a.requierd"),
        ("relationships: [{to: x.y}]", "relationships t.a.relationships"),
    ];
    for (said, place) in cases {
        assert_eq!(open(&with(said)), [place], "{said}");
    }
    let beside = with("required: true")
        + "rules: none\nslaProperties: [{property: retention, value: 3, unit: y, element: a}, {property: latency, value: 3, unit: m, element: a}, {property: latency, value: 3, unit: d}]\n";
    assert_eq!(
        open(&beside),
        ["key rules", "sla slaProperties.retention", "sla slaProperties.latency", "sla slaProperties.latency"]
    );
}

#[test]
fn what_is_no_contract() {
    let good = with("required: true");
    let whole = [
        ("", FindingReason::EvidenceEmpty),
        ("- a", FindingReason::EvidenceUnreadable),
        ("a: [", FindingReason::EvidenceUnreadable),
        ("a: 1\na: 2", FindingReason::EvidenceUnreadable),
        (&good.replace("DataContract", "DataProduct"), FindingReason::EvidenceUnreadable),
        (&good.replace("v3.1.0", "v2.2.2"), FindingReason::EvidenceUnreadable),
        (&good.replace("version: '1'", "version: 1.10"), FindingReason::EvidenceUnreadable),
        (&good.replace("id: i\n", ""), FindingReason::EvidenceUnreadable),
        (&(good.clone() + "  - name: a\n"), FindingReason::EvidenceUnreadable),
        (&(good.clone() + "- name: t\n"), FindingReason::EvidenceUnreadable),
        (
            &(good.clone() + "slaProperties: [{property: latency, value: 1, unit: d, element: b}]\n"),
            FindingReason::EvidenceUnreadable,
        ),
        (
            &(good.clone() + "slaProperties: [{property: latency, value: soon, unit: d, element: a}]\n"),
            FindingReason::EvidenceUnreadable,
        ),
    ];
    for (text, reason) in whole {
        assert_eq!(read(text.as_bytes()).map_err(|error| error.verdict().1), Err(reason), "{text}");
    }
    for said in [
        "required: 'yes'",
        "required: null",
        "unique: .nan",
        "logicalType: integer\n    logicalTypeOptions: {minimum: .nan}",
        "logicalType: integer\n    logicalTypeOptions: {minimum: '1'}",
        "logicalType: integer\n    logicalTypeOptions: {minimum: null}",
        "logicalType: date\n    logicalTypeOptions: {minimum: tomorrow}",
        "logicalType: string\n    logicalTypeOptions: {minLength: -1}",
        "enum: []",
        "enum: null",
        "enum: [{label: x}]",
        "quality: [{metric: nullValues, mustBe: null}]",
        "quality: [{metric: nullValues, mustBe: .inf}]",
        "quality: [{metric: nullValues, mustBe: few}]",
        "quality: [{metric: nullValues, mustBeBetween: [2, 1]}]",
        "quality: [{metric: nullValues, mustBeBetween: [1]}]",
    ] {
        let error = read(with(said).as_bytes()).map_err(|error| error.verdict().1);
        assert_eq!(error, Err(FindingReason::EvidenceUnreadable), "{said}");
    }
}

#[test]
fn bounds() {
    let wide: String = (0..=MAX_COLUMNS).map(|i| format!("  - name: c{i}\n")).collect();
    let patterns: String = (0..=MAX_PATTERNS)
        .map(|i| format!("  - {{name: c{i}, logicalType: string, logicalTypeOptions: {{pattern: x}}}}\n"))
        .collect();
    let ages =
        format!("slaProperties: [{{property: ly, value: 1, unit: d, element: '{}'}}]", vec!["a"; 1025].join(","));
    let rules = format!("quality: [{}]", vec!["{metric: nullValues, mustBe: 0}"; MAX_RULES + 1].join(", "));
    for text in
        [with("required: true") + &wide, with("required: true") + &patterns, with("unique: true") + &ages, with(&rules)]
    {
        assert_eq!(read(text.as_bytes()).map_err(|error| error.verdict().1), Err(FindingReason::EvidenceTooLarge));
    }
    let aliases = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(0..9)
            .map(|i| {
                format!(
                    "b{i}: &b{i} [{}]\n",
                    vec![if i == 0 { "*a".to_owned() } else { format!("*b{}", i - 1) }; 10].join(", ")
                )
            })
            .collect::<String>();
    assert!(read(aliases.as_bytes()).is_err());
    assert!(read("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn each_break_is_named() {
    let object = |said: &str| read(with(said).as_bytes()).unwrap().objects.remove(0);
    let number = |options: &str| format!("logicalType: number\n    logicalTypeOptions: {{{options}}}");
    let text = |options: &str| format!("logicalType: string\n    logicalTypeOptions: {{{options}}}");
    let time = |format: &str| format!("logicalType: timestamp\n    logicalTypeOptions: {{format: \"{format}\"}}");
    let cases: [(String, String, &[&str]); 27] = [
        (number("maximum: 5"), number("maximum: 5"), &[]),
        (number("maximum: 5"), number("maximum: 4, minimum: 0"), &[]),
        (number("maximum: 5"), number("maximum: 6"), &["a has a wider range"]),
        (number("minimum: 5"), number("minimum: 5, format: f64"), &[]),
        (number("minimum: 5"), "logicalType: integer".into(), &["a has a wider range"]),
        ("logicalType: integer".into(), "logicalType: number".into(), &["a is of another type"]),
        ("physicalType: int".into(), "physicalType: bigint".into(), &["a is stored as another type"]),
        ("required: true".into(), "description: x".into(), &["a may be missing"]),
        ("unique: true".into(), "required: true".into(), &["a may repeat"]),
        ("primaryKey: true".into(), "required: true".into(), &["its primary key is another"]),
        (text("maxLength: 5"), text("maxLength: 4"), &[]),
        (text("maxLength: 5"), text("maxLength: 6"), &["a may be shorter or longer"]),
        (text("pattern: a"), text("pattern: b"), &["a has another pattern"]),
        (text("format: uuid"), text("format: ipv4"), &["a has another format"]),
        (time("yyyy-MM-dd HH:mm:ss"), time("yyyy-MM-dd'T'HH:mm:ss"), &["a has another format"]),
        (time("yyyy-MM-dd'T'HH:mm:ssXXX"), "logicalType: timestamp".into(), &["a has another format"]),
        (time("yyyy-MM-dd'T'HH:mm"), time("yyyy-MM-ddTHH:mm"), &[]),
        (time("dd.MM.yy HH:mm"), time("yyyy-MM-dd HH:mm"), &["format at t.a.format was changed"]),
        (time("dd.MM.yyyy HH:mm"), time("yyyy-MM-dd HH:mm"), &["a has another format"]),
        ("enum: [{value: x}, {value: y}]".into(), "enum: [{value: x}]".into(), &[]),
        ("enum: [{value: x}]".into(), "enum: [{value: x}, {value: y}]".into(), &["a may have more values"]),
        ("classification: restricted".into(), "classification: public".into(), &["a is classified otherwise"]),
        (
            "quality: [{metric: nullValues, mustBeLessThan: 5}]".into(),
            "quality: [{metric: nullValues, mustBeLessThan: 4}]".into(),
            &[],
        ),
        (
            "quality: [{metric: nullValues, mustBeLessThan: 5}]".into(),
            "quality: [{metric: nullValues, mustBeLessThan: 6}]".into(),
            &["nullValues of a is no longer < 5"],
        ),
        (
            "quality: [{query: SELECT 1}]".into(),
            "quality: [{metric: nullValues, mustBe: 0}, {query: SELECT 1}]".into(),
            &[],
        ),
        (
            "quality: [{query: SELECT 1}]".into(),
            "quality: [{query: SELECT 2}]".into(),
            &[&format!("{} was changed", places(&with("quality: [{query: SELECT 1}]"))[0].replace(' ', " at "))],
        ),
        ("required: true".into(), "physicalName: b\n    required: true".into(), &["a is gone"]),
    ];
    for (tested, new, expected) in cases {
        assert_eq!(breaks(&object(&new), &object(&tested)), expected, "{tested} / {new}");
    }
}

#[test]
fn a_rule_that_is_not_evaluated_keeps_its_place_and_gives_it_to_no_other() {
    let of = |rules: &str| places(&with(&format!("quality: [{rules}]")));
    let first = of("{query: SELECT 1, mustBe: 0}");
    assert!(first[0].starts_with("sql t.a.quality.") && !first[0].ends_with(".0"), "{first:?}");
    assert_eq!(of("{metric: nullValues, mustBe: 0}, {mustBe: 0, query: SELECT 1}"), first);
    let before = of("{query: SELECT 2, mustBe: 0}, {query: SELECT 1, mustBe: 0}");
    assert!(before[1] == first[0] && before[0] != first[0], "{before:?}");
    assert_ne!(of("{query: SELECT 1, mustBe: 1}"), first);
}

#[test]
fn promises_within_a_value_are_named() {
    for key in ["properties: [{name: zip, required: true}]", "items: {logicalType: string}", "map: {key: a}"] {
        let named = open(&with(key));
        assert!(named.iter().any(|at| at.contains(key.split(':').next().unwrap())), "{key}: {named:?}");
    }
}
