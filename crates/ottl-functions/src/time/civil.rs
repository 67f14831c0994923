//! Calendar arithmetic: the proleptic Gregorian calendar, without leap seconds.

use ottl_core::value::{Time, Zone};

/// Years beyond this distance from zero are clamped; no text the reference reads can name them.
const MAX_YEAR: i64 = 1 << 32;

/// A point in time as clocks in some zone show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year, 0 for 1 BC.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month, 1 to 31.
    pub day: u32,
    /// Hour, 0 to 23.
    pub hour: u32,
    /// Minute, 0 to 59.
    pub minute: u32,
    /// Second, 0 to 59.
    pub second: u32,
    /// Day of the week, 0 for Sunday.
    pub weekday: u32,
    /// Day of the year, from 1.
    pub yearday: u32,
    /// Offset of the zone in seconds east of Greenwich.
    pub offset: i32,
}

/// Days from 1970-01-01 to the first of the month, which may lie outside 1 to 12.
fn days_to_month(year: i64, month: i64) -> i64 {
    let year = year.clamp(-MAX_YEAR, MAX_YEAR) + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    // Years that begin in March put the leap day last.
    let (year, shifted) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * shifted + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The length of a month from 1 to 12.
pub(super) fn days_in(month: u32, year: i64) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Seconds from the first of January of the year 1 to 1970.
const FIRST_YEAR: i64 = 62_135_596_800;

/// Whether calendars in the time's zone show a year above zero. Only for times near to these.
pub(super) fn is_dated(time: &Time) -> bool {
    time.secs.saturating_add(i64::from(time.zone.offset(time.secs))) >= -FIRST_YEAR
}

/// Seconds from the beginning of Go's calendar, the first of March of the year -292277022400, to 1970.
const CALENDAR: i64 = CALENDAR_DAYS * 86_400;
const CALENDAR_DAYS: i64 = 292_277_022_400 / 400 * 146_097 + 719_468;

/// What clocks and calendars in the time's zone show.
///
/// COMPAT: what lies before the beginning of Go's calendar wraps around to its end.
///
/// PERF (functions): callers that ask for one part pay for no other.
#[inline]
pub fn civil(time: &Time) -> Civil {
    let offset = time.zone.offset(time.secs);
    let local = time.secs.wrapping_add(i64::from(offset)).wrapping_add(CALENDAR) as u64;
    let days = (local / 86_400) as i64 - CALENDAR_DAYS;
    let of_day = (local % 86_400) as u32;
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * march_month + 2) / 5 + 1) as u32;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    // Days of the year before March, and those of the year that began in March up to January.
    let yearday = if month > 2 { of_year + 60 + i64::from(is_leap(year)) } else { of_year - 305 };
    Civil {
        year,
        month: month as u32,
        day,
        hour: of_day / 3600,
        minute: of_day / 60 % 60,
        second: of_day % 60,
        weekday: (days + 4).rem_euclid(7) as u32,
        yearday: yearday as u32,
        offset,
    }
}

/// Seconds since the epoch of a wall clock reading in UTC. Month and day may lie outside their
/// range and carry over, as in Go's `time.Date`.
pub(super) fn utc_seconds(year: i64, month: i64, day: i64, second_of_day: i64) -> i64 {
    (days_to_month(year, month) + day - 1) * 86_400 + second_of_day
}

/// The instant at which clocks in `zone` show this reading; month and day may overflow. In a gap
/// or an overlap the choice is Go's.
pub fn from_civil(year: i64, month: i64, day: i64, second_of_day: i64, nanos: u32, zone: Zone) -> Time {
    let local = utc_seconds(year, month, day, second_of_day);
    let guess = local - i64::from(zone.offset(local));
    let secs = local - i64::from(zone.offset(guess));
    Time { secs, nanos, zone }
}

/// The time with years, months and days added, as Go's `AddDate`: overflowing days carry over.
pub fn add_date(time: &Time, years: i64, months: i64, days: i64) -> Time {
    let now = civil(time);
    let of_day = i64::from(now.hour * 3600 + now.minute * 60 + now.second);
    let month = i64::from(now.month).saturating_add(months.clamp(-MAX_YEAR, MAX_YEAR));
    let day = i64::from(now.day) + days.clamp(-MAX_YEAR, MAX_YEAR);
    from_civil(now.year.saturating_add(years), month, day, of_day, time.nanos, time.zone)
}
