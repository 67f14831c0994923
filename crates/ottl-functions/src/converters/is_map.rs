//! `IsMap`: whether a value is a map.

use ottl_core::Value;
use ottl_core::function::FunctionDef;

use crate::family::type_test;

/// The function's row.
pub const DEF: FunctionDef = type_test::row("IsMap")
    .docs(
        "Whether a value is a map.\n\nnil and values of other types give false. A literal of another type does not \
         compile; an error while the value is computed stays one.",
    )
    .example(r#"IsMap({"a": 1})"#, "true")
    .compile(|args| type_test::kernel(args, "map", |value| matches!(value, Value::Map(_))));

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
                (&[Int(1)], "false"),
                (&[Value::Map(ottl_core::Map::EMPTY)], "true"),
                (&[Str(b"")], "false"),
                (&[Nil], "false"),
                (&[Bytes(b"a")], "false"),
                (&[slice(&[])], "false"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[Bool(false)], &[Float(1.0)], &[Int(1)], &[Str(b"")], &[Nil], &[any(&[])]]);
    }
}
