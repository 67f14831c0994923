//! Floats as Go's `strconv.FormatFloat` writes them under a verb and a precision.

use ottl_core::number::Digits;

/// Appends a finite or other float without plus sign; `precision` `None` is the shortest form.
pub(super) fn push(out: &mut Vec<u8>, value: f64, verb: u8, precision: Option<usize>) {
    if value.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    if value.is_infinite() {
        return out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    match (verb, precision) {
        (b'e' | b'E', Some(precision)) => exponent(out, &format!("{value:.precision$e}"), verb),
        (b'e' | b'E', None) => Digits::of(value).push_exponent(out, 2),
        (b'f', Some(precision)) => out.extend_from_slice(format!("{value:.precision$}").as_bytes()),
        (b'f', None) => Digits::of(value).push_plain(out),
        (_, precision) => general(out, value, verb, precision),
    }
}

/// Std's `1.5e-7` with a sign and two digits of exponent.
fn exponent(out: &mut Vec<u8>, text: &str, verb: u8) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    out.extend_from_slice(format!("{mantissa}{}{sign}{digits:0>2}", char::from(verb)).as_bytes());
}

/// `%g`: the exponent form outside 1e-4 to the precision (six for the shortest form).
fn general(out: &mut Vec<u8>, value: f64, verb: u8, precision: Option<usize>) {
    let Some(precision) = precision else {
        let digits = Digits::of(value);
        if (-4..6).contains(&(digits.point() - 1)) {
            digits.push_plain(out);
        } else {
            let start = out.len();
            digits.push_exponent(out, 2);
            if verb == b'G' {
                out[start..].make_ascii_uppercase();
            }
        }
        return;
    };
    let precision = precision.max(1);
    let rounded = format!("{:.*e}", precision - 1, value);
    let (mantissa, power) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let power = power.parse::<i64>().unwrap_or(0);
    let trimmed = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let digits = trimmed.bytes().filter(u8::is_ascii_digit).count();
    let mut limit = precision as i64;
    if limit > digits as i64 && digits as i64 > power {
        limit = digits as i64;
    }
    if value != 0.0 && (power < -4 || power >= limit) {
        exponent(out, &format!("{trimmed}e{power}"), if verb == b'G' { b'E' } else { b'e' });
    } else {
        let decimals = (digits as i64 - power - 1).max(0) as usize;
        let text: f64 = rounded.parse().unwrap_or(value);
        out.extend_from_slice(format!("{text:.decimals$}").as_bytes());
    }
}
