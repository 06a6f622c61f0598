//! Reference against current, column by column. Definitions: `tests/truth/README.md`.

use super::sorted::Sorted;
use super::table::{Column, Kind, Table};
use super::{MeasureError, chi_square, ks, psi};
use crate::policy::check::DriftMethod;

/// One of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Reference,
    Current,
}

/// What went wrong, and with which table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideError {
    pub side: Side,
    pub error: MeasureError,
}

/// What a method says about one column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    pub statistic: f64,
    /// PSI has none.
    pub p: Option<f64>,
    /// Both sides hold one and the same single value. The statistic is 0 then, and tells nothing.
    pub constant: bool,
}

/// Why a column cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    #[error("empty on both sides")]
    Null,
    #[error("empty in the reference")]
    NullReference,
    #[error("empty in the current rows")]
    NullCurrent,
    #[error("one single value in the reference")]
    ConstantReference,
    #[error("one single value")]
    OneValue,
    #[error("text")]
    NotNumeric,
    #[error("of type {0}")]
    UnsupportedType(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    pub column: String,
    pub answer: Result<Answer, NotComparable>,
}

/// Compares the named columns, or, when none is named, every column that both tables have. Answers come in the order
/// of the names, or of the reference's columns.
///
/// # Errors
/// A named column that one side lacks, cells that cannot be read, numbers that are not finite.
pub fn compare(
    reference: &Table,
    current: &Table,
    columns: &[String],
    method: DriftMethod,
) -> Result<Vec<Compared>, SideError> {
    let in_reference = |error| SideError { side: Side::Reference, error };
    let in_current = |error| SideError { side: Side::Current, error };
    let names: Vec<&str> = if columns.is_empty() {
        reference.columns().iter().map(String::as_str).filter(|name| current.position(name).is_ok()).collect()
    } else {
        columns.iter().map(String::as_str).collect()
    };
    let mut compared: Vec<Compared> = Vec::with_capacity(names.len());
    for names in names.chunks(reference.columns_at_once().max(current.columns_at_once())) {
        let mut waiting = Vec::new();
        let (mut from_reference, mut from_current) = (Vec::new(), Vec::new());
        for name in names {
            let at = (reference.position(name).map_err(in_reference)?, current.position(name).map_err(in_current)?);
            let kind = common_kind(name, reference.kind(at.0), current.kind(at.1))?;
            let unlike = match (&kind, method) {
                (Kind::Unsupported(kind), _) => Some(NotComparable::UnsupportedType(kind.clone())),
                (Kind::Text | Kind::NotFinite(_), DriftMethod::KolmogorovSmirnov) => Some(NotComparable::NotNumeric),
                (Kind::Numbers, _) | (Kind::Text | Kind::NotFinite(_), DriftMethod::Psi | DriftMethod::ChiSquare) => {
                    None
                }
            };
            if unlike.is_none() {
                from_reference.push((at.0, kind.clone()));
                from_current.push((at.1, kind));
            }
            waiting.push((*name, unlike));
        }
        let mut ones = reference.read(&from_reference).map_err(in_reference)?.into_iter();
        let mut twos = current.read(&from_current).map_err(in_current)?.into_iter();
        for (name, unlike) in waiting {
            let answer = match unlike {
                Some(unlike) => Err(unlike),
                None => match (ones.next(), twos.next()) {
                    (Some(one), Some(two)) => answer(one, two, method),
                    (None, _) | (_, None) => Err(NotComparable::NullReference),
                },
            };
            compared.push(Compared { column: name.to_owned(), answer });
        }
    }
    Ok(compared)
}

/// Numbers only when both sides are; one word among them makes texts of both.
fn common_kind(name: &str, reference: Kind, current: Kind) -> Result<Kind, SideError> {
    match (reference, current) {
        (Kind::Unsupported(kind), _) | (_, Kind::Unsupported(kind)) => Ok(Kind::Unsupported(kind)),
        (Kind::Text, _) | (_, Kind::Text) => Ok(Kind::Text),
        (Kind::NotFinite(text), Kind::NotFinite(_) | Kind::Numbers) => {
            let error = MeasureError::NotFinite { column: name.to_owned(), text };
            Err(SideError { side: Side::Reference, error })
        }
        (Kind::Numbers, Kind::NotFinite(text)) => {
            let error = MeasureError::NotFinite { column: name.to_owned(), text };
            Err(SideError { side: Side::Current, error })
        }
        (Kind::Numbers, Kind::Numbers) => Ok(Kind::Numbers),
    }
}

fn answer(reference: Column, current: Column, method: DriftMethod) -> Result<Answer, NotComparable> {
    match (reference, current) {
        (Column::Numbers { values: one, nulls: none_one }, Column::Numbers { values: two, nulls: none_two }) => {
            of_numbers(&Sorted::new(one, none_one), &Sorted::new(two, none_two), method)
        }
        (Column::Texts { counts: one, nulls: none_one }, Column::Texts { counts: two, nulls: none_two }) => {
            some_on_both_sides(!one.is_empty(), !two.is_empty())?;
            match method {
                DriftMethod::Psi => {
                    let constant = one.len() == 1 && none_one + none_two == 0 && one.keys().eq(two.keys());
                    Ok(Answer { statistic: psi::of_texts((&one, none_one), (&two, none_two)), p: None, constant })
                }
                DriftMethod::ChiSquare => of_chi_square(chi_square::of_texts((&one, none_one), (&two, none_two))),
                DriftMethod::KolmogorovSmirnov => Err(NotComparable::NotNumeric),
            }
        }
        (Column::Numbers { .. }, Column::Texts { .. }) | (Column::Texts { .. }, Column::Numbers { .. }) => {
            Err(NotComparable::NotNumeric)
        }
    }
}

fn of_numbers(reference: &Sorted, current: &Sorted, method: DriftMethod) -> Result<Answer, NotComparable> {
    some_on_both_sides(!reference.values().is_empty(), !current.values().is_empty())?;
    let constant = reference.only_value().is_some() && reference.only_value() == current.only_value();
    match method {
        DriftMethod::Psi if constant => Err(NotComparable::OneValue),
        DriftMethod::Psi if reference.only_value().is_some() => Err(NotComparable::ConstantReference),
        DriftMethod::Psi => Ok(Answer { statistic: psi::of_numbers(reference, current), p: None, constant: false }),
        DriftMethod::KolmogorovSmirnov => match ks::test(reference.values(), current.values()) {
            Some(ks) => Ok(Answer { statistic: ks.statistic, p: Some(ks.p), constant }),
            None => Err(NotComparable::NullCurrent),
        },
        DriftMethod::ChiSquare => of_chi_square(chi_square::of_numbers(reference, current)),
    }
}

fn some_on_both_sides(reference: bool, current: bool) -> Result<(), NotComparable> {
    match (reference, current) {
        (true, true) => Ok(()),
        (false, false) => Err(NotComparable::Null),
        (false, true) => Err(NotComparable::NullReference),
        (true, false) => Err(NotComparable::NullCurrent),
    }
}

fn of_chi_square(test: Option<chi_square::ChiSquare>) -> Result<Answer, NotComparable> {
    test.map(|test| Answer { statistic: test.statistic, p: Some(test.p), constant: false })
        .ok_or(NotComparable::OneValue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(values: &[f64]) -> Column {
        Column::Numbers { values: values.to_vec(), nulls: 1 }
    }

    fn whole_numbers() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-40i32..40).prop_map(f64::from), 1..60)
    }

    proptest! {
        #[test]
        fn order_of_rows_and_scale_do_not_matter(one in whole_numbers(), two in whole_numbers()) {
            // A power of two scales without rounding.
            let turned = |values: &[f64]| column(&values.iter().rev().map(|v| v * 0.125).collect::<Vec<_>>());
            for method in [DriftMethod::Psi, DriftMethod::KolmogorovSmirnov, DriftMethod::ChiSquare] {
                let plain = answer(column(&one), column(&two), method);
                prop_assert_eq!(&plain, &answer(turned(&one), turned(&two), method));
                prop_assert!(plain.is_ok());
            }
        }
    }
}
