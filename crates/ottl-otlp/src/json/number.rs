//! Numbers as OTLP/JSON text.
//!
//! Floats follow the reference's encoder: shortest digits, plain decimals where 1e-6 <= |x| < 1e21, else an exponent
//! with a sign and at least two digits; NaN and the infinities as strings.

use std::io::Write as _;

/// The decimal digits of 0 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// Appends a decimal integer.
#[inline]
pub(super) fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    // 20 digits are enough for 2^64.
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    // PERF: two digits at a time; times have nineteen.
    while value >= 10 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if value > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + value as u8;
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a signed decimal integer.
#[inline]
pub(super) fn put_i64(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    put_u64(out, value.unsigned_abs());
}

/// Appends a float as the reference's OTLP/JSON encoder writes it; NaN and the infinities are quoted.
pub fn put_f64(out: &mut Vec<u8>, value: f64) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let magnitude = value.abs();
    if value.is_nan() {
        out.extend_from_slice(b"\"NaN\"");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
    } else if magnitude < EXACT && magnitude.trunc() == magnitude {
        // PERF: counts and sizes are whole numbers; their digits need no shortest-digits search.
        if value.is_sign_negative() {
            out.push(b'-');
        }
        put_u64(out, magnitude as u64);
    } else if (1e-6..1e21).contains(&magnitude) {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{value}");
    } else {
        let start = out.len();
        let _ = write!(out, "{value:e}");
        fix_exponent(out, start);
    }
}

/// Appends a number so that it is told apart from an int: `5.0`.
pub fn put_float(out: &mut Vec<u8>, value: f64) {
    let start = out.len();
    put_f64(out, value);
    if out[start..].iter().all(|byte| byte.is_ascii_digit() || *byte == b'-') {
        out.extend_from_slice(b".0");
    }
}

/// Turns `e7` into `e+07` and `e-7` into `e-07`.
fn fix_exponent(out: &mut Vec<u8>, start: usize) {
    let Some(e) = memchr::memchr(b'e', &out[start..]) else {
        return;
    };
    let mut at = start + e + 1;
    if out.get(at) == Some(&b'-') {
        at += 1;
    } else {
        out.insert(at, b'+');
        at += 1;
    }
    if out.len() - at < 2 {
        out.insert(at, b'0');
    }
}

/// Reads a decimal integer as Go's `strconv.ParseInt` (`signed`) or `ParseUint` does in base ten: an optional sign
/// (signed only), digits, nothing else. The result is the sign and the magnitude; `None` is malformed, `Err` does not fit
/// 64 bits.
pub(super) fn parse_integer(text: &[u8], signed: bool) -> Option<Result<(bool, u64), ()>> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) if signed => (true, rest),
        Some((b'+', rest)) if signed => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    // PERF: nineteen digits fit 64 bits, and need no check each.
    if digits.len() <= 19 {
        let mut value = 0u64;
        for &byte in digits {
            if !byte.is_ascii_digit() {
                return None;
            }
            value = value * 10 + u64::from(byte - b'0');
        }
        return Some(Ok((negative, value)));
    }
    let mut value = Some(0u64);
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.and_then(|value| value.checked_mul(10)?.checked_add(u64::from(byte - b'0')));
    }
    Some(value.map(|value| (negative, value)).ok_or(()))
}

/// Reads a float as Go's `strconv.ParseFloat` reads decimal text, `NaN` and infinities in any case
/// and underscores between digits included. `None` is malformed (hexadecimal floats too, which OTLP
/// writers do not use), `Err` is beyond the range of a double.
pub(super) fn parse_float(text: &[u8]) -> Option<Result<f64, ()>> {
    if text.contains(&b'_') {
        let separates = |window: &[u8]| window[1] != b'_' || (window[0].is_ascii_digit() && window[2].is_ascii_digit());
        let inside = text.first() != Some(&b'_') && text.last() != Some(&b'_');
        if !inside || !text.windows(3).all(separates) {
            return None;
        }
        let digits: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'_').collect();
        return parse_float(&digits);
    }
    let text = std::str::from_utf8(text).ok()?;
    let value: f64 = text.parse().ok()?;
    let word = text.trim_start_matches(['+', '-']);
    let named = word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    match value {
        // Go takes no sign before NaN.
        _ if value.is_nan() && word.len() != text.len() => None,
        // Go's NaN has this bit set, and rules can look at the bytes of a float.
        _ if value.is_nan() => Some(Ok(f64::from_bits(0x7ff8_0000_0000_0001))),
        _ if value.is_infinite() && !named => Some(Err(())),
        _ => Some(Ok(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_the_reference_writes_them() {
        let rows: [(f64, &str); 16] = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-15.25, "-15.25"),
            (0.1, "0.1"),
            (1e-6, "0.000001"),
            (9.99e-7, "9.99e-07"),
            (1e-7, "1e-07"),
            (5e-324, "5e-324"),
            (1e20, "100000000000000000000"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "\"NaN\""),
            (f64::INFINITY, "\"Infinity\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ];
        for (value, expected) in rows {
            let mut out = Vec::new();
            put_f64(&mut out, value);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    #[test]
    fn integers_are_written_with_all_their_digits_and_read_back() {
        let mut power = 1u64;
        loop {
            for value in [power - 1, power, power + 1, power / 2, u64::MAX - power, u64::MAX / power] {
                let mut out = Vec::new();
                put_u64(&mut out, value);
                assert_eq!(String::from_utf8_lossy(&out), value.to_string());
                assert_eq!(parse_integer(&out, false), Some(Ok((false, value))));
            }
            let Some(next) = power.checked_mul(10) else { break };
            power = next;
        }
    }

    #[test]
    fn integers_are_read_as_go_reads_them() {
        type Row = (&'static str, bool, Option<Result<(bool, u64), ()>>);
        let rows: [Row; 13] = [
            ("9999999999999999999", false, Some(Ok((false, 9_999_999_999_999_999_999)))),
            ("00018446744073709551615", false, Some(Ok((false, u64::MAX)))),
            ("18446744073709551x15", false, None),
            ("0", true, Some(Ok((false, 0)))),
            ("-9223372036854775808", true, Some(Ok((true, 1 << 63)))),
            ("+7", true, Some(Ok((false, 7)))),
            ("+7", false, None),
            ("-7", false, None),
            ("007", false, Some(Ok((false, 7)))),
            ("18446744073709551615", false, Some(Ok((false, u64::MAX)))),
            ("18446744073709551616", false, Some(Err(()))),
            ("", true, None),
            ("1.0", true, None),
        ];
        for (text, signed, expected) in rows {
            assert_eq!(parse_integer(text.as_bytes(), signed), expected, "{text}");
        }
    }

    #[test]
    fn floats_are_read_as_go_reads_them() {
        let rows: [(&str, Option<Result<f64, ()>>); 14] = [
            ("1_0.2_5", Some(Ok(10.25))),
            ("1__0", None),
            ("_1", None),
            ("1.5", Some(Ok(1.5))),
            ("+.5", Some(Ok(0.5))),
            ("5.", Some(Ok(5.0))),
            ("1e3", Some(Ok(1000.0))),
            ("-infinity", Some(Ok(f64::NEG_INFINITY))),
            ("+Inf", Some(Ok(f64::INFINITY))),
            ("-NaN", None),
            ("1e400", Some(Err(()))),
            ("", None),
            (" 1", None),
            ("0x1p-2", None),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_float(text.as_bytes()), expected, "{text}");
        }
        let nan = parse_float(b"nan").map(|read| read.map(f64::to_bits));
        assert_eq!(nan, Some(Ok(0x7ff8_0000_0000_0001)));
    }
}
