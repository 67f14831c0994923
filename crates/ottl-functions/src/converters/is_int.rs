//! `IsInt`: whether a value is an int.

use ottl_core::Value;
use ottl_core::function::FunctionDef;

use crate::family::type_test;

/// The function's row.
pub const DEF: FunctionDef = type_test::row("IsInt")
    .docs(
        "Whether a value is an int.\n\nnil and values of other types give false. A literal of another type does not \
         compile; an error while the value is computed stays one.",
    )
    .example("IsInt(5)", "true")
    .compile(|args| type_test::kernel(args, "int64", |value| matches!(value, Value::Int(_))));

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
                (&[Bool(false)], "false"),
                (&[Float(1.0)], "false"),
                (&[Int(1)], "true"),
                (&[Value::Map(ottl_core::Map::EMPTY)], "false"),
                (&[Str(b"")], "false"),
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
            &[&[Bool(false)], &[Float(1.0)], &[Value::Map(ottl_core::Map::EMPTY)], &[Str(b"")], &[Nil], &[any(&[])]],
        );
    }
}
