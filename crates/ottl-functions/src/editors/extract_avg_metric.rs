//! `extract_avg_metric`: a gauge of the averages of a histogram or summary.

use ottl_core::edit::{MetricView, NewKind, NewMetric, Number};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType};
use ottl_core::{EvalError, Target};

use crate::derived::{append, each_total, extract, literal_or};

/// The function's row.
pub const DEF: FunctionDef = extract("extract_avg_metric")
    .optional("suffix", ParamType::ConstString, "what the name gets behind it; default `_avg`")
    .since(Target::V0_165)
    .docs(
        "Appends a gauge with the average of each point of a histogram, exponential histogram or summary: its sum by its \
         count.\n\nThe new metric has the same description and unit, and the attributes and times of the points. Points \
         without a count, and those of histograms without a sum, are left out, and without points nothing is appended. \
         Metrics of other types are errors, also the new one, if the statements of the group run on it: a `where` clause \
         on the type spares it.",
    )
    .example_on(crate::example::HISTOGRAM,
        "extract_avg_metric() where metric.type == METRIC_DATA_TYPE_HISTOGRAM",
        r#"[{"name":"latency","unit":"ms","histogram":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","count":"4","sum":60,"bucketCounts":["1","2","1"],"explicitBounds":[10,20]}],"aggregationTemporality":1}},{"name":"latency_avg","unit":"ms","gauge":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asDouble":15}]}}]"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let suffix = literal_or(args, 0, "_avg");
    Ok(Kernel::edit(move |cx, _| eval(cx, &suffix)))
}

fn eval(cx: &mut CallContext<'_, '_>, suffix: &[u8]) -> Result<(), EvalError> {
    append(cx, |metric, points| {
        each_total(metric, |point, total| match total.sum {
            Some(sum) if total.count > 0 => points.push(point, total, Number::Double(sum / total.count as f64)),
            _ => Ok(()),
        })?;
        let MetricView { name, description, unit, .. } = *metric;
        let new = NewMetric { name: [name, suffix], description, unit, kind: NewKind::Gauge };
        Ok((!points.is_empty()).then_some(new))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, appended};

    #[test]
    fn averages_become_a_gauge() {
        for (text, args, want) in [
            ("histogram [a=x] count=4 sum=10 ^1 @2; [b=y] count=3; [] sum=2", &[][..], "m_avg u gauge [a=x] 2.5 ^1 @2"),
            ("exp delta [] count=2 sum=-3", &[Arg::Lit(r#"".a""#)], "m.a u gauge [] -1.5"),
            ("summary [] count=2; [] sum=1", &[], "m_avg u gauge [] 0.0"),
            ("histogram delta [] count=1", &[], ""),
            ("gauge [] 1", &[], "error"),
            ("empty", &[], "error"),
        ] {
            assert_eq!(appended(&DEF, text, args), want, "{text}");
        }
    }
}
