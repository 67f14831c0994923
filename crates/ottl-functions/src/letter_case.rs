//! Letter case as the reference changes it: one character for one, and words by ASCII rules.
//!
//! Source of the one-to-one mapping: the simple case mappings of the Unicode character database 15.0, which the
//! reference's tables hold. Std's mappings are full (one character may become several) and of a later version.

use ottl_core::{Arena, EvalError};

use crate::space::trim_space;

/// A case to convert to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetterCase {
    /// Every character in lower case.
    Lower,
    /// Every character in upper case.
    Upper,
    /// `snake_case`.
    Snake,
    /// `CamelCase`.
    Camel,
}

impl LetterCase {
    /// The case of this name.
    pub(crate) fn from_name(name: &[u8]) -> Option<LetterCase> {
        match name {
            b"lower" => Some(LetterCase::Lower),
            b"upper" => Some(LetterCase::Upper),
            b"snake" => Some(LetterCase::Snake),
            b"camel" => Some(LetterCase::Camel),
            _ => None,
        }
    }

    /// The text in this case; the same bytes when nothing changes.
    pub(crate) fn apply<'a>(self, text: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        match self {
            LetterCase::Lower => map(text, arena, |b| b.to_ascii_lowercase(), lower),
            LetterCase::Upper => map(text, arena, |b| b.to_ascii_uppercase(), upper),
            LetterCase::Snake => snake(text, arena),
            LetterCase::Camel => camel(text, arena),
        }
    }
}

fn map<'a>(
    text: &'a [u8],
    arena: &'a Arena,
    ascii: fn(u8) -> u8,
    wide: fn(char) -> char,
) -> Result<&'a [u8], EvalError> {
    if text.is_ascii() {
        if text.iter().all(|&b| ascii(b) == b) {
            return Ok(text);
        }
        let out = arena.copy(text)?;
        for byte in &mut *out {
            *byte = ascii(*byte);
        }
        return Ok(out);
    }
    let mut out = arena.vec_for(text.len())?;
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            out.extend_from_slice(wide(c).encode_utf8(&mut [0; 4]).as_bytes())?;
        }
        // COMPAT: the reference reads each byte that is not valid UTF-8 as U+FFFD and writes that.
        for _ in chunk.invalid() {
            out.extend_from_slice("\u{fffd}".as_bytes())?;
        }
    }
    Ok(out.into_slice())
}

fn lower(c: char) -> char {
    match c {
        'İ' => 'i',
        _ if is_newer_than_the_reference(c) => c,
        _ => single(c.to_lowercase()).unwrap_or(c),
    }
}

fn upper(c: char) -> char {
    let shifted = match c {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => 8,
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => 9,
        _ if is_newer_than_the_reference(c) => return c,
        _ => return single(c.to_uppercase()).unwrap_or(c),
    };
    // Greek letters with a small iota below: one title-case letter stands for both parts.
    char::from_u32(u32::from(c) + shifted).unwrap_or(c)
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next();
    if mapped.next().is_none() { first } else { None }
}

/// Characters whose case mapping came after Unicode 15.0.
fn is_newer_than_the_reference(c: char) -> bool {
    matches!(c,
        '\u{19b}' | '\u{264}' | '\u{1c89}'..='\u{1c8a}' | '\u{a7cb}'..='\u{a7cf}' | '\u{a7d2}'..='\u{a7d5}'
        | '\u{a7da}'..='\u{a7dc}' | '\u{10d50}'..='\u{10d85}' | '\u{16ea0}'..='\u{16ed3}')
}

/// Words joined by `_`: a border lies between lower and upper case and between letters and digits; a run of capitals
/// is one word, but its last letter belongs to the lower-case letters behind it.
fn snake<'a>(text: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let text = trim_space(text);
    let mut out = arena.vec_for(text.len() + 2)?;
    for (i, &byte) in text.iter().enumerate() {
        let lowered = byte.to_ascii_lowercase();
        let Some(&next) = text.get(i + 1) else {
            out.push(separator_or(lowered))?;
            continue;
        };
        let (capital, small, digit) = (byte.is_ascii_uppercase(), byte.is_ascii_lowercase(), byte.is_ascii_digit());
        let border = capital && (next.is_ascii_lowercase() || next.is_ascii_digit())
            || small && (next.is_ascii_uppercase() || next.is_ascii_digit())
            || digit && next.is_ascii_alphabetic();
        if !border {
            out.push(separator_or(lowered))?;
            continue;
        }
        let after_capital = i > 0 && text[i - 1].is_ascii_uppercase();
        if capital && next.is_ascii_lowercase() && after_capital {
            out.push(b'_')?;
        }
        out.push(lowered)?;
        if small || digit || next.is_ascii_digit() {
            out.push(b'_')?;
        }
    }
    Ok(out.into_slice())
}

fn separator_or(byte: u8) -> u8 {
    if matches!(byte, b' ' | b'_' | b'-' | b'.') { b'_' } else { byte }
}

/// Words without separators, each with a capital; only ASCII letters and digits stay.
fn camel<'a>(text: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let text = trim_space(text);
    let mut out = arena.vec_for(text.len())?;
    let (mut starts_word, mut after_capital) = (true, false);
    for &byte in text {
        let capital = byte.is_ascii_uppercase();
        let written = if starts_word {
            byte.to_ascii_uppercase()
        } else if after_capital && capital {
            byte.to_ascii_lowercase()
        } else {
            byte
        };
        after_capital = capital;
        if byte.is_ascii_alphanumeric() {
            out.push(written)?;
            starts_word = byte.is_ascii_digit();
        } else {
            starts_word = matches!(byte, b'_' | b' ' | b'-' | b'.');
        }
    }
    Ok(out.into_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let arena = Arena::new();
        for (case, text, want) in [
            (LetterCase::Upper, "straße ŉ ᾳ ǰ", "STRAßE ŉ ᾼ ǰ"),
            (LetterCase::Upper, "abc1", "ABC1"),
            (LetterCase::Lower, "İΣ ẞ", "iσ ß"),
            (LetterCase::Upper, "ſ ǆ \u{19b}", "S Ǆ \u{19b}"),
            (LetterCase::Snake, "SomeHTTPValue2Foo", "some_http_value_2_foo"),
            (LetterCase::Snake, " a-b.c d ", "a_b_c_d"),
            (LetterCase::Snake, "JSONData", "json_data"),
            (LetterCase::Camel, "some_http.value", "SomeHttpValue"),
            (LetterCase::Camel, "ID", "Id"),
            (LetterCase::Camel, "someHTTPThing x2y", "SomeHttpthingX2Y"),
            (LetterCase::Camel, "é-a", "A"),
        ] {
            let got = case.apply(text.as_bytes(), &arena).expect("no limit");
            assert_eq!(String::from_utf8_lossy(got), want, "{case:?} {text}");
        }
        assert_eq!(LetterCase::Upper.apply(b"a\xe2\x82", &arena).expect("no limit"), "A\u{fffd}\u{fffd}".as_bytes());
    }
}
