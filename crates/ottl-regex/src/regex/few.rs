//! [`FewLiterals`]: which of a few literals a text contains, looked for one after the other.
//!
//! Of each literal the two rarest bytes are looked for at their distance, at many places at once; what surrounds a hit is
//! compared. So letters of either case cost no more than others.
//!
//! INVARIANT: who asks says what comparing may cost; a search that ends early has told nothing of the rest.

use std::ops::ControlFlow;

use super::needle::rarity;

/// As many bytes are looked at together, or half of them: compilers make comparisons of vectors of it, which every processor
/// has.
const BLOCK: usize = 32;
const HALF: usize = BLOCK / 2;

/// Bytes of a literal among which the rarest are chosen.
const MAX_LENGTH: usize = 64;

/// What makes ASCII letters small. Other bytes that become equal only cost a comparison.
const SMALL: u8 = 0x20;

/// Two bytes that stand at a distance.
#[derive(Debug, Clone, Copy)]
struct TwoBytes {
    first: u8,
    second: u8,
    /// How far behind the first the second stands.
    distance: usize,
    /// Whether both are compared after they were made small, as these are.
    ignores_case: bool,
}

impl TwoBytes {
    /// The two rarest bytes of a literal and the place of the first; `None` if it has no two.
    fn of(literal: &[u8], ignores_case: bool) -> Option<(TwoBytes, usize)> {
        let places = 0..literal.len().min(MAX_LENGTH);
        let rarest = |but: usize| {
            let others = places.clone().filter(move |&at| at != but);
            others.max_by_key(|&at| literal.get(at).map_or(0, |&byte| rarity(byte)))
        };
        let one = rarest(usize::MAX)?;
        let other = rarest(one)?;
        let (at, behind) = (one.min(other), one.max(other));
        let byte = |at: usize| literal.get(at).map(|&byte| if ignores_case { byte | SMALL } else { byte });
        Some((TwoBytes { first: byte(at)?, second: byte(behind)?, distance: behind - at, ignores_case }, at))
    }

    /// The first place at or after `at` where both stand: that of the first of them.
    #[inline]
    fn find(&self, text: &[u8], at: usize) -> Option<usize> {
        let behind = text.get(at.checked_add(self.distance)?..)?;
        let front = text.get(at..at + behind.len())?;
        let place = match self.ignores_case {
            false => find_both::<0>(self.first, self.second, front, behind),
            true => find_both::<SMALL>(self.first, self.second, front, behind),
        };
        place.map(|place| at + place)
    }
}

/// The first place where one text has one byte and the other, as long, the other byte; `LETTER` is set in theirs before.
///
/// PERF (tenant): the bytes are arguments, since of two that lie in memory side by side the compiler makes one vector, and
/// shuffles for each block.
#[inline(never)]
fn find_both<const LETTER: u8>(first: u8, second: u8, front: &[u8], behind: &[u8]) -> Option<usize> {
    let (fronts, behinds) = (front.as_chunks::<BLOCK>().0, behind.as_chunks::<BLOCK>().0);
    let mut block = 0;
    while let (Some(front), Some(behind)) = (fronts.get(block), behinds.get(block))
        && !meet::<LETTER, BLOCK>(first, second, front, behind)
    {
        block += 1;
    }
    let from = block * BLOCK;
    if from + BLOCK > front.len() {
        // Blocks at the end overlap what was looked at.
        let is_in_rest = if let (Some(front), Some(behind)) =
            (front.last_chunk::<BLOCK>(), behind.last_chunk::<BLOCK>())
        {
            meet::<LETTER, BLOCK>(first, second, front, behind)
        } else if let (Some(start), Some(end)) = (front.first_chunk::<HALF>(), front.last_chunk::<HALF>())
            && let (Some(start_behind), Some(end_behind)) = (behind.first_chunk::<HALF>(), behind.last_chunk::<HALF>())
        {
            meet::<LETTER, HALF>(first, second, start, start_behind)
                || meet::<LETTER, HALF>(first, second, end, end_behind)
        } else {
            true
        };
        if !is_in_rest {
            return None;
        }
    }
    let mut place = from;
    while let (Some(front), Some(behind)) = (front.get(place), behind.get(place)) {
        if (front | LETTER == first) & (behind | LETTER == second) {
            return Some(place);
        }
        place += 1;
    }
    None
}

/// Whether there is a place where one block has one byte and the other the other.
#[inline(always)]
fn meet<const LETTER: u8, const N: usize>(first: u8, second: u8, front: &[u8; N], behind: &[u8; N]) -> bool {
    // PERF (tenant): adapters of iterators are calls here where crates are not optimised as one, and where they are, the blocks at
    // the end were looked at byte by byte, four fifths of the search in a text of a hundred bytes.
    let mut found = false;
    for at in 0..N {
        found |= (front[at] | LETTER == first) & (behind[at] | LETTER == second);
    }
    found
}

/// A literal with what is looked for of it.
#[derive(Debug)]
struct Literal {
    bytes: Box<[u8]>,
    ignores_case: bool,
    two: TwoBytes,
    /// Where the first of the two stands.
    offset: usize,
}

/// A few literals.
#[derive(Debug)]
pub(crate) struct FewLiterals(Box<[Literal]>);

impl FewLiterals {
    /// More are not few.
    pub(crate) const MAX: usize = 4;

    /// At most [`FewLiterals::MAX`] literals of two bytes or more; each comes with whether the case of ASCII letters is to be
    /// ignored, and is called by its number. `None` if there are others or more.
    pub(crate) fn new<'l>(literals: impl ExactSizeIterator<Item = (&'l [u8], bool)>) -> Option<FewLiterals> {
        if literals.len() > FewLiterals::MAX {
            return None;
        }
        let literals = literals.map(|(bytes, ignores_case)| {
            let (two, offset) = TwoBytes::of(bytes, ignores_case)?;
            Some(Literal { bytes: bytes.into(), ignores_case, two, offset })
        });
        literals.collect::<Option<_>>().map(FewLiterals)
    }

    /// Tells `found` of the first place of each literal, by number of the literal and place; `compares` is asked before a
    /// comparison, with about how many steps it takes and the place.
    #[inline]
    pub(crate) fn run<B>(
        &self,
        text: &[u8],
        mut compares: impl FnMut(usize, usize) -> ControlFlow<B>,
        mut found: impl FnMut(u32, usize) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        for (number, literal) in (0..).zip(&self.0) {
            let mut at = literal.offset;
            while let Some(place) = literal.two.find(text, at) {
                compares(1 + literal.bytes.len() / 8, place)?;
                let start = place - literal.offset;
                if literal.stands_at(text, start) {
                    found(number, start)?;
                    break;
                }
                at = place + 1;
            }
        }
        ControlFlow::Continue(())
    }
}

impl Literal {
    #[inline]
    fn stands_at(&self, text: &[u8], start: usize) -> bool {
        let Some(here) = text.get(start..start + self.bytes.len()) else { return false };
        *here == *self.bytes || self.ignores_case && here.eq_ignore_ascii_case(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::{FewLiterals, TwoBytes};

    #[test]
    fn two_bytes_are_found_at_their_distance() {
        for distance in [1, 2, 5, 15, 16, 17, 40] {
            let literal = [b"-".as_slice(), &vec![b' '; distance - 1], b"="].concat();
            let (two, offset) = TwoBytes::of(&literal, false).expect("two bytes");
            assert_eq!((two.distance, offset), (distance, 0));
            for len in 0..80 {
                let mut text = vec![b'-'; len];
                assert_eq!(two.find(&text, 0), None, "{distance} {len}");
                for place in 0..len {
                    text[place] = b'=';
                    for at in 0..=len {
                        let expected = place.checked_sub(distance).filter(|first| *first >= at);
                        assert_eq!(two.find(&text, at), expected, "{distance} {len} {place} {at}");
                    }
                    text[place] = b'-';
                }
            }
        }
        assert!(TwoBytes::of(b"a", false).is_none() && TwoBytes::of(b"", true).is_none());
    }

    #[test]
    fn literals_are_found_in_their_case() {
        let literals = [(&b"panic"[..], true), (b"token=", false), (b"\xc3\xa9k", true), (b"--", false)];
        let few = FewLiterals::new(literals.into_iter()).expect("they are few");
        for (text, expected) in [
            ("", &[][..]),
            ("a PaNiC, a panic", &[(0, 2)]),
            ("p4nic Token= token-", &[]),
            ("tokentoken=panic", &[(0, 11), (1, 5)]),
            ("a long text without any of them, or with -é- and K, but at its end: ÉK éK", &[(2, 73)]),
            ("---", &[(3, 0)]),
        ] {
            let mut found = Vec::new();
            let told = few.run(
                text.as_bytes(),
                |_, _| ControlFlow::<()>::Continue(()),
                |literal, at| {
                    found.push((literal, at));
                    ControlFlow::Continue(())
                },
            );
            assert!(told.is_continue());
            assert_eq!(found, expected, "{text}");
        }
        assert!(FewLiterals::new([(&b"ab"[..], false); FewLiterals::MAX + 1].into_iter()).is_none());
        assert!(FewLiterals::new([(&b"a"[..], false)].into_iter()).is_none());
    }
}
