//! `TraceID`: a trace id.

use ottl_core::Value;
use ottl_core::function::{FunctionDef, ParamType, Type};

use crate::family::id;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("TraceID")
    .arg("target", ParamType::BYTES_LIKE, "16 bytes or 32 hexadecimal digits, as bytes or text")
    .returns(Type::TraceId)
    .docs(
        "A trace id from 16 bytes or 32 hexadecimal digits of either case, as bytes or as text.\n\nAnything else \
         is an error; a literal is checked when the rules are compiled.",
    )
    .example("String(TraceID(0x00000000000000000000000000000001))", r#""[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]""#)
    .compile(|args| id::kernel(args, ("trace id", "trace id of 16 bytes or 32 hex digits"), Value::TraceId));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        id::tests::of_16_bytes(&DEF, "trace");
    }
}
