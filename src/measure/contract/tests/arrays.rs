//! Arrays that are looked at as a whole tell what their values tell one by one.

use super::*;
use arrow_array::{Float32Array, Int32Array, TimestampMicrosecondArray, UInt64Array};

fn by_value_and_by_array(array: &ArrayRef, object: &Object) -> [Measured; 2] {
    let table = table_of(&parquet(vec![("a", Arc::clone(array))]));
    [false, true].map(|arrays| {
        let mut one = Watched::new(&object.columns[0], object, 0, &table);
        if arrays {
            assert!(table.arrays(0, &mut |array| one.take_array(array)).unwrap());
        } else {
            let taken = table.values(&[0], None, |_, value| {
                one.take(value);
                Ok(())
            });
            taken.unwrap();
        }
        let mut found = Measured::default();
        one.tell(&mut found);
        one.freshness(Some(NOW), &mut found);
        let counted = one.counted().map(|(rule, count)| Broken::of(None, rule.to_string(), Some(count)));
        found.broken.extend(counted);
        found
    })
}

/// A column of the test's own writing: nulls here and there, some values that break a rule, and many that repeat.
fn arrays() -> Vec<ArrayRef> {
    let rows = || 0..8_600i64;
    let some = |row: &i64| row % 7 != 3;
    let edge = |row: i64| if row == 8_500 { i64::MAX } else { row % 50 };
    let real = |row: i64| match row {
        8_200 => f64::NEG_INFINITY,
        8_400 => f64::NAN,
        100 => -0.0,
        _ => (row % 50) as f64 / 2.0,
    };
    let text = |row: i64| ["a", "b", "NaN", "longer", "", "12"][(row % 6) as usize];
    let instants = || TimestampMicrosecondArray::from_iter(rows().map(|row| some(&row).then_some(row * 1_000)));
    vec![
        Arc::new(Int64Array::from_iter_values(rows())),
        Arc::new(Int64Array::from_iter(rows().map(|row| some(&row).then(|| edge(row))))),
        Arc::new(Int32Array::from_iter_values(rows().map(|row| (row % 3) as i32))),
        Arc::new(UInt64Array::from_iter_values(rows().map(|row| u64::MAX - row as u64))),
        Arc::new(Float64Array::from_iter_values(rows().map(|row| row as f64))),
        Arc::new(Float64Array::from_iter_values(rows().map(|row| if row == 8_191 { 0.5 } else { row as f64 }))),
        Arc::new(Float64Array::from_iter(rows().map(|row| some(&row).then(|| real(row))))),
        Arc::new(Float32Array::from_iter(rows().map(|row| some(&row).then_some(row as f32 / 3.0)))),
        Arc::new(Float64Array::from(vec![None; 20])),
        Arc::new(BooleanArray::from_iter(rows().map(|row| some(&row).then_some(row % 2 == 0)))),
        Arc::new(BooleanArray::from(vec![true; 9])),
        Arc::new(StringArray::from_iter(rows().map(|row| some(&row).then(|| text(row))))),
        Arc::new(StringArray::from_iter_values(rows().map(|row| format!("{:?}", text(row).repeat(3))))),
        Arc::new(Date32Array::from_iter_values(rows().map(|row| row as i32))),
        Arc::new(instants()),
        Arc::new(instants().with_timezone("UTC")),
        Arc::new(Time64MicrosecondArray::from_iter_values(rows())),
        Arc::new(Decimal128Array::from_iter_values(rows().map(i128::from)).with_precision_and_scale(4, 2).unwrap()),
        Arc::new(Decimal128Array::from_iter_values(rows().map(i128::from)).with_precision_and_scale(9, 0).unwrap()),
    ]
}

fn objects() -> Vec<Object> {
    let edge = |at: &str, exclusive| Some(Edge { at: Number::parse(at).unwrap(), exclusive });
    let named = |column: Column| Column { name: "a".into(), ..column };
    let range = |low: &str, high: &str| Range { low: edge(low, false), high: edge(high, true) };
    let stored = |family, range, max_length| Some(Stored { name: "T".into(), family, range, max_length });
    let values = |texts: &[&str], numbers: &[i128]| Values {
        texts: texts.iter().map(|text| (*text).to_owned()).collect(),
        numbers: numbers.iter().map(|number| Number::Whole(*number)).collect(),
        null: false,
    };
    let mut columns = vec![Column::default(), Column { classification: Some("secret".into()), ..Column::default() }];
    for logical in [
        Logical::Text,
        Logical::Integer,
        Logical::Number,
        Logical::Boolean,
        Logical::Date,
        Logical::Timestamp,
        Logical::Time,
    ] {
        columns.push(Column { required: true, ..column(logical) });
    }
    let plain = Column::default;
    columns.extend([
        Column { range: range("0", "49"), ..plain() },
        Column { range: range("-1", "1e300"), required: true, ..plain() },
        Column { range: range("0", "8599000000"), ..plain() },
        Column { stored: stored(Family::Integer, Range::between(0, 40), None), ..plain() },
        Column { stored: stored(instants(None, Some(5)), Range::default(), None), ..plain() },
        Column { stored: stored(Family::Text, Range::default(), Some(3)), ..plain() },
        Column { lengths: Lengths { min: Some(1), max: Some(5) }, ..plain() },
        Column { pattern: Some(Pattern::read("[a-z]+").unwrap()), ..plain() },
        Column { allowed: Some(values(&["a", "true"], &[0, 1, 2])), ..plain() },
        Column { form: Some(Form::Uuid), ..plain() },
        Column { multiple_of: Some(2), ..plain() },
        Column { zoned: Some(true), ..plain() },
    ]);
    let mut objects: Vec<Object> = columns.into_iter().map(|column| of(named(column))).collect();
    let a = || "a".to_owned();
    for counted in [
        Counted::Nulls { column: a() },
        Counted::Missing { column: a(), values: Values { null: true, ..values(&[], &[]) } },
        Counted::Missing { column: a(), values: values(&["12"], &[7]) },
        Counted::Invalid { column: a(), allowed: Some(values(&["a", "b"], &[1, 2])), pattern: None },
        Counted::Invalid { column: a(), allowed: None, pattern: Some(Pattern::read("[0-9]").unwrap()) },
    ] {
        let bound = Bound::new(vec![Test::Is(0.0)]);
        objects.push(Object { rules: vec![Rule { counted, bound, percent: false }], ..of(named(plain())) });
    }
    objects.push(Object { freshness: vec![Freshness { column: a(), seconds: 1 }], ..of(named(plain())) });
    objects
}

#[test]
fn values_one_by_one_and_in_arrays_tell_the_same() {
    let mut broken = 0;
    for array in arrays() {
        for object in objects() {
            let [by_value, by_array] = by_value_and_by_array(&array, &object);
            assert_eq!(by_value, by_array, "{:?} {object:?}", array.data_type());
            broken += by_value.broken.len();
        }
    }
    assert!(broken > 200, "{broken}");
}
