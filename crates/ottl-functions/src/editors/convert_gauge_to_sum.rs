//! `convert_gauge_to_sum`: turns a gauge into a sum.

use ottl_core::edit::{DataKind, NewKind};
use ottl_core::function::{Availability, Const, FunctionDef, Kernel, ParamType};

use crate::derived::{convert, temporality};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("convert_gauge_to_sum")
    .arg("string_agg_temp", ParamType::ConstString, "temporality: `delta` or `cumulative`")
    .arg("monotonic", ParamType::ConstBool, "whether the sum only grows")
    .availability(Availability { statements: &["metric"], conditions: &["none"] })
    .docs("Turns a gauge into a sum with the same data points.\n\nMetrics of other types stay as they are.")
    .example_on(crate::example::GAUGE,
        r#"convert_gauge_to_sum("delta", false)"#,
        r#"{"name":"requests","unit":"1","sum":{"dataPoints":[{"timeUnixNano":"2","asInt":"3"}],"aggregationTemporality":1}}"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let temporality = temporality(args[0].as_str())?;
    Ok(Kernel::edit(move |cx, args| {
        let monotonic = args[1].as_bool().unwrap_or_default();
        convert(cx, DataKind::Gauge, NewKind::Sum { temporality, monotonic })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, compile_error, on_metric};
    use crate::metric_text::{metric, show};

    #[test]
    fn only_gauges_change() {
        for (text, temporality, monotonic, want) in [
            ("gauge [a=x] 1", r#""delta""#, "true", Some("sum delta [a=x] 1")),
            ("gauge", r#""cumulative""#, "false", Some("sum cumulative not monotonic")),
            ("sum delta [] 1", r#""cumulative""#, "true", None),
            ("empty", r#""cumulative""#, "true", None),
        ] {
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &[Arg::Lit(temporality), Arg::Lit(monotonic)]);
            assert!(outcome.is_ok());
            assert_eq!(written.map(|m| show(&m)).as_deref(), want, "{text}");
        }
        assert!(compile_error(&DEF, &[Arg::Lit(r#""both""#), Arg::Lit("true")]).contains("temporality"));
    }
}
