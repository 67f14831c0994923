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

    #[test]
    fn only_bools_pass() {
        type_test::tests::only(&DEF, Value::Bool(false));
    }
}
