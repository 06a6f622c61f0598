//! CEL over facts and JSON evidence. The only place where the CEL library runs.
//!
//! The library recurses, has no cost limit, and lets a division 0/0 go on as NaN, which then differs
//! from every number. Hence: the text is checked first ([`check_limits`]), the work happens in a thread
//! with a large stack and is waited for only so long, and what an answer may not rest on is an error ([`guard`]).

mod functions;
mod guard;
pub mod row;
pub mod rule;

use self::functions::{FILLED, KINDS, MAX_MADE};
use self::guard::{Nulls, guard};
use crate::policy::expression::{ExpressionError, NameError, check_limits, check_names, evidence_paths};
use crate::policy::finding::clean;
use crate::policy::result::OrderFacts;
use cel::common::ast::IdedExpr;
use cel::parser::Parser;
use cel::{Context, Env, ExecutionError, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Stack of the thread that compiles and runs. Only what is used is backed by memory.
const STACK: usize = 64 << 20;
/// Longest that one expression may take.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What an expression came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    True,
    False,
    /// It gave something else; the name of its type.
    NotBoolean(&'static str),
    /// It asks of each of what is in a list or a map of the evidence, at this place, and there is nothing in it.
    Nothing(String),
    /// It does not compile, or names something that is not there.
    Invalid(String),
    /// It is too large, or took too long.
    TooCostly(String),
}

/// What an expression may read.
#[derive(Debug, Clone)]
pub struct Variables {
    pub facts: OrderFacts,
    /// JSON evidence by name.
    pub evidence: BTreeMap<String, serde_json::Value>,
}

/// Compiles and runs one expression. Comes back after `patience` at the latest; a thread that is
/// still busy then is left behind and ends with the process.
pub fn answer(text: &str, variables: Variables, patience: Duration) -> Answer {
    let known: Vec<String> = variables.evidence.keys().cloned().collect();
    match check_names(text, &known) {
        Ok(_) => {}
        Err(NameError::Form(error)) => return refused(&error),
        Err(NameError::NoBoolean(kind)) => return Answer::NotBoolean(kind),
        Err(other) => return Answer::Invalid(other.to_string()),
    }
    let absent = absent_field(text, &variables.evidence);
    let (sender, receiver) = sync_channel(1);
    let text = text.to_owned();
    let work = move || {
        // Nobody listens any more when the wait is over.
        let _ = sender.send(run(&text, variables));
    };
    if let Err(error) = std::thread::Builder::new().name("expression".into()).stack_size(STACK).spawn(work) {
        return Answer::TooCostly(format!("no thread to run it in: {error}"));
    }
    match receiver.recv_timeout(patience) {
        Ok(Answer::Invalid(why)) if why.starts_with(NO_SUCH_KEY) => Answer::Invalid(absent.unwrap_or(why)),
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Answer::TooCostly(format!("it ran longer than {} s", patience.as_secs_f64())),
        Err(RecvTimeoutError::Disconnected) => Answer::Invalid("the CEL library broke on it".into()),
    }
}

/// How the library begins to say that a field is not there.
const NO_SUCH_KEY: &str = "No such key";
/// Fields that a message lists.
const LISTED: usize = 6;

/// The first field of evidence that the text reads and the document does not have, with those that it has.
fn absent_field(text: &str, evidence: &BTreeMap<String, serde_json::Value>) -> Option<String> {
    let short = |name: &str| clean(name, 32);
    evidence_paths(text).ok()?.iter().find_map(|path| {
        let (name, fields) = path.split_first()?;
        let (mut value, mut place) = (evidence.get(name)?, format!("evidence.{}", short(name)));
        for field in fields {
            let object = value.as_object()?;
            let Some(found) = object.get(field) else {
                if object.is_empty() {
                    return Some(format!("{place} has no field {}; there is nothing in it", short(field)));
                }
                let listed: Vec<String> = object.keys().take(LISTED).map(|name| short(name)).collect();
                let more = if object.len() > listed.len() { ", …" } else { "" };
                return Some(format!("{place} has no field {}; it has {}{more}", short(field), listed.join(", ")));
            };
            (value, place) = (found, format!("{place}.{}", short(field)));
        }
        None
    })
}

/// Whether the text is within the limits and compiles. What it names is known only when it runs.
pub fn compiles(text: &str) -> Result<(), String> {
    check_limits(text).map_err(|error| error.to_string())?;
    let text = text.to_owned();
    let parses = move || parse(&text).map(|_| ());
    let thread = std::thread::Builder::new().name("expression".into()).stack_size(STACK).spawn(parses);
    thread.map_err(|error| error.to_string())?.join().map_err(|_| "the CEL library broke on it".to_owned())?
}

fn refused(error: &ExpressionError) -> Answer {
    if error.is_cost() { Answer::TooCostly(error.to_string()) } else { Answer::Invalid(error.to_string()) }
}

fn run(text: &str, variables: Variables) -> Answer {
    let mut program = match parse(text) {
        Ok(program) => program,
        Err(why) => return Answer::Invalid(why),
    };
    guard(&mut program, Nulls::Unknown);
    match context(variables) {
        Ok(context) => resolve(&program, &context),
        Err(why) => Answer::Invalid(why),
    }
}

fn parse(text: &str) -> Result<IdedExpr, String> {
    let first = |errors: cel::ParseErrors| errors.errors.first().map(ToString::to_string).unwrap_or_default();
    Parser::default().parse(text).map_err(first)
}

fn resolve(program: &IdedExpr, context: &Context<'_, '_>) -> Answer {
    functions::begin();
    match Value::resolve(program, context) {
        Ok(Value::Bool(true)) => Answer::True,
        Ok(Value::Bool(false)) => Answer::False,
        Ok(other) => Answer::NotBoolean(kind(&other)),
        Err(_) if functions::is_spent() => Answer::TooCostly(format!("it makes more than {MAX_MADE} bytes")),
        Err(ExecutionError::FunctionError { function, message }) if function == FILLED => Answer::Nothing(message),
        Err(ExecutionError::FunctionError { function, message }) if function == KINDS => Answer::Invalid(message),
        Err(ExecutionError::NoSuchOverload(error)) => Answer::Invalid(types_said(&error.to_string())),
        Err(ExecutionError::UnsupportedBinaryOperator(operator, left, right)) => {
            Answer::Invalid(format!("{} does not take {} and {}", sign(operator), kind(&left), kind(&right)))
        }
        Err(ExecutionError::ValuesNotComparable(left, right)) => {
            Answer::Invalid(format!("{} does not compare with {}", kind(&left), kind(&right)))
        }
        Err(error) => Answer::Invalid(error.to_string()),
    }
}

fn sign(operator: &str) -> &str {
    match operator {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        "rem" => "%",
        other => other,
    }
}

/// `found no matching overload for '_>_' applied to '(string, int)'` as a person would say it.
fn types_said(said: &str) -> String {
    let quoted: Vec<&str> = said.split('\'').collect();
    match quoted[..] {
        [_, function, _, types, _] => {
            let types = types.trim_matches(['(', ')']).replace(".(", ", ").replace(", ", " and ");
            format!("{} does not take {types}", function.trim_matches('_'))
        }
        _ => said.to_owned(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Function(..) => "a function",
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number",
        Value::String(_) => "a string",
        Value::Bytes(_) => "bytes",
        Value::Bool(_) => "a boolean",
        Value::Opaque(_) | Value::Struct(_) => "an object",
        Value::Null => "null",
    }
}

fn empty_context() -> Result<Context<'static, 'static>, String> {
    let mut environment = Env::stdlib();
    functions::declare(&mut environment).map_err(|error| format!("the CEL library refuses a function: {error}"))?;
    Ok(Context::with_env(Arc::new(environment)))
}

fn context(variables: Variables) -> Result<Context<'static, 'static>, String> {
    let mut context = empty_context()?;
    let OrderFacts { namespace, namespace_labels, release, model_name, model_version, model_digest, declared, at: _ } =
        variables.facts;
    let mut model = vec![("name", Value::from(model_name)), ("version", Value::from(model_version))];
    model.extend(model_digest.map(|digest| ("digest", Value::from(String::from(digest)))));
    // `namespace` itself is a reserved word of CEL.
    let release = [
        ("name", Value::from(release)),
        ("namespace", Value::from(namespace)),
        ("namespaceLabels", map(namespace_labels)),
    ];
    let evidence = variables.evidence.into_iter().map(|(name, value)| (name, from_json(value)));
    context.add_variable_from_value("release", map(release));
    context.add_variable_from_value("model", map(model));
    context.add_variable_from_value("declared", map(declared));
    context.add_variable_from_value("evidence", map(evidence));
    Ok(context)
}

fn map<K: Into<String>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Value {
    entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect::<HashMap<String, Value>>().into()
}

/// Whole numbers become `int`, others `double`, as in Kubernetes' own CEL. The parser of the evidence
/// bounds depth and count.
fn from_json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(number)) => Value::Float(number),
            (None, None) => Value::Null,
        },
        serde_json::Value::String(text) => Value::from(text),
        serde_json::Value::Array(items) => items.into_iter().map(from_json).collect::<Vec<Value>>().into(),
        serde_json::Value::Object(fields) => map(fields.into_iter().map(|(key, value)| (key, from_json(value)))),
    }
}

#[cfg(test)]
mod tests;
