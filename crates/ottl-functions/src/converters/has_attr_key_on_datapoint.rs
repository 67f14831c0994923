//! `HasAttrKeyOnDatapoint`: whether a data point of the metric has an attribute.

use ottl_core::function::{Availability, CallContext, FunctionDef, ParamType, Purity, Type};
use ottl_core::{ErrorKind, EvalError, Value};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("HasAttrKeyOnDatapoint")
    .arg("key", ParamType::ConstString, "attribute key")
    .returns(Type::Bool)
    .purity(Purity::Record)
    .availability(Availability { statements: &["none"], conditions: &["metric"] })
    .docs(
        "Whether any data point of the metric has the attribute.\n\nOnly in conditions. A metric without a type is \
         an error.",
    )
    .example(r#"HasAttrKeyOnDatapoint("host")"#, "true")
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let Value::Str(key) = args[0] else { return Err(EvalError::function("the key must be a string")) };
    first_value(cx, key).map(|value| Value::Bool(value.is_some()))
}

/// The encoded value of the attribute of the first data point that has it.
///
/// # Errors
/// A metric without a type, or damage.
pub(super) fn first_value<'a>(cx: &mut CallContext<'_, 'a>, key: &[u8]) -> Result<Option<&'a [u8]>, EvalError> {
    let metric = cx.host().read_metric()?;
    if metric.kind().is_none() {
        return Err(ErrorKind::WrongRecord("the metric has no type").into());
    }
    Ok(metric.find_point(|point| point.attribute(key))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, on_metric};
    use crate::metric_text::metric;

    #[test]
    fn any_point_counts() {
        for (text, want) in [
            ("gauge [a=x] 1; [b=y] 2", "true"),
            ("sum delta [a=x] 1", "false"),
            ("histogram cumulative [b=]", "true"),
            ("exp cumulative [b=]", "true"),
            ("summary [b=]", "true"),
            ("gauge", "false"),
            ("empty", "error"),
        ] {
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &[Arg::Lit(r#""b""#)]);
            assert_eq!(outcome.unwrap_or_else(|_| "error".to_owned()), want, "{text}");
            assert_eq!(written, None, "{text}");
        }
    }
}
