//! `Index`: where a value is in a list or a text.

use memchr::memmem;
use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::ops::{Coercion, CompareOp, coerce, compare};
use ottl_core::{ErrorKind, EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Index")
    .arg("target", ParamType::Any, "the text or list")
    .arg("value", ParamType::Any, "what to look for")
    .returns(Type::Int)
    .docs(
        "The place of the first element of a list that equals a value, or of the first byte where a text contains \
         another; -1 when there is none.\n\nIn a text only a text can be looked for. Other targets are errors.",
    )
    .example(r#"Index("hello", "l")"#, "2")
    .example(r#"Index(["a", "b"], "c")"#, "-1")
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let value = arguments::any(args, 1);
    let found = match (arguments::any(args, 0), value) {
        (Value::Str(text), Value::Str(part)) => memmem::find(text, part),
        (Value::Str(_), _) => {
            return Err(EvalError::new(ErrorKind::Type { expected: "string", got: value.type_name() }).of(1));
        }
        (target, _) => match coerce(Coercion::List, target, ctx.arena()).map_err(|e| e.of(0))? {
            Value::List(list) => list.iter().position(|element| compare(CompareOp::Eq, &element, &value)),
            _ => None,
        },
    };
    Ok(Value::Int(found.map_or(-1, |at| at as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bytes, Float, Int, Nil, Str};

    use crate::test_call::{any, check, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"hello"), Str(b"l")], "2"),
                (&[Str(b"hello"), Str(b"")], "0"),
                (&[Str(b"hello"), Str(b"x")], "-1"),
                (&[Str(b"a"), Int(1)], "error"),
                (&[Str(b"a"), Nil], "error"),
                (&[any(&[Int(1), Float(2.0)]), Int(2)], "1"),
                (&[slice(&[Nil]), Nil], "0"),
                (&[slice(&[]), Nil], "-1"),
                (&[Nil, Nil], "error"),
                (&[Int(1), Int(1)], "error"),
                (&[Bytes(b"a"), Bytes(b"a")], "error"),
                (&[any(&[Value::Map(ottl_core::Map::EMPTY)]), Nil], "error"),
            ],
        );
    }
}
