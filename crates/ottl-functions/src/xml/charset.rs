//! The encodings that an XML document may declare.
//!
//! Labels are those of the WHATWG's encoding standard, as the reference looks them up. Two sets are there in any build; the others
//! are those of `charsets`.

use ottl_core::{Arena, EvalError};

use crate::charsets::Charset;

/// The labels of windows-1252, which those of Latin-1 and ASCII are among.
const WINDOWS_1252: &[&[u8]] = &[
    b"ansi_x3.4-1968",
    b"ascii",
    b"cp1252",
    b"cp819",
    b"csisolatin1",
    b"ibm819",
    b"iso-8859-1",
    b"iso-ir-100",
    b"iso8859-1",
    b"iso88591",
    b"iso_8859-1",
    b"iso_8859-1:1987",
    b"l1",
    b"latin1",
    b"us-ascii",
    b"windows-1252",
    b"x-cp1252",
];

/// The labels of UTF-8.
const UTF_8: &[&[u8]] =
    &[b"unicode-1-1-utf-8", b"unicode11utf8", b"unicode20utf8", b"utf-8", b"utf8", b"x-unicode20utf8"];

/// The characters of the bytes from 0x80 to 0x9f in windows-1252; the others of the upper half are those of Unicode.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// See [`ottl_xml::Charset`].
pub(super) fn decode<'a>(label: &[u8], text: &'a [u8], arena: &'a Arena) -> Result<Option<&'a [u8]>, EvalError> {
    let label = label.trim_ascii().to_ascii_lowercase();
    if WINDOWS_1252.contains(&&*label) {
        if text.is_ascii() {
            return Ok(Some(text));
        }
        let mut out = arena.vec_for(text.len() * 2)?;
        for &byte in text {
            let c = if (0x80..0xa0).contains(&byte) { HIGH[usize::from(byte - 0x80)] } else { char::from(byte) };
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())?;
        }
        return Ok(Some(out.into_slice()));
    }
    if UTF_8.contains(&&*label) {
        if std::str::from_utf8(text).is_ok() {
            return Ok(Some(text));
        }
        let mut out = arena.vec_for(text.len())?;
        for chunk in text.utf8_chunks() {
            out.extend_from_slice(chunk.valid().as_bytes())?;
            if !chunk.invalid().is_empty() {
                out.extend_from_slice("\u{fffd}".as_bytes())?;
            }
        }
        return Ok(Some(out.into_slice()));
    }
    Charset::labelled(&label).map(|set| set.decode(text, arena)).transpose()
}
