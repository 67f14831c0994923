//! `IsRootSpan`: whether the span has no parent.

use ottl_core::function::{Availability, CallContext, FunctionDef, Param, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("IsRootSpan")
    .param(Param::implicit("span.parent_span_id"))
    .returns(Type::Bool)
    .availability(Availability { statements: &["span"], conditions: &["span"] })
    .docs("Whether the span has no parent.\n\nArguments are ignored.")
    .example("IsRootSpan()", "true")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let parent = arguments::any(args, 0);
    Ok(Value::Bool(matches!(parent, Value::SpanId([0, 0, 0, 0, 0, 0, 0, 0]) | Value::Nil)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::SpanId;

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[SpanId([0; 8])], "true"), (&[SpanId([0, 0, 0, 0, 0, 0, 0, 1])], "false")]);
    }
}
