//! `Len`: the length of a text, list or map.

use ottl_core::function::{CallContext, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{ErrorKind, EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Len")
    .arg("target", ParamType::Any, "the text, bytes, list or map")
    .returns(Type::Int)
    .docs(
        "The number of bytes of a text or of bytes, of elements of a list, of pairs of a map.\n\nEverything else, \
         nil included, is an error.",
    )
    .example(r#"Len("abc")"#, "3")
    .example("Len([1, 2])", "2")
    .compile(|_| Ok(Kernel::length(eval)));

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let value = arguments::any(args, 0);
    let len = match value {
        Value::Str(bytes) | Value::Bytes(bytes) => bytes.len(),
        Value::Map(map) => map.len(),
        Value::List(list) => list.len(),
        Value::Struct(part) if part.kind.is_counted() => part.count as usize,
        _ => {
            let kind = ErrorKind::Type { expected: "text, bytes, list or map", got: value.type_name() };
            return Err(EvalError::new(kind).of(0));
        }
    };
    Ok(Value::Int(len as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bytes, Duration, Int, Nil, SpanId, Str};

    use crate::test_call::{check, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str("é".as_bytes())], "2"),
                (&[Bytes(b"abc")], "3"),
                (&[slice(&[Nil, Nil])], "2"),
                (&[Value::Map(ottl_core::Map::EMPTY)], "0"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[SpanId([0; 8])], "error"),
                (&[Duration(1)], "error"),
            ],
        );
    }
}
