//! The converters that read an id: `TraceID`, `SpanID` and `ProfileID`.

use ottl_core::function::{Const, Kernel};
use ottl_core::{ErrorKind, EvalError, Value};

use crate::{arguments, hex};

/// The kernel that reads an id of `N` bytes: those, or twice as many hexadecimal digits.
///
/// # Errors
/// A literal that is none; `name` is what it should be.
pub(crate) fn kernel<const N: usize>(
    args: &[Const<'_>],
    (name, form): (&str, &'static str),
    value: fn([u8; N]) -> Value<'static>,
) -> Result<Kernel, String> {
    let literal = match args.first() {
        Some(Const::Value(Value::Bytes(bytes))) => Some(*bytes),
        Some(Const::Value(_)) => Some(&[][..]),
        _ => None,
    };
    if literal.is_some_and(|literal| read::<N>(literal).is_none()) {
        return Err(format!("the literal is no {name}"));
    }
    Ok(Kernel::value(move |_, args| {
        let id = read(arguments::bytes(args, 0)?);
        id.map(value).ok_or_else(|| EvalError::new(ErrorKind::BadText(form)).of(0))
    }))
}

fn read<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    <[u8; N]>::try_from(bytes).ok().or_else(|| hex::decode(bytes))
}
