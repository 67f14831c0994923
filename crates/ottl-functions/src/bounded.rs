//! What buckets of exponential histograms become under bounds of a rule.
//!
//! COMPAT: the rules are those of the reference before v0.162.0, with what looks like mistakes: there are as many buckets as
//! bounds, a bucket between two bounds counts for the lower one, and negative buckets count for nothing.

use ottl_core::EvalError;
use ottl_core::edit::ExponentialPoint;

use crate::elementary::{exp, ln2_scaled};

/// How a bucket is spread that does not lie between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distribution {
    /// It goes to the bound above its upper end.
    Upper,
    /// It goes to the bound below its middle.
    Midpoint,
    /// Over all bounds that it touches, evenly.
    Uniform,
    /// Over all bounds that it touches, by chance.
    Random,
}

impl Distribution {
    /// The one of this name.
    ///
    /// # Errors
    /// A text that lists the names.
    pub(crate) fn by_name(name: &[u8]) -> Result<Distribution, String> {
        Ok(match name {
            b"upper" => Distribution::Upper,
            b"midpoint" => Distribution::Midpoint,
            b"uniform" => Distribution::Uniform,
            b"random" | b"" => Distribution::Random,
            _ => return Err("the distribution must be upper, midpoint, uniform or random".to_owned()),
        })
    }
}

/// Random numbers for one call (splitmix64: Steele, Lea, Flood, 2014).
pub(crate) struct Chance(u64);

impl Chance {
    /// Begins with these bytes.
    pub(crate) fn new(bytes: [u8; 16]) -> Chance {
        Chance(
            bytes.chunks(8).fold(0, |seed, half| half.iter().fold(seed, |seed, b| seed.rotate_left(8) ^ u64::from(*b))),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// From 0 to 1, without 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

/// How many values are handed out one by one, at most; the others are handed out evenly.
const ONE_BY_ONE: u64 = 4096;

/// The buckets of a point under these bounds, of which there is one at least.
///
/// # Errors
/// A bucket whose bounds are no numbers, which the reference does not survive.
pub(crate) fn counts(
    point: &ExponentialPoint<'_>,
    bounds: &[f64],
    distribution: Distribution,
    chance: &mut Chance,
) -> Result<Vec<u64>, EvalError> {
    let factor = ln2_scaled(-i64::from(point.scale));
    let mut counts = vec![0; bounds.len()];
    let last = bounds.len() - 1;
    let add = |counts: &mut [u64], idx: usize, count: u64| counts[idx] = counts[idx].wrapping_add(count);
    if bounds[0] == 0.0 {
        add(&mut counts, 0, point.zero_count);
    }
    let indexes = (0..).map(|at: u32| point.positive.offset.wrapping_add(at as i32));
    for (count, index) in point.positive.counts.iter().copied().zip(indexes).filter(|(count, _)| *count > 0) {
        let upper = exp(f64::from(index.wrapping_add(1)) * factor);
        let lower = exp(f64::from(index) * factor);
        if lower > bounds[last] {
            add(&mut counts, last, count);
        } else if let Some(idx) = bounds.windows(2).position(|pair| lower > pair[0] && upper <= pair[1]) {
            add(&mut counts, idx, count);
        } else {
            let from = |value: f64| bounds.iter().position(|bound| value <= *bound);
            match distribution {
                Distribution::Upper => add(&mut counts, from(upper).unwrap_or(last), count),
                Distribution::Midpoint => {
                    let above = from((upper + lower) / 2.0);
                    add(&mut counts, above.map_or(last, |idx| idx.saturating_sub(1)), count);
                }
                Distribution::Uniform => {
                    let first = from(lower).ok_or(EvalError::function("a bucket's bounds are no numbers"))?;
                    let to = bounds[first..].iter().position(|bound| upper <= *bound).map_or(last, |idx| first + idx);
                    evenly(&mut counts[first..=to], count);
                }
                Distribution::Random => {
                    let from = |value: f64| bounds.iter().position(|bound| !is_below(*bound, value));
                    let first = from(lower).unwrap_or(last);
                    let to = bounds[first..]
                        .iter()
                        .position(|bound| !is_below(*bound, upper))
                        .map_or(last, |idx| first + idx);
                    by_chance(&mut counts, bounds, first..=to, (lower, upper), count, chance);
                }
            }
        }
    }
    Ok(counts)
}

/// Whether a bound lies below; none does where one of them is no number.
fn is_below(bound: f64, value: f64) -> bool {
    bound < value
}

/// The same for each, and of what is left one for each of the first.
fn evenly(counts: &mut [u64], count: u64) {
    let each = count / counts.len() as u64;
    let rest = count % counts.len() as u64;
    for (idx, to) in (0..).zip(counts) {
        *to = to.wrapping_add(each + u64::from(idx < rest));
    }
}

/// Up to what falls into each by its width, by chance, and of what is left each one somewhere.
fn by_chance(
    counts: &mut [u64],
    bounds: &[f64],
    touched: std::ops::RangeInclusive<usize>,
    (lower, upper): (f64, f64),
    count: u64,
    chance: &mut Chance,
) {
    let (first, buckets) = (*touched.start(), touched.end() - touched.start() + 1);
    let mut left = count;
    if buckets > 1 {
        for idx in touched {
            let from = if idx == 0 { lower } else { bounds[idx - 1].max(lower) };
            let share = (bounds[idx].min(upper) - from) / (upper - lower);
            let part = ((count as f64 * share).trunc() * chance.part()) as u64;
            counts[idx] = counts[idx].wrapping_add(part.min(left));
            left -= part.min(left);
        }
    }
    let singles = left.min(ONE_BY_ONE);
    evenly(&mut counts[first..first + buckets], left - singles);
    for _ in 0..singles {
        let idx = first + chance.below(buckets);
        counts[idx] = counts[idx].wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottl_core::edit::Buckets;

    fn point(scale: i32, offset: i32, counts: &[u64]) -> ExponentialPoint<'static> {
        let positive = Buckets { offset, counts: counts.to_vec(), rest: Vec::new() };
        ExponentialPoint { scale, positive, ..ExponentialPoint::default() }
    }

    #[test]
    fn chance_keeps_the_total() {
        for (scale, offset, list, bounds) in [
            (0, 0, &[10, 20, 30][..], &[1.0, 1.5, 2.0, 5.0, 7.0][..]),
            (-1, 0, &[u64::MAX / 2, 7], &[2.0, 3.0, 10.0]),
            (0, -3, &[5, 5, 5, 5, 5, 5], &[5.0, 1.0, 3.0]),
            (i32::MIN, -1, &[3, 4, 5], &[1.0, 2.0]),
        ] {
            let mut chance = Chance::new([7; 16]);
            let made = counts(&point(scale, offset, list), bounds, Distribution::Random, &mut chance);
            let total = made.map(|made| made.iter().sum::<u64>());
            assert_eq!(total, Ok(list.iter().sum()), "scale {scale}");
        }
    }

    #[test]
    fn bounds_that_are_no_numbers_are_an_error() {
        let made = counts(&point(i32::MIN, 0, &[1]), &[1.0, 2.0], Distribution::Uniform, &mut Chance::new([0; 16]));
        assert!(made.is_err());
    }
}
