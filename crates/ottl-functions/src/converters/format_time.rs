//! `FormatTime`: a time as text.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::scratch;
use crate::time::Format;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("FormatTime")
    .arg("time", ParamType::TIME, "the time")
    .arg("format", ParamType::ConstString, "the format, of `%` directives")
    .returns(Type::String)
    .docs(
        "A time as text, by a format.\n\nOnly times are taken. A format that is empty, has decimal digits or \
         unknown directives does not compile.",
    )
    .example(r#"FormatTime(Unix(1700000000), "%F %T")"#, r#""2023-11-14 22:13:20""#)
    .compile(compile);

/// Reads the format.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let format = Format::new(arguments::literal(args, 1)?.unwrap_or_default())?;
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, &format)))
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], format: &Format) -> Result<Value<'a>, EvalError> {
    let time = arguments::time(args, 0)?;
    let arena = ctx.arena();
    scratch::with_text(|out| {
        format.print(&time, out);
        Ok(Value::Str(arena.copy(out)?))
    })
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
                (&[AT, Str(b"%Y-%m-%dT%H:%M:%S.%L%z")], "\"2023-11-14T22:13:20.25Z\""),
                (&[AT, Str(b"%j days")], "\"+00:00 days\""),
                (&[AT, Str(b"")], "refused"),
                (&[AT, Str(b"%F1")], "refused"),
                (&[AT, Str(b"%S%L")], "refused"),
                (&[Nil, Str(b"%F")], "error"),
                (&[Int(1), Str(b"%F")], "error"),
            ],
        );
    }

    const AT: Value<'_> =
        Value::Time(ottl_core::Time { secs: 1_700_000_000, nanos: 250_000_000, zone: ottl_core::Zone::Utc });
}
