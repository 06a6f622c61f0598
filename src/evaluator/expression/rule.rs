//! Rules of the API's own schemas (`x-kubernetes-validations`), answered as an API server does: with the functions of
//! Kubernetes that they use. Their texts are ours and need no bound.

use super::{Answer, STACK, from_json, parse, resolve};
use crate::intake;
use cel::common::ast::IdedExpr;
use cel::common::types::{CelBool, CelInt, CelString, Type};
use cel::common::value::{StaticVal, Val};
use cel::{Context, DeclarationError, Env, ExecutionError};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A rule, and what it calls `self`.
pub struct Asked<'a> {
    pub rule: &'a str,
    pub of: &'a serde_json::Value,
}

/// What each rule comes to, in order; `Invalid` also when a rule needs what is not here.
///
/// # Errors
/// No thread could be started, or the CEL library broke.
pub fn answers(asked: &[Asked]) -> Result<Vec<Answer>, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("rules".into()).stack_size(STACK);
        let all = || {
            let mut environment = Env::stdlib();
            functions(&mut environment).map_err(|error| format!("the CEL library refuses a function: {error}"))?;
            let mut context = Context::with_env(Arc::new(environment));
            Ok(asked.iter().map(|one| answer(&mut context, one)).collect())
        };
        let running = thread.spawn_scoped(scope, all).map_err(|error| format!("no thread to run it in: {error}"))?;
        running.join().unwrap_or_else(|_| Err("the CEL library broke on it".to_owned()))
    })
}

fn answer(context: &mut Context<'static, 'static>, asked: &Asked) -> Answer {
    match parsed(asked.rule) {
        Ok(program) => {
            context.add_variable_from_value("self", from_json(asked.of.clone()));
            resolve(&program, context)
        }
        Err(why) => Answer::Invalid(why),
    }
}

/// Many objects are asked the same few rules: each is parsed once.
fn parsed(rule: &str) -> Result<Arc<IdedExpr>, String> {
    static PARSED: LazyLock<Mutex<BTreeMap<String, Arc<IdedExpr>>>> = LazyLock::new(Mutex::default);
    let mut known = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(program) = known.get(rule) {
        return Ok(Arc::clone(program));
    }
    let program = Arc::new(parse(rule)?);
    known.insert(rule.to_owned(), Arc::clone(&program));
    Ok(program)
}

/// Those of Kubernetes that the rules use and the library does not have as it is built here.
fn functions(environment: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(environment, fn duration: (CelString) -> Result<CelInt>)?;
    cel::add_overload!(environment, fn quantity: (CelString) -> Result<Quantity>)?;
    cel::add_member_overload!(environment, fn compare_to: (Quantity, Quantity) -> CelInt)?;
    cel::add_member_overload!(environment, fn matches: (CelString, CelString) -> Result<CelBool>)
}

/// In seconds: durations of the API have no smaller parts, and are only compared with one another.
fn duration(text: &CelString<'_>) -> Result<CelInt, ExecutionError> {
    let seconds = intake::seconds("duration", text.inner()).map_err(|error| failed("duration", &error))?;
    i64::try_from(seconds).map(CelInt::from).map_err(|error| failed("duration", &error))
}

fn matches(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    let pattern = regex::Regex::new(pattern.inner()).map_err(|error| failed("matches", &error))?;
    Ok(CelBool::from(pattern.is_match(text.inner())))
}

fn failed(function: &str, why: &dyn std::fmt::Display) -> ExecutionError {
    ExecutionError::function_error(function, why)
}

/// An amount of a resource in millionths: 12 digits before the point, three after it, and `m` for thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Quantity(i128);

static QUANTITY: Type = Type::new_unspecified_type("quantity");

impl Val for Quantity {
    fn get_type(&self) -> &Type {
        &QUANTITY
    }

    fn cel_type() -> &'static Type {
        &QUANTITY
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Quantity {}

/// Suffixes, and how many millionths one of each is.
const UNITS: [(&str, i128); 10] = [
    ("Ki", 1_000_000 << 10),
    ("Mi", 1_000_000 << 20),
    ("Gi", 1_000_000 << 30),
    ("Ti", 1_000_000 << 40),
    ("m", 1_000),
    ("k", 1_000_000_000),
    ("M", 1_000_000_000_000),
    ("G", 1_000_000_000_000_000),
    ("T", 1_000_000_000_000_000_000),
    ("", 1_000_000),
];

fn quantity(text: &CelString<'_>) -> Result<Quantity, ExecutionError> {
    let text = text.inner();
    let read = || {
        let (number, unit) = UNITS.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)))?;
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str, most: usize| {
            let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<i128>().ok()).flatten()
        };
        let (whole, thousandths) = (digits(whole, 12)?, digits(part, 3)? * [100, 10, 1].get(part.len() - 1)?);
        Some(Quantity(whole * unit + thousandths * unit / 1000))
    };
    read().ok_or_else(|| failed("quantity", &format!("{text:?} is no quantity")))
}

fn compare_to(this: &Quantity, other: &Quantity) -> CelInt {
    CelInt::from(this.0.cmp(&other.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn one(rule: &str, of: serde_json::Value) -> Answer {
        answers(&[Asked { rule, of: &of }]).unwrap().remove(0)
    }

    #[test]
    fn functions_of_kubernetes_are_there() {
        for (rule, holds) in [
            ("duration(self) >= duration('1s') && duration(self) <= duration('24h')", true),
            ("duration(self) <= duration('1h29m59s')", false),
            ("self.matches('^[0-9]+h')", true),
            ("self.matches('^[0-9]+$')", false),
        ] {
            let expected = if holds { Answer::True } else { Answer::False };
            assert_eq!(one(rule, json!("1h30m")), expected, "{rule}");
        }
    }

    #[test]
    fn quantities_are_compared_by_what_they_say() {
        for (smaller, larger) in [
            ("0", "1m"),
            ("999m", "1"),
            ("1.5", "1501m"),
            ("0.001m", "0.002m"),
            ("1k", "1Ki"),
            ("976Ki", "1M"),
            ("1023Mi", "1Gi"),
            ("1G", "1Gi"),
            ("999999999999", "1T"),
            ("1T", "1Ti"),
            ("999999999998.999Ti", "999999999999Ti"),
        ] {
            let of = json!({"a": smaller, "b": larger});
            assert_eq!(one("quantity(self.a).compareTo(quantity(self.b)) < 0", of.clone()), Answer::True, "{of}");
            assert_eq!(one("quantity(self.b).compareTo(quantity(self.a)) > 0", of.clone()), Answer::True, "{of}");
        }
        for (one_way, other) in [("1000m", "1"), ("0.5Gi", "512Mi"), ("1.50", "1500m"), ("1024Ki", "1Mi")] {
            let of = json!({"a": one_way, "b": other});
            assert_eq!(one("quantity(self.a).compareTo(quantity(self.b)) == 0", of.clone()), Answer::True, "{of}");
        }
        for bad in ["", "m", "1.", ".5", "1.2345", "-1", "1 Gi", "1e3", "1Kim"] {
            let answer = one("quantity(self).compareTo(quantity('1')) <= 0", json!(bad));
            assert!(matches!(answer, Answer::Invalid(_)), "{bad}: {answer:?}");
        }
    }

    #[test]
    fn what_cannot_be_answered_is_no_answer() {
        for rule in ["isSorted(self)", "self.nothing", "self ==", "self + 1 == 2"] {
            assert!(matches!(one(rule, json!("a")), Answer::Invalid(_)), "{rule}");
        }
        assert_eq!(one("self", json!("a")), Answer::NotBoolean("a string"));
    }
}
