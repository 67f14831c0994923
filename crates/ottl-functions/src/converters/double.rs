//! `Double`: converts a value to float.

use ottl_core::function::{
    Availability, CallContext, Eval, Example, FunctionDef, FunctionKind, Param, ParamType, Purity, Type,
};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "Double",
    kind: FunctionKind::Converter,
    params: &[Param::new("target", ParamType::Coerced(Coercion::FloatLike), "the value to convert")],
    returns: Type::Float,
    purity: Purity::Pure,
    availability: Availability::EVERYWHERE,
    docs: "Converts a value to float.\n\nInts are widened, true is 1 and false 0. Texts are decimal or hexadecimal \
           floats, `inf`, `infinity` or `nan` in any case; underscores may stand between digits. nil stays nil; \
           everything else is an error.",
    examples: &[
        Example { code: r#"Double("2.5")"#, result: r#"2.5"# },
        Example { code: r#"Double(true)"#, result: r#"1"# },
    ],
    prepare: None,
    eval: Eval::Converter(eval),
};

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    // The parameter has converted it already.
    Ok(arguments::any(args, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Nil], "nil"),
                (&[Int(3)], "3.0"),
                (&[Float(0.5)], "0.5"),
                (&[Bool(true)], "1.0"),
                (&[Str(b"1_0.5e1")], "105.0"),
                (&[Str(b"0x1p-2")], "0.25"),
                (&[Str(b"-inf")], "-inf"),
                (&[Str(b" 1")], "error"),
                (&[Str(b"1e400")], "error"),
                (&[Bytes(b"1")], "error"),
            ],
        );
    }
}
