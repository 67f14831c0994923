//! The converters that give the digest of a text as hexadecimal digits: `SHA256` and others.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};
use sha2::Digest;

use crate::{arguments, hex};

/// A row without documentation, for a hash function.
pub(crate) const fn row<D: Digest>(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).arg("target", ParamType::STRING, "the text").returns(Type::String).value(eval::<D>)
}

fn eval<'a, D: Digest>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let digest = D::digest(arguments::text(args, 0)?);
    hex::encode(&digest, ctx.arena()).map(Value::Str)
}
