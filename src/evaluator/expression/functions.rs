//! Functions of our own that [`super::guard`] puts into parsed text. Their names cannot be written in CEL, so nobody else
//! calls them.

use cel::common::types::{CelBool, CelBytes, CelDouble, CelList, CelMap, CelString, DYN_TYPE, Kind};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use std::cell::Cell;

/// Bytes that one expression may make: what lists and maps hold, and what `+` joins. Nothing is given back.
pub const MAX_MADE: usize = 64 << 20;
/// About what a value takes beside its text, in bytes.
const VALUE: usize = 48;

/// `made(x)`: x, if it is finite and there is room for it.
pub const MADE: &str = "@made";
/// `equal(a, b)`: a == b, between values of one kind.
pub const EQUAL: &str = "@equal";
/// The same; null is of each kind.
pub const EQUAL_OR_NULL: &str = "@equalOrNull";
/// `within(a, b)`: a in b, which has something of its kind.
pub const WITHIN: &str = "@within";
/// The same; null is of each kind.
pub const WITHIN_OR_NULL: &str = "@withinOrNull";
/// `filled(x, place)`: x, if it has something in it. The error's message is the place.
pub const FILLED: &str = "@filled";
/// What errors between kinds are of.
pub const KINDS: &str = "@kinds";

/// # Errors
/// Why the library refuses one.
pub fn declare(environment: &mut Env) -> Result<(), DeclarationError> {
    let two = || vec![DYN_TYPE, DYN_TYPE];
    environment.add_overload(MADE, "made_dyn", vec![DYN_TYPE], made)?;
    environment.add_overload(EQUAL, "equal_dyn", two(), |args| equal(args, false))?;
    environment.add_overload(EQUAL_OR_NULL, "equal_or_null_dyn", two(), |args| equal(args, true))?;
    environment.add_overload(WITHIN, "within_dyn", two(), |args| within(args, false))?;
    environment.add_overload(WITHIN_OR_NULL, "within_or_null_dyn", two(), |args| within(args, true))?;
    environment.add_overload(FILLED, "filled_dyn", two(), filled)
}

thread_local! {
    /// Bytes that the expression of this thread may still make; 0 when it wanted more.
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// Gives this thread's next expression its room.
pub fn begin() {
    LEFT.set(MAX_MADE);
}

/// Whether it wanted more than its room.
pub fn is_spent() -> bool {
    LEFT.get() == 0
}

type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Given<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

fn made<'b, 'v>(args: Args<'b, 'v>) -> Given<'b, 'v> {
    let value = args.into_iter().next().ok_or_else(|| ExecutionError::function_error(MADE, "no value"))?;
    match value.downcast_ref::<CelDouble>() {
        Some(number) if !number.inner().is_finite() => {
            return Err(ExecutionError::function_error(
                "arithmetic",
                format!("{} is not a finite number", number.inner()),
            ));
        }
        Some(_) | None => {}
    }
    let left = LEFT.get();
    LEFT.set(left.saturating_sub(weight(&*value, left)));
    if is_spent() { Err(ExecutionError::function_error(MADE, "no room")) } else { Ok(value) }
}

/// About how many bytes a value takes, with all that it holds; counted no further than `enough`.
fn weight<'v>(value: &(dyn Val + 'v), enough: usize) -> usize {
    let (mut bytes, mut open) = (0, vec![value]);
    while let Some(value) = open.pop() {
        bytes += VALUE;
        if let Some(text) = value.downcast_ref::<CelString<'_>>() {
            bytes += text.inner().len();
        } else if let Some(text) = value.downcast_ref::<CelBytes<'_>>() {
            bytes += text.inner().len();
        } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
            open.extend(list.inner().iter().map(|item| &**item));
        } else if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
            open.extend(map.inner().iter().flat_map(|(key, item)| [key.inner(), &**item]));
        }
        if bytes >= enough {
            break;
        }
    }
    bytes
}

/// What values of one kind are called.
fn kind<'v>(value: &(dyn Val + 'v)) -> &'static str {
    match value.get_type().kind() {
        Kind::Boolean => "a boolean",
        Kind::Int | Kind::UInt | Kind::Double => "a number",
        Kind::String => "a string",
        Kind::Bytes => "bytes",
        Kind::List => "a list",
        Kind::Map => "a map",
        Kind::NullType => "null",
        _ => "an object",
    }
}

fn is_null<'v>(value: &(dyn Val + 'v)) -> bool {
    value.get_type().kind() == Kind::NullType
}

fn pair<'b, 'v>(args: Args<'b, 'v>, name: &str) -> Result<(CowVal<'b, 'v>, CowVal<'b, 'v>), ExecutionError> {
    <[CowVal<'b, 'v>; 2]>::try_from(args)
        .map(|[left, right]| (left, right))
        .map_err(|_| ExecutionError::function_error(name, "two values are asked for"))
}

fn equal<'b, 'v>(args: Args<'b, 'v>, nulls: bool) -> Given<'b, 'v> {
    let (left, right) = pair(args, EQUAL)?;
    if nulls && (is_null(&*left) || is_null(&*right)) {
        return Ok(CowVal::owned(CelBool::from(left == right)));
    }
    Ok(CowVal::owned(CelBool::from(same(&*left, &*right)?)))
}

/// Whether two values are the same, with all that they hold.
///
/// # Errors
/// Of different kinds, or null: what could not be told is neither the same nor another, unless the rest decides.
fn same<'v, 'w>(left: &(dyn Val + 'v), right: &(dyn Val + 'w)) -> Result<bool, ExecutionError> {
    let (one, other) = (kind(left), kind(right));
    if one != other || is_null(left) {
        let advice = if is_null(left) || is_null(right) { "; ask whether it is null first" } else { "" };
        let said = format!("{one} is not compared with {other}{advice}");
        return Err(ExecutionError::function_error(KINDS, said));
    }
    if let (Some(left), Some(right)) = (left.downcast_ref::<CelList<'_>>(), right.downcast_ref::<CelList<'_>>()) {
        let (left, right) = (left.inner(), right.inner());
        return Ok(left.len() == right.len() && all(left.iter().zip(right).map(|(one, other)| same(&**one, &**other)))?);
    }
    if let (Some(left), Some(right)) = (left.downcast_ref::<CelMap<'_>>(), right.downcast_ref::<CelMap<'_>>()) {
        let (left, right) = (left.inner(), right.inner());
        let each = left.iter().map(|(key, one)| right.get(key).map_or(Ok(false), |other| same(&**one, &**other)));
        return Ok(left.len() == right.len() && all(each)?);
    }
    Ok(left.equals(right))
}

/// Whether all hold; one that does not decides, whatever could not be told of others.
fn all(answers: impl Iterator<Item = Result<bool, ExecutionError>>) -> Result<bool, ExecutionError> {
    let mut untold = None;
    for answer in answers {
        match answer {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(why) => untold = untold.or(Some(why)),
        }
    }
    untold.map_or(Ok(true), Err)
}

fn within<'b, 'v>(args: Args<'b, 'v>, nulls: bool) -> Given<'b, 'v> {
    let (value, all) = pair(args, WITHIN)?;
    let found = |found| Ok(CowVal::owned(CelBool::from(found)));
    let Some(list) = all.downcast_ref::<CelList<'_>>() else {
        let no_container = || ExecutionError::function_error(KINDS, format!("nothing is in {}", kind(&*all)));
        return found(all.as_container().ok_or_else(no_container)?.contains(&*value)?);
    };
    if nulls && is_null(&*value) {
        return found(list.inner().iter().any(|item| is_null(&**item)));
    }
    let (looked_for, mut untold, mut alike) = (kind(&*value), None, false);
    for item in list.inner() {
        // Of other kinds there may be some; a null may stand for any.
        if kind(&**item) != looked_for && !is_null(&**item) {
            continue;
        }
        alike = true;
        match same(&*value, &**item) {
            Ok(true) => return found(true),
            Ok(false) => {}
            Err(_) if nulls && is_null(&**item) => {}
            Err(why) => untold = untold.or(Some(why)),
        }
    }
    let among = list.inner().first().map_or("nothing", |first| kind(&**first));
    match untold {
        Some(why) => Err(why),
        None if !alike && !list.inner().is_empty() || is_null(&*value) => {
            Err(ExecutionError::function_error(KINDS, format!("{looked_for} is not looked for in a list of {among}")))
        }
        None => found(false),
    }
}

fn filled<'b, 'v>(args: Args<'b, 'v>) -> Given<'b, 'v> {
    let (value, place) = pair(args, FILLED)?;
    let list = value.downcast_ref::<CelList<'_>>().is_some_and(|list| list.inner().is_empty());
    let map = value.downcast_ref::<CelMap<'_>>().is_some_and(|map| map.inner().is_empty());
    if list || map {
        let place = place.downcast_ref::<CelString<'_>>().map(|place| place.inner().to_owned());
        return Err(ExecutionError::function_error(FILLED, place.unwrap_or_default()));
    }
    Ok(value)
}
