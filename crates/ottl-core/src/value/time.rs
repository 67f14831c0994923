//! Points in time, with the zone they print in.

use super::Zone;

/// Seconds from the first of January of the year 1 to 1970.
const YEAR_ONE: i64 = 62_135_596_800;

/// An instant: seconds since 1970-01-01T00:00:00Z and nanoseconds, as the reference's time type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// Whole seconds since the epoch, negative before it.
    pub secs: i64,
    /// Nanoseconds of the second, 0 to 999 999 999.
    pub nanos: u32,
    /// The zone it prints in.
    pub zone: Zone,
}

impl Time {
    /// From nanoseconds since the epoch, in UTC.
    pub fn from_unix_nanos(nanos: i64) -> Time {
        Time { secs: nanos.div_euclid(1_000_000_000), nanos: nanos.rem_euclid(1_000_000_000) as u32, zone: Zone::Utc }
    }

    /// Nanoseconds since the epoch; outside the years 1678 to 2262 it wraps, as in the reference.
    pub fn unix_nanos(&self) -> i64 {
        self.secs.wrapping_mul(1_000_000_000).wrapping_add(i64::from(self.nanos))
    }

    /// The instant `nanos` later, in the same zone, at most the first or last one that there is.
    ///
    /// COMPAT: the first one is a second after the least number of seconds since the year 1, as in Go.
    #[must_use]
    pub fn plus(self, nanos: i64) -> Time {
        let sum = i64::from(self.nanos) + nanos.rem_euclid(1_000_000_000);
        let secs = nanos.div_euclid(1_000_000_000) + sum.div_euclid(1_000_000_000);
        let ordinal = match self.ordinal().checked_add(secs) {
            Some(ordinal) => ordinal,
            None if secs > 0 => i64::MAX,
            None => -i64::MAX,
        };
        Time { secs: ordinal.wrapping_sub(YEAR_ONE), nanos: sum.rem_euclid(1_000_000_000) as u32, zone: self.zone }
    }

    /// Nanoseconds from `other` to `self`, clamped to what a duration holds.
    pub fn since(&self, other: &Time) -> i64 {
        let exact = (i128::from(self.ordinal()) - i128::from(other.ordinal())) * 1_000_000_000 + i128::from(self.nanos)
            - i128::from(other.nanos);
        exact.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// Nanoseconds since the last multiple of a duration, counted from the first of January of the year 1; 0 for a duration
    /// that is not positive.
    pub fn past_multiple(&self, nanos: i64) -> i64 {
        let since_year_one = i128::from(self.ordinal()) * 1_000_000_000 + i128::from(self.nanos);
        if nanos > 0 { since_year_one.rem_euclid(i128::from(nanos)) as i64 } else { 0 }
    }

    /// What times are ordered by. COMPAT: Go counts from the year 1, so the last 62 billion seconds wrap around and come
    /// before everything.
    fn ordinal(&self) -> i64 {
        self.secs.wrapping_add(YEAR_ONE)
    }
}

impl PartialEq for Time {
    fn eq(&self, other: &Time) -> bool {
        (self.secs, self.nanos) == (other.secs, other.nanos)
    }
}

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Time) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Time) -> std::cmp::Ordering {
        (self.ordinal(), self.nanos).cmp(&(other.ordinal(), other.nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_carries_and_clamps() {
        let t = Time::from_unix_nanos(-1);
        assert_eq!((t.secs, t.nanos), (-1, 999_999_999));
        assert_eq!(t.plus(2).unix_nanos(), 1);
        let at = |secs| Time { secs, ..t };
        assert_eq!(at(i64::MAX - YEAR_ONE).plus(3_600_000_000_000).secs, i64::MAX - YEAR_ONE);
        assert_eq!(at(i64::MIN).plus(-1_000_000_000).secs, i64::MAX);
        assert_eq!(at(i64::MAX - YEAR_ONE + 1).plus(-5_000_000_000).secs, i64::MAX - YEAR_ONE + 2);
        // Multiples of seven nanoseconds since the year 1, not since 1970.
        assert_eq!((at(-1).past_multiple(7), at(-1).past_multiple(0)), (2, 0));
        assert_eq!(at(i64::MAX - 62_135_596_800).since(&at(i64::MIN)), i64::MAX);
        assert_eq!(at(i64::MIN).since(&at(0)), i64::MIN);
        // The end of time comes before its beginning.
        assert_eq!(at(i64::MAX).since(&at(i64::MIN)), -1_000_000_000);
        assert!(at(i64::MAX) < at(i64::MIN) && at(i64::MIN) < t);
    }
}
