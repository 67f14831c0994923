//! `Find`: the first element of a list or map that a lambda picks.

use std::ops::ControlFlow;

use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity};
use ottl_core::ops::normalised;
use ottl_core::{EvalError, Gate, Value};

use crate::arguments;
use crate::elements::{predicate, something, walk};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Find")
    .arg("source", ParamType::Any, "list or map")
    .arg("predicate", ParamType::Lambda(2), "lambda of index or key and value that gives a bool")
    .optional(
        "mapper",
        ParamType::Lambda(2),
        "lambda of index or key and value that gives the result; default: the value",
    )
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "The first element for which the predicate gives true, or what the mapper makes of it.\n\nNil when there is \
         none. Elements behind the first are not visited. A mapper that gives nil is an error, and so is a source \
         that is neither list nor map.",
    )
    .example("Find([1, 5, 7], (i, v) => v > 4)", "5")
    .example(r#"Find({"a": 1, "b": 2}, (k, v) => v > 1, (k, v) => k)"#, r#""b""#)
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let lambda = arguments::lambda(args, 1)?;
    let mapper = if arguments::any(args, 2).is_absent() { None } else { Some(arguments::lambda(args, 2)?) };
    let mut found = Value::Nil;
    walk(cx, args[0], |cx, key, element| {
        if !predicate(cx.host().call_lambda(lambda, &[key, element.value])?)? {
            return Ok(ControlFlow::Continue(()));
        }
        found = match mapper {
            Some(mapper) => normalised(something(cx.host().call_lambda(mapper, &[key, element.value])?, 2)?),
            None => element.value,
        };
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::with_lambda;

    #[test]
    fn the_first_is_found() {
        fn large<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            Ok(Value::Bool(!matches!(args[1], Value::Int(i) if i < 3)))
        }
        for (source, want) in [
            ("[1,4,5]", "4"),
            ("[1,null,5]", "null"),
            ("[1]", "null"),
            ("[]", "null"),
            (r#"{"a":1,"b":[7]}"#, "[7]"),
            ("null", "error"),
            ("1.5", "error"),
        ] {
            assert_eq!(with_lambda(&DEF, source, large), want, "{source}");
        }
        assert_eq!(with_lambda(&DEF, "[1]", |_| Ok(Value::Nil)), "error");
    }
}
