//! A metric with other numbers in place of those it measures.
//!
//! Numbers have a fixed width, so they are written over those of a copy, and nothing else is taken apart.

use ottl_otlp::wire::fields::{
    exemplar, gauge, histogram_data_point as hist_point, metric, number_data_point as num_point,
    summary_data_point as sum_point, value_at_quantile,
};
use ottl_otlp::wire::{Field, Payload, Reader, WireError, packed_fixed64, put_len_field};

use super::Number;
use super::view::{DataKind, MetricView};
use super::wire::nested;

impl MetricView<'_> {
    /// The content of the `Metric` message with what `of` makes of the numbers that it measures, and with this unit, if there is
    /// one: the values of gauges and sums; of histograms sums, minima, maxima, bounds and the values of exemplars; the sums and
    /// quantiles' values of summaries. Exponential histograms keep all. A double must stay one, and an int an int.
    ///
    /// # Errors
    /// Damage in what is looked at.
    pub fn with_numbers(&self, unit: Option<&[u8]>, of: impl Fn(Number) -> Number) -> Result<Vec<u8>, WireError> {
        let mut out = Vec::with_capacity(self.bytes.len() + unit.map_or(0, |unit| unit.len() + 4));
        let mut reader = Reader::new(self.bytes);
        while let Some(field) = reader.next_field()? {
            let whole = &self.bytes[field.start..field.end];
            match field.number {
                metric::UNIT if unit.is_some() => {}
                number if DataKind::of_field(number).is_none() => out.extend_from_slice(whole),
                // Of several types the last wins.
                _ if std::ptr::eq(field.bytes()?, self.data) => {
                    out.extend_from_slice(whole);
                    let content = out.len() - self.data.len();
                    let mut numbers = Numbers { out: &mut out[content..], of: &of };
                    if let Some(kind) = self.kind {
                        each_in(self.data, gauge::DATA_POINTS, |point| numbers.of_point(kind, point))?;
                    }
                }
                _ => {}
            }
        }
        if let Some(unit) = unit.filter(|unit| !unit.is_empty()) {
            put_len_field(&mut out, metric::UNIT, unit);
        }
        Ok(out)
    }
}

/// A message that lies in the data of a metric, and where.
#[derive(Clone, Copy)]
struct Inner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Inner<'a> {
    /// Hands each field to `visit`.
    fn each(self, mut visit: impl FnMut(&Field<'a>) -> Result<(), WireError>) -> Result<(), WireError> {
        let mut reader = Reader::new(self.bytes);
        while let Some(field) = reader.next_field().map_err(|error| error.offset_by(self.at))? {
            visit(&field)?;
        }
        Ok(())
    }

    /// The message in a field.
    fn within(self, field: &Field<'a>) -> Result<Inner<'a>, WireError> {
        let bytes = field.bytes().map_err(|error| error.offset_by(self.at))?;
        Ok(Inner { bytes, at: self.at + field.content_start() })
    }
}

/// Hands the messages in the fields of this number to `visit`.
fn each_in<'a>(
    data: &'a [u8],
    number: u32,
    mut visit: impl FnMut(Inner<'a>) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let data = Inner { bytes: data, at: 0 };
    data.each(|field| if field.number == number { visit(data.within(field)?) } else { Ok(()) })
}

/// A copy of the data of a metric whose numbers are written over.
struct Numbers<'o, F> {
    out: &'o mut [u8],
    of: F,
}

impl<F: Fn(Number) -> Number> Numbers<'_, F> {
    fn of_point(&mut self, kind: DataKind, point: Inner<'_>) -> Result<(), WireError> {
        match kind {
            DataKind::Gauge | DataKind::Sum => point.each(|field| match field.number {
                num_point::AS_INT => self.int(point, field),
                num_point::AS_DOUBLE => self.double(point, field),
                _ => Ok(()),
            }),
            DataKind::Histogram => point.each(|field| match field.number {
                hist_point::SUM | hist_point::MIN | hist_point::MAX => self.double(point, field),
                hist_point::EXPLICIT_BOUNDS => self.doubles(point, field),
                hist_point::EXEMPLARS => self.of_exemplar(point.within(field)?),
                _ => Ok(()),
            }),
            DataKind::Summary => point.each(|field| match field.number {
                sum_point::SUM => self.double(point, field),
                sum_point::QUANTILE_VALUES => {
                    let quantile = point.within(field)?;
                    quantile.each(|field| match field.number {
                        value_at_quantile::VALUE => self.double(quantile, field),
                        _ => Ok(()),
                    })
                }
                _ => Ok(()),
            }),
            DataKind::ExponentialHistogram => Ok(()),
        }
    }

    fn of_exemplar(&mut self, exemplar: Inner<'_>) -> Result<(), WireError> {
        exemplar.each(|field| match field.number {
            exemplar::AS_INT => self.int(exemplar, field),
            exemplar::AS_DOUBLE => self.double(exemplar, field),
            _ => Ok(()),
        })
    }

    fn int(&mut self, message: Inner<'_>, field: &Field<'_>) -> Result<(), WireError> {
        let bits = field.fixed64().map_err(|error| error.offset_by(message.at))?;
        self.put(message.at + field.end - 8, Number::Int(bits as i64));
        Ok(())
    }

    fn double(&mut self, message: Inner<'_>, field: &Field<'_>) -> Result<(), WireError> {
        let bits = field.fixed64().map_err(|error| error.offset_by(message.at))?;
        self.put(message.at + field.end - 8, Number::Double(f64::from_bits(bits)));
        Ok(())
    }

    /// Those of a repeated field: packed, or one of them.
    fn doubles(&mut self, message: Inner<'_>, field: &Field<'_>) -> Result<(), WireError> {
        if !matches!(field.payload, Payload::Bytes(_)) {
            return self.double(message, field);
        }
        let list = message.within(field)?;
        for (idx, bits) in nested(field, packed_fixed64).map_err(|error| error.offset_by(message.at))?.enumerate() {
            self.put(list.at + 8 * idx, Number::Double(f64::from_bits(bits)));
        }
        Ok(())
    }

    /// Writes what becomes of a number that lies here.
    fn put(&mut self, at: usize, number: Number) {
        let bits = match (self.of)(number) {
            Number::Int(int) => int as u64,
            Number::Double(double) => double.to_bits(),
            Number::Unset => return,
        };
        if let Some(place) = self.out.get_mut(at..at + 8) {
            place.copy_from_slice(&bits.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{field, fixed, varint};
    use super::*;

    fn doubled(bytes: &[u8], unit: Option<&[u8]>) -> Result<Vec<u8>, WireError> {
        MetricView::new(bytes)?.with_numbers(unit, |number| match number {
            Number::Int(int) => Number::Int(int * 2),
            Number::Double(double) => Number::Double(double * 2.0),
            Number::Unset => Number::Unset,
        })
    }

    fn double(number: u32, value: f64) -> Vec<u8> {
        fixed(number, value.to_bits())
    }

    #[test]
    fn numbers_are_written_over_where_they_stand() {
        let bounds = |values: [f64; 2]| field(7, &[&values.map(f64::to_le_bytes).concat()]);
        let exemplar = |int| field(8, &[&fixed(2, 9), &fixed(6, int), &varint(99, 1)]);
        let quantile = |value| field(6, &[&double(1, 0.5), &double(2, value)]);
        let point = |content: &[Vec<u8>]| field(1, &[&content.concat()]);
        for (number, before, after) in [
            (5, point(&[fixed(3, 7), fixed(6, 3), varint(8, 1)]), point(&[fixed(3, 7), fixed(6, 6), varint(8, 1)])),
            (7, [point(&[double(4, 1.5)]), varint(2, 2)].concat(), [point(&[double(4, 3.0)]), varint(2, 2)].concat()),
            (
                9,
                point(&[fixed(4, 3), double(5, 1.0), bounds([1.0, 2.0]), double(7, 4.0), exemplar(4), double(12, 2.5)]),
                point(&[fixed(4, 3), double(5, 2.0), bounds([2.0, 4.0]), double(7, 8.0), exemplar(8), double(12, 5.0)]),
            ),
            (10, point(&[double(5, 1.0)]), point(&[double(5, 1.0)])),
            (11, point(&[double(5, 1.0), quantile(2.0)]), point(&[double(5, 2.0), quantile(4.0)])),
        ] {
            let metric = |data: &[u8]| [field(1, &[b"n"]), field(number, &[data]), varint(99, 1)].concat();
            assert_eq!(doubled(&metric(&before), None), Ok(metric(&after)), "{number}");
        }
    }

    #[test]
    fn the_unit_is_replaced_and_the_last_type_wins() {
        let (lost, gauge) = (field(11, &[&field(1, &[])]), field(5, &[&field(1, &[&fixed(6, 1)])]));
        let twice = field(5, &[&field(1, &[&fixed(6, 2)])]);
        let metric = [field(3, &[b"ms"]), lost, gauge].concat();
        assert_eq!(doubled(&metric, Some(b"s")), Ok([twice.clone(), field(3, &[b"s"])].concat()));
        assert_eq!(doubled(&metric, Some(b"")), Ok(twice));
    }

    #[test]
    fn damage_is_an_error() {
        for inside in [&[0x11, 1][..], &[0x3a, 1, 0], &[0x28, 1], &[0x42, 2, 0x31, 1]] {
            assert!(doubled(&field(9, &[&field(1, &[inside])]), None).is_err(), "{inside:?}");
        }
    }
}
