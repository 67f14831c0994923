//! `Bool`: converts a value to bool.

use ottl_core::function::{FunctionDef, ParamType, Type};

use crate::family::conversion;

/// The function's row.
pub const DEF: FunctionDef = conversion::row("Bool", ParamType::BOOL_LIKE)
    .returns(Type::Bool)
    .docs(
        "Converts a value to bool.\n\nNumbers are true unless they are 0. Texts: `1`, `t`, `T`, `TRUE`, `true`, \
         `True` and `0`, `f`, `F`, `FALSE`, `false`, `False`. nil stays nil; everything else is an error.",
    )
    .example(r#"Bool("true")"#, "true")
    .example("Bool(0)", "false");

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::{Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Nil], "nil"),
                (&[Bool(true)], "true"),
                (&[Int(0)], "false"),
                (&[Int(-1)], "true"),
                (&[Float(f64::NAN)], "true"),
                (&[Str(b"T")], "true"),
                (&[Str(b"False")], "false"),
                (&[Str(b"yes")], "error"),
                (&[Bytes(b"1")], "error"),
            ],
        );
    }
}
