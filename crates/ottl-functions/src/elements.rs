//! What the converters with a lambda over a list or map share: the walk over the elements.

use std::ops::ControlFlow;

use ottl_core::ArenaVec;
use ottl_core::function::CallContext;
use ottl_core::ops::{Coercion, coerce, kept_map};
use ottl_core::value::Entry;
use ottl_core::{ErrorKind, EvalError, List, ListKind, Value};

use crate::arguments;

/// Hands the index or key of each element of a list or map to `take`, as a lambda gets it, and the element; an element of a
/// list has an empty key. Gives the source back, lists as general lists.
///
/// # Errors
/// A source that is neither list nor map, and those of `take`.
pub(crate) fn walk<'a>(
    cx: &mut CallContext<'_, 'a>,
    source: Value<'a>,
    mut take: impl FnMut(&mut CallContext<'_, 'a>, Value<'a>, Entry<'a>) -> Result<ControlFlow<()>, EvalError>,
) -> Result<Value<'a>, EvalError> {
    match source {
        Value::Map(map) => {
            for entry in map.iter() {
                if take(cx, Value::Str(entry.key), entry)?.is_break() {
                    break;
                }
            }
            Ok(source)
        }
        Value::List(_) => {
            let source = coerce(Coercion::List, source, cx.arena())?;
            let list = source.as_list().unwrap_or(List::empty(ListKind::Any));
            for (idx, value) in list.iter().enumerate() {
                if take(cx, Value::Int(idx as i64), Entry { key: &[], value })?.is_break() {
                    break;
                }
            }
            Ok(source)
        }
        other => Err(EvalError::new(ErrorKind::Type { expected: "list or map", got: other.type_name() }).of(0)),
    }
}

/// Calls the lambda (argument 1) with index or key and value of each element of the source (argument 0) and hands its
/// result and the element to `take`. Gives the source back as [`walk`] does.
///
/// # Errors
/// Those of [`walk`], of the lambda, and of `take`.
pub(crate) fn each<'a>(
    cx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    mut take: impl FnMut(Value<'a>, Entry<'a>) -> Result<ControlFlow<()>, EvalError>,
) -> Result<Value<'a>, EvalError> {
    let lambda = arguments::lambda(args, 1)?;
    walk(cx, args[0], |cx, key, element| {
        let result = cx.host().call_lambda(lambda, &[key, element.value])?;
        take(result, element)
    })
}

/// The answer of a predicate.
///
/// # Errors
/// A result that is no bool.
pub(crate) fn predicate(result: Value<'_>) -> Result<bool, EvalError> {
    result.as_bool().ok_or_else(|| useless(result, 1))
}

/// What a lambda gave, which must be something.
///
/// # Errors
/// Nil, from the lambda that is this argument.
pub(crate) fn something(result: Value<'_>, idx: usize) -> Result<Value<'_>, EvalError> {
    if matches!(result, Value::Nil) { Err(useless(result, idx)) } else { Ok(result) }
}

/// The error for a result that cannot be used, of the lambda that is this argument.
pub(crate) fn useless(result: Value<'_>, idx: usize) -> EvalError {
    EvalError::new(ErrorKind::LambdaResult(result.type_name())).of(idx)
}

/// A container like the source with other elements.
pub(crate) fn rebuilt<'a>(source: &Value<'a>, elements: ArenaVec<'a, Entry<'a>>) -> Result<Value<'a>, EvalError> {
    if matches!(source, Value::Map(_)) {
        let arena = elements.arena();
        return match arena.map(elements.into_slice())? {
            Value::Map(map) => kept_map(map, arena),
            other => Ok(other),
        };
    }
    let values = elements.arena().collect(elements.iter().map(|e| e.value))?;
    elements.arena().list(ListKind::Slice, values)
}
