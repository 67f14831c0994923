//! `convert_sum_to_gauge`: turns a sum into a gauge.

use ottl_core::edit::{DataKind, NewKind};
use ottl_core::function::{Availability, CallContext, FunctionDef};
use ottl_core::{EvalError, Value};

use crate::derived::convert;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("convert_sum_to_gauge")
    .availability(Availability { statements: &["metric"], conditions: &["none"] })
    .docs(
        "Turns a sum into a gauge with the same data points.\n\nTemporality and monotony are lost. Metrics of \
         other types stay as they are.",
    )
    .example(
        "convert_sum_to_gauge()",
        r#"{"name":"requests","unit":"1","gauge":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"3"},{"attributes":[{"key":"host","value":{"stringValue":"b"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"4"}]}}"#,
    )
    .edit(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, _: &[Value<'a>]) -> Result<(), EvalError> {
    convert(cx, DataKind::Sum, NewKind::Gauge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::on_metric;
    use crate::metric_text::{metric, show};

    #[test]
    fn only_sums_change() {
        for (text, want) in [
            ("sum delta [a=x] 1 ^2 @3; [] 2.5", Some("gauge [a=x] 1 ^2 @3; [] 2.5")),
            ("sum", Some("gauge")),
            ("gauge [] 1", None),
            ("histogram delta []", None),
            ("empty", None),
        ] {
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &[]);
            assert!(outcome.is_ok());
            assert_eq!(written.map(|m| show(&m)).as_deref(), want, "{text}");
        }
    }
}
