//! Substring search that starts cheaply: texts of records are short, and most of them do not match.
//!
//! A needle is found by its rarest byte, which one pass over the text looks for; what surrounds a hit is compared.
//! INVARIANT: long needles go to `memmem`, so no text costs more than a few dozen comparisons per byte.

use memchr::memmem::Finder;

/// Needles up to this length are found by their rarest byte.
const SHORT_NEEDLE: usize = 32;

/// Texts up to this length are searched eight bytes at a time, without a call.
const SHORT_TEXT: usize = 64;

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// The bytes of telemetry texts, the most frequent first; all others are rarer.
const FREQUENT: &[u8] = b" etaoinsrhldcumfpgwyb0123456789./-v:\"k_,=xETAOINSRCDLPMjqzUGHBFWY";

/// A literal to look for.
#[derive(Debug)]
pub(super) struct Needle {
    bytes: Box<[u8]>,
    /// The rarest byte and its place.
    rare: (u8, usize),
    finder: Option<Box<Finder<'static>>>,
}

/// How rare a byte is, from what one expects in telemetry; higher is rarer.
pub(crate) fn rarity(byte: u8) -> usize {
    FREQUENT.iter().position(|&known| known == byte).unwrap_or(FREQUENT.len())
}

/// The place of the first such byte. Short texts, as those of records are, cost no call.
#[inline]
pub fn find_byte(text: &[u8], byte: u8) -> Option<usize> {
    if text.len() > SHORT_TEXT {
        return memchr::memchr(byte, text);
    }
    let (words, rest) = text.as_chunks::<8>();
    for (idx, word) in words.iter().enumerate() {
        let hits = equal(u64::from_le_bytes(*word), byte);
        if hits != 0 {
            return Some(idx * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    if rest.is_empty() {
        return None;
    }
    let hits = equal_at_end(text, rest, byte);
    (hits != 0).then(|| text.len() - rest.len() + hits.trailing_zeros() as usize / 8)
}

/// Whether there is such a byte. A short text is looked at as a whole.
///
/// PERF (tenant): most texts do not have it, and that takes a third of a search that ends at the first.
#[inline]
pub(super) fn has_byte(text: &[u8], byte: u8) -> bool {
    match text.last_chunk::<16>() {
        Some(last) if text.len() <= SHORT_TEXT => {
            let mut found = has_in_block(last, byte);
            for block in text.as_chunks::<16>().0 {
                found |= has_in_block(block, byte);
            }
            found
        }
        _ => find_byte(text, byte).is_some(),
    }
}

#[inline(always)]
fn has_in_block(block: &[u8; 16], byte: u8) -> bool {
    let mut found = false;
    for other in block {
        found |= *other == byte;
    }
    found
}

/// The high bit of the bytes that are equal, of the last ones of a text, which are less than a word.
#[inline(always)]
fn equal_at_end(text: &[u8], rest: &[u8], byte: u8) -> u64 {
    match text.last_chunk::<8>() {
        // The word overlaps what was looked at.
        Some(word) => equal(u64::from_le_bytes(*word), byte) >> ((8 - rest.len()) * 8 % 64),
        None => {
            let bytes = rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
            equal(bytes, byte) & ((1 << (rest.len() * 8)) - 1)
        }
    }
}

/// The place of the last such byte. Where it stands near the end, it costs no call.
#[inline]
pub(super) fn last_byte(text: &[u8], byte: u8) -> Option<usize> {
    let Some((start, word)) = text.split_last_chunk::<8>() else {
        return text.iter().rposition(|&other| other == byte);
    };
    match equal(u64::from_le_bytes(*word), byte) {
        0 => memchr::memrchr(byte, start),
        hits => Some(start.len() + 7 - hits.leading_zeros() as usize / 8),
    }
}

/// The places of a byte.
#[derive(Debug)]
pub(super) struct Places<'h> {
    text: &'h [u8],
    byte: u8,
    /// What is searched next.
    at: usize,
    /// Where the word of the hits begins.
    base: usize,
    /// The hits that are left of the last word, one bit in the byte of each.
    hits: u64,
}

impl<'h> Places<'h> {
    /// From `at` on.
    #[inline(always)]
    pub(super) fn new(text: &'h [u8], at: usize, byte: u8) -> Places<'h> {
        Places { text, byte, at, base: at, hits: 0 }
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        loop {
            if self.hits != 0 {
                let place = self.base + self.hits.trailing_zeros() as usize / 8;
                self.hits &= self.hits - 1;
                return Some(place);
            }
            let rest = self.text.get(self.at..)?;
            if rest.len() > SHORT_TEXT {
                let place = self.at + memchr::memchr(self.byte, rest)?;
                self.at = place + 1;
                return Some(place);
            }
            self.base = self.at;
            if let Some(word) = rest.first_chunk::<8>() {
                self.hits = equal(u64::from_le_bytes(*word), self.byte);
                self.at += 8;
            } else {
                if rest.is_empty() {
                    return None;
                }
                self.hits = equal_at_end(self.text, rest, self.byte);
                self.at = self.text.len();
            }
        }
    }
}

/// The high bit of the bytes that are equal.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    let differences = word ^ (u64::from(byte) * LOW_BITS);
    // No carry leaves a byte, so each bit is right on its own.
    !(((differences & !HIGH_BITS) + !HIGH_BITS) | differences) & HIGH_BITS
}

impl Needle {
    /// For the literal.
    pub(super) fn new(bytes: &[u8]) -> Needle {
        let rare = bytes.iter().enumerate().max_by_key(|&(_, &byte)| rarity(byte));
        Needle {
            rare: rare.map_or((0, 0), |(at, &byte)| (byte, at)),
            finder: (bytes.len() > SHORT_NEEDLE).then(|| Box::new(Finder::new(bytes).into_owned())),
            bytes: bytes.into(),
        }
    }

    /// The literal.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first occurrence that starts at `at` or later.
    #[inline]
    pub(super) fn find(&self, text: &[u8], at: usize) -> Option<usize> {
        self.occurrences(text, at).next()
    }

    /// All occurrences that start at `at` or later, also those that overlap.
    #[inline(always)]
    pub(super) fn occurrences<'n, 'h>(&'n self, text: &'h [u8], at: usize) -> Occurrences<'n, 'h> {
        Occurrences { needle: self, places: Places::new(text, at + self.rare.1, self.rare.0) }
    }
}

/// The occurrences of a needle.
#[derive(Debug)]
pub(super) struct Occurrences<'n, 'h> {
    needle: &'n Needle,
    places: Places<'h>,
}

impl Iterator for Occurrences<'_, '_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let Needle { bytes, rare: (_, offset), finder } = self.needle;
        if bytes.len() > 1 && finder.is_none() {
            loop {
                let start = self.places.next()? - offset;
                if self.places.text[start..].starts_with(bytes) {
                    return Some(start);
                }
            }
        }
        if bytes.len() == 1 {
            return self.places.next();
        }
        self.next_unusual()
    }
}

impl Occurrences<'_, '_> {
    /// The next of a needle that is empty or long.
    #[cold]
    fn next_unusual(&mut self) -> Option<usize> {
        let from = self.places.at.checked_sub(self.needle.rare.1)?;
        let rest = self.places.text.get(from..)?;
        let start = from + self.needle.finder.as_ref().map_or(Some(0), |finder| finder.find(rest))?;
        self.places.at = start + 1 + self.needle.rare.1;
        Some(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_where_they_are() {
        for len in 0..100 {
            let mut text = vec![b'a'; len];
            assert_eq!(find_byte(&text, b'b'), None, "{len}");
            for at in (0..len).rev() {
                // Neighbours in value trip careless bit tricks.
                text[at] = b'c';
                assert_eq!(find_byte(&text, b'c'), Some(at), "{len} {at}");
                assert_eq!(find_byte(&text, b'b'), None, "{len} {at}");
                assert_eq!((has_byte(&text, b'c'), has_byte(&text, b'b')), (true, false), "{len} {at}");
                assert_eq!(last_byte(&text[..at + 1], b'c'), Some(at), "{len} {at}");
                assert_eq!(last_byte(&text[..at], b'c'), None, "{len} {at}");
                assert_eq!(last_byte(&text, b'a'), at.checked_sub(1), "{len} {at}");
                for from in 0..=len {
                    let places: Vec<usize> = Places::new(&text, from, b'c').collect();
                    assert_eq!(places, (from.max(at)..len).collect::<Vec<_>>(), "{len} {at} {from}");
                }
            }
        }
    }

    #[test]
    fn needles_are_found_as_memmem_does() {
        let text = b"abcabcabdabcabcabcabd=abcabcab\xff\x00";
        for start in 0..text.len() {
            for end in start..=text.len() {
                let needle = Needle::new(&text[start..end]);
                for at in 0..=text.len() {
                    let expected = memchr::memmem::find(&text[at..], &text[start..end]).map(|found| at + found);
                    assert_eq!(needle.find(text, at), expected, "{start}..{end} at {at}");
                }
            }
        }
        let long = Needle::new(&[b'x'; SHORT_NEEDLE + 1]);
        assert_eq!(long.find(&[b'x'; 64], 3), Some(3));
        assert_eq!(long.find(&[b'x'; 64], 40), None);
        assert_eq!(long.occurrences(&[b'x'; 64], 29).collect::<Vec<_>>(), [29, 30, 31]);
        assert_eq!(Needle::new(b"aa").occurrences(b"aaaab", 1).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(Needle::new(b"").occurrences(b"ab", 1).collect::<Vec<_>>(), [1, 2]);
    }
}
