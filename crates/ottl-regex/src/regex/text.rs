//! Texts as Go sees them: an invalid byte of UTF-8 is one character, U+FFFD.
//!
//! The automata match valid UTF-8 only. A text with invalid bytes is rewritten once, with every
//! invalid byte as U+FFFD, and matched there; offsets are mapped back. Valid text costs one
//! validity check, and only for patterns which could tell the difference.

use std::borrow::Cow;

/// A text prepared for matching.
#[derive(Debug)]
pub(super) struct Text<'h> {
    /// What the automata see.
    pub(super) bytes: Cow<'h, [u8]>,
    /// For rewritten text: the original offset of every byte, and of the end.
    map: Option<Vec<usize>>,
}

impl<'h> Text<'h> {
    /// The text as it is; right when the pattern cannot match invalid bytes.
    pub(super) fn plain(bytes: &'h [u8]) -> Text<'h> {
        Text { bytes: Cow::Borrowed(bytes), map: None }
    }

    /// The text with its invalid bytes rewritten.
    pub(super) fn checked(bytes: &'h [u8]) -> Text<'h> {
        if std::str::from_utf8(bytes).is_ok() {
            return Text::plain(bytes);
        }
        let mut rewritten = Vec::with_capacity(bytes.len() + 16);
        let mut map = Vec::with_capacity(bytes.len() + 16);
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            rewritten.extend_from_slice(chunk.valid().as_bytes());
            map.extend(at..at + chunk.valid().len());
            at += chunk.valid().len();
            for _ in chunk.invalid() {
                rewritten.extend_from_slice("\u{fffd}".as_bytes());
                map.extend([at; 3]);
                at += 1;
            }
        }
        map.push(at);
        Text { bytes: Cow::Owned(rewritten), map: Some(map) }
    }

    /// The offset in the original text.
    pub(super) fn original(&self, offset: usize) -> usize {
        match &self.map {
            None => offset,
            Some(map) => map.get(offset).copied().unwrap_or(offset),
        }
    }

    /// The offset in the prepared text of an offset where a character starts.
    pub(super) fn prepared(&self, original: usize) -> usize {
        match &self.map {
            None => original,
            Some(map) => map.partition_point(|&at| at < original),
        }
    }
}

/// The length in bytes of the character at `at`; 0 at the end. An invalid byte is a character.
#[inline]
pub(super) fn width(text: &[u8], at: usize) -> usize {
    let len = match text.get(at) {
        None => return 0,
        Some(0..=0xc1) => return 1,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        Some(_) => return 1,
    };
    let whole = text.get(at..at + len).is_some_and(|c| std::str::from_utf8(c).is_ok());
    if whole { len } else { 1 }
}

/// The character at `at` and its length; `None` at the end. An invalid byte is U+FFFD.
#[inline]
pub(crate) fn char_at(text: &[u8], at: usize) -> Option<(char, usize)> {
    let first = *text.get(at)?;
    if first.is_ascii() {
        return Some((char::from(first), 1));
    }
    let len = width(text, at);
    let valid = text.get(at..at + len).and_then(|bytes| std::str::from_utf8(bytes).ok());
    Some((valid.and_then(|text| text.chars().next()).unwrap_or(char::REPLACEMENT_CHARACTER), len))
}
