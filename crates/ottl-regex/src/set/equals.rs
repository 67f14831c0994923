//! [`Equals`]: which of many literals a text is.

use super::buckets::Buckets;

/// Literals by what they begin and end with.
#[derive(Debug)]
pub(super) struct Equals {
    literals: Box<[(Box<[u8]>, u32)]>,
    by_hash: Buckets<u32>,
}

impl Equals {
    /// The literals with their numbers; each literal comes once.
    pub(super) fn new(literals: Vec<(Vec<u8>, u32)>) -> Option<Equals> {
        if literals.is_empty() {
            return None;
        }
        let hashed = literals.iter().enumerate().map(|(idx, (bytes, _))| (hash(bytes), idx as u32)).collect();
        let literals = literals.into_iter().map(|(bytes, number)| (bytes.into(), number)).collect();
        Some(Equals { literals, by_hash: Buckets::new(hashed) })
    }

    /// The number of the literal that the text is.
    #[inline]
    pub(super) fn find(&self, text: &[u8]) -> Option<u32> {
        let among = self.by_hash.of(hash(text)).iter().filter_map(|&idx| self.literals.get(idx as usize));
        among.filter(|(bytes, _)| **bytes == *text).map(|&(_, number)| number).next()
    }

    /// Memory that they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.by_hash.bytes() + self.literals.iter().map(|(bytes, _)| bytes.len() + 24).sum::<usize>()
    }
}

/// From the length, the ends and the middle, in a few instructions however long the text is.
#[inline]
fn hash(text: &[u8]) -> u16 {
    let (first, middle, last) = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let middle = text.get(text.len() / 2..).and_then(<[u8]>::first_chunk::<8>).unwrap_or(last);
            (u64::from_le_bytes(*first), u64::from_le_bytes(*middle), u64::from_le_bytes(*last))
        }
        _ => (text.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)), 0, 0),
    };
    let mixed = (first ^ middle.rotate_left(23) ^ last.rotate_left(41)).wrapping_add(text.len() as u64);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_bytes() {
        let literals: Vec<(Vec<u8>, u32)> = (0..300u32)
            .map(|number| (format!("{}{number}", "x".repeat(number as usize % 20)).into_bytes(), number))
            .collect();
        let equals = Equals::new(literals.clone()).expect("some literals");
        for (bytes, number) in &literals {
            assert_eq!(equals.find(bytes), Some(*number));
            assert_eq!(equals.find(&[bytes, &b"y"[..]].concat()), None);
        }
        assert_eq!(equals.find(b""), None);
        assert!(Equals::new(Vec::new()).is_none());
        assert_eq!(Equals::new(vec![(Vec::new(), 7)]).expect("the empty one").find(b""), Some(7));
    }
}
