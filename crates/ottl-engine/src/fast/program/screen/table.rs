//! [`TextTable`]: texts to numbers, by one look whatever their count.
//!
//! PERF (filter-100, equalities): a text is hashed by its length and its last eight bytes, which tell keys and names apart
//! better than their first ones; most texts that are not there end at the bit of their length.

/// A text and what follows it in its bucket.
#[derive(Debug)]
struct Entry {
    text: Box<[u8]>,
    tail: u64,
    /// The next entry of the same bucket, or [`END`].
    next: u32,
}

const END: u32 = u32::MAX;

/// Odd, and its bits are evenly spread: the golden ratio in 64 bits.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Texts with the numbers in which they were added.
#[derive(Debug, Default)]
pub(crate) struct TextTable {
    entries: Vec<Entry>,
    /// By hash: the first entry. A power of two of them, at least twice as many as entries.
    buckets: Vec<u32>,
    shift: u32,
    /// Bit per length; all longer ones share the last.
    lengths: [u64; 4],
}

/// Lengths from this one on share a bit.
const LONG: usize = 255;

impl TextTable {
    /// The number of a text, which is added if it is not there.
    pub fn add(&mut self, text: &[u8]) -> u32 {
        if let Some(number) = self.find(text) {
            return number;
        }
        let number = self.entries.len() as u32;
        self.entries.push(Entry { text: text.into(), tail: tail(text), next: END });
        let len = text.len().min(LONG);
        self.lengths[len / 64] |= 1 << (len % 64);
        if self.entries.len() * 2 > self.buckets.len() {
            self.rehash();
        } else {
            self.link(number);
        }
        number
    }

    fn rehash(&mut self) {
        let size = (self.entries.len() * 4).next_power_of_two().max(16);
        self.buckets.clear();
        self.buckets.resize(size, END);
        self.shift = 64 - size.trailing_zeros();
        (0..self.entries.len() as u32).for_each(|number| self.link(number));
    }

    fn link(&mut self, number: u32) {
        let entry = &mut self.entries[number as usize];
        let bucket = (hash(entry.tail, entry.text.len()) >> self.shift) as usize;
        entry.next = std::mem::replace(&mut self.buckets[bucket], number);
    }

    /// How many texts there are: their numbers lie below.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The texts by number.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|entry| &*entry.text)
    }

    /// The text of a number.
    pub fn text(&self, number: usize) -> Option<&[u8]> {
        self.entries.get(number).map(|entry| &*entry.text)
    }

    /// Whether some text has this length, which may also be one that is longer than 255.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn has_length(&self, len: u8) -> bool {
        self.lengths[usize::from(len / 64)] >> (len % 64) & 1 != 0
    }

    /// The number of a text.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        let len = text.len();
        let bit = len.min(LONG);
        if self.lengths[bit / 64] >> (bit % 64) & 1 == 0 {
            return None;
        }
        let tail = tail(text);
        let mut at = *self.buckets.get((hash(tail, len) >> self.shift) as usize)?;
        while let Some(entry) = self.entries.get(at as usize) {
            if entry.tail == tail && entry.text.len() == len && (len <= 8 || is_same(&entry.text, text)) {
                return Some(at);
            }
            at = entry.next;
        }
        None
    }
}

/// Whether two texts of the same length, of more than eight bytes, of which the last eight are the same, are the same.
///
/// PERF (mixed, keys): most are shorter than seventeen bytes, and need no call of a comparison.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    match (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        (Some(first), Some(other)) => {
            u64::from_le_bytes(*first) == u64::from_le_bytes(*other) && (a.len() <= 16 || a[8..] == b[8..])
        }
        _ => a == b,
    }
}

#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn hash(tail: u64, len: usize) -> u64 {
    (tail ^ (len as u64) << 56).wrapping_mul(MULTIPLIER)
}

/// The last eight bytes as a number; of a shorter text, all of them. Texts of the same length up to eight bytes have the
/// same tail only if they are the same.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn tail(text: &[u8]) -> u64 {
    let word = |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)));
    match text {
        [] => 0,
        [.., a, b, c, d, e, f, g, h] => u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
        // Two words that overlap.
        [_, _, _, _, ..] => word(text.first_chunk()) | word(text.last_chunk()) << 32,
        [first, ..] => {
            let (middle, last) = (text[text.len() / 2], text[text.len() - 1]);
            u64::from(*first) | u64::from(middle) << 8 | u64::from(last) << 16
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_lengths_are_told_apart() {
        let mut table = TextTable::default();
        let texts: Vec<Vec<u8>> = (0..600usize)
            .map(|i| {
                let mut text = vec![b'a' + (i % 7) as u8; i % 40];
                text.extend(i.to_string().bytes().take(i % 5));
                text
            })
            .chain([b"x".repeat(254), b"x".repeat(255), b"x".repeat(256), Vec::new()])
            .collect();
        for text in &texts {
            let number = table.add(text);
            assert_eq!(table.find(text), Some(number));
            assert_eq!(table.add(text), number);
        }
        let mut different: Vec<_> = texts.clone();
        different.sort();
        different.dedup();
        assert_eq!(table.len(), different.len());
        for (number, text) in table.iter().enumerate() {
            assert_eq!(table.find(text), Some(number as u32));
        }
        for text in [&b"z"[..], b"zz", b"zzz", b"zzzz", b"aaaaaaaaaaaab", &b"y".repeat(255)] {
            assert_eq!(table.find(text), None, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn an_empty_table_has_nothing() {
        assert_eq!(TextTable::default().find(b""), None);
        assert_eq!(TextTable::default().find(b"a"), None);
    }
}
