use super::*;
use crate::measure::Table;
use crate::measure::table::Column;
use crate::measure::table::Take;
use crate::measure::table::tests::{table_of, try_table_of};

fn read(table: &Table, name: &str, take: Take) -> Column {
    let at = table.position(name).unwrap();
    table.read(&[(at, take)], None, &mut vec![]).unwrap().remove(0)
}

#[test]
fn columns_are_the_names_of_all_objects() {
    let text = "\u{feff}{\"a\":1,\"b\":\"x\"}\r\n\r\n  {\"b\":\"y\",\"c\":true}  \n{}\n{\"c\":null,\"a\":-2.5e1}";
    let table = table_of(text.as_bytes());
    assert_eq!(
        (table.format(), table.columns(), table.rows()),
        ("JSON lines", &["a", "b", "c"].map(String::from)[..], 4)
    );
    assert_eq!([0, 1, 2].map(|at| table.kind(at)), [Kind::Numbers, Kind::Text, Kind::Text]);
    let csv = table_of(b"a,b,c\n1,x,\n,y,true\n,,\n-25,,\n");
    for (name, take) in [("a", Take::Numbers), ("b", Take::Texts), ("c", Take::Texts)] {
        assert_eq!(read(&table, name, take), read(&csv, name, take), "{name}");
    }
}

#[test]
fn kinds() {
    let kind = |values: &[&str]| {
        let lines: String = values.iter().map(|value| format!("{{\"a\":{value}}}\n")).collect();
        table_of(lines.as_bytes()).kind(0)
    };
    let unsupported = |kind: &str| Kind::Unsupported(kind.to_owned());
    assert_eq!(kind(&["1", "null", "-0.5e3"]), Kind::Numbers);
    assert_eq!(kind(&["null"]), Kind::Numbers);
    assert_eq!(kind(&["1", "NaN"]), Kind::NotFinite("NaN".into()));
    assert_eq!(kind(&["1e999"]), Kind::NotFinite("1e999".into()));
    assert_eq!(kind(&["\"1\"", "\"2\""]), Kind::Text);
    assert_eq!(kind(&["true", "false"]), Kind::Text);
    assert_eq!(kind(&["\"2026-01-31\"", "\"2026-01-31T12:00:00\""]), Kind::Instants { zoned: false });
    assert_eq!(kind(&["\"2026-01-31T12:00:00Z\""]), Kind::Instants { zoned: true });
    assert_eq!(kind(&["\"2026-01-31\"", "\"2026-01-31T12:00:00Z\""]), Kind::Text);
    assert_eq!(kind(&["\"2026-01-31\"", "\"soon\""]), Kind::Text);
    assert_eq!(kind(&["1", "\"1\""]), unsupported("number and text"));
    assert_eq!(kind(&["1", "true"]), unsupported("number and boolean"));
    assert_eq!(kind(&["[1]"]), unsupported("array"));
    assert_eq!(kind(&["{\"b\":1}", "null"]), unsupported("object"));
}

#[test]
fn values_of_several_types_are_told_as_such() {
    let table = table_of(b"{\"a\":1,\"b\":[1],\"c\":2}\n{\"a\":\"1\",\"c\":3}\n");
    let refused = |position: usize| table.visit(&[position], None, |_| Ok(())).unwrap_err().to_string();
    assert!(refused(0).contains("number and text") && refused(1).contains("array"), "{} {}", refused(0), refused(1));
    table.visit(&[2], None, |_| Ok(())).unwrap();
    // Whatever they are, personal data may be in them.
    table.plain_rows(&[0], &mut |_| Ok(())).unwrap();
    assert!(table.plain_rows(&[1], &mut |_| Ok(())).is_err());
}

#[test]
fn numbers_keep_their_digits() {
    let table = table_of(b"{\"a\":9007199254740993}\n{\"a\":0.10}\n{\"a\":\"0.10\"}\n{\"a\":1e999}\n");
    let mut seen = Vec::new();
    table
        .values(&[0], None, |_, value| {
            seen.push(format!("{:?}", value.text()));
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, ["Some(\"9007199254740993\")", "Some(\"0.10\")", "Some(\"0.10\")", "None"]);
}

#[test]
fn what_is_not_such_a_table() {
    let wide: String = (0..=MAX_COLUMNS).map(|i| format!("{{\"c{i}\":1}}\n")).collect();
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(lines::MAX_LINE as usize));
    let name = format!("{{\"{}\":1}}", "x".repeat(MAX_TEXT + 1));
    let deep = format!("{{\"a\":{}", "[".repeat(10_000));
    for (text, said) in [
        ("{\"a\":1,\"a\":2}\n", "\"a\" stands twice in the object on line 1"),
        ("{\"a\":1}\n{\"a\":1,\"\\u0061\":2}\n", "on line 2"),
        ("{\"a\":1}\n{\"a\":2", "at line 2 column 7"),
        ("{\"a\":1}\n\n{\"a\":2},\n", "line 3"),
        ("{\"a\":1}\na,b\n", "line 2"),
        ("{\"a\":1} {\"a\":2}\n", "something follows"),
        ("{\n  \"a\": 1\n}\n", "line 1"),
        ("[{\"a\":1},\n {\"a\":2}]\n", "no object begins here"),
        ("[\"a\", \"b\"]\n[1, 2]\n", "no object begins here"),
        ("{}\n{}\n", "has no rows"),
        (&wide, "more than 4096 columns"),
        (&long, "bytes in one line"),
        (&name, "bytes in the name of a column"),
        (&deep, "too deep"),
    ] {
        let error = try_table_of(text.as_bytes()).map(drop).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    let latin = try_table_of(b"{\"a\":\"caf\xe9\"}\n").map(drop).unwrap_err().to_string();
    assert!(latin.contains("line 1 is not UTF-8"), "{latin}");
}

#[test]
fn a_header_with_a_brace_is_csv() {
    for (text, format) in [
        ("{id},name\n1,x\n", "CSV"),
        ("\"{\"\"a\"\": 1}\"\n1\n", "CSV"),
        ("[0;10),x\n1,2\n", "CSV"),
        ("a\n{\"a\":1}\n", "CSV"),
        ("\n \n { \"a\": 1}\n", "JSON lines"),
        ("{}\n{\"a\":1}\n", "JSON lines"),
    ] {
        assert_eq!(table_of(text.as_bytes()).format(), format, "{text}");
    }
}
