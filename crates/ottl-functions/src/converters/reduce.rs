//! `Reduce`: one value made of all elements of a list or map.

use std::ops::ControlFlow;

use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity};
use ottl_core::{EvalError, Gate, Value};

use crate::arguments;
use crate::elements::{something, walk};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Reduce")
    .arg("source", ParamType::Any, "list or map")
    .arg("seed", ParamType::Any, "what the lambda gets with the first element")
    .arg(
        "accumulator",
        ParamType::Lambda(3),
        "lambda of the result so far, index or key, and value that gives the new result",
    )
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "What a lambda makes of one element after the other.\n\nAn empty source gives the seed, which may be nil. A \
         lambda that gives nil is an error, and so is a source that is neither list nor map.",
    )
    .example("Reduce([1, 5, 7], 0, (sum, i, v) => sum + v)", "13")
    .example(r#"Reduce({"a": 1, "b": 2}, "", (keys, k, v) => Concat([keys, k], "."))"#, r#"".a.b""#)
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let (mut result, lambda) = (arguments::any(args, 1), arguments::lambda(args, 2)?);
    walk(cx, args[0], |cx, key, element| {
        result = something(cx.host().call_lambda(lambda, &[result, key, element.value])?, 2)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use ottl_core::Arena;
    use ottl_core::function::{Const, LambdaRef};

    use super::*;
    use Value::{Bool, Int, Nil};

    use crate::editor_host::TestHost;
    use crate::test_call::{any, map, show};

    #[test]
    fn results_go_from_element_to_element() {
        fn sum<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            match (args[0], args[2]) {
                (Int(sum), Int(value)) => Ok(Int(sum + value)),
                _ => Ok(Nil),
            }
        }
        for (source, seed, want) in [
            (any(&[Int(1), Int(2)]), Int(5), "8"),
            (any(&[]), Int(5), "5"),
            (map(&[]), Nil, "nil"),
            (any(&[Int(1)]), Nil, "error"),
            (any(&[Int(1), Bool(true)]), Int(0), "error"),
            (Nil, Int(0), "error"),
        ] {
            let arena = Arena::new();
            let mut host = TestHost::new(&arena, Nil);
            host.lambda = sum;
            let kernel = DEF.compile.kernel(&[Const::Dynamic; 3]).expect("there are no literals");
            let result = kernel.call(&mut CallContext::new(&mut host), &[source, seed, Value::Lambda(LambdaRef(0))]);
            assert_eq!(result.map_or_else(|_| "error".to_owned(), |value| show(&value)), want, "{source:?}");
        }
    }
}
