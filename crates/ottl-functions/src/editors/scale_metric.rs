//! `scale_metric`: multiplies the values of a metric.

use ottl_core::edit::{DataKind, Number};
use ottl_core::function::{Availability, CallContext, FunctionDef, ParamType};
use ottl_core::{ErrorKind, EvalError, Value};

use crate::aggregation::to_int;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("scale_metric")
    .arg("multiplier", ParamType::ConstFloat, "factor, a float literal")
    .optional("unit", ParamType::STRING, "the metric's new unit; default the old one")
    .availability(Availability { statements: &["metric"], conditions: &["none"] })
    .docs(
        "Multiplies the values of a metric.\n\nThe points of gauges and sums (ints stay ints, cut towards zero), \
         the sum, minimum, maximum, bounds and exemplars of histograms, the sums and quantile values of summaries. \
         Counts stay. Exponential histograms and metrics without a type are errors.",
    )
    .example(
        r#"scale_metric(10.0, "dimes")"#,
        r#"{"name":"requests","unit":"dimes","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"30"},{"attributes":[{"key":"host","value":{"stringValue":"b"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"40"}],"aggregationTemporality":2,"isMonotonic":true}}"#,
    )
    .edit(eval);

fn scaled(value: Number, factor: f64) -> Number {
    match value {
        Number::Unset => Number::Unset,
        Number::Int(int) => Number::Int(to_int(int as f64 * factor)),
        Number::Double(double) => Number::Double(double * factor),
    }
}

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<(), EvalError> {
    let Value::Float(factor) = args[0] else { return Err(EvalError::function("the multiplier must be a float")) };
    let arena = cx.arena();
    let metric = cx.host().read_metric()?;
    match metric.kind() {
        Some(DataKind::ExponentialHistogram) => {
            return Err(ErrorKind::WrongRecord("exponential histograms cannot be scaled").into());
        }
        None => return Err(ErrorKind::WrongRecord("a metric without a type cannot be scaled").into()),
        Some(_) => {}
    }
    let message = arena.copy(&metric.with_numbers(args[1].as_str(), |value| scaled(value, factor))?)?;
    cx.host().replace_metric(message)
}

#[cfg(test)]
mod tests {
    use ottl_core::edit::MetricEdit;

    use super::*;
    use crate::editor_host::{Arg, on_metric};
    use crate::metric_text::{metric, show};

    #[test]
    fn values_scale_and_counts_stay() {
        for (text, factor, want) in [
            ("gauge [a=x] 7; [] 2.5; []", "1.5", Some("gauge [a=x] 10; [] 3.75; []")),
            ("sum delta [] 9000000000000000000; []  -3", "2.0", Some("sum delta [] -9223372036854775808; [] -6")),
            (
                "histogram delta [] count=3 sum=4 max=2 counts=1/2 bounds=1/2 exemplar=3 exemplar=1.5",
                "2.0",
                Some("histogram delta [] count=3 sum=8 max=4 counts=1/2 bounds=2/4 exemplar=6 exemplar=3.0"),
            ),
            ("summary [] sum=2 q=1/2.5", "2.0", Some("summary [] sum=4 q=2.0/5.0")),
            ("exp []", "2.0", None),
            ("empty", "2.0", None),
        ] {
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &[Arg::Lit(factor)]);
            assert_eq!(outcome.is_ok(), want.is_some(), "{text}");
            assert_eq!(written.map(|m| show(&m)).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn the_unit_is_set_only_on_success() {
        let (_, written, _) = on_metric(&DEF, &metric("gauge [] 1"), &[Arg::Lit("1.0"), Arg::Dyn(r#""u""#)]);
        let written = written.expect("a changed metric");
        assert_eq!(MetricEdit::decode(&written).expect("a metric").unit, b"u");
        let (outcome, written, _) = on_metric(&DEF, &metric("gauge [] 1"), &[Arg::Lit("2.0"), Arg::Fails]);
        assert!(outcome.is_err() && written.is_none());
    }
}
