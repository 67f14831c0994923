//! `HasAttrOnDatapoint`: whether a data point of the metric has an attribute with a value.

use ottl_core::function::{Availability, CallContext, FunctionDef, ParamType, Purity, Type};
use ottl_core::value::decode_any;
use ottl_core::{EvalError, Value};

use super::has_attr_key_on_datapoint::first_value;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("HasAttrOnDatapoint")
    .arg("key", ParamType::ConstString, "attribute key")
    .arg("expected_val", ParamType::ConstString, "text that the attribute must equal")
    .returns(Type::Bool)
    .purity(Purity::Record)
    .availability(Availability { statements: &["none"], conditions: &["metric"] })
    .docs(
        "Whether the first data point that has the attribute has it with this text.\n\nLater points are not looked \
         at; an attribute that is no text counts as the empty text. Only in conditions. A metric without a type is \
         an error.",
    )
    .example(r#"HasAttrOnDatapoint("host", "a")"#, "true")
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let (Value::Str(key), Value::Str(expected)) = (args[0], args[1]) else {
        return Err(EvalError::function("key and value must be strings"));
    };
    let Some(value) = first_value(cx, key)? else { return Ok(Value::Bool(false)) };
    Ok(Value::Bool(decode_any(value)?.as_str().unwrap_or_default() == expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, on_metric};
    use crate::metric_text::metric;

    #[test]
    fn the_first_point_with_the_key_decides() {
        let args = [Arg::Lit(r#""a""#), Arg::Lit(r#""x""#)];
        for (text, want) in [
            ("gauge [b=x] 1; [a=x] 2", "true"),
            ("gauge [a=y] 1; [a=x] 2", "false"),
            ("sum delta [a=x,a=y] 1", "true"),
            ("summary [b=x]", "false"),
            ("empty", "error"),
        ] {
            let (outcome, ..) = on_metric(&DEF, &metric(text), &args);
            assert_eq!(outcome.unwrap_or_else(|_| "error".to_owned()), want, "{text}");
        }
        let (outcome, ..) = on_metric(&DEF, &metric("gauge [n=7] 1"), &[Arg::Lit(r#""n""#), Arg::Lit(r#""""#)]);
        assert_eq!(outcome.ok().as_deref(), Some("true"), "an int counts as the empty text");
    }
}
