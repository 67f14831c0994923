//! Writing a time by a layout: Go's `Time.Format`.

use ottl_core::value::Time;

use super::civil::{Civil, civil};
use super::layout::{Field, Layout, OffsetStyle};
use super::parse::{MONTHS, WEEKDAYS};

impl Layout {
    /// Appends the time, as its zone shows it.
    pub fn print(&self, time: &Time, out: &mut Vec<u8>) {
        let at = civil(time);
        for chunk in &self.chunks {
            out.extend_from_slice(chunk.prefix.as_bytes());
            field(chunk.field, time, &at, out);
        }
        out.extend_from_slice(self.suffix.as_bytes());
    }
}

/// Appends a number, padded with zeros to `width`.
#[inline]
fn number(out: &mut Vec<u8>, value: impl Into<i64>, width: usize) {
    match value.into() {
        value @ 0..100 if width == 2 => out.extend_from_slice(&[b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]),
        value => any_number(out, value, width),
    }
}

fn any_number(out: &mut Vec<u8>, value: i64, width: usize) {
    if value < 0 {
        out.push(b'-');
    }
    let size = value.saturating_abs();
    let digits = size.checked_ilog10().map_or(1, |last| last as usize + 1);
    out.resize(out.len() + width.saturating_sub(digits), b'0');
    ottl_core::number::push_int(out, size);
}

fn field(field: Field, time: &Time, at: &Civil, out: &mut Vec<u8>) {
    let name = |table: &[&'static str], index: u32| table.get(index as usize).copied().unwrap_or_default();
    let hour12 = (at.hour + 11) % 12 + 1;
    match field {
        Field::LongMonth => out.extend_from_slice(name(&MONTHS, at.month - 1).as_bytes()),
        Field::Month => out.extend_from_slice(&name(&MONTHS, at.month - 1).as_bytes()[..3]),
        Field::LongWeekday => out.extend_from_slice(name(&WEEKDAYS, at.weekday).as_bytes()),
        Field::Weekday => out.extend_from_slice(&name(&WEEKDAYS, at.weekday).as_bytes()[..3]),
        Field::NumMonth => number(out, at.month, 0),
        Field::ZeroMonth => number(out, at.month, 2),
        Field::Day => number(out, at.day, 0),
        Field::UnderDay => {
            out.extend_from_slice(if at.day < 10 { b" " } else { b"" });
            number(out, at.day, 0);
        }
        Field::ZeroDay => number(out, at.day, 2),
        Field::UnderYearDay => {
            let blanks = usize::from(at.yearday < 100) + usize::from(at.yearday < 10);
            out.resize(out.len() + blanks, b' ');
            number(out, at.yearday, 0);
        }
        Field::ZeroYearDay => number(out, at.yearday, 3),
        Field::Hour => number(out, at.hour, 2),
        Field::Hour12 => number(out, hour12, 0),
        Field::ZeroHour12 => number(out, hour12, 2),
        Field::Minute => number(out, at.minute, 0),
        Field::ZeroMinute => number(out, at.minute, 2),
        Field::Second => number(out, at.second, 0),
        Field::ZeroSecond => number(out, at.second, 2),
        Field::LongYear => number(out, at.year, 4),
        Field::Year => number(out, at.year.abs() % 100, 2),
        Field::UpperPm => out.extend_from_slice(if at.hour >= 12 { b"PM" } else { b"AM" }),
        Field::LowerPm => out.extend_from_slice(if at.hour >= 12 { b"pm" } else { b"am" }),
        Field::ZoneName => {
            let (_, abbreviation) = time.zone.at(time.secs);
            if abbreviation.is_empty() {
                offset(out, at.offset, OffsetStyle { zulu: false, colon: false, minutes: true, seconds: false });
            } else {
                out.extend_from_slice(abbreviation.as_bytes());
            }
        }
        Field::Offset(style) => offset(out, at.offset, style),
        Field::Fraction { digits, comma, trim } => fraction(out, time.nanos, digits, comma, trim),
    }
}

fn offset(out: &mut Vec<u8>, offset: i32, style: OffsetStyle) {
    if style.zulu && offset == 0 {
        out.push(b'Z');
        return;
    }
    // The sign is that of the whole minutes, as in the reference.
    out.push(if offset / 60 < 0 { b'-' } else { b'+' });
    let size = i64::from(offset.unsigned_abs());
    number(out, size / 3600, 2);
    if style.colon {
        out.push(b':');
    }
    if style.minutes {
        number(out, size / 60 % 60, 2);
    }
    if style.seconds {
        if style.colon {
            out.push(b':');
        }
        number(out, size % 60, 2);
    }
}

fn fraction(out: &mut Vec<u8>, nanos: u32, digits: usize, comma: bool, trim: bool) {
    let (mut text, mut rest) = ([b'0'; 9], nanos);
    for digit in text.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    let mut shown = &text[..digits.min(9)];
    while let [before @ .., b'0'] = shown
        && trim
    {
        shown = before;
    }
    if trim && shown.is_empty() {
        return;
    }
    out.push(if comma { b',' } else { b'.' });
    out.extend_from_slice(shown);
    if !trim {
        out.resize(out.len() + digits.saturating_sub(9), b'0');
    }
}
