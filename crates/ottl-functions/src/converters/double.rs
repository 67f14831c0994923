//! `Double`: converts a value to float.

use ottl_core::function::{FunctionDef, ParamType, Type};

use crate::family::conversion;

/// The function's row.
pub const DEF: FunctionDef = conversion::row("Double", ParamType::FLOAT_LIKE)
    .returns(Type::Float)
    .docs(
        "Converts a value to float.\n\nInts are widened, true is 1 and false 0. Texts are decimal or hexadecimal \
         floats, `inf`, `infinity` or `nan` in any case; underscores may stand between digits. nil stays nil; \
         everything else is an error.",
    )
    .example(r#"Double("2.5")"#, "2.5")
    .example("Double(true)", "1");

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
