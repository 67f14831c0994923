//! The points of a metric from and to bytes.

use ottl_otlp::wire::fields::{
    buckets, exemplar, exp_histogram_data_point as exp_point, gauge, histogram_data_point as hist_point, key_value,
    number_data_point as num_point, summary_data_point as sum_point, value_at_quantile,
};
use ottl_otlp::wire::{
    Field, Payload, Reader, WireError, begin_len, end_len, packed_fixed64, packed_varints, put_fixed64_field,
    put_len_field, put_varint, put_varint_field, zigzag_decode, zigzag_encode,
};

use super::{
    Buckets, Exemplar, ExponentialPoint, HistogramPoint, Number, NumberPoint, Quantile, RawFields, SummaryPoint,
};
use crate::edit::{MapEdit, MapEntry, Slot};
use crate::value::encode_key_value;

/// What a field that is kept takes at most: lists grow to twice what they hold, and the first elements get four places.
pub(super) const FIELD: usize = 4 * size_of::<&[u8]>();

/// What a message of a few bytes for each byte of it takes: a count of one byte becomes one of eight, in a list that grows.
const PER_BYTE: usize = 16;

/// What a point takes beside itself, and not less: `attributes` is the number of its attribute map.
pub(super) fn point_memory(bytes: &[u8], attributes: u32) -> Result<usize, WireError> {
    const PAIR: usize = size_of::<MapEntry<'_>>();
    let (mut memory, mut pairs) = (0, 0);
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        match field.payload {
            Payload::Bytes(_) if field.number == attributes => pairs += 1,
            Payload::Bytes(content) => memory += 2 * FIELD + PER_BYTE * content.len(),
            _ => memory += FIELD,
        }
    }
    // One pair has one place, more have four or up to twice as many.
    Ok(memory + PAIR * if pairs > 1 { 2 * pairs + 2 } else { pairs })
}

impl<'a> NumberPoint<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decode(
            bytes,
            |point: &mut Self, field| {
                match field.number {
                    num_point::ATTRIBUTES => nested(field, |raw| point.attributes.load_pair(raw))?,
                    num_point::START_TIME_UNIX_NANO => point.start = field.fixed64()?,
                    num_point::TIME_UNIX_NANO => point.time = field.fixed64()?,
                    num_point::AS_INT => point.value = Number::Int(field.fixed64()? as i64),
                    num_point::AS_DOUBLE => point.value = Number::Double(f64::from_bits(field.fixed64()?)),
                    _ => return Ok(false),
                }
                Ok(true)
            },
            |point| &mut point.rest,
        )
    }

    /// Appends the point as a field of the message that holds the points of a gauge or sum.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        message(out, gauge::DATA_POINTS, |out| self.encode(out));
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_attributes(out, num_point::ATTRIBUTES, &self.attributes);
        put_times(out, self.start, self.time);
        put_number(out, num_point::AS_INT, num_point::AS_DOUBLE, self.value);
        put_raw(out, &self.rest);
    }
}

impl<'a> HistogramPoint<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decode(
            bytes,
            |point: &mut Self, field| {
                match field.number {
                    hist_point::ATTRIBUTES => nested(field, |raw| point.attributes.load_pair(raw))?,
                    hist_point::START_TIME_UNIX_NANO => point.start = field.fixed64()?,
                    hist_point::TIME_UNIX_NANO => point.time = field.fixed64()?,
                    hist_point::COUNT => point.count = field.fixed64()?,
                    hist_point::SUM => point.sum = Some(f64::from_bits(field.fixed64()?)),
                    hist_point::MIN => point.min = Some(f64::from_bits(field.fixed64()?)),
                    hist_point::MAX => point.max = Some(f64::from_bits(field.fixed64()?)),
                    hist_point::FLAGS => point.flags = field.varint()? as u32,
                    hist_point::BUCKET_COUNTS => read_fixed64s(field, &mut point.counts, |bits| bits)?,
                    hist_point::EXPLICIT_BOUNDS => read_fixed64s(field, &mut point.bounds, f64::from_bits)?,
                    hist_point::EXEMPLARS => point.exemplars.push(nested(field, Exemplar::decode)?),
                    _ => return Ok(false),
                }
                Ok(true)
            },
            |point| &mut point.rest,
        )
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_attributes(out, hist_point::ATTRIBUTES, &self.attributes);
        put_times(out, self.start, self.time);
        put_fixed64_unless_zero(out, hist_point::COUNT, self.count);
        for (number, value) in [(hist_point::SUM, self.sum), (hist_point::MIN, self.min), (hist_point::MAX, self.max)] {
            put_optional(out, number, value);
        }
        put_fixed64s(out, hist_point::BUCKET_COUNTS, self.counts.iter().copied());
        put_fixed64s(out, hist_point::EXPLICIT_BOUNDS, self.bounds.iter().map(|b| b.to_bits()));
        self.exemplars.iter().for_each(|e| message(out, hist_point::EXEMPLARS, |out| e.encode(out)));
        put_varint_unless_zero(out, hist_point::FLAGS, u64::from(self.flags));
        put_raw(out, &self.rest);
    }
}

impl<'a> ExponentialPoint<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decode(
            bytes,
            |point: &mut Self, field| {
                match field.number {
                    exp_point::ATTRIBUTES => nested(field, |raw| point.attributes.load_pair(raw))?,
                    exp_point::START_TIME_UNIX_NANO => point.start = field.fixed64()?,
                    exp_point::TIME_UNIX_NANO => point.time = field.fixed64()?,
                    exp_point::COUNT => point.count = field.fixed64()?,
                    exp_point::SUM => point.sum = Some(f64::from_bits(field.fixed64()?)),
                    exp_point::MIN => point.min = Some(f64::from_bits(field.fixed64()?)),
                    exp_point::MAX => point.max = Some(f64::from_bits(field.fixed64()?)),
                    exp_point::SCALE => point.scale = zigzag_decode(field.varint()?) as i32,
                    exp_point::ZERO_COUNT => point.zero_count = field.fixed64()?,
                    exp_point::POSITIVE => nested(field, |bytes| point.positive.merge(bytes))?,
                    exp_point::NEGATIVE => nested(field, |bytes| point.negative.merge(bytes))?,
                    exp_point::ZERO_THRESHOLD => point.zero_threshold = f64::from_bits(field.fixed64()?),
                    exp_point::FLAGS => point.flags = field.varint()? as u32,
                    exp_point::EXEMPLARS => point.exemplars.push(field.bytes()?),
                    _ => return Ok(false),
                }
                Ok(true)
            },
            |point| &mut point.rest,
        )
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_attributes(out, exp_point::ATTRIBUTES, &self.attributes);
        put_times(out, self.start, self.time);
        put_fixed64_unless_zero(out, exp_point::COUNT, self.count);
        for (number, value) in [(exp_point::SUM, self.sum), (exp_point::MIN, self.min), (exp_point::MAX, self.max)] {
            put_optional(out, number, value);
        }
        put_varint_unless_zero(out, exp_point::SCALE, zigzag_encode(i64::from(self.scale)));
        put_fixed64_unless_zero(out, exp_point::ZERO_COUNT, self.zero_count);
        message(out, exp_point::POSITIVE, |out| self.positive.encode(out));
        message(out, exp_point::NEGATIVE, |out| self.negative.encode(out));
        put_fixed64_unless_zero(out, exp_point::ZERO_THRESHOLD, self.zero_threshold.to_bits());
        put_varint_unless_zero(out, exp_point::FLAGS, u64::from(self.flags));
        self.exemplars.iter().for_each(|e| put_len_field(out, exp_point::EXEMPLARS, e));
        put_raw(out, &self.rest);
    }
}

impl<'a> Buckets<'a> {
    /// Takes one occurrence of the message in: a second one adds to the first.
    pub(super) fn merge(&mut self, bytes: &'a [u8]) -> Result<(), WireError> {
        let rest = walk(bytes, self, |this, field| {
            match (field.number, field.payload) {
                (buckets::OFFSET, _) => this.offset = zigzag_decode(field.varint()?) as i32,
                (buckets::BUCKET_COUNTS, Payload::Bytes(content)) => {
                    for count in packed_varints(content) {
                        this.counts.push(count.map_err(|e| e.offset_by(field.content_start()))?);
                    }
                }
                (buckets::BUCKET_COUNTS, _) => this.counts.push(field.varint()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        self.rest.extend(rest);
        Ok(())
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_varint_unless_zero(out, buckets::OFFSET, zigzag_encode(i64::from(self.offset)));
        if !self.counts.is_empty() {
            message(out, buckets::BUCKET_COUNTS, |out| self.counts.iter().for_each(|c| put_varint(out, *c)));
        }
        put_raw(out, &self.rest);
    }
}

impl<'a> SummaryPoint<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decode(
            bytes,
            |point: &mut Self, field| {
                match field.number {
                    sum_point::ATTRIBUTES => nested(field, |raw| point.attributes.load_pair(raw))?,
                    sum_point::START_TIME_UNIX_NANO => point.start = field.fixed64()?,
                    sum_point::TIME_UNIX_NANO => point.time = field.fixed64()?,
                    sum_point::COUNT => point.count = field.fixed64()?,
                    sum_point::SUM => point.sum = f64::from_bits(field.fixed64()?),
                    sum_point::QUANTILE_VALUES => point.quantiles.push(nested(field, Quantile::decode)?),
                    _ => return Ok(false),
                }
                Ok(true)
            },
            |point| &mut point.rest,
        )
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_attributes(out, sum_point::ATTRIBUTES, &self.attributes);
        put_times(out, self.start, self.time);
        put_fixed64_unless_zero(out, sum_point::COUNT, self.count);
        put_fixed64_unless_zero(out, sum_point::SUM, self.sum.to_bits());
        self.quantiles.iter().for_each(|q| message(out, sum_point::QUANTILE_VALUES, |out| q.encode(out)));
        put_raw(out, &self.rest);
    }
}

impl<'a> Quantile<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decode(
            bytes,
            |quantile: &mut Self, field| {
                match field.number {
                    value_at_quantile::QUANTILE => quantile.quantile = f64::from_bits(field.fixed64()?),
                    value_at_quantile::VALUE => quantile.value = f64::from_bits(field.fixed64()?),
                    _ => return Ok(false),
                }
                Ok(true)
            },
            |quantile| &mut quantile.rest,
        )
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_fixed64_unless_zero(out, value_at_quantile::QUANTILE, self.quantile.to_bits());
        put_fixed64_unless_zero(out, value_at_quantile::VALUE, self.value.to_bits());
        put_raw(out, &self.rest);
    }
}

impl<'a> Exemplar<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        decode(
            bytes,
            |this: &mut Self, field| {
                match field.number {
                    exemplar::AS_INT => this.value = Number::Int(field.fixed64()? as i64),
                    exemplar::AS_DOUBLE => this.value = Number::Double(f64::from_bits(field.fixed64()?)),
                    _ => return Ok(false),
                }
                Ok(true)
            },
            |this| &mut this.rest,
        )
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, exemplar::AS_INT, exemplar::AS_DOUBLE, self.value);
        put_raw(out, &self.rest);
    }
}

/// Hands each field of a message to `take`, which answers whether it knows it; the others come back raw.
pub(super) fn walk<'a, T>(
    bytes: &'a [u8],
    into: &mut T,
    mut take: impl FnMut(&mut T, &Field<'a>) -> Result<bool, WireError>,
) -> Result<RawFields<'a>, WireError> {
    let mut rest = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        if !take(into, &field)? {
            rest.push(&bytes[field.start..field.end]);
        }
    }
    Ok(rest)
}

fn decode<'a, T: Default>(
    bytes: &'a [u8],
    take: impl FnMut(&mut T, &Field<'a>) -> Result<bool, WireError>,
    rest: impl FnOnce(&mut T) -> &mut RawFields<'a>,
) -> Result<T, WireError> {
    let mut value = T::default();
    *rest(&mut value) = walk(bytes, &mut value, take)?;
    Ok(value)
}

/// Reads the message in a field; offsets of errors count from where the field's own do.
pub(super) fn nested<'a, T>(
    field: &Field<'a>,
    read: impl FnOnce(&'a [u8]) -> Result<T, WireError>,
) -> Result<T, WireError> {
    read(field.bytes()?).map_err(|error| error.offset_by(field.content_start()))
}

/// The message around the points of one type: points, temporality and monotony (their field numbers, 0 where the type
/// has none), and the rest.
pub(super) fn wrapper<'a, P>(
    bytes: &'a [u8],
    point: impl Fn(&'a [u8]) -> Result<P, WireError>,
    temporality: u32,
    monotonic: u32,
) -> Result<(Vec<P>, i32, bool, RawFields<'a>), WireError> {
    // Points are large: a list that grows would hold them twice.
    let mut points = 0;
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        points += usize::from(field.number == gauge::DATA_POINTS);
    }
    let mut parts = (Vec::with_capacity(points), 0, false);
    let rest = walk(bytes, &mut parts, |parts, field| {
        match field.number {
            // All five types have their points in field 1.
            gauge::DATA_POINTS => parts.0.push(nested(field, &point)?),
            number if number == temporality => parts.1 = field.varint()? as i32,
            number if number == monotonic => parts.2 = field.varint()? != 0,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((parts.0, parts.1, parts.2, rest))
}

/// A repeated 64-bit field: packed or one at a time.
///
/// COMPAT: the reference starts over at every packed occurrence of a fixed-width list.
pub(super) fn read_fixed64s<T>(
    field: &Field<'_>,
    list: &mut Vec<T>,
    from_bits: impl Fn(u64) -> T,
) -> Result<(), WireError> {
    match field.payload {
        Payload::Bytes(content) => {
            let packed = packed_fixed64(content).map_err(|e| e.offset_by(field.content_start()))?;
            list.clear();
            list.extend(packed.map(from_bits));
        }
        _ => list.push(from_bits(field.fixed64()?)),
    }
    Ok(())
}

pub(super) fn message(out: &mut Vec<u8>, number: u32, content: impl FnOnce(&mut Vec<u8>)) {
    let mark = begin_len(out, number, 127);
    content(out);
    end_len(out, mark);
}

pub(super) fn put_raw(out: &mut Vec<u8>, fields: &RawFields<'_>) {
    fields.iter().for_each(|field| out.extend_from_slice(field));
}

pub(super) fn put_varint_unless_zero(out: &mut Vec<u8>, number: u32, value: u64) {
    if value != 0 {
        put_varint_field(out, number, value);
    }
}

fn put_fixed64_unless_zero(out: &mut Vec<u8>, number: u32, bits: u64) {
    if bits != 0 {
        put_fixed64_field(out, number, bits);
    }
}

fn put_optional(out: &mut Vec<u8>, number: u32, value: Option<f64>) {
    if let Some(value) = value {
        put_fixed64_field(out, number, value.to_bits());
    }
}

/// Start and time have the same numbers in all points that are taken apart this far.
pub(super) fn put_times(out: &mut Vec<u8>, start: u64, time: u64) {
    put_fixed64_unless_zero(out, num_point::START_TIME_UNIX_NANO, start);
    put_fixed64_unless_zero(out, num_point::TIME_UNIX_NANO, time);
}

pub(super) fn put_number(out: &mut Vec<u8>, int: u32, double: u32, value: Number) {
    match value {
        Number::Unset => {}
        Number::Int(value) => put_fixed64_field(out, int, value as u64),
        Number::Double(value) => put_fixed64_field(out, double, value.to_bits()),
    }
}

fn put_fixed64s(out: &mut Vec<u8>, number: u32, bits: impl ExactSizeIterator<Item = u64>) {
    if bits.len() > 0 {
        message(out, number, |out| bits.for_each(|b| out.extend_from_slice(&b.to_le_bytes())));
    }
}

fn put_attributes(out: &mut Vec<u8>, number: u32, map: &MapEdit<'_>) {
    for pair in map.iter() {
        if !pair.raw.is_empty() {
            put_len_field(out, number, pair.raw);
            continue;
        }
        message(out, number, |out| match &pair.value {
            Slot::Value(value) => encode_key_value(out, pair.key, value),
            Slot::Wire(value) => {
                put_len_field(out, key_value::KEY, pair.key);
                put_len_field(out, key_value::VALUE, value);
            }
        });
    }
}
