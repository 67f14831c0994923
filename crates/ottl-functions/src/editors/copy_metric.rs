//! `copy_metric`: adds a copy of the metric to its scope.

use ottl_core::function::{Availability, CallContext, FunctionDef, MetricText, Param, ParamType};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Value};

const fn text(name: &'static str, doc: &'static str) -> Param {
    Param::new(name, ParamType::Coerced(Coercion::String), doc).optional().lazy()
}

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("copy_metric")
    .param(text("name", "name of the copy; default that of the metric"))
    .param(text("description", "description of the copy; default that of the metric"))
    .param(text("unit", "unit of the copy; default that of the metric"))
    .availability(Availability { statements: &["metric"], conditions: &["none"] })
    .docs(
        "Adds a copy of the metric to the end of its scope, with another name, description or unit.\n\nThe copy is \
         a metric of the scope like any other, so the statements of the group run on it too: exclude it with a \
         `where` clause, or it is copied again until a limit ends that. The copy is there even if one of the texts \
         cannot be evaluated.",
    )
    .example(
        r#"copy_metric(name="calls") where metric.name == "requests""#,
        r#"[{"name":"requests","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"3"},{"attributes":[{"key":"host","value":{"stringValue":"b"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"4"}],"aggregationTemporality":2,"isMonotonic":true}},{"name":"calls","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"3"},{"attributes":[{"key":"host","value":{"stringValue":"b"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"4"}],"aggregationTemporality":2,"isMonotonic":true}}]"#,
    )
    .edit(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<(), EvalError> {
    // The copy is made before the texts are evaluated: they do not see it, but it stays when one of them fails.
    let copy = cx.host().copy_metric()?;
    let fields = [MetricText::Name, MetricText::Description, MetricText::Unit];
    for (idx, (arg, field)) in args.iter().zip(fields).enumerate() {
        if arg.is_absent() {
            continue;
        }
        let Value::Str(text) = cx.force(*arg).map_err(|e| e.of(idx))? else {
            return Err(EvalError::function("the text must be a string").of(idx));
        };
        cx.host().patch_metric_copy(copy, field, text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, on_metric};

    #[test]
    fn texts_are_overridden_until_one_fails() {
        let texts = [Arg::Lit(r#""n""#), Arg::Dyn(r#""d""#), Arg::Dyn(r#""u""#)];
        let (outcome, _, copies) = on_metric(&DEF, &[], &texts);
        assert!(outcome.is_ok());
        let all = [
            (MetricText::Name, b"n".to_vec()),
            (MetricText::Description, b"d".to_vec()),
            (MetricText::Unit, b"u".to_vec()),
        ];
        assert_eq!(copies, [all.to_vec()]);
        let (outcome, _, copies) = on_metric(&DEF, &[], &[Arg::Absent, Arg::Dyn(r#""d""#), Arg::Fails]);
        assert!(outcome.is_err());
        assert_eq!(copies, [vec![(MetricText::Description, b"d".to_vec())]]);
        let (outcome, _, copies) = on_metric(&DEF, &[], &[]);
        assert!(outcome.is_ok());
        assert_eq!(copies, [vec![]]);
    }
}
