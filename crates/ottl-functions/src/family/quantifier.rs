//! What `All` and `Any` share: a lambda is asked about each element, up to the first one that decides.

use std::ops::ControlFlow;

use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity, Type};
use ottl_core::{EvalError, Gate, Value};

use crate::elements::{self, predicate};

/// A row without documentation and kernel.
pub(crate) const fn row(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name)
        .arg("source", ParamType::Any, "list or map")
        .arg("predicate", ParamType::Lambda(2), "lambda of index or key and value that gives a bool")
        .returns(Type::Bool)
        .purity(Purity::Record)
        .gate(Gate::Lambda)
}

/// `answer` where the lambda gives it for an element, which ends the walk, and the opposite where it gives it for none.
pub(crate) fn first<'a>(
    cx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    answer: bool,
) -> Result<Value<'a>, EvalError> {
    let mut last = !answer;
    elements::each(cx, args, |result, _| {
        last = predicate(result)?;
        Ok(if last == answer { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(Value::Bool(last))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::editor_host::with_lambda;

    /// Sources in JSON, and what is given for them where the lambda asks whether an int is 2.
    pub(crate) fn are_two(def: &FunctionDef, cases: &[(&str, &str)]) {
        fn is_two<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            match args[1] {
                Value::Int(i) => Ok(Value::Bool(i == 2)),
                _ => Err(EvalError::function("no int")),
            }
        }
        for (source, want) in cases {
            assert_eq!(with_lambda(def, source, is_two), *want, "{source}");
        }
        assert_eq!(with_lambda(def, "[1]", |args| Ok(args[0])), "error", "an int is no answer");
    }
}
