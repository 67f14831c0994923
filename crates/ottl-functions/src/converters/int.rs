//! `Int`: converts a value to int.

use ottl_core::function::{FunctionDef, ParamType, Type};

use crate::family::conversion;

/// The function's row.
pub const DEF: FunctionDef = conversion::row("Int", ParamType::INT_LIKE)
    .returns(Type::Int)
    .docs(
        "Converts a value to int.\n\nFloats lose their fraction; those that do not fit become the smallest int. \
         true is 1 and false 0. Texts are decimal, with an optional sign. nil stays nil; everything else is an \
         error.",
    )
    .example(r#"Int("42")"#, "42")
    .example("Int(2.9)", "2");

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
                (&[Int(3)], "3"),
                (&[Float(-2.9)], "-2"),
                (&[Float(1e300)], "-9223372036854775808"),
                (&[Float(f64::NAN)], "-9223372036854775808"),
                (&[Bool(true)], "1"),
                (&[Str(b"+12")], "12"),
                (&[Str(b"0x1")], "error"),
                (&[Str(b"9223372036854775808")], "error"),
                (&[Str(b"")], "error"),
                (&[Bytes(b"1")], "error"),
            ],
        );
    }
}
