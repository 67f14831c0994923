//! [`Affixes`]: which of many literals a text begins with, or ends with.
//!
//! The literals lie in order, each with the longest other one that it begins with. Of all that a text begins with, the
//! longest is the last one that does not come behind the text, or one of those that this one begins with; the rest follow
//! from there.

use smallvec::SmallVec;

/// Most bytes that the first look takes.
const FIRST: usize = 4;

/// Literals that texts begin with, or end with.
#[derive(Debug)]
pub(super) struct Affixes {
    /// Ends: literals and texts are looked at from behind.
    backwards: bool,
    /// A bit for what literals begin with: as many bytes as the shortest has, at most [`FIRST`].
    filter: Box<[u64; 64]>,
    first: usize,
    /// The length of the longest.
    longest: usize,
    sorted: Box<[Affix]>,
}

#[derive(Debug)]
struct Affix {
    /// Backwards where ends are looked for.
    bytes: Box<[u8]>,
    number: u32,
    /// The longest other one that this one begins with.
    inner: Option<u32>,
}

impl Affixes {
    /// The literals with their numbers; each literal comes once, and none is empty.
    pub(super) fn new(literals: Vec<(Vec<u8>, u32)>, backwards: bool) -> Option<Affixes> {
        let first = literals.iter().map(|(bytes, _)| bytes.len()).min()?.min(FIRST);
        let longest = literals.iter().map(|(bytes, _)| bytes.len()).max()?;
        let mut sorted: Vec<Affix> = literals
            .into_iter()
            .map(|(mut bytes, number)| {
                if backwards {
                    bytes.reverse();
                }
                Affix { bytes: bytes.into(), number, inner: None }
            })
            .collect();
        sorted.sort_by(|one, other| one.bytes.cmp(&other.bytes));
        let mut open: Vec<usize> = Vec::new();
        let mut filter = Box::new([0; 64]);
        for idx in 0..sorted.len() {
            while open.last().is_some_and(|&outer| !sorted[idx].bytes.starts_with(&sorted[outer].bytes)) {
                open.pop();
            }
            sorted[idx].inner = open.last().map(|&outer| outer as u32);
            open.push(idx);
            let bit = bit(sorted[idx].bytes.iter().take(first));
            filter[bit / 64] |= 1 << (bit % 64);
        }
        Some(Affixes { backwards, filter, first, longest, sorted: sorted.into() })
    }

    /// Tells the numbers of those that the text begins with, or ends with.
    #[inline]
    pub(super) fn each(&self, text: &[u8], found: impl FnMut(u32)) {
        if text.len() < self.first {
            return;
        }
        let bit =
            if self.backwards { bit(text.iter().rev().take(self.first)) } else { bit(text.iter().take(self.first)) };
        if self.filter[bit / 64] >> (bit % 64) & 1 == 0 {
            return;
        }
        let len = self.longest.min(text.len());
        if self.backwards {
            let end: SmallVec<[u8; 64]> = text.iter().rev().take(len).copied().collect();
            self.search(&end, found);
        } else {
            self.search(text.get(..len).unwrap_or_default(), found);
        }
    }

    fn search(&self, text: &[u8], mut found: impl FnMut(u32)) {
        let behind = self.sorted.partition_point(|affix| *affix.bytes <= *text);
        let mut next = behind.checked_sub(1).and_then(|idx| self.sorted.get(idx));
        let inner = |affix: &Affix| affix.inner.and_then(|inner| self.sorted.get(inner as usize));
        while let Some(affix) = next.filter(|affix| !text.starts_with(&affix.bytes)) {
            next = inner(affix);
        }
        while let Some(affix) = next {
            found(affix.number);
            next = inner(affix);
        }
    }

    /// Memory that they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.filter)
            + self.sorted.iter().map(|affix| affix.bytes.len() + size_of::<Affix>()).sum::<usize>()
    }
}

/// The place of a few bytes in the filter.
#[inline]
fn bit<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    let word = bytes.fold(0, |word: u32, &byte| word << 8 | u32::from(byte));
    (word.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_text_begins_or_ends_with_are_found() {
        let literals = ["a", "ab", "abc", "abd", "abcde", "b", "bab", "cab", "\u{e9}", "abcdefghijkl"];
        let texts = ["", "a", "ab", "abcdef", "abce", "b", "bab", "babcab", "x", "\u{e9}", "abcdefghijklm", "zzabd"];
        for backwards in [false, true] {
            let numbered = literals.iter().enumerate().map(|(idx, text)| (text.as_bytes().to_vec(), idx as u32));
            let affixes = Affixes::new(numbered.collect(), backwards).expect("some literals");
            for text in texts {
                let mut found = Vec::new();
                affixes.each(text.as_bytes(), |number| found.push(literals[number as usize]));
                found.sort_unstable();
                let has = |literal: &&str| if backwards { text.ends_with(literal) } else { text.starts_with(literal) };
                let mut expected: Vec<&str> = literals.into_iter().filter(has).collect();
                expected.sort_unstable();
                assert_eq!(found, expected, "{text} {backwards}");
            }
        }
    }
}
