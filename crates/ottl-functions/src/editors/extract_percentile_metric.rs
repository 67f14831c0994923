//! `extract_percentile_metric`: a gauge of a percentile of histograms.

use ottl_core::edit::{MetricView, NewKind, NewMetric, Number};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType};
use ottl_core::{EvalError, Value};

use crate::derived::{append, extract};
use crate::percentile::{of_exponential, of_histogram};
use crate::sprintf::{self, sprintf};

/// The function's row.
pub const DEF: FunctionDef = extract("extract_percentile_metric")
    .arg("percentile", ParamType::ConstFloat, "the percentile, between `0.0` and `100.0`")
    .optional("suffix", ParamType::ConstString, "what the name gets behind it; default `_p` and the percentile")
    .docs(
        "Appends a gauge with a percentile of each point of a histogram or exponential histogram.\n\nThe value is found \
         between the bounds of the bucket that holds it: in proportion in a histogram, in proportion of logarithms in an \
         exponential one. Minimum and maximum stand for the bounds that the first and the last bucket do not have. The new \
         metric has the same unit, the percentile behind its description, and the attributes and times of the points. \
         Points without a count or without buckets are left out, and without points nothing is appended. Metrics of other \
         types stay alone; points whose counts contradict each other are errors.",
    )
    .example_on(crate::example::HISTOGRAM,
        r#"extract_percentile_metric(50.0) where metric.name == "latency""#,
        r#"[{"name":"latency","unit":"ms","histogram":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","count":"4","sum":60,"bucketCounts":["1","2","1"],"explicitBounds":[10,20]}],"aggregationTemporality":1}},{"name":"latency_p50","description":"p50","unit":"ms","gauge":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asDouble":15}]}}]"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let Const::Value(Value::Float(percentile)) = args[0] else {
        return Err("the percentile must be a float".to_owned());
    };
    if percentile <= 0.0 || percentile >= 100.0 {
        return Err("the percentile must be greater than 0 and less than 100".to_owned());
    }
    let mut title = b"p".to_vec();
    sprintf(&mut title, b"%g", &[sprintf::Arg::Float(percentile)], sprintf::MAX_TEXT)
        .map_err(|_| "too long".to_owned())?;
    let suffix = match args[1].as_str() {
        // COMPAT: an empty suffix is none.
        None | Some(b"") => [b"_", &title[..]].concat(),
        Some(suffix) => suffix.to_vec(),
    };
    Ok(Kernel::edit(move |cx, _| eval(cx, percentile, &title, &suffix)))
}

fn eval(cx: &mut CallContext<'_, '_>, percentile: f64, title: &[u8], suffix: &[u8]) -> Result<(), EvalError> {
    let arena = cx.arena();
    append(cx, |metric, points| {
        metric.each_point(|point| {
            let value = if let Some(point) = point.histogram()? {
                of_histogram(&point, percentile)?
            } else if let Some(point) = point.exponential()? {
                of_exponential(&point, percentile)?
            } else {
                None
            };
            value.map_or(Ok(()), |value| points.push(&point, &point.total()?, Number::Double(value)))
        })?;
        if points.is_empty() {
            return Ok(None);
        }
        let MetricView { name, unit, .. } = *metric;
        let description = match metric.description {
            b"" => title,
            text => arena.copy(&[text, b" (", title, b")"].concat())?,
        };
        Ok(Some(NewMetric { name: [name, suffix], description, unit, kind: NewKind::Gauge }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, appended, compile_error};

    #[test]
    fn percentiles_become_a_gauge() {
        let half = Arg::Lit("50.0");
        for (text, args, want) in [
            (
                "histogram [a=x] count=4 counts=1/2/1 bounds=10/20 ^1 @2; [] count=0 counts=1; [] count=3",
                &[half][..],
                "m_p50 p50 u gauge [a=x] 15.0 ^1 @2",
            ),
            ("exp [] count=4 pos=0:4", &[Arg::Lit("25.0"), Arg::Lit(r#""q""#)], "mq p25 u gauge [] 1.189207115002721"),
            ("exp [] count=4 pos=0:4", &[Arg::Lit("99.5"), Arg::Lit(r#""""#)], "m_p99.5 p99.5 u gauge [] 2.0"),
            ("histogram delta", &[half], ""),
            ("histogram [] count=4 counts=1/2 bounds=10/20", &[half], "error"),
            ("histogram [] count=4 counts=1/2/1 bounds=1/2; [] count=9 counts=1/1 bounds=1", &[half], "error"),
            ("summary [] count=1", &[half], ""),
            ("empty", &[half], ""),
        ] {
            assert_eq!(appended(&DEF, text, args), want, "{text}");
        }
        for percentile in ["0.0", "100.0", "-1.0"] {
            assert!(compile_error(&DEF, &[Arg::Lit(percentile)]).contains("less than 100"));
        }
    }
}
