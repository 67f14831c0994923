//! The converters that make a UUID: `UUID` and `UUIDv7`.

use ottl_core::Arena;
use ottl_core::function::{FunctionDef, Purity, Type};
use ottl_core::{EvalError, Value};

use crate::hex;

/// A row without documentation and kernel.
pub(crate) const fn row(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).returns(Type::String).purity(Purity::Volatile)
}

/// The text of a UUID of these bytes, with its variant and version put in (RFC 9562, sections 4.1 and 4.2).
pub(crate) fn text<'a>(mut bytes: [u8; 16], version: u8, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes[6] = bytes[6] & 0x0f | version << 4;
    let digits = hex::encode(&bytes, arena)?;
    let mut out = [b'-'; 36];
    for (to, from) in [(0..8, 0..8), (9..13, 8..12), (14..18, 12..16), (19..23, 16..20), (24..36, 20..32)] {
        out[to].copy_from_slice(&digits[from]);
    }
    Ok(Value::Str(arena.copy(&out)?))
}
