//! `FNV`: the FNV-1a hash of a text.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("FNV")
    .arg("target", ParamType::STRING, "the text")
    .returns(Type::Int)
    .docs("The 64-bit FNV-1a hash of the bytes of a text, as a signed int.\n\nOnly texts are taken.")
    .example(r#"FNV("hello")"#, "-6615550055289275125")
    .value(eval);

/// The hash of nothing. Source of both constants: the FNV non-cryptographic hash algorithm, section 5 (64 bits).
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
/// The factor of each step.
const PRIME: u64 = 0x0000_0100_0000_01b3;

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let hash = text.iter().fold(OFFSET, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    Ok(Value::Int(hash as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[(&[Str(b"")], "-3750763034362895579"), (&[Str(b"hello")], "-6615550055289275125"), (&[Nil], "error")],
        );
    }
}
