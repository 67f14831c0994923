//! `aggregate_on_attributes`: merges the data points of a metric that agree in some attributes.

use ottl_core::edit::MetricData;
use ottl_core::function::{Availability, CallContext, Const, FunctionDef, Kernel, KeySet, ParamType};
use ottl_core::{ErrorKind, EvalError, Target, Value};

use crate::aggregation::{Aggregation, Sums, aggregate};

/// The function's row.
pub const DEF: FunctionDef = ROW
    .since(Target::V0_165)
    .before(&SUMS_OF_ANY)
    .docs(
        "Merges the data points that agree in attributes and time.\n\nIf `attributes` is given, all others are \
         removed from the points first. Points of a delta metric must also agree in the start time; of others the \
         earliest stays. Histograms are added up whatever the function, if their bounds or scales agree; a sum \
         is left only if all have one. The metric's metadata is removed. Summaries are errors.",
    )
    .example(
        r#"aggregate_on_attributes("sum", ["path"])"#,
        r#"{"name":"requests","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"7"}],"aggregationTemporality":2,"isMonotonic":true}}"#,
    )
    .compile(|args| compile(args, Sums::OfAll));

/// As versions had it that count the sums of those histograms that have one.
const SUMS_OF_ANY: FunctionDef = ROW.until(Target::V0_161).compile(|args| compile(args, Sums::OfAny));

const ROW: FunctionDef = FunctionDef::editor("aggregate_on_attributes")
    .arg("aggregation_function", ParamType::ConstString, "`sum`, `mean`, `min`, `max`, `median` or `count`")
    .optional("attributes", ParamType::ConstStrings, "attributes that are kept; default all")
    .availability(Availability { statements: &["metric"], conditions: &["none"] });

fn compile(args: &[Const<'_>], sums: Sums) -> Result<Kernel, String> {
    let function = Aggregation::by_name(args[0].as_str().unwrap_or_default())?;
    let attributes = match &args[1] {
        Const::Value(Value::List(keys)) => Some(KeySet::new(keys.iter().filter_map(|key| key.as_str()))),
        _ => None,
    };
    Ok(Kernel::edit(move |cx, _| eval(cx, function, sums, attributes.as_ref())))
}

fn eval(
    cx: &mut CallContext<'_, '_>,
    function: Aggregation,
    sums: Sums,
    attributes: Option<&KeySet>,
) -> Result<(), EvalError> {
    let arena = cx.arena();
    cx.host().edit_metric(&mut |metric| {
        if matches!(metric.data, MetricData::Summary { .. }) {
            return Err(ErrorKind::WrongRecord("summaries cannot be aggregated").into());
        }
        if let Some(keys) = attributes {
            metric.data.any_attributes(|map| {
                map.retain_keys(|key| keys.contains(key));
                Ok::<_, EvalError>(false)
            })?;
        }
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
    fn points_merge_by_group() {
        for (text, function, keys, want) in [
            ("gauge [a=x,b=1] 1; [a=y] 2; [a=x,b=2] 3", r#""sum""#, Arg::Lit(r#"["a"]"#), "gauge [a=x] 4; [a=y] 2"),
            ("gauge [a=x,b=1] 1; [b=1,a=x] 2.5", r#""sum""#, Arg::Absent, "gauge [a=x,b=1] 1"),
            ("gauge [a=x] 1.5; [b=2] 2; [] 3", r#""max""#, Arg::Lit("[]"), "gauge [] 3.0"),
            ("gauge [] 1 @1; [] 2 @2", r#""sum""#, Arg::Absent, "gauge [] 1 @1; [] 2 @2"),
            ("gauge [] 1 ^5; [] 2 ^3", r#""sum""#, Arg::Absent, "gauge [] 3 ^3"),
            ("sum delta [] 1 ^5; [] 2 ^3", r#""sum""#, Arg::Absent, "sum delta [] 1 ^5; [] 2 ^3"),
            ("sum cumulative [] 1 ^5; [] 2 ^3", r#""sum""#, Arg::Absent, "sum cumulative [] 3 ^3"),
            ("gauge [a=nan] 1 @1; [b=nan] 2 @2; [] 3", r#""sum""#, Arg::Absent, "gauge [a=nan] 3 @1; [] 3"),
            (
                "histogram delta [] count=2 sum=1 min=1 max=2 counts=1/1 bounds=1; [] count=1 min=0.5 max=1 counts=1/0 bounds=1 exemplar=1; [] count=0 sum=9 min=0 max=9 bounds=1",
                r#""min""#,
                Arg::Absent,
                "histogram delta [] count=3 min=0.5 max=2 counts=2/1 bounds=1 exemplar=1",
            ),
            (
                "histogram [] count=1 counts=1/1 bounds=1; [] count=1 counts=1/1 bounds=2; [] count=1 counts=1/1 bounds=1 flags=1",
                r#""sum""#,
                Arg::Absent,
                "histogram [] count=1 counts=1/1 bounds=1; [] count=1 counts=1/1 bounds=2; [] count=1 counts=1/1 bounds=1 flags=1",
            ),
            (
                "exp delta [] count=2 scale=1 zero=1 pos=0:1/2; [] count=1 scale=1 zero=1 pos=1:1 neg=0:1",
                r#""sum""#,
                Arg::Absent,
                "exp delta [] count=3 zero=2 pos=0:1/3 neg=0:1",
            ),
            ("empty", r#""sum""#, Arg::Absent, "empty"),
        ] {
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &[Arg::Lit(function), keys]);
            assert!(outcome.is_ok(), "{text}");
            let want = format!("{want} without metadata");
            assert_eq!(written.map(|m| show(&m)), Some(want), "{function} of {text}");
        }
        let text = "histogram delta [] count=2 sum=10 bounds=1; [] count=1 bounds=1; [] count=1 sum=1 bounds=1";
        for (row, sum) in [(&DEF, ""), (&SUMS_OF_ANY, " sum=11")] {
            let (_, written, _) = on_metric(row, &metric(text), &[Arg::Lit(r#""sum""#), Arg::Absent]);
            let want = format!("histogram delta [] count=4{sum} bounds=1 without metadata");
            assert_eq!(written.map(|m| show(&m)), Some(want));
        }
    }

    #[test]
    fn what_cannot_be_merged_is_an_error() {
        for text in ["summary [] sum=1", "histogram [] count=1; [] count=1 counts=1/1"] {
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &[Arg::Lit(r#""sum""#)]);
            assert!(outcome.is_err() && written.is_none(), "{text}");
        }
        assert!(compile_error(&DEF, &[Arg::Lit(r#""avg""#)]).contains("median"));
    }
}
