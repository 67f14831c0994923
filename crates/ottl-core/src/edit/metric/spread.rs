//! How the values of a histogram's point are spread: what percentiles are found by, without all else that a point has.

use ottl_otlp::wire::fields::{exp_histogram_data_point as exp_point, histogram_data_point as hist_point};
use ottl_otlp::wire::{Field, Reader, WireError, zigzag_decode};

use super::Buckets;
use super::point::PointView;
use super::view::DataKind;
use super::wire::{nested, read_fixed64s};

/// The buckets of a point of a histogram.
#[derive(Debug, Default)]
pub struct HistogramSpread {
    /// `count`
    pub count: u64,
    /// `min`, if set
    pub min: Option<f64>,
    /// `max`, if set
    pub max: Option<f64>,
    /// `bucket_counts`
    pub counts: Vec<u64>,
    /// `explicit_bounds`
    pub bounds: Vec<f64>,
}

/// The buckets of a point of an exponential histogram.
#[derive(Debug, Default)]
pub struct ExponentialSpread<'a> {
    /// `count`
    pub count: u64,
    /// `scale`
    pub scale: i32,
    /// `zero_count`
    pub zero_count: u64,
    /// `zero_threshold`
    pub zero_threshold: f64,
    /// `positive`
    pub positive: Buckets<'a>,
    /// `negative`
    pub negative: Buckets<'a>,
}

impl<'a> PointView<'a> {
    /// The buckets of a histogram's point; `None` for other types.
    ///
    /// # Errors
    /// Damage in the point's framing and in its buckets.
    pub fn histogram(&self) -> Result<Option<HistogramSpread>, WireError> {
        if self.kind != DataKind::Histogram {
            return Ok(None);
        }
        let mut spread = HistogramSpread::default();
        self.each_field(|field| {
            match field.number {
                hist_point::COUNT => spread.count = field.fixed64()?,
                hist_point::MIN => spread.min = Some(f64::from_bits(field.fixed64()?)),
                hist_point::MAX => spread.max = Some(f64::from_bits(field.fixed64()?)),
                hist_point::BUCKET_COUNTS => read_fixed64s(field, &mut spread.counts, |bits| bits)?,
                hist_point::EXPLICIT_BOUNDS => read_fixed64s(field, &mut spread.bounds, f64::from_bits)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(Some(spread))
    }

    /// The buckets of an exponential histogram's point; `None` for other types.
    ///
    /// # Errors
    /// Damage in the point's framing and in its buckets.
    pub fn exponential(&self) -> Result<Option<ExponentialSpread<'a>>, WireError> {
        if self.kind != DataKind::ExponentialHistogram {
            return Ok(None);
        }
        let mut spread = ExponentialSpread::default();
        self.each_field(|field| {
            match field.number {
                exp_point::COUNT => spread.count = field.fixed64()?,
                exp_point::SCALE => spread.scale = zigzag_decode(field.varint()?) as i32,
                exp_point::ZERO_COUNT => spread.zero_count = field.fixed64()?,
                exp_point::POSITIVE => nested(field, |bytes| spread.positive.merge(bytes))?,
                exp_point::NEGATIVE => nested(field, |bytes| spread.negative.merge(bytes))?,
                exp_point::ZERO_THRESHOLD => spread.zero_threshold = f64::from_bits(field.fixed64()?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(Some(spread))
    }

    fn each_field(&self, mut visit: impl FnMut(&Field<'a>) -> Result<(), WireError>) -> Result<(), WireError> {
        let mut reader = Reader::new(self.bytes);
        while let Some(field) = reader.next_field()? {
            visit(&field)?;
        }
        Ok(())
    }
}
