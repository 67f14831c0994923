//! Substring search that starts cheaply: texts of records are short, and most of them do not match.
//!
//! A needle is found by its rarest byte, which one pass over the text looks for; what surrounds a hit is compared.
//! INVARIANT: long needles go to `memmem`, so no text costs more than a few dozen comparisons per byte.

use memchr::memmem::Finder;
use wide::u8x16;

use super::literal::starts_with;

/// Needles up to this length are found by their rarest byte.
const SHORT_NEEDLE: usize = 32;

/// Texts up to this length are searched without a call.
const SHORT_TEXT: usize = 64;

/// In texts up to this length a byte is looked for without a call where its place does not matter.
const LOOKED_AT: usize = 256;

/// The places of a byte are looked for in so many bytes at once, up to texts of this length.
const WINDOW: usize = 64;
const MEDIUM_TEXT: usize = 512;

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// The factor that moves the high bits of a word's bytes into its highest byte, in order.
const GATHERING: u64 = 0x0002_0408_1020_4081;

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

/// Whether few telemetry texts have a byte.
pub(super) fn is_rare(byte: u8) -> bool {
    !FREQUENT.contains(&byte)
}

/// The place of the first such byte. Short texts, as those of records are, cost no call.
#[inline]
pub fn find_byte(text: &[u8], byte: u8) -> Option<usize> {
    if text.len() > SHORT_TEXT {
        return memchr::memchr(byte, text);
    }
    let (blocks, rest) = text.as_chunks();
    for (number, block) in blocks.iter().enumerate() {
        let places = places_in_block(block, byte);
        if places != 0 {
            return Some(number * BLOCK + places.trailing_zeros() as usize);
        }
    }
    if rest.is_empty() {
        return None;
    }
    // The block overlaps what was looked at.
    match text.last_chunk() {
        Some(block) => match places_in_block(block, byte) {
            0 => None,
            places => Some(text.len() - BLOCK + places.trailing_zeros() as usize),
        },
        None => match places_in_few(rest, byte) {
            0 => None,
            places => Some(places.trailing_zeros() as usize),
        },
    }
}

/// Whether there is such a byte. A short text is looked at as a whole.
///
/// PERF (tenant): most texts do not have it, and that takes a third of a search that ends at the first.
#[inline]
pub(super) fn has_byte(text: &[u8], byte: u8) -> bool {
    match text.last_chunk() {
        Some(last) if text.len() <= LOOKED_AT => {
            let byte = u8x16::splat(byte);
            let mut found = u8x16::new(*last).simd_eq(byte);
            for block in text.as_chunks().0 {
                found |= u8x16::new(*block).simd_eq(byte);
            }
            found.to_bitmask() != 0
        }
        _ => find_byte(text, byte).is_some(),
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
    /// Where the bytes of the hits begin.
    base: usize,
    /// The hits that are left of the last bytes looked at, a bit for each byte.
    hits: u64,
}

impl<'h> Places<'h> {
    /// From `at` on.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn new(text: &'h [u8], at: usize, byte: u8) -> Places<'h> {
        Places { text, byte, at, base: at, hits: 0 }
    }

    /// The next place that is no less than `from`.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn next_from(&mut self, from: usize) -> Option<usize> {
        if from > self.base {
            self.hits &= u64::MAX.checked_shl((from - self.base) as u32).unwrap_or(0);
            self.at = self.at.max(from);
        }
        self.next()
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    /// PERF (redaction): bytes are compared as vectors, and a text's last ones together with those in front of them.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn next(&mut self) -> Option<usize> {
        loop {
            if self.hits != 0 {
                let place = self.base + self.hits.trailing_zeros() as usize;
                self.hits &= self.hits - 1;
                return Some(place);
            }
            let rest = self.text.get(self.at..)?;
            if rest.len() > MEDIUM_TEXT {
                let place = self.at + memchr::memchr(self.byte, rest)?;
                self.at = place + 1;
                return Some(place);
            }
            if rest.is_empty() {
                return None;
            }
            self.base = self.at;
            let len = rest.len();
            (self.hits, self.at) = if let Some(window) = rest.first_chunk::<WINDOW>() {
                (places_in_window(window, self.byte), self.at + WINDOW)
            } else if let Some(window) = self.text.last_chunk::<WINDOW>() {
                (places_in_window(window, self.byte) >> (WINDOW - len), self.text.len())
            } else if let Some(block) = rest.first_chunk::<BLOCK>() {
                (places_in_block(block, self.byte), self.at + BLOCK)
            } else if let Some(block) = self.text.last_chunk::<BLOCK>() {
                (places_in_block(block, self.byte) >> (BLOCK - len), self.text.len())
            } else {
                (places_in_few(rest, self.byte), self.text.len())
            };
        }
    }
}

/// As many bytes are compared as one vector.
const BLOCK: usize = 16;

/// The places of a byte: a bit for each.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
#[cfg_attr(target_family = "wasm", inline(never))]
fn places_in_block(block: &[u8; BLOCK], byte: u8) -> u64 {
    u64::from(u8x16::new(*block).simd_eq(u8x16::splat(byte)).to_bitmask())
}

#[cfg_attr(not(target_family = "wasm"), inline(always))]
#[cfg_attr(target_family = "wasm", inline(never))]
fn places_in_window(window: &[u8; WINDOW], byte: u8) -> u64 {
    let mut places = 0;
    for (number, block) in window.as_chunks().0.iter().enumerate() {
        places |= places_in_block(block, byte) << (number * BLOCK);
    }
    places
}

/// The same of fewer bytes than a block.
#[inline]
fn places_in_few(bytes: &[u8], byte: u8) -> u64 {
    let in_word = |word: &[u8; 8]| equal(u64::from_le_bytes(*word), byte).wrapping_mul(GATHERING) >> 56;
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => in_word(first) | in_word(last) << (bytes.len() - 8),
        _ => bytes.iter().rev().fold(0, |places, other| places << 1 | u64::from(*other == byte)),
    }
}

/// The high bit of the bytes that are equal.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
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

    /// The rarest byte.
    pub(super) fn rarest(&self) -> u8 {
        self.rare.0
    }

    /// The first occurrence that starts at `at` or later.
    #[inline]
    pub(super) fn find(&self, text: &[u8], at: usize) -> Option<usize> {
        self.occurrences(text, at).next()
    }

    /// All occurrences that start at `at` or later, also those that overlap.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
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

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn next(&mut self) -> Option<usize> {
        let Needle { bytes, rare: (_, offset), finder } = self.needle;
        if bytes.len() > 1 && finder.is_none() {
            loop {
                let start = self.places.next()? - offset;
                if starts_with(&self.places.text[start..], bytes) {
                    return Some(start);
                }
            }
        }
        if bytes.len() == 1 {
            return self.places.next();
        }
        let start = self.needle.find_unusual(self.places.text, self.places.at)?;
        self.places.at = start + 1 + offset;
        Some(start)
    }
}

impl Needle {
    /// The first occurrence of a needle that is empty or long, whose rarest byte stands at `at` or later.
    // PERF (redaction): of what it is handed nothing has to be in memory.
    #[cold]
    fn find_unusual(&self, text: &[u8], at: usize) -> Option<usize> {
        let from = at.checked_sub(self.rare.1)?;
        let rest = text.get(from..)?;
        Some(from + self.finder.as_ref().map_or(Some(0), |finder| finder.find(rest))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_where_they_are() {
        for len in (0..100).chain([LOOKED_AT, LOOKED_AT + 1]) {
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
    fn places_are_found_in_long_texts_and_from_any_on() {
        for len in [1, 15, 63, 64, 65, 127, 200, MEDIUM_TEXT, MEDIUM_TEXT + 1, 3 * MEDIUM_TEXT] {
            for distance in [1, 3, 70, 600] {
                let text: Vec<u8> = (0..len).map(|at| if at % distance == 0 { b'b' } else { b'a' }).collect();
                let expected: Vec<usize> = (0..len).step_by(distance).collect();
                assert_eq!(Places::new(&text, 0, b'b').collect::<Vec<_>>(), expected, "{len} {distance}");
                for skipped in [0, 1, 2, 40, 64, 150] {
                    let (mut places, mut from, mut found) = (Places::new(&text, 0, b'b'), 0, Vec::new());
                    while let Some(place) = places.next_from(from) {
                        found.push(place);
                        from = place + skipped;
                    }
                    let mut expected = expected.clone();
                    let mut next = 0;
                    expected.retain(|place| {
                        let stays = *place >= next;
                        next = if stays { place + skipped } else { next };
                        stays
                    });
                    assert_eq!(found, expected, "{len} {distance} {skipped}");
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
