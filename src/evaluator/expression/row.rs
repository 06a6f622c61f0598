//! CEL over the rows of a table: which of them a gate looks at.

use super::guard::{Nulls, guard};
use super::{Answer, STACK, empty_context, parse, refused, resolve};
use crate::policy::expression::check_limits;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::{Context, Value};
use std::collections::{BTreeSet, HashMap};

/// The one variable: a row, with its columns by name.
const ROW: &str = "row";

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum RowValue {
    Null,
    /// Finite.
    Number(f64),
    Text(String),
}

/// An expression over one row, such as `row.region == 'EU' && row.age >= 25`.
pub struct RowTest {
    program: IdedExpr,
    columns: Vec<String>,
    context: Context<'static, 'static>,
}

impl RowTest {
    fn compile(text: &str) -> Result<Self, Answer> {
        check_limits(text).map_err(|error| refused(&error))?;
        let mut program = parse(text).map_err(Answer::Invalid)?;
        let mut columns = BTreeSet::new();
        name_columns(&program, &mut columns).map_err(Answer::Invalid)?;
        if columns.is_empty() {
            return Err(Answer::Invalid("it names no column; write row.NAME, or row['NAME']".to_owned()));
        }
        guard(&mut program, Nulls::Values);
        let context = empty_context().map_err(Answer::Invalid)?;
        Ok(Self { program, columns: columns.into_iter().collect(), context })
    }

    /// Columns that the expression reads, each once.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether it holds for a row; `values` are those of [`Self::columns`], in their order.
    pub fn answer(&mut self, values: impl IntoIterator<Item = RowValue>) -> Answer {
        let value = |value| match value {
            RowValue::Null => Value::Null,
            RowValue::Number(number) => Value::Float(number),
            RowValue::Text(text) => Value::from(text),
        };
        let row: HashMap<String, Value> = self.columns.iter().cloned().zip(values.into_iter().map(value)).collect();
        self.context.add_variable_from_value(ROW, row);
        resolve(&self.program, &self.context)
    }
}

/// Compiles an expression and works with it in a thread that has the stack which the CEL library may need.
///
/// # Errors
/// `Invalid` or `TooCostly`, or those of `work`.
pub fn with_test<T: Send, E: From<Answer> + Send>(
    text: &str,
    work: impl FnOnce(RowTest) -> Result<T, E> + Send,
) -> Result<T, E> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("rows".into()).stack_size(STACK);
        let compiled = move || RowTest::compile(text).map_err(E::from).and_then(work);
        let running = thread
            .spawn_scoped(scope, compiled)
            .map_err(|error| E::from(Answer::TooCostly(format!("no thread to run it in: {error}"))))?;
        running.join().unwrap_or_else(|_| Err(Answer::Invalid("the CEL library broke on it".to_owned()).into()))
    })
}

/// Whether an expression is within the limits, compiles and names columns. Whether a table has them is known only when it
/// runs.
///
/// # Errors
/// Why not.
pub fn compiles(text: &str) -> Result<(), String> {
    let words = |answer| match answer {
        Answer::Invalid(why) | Answer::TooCostly(why) => why,
        Answer::True | Answer::False | Answer::Nothing(_) | Answer::NotBoolean(_) => "it was told of no row".to_owned(),
    };
    with_test(text, |_| Ok(())).map_err(words)
}

/// Every column that is named. Whatever else is done with a row is refused: it would have to be read whole.
fn name_columns(node: &IdedExpr, found: &mut BTreeSet<String>) -> Result<(), String> {
    let is_row = |node: &IdedExpr| matches!(&node.expr, Expr::Ident(name) if name == ROW);
    let mut all = |nodes: Vec<&IdedExpr>| nodes.into_iter().try_for_each(|node| name_columns(node, found));
    match &node.expr {
        Expr::Select(select) if is_row(&select.operand) => {
            found.insert(select.field.clone());
            Ok(())
        }
        Expr::Call(call) if call.func_name == operators::INDEX && call.args.first().is_some_and(is_row) => {
            match call.args.get(1).map(|index| &index.expr) {
                Some(Expr::Literal(LiteralValue::String(column))) => {
                    found.insert(column.inner().to_owned());
                    Ok(())
                }
                Some(_) | None => Err("row[...] takes the name of a column in quotes".to_owned()),
            }
        }
        Expr::Ident(name) if name == ROW => {
            Err("row stands only before a column: write row.NAME, or row['NAME']".to_owned())
        }
        Expr::Call(call) => all(call.target.iter().map(|target| &**target).chain(&call.args).collect()),
        Expr::Comprehension(part) => {
            let ComprehensionExpr { iter_range, accu_init, loop_cond, loop_step, result, .. } = part.as_ref();
            all(vec![iter_range, accu_init, loop_cond, loop_step, result])
        }
        Expr::List(list) => all(list.elements.iter().collect()),
        Expr::Map(map) => all(map.entries.iter().flat_map(|entry| held(&entry.expr)).collect()),
        Expr::Struct(object) => all(object.entries.iter().flat_map(|entry| held(&entry.expr)).collect()),
        Expr::Select(select) => all(vec![&*select.operand]),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Ok(()),
    }
}

fn held(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}
