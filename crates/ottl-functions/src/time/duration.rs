//! Duration text: Go's `time.ParseDuration` and `Duration.String`.

use super::parse::quote;

/// Nanoseconds of a unit.
fn unit_nanos(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// The magnitude that only a negative duration reaches.
const LIMIT: u64 = 1 << 63;

/// Reads a duration in nanoseconds: an optional sign and numbers with units, `1h2m3.5s`, or `0`.
///
/// # Errors
/// The reference's message for any other text, and for what does not fit into 64 bits.
pub fn parse_duration(text: &[u8]) -> Result<i64, String> {
    let invalid = |what: &str| format!("time: {what} {}", quote(text));
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid("invalid duration"));
    }
    let mut total = 0u64;
    while !rest.is_empty() {
        let (value, after) = part(rest, text)?;
        rest = after;
        total = total.checked_add(value).filter(|&sum| sum <= LIMIT).ok_or_else(|| invalid("invalid duration"))?;
    }
    match (negative, total) {
        (true, _) => Ok((total as i64).wrapping_neg()),
        (false, LIMIT) => Err(invalid("invalid duration")),
        (false, _) => Ok(total as i64),
    }
}

/// One number with its unit, in nanoseconds, and the text behind it.
fn part<'t>(text: &'t [u8], whole: &[u8]) -> Result<(u64, &'t [u8]), String> {
    let invalid = || format!("time: invalid duration {}", quote(whole));
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let before = digits(text);
    let mut value = text[..before].iter().try_fold(0u64, |value, &digit| {
        (value <= LIMIT / 10).then(|| value * 10 + u64::from(digit - b'0')).filter(|&value| value <= LIMIT)
    });
    let mut rest = &text[before..];
    let (mut fraction, mut scale, mut after) = (0u64, 1f64, 0);
    if let [b'.', behind @ ..] = rest {
        after = digits(behind);
        for &digit in &behind[..after] {
            // Digits beyond 63 bits do not change a nanosecond.
            if fraction > (LIMIT - 1) / 10 {
                break;
            }
            fraction = fraction * 10 + u64::from(digit - b'0');
            scale *= 10.0;
        }
        rest = &behind[after..];
    }
    if before + after == 0 || value.is_none() {
        return Err(invalid());
    }
    let len = rest.iter().position(|&byte| byte == b'.' || byte.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(len);
    if unit.is_empty() {
        return Err(format!("time: missing unit in duration {}", quote(whole)));
    }
    let Some(nanos) = unit_nanos(unit) else {
        return Err(format!("time: unknown unit {} in duration {}", quote(unit), quote(whole)));
    };
    value = value.and_then(|value| value.checked_mul(nanos));
    if fraction > 0 {
        let extra = (fraction as f64 * (nanos as f64 / scale)) as u64;
        value = value.and_then(|value| value.checked_add(extra));
    }
    match value {
        Some(value) if value <= LIMIT => Ok((value, rest)),
        _ => Err(invalid()),
    }
}

/// Appends a duration in nanoseconds as Go prints it: `1m30s`, `1.5ms`, `0s`.
pub fn push_duration(out: &mut Vec<u8>, nanos: i64) {
    let size = nanos.unsigned_abs();
    if nanos < 0 {
        out.push(b'-');
    }
    let (unit, name) = match size {
        0 => (1, "s"),
        1..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "\u{b5}s"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let (mut whole, fraction) = (size / unit, size % unit);
    if unit == 1_000_000_000 {
        let (hours, minutes) = (whole / 3600, whole / 60 % 60);
        if hours > 0 {
            out.extend_from_slice(format!("{hours}h").as_bytes());
        }
        if hours > 0 || minutes > 0 {
            out.extend_from_slice(format!("{minutes}m").as_bytes());
        }
        whole %= 60;
    }
    out.extend_from_slice(whole.to_string().as_bytes());
    if fraction > 0 {
        let width = unit.ilog10() as usize;
        let digits = format!("{fraction:0width$}");
        out.push(b'.');
        out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
    }
    out.extend_from_slice(name.as_bytes());
}
