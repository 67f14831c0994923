//! `Any`: whether a lambda holds for an element of a list or map.

use std::ops::ControlFlow;

use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity, Type};
use ottl_core::{EvalError, Gate, Value};

use crate::elements::{self, predicate};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Any")
    .arg("source", ParamType::Any, "list or map")
    .arg("predicate", ParamType::Lambda(2), "lambda of index or key and value that gives a bool")
    .returns(Type::Bool)
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "Whether the lambda gives true for at least one element.\n\nElements are visited in order up to the first \
         that answers true. An empty source gives false; a source that is neither list nor map is an error.",
    )
    .example("Any([1, 5], (i, v) => v > 4)", "true")
    .example("Any({}, (k, v) => true)", "false")
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let mut found = false;
    elements::each(cx, args, |result, _| {
        found = predicate(result)?;
        Ok(if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(Value::Bool(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::with_lambda;

    #[test]
    fn the_first_true_ends_the_walk() {
        fn is_two<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            match args[1] {
                Value::Int(i) => Ok(Value::Bool(i == 2)),
                _ => Err(EvalError::function("no int")),
            }
        }
        for (source, want) in [
            ("[1,2,null]", "true"),
            ("[1,3]", "false"),
            ("[null,2]", "error"),
            ("[]", "false"),
            (r#"{"a":1,"b":2}"#, "true"),
            ("{}", "false"),
            ("null", "error"),
            ("7", "error"),
            (r#"[{"a":1}]"#, "error"),
        ] {
            assert_eq!(with_lambda(&DEF, source, is_two), want, "{source}");
        }
        assert_eq!(with_lambda(&DEF, "[1]", |args| Ok(args[0])), "error", "an int is no answer");
    }
}
