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
        (b'b', _) => {
            let (significand, power) = parts(value);
            let sign = if value.is_sign_negative() { "-" } else { "" };
            out.extend_from_slice(format!("{sign}{significand}p{power:+}").as_bytes());
        }
        (b'x' | b'X', _) => hexadecimal(out, value, verb == b'X', precision),
        (b'e' | b'E', Some(precision)) => exponent(out, &scientific(value, precision), verb),
        (b'e' | b'E', None) => Digits::of(value).push_exponent(out, 2),
        (b'f', Some(precision)) => fixed(out, value, precision),
        (b'f', None) => Digits::of(value).push_plain(out),
        (_, precision) => general(out, value, verb, precision),
    }
}

/// Digits behind the point after which every finite double has ended: the smallest one is 2^-1074.
const DECIMALS: usize = 1074;

/// Significant digits after which every finite double has ended.
const SIGNIFICANT: usize = 767;

/// Appends the number with this many digits behind the point. Std's formatting panics on a precision beyond 16 bits;
/// what lies behind the last digit are zeros.
fn fixed(out: &mut Vec<u8>, value: f64, precision: usize) {
    let exact = precision.min(DECIMALS);
    out.extend_from_slice(format!("{value:.exact$}").as_bytes());
    out.resize(out.len() + (precision - exact), b'0');
}

/// Std's `1.50e-7` with this many digits behind the point, of which as many are exact as there are.
fn scientific(value: f64, precision: usize) -> String {
    let exact = precision.min(SIGNIFICANT);
    let mut text = format!("{value:.exact$e}");
    if precision > exact {
        let end = text.find('e').unwrap_or(text.len());
        let power = text.split_off(end);
        text.extend(std::iter::repeat_n('0', precision - exact));
        text.push_str(&power);
    }
    text
}

/// Bits of a double behind its leading one.
const FRACTION: u32 = 52;

/// The integer and the power of two whose product a finite value is, without its sign.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION) - 1);
    match (bits >> FRACTION) as i32 & 0x7ff {
        0 => (fraction, -1074),
        exponent => (fraction | 1 << FRACTION, exponent - 1075),
    }
}

/// `0x1.8p+01`: one binary digit, hexadecimal ones behind the point, and a decimal power of two. A precision is the
/// number of digits behind the point; what it cuts off rounds to the nearest, ties to even.
fn hexadecimal(out: &mut Vec<u8>, value: f64, upper: bool, precision: Option<usize>) {
    const DIGITS: usize = FRACTION as usize / 4;
    let (mut significand, mut power) = parts(value);
    if significand == 0 {
        power = 0;
    } else {
        // Small values have no leading one; here all get it.
        let missing = significand.leading_zeros() - (u64::BITS - 1 - FRACTION);
        significand <<= missing;
        power += (FRACTION - missing) as i32;
    }
    if let Some(cut) = precision.and_then(|precision| DIGITS.checked_sub(precision)).filter(|&cut| cut > 0) {
        let unit = 1 << (4 * cut);
        let rest = significand % unit;
        significand -= rest;
        let odd = significand & unit != 0;
        if rest > unit / 2 || rest == unit / 2 && odd {
            significand += unit;
        }
    }
    if significand >> FRACTION > 1 {
        significand >>= 1;
        power += 1;
    }
    let mut digits = format!("{:0DIGITS$x}", significand & ((1 << FRACTION) - 1));
    match precision {
        Some(precision) => {
            digits.truncate(precision);
            digits.extend(std::iter::repeat_n('0', precision - digits.len()));
        }
        None => digits.truncate(digits.trim_end_matches('0').len()),
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let point = if digits.is_empty() { "" } else { "." };
    let direction = if power < 0 { '-' } else { '+' };
    let start = out.len();
    let first = significand >> FRACTION;
    out.extend_from_slice(format!("{sign}0x{first}{point}{digits}p{direction}{:02}", power.unsigned_abs()).as_bytes());
    if upper {
        out[start..].make_ascii_uppercase();
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
    let rounded = scientific(value, (precision - 1).min(SIGNIFICANT));
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
        fixed(out, text, decimals);
    }
}
