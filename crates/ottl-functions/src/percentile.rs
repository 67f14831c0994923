//! Percentiles of the points of histograms, as the reference finds them.
//!
//! COMPAT: counts are added up as they stand, so that a point whose counts overflow or contradict each other gives what the
//! reference makes of it: an error, or NaN.

use ottl_core::EvalError;
use ottl_core::edit::{Buckets, ExponentialSpread, HistogramSpread};

use crate::elementary::{exp, exp2, ln2_scaled, log2, scaled};

fn too_few() -> EvalError {
    EvalError::function("the buckets of the histogram hold fewer values than its count")
}

/// A percentile of a histogram's point, in proportion between the bounds of its bucket; none without values or buckets.
///
/// # Errors
/// Bounds and buckets that do not fit together, and counts that contradict each other.
pub(crate) fn of_histogram(point: &HistogramSpread, percentile: f64) -> Result<Option<f64>, EvalError> {
    let (counts, bounds) = (&point.counts, &point.bounds);
    if point.count == 0 || counts.is_empty() {
        return Ok(None);
    }
    let target = target(point.count, percentile);
    if counts.len() != bounds.len() + 1 {
        return Err(EvalError::function("the bounds and the buckets of the histogram do not fit together"));
    }
    let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else {
        let (Some(min), Some(max)) = (point.min, point.max) else { return Ok(None) };
        return proportion(target as f64 / counts[0] as f64).map(|ratio| Some(between(min, max, ratio)));
    };
    let bucket = bucket_of(counts.iter().copied(), 0, target).map_err(|_| too_few())?;
    let lower = match bucket.idx.checked_sub(1) {
        Some(before) => bounds[before],
        None => match point.min {
            Some(min) if min < *first => min,
            _ if 0.0 > *first => return Ok(Some(*first)),
            _ => 0.0,
        },
    };
    let upper = match bounds.get(bucket.idx) {
        Some(bound) => *bound,
        None => match point.max {
            Some(max) if max <= *last => return Ok(Some(*last)),
            Some(max) => max,
            None => return Ok(Some(*last)),
        },
    };
    Ok(Some(between(lower, upper, proportion(bucket.ratio)?)))
}

/// A percentile of an exponential histogram's point, in proportion of logarithms; none without values or buckets.
///
/// # Errors
/// Counts that contradict each other, and buckets beyond what a float can bound.
pub(crate) fn of_exponential(point: &ExponentialSpread<'_>, percentile: f64) -> Result<Option<f64>, EvalError> {
    let (negative, positive) = (&point.negative, &point.positive);
    if point.count == 0 || negative.counts.is_empty() && positive.counts.is_empty() && point.zero_count == 0 {
        return Ok(None);
    }
    let target = target(point.count, percentile);
    let below_zero = match bucket_of(negative.counts.iter().rev().copied(), 0, target) {
        Ok(found) => {
            let (low, high) = bounds_of(negative, negative.counts.len() - 1 - found.idx, point.scale);
            if low >= high {
                return Err(EvalError::function("a bucket of the exponential histogram has no width"));
            }
            return between_powers(low, high, 1.0 - found.ratio).map(|value| Some(-value));
        }
        Err(all) => all,
    };
    let with_zero = below_zero.wrapping_add(point.zero_count);
    if with_zero >= target {
        let (has_negative, has_positive) = (!negative.counts.is_empty(), !positive.counts.is_empty());
        let lower = if has_positive && !has_negative { 0.0 } else { -point.zero_threshold };
        let upper = if has_negative && !has_positive { 0.0 } else { point.zero_threshold };
        let ratio = target.wrapping_sub(below_zero) as f64 / point.zero_count as f64;
        return proportion(ratio).map(|ratio| Some(between(lower, upper, ratio)));
    }
    let found = bucket_of(positive.counts.iter().copied(), with_zero, target).map_err(|_| too_few())?;
    let (low, high) = bounds_of(positive, found.idx, point.scale);
    between_powers(low, high, found.ratio).map(Some)
}

/// Which value, counted from the smallest, is the percentile.
fn target(count: u64, percentile: f64) -> u64 {
    (count as f64 * (percentile / 100.0)).ceil() as u64
}

/// Where the target lies.
struct Found {
    /// In which bucket.
    idx: usize,
    /// How far in it.
    ratio: f64,
}

/// The first bucket up to which there are as many values as `target`, behind so many that were counted before.
///
/// # Errors
/// How many there are in all, if those are fewer.
fn bucket_of(counts: impl Iterator<Item = u64>, before: u64, target: u64) -> Result<Found, u64> {
    let mut sum = before;
    for (idx, count) in counts.enumerate() {
        let below = sum;
        sum = sum.wrapping_add(count);
        if sum >= target {
            return Ok(Found { idx, ratio: target.wrapping_sub(below) as f64 / count as f64 });
        }
    }
    Err(sum)
}

/// The bounds of a bucket: powers of the base that the scale gives.
fn bounds_of(buckets: &Buckets<'_>, idx: usize, scale: i32) -> (f64, f64) {
    let index = i64::from(buckets.offset) + idx as i64;
    (power(index, scale), power(index + 1, scale))
}

fn power(index: i64, scale: i32) -> f64 {
    if scale > 0 {
        return exp(index as f64 * ln2_scaled(-i64::from(scale)));
    }
    // COMPAT: what is shifted out is lost.
    scaled(1.0, index.checked_shl(scale.unsigned_abs()).unwrap_or(0))
}

/// A part of a bucket, if it is one. NaN, of no values at all, passes.
fn proportion(ratio: f64) -> Result<f64, EvalError> {
    if !(0.0..=1.0).contains(&ratio) && !ratio.is_nan() {
        return Err(EvalError::function("the counts of the histogram contradict each other"));
    }
    Ok(ratio)
}

fn between(lower: f64, upper: f64, ratio: f64) -> f64 {
    lower + ratio * (upper - lower)
}

fn between_powers(lower: f64, upper: f64, ratio: f64) -> Result<f64, EvalError> {
    let ratio = proportion(ratio)?;
    if lower <= 0.0 || upper <= 0.0 {
        return Err(EvalError::function("a bucket of the exponential histogram is too close to zero"));
    }
    let (lower, upper) = (log2(lower), log2(upper));
    Ok(exp2(lower + (upper - lower) * ratio))
}
