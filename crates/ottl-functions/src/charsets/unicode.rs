//! UTF-8 and UTF-16, with U+FFFD in place of what is damaged.

use ottl_core::EvalError;

use super::{REPLACEMENT, Text};

/// Each longest piece that could have begun a character is one U+FFFD.
pub(super) fn utf8(bytes: &[u8], text: &mut Text<'_>) -> Result<(), EvalError> {
    for chunk in bytes.utf8_chunks() {
        text.0.extend_from_slice(chunk.valid().as_bytes())?;
        if !chunk.invalid().is_empty() {
            text.push(REPLACEMENT)?;
        }
    }
    Ok(())
}

/// Halves of a pair that stand alone are one U+FFFD each, and so is a byte that is left over.
///
/// COMPAT: two second halves are taken for a pair, and are one U+FFFD together.
pub(super) fn utf16(bytes: &[u8], little: bool, marked: bool, text: &mut Text<'_>) -> Result<(), EvalError> {
    let (mut little, mut rest) = (little, bytes);
    if marked && let [first, second, after @ ..] = bytes {
        match (first, second) {
            (0xfe, 0xff) => (little, rest) = (false, after),
            (0xff, 0xfe) => (little, rest) = (true, after),
            _ => {}
        }
    }
    let unit = |bytes: &[u8]| {
        let pair = [*bytes.first()?, *bytes.get(1)?];
        Some(u32::from(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }))
    };
    while !rest.is_empty() {
        let (char, len) = match (unit(rest), rest.get(2..).and_then(unit)) {
            (None, _) => (None, 1),
            (Some(first @ 0xd800..=0xdfff), Some(second @ 0xdc00..=0xdfff)) => {
                let is_pair = first < 0xdc00;
                (is_pair.then(|| 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).and_then(char::from_u32), 4)
            }
            (Some(unit), _) => (char::from_u32(unit), 2),
        };
        text.push(char.unwrap_or(REPLACEMENT))?;
        rest = &rest[len..];
    }
    Ok(())
}
