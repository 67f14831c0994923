//! [`PointView`]: a point of a metric to look at, and to make points of gauges and sums of.
//!
//! Nothing is taken apart that is not asked for: attributes are copied as they came.

use ottl_otlp::wire::fields::{
    exp_histogram_data_point as exp_point, gauge, histogram_data_point as hist_point, number_data_point as num_point,
    summary_data_point as sum_point,
};
use ottl_otlp::wire::{Reader, WireError, begin_len, end_len, put_len_field};

use super::view::DataKind;
use super::wire::{message, nested, put_number, put_times};
use super::{Number, Quantile};
use crate::Value;
use crate::edit::NamedKey;
use crate::value::{encode_key_value, key_value};

/// A point of a metric, not taken apart.
#[derive(Clone, Copy, Debug)]
pub struct PointView<'a> {
    pub(super) kind: DataKind,
    pub(super) bytes: &'a [u8],
}

/// What a point of a histogram or summary says of all its observations, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// `start_time_unix_nano`
    pub start: u64,
    /// `time_unix_nano`
    pub time: u64,
    /// `count`
    pub count: u64,
    /// `sum`; summaries always have one.
    pub sum: Option<f64>,
    /// Where the attributes lie in the point.
    pairs: Pairs,
}

/// Where the attributes of a point lie in its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Pairs {
    /// It has none.
    #[default]
    None,
    /// Next to each other, each with a tag of one byte, as nearly all do.
    Run(usize, usize),
    /// In another way.
    Scattered,
}

impl Pairs {
    /// Adds those that lie here next to each other.
    #[inline]
    fn add(&mut self, start: usize, end: usize) {
        *self = match *self {
            Pairs::None => Pairs::Run(start, end),
            Pairs::Run(from, to) if to == start => Pairs::Run(from, end),
            _ => Pairs::Scattered,
        };
    }
}

/// A number that a summary point's quantile has, and the attribute that says which quantile it is.
#[derive(Clone, Copy, Debug)]
pub struct QuantileOf<'k> {
    /// The key of the attribute.
    pub key: &'k [u8],
    /// Which quantile it is.
    pub quantile: f64,
    /// Its value.
    pub value: f64,
}

/// The tag of a field of this number with a length, if it has one byte.
const fn tag_of(number: u32) -> u8 {
    (number << 3 | 2) as u8
}

/// The tag of the attributes of gauges' and sums' points.
const NUMBER_PAIR: u8 = tag_of(num_point::ATTRIBUTES);

/// What a point of a gauge or sum takes beside its attributes: its tag and length, times and value.
const BESIDE_PAIRS: usize = 27;

/// How many bytes a number of 64 bits takes with a tag of one byte.
const SHORT_NUMBER: usize = 9;

/// The field of such a number at `pos`: its own number, and its bits.
#[inline]
fn short_number(bytes: &[u8], pos: usize) -> Option<(u32, u64)> {
    let [tag, bits @ ..] = bytes.get(pos..)?.first_chunk::<SHORT_NUMBER>()?;
    (*tag >= 8 && tag & 0x87 == 1).then(|| (u32::from(tag >> 3), u64::from_le_bytes(*bits)))
}

impl<'a> PointView<'a> {
    /// The number of the field of attributes.
    fn attributes(&self) -> u32 {
        match self.kind {
            DataKind::Gauge | DataKind::Sum => num_point::ATTRIBUTES,
            DataKind::Histogram => hist_point::ATTRIBUTES,
            DataKind::ExponentialHistogram => exp_point::ATTRIBUTES,
            DataKind::Summary => sum_point::ATTRIBUTES,
        }
    }

    /// The encoded value of an attribute: of the first one that has this key.
    ///
    /// # Errors
    /// Damage in the framing of the point, and of attributes that were compared.
    pub fn attribute(&self, key: &[u8]) -> Result<Option<&'a [u8]>, WireError> {
        let (bytes, number) = (self.bytes, self.attributes());
        let (named, tag) = (NamedKey { key, known: u8::MAX }, tag_of(number));
        let (mut pos, mut is_sound) = (0, u32::try_from(bytes.len()).is_ok());
        while pos < bytes.len() {
            if is_sound && bytes.get(pos) == Some(&tag) {
                // PERF: nearly all attributes are written alike, and most are another one.
                let found = named.search_pairs(bytes, pos as u32, tag);
                if let (start @ 1.., end) = found.value {
                    return Ok(bytes.get(start as usize..end as usize));
                }
                is_sound = found.pos as usize <= bytes.len();
                if is_sound && found.pos as usize > pos {
                    pos = found.pos as usize;
                    continue;
                }
            }
            if short_number(bytes, pos).is_some() {
                pos += SHORT_NUMBER;
                continue;
            }
            let mut reader = Reader::new_at(bytes, pos);
            let Some(field) = reader.next_field()? else { break };
            if field.number == number {
                let pair = nested(&field, key_value)?;
                if pair.key == key {
                    return Ok(Some(pair.value));
                }
            }
            pos = reader.pos();
        }
        Ok(None)
    }

    /// The total; of points of gauges and sums, the times alone.
    ///
    /// # Errors
    /// Damage in the point's framing, and fields of another type.
    pub fn total(&self) -> Result<Total, WireError> {
        let (count, sum) = match self.kind {
            DataKind::Histogram => (hist_point::COUNT, hist_point::SUM),
            DataKind::ExponentialHistogram => (exp_point::COUNT, exp_point::SUM),
            DataKind::Summary => (sum_point::COUNT, sum_point::SUM),
            DataKind::Gauge | DataKind::Sum => (0, 0),
        };
        let mut total = Total { sum: (self.kind == DataKind::Summary).then_some(0.0), ..Total::default() };
        let (bytes, attributes) = (self.bytes, self.attributes());
        let mut pos = 0;
        loop {
            // PERF: nearly all fields of a point are attributes, and numbers with tags of one byte.
            if let Some((number, bits)) = short_number(bytes, pos) {
                match number {
                    // All types have the times in the same fields.
                    num_point::START_TIME_UNIX_NANO => total.start = bits,
                    num_point::TIME_UNIX_NANO => total.time = bits,
                    number if number == count => total.count = bits,
                    number if number == sum => total.sum = Some(f64::from_bits(bits)),
                    _ => {}
                }
                pos += SHORT_NUMBER;
                continue;
            }
            let mut reader = Reader::new_at(bytes, pos);
            while reader.next_member(tag_of(attributes)).is_some() {}
            if reader.pos() > pos {
                total.pairs.add(pos, reader.pos());
                pos = reader.pos();
                continue;
            }
            let Some(field) = reader.next_field()? else { break };
            match field.number {
                num_point::START_TIME_UNIX_NANO => total.start = field.fixed64()?,
                num_point::TIME_UNIX_NANO => total.time = field.fixed64()?,
                number if number == count => total.count = field.fixed64()?,
                number if number == sum => total.sum = Some(f64::from_bits(field.fixed64()?)),
                number if number == attributes => total.pairs = Pairs::Scattered,
                _ => {}
            }
            pos = reader.pos();
        }
        Ok(total)
    }

    /// Appends a point of a gauge or sum with the attributes of this one and the times of its total, as a field of the message
    /// that holds such points.
    ///
    /// # Errors
    /// Damage in the point's framing.
    pub fn put_number(&self, out: &mut Vec<u8>, total: &Total, value: Number) -> Result<(), WireError> {
        let mark = begin_len(out, gauge::DATA_POINTS, total.guess());
        let result = self.put_attributes(out, total.pairs);
        total.put_value(out, value);
        end_len(out, mark);
        result
    }

    /// The same of a quantile, which takes the place of the first attribute of its key, or comes behind all.
    ///
    /// # Errors
    /// Damage in the point's framing.
    pub fn put_quantile(&self, out: &mut Vec<u8>, total: &Total, of: &QuantileOf<'_>) -> Result<(), WireError> {
        let mark = begin_len(out, gauge::DATA_POINTS, total.guess() + of.key.len() + 15);
        let result = self.put_attributes_with(out, total.pairs, of);
        total.put_value(out, Number::Double(of.value));
        end_len(out, mark);
        result
    }

    fn put_attributes(&self, out: &mut Vec<u8>, pairs: Pairs) -> Result<(), WireError> {
        let (start, end) = match pairs {
            Pairs::None => return Ok(()),
            Pairs::Run(start, end) => (start, end),
            Pairs::Scattered => return self.each_attribute(|pair| put_len_field(out, num_point::ATTRIBUTES, pair)),
        };
        let (run, from, tag) = (self.bytes.get(start..end).unwrap_or_default(), out.len(), tag_of(self.attributes()));
        out.extend_from_slice(run);
        if tag != NUMBER_PAIR {
            let mut reader = Reader::new(run);
            while let Some(field) = reader.next_member(tag) {
                out[from + field.start] = NUMBER_PAIR;
            }
        }
        Ok(())
    }

    fn put_attributes_with(&self, out: &mut Vec<u8>, pairs: Pairs, of: &QuantileOf<'_>) -> Result<(), WireError> {
        let new = |out: &mut Vec<u8>| {
            message(out, num_point::ATTRIBUTES, |out| encode_key_value(out, of.key, &Value::Float(of.quantile)));
        };
        if self.attribute(of.key)?.is_none() {
            self.put_attributes(out, pairs)?;
            new(out);
            return Ok(());
        }
        let mut is_put = false;
        self.each_attribute(|pair| {
            if !is_put && key_value(pair).is_ok_and(|pair| pair.key == of.key) {
                is_put = true;
                new(out);
            } else {
                put_len_field(out, num_point::ATTRIBUTES, pair);
            }
        })
    }

    /// Hands each attribute to `visit`, a `KeyValue` message.
    fn each_attribute(&self, mut visit: impl FnMut(&'a [u8])) -> Result<(), WireError> {
        let mut reader = Reader::new(self.bytes);
        while let Some(field) = reader.next_field()? {
            if field.number == self.attributes() {
                visit(field.bytes()?);
            }
        }
        Ok(())
    }

    /// Hands each quantile of a summary's point to `visit`, with its value.
    ///
    /// # Errors
    /// Damage in the point, and those of `visit`.
    pub fn each_quantile<E: From<WireError>>(&self, mut visit: impl FnMut(f64, f64) -> Result<(), E>) -> Result<(), E> {
        if self.kind != DataKind::Summary {
            return Ok(());
        }
        let mut reader = Reader::new(self.bytes);
        while let Some(field) = reader.next_field()? {
            if field.number == sum_point::QUANTILE_VALUES {
                let Quantile { quantile, value, .. } = nested(&field, Quantile::decode)?;
                visit(quantile, value)?;
            }
        }
        Ok(())
    }
}

impl Total {
    /// About how many bytes a point with these attributes has.
    fn guess(&self) -> usize {
        match self.pairs {
            Pairs::Run(start, end) => end - start + BESIDE_PAIRS,
            _ => BESIDE_PAIRS,
        }
    }

    fn put_value(&self, out: &mut Vec<u8>, value: Number) {
        put_times(out, self.start, self.time);
        put_number(out, num_point::AS_INT, num_point::AS_DOUBLE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{field, fixed, varint};
    use super::super::view::MetricView;
    use super::*;

    #[test]
    fn attributes_are_found_however_they_are_written() {
        let pair = |key: &[u8], value: u64| field(7, &[&field(1, &[key]), &field(2, &[&varint(3, value)])]);
        let value_first = field(7, &[&field(2, &[&varint(3, 5)]), &field(1, &[b"v"])]);
        let without_value = field(7, &[&field(1, &[b"w"])]);
        let long = [b'l'; 300];
        let all = [fixed(2, 1), pair(b"a", 1), pair(b"b", 2), pair(b"a", 3), fixed(3, 2), value_first, pair(&long, 4)];
        let bytes = field(5, &[&field(1, &[&all.concat(), &without_value, &varint(99, 1), &pair(b"z", 6)])]);
        let view = MetricView::new(&bytes).expect("well formed");
        for (key, want) in [
            (&b"a"[..], Some(varint(3, 1))),
            (b"b", Some(varint(3, 2))),
            (b"v", Some(varint(3, 5))),
            (&long, Some(varint(3, 4))),
            (b"w", Some(vec![])),
            (b"z", Some(varint(3, 6))),
            (b"c", None),
            (b"", None),
        ] {
            let found = view.find_point(|point| point.attribute(key)).expect("well formed");
            assert_eq!(found.map(<[u8]>::to_vec), want, "{key:?}");
        }
    }

    #[test]
    fn attributes_are_copied_from_wherever_they_lie() {
        let pairs = [field(9, &[b"pair"]), field(9, &[&[b'p'; 200]])].concat();
        let apart = [field(9, &[b"pair"]), fixed(2, 1), field(9, &[b"other"])].concat();
        for (point, want) in [
            ([fixed(2, 1), pairs].concat(), [field(7, &[b"pair"]), field(7, &[&[b'p'; 200]]), fixed(2, 1)].concat()),
            (apart, [field(7, &[b"pair"]), field(7, &[b"other"]), fixed(2, 1)].concat()),
            (fixed(2, 1), fixed(2, 1)),
        ] {
            let bytes = field(9, &[&field(1, &[&point])]);
            let view = MetricView::new(&bytes).expect("well formed");
            let mut out = Vec::new();
            let put = view.each_point(|point| point.put_number(&mut out, &point.total()?, Number::Unset));
            assert_eq!((put, out), (Ok(()), field(1, &[&want])));
        }
    }
}
