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

#[cfg(test)]
pub(crate) mod tests {
    use ottl_core::function::FunctionDef;

    use super::*;
    use Value::{Bool, Bytes, Int, Nil, Str};

    use crate::test_call::{check, refuses, slice};

    /// What gives an id of 16 bytes, which is shown behind this name, and what gives none.
    pub(crate) fn of_16_bytes(def: &FunctionDef, name: &str) {
        for (target, digits) in [
            (Bytes(b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"), "00000000000000000000000000000001"),
            (Str(b"000000000000000000000000000000Ab"), "000000000000000000000000000000ab"),
            (Str(b"aaaaaaaaaaaaaaaa"), "61616161616161616161616161616161"),
        ] {
            check(def, &[(&[target], &format!("{name} {digits}"))]);
        }
        for target in [Str(b"000000000000000000000000000000xy"), Str(b""), Nil, Bool(true), slice(&[])] {
            check(def, &[(&[target], "error")]);
        }
        refuses(def, &[&[Nil], &[Str(b"zz")], &[Int(1)]]);
    }
}
