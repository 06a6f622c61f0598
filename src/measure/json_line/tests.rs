use super::*;
use proptest::prelude::*;

fn members(line: &str) -> Result<Vec<(String, String)>, Wrong> {
    let mut tokens = Vec::new();
    let mut read = Line::new(line, String::new());
    read.members::<Wrong>(|name, token| {
        tokens.push((name.to_owned(), token));
        Ok(())
    })?;
    let shown = |token: Token| match token {
        Token::Number(place) | Token::NotFinite(place) => read.text(place).to_owned(),
        Token::Text(place) => format!("{:?}", read.text(place)),
        other => format!("{other:?}"),
    };
    Ok(tokens.into_iter().map(|(name, token)| (name, shown(token))).collect())
}

#[test]
fn members_are_what_is_written() {
    let line = r#" {"a":1, "b" : -0.50e+3,"c":"x\n\u00e9\ud83d\ude00","d":null,"e":true,"f":[1,{"x":[]}],"g":{"h":{}},"\u0069":"",
        "k":NaN,"l":-Infinity,"m":12345678901234567890.00} "#;
    let read = members(line).unwrap();
    let read: Vec<(&str, &str)> = read.iter().map(|(name, token)| (name.as_str(), token.as_str())).collect();
    let asked = [
        ("a", "1"),
        ("b", "-0.50e+3"),
        ("c", "\"x\\né😀\""),
        ("d", "Null"),
        ("e", "Boolean(true)"),
        ("f", "Array"),
        ("g", "Object"),
        ("i", "\"\""),
        ("k", "NaN"),
        ("l", "-Infinity"),
        ("m", "12345678901234567890.00"),
    ];
    assert_eq!(read, asked);
    assert_eq!(members("{}"), Ok(vec![]));
}

#[test]
fn what_is_no_object() {
    for (line, what) in [
        ("", "no object begins here"),
        ("[1]", "no object begins here"),
        ("{", "no text in quotes"),
        ("{\"a\"", "no colon"),
        ("{\"a\":", "no value"),
        ("{\"a\":1", "neither a comma"),
        ("{\"a\":1}{", "something follows"),
        ("{\"a\":1,}", "no text in quotes"),
        ("{\"a\":01}", "begins with 0"),
        ("{\"a\":1.}", "behind the point"),
        ("{\"a\":1e}", "exponent"),
        ("{\"a\":+1}", "no value"),
        ("{\"a\":nul}", "no value"),
        ("{\"a\":\"x}", "without end"),
        ("{\"a\":\"\u{1}\"}", "control character"),
        ("{\"a\":\"\\x\"}", "escape"),
        ("{\"a\":\"\\ud800\"}", "half a character"),
        ("{\"a\":\"\\udc00\\ud800\"}", "half a character"),
        ("{\"a\":\"\\u12", "escape"),
        ("{\"a\":[1 2]}", "neither a comma nor an end"),
        ("{\"a\":[1}", "neither a comma nor an end"),
        ("{'a':1}", "no text in quotes"),
    ] {
        let wrong = members(line).unwrap_err();
        assert!(wrong.what.contains(what), "{line}: {wrong:?}");
    }
    let deep = |levels: usize| members(&format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels)));
    assert!(deep(MAX_DEPTH - 1).is_ok());
    assert!(deep(MAX_DEPTH).unwrap_err().what.contains("too deep") && deep(1_000_000).is_err());
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn objects_read_back(members_in in prop::collection::btree_map(any::<String>(), value(), 0..6)) {
        let object: serde_json::Map<_, _> = members_in.into_iter().collect();
        let line = serde_json::to_string(&object).unwrap();
        let mut read = Line::new(&line, String::new());
        let mut tokens = Vec::new();
        read.members::<Wrong>(|name, token| { tokens.push((name.to_owned(), token)); Ok(()) }).unwrap();
        prop_assert_eq!(tokens.len(), object.len());
        for (name, token) in tokens {
            match (&object[&name], token) {
                (serde_json::Value::Null, Token::Null)
                | (serde_json::Value::Array(_), Token::Array)
                | (serde_json::Value::Object(_), Token::Object) => {}
                (serde_json::Value::Bool(one), Token::Boolean(two)) => prop_assert_eq!(*one, two),
                (serde_json::Value::Number(number), Token::Number(place)) => {
                    prop_assert_eq!(number.to_string(), read.text(place));
                }
                (serde_json::Value::String(text), Token::Text(place)) => prop_assert_eq!(text, read.text(place)),
                (value, token) => prop_assert!(false, "{value} as {token:?}"),
            }
        }
    }

    /// One byte changed: what the one refuses the other does, too.
    #[test]
    fn broken_lines_are_refused_as_elsewhere(value in value(), at in any::<prop::sample::Index>(), byte in 0x20u8..0x7f) {
        let mut line = serde_json::json!({"a": value, "b": [1.5, "x\\\n"]}).to_string().into_bytes();
        let at = at.index(line.len());
        line[at] = byte;
        if let Ok(line) = std::str::from_utf8(&line) {
            // Names that stand twice are none of this reader's business, and numbers that no double holds are not, either: behind one
            // the other looks no further.
            let other = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line);
            if other.as_ref().is_err_and(|error| error.to_string().contains("number out of range")) {
                return Ok(());
            }
            prop_assert_eq!(members(line).is_err(), other.is_err(), "{}", line);
        }
    }
}
