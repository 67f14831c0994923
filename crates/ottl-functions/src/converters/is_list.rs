//! `IsList`: whether a value is a list.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("IsList")
    .arg("target", ParamType::Any, "the value to look at")
    .returns(Type::Bool)
    .docs(
        "Whether a value is a list of any kind, also of span events, links, data points or exemplars.\n\nA list of \
         bucket counts or of times is none.",
    )
    .example("IsList([1])", "true")
    .example(r#"IsList("a")"#, "false")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Bool(match arguments::any(args, 0) {
        // COMPAT: the reference leaves lists of unsigned ints and of times out.
        Value::List(list) => !list.kind().is_foreign(),
        Value::Struct(part) => part.kind.is_counted(),
        _ => false,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bytes, Nil};
    use ottl_core::{List, ListKind};

    use crate::test_call::{any, check, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[slice(&[])], "true"),
                (&[any(&[Nil])], "true"),
                (&[Value::List(List::empty(ListKind::Strings))], "true"),
                (&[Value::List(List::empty(ListKind::Uints))], "false"),
                (&[Nil], "false"),
                (&[Bytes(b"a")], "false"),
                (&[Value::Map(ottl_core::Map::EMPTY)], "false"),
            ],
        );
    }
}
