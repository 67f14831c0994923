//! `ContainsValue`: whether a list contains a value.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::ops::{CompareOp, compare};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ContainsValue")
    .arg("target", ParamType::LIST, "the list")
    .arg("item", ParamType::Any, "the value to look for")
    .returns(Type::Bool)
    .docs("Whether an element of a list equals a value, as `==` compares them.\n\nOnly lists are taken.")
    .example("ContainsValue([1, 2], 2)", "true")
    .example(r#"ContainsValue(["a"], "b")"#, "false")
    .compile(compile);

/// A list of texts is data: many rules that ask which of them something is can be answered at once.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let texts = match args[0] {
        Const::Value(Value::List(list)) => {
            list.iter().map(|element| element.as_str().map(<[u8]>::to_vec)).collect::<Option<Vec<_>>>()
        }
        _ => None,
    };
    Ok(texts.map_or_else(|| Kernel::value(eval), Kernel::IsAmong))
}

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let list = arguments::list(args, 0)?;
    let item = arguments::any(args, 1);
    Ok(Value::Bool(list.iter().any(|element| compare(CompareOp::Eq, &element, &item))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Float, Int, Nil, Str};

    use crate::test_call::{any, check, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[slice(&[Int(1), Float(2.0)]), Int(2)], "true"),
                (&[any(&[Nil]), Nil], "true"),
                (&[any(&[const { any(&[Int(1)]) }]), any(&[Int(1)])], "true"),
                (&[any(&[Str(b"1")]), Int(1)], "false"),
                (&[any(&[]), Nil], "false"),
                (&[any(&[Str(b"a"), Str(b"b")]), Str(b"b")], "true"),
                (&[any(&[Str(b"a"), Str(b"b")]), Nil], "false"),
                (&[Nil, Nil], "error"),
                (&[Str(b"a"), Str(b"a")], "error"),
                (&[any(&[Value::Map(ottl_core::Map::EMPTY)]), Nil], "error"),
            ],
        );
    }
}
