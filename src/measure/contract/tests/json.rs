//! Rows in JSON lines.

use super::*;

/// Of JSON lines a number is a number and a text a text, but for times, which JSON has none of.
#[test]
fn values_of_json_are_what_they_are() {
    let table = "{\"n\":1.0,\"s\":\"1\",\"d\":\"2026-01-31\",\"b\":true,\"m\":12.340,\"l\":[1],\"x\":NaN}\n\
         {\"n\":2e0,\"s\":\"x\",\"d\":\"2026-02-01\",\"b\":false,\"m\":-0.1}\n"
        .as_bytes();
    let decimal = |digits, after_point| Family::Decimal { digits: Some(digits), after_point: Some(after_point) };
    let stored = |family| Column {
        stored: Some(Stored { name: "T".into(), family, range: Range::default(), max_length: None }),
        ..Column::default()
    };
    let allowed = Values { texts: ["1", "x"].map(String::from).into(), ..Values::default() };
    let cases = [
        ("n", column(Logical::Integer), ""),
        ("n", column(Logical::Number), ""),
        ("n", column(Logical::Text), "n 2 no string \"1.0\""),
        ("n", stored(Family::Integer), ""),
        ("n", stored(Family::Text), "n 2 not T \"1.0\""),
        ("s", column(Logical::Text), ""),
        ("s", column(Logical::Integer), "s 2 no integer \"1\""),
        ("s", stored(Family::Integer), "s 2 not T \"1\""),
        ("s", Column { allowed: Some(allowed), ..Column::default() }, ""),
        ("d", column(Logical::Date), ""),
        ("d", column(Logical::Timestamp), ""),
        ("d", stored(Family::Date), ""),
        ("b", column(Logical::Boolean), ""),
        ("b", column(Logical::Text), "b 2 no string \"true\""),
        ("b", stored(Family::Boolean), ""),
        ("b", stored(Family::Text), "b 2 not T \"true\""),
        ("m", stored(decimal(4, 2)), ""),
        ("m", stored(decimal(3, 1)), "m 1 not T \"12.340\""),
        ("m", Column { required: true, unique: true, ..Column::default() }, ""),
        ("l", column(Logical::Text), "l 1 no string"),
        ("l", Column { required: true, ..Column::default() }, "l 1 missing"),
        ("x", column(Logical::Number), "x 1 NaN or infinite"),
        ("x", Column { required: true, ..Column::default() }, "x 2 missing|x 1 NaN or infinite"),
    ];
    for (name, column, expected) in cases {
        assert_eq!(found(table, &of(Column { name: name.into(), ..column })).join("|"), expected, "{name}");
    }
}
