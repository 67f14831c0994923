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

    #[test]
    fn only_maps_pass() {
        type_test::tests::only(&DEF, Value::Map(ottl_core::Map::EMPTY));
    }
}
