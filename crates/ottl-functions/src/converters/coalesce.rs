//! `Coalesce`: the first value that is not nil.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, Param, ParamType};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Coalesce")
    .param(
        Param::new(
            "values",
            ParamType::ListOf(None),
            "the values, in order; those behind the first that is not nil are not computed",
        )
        .lazy(),
    )
    .docs(
        "The first value of a list that is not nil; nil when all are.\n\nValues behind it are not computed. An \
         empty list does not compile.",
    )
    .example("Coalesce([nil, 1, 2])", "1")
    .compile(compile);

/// An empty list is refused.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    match args.first() {
        Some(Const::Value(Value::List(list))) if list.is_empty() => Err("Coalesce needs at least one value".to_owned()),
        _ => Ok(Kernel::value(eval)),
    }
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    for value in arguments::list(args, 0)?.iter() {
        let value = ctx.force(value).map_err(|e| e.of(0))?;
        if !value.is_nil() {
            return Ok(value);
        }
    }
    Ok(Value::Nil)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::{any, check, forced, refuses};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[(&[any(&[Nil, Int(1), Int(2)])], "1"), (&[any(&[Str(b""), Int(1)])], "\"\""), (&[any(&[Nil])], "nil")],
        );
    }

    #[test]
    fn later_values_are_not_computed() {
        assert_eq!(forced(&DEF, &[any(&[Nil, Int(1), Int(2), Int(3)])]), 2);
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[any(&[])]]);
    }
}
