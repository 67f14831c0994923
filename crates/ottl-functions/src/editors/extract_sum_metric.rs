//! `extract_sum_metric`: a sum of the sums of a histogram or summary.

use ottl_core::EvalError;
use ottl_core::edit::{MetricView, NewKind, NewMetric, Number};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel};

use crate::derived::{append, each_total, extract_sum, literal_or, temporality_of_totals};

/// The function's row.
pub const DEF: FunctionDef = extract_sum("extract_sum_metric", "what the name gets behind it; default `_sum`")
    .docs(
        "Appends a sum with the sum of each point of a histogram, exponential histogram or summary.\n\nThe new metric \
         has the same description and unit, and the attributes and times of the points; it is cumulative for a \
         summary, and has the histogram's temporality otherwise. Points of histograms without a sum are left out, and \
         without points nothing is appended. Metrics of other types are errors, and so are histograms without a \
         temporality.\n\nThe new metric is a metric of the scope like any other, so the statements of the group run on \
         it too: a `where` clause on the type spares it.",
    )
    .example_on(crate::example::HISTOGRAM,
        "extract_sum_metric(true) where metric.type == METRIC_DATA_TYPE_HISTOGRAM",
        r#"[{"name":"latency","unit":"ms","histogram":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","count":"4","sum":60,"bucketCounts":["1","2","1"],"explicitBounds":[10,20]}],"aggregationTemporality":1}},{"name":"latency_sum","unit":"ms","sum":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asDouble":60}],"aggregationTemporality":1,"isMonotonic":true}}]"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let suffix = literal_or(args, 1, "_sum");
    Ok(Kernel::edit(move |cx, args| eval(cx, args[0].as_bool().unwrap_or_default(), &suffix)))
}

fn eval(cx: &mut CallContext<'_, '_>, monotonic: bool, suffix: &[u8]) -> Result<(), EvalError> {
    append(cx, |metric, points| {
        let temporality = temporality_of_totals(metric)?;
        each_total(metric, |point, total| match total.sum {
            Some(sum) => points.push(point, total, Number::Double(sum)),
            None => Ok(()),
        })?;
        let kind = NewKind::Sum { temporality, monotonic };
        let MetricView { name, description, unit, .. } = *metric;
        Ok((!points.is_empty()).then_some(NewMetric { name: [name, suffix], description, unit, kind }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, appended};

    #[test]
    fn sums_become_a_sum() {
        for (text, monotonic, want) in [
            (
                "histogram delta [a=x] sum=1.5 ^1 @2; [b=y] count=1; [] sum=-2",
                "true",
                "m_sum u sum delta [a=x] 1.5 ^1 @2; [] -2.0",
            ),
            ("exp cumulative [a=x] sum=3", "false", "m_sum u sum cumulative not monotonic [a=x] 3.0"),
            ("summary [a=x] sum=3; [] count=1", "true", "m_sum u sum cumulative [a=x] 3.0; [] 0.0"),
            ("histogram delta [] count=1", "true", ""),
            ("summary", "true", ""),
            ("histogram [] sum=3", "true", "error"),
            ("sum delta [] 1", "true", "error"),
            ("empty", "true", "error"),
        ] {
            assert_eq!(appended(&DEF, text, &[Arg::Lit(monotonic)]), want, "{text}");
        }
    }
}
