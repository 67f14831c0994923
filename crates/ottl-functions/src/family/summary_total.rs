//! The editors that append a sum of what the points of a summary say of all their observations.

use ottl_core::Value;
use ottl_core::edit::{MetricView, NewKind, NewMetric, Number, Total};
use ottl_core::function::{Availability, Const, FunctionDef, Kernel, Param, ParamType};

use crate::derived::{append, each_total, literal_or, temporality};

/// `METRIC_DATA_TYPE_SUMMARY`.
const SUMMARY: i64 = 5;

/// A row without documentation and kernel. The type of the metric comes as a hidden argument: points of other metrics must
/// not cost looking at all their neighbours.
pub(crate) const fn row(name: &'static str, suffix: &'static str) -> FunctionDef {
    FunctionDef::editor(name)
        .arg("string_agg_temp", ParamType::ConstString, "temporality: `delta` or `cumulative`")
        .arg("monotonic", ParamType::ConstBool, "whether the new sum only grows")
        .optional("suffix", ParamType::ConstString, suffix)
        .param(Param::implicit("metric.type"))
        .availability(Availability { statements: &["datapoint"], conditions: &["none"] })
}

/// The kernel of a call, by what the new point's value is and what the name gets behind it if the call says nothing.
///
/// # Errors
/// A temporality that does not exist.
pub(crate) fn kernel(args: &[Const<'_>], suffix: &str, value: fn(&Total) -> Number) -> Result<Kernel, String> {
    let temporality = temporality(args[0].as_str())?;
    let suffix = literal_or(args, 2, suffix);
    Ok(Kernel::edit(move |cx, args| {
        if !matches!(args[3], Value::Int(SUMMARY)) {
            return Ok(());
        }
        let kind = NewKind::Sum { temporality, monotonic: args[1].as_bool().unwrap_or_default() };
        append(cx, |metric, points| {
            each_total(metric, |point, total| points.push(point, total, value(total)))?;
            let MetricView { name, description, unit, .. } = *metric;
            Ok(Some(NewMetric { name: [name, &suffix], description, unit, kind }))
        })
    }))
}
