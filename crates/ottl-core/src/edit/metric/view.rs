//! [`MetricView`]: a metric to look at, for functions that make new metrics of it and leave it as it is; [`NewMetric`]: what
//! they make.
//!
//! Nothing is taken apart that is not asked for: points are their bytes.
//! Source of the field numbers: opentelemetry-proto, `metrics/v1/metrics.proto`.

use ottl_otlp::wire::fields::{exponential_histogram as exp, gauge, histogram, metric, sum};
use ottl_otlp::wire::{Reader, WireError, begin_len, end_len};

use super::point::PointView;
use super::wire::{message, put_varint_unless_zero};

/// A `Metric` message whose texts and data have been found.
#[derive(Clone, Copy, Debug, Default)]
pub struct MetricView<'a> {
    pub(super) bytes: &'a [u8],
    /// `name`
    pub name: &'a [u8],
    /// `description`
    pub description: &'a [u8],
    /// `unit`
    pub unit: &'a [u8],
    pub(super) kind: Option<DataKind>,
    pub(super) data: &'a [u8],
}

/// The type of a metric that has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    /// A gauge.
    Gauge,
    /// A sum.
    Sum,
    /// A histogram with explicit bounds.
    Histogram,
    /// A histogram with exponential buckets.
    ExponentialHistogram,
    /// A summary.
    Summary,
}

impl DataKind {
    /// The type whose data stand in this field of a `Metric` message.
    pub(super) fn of_field(number: u32) -> Option<DataKind> {
        Some(match number {
            metric::GAUGE => DataKind::Gauge,
            metric::SUM => DataKind::Sum,
            metric::HISTOGRAM => DataKind::Histogram,
            metric::EXPONENTIAL_HISTOGRAM => DataKind::ExponentialHistogram,
            metric::SUMMARY => DataKind::Summary,
            _ => return None,
        })
    }
}

impl<'a> MetricView<'a> {
    /// Finds the texts and the data of a `Metric` message.
    ///
    /// # Errors
    /// Damage in its framing; the offset counts from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Result<MetricView<'a>, WireError> {
        let mut view = MetricView { bytes, ..MetricView::default() };
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.next_field()? {
            match field.number {
                metric::NAME => view.name = field.bytes()?,
                metric::DESCRIPTION => view.description = field.bytes()?,
                metric::UNIT => view.unit = field.bytes()?,
                number => {
                    // Of several types the last wins, without merging.
                    if let Some(kind) = DataKind::of_field(number) {
                        (view.kind, view.data) = (Some(kind), field.bytes()?);
                    }
                }
            }
        }
        Ok(view)
    }

    /// Its type, if it has one.
    pub fn kind(&self) -> Option<DataKind> {
        self.kind
    }

    /// How many bytes its data have.
    pub fn data_len(&self) -> usize {
        self.data.len()
    }

    /// The `aggregation_temporality` of sums and histograms; 0 for other types, and if it is not set.
    ///
    /// # Errors
    /// Damage in the framing of the data.
    pub fn temporality(&self) -> Result<i32, WireError> {
        let number = match self.kind {
            Some(DataKind::Sum) => sum::AGGREGATION_TEMPORALITY,
            Some(DataKind::Histogram) => histogram::AGGREGATION_TEMPORALITY,
            Some(DataKind::ExponentialHistogram) => exp::AGGREGATION_TEMPORALITY,
            Some(DataKind::Gauge | DataKind::Summary) | None => return Ok(0),
        };
        let (mut temporality, mut reader) = (0, Reader::new(self.data));
        while let Some(field) = reader.next_field()? {
            if field.number == number {
                temporality = field.varint()? as i32;
            }
        }
        Ok(temporality)
    }

    /// The content of the `Metric` message with the same points in data of another type, for gauges and sums. What else the
    /// data had is not kept.
    ///
    /// # Errors
    /// Damage in the framing of the data.
    pub fn converted(&self, kind: NewKind) -> Result<Vec<u8>, WireError> {
        let mut out = Vec::with_capacity(self.bytes.len() + 8);
        let mut reader = Reader::new(self.bytes);
        while let Some(field) = reader.next_field()? {
            if DataKind::of_field(field.number).is_none() {
                out.extend_from_slice(&self.bytes[field.start..field.end]);
            }
        }
        let mut result = Ok(());
        kind.put(&mut out, self.data.len(), |out| result = self.put_points(out));
        result.map(|()| out)
    }

    fn put_points(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        let mut reader = Reader::new(self.data);
        while let Some(field) = reader.next_field()? {
            if field.number == gauge::DATA_POINTS {
                out.extend_from_slice(&self.data[field.start..field.end]);
            }
        }
        Ok(())
    }

    /// What `visit` finds at the first point at which it finds something.
    ///
    /// # Errors
    /// Damage in the framing of the data up to there, and those of `visit`.
    pub fn find_point<T>(
        &self,
        mut visit: impl FnMut(PointView<'a>) -> Result<Option<T>, WireError>,
    ) -> Result<Option<T>, WireError> {
        let Some(kind) = self.kind else { return Ok(None) };
        let mut reader = Reader::new(self.data);
        while let Some(field) = reader.next_field()? {
            if field.number == gauge::DATA_POINTS
                && let Some(found) = visit(PointView { kind, bytes: field.bytes()? })?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Hands each point to `visit`.
    ///
    /// # Errors
    /// Damage in the framing of the data, and those of `visit`.
    pub fn each_point<E: From<WireError>>(
        &self,
        mut visit: impl FnMut(PointView<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(kind) = self.kind else { return Ok(()) };
        let mut reader = Reader::new(self.data);
        while let Some(field) = reader.next_field()? {
            // All types have their points in field 1.
            if field.number == gauge::DATA_POINTS {
                visit(PointView { kind, bytes: field.bytes()? })?;
            }
        }
        Ok(())
    }
}

/// A metric whose points are numbers and have been written.
#[derive(Clone, Copy, Debug)]
pub struct NewMetric<'a> {
    /// `name`, in two parts.
    pub name: [&'a [u8]; 2],
    /// `description`
    pub description: &'a [u8],
    /// `unit`
    pub unit: &'a [u8],
    /// Its type.
    pub kind: NewKind,
}

/// The type of a new metric.
#[derive(Clone, Copy, Debug)]
pub enum NewKind {
    /// A gauge.
    Gauge,
    /// A sum.
    Sum {
        /// `aggregation_temporality`
        temporality: i32,
        /// `is_monotonic`
        monotonic: bool,
    },
}

impl NewMetric<'_> {
    /// The content of the `Metric` message around these points, which are fields of the message that holds them.
    pub fn encode(&self, points: &[u8]) -> Vec<u8> {
        let [name, suffix] = self.name;
        let texts = name.len() + suffix.len() + self.description.len() + self.unit.len();
        // Tags, lengths, temporality and monotony are the rest.
        let mut out = Vec::with_capacity(points.len() + texts + 32);
        let parts = [
            (metric::NAME, name, suffix),
            (metric::DESCRIPTION, self.description, b""),
            (metric::UNIT, self.unit, b""),
        ];
        for (number, text, end) in parts {
            if !(text.is_empty() && end.is_empty()) {
                message(&mut out, number, |out| {
                    out.extend_from_slice(text);
                    out.extend_from_slice(end);
                });
            }
        }
        self.kind.put(&mut out, points.len(), |out| out.extend_from_slice(points));
        out
    }
}

impl NewKind {
    /// Appends data of this type as a field of a `Metric` message; `points` appends their points, of about so many bytes.
    fn put(self, out: &mut Vec<u8>, len: usize, points: impl FnOnce(&mut Vec<u8>)) {
        let number = match self {
            NewKind::Gauge => metric::GAUGE,
            NewKind::Sum { .. } => metric::SUM,
        };
        let mark = begin_len(out, number, len);
        points(out);
        if let NewKind::Sum { temporality, monotonic } = self {
            put_varint_unless_zero(out, sum::AGGREGATION_TEMPORALITY, temporality as u64);
            put_varint_unless_zero(out, sum::IS_MONOTONIC, u64::from(monotonic));
        }
        end_len(out, mark);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Number;
    use super::super::tests::{field, fixed, varint};
    use super::*;

    #[test]
    fn points_of_all_types_have_totals_and_become_numbers() {
        let sum = 2.5_f64.to_bits();
        for (kind, attributes, number) in [(9, 9, Some(2.5)), (10, 1, Some(2.5)), (11, 7, Some(2.5)), (5, 7, None)] {
            let pair = field(attributes, &[b"pair, not read"]);
            let point = [fixed(2, 1), pair, fixed(3, 2), fixed(4, 3), fixed(5, sum)].concat();
            let bytes = [field(1, &[b"n"]), field(kind, &[&field(1, &[&point])])].concat();
            let view = MetricView::new(&bytes).expect("well formed");
            let mut seen = 0;
            let visited = view.each_point(|point| {
                seen += 1;
                let total = point.total()?;
                let count = if number.is_some() { 3 } else { 0 };
                assert_eq!((total.start, total.time, total.count, total.sum), (1, 2, count, number));
                let mut out = Vec::new();
                point.put_number(&mut out, &total, Number::Int(7))?;
                assert_eq!(out, field(1, &[&field(7, &[b"pair, not read"]), &fixed(2, 1), &fixed(3, 2), &fixed(6, 7)]));
                Ok::<_, WireError>(())
            });
            assert_eq!((visited, seen), (Ok(()), 1), "{kind}");
        }
        let summary = field(11, &[&field(1, &[])]);
        let view = MetricView::new(&summary).expect("well formed");
        let total = view.each_point(|point| point.total().map(|total| assert_eq!(total.sum, Some(0.0))));
        assert_eq!(total, Ok(()));
    }

    #[test]
    fn the_last_type_wins_here_too() {
        let sum = [field(1, &[b"p"]), varint(2, 2), varint(3, 1), varint(99, 1)].concat();
        let bytes = [field(5, &[&field(1, &[b"lost"])]), field(7, &[&sum]), field(1, &[b"n"])].concat();
        let view = MetricView::new(&bytes).expect("well formed");
        assert_eq!((view.name, view.kind(), view.temporality()), (&b"n"[..], Some(DataKind::Sum), Ok(2)));
        let gauge = [field(1, &[b"n"]), field(5, &[&field(1, &[b"p"])])].concat();
        assert_eq!(view.converted(NewKind::Gauge).as_deref(), Ok(&gauge[..]));
        let view = MetricView::new(&gauge).expect("well formed");
        let again = view.converted(NewKind::Sum { temporality: 2, monotonic: true });
        let want = [field(1, &[b"n"]), field(7, &[&field(1, &[b"p"]), &varint(2, 2), &varint(3, 1)])].concat();
        assert_eq!(again, Ok(want));
        let new = NewMetric {
            name: [b"n", b"_x"],
            description: b"",
            unit: b"s",
            kind: NewKind::Sum { temporality: 1, monotonic: false },
        };
        let want = [field(1, &[b"n_x"]), field(3, &[b"s"]), field(7, &[&field(1, &[b"p"]), &varint(2, 1)])].concat();
        assert_eq!(new.encode(&field(1, &[b"p"])), want);
    }

    #[test]
    fn damage_is_an_error() {
        for bytes in [&[0x2a, 5][..], &[0x08, 1]] {
            assert!(MetricView::new(bytes).is_err(), "{bytes:?}");
        }
        let inside = field(11, &[&field(1, &[&[0x11, 1]])]);
        let view = MetricView::new(&inside).expect("the framing of the metric is sound");
        assert!(view.each_point(|point| point.total().map(|_| ())).is_err());
        assert!(view.each_point(|point| point.attribute(b"k").map(|_| ())).is_err());
    }
}
