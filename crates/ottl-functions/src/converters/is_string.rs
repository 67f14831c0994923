//! `IsString`: whether a value is a text.
//!
//! The parameter takes any value, because a type error inside the argument must stay an error.

use ottl_core::function::{CallContext, Const, Eval, FunctionDef, ParamType, Prepared, TextPredicate, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("IsString")
    .arg("target", ParamType::Any, "the value to look at")
    .returns(Type::Bool)
    .docs(
        "Whether a value is a text.\n\nnil and values of other types give false. A literal of another type does \
         not compile; an error while the value is computed stays one.",
    )
    .example(r#"IsString("a")"#, "true")
    .prepare(prepare)
    .eval(Eval::TextTest { kernel: eval, predicate: |_| Some(TextPredicate::IsText) });

/// A literal that cannot pass does not compile in the reference.
fn prepare(args: &[Const<'_>]) -> Result<Option<Prepared>, String> {
    arguments::literal_passes(args, "string", passes)?;
    Ok(None)
}

fn passes(value: &Value<'_>) -> bool {
    matches!(value, Value::Str(_))
}

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Bool(args.first().is_some_and(passes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::{any, check, refuses, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Bool(false)], "false"),
                (&[Float(1.0)], "false"),
                (&[Int(1)], "false"),
                (&[Value::Map(ottl_core::Map::EMPTY)], "false"),
                (&[Str(b"")], "true"),
                (&[Nil], "false"),
                (&[Bytes(b"a")], "false"),
                (&[slice(&[])], "false"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(
            &DEF,
            &[&[Bool(false)], &[Float(1.0)], &[Int(1)], &[Value::Map(ottl_core::Map::EMPTY)], &[Nil], &[any(&[])]],
        );
    }
}
