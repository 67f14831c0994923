//! New metrics that are made out of the points of the current one: what the functions share that append them.
//!
//! INVARIANT: the current metric stays as it is, whatever happens to its decoded copy; and points are written one after the
//! other, so that no more than one of them is held beside its bytes (a summary gives one for each quantile, each with all
//! attributes).

use ottl_core::edit::{CUMULATIVE, DELTA, MapEdit, MetricData, MetricEdit, Number, NumberPoint};
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
    /// Adds a point, without flags and exemplars.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub(crate) fn push(&mut self, point: &NumberPoint<'a>) -> Result<(), EvalError> {
        point.put(&mut self.fields);
        // What is made of them is held once more for a moment, beside lists that have grown.
        self.arena.check(self.fields.len().saturating_mul(2))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// What a new metric is, beside its name and its points.
pub(crate) struct NewMetric<'a> {
    pub(crate) description: &'a [u8],
    pub(crate) unit: &'a [u8],
    pub(crate) kind: NewKind,
}

/// The type of a new metric.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NewKind {
    Gauge,
    Sum { temporality: i32, monotonic: bool },
}

/// About what a point takes that has a few attributes.
const FEW_BYTES: usize = 128;

/// Makes points of a decoded copy of the current metric, and says what the new metric is, if there is to be one.
pub(crate) type Derivation<'f, 'a> =
    dyn FnMut(&mut MetricEdit<'a>, &mut NewPoints<'a>) -> Result<Option<NewMetric<'a>>, EvalError> + 'f;

/// Appends a metric to the scope, if one comes of the current metric. Its name is that of the current one with a suffix.
///
/// # Errors
/// No metric in this context, damage, those of `derive`, and the limits of memory and of new metrics.
pub(crate) fn append<'a>(
    cx: &mut CallContext<'_, 'a>,
    suffix: &[u8],
    derive: &mut Derivation<'_, 'a>,
) -> Result<(), EvalError> {
    let arena = cx.arena();
    let mut made = Ok(None);
    // An error must not come out of the edit: it would say that the decoded copy may have been changed and counts.
    cx.host().edit_metric(&mut |metric| {
        made = new_metric(metric, suffix, derive, arena);
        Ok(false)
    })?;
    match made? {
        Some(message) => cx.host().append_metric(message),
        None => Ok(()),
    }
}

fn new_metric<'a>(
    metric: &mut MetricEdit<'a>,
    suffix: &[u8],
    derive: &mut Derivation<'_, 'a>,
    arena: &'a Arena,
) -> Result<Option<&'a [u8]>, EvalError> {
    // Most metrics of a message have one point, or few.
    let mut points = NewPoints { arena, fields: Vec::with_capacity(FEW_BYTES) };
    let Some(NewMetric { description, unit, kind }) = derive(metric, &mut points)? else { return Ok(None) };
    let name = [metric.name, suffix].concat();
    let points_len = points.fields.len();
    let (points, rest) = (Vec::new(), vec![&points.fields[..]]);
    let data = match kind {
        NewKind::Gauge => MetricData::Gauge { points, rest },
        NewKind::Sum { temporality, monotonic } => MetricData::Sum { points, temporality, monotonic, rest },
    };
    let texts = name.len() + description.len() + unit.len();
    let mut out = Vec::with_capacity(points_len + texts + FEW_BYTES);
    MetricEdit { name: &name, description, unit, data, ..MetricEdit::default() }.encode(&mut out);
    Ok(Some(arena.copy(&out)?))
}

/// What a point of a histogram or summary says of all its observations.
pub(crate) struct Total<'a> {
    pub(crate) attributes: MapEdit<'a>,
    pub(crate) start: u64,
    pub(crate) time: u64,
    pub(crate) count: u64,
    pub(crate) sum: Option<f64>,
}

impl<'a> Total<'a> {
    /// The point of a new metric that has this value.
    pub(crate) fn with(self, value: Number) -> NumberPoint<'a> {
        let Total { attributes, start, time, .. } = self;
        NumberPoint { attributes, start, time, value, ..NumberPoint::default() }
    }
}

/// Hands the totals of each point of a histogram or summary to `visit`.
///
/// # Errors
/// A metric of another type; then those of `visit`.
pub(crate) fn each_total<'a>(
    data: &mut MetricData<'a>,
    mut visit: impl FnMut(Total<'a>) -> Result<(), EvalError>,
) -> Result<(), EvalError> {
    macro_rules! walk {
        ($points:expr, $sum:expr) => {
            $points.iter_mut().try_for_each(|point| {
                let attributes = std::mem::take(&mut point.attributes);
                visit(Total {
                    attributes,
                    start: point.start,
                    time: point.time,
                    count: point.count,
                    sum: $sum(point.sum),
                })
            })
        };
    }
    match data {
        MetricData::Histogram { points, .. } => walk!(points, |sum| sum),
        MetricData::ExponentialHistogram { points, .. } => walk!(points, |sum| sum),
        // A summary always has a sum.
        MetricData::Summary { points, .. } => walk!(points, Some),
        MetricData::Empty | MetricData::Gauge { .. } | MetricData::Sum { .. } => Err(no_totals()),
    }
}

/// The temporality of a sum of a metric's totals: that of histograms, cumulative for summaries, which have none.
///
/// # Errors
/// Metrics of other types, and histograms that do not say theirs.
pub(crate) fn temporality_of_totals(data: &MetricData<'_>) -> Result<i32, EvalError> {
    match data {
        MetricData::Histogram { temporality: of, .. } | MetricData::ExponentialHistogram { temporality: of, .. }
            if *of != 0 =>
        {
            Ok(*of)
        }
        MetricData::Summary { .. } => Ok(CUMULATIVE),
        _ => Err(no_totals()),
    }
}

fn no_totals() -> EvalError {
    ErrorKind::WrongRecord("the metric is no histogram with a temporality, and no summary").into()
}
