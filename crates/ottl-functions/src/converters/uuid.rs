//! `UUID`: a random UUID.

use ottl_core::function::FunctionDef;

use crate::family::uuid;

/// The function's row.
pub const DEF: FunctionDef = uuid::row("UUID")
    .docs("A random UUID of version 4, in lower case.\n\nArguments are ignored.")
    .example("Len(UUID())", "36")
    .value(|ctx, _| uuid::text(ctx.host().random(), 4, ctx.arena()));

#[cfg(test)]
mod tests {
    use super::*;

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[], "\"abababab-abab-4bab-abab-abababababab\"")]);
    }
}
