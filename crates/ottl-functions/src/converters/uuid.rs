//! `UUID`: a random UUID.

use ottl_core::function::{CallContext, FunctionDef, Purity, Type};
use ottl_core::{EvalError, Value};

use crate::hex;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("UUID")
    .returns(Type::String)
    .purity(Purity::Volatile)
    .docs("A random UUID of version 4, in lower case.\n\nArguments are ignored.")
    .example("Len(UUID())", "36")
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, _: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let mut bytes = ctx.host().random();
    // RFC 9562, sections 4.1 and 4.2: the variant and the version.
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    let digits = hex::encode(&bytes, ctx.arena())?;
    let mut out = [b'-'; 36];
    for (to, from) in [(0..8, 0..8), (9..13, 8..12), (14..18, 12..16), (19..23, 16..20), (24..36, 20..32)] {
        out[to].copy_from_slice(&digits[from]);
    }
    ctx.alloc(&out).map(Value::Str)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[], "\"abababab-abab-4bab-abab-abababababab\"")]);
    }
}
