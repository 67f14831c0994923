//! `aggregate_on_attribute_value`: gives several values of an attribute one name, and merges the data points that agree then.

use ottl_core::edit::{MapEdit, MetricData};
use ottl_core::function::{Availability, CallContext, Const, FunctionDef, Kernel, KeySet, ParamType};
use ottl_core::{EvalError, Target, Value};

use crate::aggregation::{Aggregation, Sums, aggregate};

/// The function's row.
pub const DEF: FunctionDef = ROW
    .since(Target::V0_165)
    .before(&SUMS_OF_ANY)
    .docs(
        "Replaces some values of an attribute by one, and merges the data points that agree in attributes and time.\n\nA \
         value that is no string counts as an empty one. All points of the metric are merged as \
         `aggregate_on_attributes` does it, also those without the attribute. The metric's metadata is removed. \
         Summaries lose all their points.",
    )
    .example(
        r#"aggregate_on_attribute_value("sum", "host", ["a", "b"], "all")"#,
        r#"{"name":"requests","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"all"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"7"}],"aggregationTemporality":2,"isMonotonic":true}}"#,
    )
    .compile(|args| compile(args, Sums::OfAll));

/// As versions had it that count the sums of those histograms that have one.
const SUMS_OF_ANY: FunctionDef = ROW.until(Target::V0_161).compile(|args| compile(args, Sums::OfAny));

const ROW: FunctionDef = FunctionDef::editor("aggregate_on_attribute_value")
    .arg("aggregation_function", ParamType::ConstString, "`sum`, `mean`, `min`, `max`, `median` or `count`")
    .arg("attribute", ParamType::ConstString, "key of the attribute")
    .arg("values", ParamType::ConstStrings, "its values that become one")
    .arg("new_value", ParamType::ConstString, "what they become")
    .availability(Availability { statements: &["metric"], conditions: &["none"] });

fn compile(args: &[Const<'_>], sums: Sums) -> Result<Kernel, String> {
    let function = Aggregation::by_name(args[0].as_str().unwrap_or_default())?;
    let values = match &args[2] {
        Const::Value(Value::List(values)) => KeySet::new(values.iter().filter_map(|value| value.as_str())),
        _ => KeySet::new([]),
    };
    Ok(Kernel::edit(move |cx, args| {
        let key = args[1].as_str().unwrap_or_default();
        let new = Value::Str(args[3].as_str().unwrap_or_default());
        eval(cx, function, sums, |map| replace(map, key, &values, new))
    }))
}

fn replace<'a>(map: &mut MapEdit<'a>, key: &[u8], values: &KeySet, new: Value<'a>) -> Result<bool, EvalError> {
    if let Some(idx) = map.find(key)? {
        let text = map.value_at(idx)?.as_str().unwrap_or_default();
        if values.contains(text) {
            map.set_at(idx, new);
        }
    }
    Ok(false)
}

fn eval<'a>(
    cx: &mut CallContext<'_, 'a>,
    function: Aggregation,
    sums: Sums,
    mut replace: impl FnMut(&mut MapEdit<'a>) -> Result<bool, EvalError>,
) -> Result<(), EvalError> {
    let arena = cx.arena();
    cx.host().edit_metric(&mut |metric| {
        if let MetricData::Summary { .. } = metric.data {
            // COMPAT: there are no groups of summary points, so none is left.
            metric.data = MetricData::Summary { points: Vec::new(), rest: Vec::new() };
        }
        metric.data.any_attributes(&mut replace)?;
        aggregate(&mut metric.data, function, sums, arena)?;
        metric.metadata.clear();
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, compile_error, on_metric};
    use crate::metric_text::{metric, show};

    #[test]
    fn points_merge_under_the_new_value() {
        let values = Arg::Lit(r#"["x","y"]"#);
        for (text, values, want) in [
            ("gauge [a=x,b=1] 1; [a=y,b=1] 2; [a=z,b=1] 3; [b=1] 4", values, "gauge [a=n,b=1] 3; [a=z,b=1] 3; [b=1] 4"),
            ("gauge [a=n] 1; [a=x] 2", values, "gauge [a=n] 3"),
            ("gauge [a=7] 1; [a=] 2", Arg::Lit(r#"[""]"#), "gauge [a=n] 3"),
            ("gauge [a=7] 1; [a=7] 2", values, "gauge [a=7] 3"),
            ("gauge [a=x] 1; [a=x] 2; [a=y] 4", Arg::Lit("[]"), "gauge [a=x] 3; [a=y] 4"),
            ("summary [a=x] sum=1", values, "summary"),
            ("empty", values, "empty"),
        ] {
            let args = [Arg::Lit(r#""sum""#), Arg::Lit(r#""a""#), values, Arg::Lit(r#""n""#)];
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &args);
            assert!(outcome.is_ok(), "{text}");
            let want = format!("{want} without metadata");
            assert_eq!(written.map(|m| show(&m)), Some(want), "{text}");
        }
        let args = [Arg::Lit(r#""avg""#), Arg::Lit(r#""a""#), values, Arg::Lit(r#""n""#)];
        assert!(compile_error(&DEF, &args).contains("median"));
    }
}
