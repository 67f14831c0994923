//! `String`: converts a value to text.

use ottl_core::function::{FunctionDef, ParamType, Type};

use crate::family::conversion;

/// The function's row.
pub const DEF: FunctionDef = conversion::row("String", ParamType::STRING_LIKE)
    .returns(Type::String)
    .docs(
        "Converts a value to text.\n\nBytes become lower-case hexadecimal digits, everything else its JSON text \
         with sorted keys; `<`, `>` and `&` are escaped inside containers. nil stays nil; NaN and infinities are \
         an error.",
    )
    .example("String(1.5)", r#""1.5""#)
    .example(r#"String([1, "a"])"#, r#""[1,\"a\"]""#);

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::{Bool, Bytes, Duration, Float, Int, Nil, SpanId, Str};

    use crate::test_call::{check, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Nil], "nil"),
                (&[Str(b"a")], "\"a\""),
                (&[Int(-3)], "\"-3\""),
                (&[Float(1.0)], "\"1\""),
                (&[Float(1e-7)], "\"1e-07\""),
                (&[Float(f64::NAN)], "error"),
                (&[Bool(true)], "\"true\""),
                (&[Bytes(b"\x01\xab")], "\"01ab\""),
                (&[slice(&[Nil, Bytes(b"\x01\x02"), Str(b"<")])], "\"[null,\"AQI=\",\"\\u003c\"]\""),
                (&[Duration(5)], "\"5\""),
                (&[SpanId([0, 1, 2, 3, 4, 5, 6, 255])], "\"[0,1,2,3,4,5,6,255]\""),
            ],
        );
    }
}
