//! [`MetricEdit`]: a metric as the metric functions change it.
//!
//! A `Metric` message taken apart as far as those functions look into it. What they do not look into, fields that this
//! version does not know included, stays as raw field bytes (tag, length, content) and is written back behind the rest.
//! INVARIANT: decoding and encoding an untouched metric gives the same content; field order and encoding may differ.
//! Points are read and written in [`wire`]; [`view`] and [`point`] are for functions that only look.
//! Source of the field numbers: opentelemetry-proto, `metrics/v1/metrics.proto`.

mod point;
mod scale;
mod spread;
mod view;
mod wire;

use ottl_otlp::wire::fields::{
    exp_histogram_data_point as exp_point, exponential_histogram as exp, gauge, histogram,
    histogram_data_point as hist_point, metric, number_data_point as num_point, sum, summary,
    summary_data_point as sum_point,
};
use ottl_otlp::wire::{Reader, WireError, put_len_field};

pub use self::point::{PointView, QuantileOf, Total};
pub use self::spread::{ExponentialSpread, HistogramSpread};
pub use self::view::{DataKind, MetricView, NewKind, NewMetric};
use self::wire::{message, nested, put_raw, put_varint_unless_zero, walk, wrapper};
use super::MapEdit;

/// Fields that are kept as they came, each with its tag.
pub type RawFields<'a> = Vec<&'a [u8]>;

/// A metric, taken apart as far as the metric functions look into it.
#[derive(Debug, Default)]
pub struct MetricEdit<'a> {
    /// `name`
    pub name: &'a [u8],
    /// `description`
    pub description: &'a [u8],
    /// `unit`
    pub unit: &'a [u8],
    /// `metadata`, each a `KeyValue` message.
    pub metadata: Vec<&'a [u8]>,
    /// The points.
    pub data: MetricData<'a>,
    /// The other fields.
    pub rest: RawFields<'a>,
}

/// The points of a metric, by its type.
#[derive(Debug, Default)]
pub enum MetricData<'a> {
    /// No type: a metric without points.
    #[default]
    Empty,
    /// A gauge.
    Gauge {
        /// Its points.
        points: Vec<NumberPoint<'a>>,
        /// The other fields.
        rest: RawFields<'a>,
    },
    /// A sum.
    Sum {
        /// Its points.
        points: Vec<NumberPoint<'a>>,
        /// `aggregation_temporality`
        temporality: i32,
        /// `is_monotonic`
        monotonic: bool,
        /// The other fields.
        rest: RawFields<'a>,
    },
    /// A histogram with explicit bounds.
    Histogram {
        /// Its points.
        points: Vec<HistogramPoint<'a>>,
        /// `aggregation_temporality`
        temporality: i32,
        /// The other fields.
        rest: RawFields<'a>,
    },
    /// A histogram with exponential buckets.
    ExponentialHistogram {
        /// Its points.
        points: Vec<ExponentialPoint<'a>>,
        /// `aggregation_temporality`
        temporality: i32,
        /// The other fields.
        rest: RawFields<'a>,
    },
    /// A summary.
    Summary {
        /// Its points.
        points: Vec<SummaryPoint<'a>>,
        /// The other fields.
        rest: RawFields<'a>,
    },
}

/// `AGGREGATION_TEMPORALITY_DELTA`
pub const DELTA: i32 = 1;
/// `AGGREGATION_TEMPORALITY_CUMULATIVE`
pub const CUMULATIVE: i32 = 2;

/// The value of a number point or an exemplar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Number {
    /// None was set.
    #[default]
    Unset,
    /// `as_int`
    Int(i64),
    /// `as_double`
    Double(f64),
}

/// A point of a gauge or sum.
#[derive(Debug, Default)]
pub struct NumberPoint<'a> {
    /// `attributes`
    pub attributes: MapEdit<'a>,
    /// `start_time_unix_nano`
    pub start: u64,
    /// `time_unix_nano`
    pub time: u64,
    /// `as_int` or `as_double`
    pub value: Number,
    /// The other fields, exemplars and flags among them.
    pub rest: RawFields<'a>,
}

/// A point of a histogram.
#[derive(Debug, Default)]
pub struct HistogramPoint<'a> {
    /// `attributes`
    pub attributes: MapEdit<'a>,
    /// `start_time_unix_nano`
    pub start: u64,
    /// `time_unix_nano`
    pub time: u64,
    /// `count`
    pub count: u64,
    /// `sum`, if set
    pub sum: Option<f64>,
    /// `min`, if set
    pub min: Option<f64>,
    /// `max`, if set
    pub max: Option<f64>,
    /// `bucket_counts`
    pub counts: Vec<u64>,
    /// `explicit_bounds`
    pub bounds: Vec<f64>,
    /// `flags`
    pub flags: u32,
    /// `exemplars`
    pub exemplars: Vec<Exemplar<'a>>,
    /// The other fields.
    pub rest: RawFields<'a>,
}

/// A point of an exponential histogram.
#[derive(Debug, Default)]
pub struct ExponentialPoint<'a> {
    /// `attributes`
    pub attributes: MapEdit<'a>,
    /// `start_time_unix_nano`
    pub start: u64,
    /// `time_unix_nano`
    pub time: u64,
    /// `count`
    pub count: u64,
    /// `sum`, if set
    pub sum: Option<f64>,
    /// `min`, if set
    pub min: Option<f64>,
    /// `max`, if set
    pub max: Option<f64>,
    /// `scale`
    pub scale: i32,
    /// `zero_count`
    pub zero_count: u64,
    /// `positive`
    pub positive: Buckets<'a>,
    /// `negative`
    pub negative: Buckets<'a>,
    /// `zero_threshold`
    pub zero_threshold: f64,
    /// `flags`
    pub flags: u32,
    /// `exemplars`, each an `Exemplar` message.
    pub exemplars: Vec<&'a [u8]>,
    /// The other fields.
    pub rest: RawFields<'a>,
}

/// The buckets of one sign of an exponential histogram.
#[derive(Debug, Default)]
pub struct Buckets<'a> {
    /// `offset`
    pub offset: i32,
    /// `bucket_counts`
    pub counts: Vec<u64>,
    /// The other fields.
    pub rest: RawFields<'a>,
}

/// A point of a summary.
#[derive(Debug, Default)]
pub struct SummaryPoint<'a> {
    /// `attributes`
    pub attributes: MapEdit<'a>,
    /// `start_time_unix_nano`
    pub start: u64,
    /// `time_unix_nano`
    pub time: u64,
    /// `count`
    pub count: u64,
    /// `sum`
    pub sum: f64,
    /// `quantile_values`
    pub quantiles: Vec<Quantile<'a>>,
    /// The other fields.
    pub rest: RawFields<'a>,
}

/// A quantile of a summary point.
#[derive(Debug, Default)]
pub struct Quantile<'a> {
    /// `quantile`, which it is
    pub quantile: f64,
    /// `value`
    pub value: f64,
    /// The other fields.
    pub rest: RawFields<'a>,
}

/// An exemplar.
#[derive(Debug, Default)]
pub struct Exemplar<'a> {
    /// `as_int` or `as_double`
    pub value: Number,
    /// The other fields.
    pub rest: RawFields<'a>,
}

impl<'a> MetricEdit<'a> {
    /// Takes a `Metric` message apart.
    ///
    /// # Errors
    /// Damage in what is taken apart; the offset counts from the start of `bytes`.
    pub fn decode(bytes: &'a [u8]) -> Result<MetricEdit<'a>, WireError> {
        let mut edit = MetricEdit::default();
        walk(bytes, &mut edit, |edit, field| {
            match field.number {
                metric::NAME => edit.name = field.bytes()?,
                metric::DESCRIPTION => edit.description = field.bytes()?,
                metric::UNIT => edit.unit = field.bytes()?,
                metric::METADATA => edit.metadata.push(field.bytes()?),
                // Of several types the last wins, without merging.
                metric::GAUGE | metric::SUM | metric::HISTOGRAM | metric::EXPONENTIAL_HISTOGRAM | metric::SUMMARY => {
                    edit.data = nested(field, |bytes| MetricData::decode(field.number, bytes))?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })
        .map(|rest| edit.rest = rest)?;
        Ok(edit)
    }

    /// About how many bytes of memory taking a `Metric` message apart takes, and not less than it does.
    ///
    /// # Errors
    /// Damage in the framing of metric, data or points.
    pub fn memory(bytes: &[u8]) -> Result<usize, WireError> {
        let mut memory = 0;
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.next_field()? {
            let (point, attributes) = match field.number {
                metric::GAUGE | metric::SUM => (size_of::<NumberPoint<'_>>(), num_point::ATTRIBUTES),
                metric::HISTOGRAM => (size_of::<HistogramPoint<'_>>(), hist_point::ATTRIBUTES),
                metric::EXPONENTIAL_HISTOGRAM => (size_of::<ExponentialPoint<'_>>(), exp_point::ATTRIBUTES),
                metric::SUMMARY => (size_of::<SummaryPoint<'_>>(), sum_point::ATTRIBUTES),
                _ => {
                    memory += wire::FIELD;
                    continue;
                }
            };
            let mut data = Reader::new(field.bytes()?);
            while let Some(field) = data.next_field()? {
                memory += match field.number {
                    gauge::DATA_POINTS => point + wire::point_memory(field.bytes()?, attributes)?,
                    _ => wire::FIELD,
                };
            }
        }
        Ok(memory)
    }

    /// Appends the content of the `Metric` message.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for (number, text) in
            [(metric::NAME, self.name), (metric::DESCRIPTION, self.description), (metric::UNIT, self.unit)]
        {
            if !text.is_empty() {
                put_len_field(out, number, text);
            }
        }
        self.data.encode(out);
        for pair in &self.metadata {
            put_len_field(out, metric::METADATA, pair);
        }
        put_raw(out, &self.rest);
    }
}

impl<'a> MetricData<'a> {
    fn decode(number: u32, bytes: &'a [u8]) -> Result<MetricData<'a>, WireError> {
        Ok(match number {
            metric::GAUGE => {
                let (points, _, _, rest) = wrapper(bytes, NumberPoint::decode, 0, 0)?;
                MetricData::Gauge { points, rest }
            }
            metric::SUM => {
                let (points, temporality, monotonic, rest) =
                    wrapper(bytes, NumberPoint::decode, sum::AGGREGATION_TEMPORALITY, sum::IS_MONOTONIC)?;
                MetricData::Sum { points, temporality, monotonic, rest }
            }
            metric::HISTOGRAM => {
                let (points, temporality, _, rest) =
                    wrapper(bytes, HistogramPoint::decode, histogram::AGGREGATION_TEMPORALITY, 0)?;
                MetricData::Histogram { points, temporality, rest }
            }
            metric::EXPONENTIAL_HISTOGRAM => {
                let (points, temporality, _, rest) =
                    wrapper(bytes, ExponentialPoint::decode, exp::AGGREGATION_TEMPORALITY, 0)?;
                MetricData::ExponentialHistogram { points, temporality, rest }
            }
            _ => {
                let (points, _, _, rest) = wrapper(bytes, SummaryPoint::decode, 0, 0)?;
                MetricData::Summary { points, rest }
            }
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let number = match self {
            MetricData::Empty => return,
            MetricData::Gauge { .. } => metric::GAUGE,
            MetricData::Sum { .. } => metric::SUM,
            MetricData::Histogram { .. } => metric::HISTOGRAM,
            MetricData::ExponentialHistogram { .. } => metric::EXPONENTIAL_HISTOGRAM,
            MetricData::Summary { .. } => metric::SUMMARY,
        };
        message(out, number, |out| match self {
            MetricData::Empty => {}
            MetricData::Gauge { points, rest } => {
                points.iter().for_each(|p| p.put(out));
                put_raw(out, rest);
            }
            MetricData::Sum { points, temporality, monotonic, rest } => {
                points.iter().for_each(|p| p.put(out));
                put_varint_unless_zero(out, sum::AGGREGATION_TEMPORALITY, *temporality as u64);
                put_varint_unless_zero(out, sum::IS_MONOTONIC, u64::from(*monotonic));
                put_raw(out, rest);
            }
            MetricData::Histogram { points, temporality, rest } => {
                points.iter().for_each(|p| message(out, histogram::DATA_POINTS, |out| p.encode(out)));
                put_varint_unless_zero(out, histogram::AGGREGATION_TEMPORALITY, *temporality as u64);
                put_raw(out, rest);
            }
            MetricData::ExponentialHistogram { points, temporality, rest } => {
                points.iter().for_each(|p| message(out, exp::DATA_POINTS, |out| p.encode(out)));
                put_varint_unless_zero(out, exp::AGGREGATION_TEMPORALITY, *temporality as u64);
                put_raw(out, rest);
            }
            MetricData::Summary { points, rest } => {
                points.iter().for_each(|p| message(out, summary::DATA_POINTS, |out| p.encode(out)));
                put_raw(out, rest);
            }
        });
    }

    /// Hands the attributes of each point to `visit`, in order, until it answers true; answers whether it did.
    ///
    /// # Errors
    /// The first of `visit`.
    pub fn any_attributes<E>(&mut self, mut visit: impl FnMut(&mut MapEdit<'a>) -> Result<bool, E>) -> Result<bool, E> {
        macro_rules! walk_points {
            ($points:expr) => {
                for point in $points {
                    if visit(&mut point.attributes)? {
                        return Ok(true);
                    }
                }
            };
        }
        match self {
            MetricData::Empty => {}
            MetricData::Gauge { points, .. } | MetricData::Sum { points, .. } => walk_points!(points),
            MetricData::Histogram { points, .. } => walk_points!(points),
            MetricData::ExponentialHistogram { points, .. } => walk_points!(points),
            MetricData::Summary { points, .. } => walk_points!(points),
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use ottl_otlp::wire::{put_fixed64_field, put_varint_field};

    use super::*;
    use crate::{EvalError, Value};

    pub(super) fn field(number: u32, content: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        put_len_field(&mut out, number, &content.concat());
        out
    }

    pub(super) fn fixed(number: u32, bits: u64) -> Vec<u8> {
        let mut out = Vec::new();
        put_fixed64_field(&mut out, number, bits);
        out
    }

    pub(super) fn varint(number: u32, value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint_field(&mut out, number, value);
        out
    }

    fn encoded(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        MetricEdit::decode(bytes).expect("well formed").encode(&mut out);
        out
    }

    /// The attribute `k: 7`, in a field of the point.
    fn attribute(number: u32) -> Vec<u8> {
        field(number, &[&field(1, &[b"k"]), &field(2, &[&varint(3, 7)])])
    }

    /// Metrics with each known field once, in the order in which they are written, and an unknown one in each message.
    fn metrics() -> Vec<(&'static str, Vec<u8>)> {
        let unknown = varint(99, 1);
        let exemplar = |number| field(number, &[&fixed(6, 5), &fixed(2, 1), &field(5, &[b"t"]), &unknown]);
        let buckets = |number| field(number, &[&varint(1, 3), &field(2, &[&[1, 2, 0x80, 1]]), &unknown]);
        let number =
            [attribute(7), fixed(2, 1), fixed(3, 2), fixed(4, 0), exemplar(5), varint(8, 1), unknown.clone()].concat();
        let histogram = [
            attribute(9),
            fixed(2, 1),
            fixed(3, 2),
            fixed(4, 3),
            fixed(5, 0),
            fixed(11, 4),
            fixed(12, 5),
            field(6, &[&[1; 16]]),
            field(7, &[&[2; 8]]),
            exemplar(8),
            varint(10, 1),
            unknown.clone(),
        ]
        .concat();
        let exponential = [
            attribute(1),
            fixed(2, 1),
            fixed(3, 2),
            fixed(4, 3),
            fixed(5, 0),
            fixed(12, 4),
            fixed(13, 5),
            varint(6, 9),
            fixed(7, 1),
            buckets(8),
            buckets(9),
            fixed(14, 6),
            varint(10, 1),
            exemplar(11),
            unknown.clone(),
        ]
        .concat();
        let quantile = field(6, &[&fixed(1, 8), &fixed(2, 7), &unknown]);
        let summary =
            [attribute(7), fixed(2, 1), fixed(3, 2), fixed(4, 3), fixed(5, 9), quantile, varint(8, 1), unknown.clone()]
                .concat();
        [
            ("gauge", 5, number.clone(), vec![]),
            ("sum", 7, number, [varint(2, 2), varint(3, 1)].concat()),
            ("histogram", 9, histogram, varint(2, 1)),
            ("exponential histogram", 10, exponential, varint(2, 1)),
            ("summary", 11, summary, vec![]),
        ]
        .into_iter()
        .map(|(name, kind, point, after)| {
            let data = field(kind, &[&field(1, &[&point]), &field(1, &[]), &after, &unknown]);
            (
                name,
                [field(1, &[b"n"]), field(2, &[b"d"]), field(3, &[b"u"]), data, attribute(12), unknown.clone()]
                    .concat(),
            )
        })
        .collect()
    }

    #[test]
    fn what_nobody_touched_keeps_its_content() {
        for (name, bytes) in metrics() {
            let once = encoded(&bytes);
            // Empty buckets of an empty exponential point are written; apart from them the bytes are the same.
            if name == "exponential histogram" {
                assert_eq!(once.len(), bytes.len() + 4);
                assert_eq!(encoded(&once), once);
            } else {
                assert_eq!(once, bytes, "{name}");
            }
        }
        assert_eq!(encoded(&[]), b"");
    }

    #[test]
    fn the_last_type_wins_and_buckets_add_up() {
        let two = [field(5, &[&field(1, &[])]), field(7, &[])].concat();
        assert!(
            matches!(MetricEdit::decode(&two).map(|m| m.data), Ok(MetricData::Sum { points, .. }) if points.is_empty())
        );
        let half = |count: u8, offset: u64| field(8, &[&field(2, &[&[count]]), &varint(1, offset)]);
        let point = field(10, &[&field(1, &[&half(1, 2), &half(2, 4), &field(8, &[&varint(2, 3)])])]);
        let Ok(MetricData::ExponentialHistogram { points, .. }) = MetricEdit::decode(&point).map(|m| m.data) else {
            panic!("an exponential histogram");
        };
        assert_eq!((points[0].positive.offset, &points[0].positive.counts), (2, &vec![1, 2, 3]));
    }

    #[test]
    fn every_point_s_attributes_can_be_changed() {
        for (name, bytes) in metrics() {
            let mut edit = MetricEdit::decode(&bytes).expect("well formed");
            let mut seen = 0;
            let stopped = edit.data.any_attributes(|map| {
                seen += 1;
                map.put(b"k", Value::Bool(true));
                Ok::<_, EvalError>(false)
            });
            assert_eq!((stopped, seen), (Ok(false), 2), "{name}");
            let mut out = Vec::new();
            edit.encode(&mut out);
            let mut values = Vec::new();
            let mut edit = MetricEdit::decode(&out).expect("well formed");
            let stopped = edit.data.any_attributes(|map| {
                values.push(map.value_of(b"k")?.and_then(|v| v.as_bool()));
                Ok::<_, EvalError>(values.len() == 1)
            });
            assert_eq!((stopped, values), (Ok(true), vec![Some(true)]), "{name}");
        }
    }

    #[test]
    fn damage_is_reported_at_its_place() {
        for bytes in [&[0x2a, 5][..], &[0x2a, 2, 0x0a, 9], &[0x2a, 4, 0x0a, 2, 0x11, 1], &[0x08, 1]] {
            assert!(MetricEdit::decode(bytes).is_err(), "{bytes:?}");
        }
        let error = MetricEdit::decode(&[0x0a, 1, b'n', 0x2a, 4, 0x0a, 2, 0x11, 1]).err();
        assert_eq!(error.map(|e| e.offset), Some(8));
    }
}
