//! How data points of one metric become one: what the aggregation functions share.
//!
//! INVARIANT: groups stay in the order of their first points (the reference's order is random), and each group is merged
//! into its first point.
//! COMPAT: the rules copy the reference, its odd ones included: an int group reads double points as 0 in sums and means,
//! the count of a single point is its value, histograms are summed whatever the function, and exponential buckets with
//! different offsets are joined without alignment.

use std::collections::HashMap;

use ottl_core::edit::{Buckets, DELTA, ExponentialPoint, HistogramPoint, MapEdit, MetricData, Number, NumberPoint};
use ottl_core::ops::push_json_text;
use ottl_core::{Arena, EvalError, Value};

/// An aggregation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregation {
    /// The sum of the values.
    Sum,
    /// Their arithmetic mean.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The one in the middle, or the mean of the two in the middle.
    Median,
    /// How many there are.
    Count,
}

impl Aggregation {
    /// The function of this name.
    ///
    /// # Errors
    /// A text that lists the names.
    pub(crate) fn by_name(name: &[u8]) -> Result<Aggregation, String> {
        Ok(match name {
            b"sum" => Aggregation::Sum,
            b"mean" => Aggregation::Mean,
            b"min" => Aggregation::Min,
            b"max" => Aggregation::Max,
            b"median" => Aggregation::Median,
            b"count" => Aggregation::Count,
            _ => return Err("the aggregation function must be sum, mean, min, max, median or count".to_owned()),
        })
    }
}

/// Merges the points that agree in attributes and time, and in start time if the temporality is delta. Histogram
/// points must also agree in bounds, exponential ones in scale, and both in flags and in whether they have a minimum
/// and a maximum.
///
/// # Errors
/// Damaged attributes; histogram points that have more buckets than the first of their group, which the reference does
/// not survive.
pub(crate) fn aggregate<'a>(
    data: &mut MetricData<'a>,
    function: Aggregation,
    sums: Sums,
    arena: &'a Arena,
) -> Result<(), EvalError> {
    match data {
        MetricData::Gauge { points, .. } => {
            let key = |p: &NumberPoint<'a>, key: &mut GroupKey| key.common(&p.attributes, p.time, None, arena);
            merge(points, arena, key, |group| Ok(merge_numbers(group, function)))?;
        }
        MetricData::Sum { points, temporality, .. } => {
            let delta = *temporality == DELTA;
            let key = |p: &NumberPoint<'a>, key: &mut GroupKey| {
                key.common(&p.attributes, p.time, delta.then_some(p.start), arena)
            };
            merge(points, arena, key, |group| Ok(merge_numbers(group, function)))?;
        }
        MetricData::Histogram { points, temporality, .. } => {
            let delta = *temporality == DELTA;
            let key = |p: &HistogramPoint<'a>, key: &mut GroupKey| {
                key.common(&p.attributes, p.time, delta.then_some(p.start), arena)?;
                key.parts(&[u64::from(p.min.is_some()), u64::from(p.max.is_some()), u64::from(p.flags)]);
                key.floats(&p.bounds);
                Ok(())
            };
            merge(points, arena, key, |group| merge_histograms(group, sums))?;
        }
        MetricData::ExponentialHistogram { points, temporality, .. } => {
            let delta = *temporality == DELTA;
            let key = |p: &ExponentialPoint<'a>, key: &mut GroupKey| {
                key.common(&p.attributes, p.time, delta.then_some(p.start), arena)?;
                key.parts(&[u64::from(p.min.is_some()), u64::from(p.max.is_some()), u64::from(p.flags)]);
                key.parts(&[p.scale as u64]);
                Ok(())
            };
            let mut room = Room::default();
            merge(points, arena, key, |group| merge_exponentials(group, sums, &mut room))?;
        }
        MetricData::Summary { .. } | MetricData::Empty => {}
    }
    Ok(())
}

/// What the points of a group agree in.
#[derive(Debug, Default)]
struct GroupKey {
    bytes: Vec<u8>,
    /// COMPAT: the reference's key is a JSON text, and points that have none (NaN, infinities) all get the empty key.
    unprintable: bool,
}

impl GroupKey {
    fn common<'a>(
        &mut self,
        attributes: &MapEdit<'a>,
        time: u64,
        start: Option<u64>,
        arena: &'a Arena,
    ) -> Result<(), EvalError> {
        self.parts(&[time, u64::from(start.is_some()), start.unwrap_or_default()]);
        // JSON forgets the difference of 1 and 1.0 and of bytes and their base64, and so do the reference's groups.
        let map = Value::Map(attributes.to_map(arena)?);
        self.unprintable |= push_json_text(&mut self.bytes, &map).is_err();
        Ok(())
    }

    fn parts(&mut self, parts: &[u64]) {
        parts.iter().for_each(|part| self.bytes.extend_from_slice(&part.to_le_bytes()));
    }

    fn floats(&mut self, floats: &[f64]) {
        self.unprintable |= floats.iter().any(|float| !float.is_finite());
        floats.iter().for_each(|float| self.bytes.extend_from_slice(&float.to_bits().to_le_bytes()));
    }
}

/// What the key of a point takes beside its bytes: its place in a table that is half empty, and what the allocator adds.
const KEY: usize = 2 * size_of::<(Vec<u8>, usize)>() + 32;

/// Merges points with equal keys.
fn merge<P: Default>(
    points: &mut Vec<P>,
    arena: &Arena,
    mut key_of: impl FnMut(&P, &mut GroupKey) -> Result<(), EvalError>,
    mut merge: impl FnMut(Vec<P>) -> Result<P, EvalError>,
) -> Result<(), EvalError> {
    // Nearly all of what a key holds is in the message; a JSON text may have six bytes for one.
    let beside = points.len().saturating_mul(size_of::<P>() + KEY);
    arena.beside(beside, || {
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut members: Vec<(u32, u32)> = Vec::with_capacity(points.len());
        for (idx, point) in points.iter().enumerate() {
            let mut key = GroupKey::default();
            key_of(point, &mut key)?;
            if key.unprintable {
                key.bytes.clear();
            }
            arena.check(key.bytes.len())?;
            let next = numbers.len();
            members.push((*numbers.entry(key.bytes).or_insert(next) as u32, idx as u32));
        }
        // Groups are numbered by their first points, so this keeps their order, and that of the points in each.
        members.sort_unstable();
        let mut merged = Vec::with_capacity(numbers.len());
        for group in members.chunk_by(|(a, _), (b, _)| a == b) {
            merged.push(merge(group.iter().map(|(_, idx)| std::mem::take(&mut points[*idx as usize])).collect())?);
        }
        *points = merged;
        Ok(())
    })
}

/// The int that the reference makes of a float, as amd64 converts: what does not fit becomes the smallest.
pub(crate) fn to_int(float: f64) -> i64 {
    const ENDS: std::ops::Range<f64> = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;
    if ENDS.contains(&float) { float as i64 } else { i64::MIN }
}

fn as_double(value: Number) -> f64 {
    match value {
        Number::Unset => 0.0,
        Number::Int(int) => int as f64,
        Number::Double(double) => double,
    }
}

fn as_int(value: Number) -> i64 {
    match value {
        Number::Unset => 0,
        Number::Int(int) => int,
        Number::Double(double) => to_int(double),
    }
}

fn merge_numbers<'a>(group: Vec<NumberPoint<'a>>, function: Aggregation) -> NumberPoint<'a> {
    let values: Vec<Number> = group.iter().map(|point| point.value).collect();
    let start = group.iter().map(|point| point.start).min().unwrap_or_default();
    let mut points = group.into_iter();
    let mut merged = points.next().unwrap_or_default();
    // A first point without a value makes the reference skip the group, start time included.
    merged.value = match merged.value {
        Number::Unset => return merged,
        Number::Int(_) => Number::Int(merge_ints(&values, function)),
        Number::Double(_) => Number::Double(merge_doubles(&values, function)),
    };
    merged.start = start;
    merged
}

fn merge_ints(values: &[Number], function: Aggregation) -> i64 {
    let ints = || values.iter().map(|value| as_int(*value));
    let first = ints().next().unwrap_or_default();
    let sum =
        || values.iter().fold(0_i64, |sum, value| sum.wrapping_add(if let Number::Int(i) = value { *i } else { 0 }));
    match function {
        Aggregation::Sum => sum(),
        Aggregation::Mean => sum() / values.len() as i64,
        Aggregation::Min => ints().min().unwrap_or(first),
        Aggregation::Max => ints().max().unwrap_or(first),
        Aggregation::Count if values.len() == 1 => first,
        Aggregation::Count => values.len() as i64,
        Aggregation::Median => {
            let mut sorted: Vec<i64> = ints().collect();
            sorted.sort_unstable();
            let middle = sorted.len() / 2;
            if sorted.len() % 2 == 1 { sorted[middle] } else { sorted[middle - 1].wrapping_add(sorted[middle]) / 2 }
        }
    }
}

fn merge_doubles(values: &[Number], function: Aggregation) -> f64 {
    let doubles = || values.iter().map(|value| as_double(*value));
    let first = doubles().next().unwrap_or_default();
    let fold = |with: fn(f64, f64) -> f64| doubles().skip(1).fold(first, with);
    match function {
        Aggregation::Sum => fold(|a, b| a + b),
        Aggregation::Mean => fold(|a, b| a + b) / values.len() as f64,
        Aggregation::Min => fold(|a, b| -max(-a, -b)),
        Aggregation::Max => fold(max),
        Aggregation::Count if values.len() == 1 => first,
        Aggregation::Count => values.len() as f64,
        Aggregation::Median => {
            let mut sorted: Vec<f64> = doubles().collect();
            // NaN comes first, as Go sorts floats.
            sorted.sort_by(|a, b| {
                b.is_nan().cmp(&a.is_nan()).then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
            });
            let middle = sorted.len() / 2;
            if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
        }
    }
}

/// Go's `math.Max`: an infinity beats NaN, NaN beats numbers, and 0 beats -0.
fn max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { b } else { a }
    } else {
        a.max(b)
    }
}

/// What becomes of the sum of histograms of which not all have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sums {
    /// There is none.
    OfAll,
    /// Those that have none count as 0, as in version 0.161; the sum is there even if no histogram had one.
    OfAny,
}

impl Sums {
    /// Adds in place.
    fn add(self, sum: &mut Option<f64>, other: Option<f64>) {
        *sum = match (self, *sum, other) {
            (_, Some(one), Some(other)) => Some(one + other),
            (Sums::OfAll, ..) => None,
            (Sums::OfAny, one, other) => Some(one.unwrap_or_default() + other.unwrap_or_default()),
        };
    }
}

fn widen(end: &mut Option<f64>, other: Option<f64>, further: fn(&f64, &f64) -> bool) {
    if let Some(value) = end {
        let other = other.unwrap_or_default();
        if further(&other, value) {
            *value = other;
        }
    }
}

fn merge_histograms<'a>(group: Vec<HistogramPoint<'a>>, sums: Sums) -> Result<HistogramPoint<'a>, EvalError> {
    let mut points = group.into_iter();
    let mut merged = points.next().unwrap_or_default();
    for mut point in points {
        if point.count == 0 {
            continue;
        }
        if point.counts.len() > merged.counts.len() {
            return Err(EvalError::function("histogram points with the same bounds have different numbers of buckets"));
        }
        merged.count = merged.count.wrapping_add(point.count);
        sums.add(&mut merged.sum, point.sum);
        widen(&mut merged.min, point.min, f64::lt);
        widen(&mut merged.max, point.max, f64::gt);
        for (count, more) in merged.counts.iter_mut().zip(&point.counts) {
            *count = count.wrapping_add(*more);
        }
        merged.exemplars.append(&mut point.exemplars);
        merged.start = merged.start.min(point.start);
    }
    Ok(merged)
}

fn merge_exponentials<'a>(
    group: Vec<ExponentialPoint<'a>>,
    sums: Sums,
    room: &mut Room,
) -> Result<ExponentialPoint<'a>, EvalError> {
    let mut points = group.into_iter();
    let mut merged = points.next().unwrap_or_default();
    for mut point in points {
        if point.count == 0 {
            continue;
        }
        merged.count = merged.count.wrapping_add(point.count);
        sums.add(&mut merged.sum, point.sum);
        merged.zero_count = merged.zero_count.wrapping_add(point.zero_count);
        widen(&mut merged.min, point.min, f64::lt);
        widen(&mut merged.max, point.max, f64::gt);
        merge_buckets(&mut merged.negative, &point.negative, room)?;
        merge_buckets(&mut merged.positive, &point.positive, room)?;
        merged.exemplars.append(&mut point.exemplars);
        merged.start = merged.start.min(point.start);
    }
    Ok(merged)
}

/// What merging the exponential points of one metric may make beyond what they have. Offsets are arbitrary 32-bit
/// numbers, and the reference fills the gap between them.
#[derive(Debug)]
struct Room {
    /// Empty buckets.
    filled: usize,
    /// Buckets that others are put in front of, each time one.
    moved: usize,
}

impl Default for Room {
    fn default() -> Self {
        Room { filled: 1 << 20, moved: 1 << 28 }
    }
}

impl Room {
    fn take(left: &mut usize, count: usize) -> Result<(), EvalError> {
        let rest = left.checked_sub(count);
        *left = rest.ok_or(EvalError::function("the merged exponential histogram has too many buckets"))?;
        Ok(())
    }
}

fn merge_buckets(into: &mut Buckets<'_>, from: &Buckets<'_>, room: &mut Room) -> Result<(), EvalError> {
    if into.offset == from.offset {
        let missing = from.counts.len().saturating_sub(into.counts.len());
        into.counts.resize(into.counts.len() + missing, 0);
        for (count, more) in into.counts.iter_mut().zip(&from.counts) {
            *count = count.wrapping_add(*more);
        }
        return Ok(());
    }
    if from.offset < into.offset {
        // COMPAT: the lower buckets that are not empty are put in front, wherever they belong.
        Room::take(&mut room.moved, into.counts.len())?;
        into.counts.splice(0..0, from.counts.iter().copied().filter(|count| *count > 0));
    } else {
        let shift = i64::from(from.offset.wrapping_sub(into.offset));
        for (count, idx) in from.counts.iter().zip(shift..).filter(|(count, idx)| **count > 0 && *idx >= 0) {
            let idx = usize::try_from(idx).unwrap_or(usize::MAX);
            if idx >= into.counts.len() {
                Room::take(&mut room.filled, idx - into.counts.len())?;
                into.counts.resize(idx + 1, 0);
            }
            into.counts[idx] = into.counts[idx].wrapping_add(*count);
        }
    }
    if !from.counts.is_empty() {
        into.offset = into.offset.min(from.offset);
        // COMPAT: leading empty buckets go, but the offset does not follow.
        let empty = into.counts.iter().take_while(|count| **count == 0).count();
        if empty > 0 {
            Room::take(&mut room.moved, into.counts.len())?;
            into.counts.drain(..empty);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_merge_by_the_type_of_the_first_point() {
        use Aggregation::{Count, Max, Mean, Median, Min, Sum};
        use Number::{Double, Int, Unset};
        let ints = [Int(5), Int(-2), Int(4)];
        let mixed = [Int(5), Double(2.5), Int(4)];
        let doubles = [Double(5.0), Int(2), Double(0.5), Unset];
        for (values, function, want) in [
            (&ints[..], Sum, Int(7)),
            (&ints, Mean, Int(2)),
            (&ints, Min, Int(-2)),
            (&ints, Max, Int(5)),
            (&ints, Median, Int(4)),
            (&ints, Count, Int(3)),
            (&ints[..2], Median, Int(1)),
            (&ints[1..2], Count, Int(-2)),
            (&mixed, Sum, Int(9)),
            (&mixed, Mean, Int(3)),
            (&mixed, Min, Int(2)),
            (&mixed, Median, Int(4)),
            (&doubles, Sum, Double(7.5)),
            (&doubles, Mean, Double(1.875)),
            (&doubles, Min, Double(0.0)),
            (&doubles, Median, Double(1.25)),
            (&doubles, Count, Double(4.0)),
            (&doubles[..1], Count, Double(5.0)),
            (&[Unset, Int(1)], Sum, Unset),
            (&[Int(i64::MAX), Int(1)], Sum, Int(i64::MIN)),
            (&[Int(1), Double(1e30)], Min, Int(i64::MIN)),
            (&[Double(f64::NAN), Double(f64::INFINITY)], Max, Double(f64::INFINITY)),
            (&[Double(f64::NAN), Double(f64::NEG_INFINITY)], Min, Double(f64::NEG_INFINITY)),
            (&[Double(f64::NAN), Double(1.0), Double(3.0)], Median, Double(1.0)),
        ] {
            let group = values.iter().map(|value| NumberPoint { value: *value, ..NumberPoint::default() }).collect();
            assert_eq!(merge_numbers(group, function).value, want, "{function:?} of {values:?}");
        }
    }

    #[test]
    fn exponential_buckets_merge_with_the_reference_s_defects() {
        let buckets = |offset, counts: &[u64]| Buckets { offset, counts: counts.to_vec(), rest: Vec::new() };
        for (into, from, want) in [
            (buckets(0, &[1, 2]), buckets(0, &[3, 4, 5]), (0, vec![4, 6, 5])),
            (buckets(2, &[1, 2]), buckets(0, &[3, 0, 5]), (0, vec![3, 5, 1, 2])),
            (buckets(0, &[0, 2]), buckets(3, &[7, 0, 1]), (0, vec![2, 0, 7, 0, 1])),
            (buckets(0, &[0, 2]), buckets(3, &[]), (0, vec![0, 2])),
            (buckets(i32::MIN, &[1]), buckets(i32::MAX, &[1]), (i32::MIN, vec![1])),
        ] {
            let mut merged = into;
            assert!(merge_buckets(&mut merged, &from, &mut Room::default()).is_ok());
            assert_eq!((merged.offset, merged.counts), want);
        }
        assert!(merge_buckets(&mut buckets(0, &[1]), &buckets(i32::MAX, &[1]), &mut Room::default()).is_err());
        // What is filled counts for all points of a metric, and so does what is moved.
        let mut room = Room { filled: 1000, moved: 10 };
        assert!(merge_buckets(&mut buckets(0, &[1]), &buckets(1000, &[1]), &mut room).is_ok());
        assert!(merge_buckets(&mut buckets(0, &[1]), &buckets(1000, &[1]), &mut room).is_err());
        assert!(merge_buckets(&mut buckets(5, &[1; 6]), &buckets(0, &[1]), &mut room).is_ok());
        assert!(merge_buckets(&mut buckets(5, &[1; 6]), &buckets(0, &[1]), &mut room).is_err());
    }
}
