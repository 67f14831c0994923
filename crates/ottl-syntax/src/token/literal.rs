//! The values of literals.
//!
//! Escapes are those of Go, with the reference's twist that `\xff` and `\377` name a code point and not a byte.

use ottl_diagnostics::Span;

/// An escape that the language does not know: where, and what is wrong with it.
pub(crate) struct BadEscape {
    /// The escape from its backslash on.
    pub span: Span,
    /// What is wrong, as the end of a sentence that begins with the escape.
    pub reason: &'static str,
}

/// The contents of a string literal; `raw` includes the quotes.
///
/// Unknown escapes are passed to `report` with offsets relative to `raw`, and stand in the result as written.
pub(crate) fn unescape(raw: &str, report: &mut impl FnMut(BadEscape)) -> String {
    let body = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
    let mut out = String::with_capacity(body.len());
    let mut at = 0;
    while let Some(found) = next_backslash(body, at) {
        out.push_str(&body[at..found]);
        let (length, result) = escape(&body[found..]);
        at = found + length;
        match result {
            Ok(c) => out.push(c),
            Err(reason) => {
                report(BadEscape { span: Span::new(found as u32 + 1, at as u32 + 1), reason });
                out.push_str(&body[found..at]);
            }
        }
    }
    out.push_str(&body[at..]);
    out
}

/// Whether some escape in a string literal stands for a character that is neither a backslash nor a quote.
pub(crate) fn has_control(raw: &str) -> bool {
    let mut at = 0;
    while let Some(found) = next_backslash(raw, at) {
        let (length, result) = escape(&raw[found..]);
        if result.is_ok_and(|c| !matches!(c, '\\' | '"')) {
            return true;
        }
        at = found + length;
    }
    false
}

/// The offset of the next backslash from `at` on.
fn next_backslash(body: &str, at: usize) -> Option<usize> {
    body.as_bytes()[at..].iter().position(|b| *b == b'\\').map(|i| at + i)
}

/// The escape that `text` begins with: its length in bytes, and the character or what is wrong.
fn escape(text: &str) -> (usize, Result<char, &'static str>) {
    let Some(letter) = text[1..].chars().next() else {
        return (1, Err("escapes nothing"));
    };
    let plain = |c: char| (2, Ok(c));
    match letter {
        'a' => plain('\u{7}'),
        'b' => plain('\u{8}'),
        'f' => plain('\u{c}'),
        'n' => plain('\n'),
        'r' => plain('\r'),
        't' => plain('\t'),
        'v' => plain('\u{b}'),
        '\\' => plain('\\'),
        '"' => plain('"'),
        'x' => coded(text, 2, 2, 16, "needs two hexadecimal digits"),
        'u' => coded(text, 2, 4, 16, "needs four hexadecimal digits that name a character"),
        'U' => coded(text, 2, 8, 16, "needs eight hexadecimal digits that name a character"),
        '0'..='7' => {
            let (length, result) = coded(text, 1, 3, 8, "needs three octal digits up to `\\377`");
            (length, result.and_then(|c| if c as u32 > 0xff { Err("is above `\\377`") } else { Ok(c) }))
        }
        '\n' => (2, Err("stands directly before a line break")),
        other => (1 + other.len_utf8(), Err("is not an escape")),
    }
}

/// A character by its number: exactly `count` digits of `radix` after `skip` bytes.
fn coded(
    text: &str,
    skip: usize,
    count: usize,
    radix: u32,
    reason: &'static str,
) -> (usize, Result<char, &'static str>) {
    let digits = text[skip..].bytes().take(count).take_while(|b| (*b as char).is_digit(radix)).count();
    let value = u32::from_str_radix(&text[skip..skip + digits], radix).ok().and_then(char::from_u32);
    (skip + digits, value.filter(|_| digits == count).ok_or(reason))
}

/// The contents of a string token, quotes included; unknown escapes stay as written (the lexer reported them).
pub(crate) fn decode_string(raw: &str) -> String {
    if raw.contains('\\') {
        return unescape(raw, &mut |_| {});
    }
    // A string that is never closed has no closing quote to take off.
    let quote = raw.chars().next().unwrap_or('"');
    let body = raw.get(1..).unwrap_or("");
    body.strip_suffix(quote).unwrap_or(body).to_owned()
}

/// The value of an integer token; a leading zero makes it octal. The error says what is wrong.
pub(crate) fn decode_int(raw: &str) -> Result<i64, &'static str> {
    let octal = raw.len() > 1 && raw.starts_with('0');
    if octal && raw.bytes().any(|b| b > b'7') {
        return Err("a leading zero makes it octal, and 8 and 9 are not octal digits");
    }
    i64::from_str_radix(raw, if octal { 8 } else { 10 }).map_err(|_| "the largest integer is 9223372036854775807")
}

/// The value of a float token. The error says what is wrong.
pub(crate) fn decode_float(raw: &str) -> Result<f64, &'static str> {
    match raw.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("the largest float is about 1.8e308"),
    }
}

/// The value of a bytes token; none if the number of digits is odd.
pub(crate) fn decode_bytes(raw: &str) -> Option<Vec<u8>> {
    let digits = raw.get(2..)?.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    digits.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::{decode_bytes, decode_float, decode_int, decode_string, unescape};

    #[test]
    fn escapes_are_those_of_go() {
        for (raw, expected) in [
            (r#""a\tb""#, "a\tb"),
            (r#""\a\b\f\n\r\t\v\\\"""#, "\u{7}\u{8}\u{c}\n\r\t\u{b}\\\""),
            (r#""\xff\377\x41""#, "\u{ff}\u{ff}A"),
            (r#""\u00e9\U0001F600""#, "\u{e9}\u{1f600}"),
            (r#""plain""#, "plain"),
            (r#""""#, ""),
        ] {
            let mut faults = 0;
            assert_eq!(unescape(raw, &mut |_| faults += 1), expected, "{raw}");
            assert_eq!(faults, 0, "{raw}");
            assert_eq!(decode_string(raw), expected, "{raw}");
        }
    }

    #[test]
    fn bad_escapes_are_found_where_they_stand() {
        for (raw, start, end) in [
            (r#""a\d""#, 2, 4),
            (r#""\'""#, 1, 3),
            (r#""\0""#, 1, 3),
            (r#""\400""#, 1, 5),
            (r#""\x4""#, 1, 4),
            (r#""\ud800""#, 1, 7),
            (r#""\U00110000""#, 1, 11),
            ("\"\\\u{e9}\"", 1, 4),
        ] {
            let mut found = Vec::new();
            unescape(raw, &mut |bad| found.push((bad.span.start, bad.span.end)));
            assert_eq!(found, [(start, end)], "{raw}");
        }
    }

    #[test]
    fn numbers_follow_go() {
        for (raw, expected) in [("0", Some(0)), ("010", Some(8)), ("08", None), ("00", Some(0))] {
            assert_eq!(decode_int(raw).ok(), expected, "{raw}");
        }
        assert_eq!(decode_int("9223372036854775807"), Ok(i64::MAX));
        assert!(decode_int("9223372036854775808").is_err());
        for (raw, expected) in [(".5", Some(0.5)), ("5.", Some(5.0)), ("1.e3", Some(1000.0)), ("1.0e400", None)] {
            assert_eq!(decode_float(raw).ok(), expected, "{raw}");
        }
        assert_eq!(decode_bytes("0x0aFF"), Some(vec![10, 255]));
        assert_eq!(decode_bytes("0xabc"), None);
    }
}
