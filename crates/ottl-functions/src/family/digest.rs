//! The converters that give the digest of a text as hexadecimal digits: `SHA256` and others.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};
use sha2::Digest;

use crate::{arguments, hex};

/// A row without documentation, for a cryptographic hash function.
pub(crate) const fn row<D: Digest>(name: &'static str) -> FunctionDef {
    hash(name).value(|ctx, args| digits(ctx, args, |text| D::digest(text)))
}

/// A row without documentation and kernel.
pub(crate) const fn hash(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).arg("target", ParamType::STRING, "the text").returns(Type::String)
}

/// The digits of what a hash function makes of the text.
pub(crate) fn digits<'a, D: AsRef<[u8]>>(
    ctx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    hash: impl FnOnce(&[u8]) -> D,
) -> Result<Value<'a>, EvalError> {
    hex::encode(hash(arguments::text(args, 0)?).as_ref(), ctx.arena()).map(Value::Str)
}
