//! Reading a time by a layout: Go's `time.ParseInLocation`.

use std::fmt;

use ottl_core::value::{Time, Zone};

use super::civil::{days_in, from_civil, is_leap, utc_seconds};
use super::layout::{Field, Layout, OffsetStyle};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Why a text is not a time of the layout, in the reference's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    pub(super) value: Vec<u8>,
    pub(super) layout: String,
    /// The layout's part that does not fit, and the text from there on.
    pub(super) layout_part: String,
    pub(super) value_part: Vec<u8>,
    /// A message instead of the parts: out of range, extra text.
    pub(super) message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parsing time {}", quote(&self.value))?;
        if !self.message.is_empty() {
            return f.write_str(&self.message);
        }
        let (layout, part) = (quote(self.layout.as_bytes()), quote(self.layout_part.as_bytes()));
        write!(f, " as {layout}: cannot parse {} as {part}", quote(&self.value_part))
    }
}

impl std::error::Error for ParseError {}

/// The text in quotes, with control and other than ASCII bytes as `\xHH`.
pub(super) fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

/// What went wrong in one field.
enum Fault {
    /// The text has another form.
    Form,
    /// The number is too large; the name of the field.
    Range(&'static str),
}

/// The fields collected so far.
#[derive(Default)]
struct Parts {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    yearday: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i32>,
    zone_name: Option<String>,
}

/// The zone that a text named.
pub(super) enum Named {
    /// No name, or one that the zone at hand knows: the time is final.
    Resolved,
    /// An abbreviation without known offset.
    Unknown(String),
}

impl Layout {
    /// Reads a time. Without zone or offset in the text it is one of `zone`.
    ///
    /// The second value tells whether the text named a zone that `zone` does not know.
    pub(super) fn parse(&self, value: &[u8], zone: Zone) -> Result<(Time, Named), ParseError> {
        let error = |layout_part: &str, value_part: &[u8], message: String| ParseError {
            value: value.to_vec(),
            layout: self.text.clone(),
            layout_part: layout_part.to_owned(),
            value_part: value_part.to_vec(),
            message,
        };
        let mut rest = value;
        let mut parts = Parts::default();
        for (index, chunk) in self.chunks.iter().enumerate() {
            skip(&mut rest, &chunk.prefix).map_err(|at| error(&chunk.prefix, at, String::new()))?;
            let hold = rest;
            let next = self.chunks.get(index + 1).map(|chunk| (chunk.prefix.as_str(), chunk.field));
            match parts.read(chunk.field, &mut rest, next) {
                Ok(()) => {}
                Err(Fault::Form) => return Err(error(&chunk.text, hold, String::new())),
                Err(Fault::Range(what)) => {
                    return Err(error(&chunk.text, rest, format!(": {what} out of range")));
                }
            }
        }
        skip(&mut rest, &self.suffix).map_err(|at| error(&self.suffix, at, String::new()))?;
        if !rest.is_empty() {
            return Err(error("", rest, format!(": extra text: {}", quote(rest))));
        }
        parts.finish(zone).map_err(|message| error("", rest, message.to_owned()))
    }
}

/// Takes literal layout text off the value; a run of blanks fits any number of blanks.
#[inline]
fn skip<'v>(value: &mut &'v [u8], prefix: &str) -> Result<(), &'v [u8]> {
    // PERF (functions): most fields stand directly behind each other or behind one sign.
    match (prefix.as_bytes(), *value) {
        ([], _) => Ok(()),
        ([sign], [first, rest @ ..]) if sign == first && *sign != b' ' => {
            *value = rest;
            Ok(())
        }
        (prefix, _) => skip_all(value, prefix),
    }
}

fn skip_all<'v>(value: &mut &'v [u8], mut prefix: &[u8]) -> Result<(), &'v [u8]> {
    let blanks = |text: &[u8]| text.iter().take_while(|&&byte| byte == b' ').count();
    while let [first, after @ ..] = prefix {
        if *first == b' ' {
            if value.first().is_some_and(|&byte| byte != b' ') {
                return Err(value);
            }
            prefix = &prefix[blanks(prefix)..];
            *value = &value[blanks(value)..];
            continue;
        }
        if value.first() != Some(first) {
            return Err(value);
        }
        (prefix, *value) = (after, &value[1..]);
    }
    Ok(())
}

fn is_digit(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}

/// One or two digits; exactly two when `fixed`.
fn two_digits(rest: &mut &[u8], fixed: bool) -> Result<u32, Fault> {
    let (len, value) = match **rest {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', ..] => (2, u32::from(a - b'0') * 10 + u32::from(b - b'0')),
        [a @ b'0'..=b'9', ..] if !fixed => (1, u32::from(a - b'0')),
        _ => return Err(Fault::Form),
    };
    *rest = &rest[len..];
    Ok(value)
}

/// Exactly `len` bytes that form a number; like Go's `atoi` with a sign allowed.
fn sized_number(rest: &mut &[u8], len: usize) -> Result<i64, Fault> {
    let text = rest.get(..len).ok_or(Fault::Form)?;
    *rest = &rest[len..];
    ottl_core::number::parse_int(text).map_err(|_| Fault::Form)
}

/// The number of a name in the table; `len` shortens the names. Case is ignored.
fn name(rest: &mut &[u8], table: &[&str], short: bool) -> Result<u32, Fault> {
    for (index, name) in table.iter().enumerate() {
        let name = if short { &name.as_bytes()[..3] } else { name.as_bytes() };
        if rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name)) {
            *rest = &rest[name.len()..];
            return Ok(index as u32);
        }
    }
    Err(Fault::Form)
}

/// A separator and `len - 1` digits as nanoseconds; digits beyond nine are dropped.
fn nanoseconds(text: &[u8]) -> Result<u32, Fault> {
    let digits = match text {
        [b'.' | b',', digits @ ..] => &digits[..digits.len().min(9)],
        _ => return Err(Fault::Form),
    };
    let value = ottl_core::number::parse_int(digits).map_err(|_| Fault::Form)?;
    let value = u32::try_from(value).map_err(|_| Fault::Range("fractional second"))?;
    Ok(value * 10u32.pow(9 - digits.len() as u32))
}

fn in_range(value: u32, end: u32, what: &'static str) -> Result<u32, Fault> {
    if value < end { Ok(value) } else { Err(Fault::Range(what)) }
}

impl Parts {
    fn read(&mut self, field: Field, rest: &mut &[u8], next: Option<(&str, Field)>) -> Result<(), Fault> {
        match field {
            Field::Year => {
                let year = sized_number(rest, 2)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            Field::LongYear => {
                if !is_digit(rest, 0) {
                    return Err(Fault::Form);
                }
                self.year = sized_number(rest, 4)?;
            }
            Field::Month | Field::LongMonth => {
                self.month = Some(name(rest, &MONTHS, field == Field::Month)? + 1);
            }
            Field::NumMonth | Field::ZeroMonth => {
                let month = two_digits(rest, field == Field::ZeroMonth)?;
                if !(1..=12).contains(&month) {
                    return Err(Fault::Range("month"));
                }
                self.month = Some(month);
            }
            Field::Weekday | Field::LongWeekday => {
                name(rest, &WEEKDAYS, field == Field::Weekday)?;
            }
            Field::Day | Field::UnderDay | Field::ZeroDay => {
                if field == Field::UnderDay && rest.first() == Some(&b' ') {
                    *rest = &rest[1..];
                }
                self.day = Some(two_digits(rest, field == Field::ZeroDay)?);
            }
            Field::UnderYearDay | Field::ZeroYearDay => self.read_yearday(rest, field)?,
            Field::Hour => self.hour = in_range(two_digits(rest, false)?, 24, "hour")?,
            Field::Hour12 | Field::ZeroHour12 => {
                self.hour = in_range(two_digits(rest, field == Field::ZeroHour12)?, 13, "hour")?;
            }
            Field::Minute | Field::ZeroMinute => {
                self.minute = in_range(two_digits(rest, field == Field::ZeroMinute)?, 60, "minute")?;
            }
            Field::Second | Field::ZeroSecond => {
                self.second = in_range(two_digits(rest, field == Field::ZeroSecond)?, 60, "second")?;
                self.read_unasked_fraction(rest, next)?;
            }
            Field::UpperPm | Field::LowerPm => {
                let word = rest.get(..2).ok_or(Fault::Form)?;
                let upper = field == Field::UpperPm;
                match word {
                    b"PM" if upper => self.pm = true,
                    b"AM" if upper => self.am = true,
                    b"pm" if !upper => self.pm = true,
                    b"am" if !upper => self.am = true,
                    _ => return Err(Fault::Form),
                }
                *rest = &rest[2..];
            }
            Field::Offset(style) => self.read_offset(rest, style)?,
            Field::ZoneName => {
                if rest.starts_with(b"UTC") {
                    self.utc = true;
                    *rest = &rest[3..];
                    return Ok(());
                }
                let len = abbreviation(rest).ok_or(Fault::Form)?;
                self.zone_name = Some(String::from_utf8_lossy(&rest[..len]).into_owned());
                *rest = &rest[len..];
            }
            Field::Fraction { digits, trim: false, .. } => {
                let text = rest.get(..1 + digits).ok_or(Fault::Form)?;
                *rest = &rest[1 + digits..];
                self.nanos = nanoseconds(text)?;
            }
            Field::Fraction { trim: true, .. } => {
                if matches!(rest.first(), Some(b'.' | b',')) && is_digit(rest, 1) {
                    self.read_fraction(rest)?;
                }
            }
        }
        Ok(())
    }

    fn read_fraction(&mut self, rest: &mut &[u8]) -> Result<(), Fault> {
        let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (text, after) = rest.split_at(1 + digits);
        *rest = after;
        self.nanos = nanoseconds(text)?;
        Ok(())
    }

    /// Seconds may carry a fraction that the layout does not mention.
    fn read_unasked_fraction(&mut self, rest: &mut &[u8], next: Option<(&str, Field)>) -> Result<(), Fault> {
        let asked = matches!(next, Some((_, Field::Fraction { .. })));
        if !asked && matches!(rest.first(), Some(b'.' | b',')) && is_digit(rest, 1) {
            self.read_fraction(rest)?;
        }
        Ok(())
    }

    fn read_yearday(&mut self, rest: &mut &[u8], field: Field) -> Result<(), Fault> {
        if field == Field::UnderYearDay {
            for _ in 0..2 {
                *rest = rest.strip_prefix(b" ").unwrap_or(rest);
            }
        }
        let digits = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || field == Field::ZeroYearDay && digits != 3 {
            return Err(Fault::Form);
        }
        let (text, after) = rest.split_at(digits);
        *rest = after;
        self.yearday = Some(text.iter().fold(0, |value, &digit| value * 10 + u32::from(digit - b'0')));
        Ok(())
    }

    fn read_offset(&mut self, rest: &mut &[u8], style: OffsetStyle) -> Result<(), Fault> {
        if style.zulu && rest.first() == Some(&b'Z') {
            *rest = &rest[1..];
            self.utc = true;
            return Ok(());
        }
        let gap = usize::from(style.colon);
        let minutes = style.minutes.then_some(3 + gap);
        let seconds = style.seconds.then_some(5 + 2 * gap);
        let len = seconds.or(minutes).map_or(3, |start| start + 2);
        let text = rest.get(..len).ok_or(Fault::Form)?;
        if style.colon && (text[3] != b':' || style.seconds && text[6] != b':') {
            return Err(Fault::Form);
        }
        *rest = &rest[len..];
        let pair = |start: usize| two_digits(&mut &text[start..start + 2], true);
        let mut fault = None;
        let mut next = |start: Option<usize>| match start.map(pair) {
            _ if fault.is_some() => 0,
            None => 0,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                fault = Some(error);
                0
            }
        };
        let (hours, minutes, seconds) = (next(Some(1)), next(minutes), next(seconds));
        // Whole units are allowed: some people write offsets of 24 hours.
        in_range(hours, 25, "time zone offset hour")?;
        in_range(minutes, 61, "time zone offset minute")?;
        in_range(seconds, 61, "time zone offset second")?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        let size = (hours * 3600 + minutes * 60 + seconds) as i32;
        self.offset = Some(match text[0] {
            b'+' => size,
            b'-' => -size,
            _ => return Err(Fault::Form),
        });
        Ok(())
    }

    fn finish(mut self, zone: Zone) -> Result<(Time, Named), &'static str> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = self.date()?;
        let of_day = i64::from(self.hour * 3600 + self.minute * 60 + self.second);
        let (month, day) = (i64::from(month), i64::from(day));
        let as_utc = utc_seconds(self.year, month, day, of_day);
        let at = |secs: i64, zone: Zone| Time { secs, nanos: self.nanos, zone };
        if self.utc {
            return Ok((at(as_utc, Zone::Utc), Named::Resolved));
        }
        // An offset of -1 second is the reference's mark for "none".
        if let Some(offset) = self.offset.filter(|&offset| offset != -1) {
            let secs = as_utc - i64::from(offset);
            let (known, abbreviation) = zone.at(secs);
            let fits = self.zone_name.as_ref().is_none_or(|name| *name == abbreviation);
            if known == offset && fits {
                return Ok((at(secs, zone), Named::Resolved));
            }
            // A fixed zone of offset zero has to be looked up by its name; without one it is UTC.
            return Ok(match self.zone_name {
                Some(name) if offset == 0 => (at(secs, Zone::Fixed(0)), Named::Unknown(name)),
                _ if offset == 0 => (at(secs, Zone::Utc), Named::Resolved),
                _ => (at(secs, Zone::Fixed(offset)), Named::Resolved),
            });
        }
        let Some(name) = self.zone_name.clone() else {
            let time = from_civil(self.year, month, day, of_day, self.nanos, zone);
            return Ok((time, Named::Resolved));
        };
        if let Some(offset) = offset_of(zone, &name, as_utc) {
            return Ok((at(as_utc - i64::from(offset), zone), Named::Resolved));
        }
        let hours = name.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok()).unwrap_or(0);
        if hours != 0 {
            // The reference keeps the wall clock as UTC and only labels it with the offset.
            return Ok((at(as_utc, Zone::Fixed(hours * 3600)), Named::Resolved));
        }
        Ok((at(as_utc, Zone::Fixed(0)), Named::Unknown(name)))
    }

    fn date(&self) -> Result<(u32, u32), &'static str> {
        let (mut month, mut day) = (self.month, self.day);
        if let Some(yearday) = self.yearday {
            let leap = is_leap(self.year);
            if yearday < 1 || yearday > 365 + u32::from(leap) {
                return Err(": day-of-year out of range");
            }
            let (mut of_month, mut left) = (1, yearday);
            while left > days_in(of_month, self.year) {
                left -= days_in(of_month, self.year);
                of_month += 1;
            }
            if month.is_some_and(|month| month != of_month) {
                return Err(": day-of-year does not match month");
            }
            if day.is_some_and(|day| day != left) {
                return Err(": day-of-year does not match day");
            }
            (month, day) = (Some(of_month), Some(left));
        }
        let (month, day) = (month.unwrap_or(1), day.unwrap_or(1));
        if day < 1 || day > days_in(month, self.year) {
            return Err(": day out of range");
        }
        Ok((month, day))
    }
}

/// The length of a zone abbreviation at the start of the text.
fn abbreviation(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_hours(rest).unwrap_or(0));
    }
    if matches!(text[0], b'+' | b'-') {
        return signed_hours(text);
    }
    let upper = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match upper {
        5 if text[4] == b'T' => Some(5),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// The length of a sign with digits that denote at most 23.
fn signed_hours(text: &[u8]) -> Option<usize> {
    let digits = match text {
        [b'+' | b'-', rest @ ..] => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => return None,
    };
    let value = text[1..=digits].iter().fold(0u32, |value, &digit| (value * 10 + u32::from(digit - b'0')).min(1000));
    (digits > 0 && value <= 23).then_some(1 + digits)
}

/// The offset that an abbreviation means in a zone: the one in effect at that wall clock time if
/// it goes by this name, else any that ever did since 1900.
fn offset_of(zone: Zone, name: &str, wall: i64) -> Option<i32> {
    const QUARTER: i64 = 86_400 * 91;
    if !matches!(zone, Zone::Named(_)) {
        return None;
    }
    let effective = |sample: i64| {
        let (offset, abbreviation) = zone.at(sample);
        if abbreviation != name {
            return None;
        }
        let (actual, abbreviation) = zone.at(wall - i64::from(offset));
        (abbreviation == name).then_some(actual)
    };
    let near = (-4..=4).find_map(|step| effective(wall + step * QUARTER));
    near.or_else(|| {
        // Quarters from 1900 to 2037 see every name a zone had for longer than that.
        (-280..270).rev().map(|step| zone.at(step * QUARTER)).find(|(_, found)| found == name).map(|(offset, _)| offset)
    })
}
