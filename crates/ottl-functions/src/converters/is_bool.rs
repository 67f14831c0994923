//! `IsBool`: whether a value is a bool.

use ottl_core::Value;
use ottl_core::function::FunctionDef;

use crate::family::type_test;

/// The function's row.
pub const DEF: FunctionDef = type_test::row("IsBool")
    .docs(
        "Whether a value is a bool.\n\nnil and values of other types give false. A literal of another type does \
         not compile; an error while the value is computed stays one.",
    )
    .example("IsBool(true)", "true")
    .compile(|args| type_test::kernel(args, "bool", |value| matches!(value, Value::Bool(_))));

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
                (&[Bool(false)], "true"),
                (&[Float(1.0)], "false"),
                (&[Int(1)], "false"),
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
            &[&[Float(1.0)], &[Int(1)], &[Value::Map(ottl_core::Map::EMPTY)], &[Str(b"")], &[Nil], &[any(&[])]],
        );
    }
}
