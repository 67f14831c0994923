//! Numbers to text and back, as the reference's `strconv` and its JSON encoders do it.
//!
//! Every float is written with the fewest digits that read back as the same value; the flavours
//! differ in when and how they write an exponent. Integers and floats are read from byte
//! strings, strictly: no blanks, nothing left over. What a coercion or a function does with the
//! text is elsewhere (`ops`).

use std::fmt::{self, Write as _};

/// Decimal exponent from which Go's general form writes an exponent.
const GENERAL_EXPONENT: i32 = 6;

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// The text has another form.
    Syntax,
    /// The value does not fit.
    Range,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::Syntax => "invalid syntax",
            NumberError::Range => "value out of range",
        })
    }
}

impl std::error::Error for NumberError {}

/// The shortest decimal digits of a finite float: `0.d1d2d3... * 10^point`.
#[derive(Debug, Clone, Copy)]
pub struct Digits {
    negative: bool,
    digits: [u8; 20],
    len: usize,
    point: i32,
}

impl Digits {
    /// The digits of `value`, which must be finite. Zero has the single digit 0 and point 1.
    pub fn of(value: f64) -> Digits {
        let mut digits = Digits { negative: value.is_sign_negative(), digits: [b'0'; 20], len: 1, point: 1 };
        if value == 0.0 {
            return digits;
        }
        // Std's exponent form has the shortest digits: `d.ddde-xx`.
        let mut text = Piece::new();
        let written = write!(text, "{:e}", value.abs());
        let (mantissa, exponent) = text.as_str().split_once('e').unwrap_or((text.as_str(), "0"));
        let shortest = mantissa.bytes().filter(u8::is_ascii_digit);
        digits.len = digits.digits.iter_mut().zip(shortest).map(|(to, from)| *to = from).count();
        digits.point = exponent.parse::<i32>().unwrap_or(0) + 1;
        debug_assert!(written.is_ok() && digits.len > 0, "a float has at most 17 digits");
        digits.round_tie_to_even(value.abs());
        digits
    }

    /// Of two shortest texts at the same distance std takes the upper one, the reference the one
    /// whose last digit is even. Ties are rare: the value must be exactly halfway.
    fn round_tie_to_even(&mut self, value: f64) {
        let Some(last) = self.as_bytes().last().copied().filter(|last| last % 2 == 1) else { return };
        // The value as `odd * 2^exponent`.
        let bits = value.to_bits();
        let (fraction, biased) = (bits & ((1 << 52) - 1), (bits >> 52) as i32);
        let (whole, base) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
        let shift = whole.trailing_zeros();
        let (odd, exponent) = (u128::from(whole >> shift), base + shift as i32);
        // Halfway between neighbours in the last place means `2 * value = (2 * digits ± 1) *
        // 10^place`; the powers of two on both sides must agree before the odd parts can.
        let place = self.point - self.len as i32;
        if exponent + 1 != place {
            return;
        }
        let number = self.as_bytes().iter().fold(0u128, |n, &digit| n * 10 + u128::from(digit - b'0'));
        let Some(power) = 5u128.checked_pow(place.unsigned_abs()) else { return };
        let (left, scale) = if place < 0 { (odd.checked_mul(power), 1) } else { (Some(odd), power) };
        let neighbour = if left.is_some() && left == (number * 2 - 1).checked_mul(scale) {
            last - 1
        } else if left.is_some() && left == (number * 2 + 1).checked_mul(scale) && last < b'9' {
            last + 1
        } else {
            return;
        };
        let mut other = *self;
        other.negative = false;
        other.digits[self.len - 1] = neighbour;
        let mut text = Vec::new();
        other.push_exponent(&mut text, 1);
        if parse_float(&text) == Ok(value) {
            self.digits[self.len - 1] = neighbour;
        }
    }

    /// Whether the value is negative, also for -0.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The decimal digits, without leading or trailing zeros except for zero itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    /// Where the decimal point stands, counted in digits from the left; may lie outside.
    pub fn point(&self) -> i32 {
        self.point
    }

    /// Appends the plain form: `123.5`, `0.001`.
    pub fn push_plain(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        let digits = self.as_bytes();
        let whole = usize::try_from(self.point).unwrap_or(0);
        if whole == 0 {
            out.push(b'0');
        } else {
            out.extend_from_slice(&digits[..whole.min(self.len)]);
            out.resize(out.len() + whole.saturating_sub(self.len), b'0');
        }
        if whole < self.len {
            out.push(b'.');
            out.resize(out.len() + self.point.min(0).unsigned_abs() as usize, b'0');
            out.extend_from_slice(&digits[whole..]);
        }
    }

    /// Appends the exponent form with at least `exponent_digits` digits of exponent: `1.5e-07`.
    pub fn push_exponent(&self, out: &mut Vec<u8>, exponent_digits: usize) {
        if self.negative {
            out.push(b'-');
        }
        let digits = self.as_bytes();
        out.push(digits[0]);
        if digits.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        let exponent = self.point - 1;
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        let mut text = Piece::new();
        let written = write!(text, "{:0exponent_digits$}", exponent.unsigned_abs());
        debug_assert!(written.is_ok(), "an exponent has at most three digits");
        out.extend_from_slice(text.as_str().as_bytes());
    }
}

/// A short text on the stack.
struct Piece {
    bytes: [u8; 32],
    len: usize,
}

impl Piece {
    fn new() -> Piece {
        Piece { bytes: [0; 32], len: 0 }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Write for Piece {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Appends a whole number that floats hold exactly; they are the most common floats.
fn push_whole(out: &mut Vec<u8>, value: f64) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = value.trunc() == value && value.abs() < EXACT && (value != 0.0 || value.is_sign_positive());
    if whole {
        push_int(out, value as i64);
    }
    whole
}

/// Appends the word for a value that is not finite.
fn push_word(out: &mut Vec<u8>, value: f64, infinity: &[u8], minus_infinity: &[u8]) -> bool {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { infinity } else { minus_infinity });
    }
    !value.is_finite()
}

fn push_es6(out: &mut Vec<u8>, value: f64, exponent_digits: usize) {
    if push_word(out, value, b"Infinity", b"-Infinity") || push_whole(out, value) {
        return;
    }
    let digits = Digits::of(value);
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        digits.push_plain(out);
    } else {
        digits.push_exponent(out, exponent_digits);
    }
}

/// Appends a float as ECMAScript and `encoding/json` write it: plain for 1e-6 <= |x| < 1e21,
/// else with an unpadded exponent (`1e+21`, `1e-7`). `-0` stays `-0`; what is not finite becomes
/// `NaN`, `Infinity` or `-Infinity`.
pub fn push_float_es6(out: &mut Vec<u8>, value: f64) {
    push_es6(out, value, 1);
}

/// Appends a float as goccy/go-json writes it: like [`push_float_es6`] but with at least two
/// digits of exponent (`1e-07`). JSON has no words for what is not finite: callers refuse such
/// values before.
pub fn push_float_json(out: &mut Vec<u8>, value: f64) {
    push_es6(out, value, 2);
}

/// Appends a float as Go's `%v` does, with an exponent of at least two digits below 1e-4 and from
/// 1e6 on; what is not finite becomes `NaN`, `+Inf` or `-Inf`.
pub fn push_float_g(out: &mut Vec<u8>, value: f64) {
    if push_word(out, value, b"+Inf", b"-Inf") {
        return;
    }
    let digits = Digits::of(value);
    if (-4..GENERAL_EXPONENT).contains(&(digits.point - 1)) {
        digits.push_plain(out);
    } else {
        digits.push_exponent(out, 2);
    }
}

/// Appends an integer in decimal.
#[inline]
pub fn push_int(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(int_text(value, &mut [0; INT_TEXT]));
}

/// How long the text of an integer is at most.
pub const INT_TEXT: usize = 20;

/// An integer in decimal digits, written to the end of a buffer.
pub fn int_text(value: i64, buf: &mut [u8; INT_TEXT]) -> &[u8] {
    let mut at = buf.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        buf[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        buf[at] = b'-';
    }
    &buf[at..]
}

/// Reads an integer as Go's `ParseInt(text, 10, 64)`: an optional sign and decimal digits.
///
/// # Errors
/// [`NumberError::Syntax`] for any other form, [`NumberError::Range`] beyond 64 bits.
pub fn parse_int(text: &[u8]) -> Result<i64, NumberError> {
    let (negative, digits) = signed(text);
    // PERF (functions): so few digits fit in any case.
    if let 1..=18 = digits.len() {
        let size = digits.iter().try_fold(0, |size, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then(|| size * 10 + i64::from(digit))
        });
        let size = size.ok_or(NumberError::Syntax)?;
        return Ok(if negative { -size } else { size });
    }
    if digits.is_empty() { Err(NumberError::Syntax) } else { int_of(negative, digits.iter().copied(), 10) }
}

/// Reads an integer as Go's `ParseInt(text, base, 64)`, for bases 2 to 36: an optional sign, and digits of the base, those
/// above 9 letters in either case. Base 0 is what a prefix says, `0b`, `0o` or `0`, and `0x`; then underscores may stand
/// between digits and behind the prefix.
///
/// # Errors
/// [`NumberError::Syntax`] for any other form or base, [`NumberError::Range`] beyond 64 bits.
pub fn parse_int_in(text: &[u8], base: u32) -> Result<i64, NumberError> {
    let (negative, body) = signed(text);
    let (radix, digits) = match (base, body) {
        (0, [b'0', b'b' | b'B', _, ..]) => (2, &body[2..]),
        (0, [b'0', b'o' | b'O', _, ..]) => (8, &body[2..]),
        (0, [b'0', b'x' | b'X', _, ..]) => (16, &body[2..]),
        (0, [b'0', ..]) => (8, &body[1..]),
        (0, _) => (10, body),
        (2..=36, _) => (base, body),
        _ => return Err(NumberError::Syntax),
    };
    if body.is_empty() {
        return Err(NumberError::Syntax);
    }
    if base == 0 && body.contains(&b'_') {
        if !underscores_separate_digits(body) {
            return Err(NumberError::Syntax);
        }
        return int_of(negative, digits.iter().copied().filter(|&byte| byte != b'_'), radix);
    }
    int_of(negative, digits.iter().copied(), radix)
}

/// Whether a minus stands before a number, and what is behind its sign.
fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn int_of(negative: bool, digits: impl Iterator<Item = u8>, radix: u32) -> Result<i64, NumberError> {
    let mut value = Some(0i64);
    for byte in digits {
        let digit = i64::from(char::from(byte).to_digit(radix).ok_or(NumberError::Syntax)?);
        value = value
            .and_then(|value| value.checked_mul(i64::from(radix)))
            .and_then(|value| value.checked_add(if negative { -digit } else { digit }));
    }
    value.ok_or(NumberError::Range)
}

/// Reads a float as Go's `ParseFloat(text, 64)`: decimal or hexadecimal (`0x1p-2`) with an
/// optional sign; `inf`, `infinity` (with sign) and `nan` (without) in any case; underscores
/// between digits and behind a base prefix.
///
/// # Errors
/// [`NumberError::Syntax`] for any other form, [`NumberError::Range`] if it overflows.
pub fn parse_float(text: &[u8]) -> Result<f64, NumberError> {
    let (negative, body) = signed(text);
    if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
        return Ok(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if text.eq_ignore_ascii_case(b"nan") {
        // Go's NaN has this bit set, and the bytes of a float can be looked at.
        return Ok(f64::from_bits(0x7ff8_0000_0000_0001));
    }
    let cleaned;
    let mut digits = body;
    if body.contains(&b'_') {
        if !underscores_separate_digits(body) {
            return Err(NumberError::Syntax);
        }
        cleaned = body.iter().copied().filter(|&byte| byte != b'_').collect::<Vec<u8>>();
        digits = &cleaned;
    }
    let value = match digits {
        [b'0', b'x' | b'X', hex @ ..] if !hex.is_empty() => parse_hex(hex)?,
        _ => parse_decimal(digits)?,
    };
    if value.is_infinite() {
        return Err(NumberError::Range);
    }
    Ok(if negative { -value } else { value })
}

/// Whether every underscore stands between digits, or between the base prefix and a digit.
fn underscores_separate_digits(body: &[u8]) -> bool {
    let hex = matches!(body, [b'0', b'x' | b'X', ..]);
    let prefixed = matches!(body, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
    let digit = |at: usize| {
        let plain = |byte: &u8| byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit();
        body.get(at).is_some_and(plain) || prefixed && at == 1
    };
    (0..body.len()).filter(|&at| body[at] == b'_').all(|at| at > 0 && digit(at - 1) && digit(at + 1))
}

/// `12`, `1.5`, `.5`, `5.`, each with an optional exponent.
fn parse_decimal(text: &[u8]) -> Result<f64, NumberError> {
    let mantissa_end = text.iter().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at(mantissa_end);
    let digits = mantissa.iter().filter(|byte| byte.is_ascii_digit()).count();
    let points = mantissa.iter().filter(|&&byte| byte == b'.').count();
    if digits == 0 || points > 1 || digits + points != mantissa.len() {
        return Err(NumberError::Syntax);
    }
    exponent_value(exponent)?;
    // The form is checked; std reads it with correct rounding and gives infinity on overflow.
    let text = std::str::from_utf8(text).map_err(|_| NumberError::Syntax)?;
    text.parse().map_err(|_| NumberError::Syntax)
}

/// The value of `e-7` or `p+3`; nothing is 0. Large ones are capped, far outside any float.
fn exponent_value(text: &[u8]) -> Result<i64, NumberError> {
    let digits = match text {
        [] => return Ok(0),
        [_, b'+' | b'-', rest @ ..] | [_, rest @ ..] => rest,
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberError::Syntax);
    }
    let size = digits.iter().fold(0i64, |value, &digit| (value * 10 + i64::from(digit - b'0')).min(1 << 40));
    Ok(if text[1] == b'-' { -size } else { size })
}

/// `1.8p3` behind `0x`: hexadecimal digits with an optional point, and a binary exponent.
fn parse_hex(text: &[u8]) -> Result<f64, NumberError> {
    let mantissa_end = text.iter().position(|byte| matches!(byte, b'p' | b'P')).ok_or(NumberError::Syntax)?;
    let (digits, exponent) = text.split_at(mantissa_end);
    let mut exponent = exponent_value(exponent)?;
    let (mut mantissa, mut any, mut point, mut sticky) = (0u64, false, false, false);
    for &byte in digits {
        if byte == b'.' && !point {
            point = true;
            continue;
        }
        let digit = char::from(byte).to_digit(16).ok_or(NumberError::Syntax)?;
        any = true;
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | u64::from(digit);
            exponent -= i64::from(point) * 4;
        } else {
            // Digits that do not fit only tell whether the rest is above zero.
            sticky |= digit != 0;
            exponent += i64::from(!point) * 4;
        }
    }
    if any { Ok(scale(mantissa, exponent, sticky)) } else { Err(NumberError::Syntax) }
}

/// `mantissa * 2^exponent`, rounded once, to even; infinity when it is too large. `sticky` says
/// that the exact value is a little larger.
fn scale(mantissa: u64, exponent: i64, sticky: bool) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    // The highest bit goes to the top of the word; its weight is 2^top.
    let shift = mantissa.leading_zeros();
    let mantissa = mantissa << shift;
    let top = exponent - i64::from(shift) + 63;
    if top > 1023 {
        return f64::INFINITY;
    }
    // How many bits the float keeps: fewer below the smallest normal exponent.
    let keep = 53 - (-1022 - top).max(0);
    if keep < 0 {
        return 0.0;
    }
    let (kept, rest) = match keep {
        0 => (0, mantissa),
        _ => (mantissa >> (64 - keep), mantissa << keep),
    };
    let half = 1u64 << 63;
    let up = rest > half || rest == half && (sticky || kept & 1 == 1);
    let kept = kept + u64::from(up);
    // Adding the bits to the exponent field carries a rounding overflow into the exponent.
    let biased = if top < -1022 { 0 } else { (top + 1022) as u64 };
    f64::from_bits((biased << 52) + kept)
}
