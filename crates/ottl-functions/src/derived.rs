//! Metrics that are made out of the points of the current one: what the functions share that append them, or put them in its
//! place.
//!
//! INVARIANT: the current metric is only looked at; and points are written one after the other, so that no more than one of them
//! is held beside its bytes (a summary gives one for each quantile, each with all attributes).

use ottl_core::edit::{
    CUMULATIVE, DELTA, DataKind, MetricView, NewKind, NewMetric, Number, PointView, QuantileOf, Total,
};
use ottl_core::function::{Availability, CallContext, Const, FunctionDef, ParamType};
use ottl_core::{Arena, ErrorKind, EvalError};

/// The row that the functions begin with which append a metric for the current one.
pub(crate) const fn extract(name: &'static str) -> FunctionDef {
    FunctionDef::editor(name).availability(Availability { statements: &["metric"], conditions: &["none"] })
}

/// The same with whether the new metric is monotonic, and what its name gets behind it.
pub(crate) const fn extract_sum(name: &'static str, suffix: &'static str) -> FunctionDef {
    extract(name).arg("monotonic", ParamType::ConstBool, "whether the new sum only grows").optional(
        "suffix",
        ParamType::ConstString,
        suffix,
    )
}

/// The text of an optional literal, or what stands for it.
pub(crate) fn literal_or<'v>(args: &[Const<'v>], idx: usize, default: &'v str) -> Vec<u8> {
    args.get(idx).and_then(Const::as_str).unwrap_or(default.as_bytes()).to_vec()
}

/// The temporality of this name.
///
/// # Errors
/// A text that lists the names.
pub(crate) fn temporality(name: Option<&[u8]>) -> Result<i32, String> {
    match name {
        Some(b"delta") => Ok(DELTA),
        Some(b"cumulative") => Ok(CUMULATIVE),
        _ => Err("the temporality must be 'delta' or 'cumulative'".to_owned()),
    }
}

/// The points of a new metric, as the fields of its data message.
pub(crate) struct NewPoints<'a> {
    arena: &'a Arena,
    fields: Vec<u8>,
}

impl<'a> NewPoints<'a> {
    /// Adds a point with the attributes and times of another one, without flags and exemplars.
    ///
    /// # Errors
    /// Damage of that point, and [`ottl_core::ErrorKind::Budget`].
    pub(crate) fn push(&mut self, of: &PointView<'a>, total: &Total, value: Number) -> Result<(), EvalError> {
        of.put_number(&mut self.fields, total, value)?;
        self.check()
    }

    /// The same of a quantile.
    ///
    /// # Errors
    /// As [`NewPoints::push`].
    pub(crate) fn push_quantile(
        &mut self,
        of: &PointView<'a>,
        total: &Total,
        quantile: &QuantileOf<'_>,
    ) -> Result<(), EvalError> {
        of.put_quantile(&mut self.fields, total, quantile)?;
        self.check()
    }

    /// What is made of them is held once more for a moment, beside lists that have grown.
    fn check(&self) -> Result<(), EvalError> {
        self.arena.check(self.fields.len().saturating_mul(2))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// About what a point takes that has a few attributes.
const FEW_BYTES: usize = 128;

/// What many points take.
const MANY_BYTES: usize = 4096;

/// Appends a metric to the scope, if `derive` makes one of the current metric.
///
/// # Errors
/// No metric in this context, damage, those of `derive`, and the limits of memory and of new metrics.
pub(crate) fn append<'a, 'n>(
    cx: &mut CallContext<'_, 'a>,
    derive: impl FnOnce(&MetricView<'a>, &mut NewPoints<'a>) -> Result<Option<NewMetric<'n>>, EvalError>,
) -> Result<(), EvalError>
where
    'a: 'n,
{
    let arena = cx.arena();
    let metric = cx.host().read_metric()?;
    // Most metrics of a message have few points, and those of the new one take about as much as they do.
    let len = metric.data_len().clamp(FEW_BYTES, MANY_BYTES);
    let mut points = NewPoints { arena, fields: Vec::with_capacity(len) };
    match derive(&metric, &mut points)? {
        Some(new) => cx.host().append_metric(arena.copy(&new.encode(&points.fields))?),
        None => Ok(()),
    }
}

/// Gives the current metric data of another type with the same points, if it is a gauge or sum of type `from`.
///
/// # Errors
/// No metric in this context, damage, and the limit of memory.
pub(crate) fn convert(cx: &mut CallContext<'_, '_>, from: DataKind, to: NewKind) -> Result<(), EvalError> {
    let arena = cx.arena();
    let metric = cx.host().read_metric()?;
    if metric.kind() != Some(from) {
        return Ok(());
    }
    let message = arena.copy(&metric.converted(to)?)?;
    cx.host().replace_metric(message)
}

/// Hands each point of a histogram or summary to `visit`, with its total.
///
/// # Errors
/// A metric of another type; damage; then those of `visit`.
pub(crate) fn each_total<'a>(
    metric: &MetricView<'a>,
    mut visit: impl FnMut(&PointView<'a>, &Total) -> Result<(), EvalError>,
) -> Result<(), EvalError> {
    match metric.kind() {
        Some(DataKind::Histogram | DataKind::ExponentialHistogram | DataKind::Summary) => {
            metric.each_point(|point| visit(&point, &point.total()?))
        }
        Some(DataKind::Gauge | DataKind::Sum) | None => Err(no_totals()),
    }
}

/// The temporality of a sum of a metric's totals: that of histograms, cumulative for summaries, which have none.
///
/// # Errors
/// Metrics of other types, and histograms that do not say theirs.
pub(crate) fn temporality_of_totals(metric: &MetricView<'_>) -> Result<i32, EvalError> {
    match (metric.kind(), metric.temporality()?) {
        (Some(DataKind::Summary), _) => Ok(CUMULATIVE),
        (Some(DataKind::Histogram | DataKind::ExponentialHistogram), of) if of != 0 => Ok(of),
        _ => Err(no_totals()),
    }
}

fn no_totals() -> EvalError {
    ErrorKind::WrongRecord("the metric is no histogram with a temporality, and no summary").into()
}
