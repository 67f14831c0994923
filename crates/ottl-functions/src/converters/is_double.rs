//! `IsDouble`: whether a value is a float.

use ottl_core::Value;
use ottl_core::function::FunctionDef;

use crate::family::type_test;

/// The function's row.
pub const DEF: FunctionDef = type_test::row("IsDouble")
    .docs(
        "Whether a value is a float.\n\nnil and values of other types give false. A literal of another type does \
         not compile; an error while the value is computed stays one.",
    )
    .example("IsDouble(1.5)", "true")
    .compile(|args| type_test::kernel(args, "float64", |value| matches!(value, Value::Float(_))));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_floats_pass() {
        type_test::tests::only(&DEF, Value::Float(1.0));
    }
}
