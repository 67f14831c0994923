//! What the scalars of YAML are: nothing, truth values, numbers, times, texts.
//!
//! They are resolved as Go's yaml.v3 resolves them into untyped values, because that decides what the reference takes for a
//! text, a number or nothing.

use granit_parser::{ScalarStyle, Tag};

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int,
    Float,
    Time,
    Str,
}

/// What a scalar is, by its tag, its style and its text.
pub(super) fn kind(value: &str, style: ScalarStyle, tag: Option<&Tag>) -> Kind {
    let core = tag.filter(|tag| tag.handle() == "tag:yaml.org,2002:").map(Tag::suffix);
    match core {
        Some("str" | "binary") => Kind::Str,
        Some("null") => Kind::Null,
        Some("bool" | "int" | "float" | "timestamp") => resolve(value),
        Some(_) => Kind::Str,
        None if tag.is_some() || style != ScalarStyle::Plain => Kind::Str,
        None => resolve(value),
    }
}

/// What Go's yaml.v3 takes an untagged plain scalar for.
fn resolve(value: &str) -> Kind {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf"
        | "-.INF" => {
            return Kind::Float;
        }
        _ => {}
    }
    match value.as_bytes()[0] {
        b'.' if is_float(value) => Kind::Float,
        b'+' | b'-' | b'0'..=b'9' => {
            let plain: String = value.chars().filter(|c| *c != '_').collect();
            if is_time(value) {
                Kind::Time
            } else if is_int(&plain) {
                Kind::Int
            } else if is_float(&plain) {
                Kind::Float
            } else {
                Kind::Str
            }
        }
        _ => Kind::Str,
    }
}

/// Decimal, `0x`, `0o`, `0b`, or octal with a leading zero. Beyond 64 bits a number is a float.
fn is_int(text: &str) -> bool {
    integer(text).is_some()
}

/// The integer that a text without underscores is: a magnitude of 64 bits, and whether it is negative.
fn integer(text: &str) -> Option<(u64, bool)> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let bound = if negative { 1 << 63 } else { u64::MAX };
    let magnitude = if digits.starts_with(['+', '-']) { None } else { u64::from_str_radix(digits, radix).ok() };
    magnitude.filter(|number| *number <= bound).map(|number| (number, negative))
}

/// The number that a scalar of kind [`Kind::Int`] is. Beyond 63 bits it goes round, as in the reference.
pub(crate) fn int_value(text: &str) -> i64 {
    let (magnitude, negative) = integer(&text.replace('_', "")).unwrap_or_default();
    if negative { (magnitude as i64).wrapping_neg() } else { magnitude as i64 }
}

/// The number that a scalar of kind [`Kind::Float`] is.
pub(crate) fn float_value(text: &str) -> f64 {
    let lower = text.replace('_', "").to_ascii_lowercase();
    match lower.as_str() {
        ".nan" => f64::NAN,
        ".inf" | "+.inf" => f64::INFINITY,
        "-.inf" => f64::NEG_INFINITY,
        digits => digits.parse().unwrap_or_default(),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    number && exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)))
}

/// A date, or a date with a time of day behind `T`, `t` or a blank.
fn is_time(text: &str) -> bool {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((&text[at..at + 1], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let within = |text: &str, most: u32| digits(text, 1, 2) && text.parse().is_ok_and(|n: u32| n <= most);
    if !digits(year, 4, 4) || !within(month, 12) || !within(day, 31) || month.parse() == Ok(0) || day.parse() == Ok(0) {
        return false;
    }
    let Some((separator, time)) = time else { return true };
    let clock_end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(clock_end);
    if (separator == " ") != zone.is_empty() {
        return false;
    }
    let zone_fits = zone.is_empty()
        || zone == "Z"
        || zone[1..].split_once(':').is_some_and(|(h, m)| digits(h, 2, 2) && digits(m, 2, 2));
    let mut parts = clock.splitn(3, ':');
    let (Some(hour), Some(minute), Some(second)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    zone_fits && within(hour, 23) && within(minute, 59) && within(second, 59) && digits(fraction, 1, 9)
}

#[cfg(test)]
mod tests {
    use super::{Kind, resolve};

    #[test]
    fn plain_scalars_are_what_yaml_v3_takes_them_for() {
        for (text, want) in [
            ("", Kind::Null),
            ("~", Kind::Null),
            ("yes", Kind::Str),
            ("off", Kind::Str),
            ("TRUE", Kind::Bool(true)),
            ("tRUE", Kind::Str),
            ("0777", Kind::Int),
            ("0o17", Kind::Int),
            ("0888", Kind::Float),
            ("1_000", Kind::Int),
            ("0x1F", Kind::Int),
            ("-0b1", Kind::Int),
            ("18446744073709551615", Kind::Int),
            ("18446744073709551616", Kind::Float),
            ("-9223372036854775809", Kind::Float),
            ("1e3", Kind::Float),
            (".5", Kind::Float),
            ("1.", Kind::Float),
            ("1e", Kind::Str),
            ("+", Kind::Str),
            (".inf", Kind::Float),
            ("2026-11-23", Kind::Time),
            ("2026-1-2", Kind::Time),
            ("2026-13-2", Kind::Str),
            ("2026-11-23T05:47:59Z", Kind::Time),
            ("2026-11-23T05:47:59+01:00", Kind::Time),
            ("2026-11-23T05:47:59", Kind::Str),
            ("2026-11-23 05:47:59.5", Kind::Time),
            ("12:30", Kind::Str),
            ("set(log.body, 1)", Kind::Str),
        ] {
            assert_eq!(resolve(text), want, "{text:?}");
        }
    }
}
