//! `IsString`: whether a value is a text.

use ottl_core::function::FunctionDef;

use crate::family::type_test;

/// The function's row.
pub const DEF: FunctionDef = type_test::row("IsString")
    .docs(
        "Whether a value is a text.\n\nnil and values of other types give false. A literal of another type does \
         not compile; an error while the value is computed stays one.",
    )
    .example(r#"IsString("a")"#, "true")
    .compile(type_test::text);

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::{Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::{any, check, refuses, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Bool(false)], "false"),
                (&[Float(1.0)], "false"),
                (&[Int(1)], "false"),
                (&[Value::Map(ottl_core::Map::EMPTY)], "false"),
                (&[Str(b"")], "true"),
                (&[Nil], "false"),
                (&[Bytes(b"a")], "false"),
                (&[slice(&[])], "false"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(
            &DEF,
            &[&[Bool(false)], &[Float(1.0)], &[Int(1)], &[Value::Map(ottl_core::Map::EMPTY)], &[Nil], &[any(&[])]],
        );
    }
}
