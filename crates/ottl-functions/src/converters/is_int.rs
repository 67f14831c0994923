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

    #[test]
    fn only_ints_pass() {
        type_test::tests::only(&DEF, Value::Int(1));
    }
}
