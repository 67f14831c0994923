//! `extract_count_metric`: a sum of the counts of a histogram or summary.

use ottl_core::EvalError;
use ottl_core::edit::{MetricView, NewKind, NewMetric, Number};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel};

use crate::derived::{append, each_total, extract_sum, literal_or, temporality_of_totals};

/// The function's row.
pub const DEF: FunctionDef = extract_sum("extract_count_metric", "what the name gets behind it; default `_count`")
    .docs(
        "Appends a sum with the count of each point of a histogram, exponential histogram or summary.\n\nThe new \
         metric has the same description, the unit `1`, and the attributes and times of the points; it is cumulative \
         for a summary, and has the histogram's temporality otherwise. Without points nothing is appended. Metrics of \
         other types are errors, and so are histograms without a temporality.\n\nThe new metric is a metric of the \
         scope like any other, so the statements of the group run on it too: a `where` clause on the type spares \
         it.",
    )
    .example_on(crate::example::HISTOGRAM,
        "extract_count_metric(true) where metric.type == METRIC_DATA_TYPE_HISTOGRAM",
        r#"[{"name":"latency","unit":"ms","histogram":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","count":"4","sum":60,"bucketCounts":["1","2","1"],"explicitBounds":[10,20]}],"aggregationTemporality":1}},{"name":"latency_count","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"4"}],"aggregationTemporality":1,"isMonotonic":true}}]"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let suffix = literal_or(args, 1, "_count");
    Ok(Kernel::edit(move |cx, args| eval(cx, args[0].as_bool().unwrap_or_default(), &suffix)))
}

fn eval(cx: &mut CallContext<'_, '_>, monotonic: bool, suffix: &[u8]) -> Result<(), EvalError> {
    append(cx, |metric, points| {
        let temporality = temporality_of_totals(metric)?;
        // COMPAT: counts above the largest int become negative.
        each_total(metric, |point, total| points.push(point, total, Number::Int(total.count as i64)))?;
        let kind = NewKind::Sum { temporality, monotonic };
        let MetricView { name, description, .. } = *metric;
        Ok((!points.is_empty()).then_some(NewMetric { name: [name, suffix], description, unit: b"1", kind }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, appended};

    #[test]
    fn counts_become_a_sum() {
        for (text, monotonic, want) in [
            (
                "histogram delta [a=x] count=3 ^1 @2; [] count=18446744073709551615",
                "true",
                "m_count 1 sum delta [a=x] 3 ^1 @2; [] -1",
            ),
            ("exp cumulative [a=x] count=3", "false", "m_count 1 sum cumulative not monotonic [a=x] 3"),
            ("summary [a=x] count=3 ^1 @2", "true", "m_count 1 sum cumulative [a=x] 3 ^1 @2"),
            ("histogram delta", "true", ""),
            ("histogram [] count=3", "true", "error"),
            ("exp [] count=3", "true", "error"),
            ("sum delta [] 1", "true", "error"),
            ("gauge [] 1", "true", "error"),
            ("empty", "true", "error"),
        ] {
            assert_eq!(appended(&DEF, text, &[Arg::Lit(monotonic)]), want, "{text}");
        }
        let named = appended(&DEF, "summary [] count=1", &[Arg::Lit("true"), Arg::Lit(r#"".n""#)]);
        assert_eq!(named, "m.n 1 sum cumulative [] 1");
    }
}
