mod arrays;
mod json;
mod rows;

use super::*;
use crate::measure::table::tests::table_of;
use crate::policy::contract::{
    Bound, Column, Edge, Family, Form, Freshness, Lengths, Logical, Number, Pattern, Range, Rule, Stored, Test,
    TimeFormat, Values,
};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    Time64MicrosecondArray, TimestampMillisecondArray,
};
use parquet::arrow::ArrowWriter;
use std::sync::Arc;

/// 2026-06-01.
const NOW: i128 = 1_780_272_000 * SECOND;

fn column(logical: Logical) -> Column {
    Column { name: "a".into(), logical: Some(logical), ..Column::default() }
}

fn asked(forbidden: &[String]) -> Asked<'_> {
    Asked { rows: None, no_extra_columns: false, forbidden_classifications: forbidden, now: Some(NOW), threads: 2 }
}

fn found(table: &[u8], object: &Object) -> Vec<String> {
    let measured = measure(&table_of(table), object, asked(&[])).unwrap();
    measured.broken.iter().map(told).collect()
}

fn told(broken: &Broken) -> String {
    let count = broken.count.map(|count| format!("{count} ")).unwrap_or_default();
    let example = broken.example.as_deref().map(|example| format!(" {example}")).unwrap_or_default();
    format!("{} {count}{}{example}", broken.column.as_deref().unwrap_or("-"), broken.what)
}

fn of(column: Column) -> Object {
    Object { columns: vec![column], ..Object::default() }
}

fn instants(zoned: Option<bool>, after_point: Option<u32>) -> Family {
    Family::Timestamp { zoned, after_point }
}

fn cells(cells: &[&str]) -> Vec<u8> {
    let quoted =
        cells.iter().map(|cell| format!("{},x\n", if cell.is_empty() { String::new() } else { format!("\"{cell}\"") }));
    format!("a,b\n{}", quoted.collect::<String>()).into_bytes()
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn each_rule_of_a_column_in_csv() {
    let range = |low: &str, high: &str| {
        let edge = |at: &str| Some(Edge { at: Number::parse(at).unwrap(), exclusive: false });
        Range { low: edge(low), high: edge(high) }
    };
    let texts = |of: &[&str]| Values { texts: of.iter().map(|t| (*t).to_owned()).collect(), ..Values::default() };
    let stored = |family| Stored { name: "T".into(), family, range: Range::default(), max_length: None };
    let plain = || column(Logical::Text);
    let number = || column(Logical::Number);
    let cases: [(Column, &[&str], &str); 42] = [
        (Column { required: true, ..number() }, &["1", "", "2"], "a 1 missing"),
        (Column { required: true, ..number() }, &["1", "2"], ""),
        (number(), &["1", "x", "1e3"], "a 1 no number \"x\""),
        (number(), &["NaN"], "a 1 no number \"NaN\""),
        (number(), &["1", "-inf"], "a 1 no number \"-inf\""),
        (column(Logical::Integer), &["1", "2.0", "2.5", " 3"], "a 2 no integer \"2.5\""),
        (column(Logical::Boolean), &["true", "False", "1"], "a 1 no boolean \"1\""),
        (column(Logical::Date), &["2026-01-31", "2026-02-30"], "a 1 no date \"2026-02-30\""),
        (column(Logical::Date), &["2026-01-31T00:00:00"], "a 1 no date \"2026-01-31T00:00:00\""),
        (column(Logical::Timestamp), &["2026-01-31", "2026-01-31 12:00", "noon"], "a 1 no timestamp \"noon\""),
        (column(Logical::Time), &["08:30", "8h"], "a 1 no time \"8h\""),
        (Column { range: range("0", "1"), ..number() }, &["0", "1", "-0.1"], "a 1 below the minimum 0 \"-0.1\""),
        (Column { range: range("0", "1"), ..number() }, &["1.0000001", "2"], "a 2 above the maximum 1 \"1.0000001\""),
        (
            Column { range: range("0", "9007199254740992"), ..number() },
            &["9007199254740993"],
            "a 1 above the maximum 9007199254740992 \"9007199254740993\"",
        ),
        (Column { lengths: Lengths { min: Some(2), max: None }, ..plain() }, &["é", "éé"], "a 1 too short \"é\""),
        (Column { lengths: Lengths { min: None, max: Some(1) }, ..plain() }, &["é", "éé"], "a 1 too long \"éé\""),
        (
            Column { pattern: Pattern::read("[a-c]+").ok(), ..plain() },
            &["abc", "abd"],
            "a 1 not of the pattern \"abd\"",
        ),
        (Column { allowed: Some(texts(&["x", "y"])), ..plain() }, &["x", "z"], "a 1 not allowed \"z\""),
        (Column { allowed: Some(texts(&["true"])), ..column(Logical::Boolean) }, &["True"], ""),
        (
            Column { allowed: Some(Values { numbers: [Number::Whole(1)].into(), ..Values::default() }), ..number() },
            &["1", "1.0", "2"],
            "a 1 not allowed \"2\"",
        ),
        (Column { form: Some(Form::Ipv4), ..plain() }, &["10.0.0.1", "10.0"], "a 1 not of the format \"10.0\""),
        (Column { multiple_of: Some(5), ..number() }, &["-5", "0", "7", "7.5"], "a 2 no multiple \"7\""),
        (
            Column { zoned: Some(true), ..column(Logical::Timestamp) },
            &["2026-01-31T12:00:00"],
            "a 1 with or without a zone \"2026-01-31T12:00:00Z\"",
        ),
        (Column { unique: true, ..plain() }, &["x", "y", "x", "x", "", ""], "a 2 not unique"),
        (Column { unique: true, ..number() }, &["1", "1.0", "01", "2"], "a 2 not unique"),
        (Column { unique: true, ..plain() }, &["1", "1.0", "01"], ""),
        (
            Column { unique: true, ..column(Logical::Timestamp) },
            &["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00"],
            "a 1 not unique",
        ),
        (Column { key: true, ..plain() }, &["x", "", "x"], "a 1 missing|a 1 not unique as primary key"),
        (
            Column { stored: Some(Stored { max_length: Some(2), ..stored(Family::Text) }), ..plain() },
            &["ab", "abc"],
            "a 1 not T \"abc\"",
        ),
        (
            Column { stored: Some(Stored { range: Range::between(-1, 1), ..stored(Family::Integer) }), ..number() },
            &["1", "2", "0.5"],
            "a 2 not T \"2\"",
        ),
        (Column { stored: Some(stored(Family::Date)), ..plain() }, &["2026-01-31", "x"], "a 1 not T \"x\""),
        (
            Column { stored: Some(stored(instants(Some(true), None))), ..plain() },
            &["2026-01-31 12:00Z", "2026-01-31 12:00"],
            "a 1 not T \"2026-01-31 12:00\"",
        ),
        (
            Column { stored: Some(stored(instants(Some(false), None))), ..plain() },
            &["2026-01-31 12:00Z", "2026-01-31 12:00"],
            "a 1 not T \"2026-01-31 12:00Z\"",
        ),
        (
            Column { stored: Some(stored(instants(None, Some(1)))), ..plain() },
            &["2026-01-31 12:00:00.5Z", "2026-01-31", "2026-01-31 12:00:00.25"],
            "a 1 not T \"2026-01-31 12:00:00.25\"",
        ),
        (
            Column { stored: Some(stored(Family::Time { after_point: Some(0) })), ..plain() },
            &["08:30", "08:30:00.0", "08:30:00.1"],
            "a 1 not T \"08:30:00.1\"",
        ),
        (
            Column { form: TimeFormat::read("yyyy-MM-dd HH:mm").map(Form::Time), ..column(Logical::Timestamp) },
            &["2026-01-31 12:00", "2026-01-31T12:00", "2026-01-31", "noon"],
            "a 1 no timestamp \"noon\"|a 2 not of the format \"2026-01-31T12:00\"",
        ),
        (
            Column { form: TimeFormat::read("dd.MM.yyyy").map(Form::Time), ..column(Logical::Date) },
            &["31.01.2026", "31.02.2026", "2026-01-31", "1.2.2026"],
            "a 2 no date \"31.02.2026\"|a 1 not of the format \"2026-01-31\"",
        ),
        (
            Column {
                form: TimeFormat::read("dd.MM.yyyy HH:mm").map(Form::Time),
                stored: Some(stored(instants(Some(false), Some(0)))),
                unique: true,
                ..column(Logical::Timestamp)
            },
            &["31.01.2026 12:00", "01.02.2026 12:00", "31.01.2026 12:00"],
            "a 1 not unique",
        ),
        // The word for no number is no value of a text either, and is not spared what values are held to.
        (Column { required: true, ..plain() }, &["NaN", "x", "-inf"], "a 2 missing"),
        (Column { allowed: Some(texts(&["x"])), ..plain() }, &["nan", "x"], "a 1 not allowed \"nan\""),
        (Column { required: true, ..number() }, &["NaN"], "a 1 missing|a 1 no number \"NaN\""),
        (Column { key: true, ..plain() }, &["nan", "nan", "Nancy"], "a 2 missing|a 1 not unique as primary key"),
    ];
    for (column, values, expected) in cases {
        assert_eq!(found(&cells(values), &of(column)).join("|"), expected, "{values:?}");
    }
}

#[test]
fn values_of_classified_columns_are_not_shown_and_others_are_cut() {
    let secret = Column { classification: Some("restricted".into()), ..column(Logical::Number) };
    assert_eq!(found(&cells(&["secret"]), &of(secret)), ["a 1 no number"]);
    let public = Column { classification: Some("Public".into()), ..column(Logical::Number) };
    let long = "x\u{202e}y".repeat(1000);
    let [shown] = &found(&cells(&[&long]), &of(public))[..] else { panic!() };
    assert!(shown.starts_with("a 1 no number \"x\\u{202e}y") && shown.ends_with("…\"") && shown.len() < 250, "{shown}");
}

#[test]
fn which_columns_there_are() {
    let object = Object {
        columns: vec![
            Column { name: "a".into(), classification: Some("Restricted".into()), ..Column::default() },
            Column { name: "c".into(), unique: true, ..Column::default() },
        ],
        rules: vec![Rule {
            counted: Counted::Nulls { column: "c".into() },
            bound: Bound::new(vec![Test::Is(0.0)]),
            percent: false,
        }],
        ..Object::default()
    };
    let forbidden = ["restricted".to_owned()];
    let asked = Asked { no_extra_columns: true, ..asked(&forbidden) };
    let broken = measure(&table_of(b"a,b\n1,2\n"), &object, asked).unwrap().broken;
    let broken: Vec<String> = broken.iter().map(told).collect();
    assert_eq!(broken, ["a is Restricted", "c is no column", "b is not in the contract"]);
    assert_eq!(measure(&table_of(b"a,b\n"), &object, asked), Err(MeasureError::Empty));
}

#[test]
fn rules_count_rows() {
    let counted = |counted: Counted, test: Test, percent: bool| Object {
        columns: vec![column(Logical::Text)],
        rules: vec![Rule { counted, bound: Bound::new(vec![test]), percent }],
        ..Object::default()
    };
    let a = || "a".to_owned();
    let text = |of: &str| Values { texts: [of.to_owned()].into(), null: true, ..Values::default() };
    let four = cells(&["x", "x", "n/a", ""]);
    let cases = [
        (counted(Counted::Rows, Test::Is(4.0), false), ""),
        (counted(Counted::Rows, Test::Above(4.0), false), "- 4 rowCount not > 4"),
        (counted(Counted::Nulls { column: a() }, Test::AtMost(25.0), true), ""),
        (counted(Counted::Nulls { column: a() }, Test::Below(25.0), true), "a 1 nullValues % not < 25"),
        (counted(Counted::Missing { column: a(), values: text("n/a") }, Test::Is(2.0), false), ""),
        // An empty cell is the empty text, whether or not null is named.
        (
            counted(Counted::Missing { column: a(), values: Values { null: false, ..text("") } }, Test::Is(1.0), false),
            "",
        ),
        (
            counted(Counted::Invalid { column: a(), allowed: Some(text("x")), pattern: None }, Test::Is(0.0), false),
            "a 1 invalidValues not = 0",
        ),
        (
            counted(
                Counted::Invalid { column: a(), allowed: None, pattern: Pattern::read("x").ok() },
                Test::Is(1.0),
                false,
            ),
            "",
        ),
        (counted(Counted::Duplicates { columns: vec![a()] }, Test::Is(1.0), false), ""),
        (counted(Counted::Duplicates { columns: vec![a(), "b".into()] }, Test::Is(0.0), false), ""),
    ];
    for (object, expected) in cases {
        assert_eq!(found(&four, &object).join("|"), expected);
    }
    let words = cells(&["x", "NaN", ""]);
    let missing = |values| counted(Counted::Missing { column: a(), values }, Test::Is(2.0), false);
    assert!(found(&words, &counted(Counted::Nulls { column: a() }, Test::Is(2.0), false)).is_empty());
    assert!(found(&words, &missing(text("n/a"))).is_empty());
    assert_eq!(found(&words, &missing(Values { null: false, ..text("NaN") })), ["a 1 missingValues not = 2"]);
}

#[test]
fn several_columns_together() {
    let names = ["a", "b"].map(|name| Column { name: name.into(), key: true, ..Column::default() });
    let object = Object { columns: names.into(), ..Object::default() };
    assert!(found(b"a,b\n1,2\n2,1\n12,\"\"\"\"\n", &object).is_empty());
    assert_eq!(found(b"a,b\n1,2\n2,1\n1,2\n", &object), ["a, b 1 not unique as primary key"]);
    assert_eq!(found(b"a,b\n1,2\n1,\n1,\n", &object), ["b 2 missing"]);
    // Apart they would read the same when run together.
    assert!(found(b"a,b\nab,c\na,bc\n", &object).is_empty());
}

#[test]
fn the_newest_value_against_the_time_of_the_run() {
    let dated = |seconds| Object {
        freshness: vec![Freshness { column: "a".into(), seconds }],
        ..of(Column { name: "a".into(), ..Column::default() })
    };
    let cases: [(&[&str], u64, &str); 7] = [
        (&["2026-05-31T12:00:00Z", "2020-01-01", ""], 12 * 3600, ""),
        (&["2026-05-31T12:00:00Z"], 12 * 3600 - 1, "a is 12 h old, asked at most 11 h"),
        (&["2026-06-01T00:05:00Z"], 0, ""),
        (&["2026-06-01T00:05:01Z", "2026-05-31"], 100_000, "a has a newest value in the future"),
        (&["", ""], 100_000, "a has no value, where an age is asked"),
        (&["2026-05-31", "yesterday"], 100_000, "a 1 no date, where an age is asked"),
        (&["2026-05-31"], 86_400, ""),
    ];
    for (values, seconds, expected) in cases {
        assert_eq!(found(&cells(values), &dated(seconds)).join("|"), expected, "{values:?}");
    }
    let unknown = Asked { now: None, ..asked(&[]) };
    let broken = measure(&table_of(&cells(&["2026-05-31"])), &dated(u64::MAX), unknown).unwrap().broken;
    assert_eq!(told(&broken[0]), "a has an age that nobody can tell");
}

#[test]
fn parquet_values_are_what_they_are_stored_as() {
    let large = (1i64 << 60) + 1;
    let table = parquet(vec![
        ("id", Arc::new(Int64Array::from(vec![large, large + 1, large + 2])) as ArrayRef),
        ("real", Arc::new(Float64Array::from(vec![Some(1.0), Some(f64::NAN), None]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("text", Arc::new(StringArray::from(vec!["1", "x", "x"]))),
        ("day", Arc::new(Date32Array::from(vec![20_604, 20_604, 0]))),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![1_780_271_998_500, 0, 0]).with_timezone("UTC"))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![0, 1, 2]))),
        ("money", Arc::new(Decimal128Array::from(vec![12_345, -1, 100]).with_precision_and_scale(6, 2).unwrap())),
        ("large", Arc::new(Decimal128Array::from(vec![1_234_567, 99_999, 0]).with_precision_and_scale(5, 2).unwrap())),
    ]);
    let named = |name: &str, column: Column| of(Column { name: name.into(), ..column });
    let edge = |at| Some(Edge { at, exclusive: false });
    let stored = |family| Column {
        stored: Some(Stored { name: "T".into(), family, range: Range::default(), max_length: None }),
        ..Column::default()
    };
    let written =
        |letters: &str| Column { form: TimeFormat::read(letters).map(Form::Time), ..column(Logical::Timestamp) };
    let plain = Column::default;
    let cases: [(&str, Column, &str); 34] = [
        // Doubles would not tell these three apart.
        ("id", Column { unique: true, ..plain() }, ""),
        (
            "id",
            Column { range: Range { high: edge(Number::Whole(large.into())), low: None }, ..column(Logical::Integer) },
            "id 2 above the maximum 1152921504606846977 \"1152921504606846978\"",
        ),
        ("id", column(Logical::Text), "id 3 no string \"1152921504606846977\""),
        ("id", stored(Family::Integer), ""),
        ("id", stored(Family::Float), "id is not stored as T"),
        ("real", Column { required: true, ..column(Logical::Number) }, "real 2 missing|real 1 NaN or infinite"),
        ("real", plain(), "real 1 NaN or infinite"),
        ("real", column(Logical::Integer), "real 1 NaN or infinite"),
        ("flag", column(Logical::Boolean), ""),
        ("flag", Column { unique: true, ..plain() }, "flag 1 not unique"),
        // A text is no number, however it reads.
        ("text", column(Logical::Integer), "text 3 no integer \"1\""),
        ("text", Column { unique: true, ..column(Logical::Text) }, "text 1 not unique"),
        ("text", stored(Family::Text), ""),
        ("day", column(Logical::Date), ""),
        ("day", column(Logical::Timestamp), "day 3 no timestamp \"2026-05-31\""),
        ("day", stored(Family::Date), ""),
        ("at", Column { zoned: Some(true), ..column(Logical::Timestamp) }, ""),
        (
            "at",
            Column { zoned: Some(false), ..column(Logical::Timestamp) },
            "at 3 with or without a zone \"2026-05-31T23:59:58.5Z\"",
        ),
        ("time", column(Logical::Time), ""),
        (
            "money",
            Column {
                range: Range { low: edge(Number::Whole(0)), high: edge(Number::parse("123.45").unwrap()) },
                ..column(Logical::Number)
            },
            "money 1 below the minimum 0 \"-0.01\"",
        ),
        ("money", stored(Family::Decimal { digits: Some(6), after_point: Some(2) }), ""),
        ("money", stored(Family::Decimal { digits: Some(5), after_point: Some(2) }), "money is not stored as T"),
        ("money", column(Logical::Boolean), "money 3 no boolean \"123.45\""),
        // 12345.67 in a column that says it has five digits.
        ("large", stored(Family::Decimal { digits: Some(5), after_point: Some(2) }), "large 1 not T"),
        ("large", column(Logical::Number), "large 1 no number"),
        ("at", stored(instants(None, Some(3))), ""),
        ("at", stored(instants(Some(true), Some(3))), ""),
        ("at", stored(instants(Some(false), None)), "at is not stored as T"),
        ("at", stored(instants(None, Some(0))), "at 1 not T \"2026-05-31T23:59:58.5Z\""),
        ("time", stored(Family::Time { after_point: Some(6) }), ""),
        ("time", stored(Family::Time { after_point: Some(5) }), "time 2 not T \"00:00:00.000001\""),
        ("at", written("yyyy-MM-dd HH:mm:ss.SXXX"), ""),
        ("at", written("yyyy-MM-dd HH:mm:ssXXX"), "at 1 not of the format \"2026-05-31T23:59:58.5Z\""),
        ("at", written("yyyy-MM-dd HH:mm:ss.S"), "at 3 not of the format \"2026-05-31T23:59:58.5Z\""),
    ];
    for (name, column, expected) in cases {
        assert_eq!(found(&table, &named(name, column)).join("|"), expected, "{name}");
    }
    let fresh =
        Object { freshness: vec![Freshness { column: "at".into(), seconds: 2 }], ..named("at", Column::default()) };
    assert!(found(&table, &fresh).is_empty());
    let both = Object {
        columns: ["flag", "text"].map(|name| Column { name: name.into(), key: true, ..plain() }).into(),
        ..Object::default()
    };
    assert!(found(&table, &both).is_empty());
}

#[test]
fn lists_and_bytes_can_be_there_and_no_more() {
    let mut lists = arrow_array::builder::ListBuilder::new(arrow_array::builder::Int32Builder::new());
    lists.append_value([Some(1)]);
    lists.append_null();
    let table = parquet(vec![
        ("a", Arc::new(lists.finish()) as ArrayRef),
        ("b", Arc::new(arrow_array::BinaryArray::from(vec![&b"x"[..], b"x"]))),
    ]);
    let required = Column { required: true, ..column(Logical::Text) };
    assert_eq!(found(&table, &of(required)), ["a 1 missing", "a 1 no string"]);
    let unique = Column { name: "b".into(), unique: true, ..Column::default() };
    assert_eq!(found(&table, &of(unique)), ["b 1 not unique"]);
}
