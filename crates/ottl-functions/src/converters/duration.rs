//! `Duration`: reads a duration.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{ErrorKind, EvalError, Value};

use crate::arguments;
use crate::time::parse_duration;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Duration")
    .arg("duration", ParamType::STRING, "the text, such as `1h30m`")
    .returns(Type::Duration)
    .docs(
        "Reads a duration.\n\nAn optional sign and decimal numbers with units: `ns`, `us` (also with a micro \
         sign), `ms`, `s`, `m`, `h`, as in `1h2m3.5s`; or `0`. Any other text is an error.",
    )
    .example(r#"Seconds(Duration("1m30s"))"#, "90")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    parse_duration(text)
        .map(Value::Duration)
        .map_err(|_| EvalError::new(ErrorKind::BadText("duration such as `1h2m3.5s`")).of(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"1h2m3.5s")], "3723500000000ns"),
                (&[Str(b"-1.5us")], "-1500ns"),
                (&[Str(b"0")], "0ns"),
                (&[Str(b"1d")], "error"),
                (&[Str(b"")], "error"),
                (&[Str(b"1 s")], "error"),
                (&[Str(b"300000h")], "1080000000000000000ns"),
                (&[Str(b"3000000h")], "error"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
