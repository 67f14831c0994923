//! What the converters with a lambda over a list or map share: the walk over the elements.

use std::ops::ControlFlow;

use ottl_core::ArenaVec;
use ottl_core::function::CallContext;
use ottl_core::ops::{Coercion, coerce};
use ottl_core::value::Entry;
use ottl_core::{ErrorKind, EvalError, List, ListKind, Value};

/// Calls the lambda (argument 1) with index or key and value of each element of the source (argument 0) and hands its
/// result and the element to `take`; an element of a list has an empty key. Gives the source back, lists as general
/// lists.
///
/// # Errors
/// A source that is neither list nor map, those of the lambda, and those of `take`.
pub(crate) fn each<'a>(
    cx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    mut take: impl FnMut(Value<'a>, Entry<'a>) -> Result<ControlFlow<()>, EvalError>,
) -> Result<Value<'a>, EvalError> {
    let (source, Value::Lambda(lambda)) = (args[0], args[1]) else {
        return Err(EvalError::function("a lambda expression is needed"));
    };
    match source {
        Value::Map(map) => {
            for entry in map.iter() {
                let result = cx.host().call_lambda(lambda, &[Value::Str(entry.key), entry.value])?;
                if take(result, entry)?.is_break() {
                    break;
                }
            }
            Ok(source)
        }
        Value::List(_) => {
            let source = coerce(Coercion::List, source, cx.arena())?;
            for (value, idx) in source.as_list().iter().flat_map(List::iter).zip(0_i64..) {
                let result = cx.host().call_lambda(lambda, &[Value::Int(idx), value])?;
                if take(result, Entry { key: &[], value })?.is_break() {
                    break;
                }
            }
            Ok(source)
        }
        other => Err(EvalError::new(ErrorKind::Type { expected: "list or map", got: other.type_name() }).of(0)),
    }
}

/// The answer of a predicate.
///
/// # Errors
/// A result that is no bool.
pub(crate) fn predicate(result: Value<'_>) -> Result<bool, EvalError> {
    result.as_bool().ok_or_else(|| EvalError::new(ErrorKind::LambdaResult(result.type_name())).of(1))
}

/// A container like the source with other elements.
pub(crate) fn rebuilt<'a>(source: &Value<'a>, elements: ArenaVec<'a, Entry<'a>>) -> Result<Value<'a>, EvalError> {
    if matches!(source, Value::Map(_)) {
        return elements.arena().map(elements.into_slice());
    }
    let values = elements.arena().collect(elements.iter().map(|e| e.value))?;
    elements.arena().list(ListKind::Slice, values)
}
