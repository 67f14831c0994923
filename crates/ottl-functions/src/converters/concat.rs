//! `Concat`: joins values as text.

use ottl_core::Arena;
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::number::push_int;
use ottl_core::ops::{Coercion, coerce, push_pdata_text};
use ottl_core::{ErrorKind, EvalError, List, ListKind, Target, Value};

use crate::arguments;
use crate::scratch;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Concat")
    .arg("vals", ParamType::Elements(None), "the values: a list literal, or a path or converter that gives a list")
    .since(Target::V0_165)
    .before(&ANY)
    .arg("delimiter", ParamType::STRING, "what stands between them")
    .returns(Type::String)
    .docs(
        "Joins the text forms of the elements of a list.\n\nIn a list literal nil counts as `<nil>` and bytes as \
         hexadecimal digits; elements of a list from the record have the text form of attributes, with an empty \
         text for nil and base64 for bytes. nil instead of a list gives the empty text, other values are errors.",
    )
    .example(r#"Concat(["a", 1, nil], "-")"#, r#""a-1-<nil>""#)
    .value(eval);

/// As versions had it that found out at run time whether a literal is a list.
const ANY: FunctionDef = FunctionDef::converter("Concat")
    .arg("vals", ParamType::Any, "the values: a list literal, or a path or converter that gives a list")
    .until(Target::V0_161)
    .arg("delimiter", ParamType::STRING, "what stands between them")
    .returns(Type::String)
    .compile(compile);

/// nil in place of a list is refused: the reference crashes.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    match args.first() {
        Some(Const::Value(Value::Nil)) => Err("Concat needs a list".to_owned()),
        _ => Ok(Kernel::value(eval)),
    }
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let delimiter = arguments::text(args, 1)?;
    let values = arguments::any(args, 0);
    let arena = ctx.arena();
    scratch::with_text(|out| {
        match values {
            Value::Nil => {}
            Value::List(list) => join(out, list, delimiter, arena).map_err(|e| e.of(0))?,
            // COMPAT: bytes are a list of numbers to the reference.
            Value::Bytes(bytes) => {
                for (i, byte) in bytes.iter().enumerate() {
                    delimit(out, i, delimiter);
                    arena.check(out.len())?;
                    push_int(out, i64::from(*byte));
                }
            }
            _ => return Err(EvalError::new(ErrorKind::Type { expected: "list", got: values.type_name() }).of(0)),
        }
        Ok(Value::Str(arena.copy(out)?))
    })
}

fn delimit(out: &mut Vec<u8>, i: usize, delimiter: &[u8]) {
    if i > 0 {
        out.extend_from_slice(delimiter);
    }
}

fn join<'a>(out: &mut Vec<u8>, list: List<'a>, delimiter: &[u8], arena: &'a Arena) -> Result<(), EvalError> {
    // COMPAT: elements of a stored list keep their wrapper in the reference and take the other text algorithm.
    let stored = list.kind() == ListKind::Slice;
    let mut i = 0;
    list.try_each(|element| {
        delimit(out, i, delimiter);
        i += 1;
        match element {
            Value::Str(text) => {
                arena.check(out.len() + text.len())?;
                out.extend_from_slice(text);
            }
            Value::Int(int) => {
                arena.check(out.len())?;
                push_int(out, *int);
            }
            element => join_other(out, *element, stored, arena)?,
        }
        Ok(())
    })
}

fn join_other<'a>(out: &mut Vec<u8>, element: Value<'a>, stored: bool, arena: &'a Arena) -> Result<(), EvalError> {
    arena.check(out.len() + element.size())?;
    match element {
        _ if stored => push_pdata_text(out, &element),
        Value::Nil => out.extend_from_slice(b"<nil>"),
        _ => match coerce(Coercion::StringLike, element, arena)? {
            Value::Str(text) => out.extend_from_slice(text),
            _ => return Err(EvalError::function("an element has no text")),
        },
    }
    Ok(())
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
                (
                    &[any(&[Str(b"a"), Int(1), Nil, Bytes(b"\x01"), Float(1e-7), Bool(true)]), Str(b", ")],
                    "\"a, 1, <nil>, 01, 1e-07, true\"",
                ),
                (
                    &[slice(&[Str(b"a"), Int(1), Nil, Bytes(b"\x01"), Float(1e-7), Float(f64::NAN)]), Str(b",")],
                    "\"a,1,,AQ==,1e-7,NaN\"",
                ),
                (&[any(&[Float(f64::NAN)]), Str(b"")], "error"),
                (&[any(&[const { any(&[Str(b"<")]) }]), Str(b"")], "\"[\"\\u003c\"]\""),
                (&[Bytes(b"\x01\xff"), Str(b".")], "\"1.255\""),
                (&[any(&[]), Str(b",")], "\"\""),
                (&[Nil, Str(b",")], "\"\""),
                (&[Str(b"a"), Str(b",")], "error"),
                (&[any(&[]), Nil], "error"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&ANY, &[&[Nil, Str(b"")]]);
    }
}
