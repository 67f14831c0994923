//! `convert_summary_quantile_val_to_gauge`: a gauge of the quantiles of a summary.

use ottl_core::EvalError;
use ottl_core::edit::{DataKind, MetricView, NewKind, NewMetric, QuantileOf};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType};

use crate::derived::{append, extract, literal_or};

/// The function's row.
pub const DEF: FunctionDef = extract("convert_summary_quantile_val_to_gauge")
    .optional("attribute_key", ParamType::ConstString, "the attribute that tells the quantile; default `quantile`")
    .optional("suffix", ParamType::ConstString, "what the name gets behind it; default `.quantiles`")
    .docs(
        "Appends a gauge with a point for each quantile of each point of a summary.\n\nThe new metric has the same \
         description and unit, and its points the attributes and times of those they are made of, with the quantile as \
         one attribute more. It is there even if it has no points. Metrics of other types stay alone.",
    )
    .example_on(crate::example::SUMMARY,
        "convert_summary_quantile_val_to_gauge()",
        r#"[{"name":"rtt","unit":"s","summary":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}}],"timeUnixNano":"2","count":"5","sum":12.5,"quantileValues":[{"quantile":0.5,"value":2}]}]}},{"name":"rtt.quantiles","unit":"s","gauge":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"quantile","value":{"doubleValue":0.5}}],"timeUnixNano":"2","asDouble":2}]}}]"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let suffix = literal_or(args, 1, ".quantiles");
    Ok(Kernel::edit(move |cx, args| eval(cx, args[0].as_str().unwrap_or(b"quantile"), &suffix)))
}

fn eval<'a>(cx: &mut CallContext<'_, 'a>, key: &'a [u8], suffix: &[u8]) -> Result<(), EvalError> {
    append(cx, |metric, points| {
        if metric.kind() != Some(DataKind::Summary) {
            return Ok(None);
        }
        metric.each_point(|point| {
            let total = point.total()?;
            point.each_quantile(|quantile, value| {
                points.push_quantile(&point, &total, &QuantileOf { key, quantile, value })
            })
        })?;
        let MetricView { name, description, unit, .. } = *metric;
        Ok(Some(NewMetric { name: [name, suffix], description, unit, kind: NewKind::Gauge }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, appended};

    #[test]
    fn quantiles_become_a_gauge() {
        for (text, args, want) in [
            (
                "summary [a=x] q=1/2.5 ^1 @2; []; [b=y] q=7",
                &[][..],
                "m.quantiles u gauge [a=x,quantile=0] 1.0 ^1 @2; [a=x,quantile=0.5] 2.5 ^1 @2; [b=y,quantile=0] 7.0",
            ),
            ("summary [a=x,q=1,b=2] q=1", &[Arg::Lit(r#""q""#), Arg::Lit(r#""""#)], "m u gauge [a=x,q=0,b=2] 1.0"),
            ("summary", &[Arg::Absent, Arg::Lit(r#""s""#)], "ms u gauge"),
            ("gauge [] 1", &[], ""),
            ("histogram delta [] count=1", &[], ""),
            ("empty", &[], ""),
        ] {
            assert_eq!(appended(&DEF, text, args).trim_end(), want, "{text}");
        }
    }
}
