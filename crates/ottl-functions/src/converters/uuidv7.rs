//! `UUIDv7`: a UUID of a time and chance.

use ottl_core::function::{CallContext, FunctionDef};
use ottl_core::{EvalError, Value};

use crate::family::uuid;

/// The function's row.
pub const DEF: FunctionDef = uuid::row("UUIDv7")
    .docs(
        "A UUID of version 7, in lower case: the current time with 256 nanoseconds to a step, and 62 random bits.\n\nThose \
         that one process makes are in the order in which they were made, as texts, too. Arguments are ignored.",
    )
    .example(r#"Substring(UUIDv7(), 14, 1)"#, r#""7""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, _: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let tick = ctx.host().tick();
    let mut bytes = ctx.host().random();
    // The milliseconds, in the bits below the uppermost 16 that they never fill.
    bytes[..6].copy_from_slice(&(tick >> 12).to_be_bytes()[2..]);
    bytes[6..8].copy_from_slice(&(tick as u16).to_be_bytes());
    uuid::text(bytes, 7, ctx.arena())
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[], "\"018bcfe5-6800-7000-abab-abababababab\"")]);
        check(&DEF, &[(&[Value::Int(1)], "\"018bcfe5-6800-7000-abab-abababababab\"")]);
    }
}
