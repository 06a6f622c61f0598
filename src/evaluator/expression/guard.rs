//! What an answer may not rest on: arithmetic that gives no finite number, more bytes than there is room for, values of
//! different kinds that differ, a list of the evidence with nothing in it.

use super::functions::{EQUAL, EQUAL_OR_NULL, FILLED, MADE, WITHIN, WITHIN_OR_NULL};
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::common::types::CelString;

/// What null is when it is compared with a value that is not written as `null`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Unknown, so not compared: tools write null for what they could not compute.
    Unknown,
    /// A value like any other: an empty cell of a table.
    Values,
}

/// Wraps whatever can make a NaN or an infinity out of finite numbers or text, or much out of little; asks comparisons
/// for values of one kind, and lists of the evidence for something in them.
pub fn guard(node: &mut IdedExpr, nulls: Nulls) {
    match &mut node.expr {
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| guard(target, nulls));
            call.args.iter_mut().for_each(|argument| guard(argument, nulls));
            let makes_numbers =
                [operators::ADD, operators::SUBSTRACT, operators::MULTIPLY, operators::DIVIDE, "double"];
            // `map` and `filter` add a list at each step, in a form that the library looks for.
            let adds_list = call.args.iter().any(|argument| matches!(argument.expr, Expr::List(_)));
            if makes_numbers.contains(&call.func_name.as_str()) && !adds_list {
                wrap(node, MADE, []);
            } else {
                compare(node, nulls);
            }
        }
        Expr::Comprehension(part) => {
            let ComprehensionExpr { iter_range, accu_init, loop_cond, loop_step, result, .. } = part.as_mut();
            // `map` and `filter` begin with a list and give one; what is then asked of it can be of its size.
            let answers = !matches!(accu_init.expr, Expr::List(_));
            let place = place(iter_range).filter(|_| answers);
            [&mut *iter_range, accu_init, loop_cond, loop_step, result].into_iter().for_each(|node| guard(node, nulls));
            if let Some(place) = place {
                let place = Expr::Literal(LiteralValue::String(CelString::from(place)));
                wrap(iter_range, FILLED, [IdedExpr { id: iter_range.id, expr: place }]);
            }
        }
        Expr::List(list) => list.elements.iter_mut().for_each(|element| guard_held(element, nulls)),
        Expr::Map(map) => map.entries.iter_mut().for_each(|entry| guard_entry(&mut entry.expr, nulls)),
        Expr::Struct(object) => object.entries.iter_mut().for_each(|entry| guard_entry(&mut entry.expr, nulls)),
        Expr::Select(select) => guard(&mut select.operand, nulls),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
    }
}

/// `==`, `!=` and `in` of values that are not written as `null`.
fn compare(node: &mut IdedExpr, nulls: Nulls) {
    let Expr::Call(call) = &mut node.expr else { return };
    let written_null = |argument: &IdedExpr| matches!(argument.expr, Expr::Literal(LiteralValue::Null));
    if call.args.iter().any(written_null) {
        return;
    }
    let (equal, within) = match nulls {
        Nulls::Unknown => (EQUAL, WITHIN),
        Nulls::Values => (EQUAL_OR_NULL, WITHIN_OR_NULL),
    };
    match call.func_name.as_str() {
        operators::EQUALS => equal.clone_into(&mut call.func_name),
        operators::IN => within.clone_into(&mut call.func_name),
        operators::NOT_EQUALS => {
            equal.clone_into(&mut call.func_name);
            wrap(node, operators::LOGICAL_NOT, []);
        }
        _ => {}
    }
}

/// Where in the evidence a list is that the text names, such as `evidence.metrics.runs`; of two that it chooses from,
/// both. None for what the text makes, and for lists inside of others: one that is empty is one of many.
fn place(node: &IdedExpr) -> Option<String> {
    match &node.expr {
        Expr::Ident(name) => (name == "evidence").then(|| name.clone()),
        Expr::Select(select) if !select.test => Some(format!("{}.{}", place(&select.operand)?, select.field)),
        Expr::Call(call) => match (call.func_name.as_str(), &call.args[..]) {
            (operators::INDEX, [of, key]) => Some(format!("{}[{}]", place(of)?, index(key)?)),
            (operators::CONDITIONAL, [_, one, other]) => match (place(one), place(other)) {
                (Some(one), Some(other)) => Some(format!("{one} or {other}")),
                (one, other) => one.or(other),
            },
            _ => None,
        },
        _ => None,
    }
}

/// What an index says, unless a loop gives it.
fn index(key: &IdedExpr) -> Option<String> {
    match &key.expr {
        Expr::Literal(LiteralValue::String(key)) => Some(format!("'{}'", key.inner())),
        Expr::Literal(LiteralValue::Int(index)) => Some(index.inner().to_string()),
        _ => is_of_facts(key).then(|| "…".to_owned()),
    }
}

/// Whether it names nothing but facts and evidence.
fn is_of_facts(node: &IdedExpr) -> bool {
    match &node.expr {
        Expr::Ident(name) => ["release", "model", "declared", "evidence"].contains(&name.as_str()),
        Expr::Select(select) => is_of_facts(&select.operand),
        Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).all(is_of_facts),
        Expr::Literal(_) => true,
        _ => false,
    }
}

fn wrap<const N: usize>(node: &mut IdedExpr, function: &str, more: [IdedExpr; N]) {
    let wrapped = std::mem::take(node);
    let id = wrapped.id;
    let args = std::iter::once(wrapped).chain(more).collect();
    *node = IdedExpr { id, expr: Expr::Call(CallExpr { func_name: function.to_owned(), target: None, args }) };
}

/// What a list or a map takes in is a copy.
fn guard_held(node: &mut IdedExpr, nulls: Nulls) {
    guard(node, nulls);
    match &node.expr {
        Expr::Literal(_) => {}
        Expr::Call(call) if call.func_name == MADE => {}
        Expr::Call(_)
        | Expr::Comprehension(_)
        | Expr::Ident(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Select(_)
        | Expr::Struct(_)
        | Expr::Unspecified => wrap(node, MADE, []),
    }
}

fn guard_entry(entry: &mut EntryExpr, nulls: Nulls) {
    match entry {
        EntryExpr::StructField(field) => guard_held(&mut field.value, nulls),
        EntryExpr::MapEntry(entry) => {
            guard_held(&mut entry.key, nulls);
            guard_held(&mut entry.value, nulls);
        }
    }
}
