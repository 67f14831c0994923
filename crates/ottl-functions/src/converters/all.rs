//! `All`: whether a lambda holds for every element of a list or map.

use std::ops::ControlFlow;

use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity, Type};
use ottl_core::{EvalError, Gate, Value};

use crate::elements::{self, predicate};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("All")
    .arg("source", ParamType::Any, "list or map")
    .arg("predicate", ParamType::Lambda(2), "lambda of index or key and value that gives a bool")
    .returns(Type::Bool)
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "Whether the lambda gives true for every element.\n\nElements are visited in order up to the first that \
         answers false. An empty source gives true; a source that is neither list nor map is an error.",
    )
    .example("All([1, 5], (i, v) => v > 0)", "true")
    .example("All({}, (k, v) => false)", "true")
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let mut holds = true;
    elements::each(cx, args, |result, _| {
        holds = predicate(result)?;
        Ok(if holds { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(Value::Bool(holds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::with_lambda;

    #[test]
    fn the_first_false_ends_the_walk() {
        fn is_two<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            match args[1] {
                Value::Int(i) => Ok(Value::Bool(i == 2)),
                _ => Err(EvalError::function("no int")),
            }
        }
        for (source, want) in [
            ("[2,1,null]", "false"),
            ("[2,2]", "true"),
            ("[null,1]", "error"),
            ("[]", "true"),
            (r#"{"a":2,"b":3}"#, "false"),
            ("{}", "true"),
            ("null", "error"),
            ("7", "error"),
        ] {
            assert_eq!(with_lambda(&DEF, source, is_two), want, "{source}");
        }
        assert_eq!(with_lambda(&DEF, "[1]", |args| Ok(args[0])), "error", "an int is no answer");
    }
}
