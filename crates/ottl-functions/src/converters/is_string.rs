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
    use super::*;

    #[test]
    fn only_texts_pass() {
        type_test::tests::only(&DEF, ottl_core::Value::Str(b""));
    }
}
