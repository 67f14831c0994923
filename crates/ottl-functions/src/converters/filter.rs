//! `Filter`: the elements of a list or map that a lambda picks.

use std::ops::ControlFlow;

use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity};
use ottl_core::{EvalError, Gate, Value};

use crate::elements::{self, predicate, rebuilt};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Filter")
    .arg("source", ParamType::Any, "list or map")
    .arg("predicate", ParamType::Lambda(2), "lambda of index or key and value that gives a bool")
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "The elements for which the lambda gives true, in order, as a list or map like the source.\n\nA source \
         that is neither list nor map is an error, and so is a lambda that gives no bool.",
    )
    .example("Filter([1, 5, 7], (i, v) => v > 4)", "[5,7]")
    .example(r#"Filter({"a": 1}, (k, v) => k == "a")"#, r#"{"a":1}"#)
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let mut kept = cx.arena().vec();
    let source = elements::each(cx, args, |result, element| {
        if predicate(result)? {
            kept.push(element)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    rebuilt(&source, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::with_lambda;

    #[test]
    fn order_and_shape_stay() {
        fn small<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            Ok(Value::Bool(matches!(args[1], Value::Int(i) if i < 3)))
        }
        for (source, want) in [
            ("[1,4,2,null]", "[1,2]"),
            ("[]", "[]"),
            (r#"{"b":1,"a":9,"c":2,"b":2}"#, r#"{"b":1,"c":2,"b":2}"#),
            ("null", "error"),
            (r#""text""#, "error"),
        ] {
            assert_eq!(with_lambda(&DEF, source, small), want, "{source}");
        }
        assert_eq!(with_lambda(&DEF, "[1]", |_| Ok(Value::Nil)), "error");
        assert_eq!(with_lambda(&DEF, "[7,8]", |args| Ok(Value::Bool(args[0].as_int() == Some(1)))), "[8]");
    }
}
