//! `When`: one of two values, by a condition.

use ottl_core::function::{CallContext, FunctionDef, Param, ParamType, Purity};
use ottl_core::{EvalError, Gate, Value};

use crate::arguments;
use crate::elements::useless;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("When")
    .arg("condition", ParamType::Lambda(0), "lambda without parameters that gives a bool")
    .param(Param::new("true_value", ParamType::Any, "the result where the condition gives true").lazy())
    .param(Param::new("false_value", ParamType::Any, "the result where it gives false").lazy())
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "The first value where a condition holds, else the second.\n\nOnly the one that is given is computed. A condition \
         that gives no bool is an error.",
    )
    .example("When(() => 1 < 2, \"less\", \"more\")", r#""less""#)
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let result = cx.host().call_lambda(arguments::lambda(args, 0)?, &[])?;
    let holds = result.as_bool().ok_or_else(|| useless(result, 0))?;
    cx.force(arguments::any(args, if holds { 1 } else { 2 }))
}

#[cfg(test)]
mod tests {
    use ottl_core::Arena;
    use ottl_core::function::{Const, LambdaRef, ThunkRef};

    use super::*;
    use crate::editor_host::TestHost;
    use crate::test_call::show;

    #[test]
    fn one_value_is_computed() {
        type Condition = for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, EvalError>;
        // The thunk is none that the host knows, so computing it would fail.
        let (five, nothing) = (Value::Int(5), Value::Thunk(ThunkRef(7)));
        let rows: [(Condition, [Value<'_>; 2], &str); 4] = [
            (|_| Ok(Value::Bool(true)), [five, nothing], "5"),
            (|_| Ok(Value::Bool(false)), [nothing, Value::Nil], "nil"),
            (|_| Ok(Value::Nil), [five, five], "error"),
            (|_| Ok(Value::Int(1)), [five, five], "error"),
        ];
        for (condition, [yes, no], want) in rows {
            let arena = Arena::new();
            let mut host = TestHost::new(&arena, Value::Nil);
            host.lambda = condition;
            let kernel = DEF.compile.kernel(&[Const::Dynamic; 3]).expect("there are no literals");
            let result = kernel.call(&mut CallContext::new(&mut host), &[Value::Lambda(LambdaRef(0)), yes, no]);
            assert_eq!(result.map_or_else(|_| "error".to_owned(), |value| show(&value)), want);
        }
    }
}
