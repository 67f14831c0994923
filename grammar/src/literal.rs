//! The values of literals, written apart from those of the shipped parser on purpose.

/// The contents of a string token whose escapes the grammar has checked; none if an escape names no character.
pub(crate) fn string(token: &str) -> Option<String> {
    let mut chars = token.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => number(0, &mut chars, 2, 16)?,
            'u' => number(0, &mut chars, 4, 16)?,
            'U' => number(0, &mut chars, 8, 16)?,
            digit if digit.is_digit(8) => number(digit.to_digit(8)?, &mut chars, 2, 8)?,
            other => other,
        });
    }
    Some(out)
}

fn number(first: u32, chars: &mut impl Iterator<Item = char>, count: usize, radix: u32) -> Option<char> {
    let mut value = first;
    for _ in 0..count {
        value = value.checked_mul(radix)?.checked_add(chars.next()?.to_digit(radix)?)?;
    }
    char::from_u32(value)
}

/// The value of an integer token; none if it does not fit.
pub(crate) fn int(token: &str) -> Option<i64> {
    match token.strip_prefix('0') {
        Some("") => Some(0),
        Some(octal) => i64::from_str_radix(octal, 8).ok(),
        None => token.parse().ok(),
    }
}

/// The value of a float token; none if it is infinite.
pub(crate) fn float(token: &str) -> Option<f64> {
    token.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The value of a bytes token.
pub(crate) fn bytes(token: &str) -> Option<Vec<u8>> {
    let digits = token.strip_prefix("0x")?;
    (0..digits.len() / 2).map(|i| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}
