//! [`FewLiterals`]: which of a few literals a text contains, looked for in one pass.
//!
//! Of each literal the two rarest bytes are looked for at their distance, at many places at once; what surrounds a hit is
//! compared. So letters of either case cost no more than others.
//!
//! INVARIANT: who asks says what comparing may cost; a search that ends early has told nothing of the rest.

use std::ops::ControlFlow;

use wide::u8x16;

use super::needle::rarity;

/// As many places are looked at together: compilers make comparisons of vectors of it, which every processor has.
const BLOCK: usize = 16;

/// How far apart two bytes may stand: two blocks that far apart are in one window.
const MAX_DISTANCE: usize = BLOCK - 1;

/// Bytes of a literal among which the rarest are chosen.
const MAX_LENGTH: usize = 64;

/// What makes ASCII letters small. Other bytes that become equal only cost a comparison.
const SMALL: u8 = 0x20;

/// Two bytes that stand at a distance. They may be the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TwoBytes {
    first: u8,
    second: u8,
    /// How far behind the first the second stands.
    distance: usize,
}

impl TwoBytes {
    /// The two rarest of some bytes, each with its place, and the place of the first one; `None` if there are no two.
    pub(crate) fn rarest(bytes: impl Iterator<Item = (usize, u8)> + Clone) -> Option<(TwoBytes, usize)> {
        let rarest = |near: Option<usize>| {
            let is_near = move |at: usize| near.is_none_or(|near| (1..=MAX_DISTANCE).contains(&at.abs_diff(near)));
            bytes.clone().filter(|(at, _)| is_near(*at)).max_by_key(|(_, byte)| rarity(*byte))
        };
        let one = rarest(None)?;
        let other = rarest(Some(one.0))?;
        let ((at, first), (behind, second)) = (one.min(other), one.max(other));
        Some((TwoBytes { first, second, distance: behind - at }, at))
    }

    /// One byte.
    pub(crate) fn one(byte: u8) -> TwoBytes {
        TwoBytes { first: byte, second: byte, distance: 0 }
    }
}

/// Two bytes as they are compared with a block.
#[derive(Debug, Clone, Copy)]
struct Compared {
    first: [u8; BLOCK],
    second: [u8; BLOCK],
    distance: usize,
}

impl Compared {
    /// What stands nowhere: a byte that is two.
    const NONE: Compared = Compared { first: [0; BLOCK], second: [SMALL | 1; BLOCK], distance: 0 };

    fn new(two: TwoBytes, letter: u8) -> Compared {
        let TwoBytes { first, second, distance } = two;
        Compared { first: [first | letter; BLOCK], second: [second | letter; BLOCK], distance }
    }

    /// The blocks of a window that are compared: those at the distance, from the start of the window or, with `is_last`, at its
    /// end.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn blocks<'w>(&self, window: &'w Window, is_last: bool) -> [&'w [u8; BLOCK]; 2] {
        let distance = self.distance % BLOCK;
        match is_last {
            false => [block(window, 0), block(window, distance)],
            true => [block(window, BLOCK - distance), block(window, BLOCK)],
        }
    }

    /// The places of such blocks where both stand: a bit for each. `letter` is set in the bytes before.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn places(&self, [front, behind]: [&[u8; BLOCK]; 2], letter: u8) -> u32 {
        let stand = |block: &[u8; BLOCK], byte: [u8; BLOCK]| {
            (u8x16::new(*block) | u8x16::splat(letter)).simd_eq(u8x16::new(byte))
        };
        (stand(front, self.first) & stand(behind, self.second)).to_bitmask()
    }
}

/// Two blocks.
type Window = [u8; 2 * BLOCK];

/// A text, or one that is shorter than a window with zeros behind it.
#[inline]
fn searched<'t>(text: &'t [u8], padded: &'t mut Window) -> &'t [u8] {
    match padded.get_mut(..text.len()) {
        Some(start) if text.len() < 2 * BLOCK => {
            start.copy_from_slice(text);
            padded
        }
        _ => text,
    }
}

/// The block of a window so many bytes from its start.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn block(window: &Window, at: usize) -> &[u8; BLOCK] {
    match window.get(at..at + BLOCK).and_then(<[u8]>::first_chunk) {
        Some(block) => block,
        None => &[0; BLOCK],
    }
}

/// The first block at or after `from` with a place where two bytes of a pair stand, given by its first place. The last
/// block is the text's; of it the places of second bytes count. The text has a window or more.
///
/// PERF (tenant): what is compared comes as blocks from memory, since to make them takes longer than to look at short texts.
#[inline(never)]
fn next_block<const N: usize, const LETTER: u8>(
    pairs: &[Compared; N],
    least: usize,
    text: &[u8],
    from: usize,
) -> Option<usize> {
    let mut rest = text.get(from..)?;
    while let Some(window) = rest.first_chunk::<{ 2 * BLOCK }>() {
        if meet::<N, false, LETTER>(pairs, window) {
            return Some(text.len() - rest.len());
        }
        rest = &rest[BLOCK..];
    }
    let window = text.last_chunk::<{ 2 * BLOCK }>()?;
    // Some may be in front of what the last block has.
    if rest.len() > BLOCK + least && meet::<N, false, LETTER>(pairs, window) {
        return Some(text.len() - 2 * BLOCK);
    }
    (!rest.is_empty() && meet::<N, true, LETTER>(pairs, window)).then(|| text.len() - BLOCK)
}

/// Whether two bytes of a pair stand in a window, the first in its first block or, with `LAST`, the second in its second one.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn meet<const N: usize, const LAST: bool, const LETTER: u8>(pairs: &[Compared; N], window: &Window) -> bool {
    let mut blocks = [[block(window, 0); 2]; N];
    for number in 0..N {
        blocks[number] = pairs[number].blocks(window, LAST);
    }
    // PERF (tenant): in this order compilers make vectors of the places. Adapters of iterators are calls here where crates are
    // not optimised as one.
    let mut found = false;
    for at in 0..BLOCK {
        for number in 0..N {
            let [front, behind] = blocks[number];
            let (front, behind) = (front[at] | LETTER, behind[at] | LETTER);
            found |= (front == pairs[number].first[at]) & (behind == pairs[number].second[at]);
        }
    }
    found
}

/// What is looked for.
#[derive(Debug)]
struct Sought {
    /// A literal; nothing of two bytes that are looked for by themselves.
    bytes: Box<[u8]>,
    ignores_case: bool,
    /// Where the first of the two bytes stands in it.
    offset: usize,
}

impl Sought {
    #[inline]
    fn stands_at(&self, text: &[u8], start: usize) -> bool {
        let Some(here) = text.get(start..start + self.bytes.len()) else { return false };
        *here == *self.bytes || self.ignores_case && here.eq_ignore_ascii_case(&self.bytes)
    }
}

/// A few literals, and pairs of bytes.
#[derive(Debug)]
pub(crate) struct FewLiterals {
    sought: Box<[Sought]>,
    /// By the number of what is sought: its two bytes.
    pairs: [Compared; FewLiterals::MAX],
    /// The shortest distance of two.
    least: usize,
    /// What is set in the text's bytes before they are compared.
    letter: u8,
}

impl FewLiterals {
    /// More are not few.
    pub(crate) const MAX: usize = 6;

    /// At most [`FewLiterals::MAX`] in all: literals of two bytes or more, each with whether the case of ASCII letters is to be
    /// ignored, and pairs of bytes. They are called by their numbers, literals first. `None` if there are others or more.
    pub(crate) fn new<'l>(
        literals: impl ExactSizeIterator<Item = (&'l [u8], bool)> + Clone,
        pairs: &[TwoBytes],
    ) -> Option<FewLiterals> {
        if literals.len() + pairs.len() > FewLiterals::MAX {
            return None;
        }
        let letter = if literals.clone().any(|(_, ignores_case)| ignores_case) { SMALL } else { 0 };
        let (mut sought, mut twos) = (Vec::new(), Vec::new());
        for (bytes, ignores_case) in literals {
            let (two, offset) = TwoBytes::rarest(bytes.iter().copied().enumerate().take(MAX_LENGTH))?;
            sought.push(Sought { bytes: bytes.into(), ignores_case, offset });
            twos.push(two);
        }
        for two in pairs {
            sought.push(Sought { bytes: Box::default(), ignores_case: false, offset: 0 });
            twos.push(*two);
        }
        let least = twos.iter().map(|two| two.distance).min()?;
        let mut pairs = [Compared::NONE; FewLiterals::MAX];
        pairs.iter_mut().zip(twos).for_each(|(pair, two)| *pair = Compared::new(two, letter));
        Some(FewLiterals { sought: sought.into(), pairs, least, letter })
    }

    /// The block in which [`FewLiterals::run`] is to begin; `None` if the text has none of them.
    #[inline]
    pub(crate) fn start(&self, text: &[u8]) -> Option<usize> {
        self.next_block(&self.pairs, searched(text, &mut [0; 2 * BLOCK]), 0)
    }

    /// Tells `found` of the first place of each, by its number and the place; of two bytes by themselves it is about that of the
    /// first one. `compares` is asked before a comparison, with about how many steps it takes and the place. What is in front
    /// of the block is not looked at.
    #[inline(never)]
    pub(crate) fn run<B>(
        &self,
        text: &[u8],
        mut block: usize,
        mut compares: impl FnMut(usize, usize) -> ControlFlow<B>,
        mut found: impl FnMut(u32, usize) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut padded = [0; 2 * BLOCK];
        let searched = searched(text, &mut padded);
        let (mut pairs, mut missing) = (self.pairs, self.sought.len());
        let last = searched.len().saturating_sub(2 * BLOCK);
        loop {
            let (start, is_last) = (block.min(last), block > last);
            let Some(window) = searched.get(start..).and_then(<[u8]>::first_chunk) else { break };
            for (number, (sought, pair)) in (0..).zip(self.sought.iter().zip(&mut pairs)) {
                let mut places = pair.places(pair.blocks(window, is_last), self.letter);
                let front = if is_last { start + BLOCK - pair.distance } else { start };
                while places != 0 {
                    let place = front + places.trailing_zeros() as usize;
                    places &= places - 1;
                    compares(1 + sought.bytes.len() / 8, place)?;
                    if let Some(start) = place.checked_sub(sought.offset)
                        && sought.stands_at(text, start)
                    {
                        found(number, start)?;
                        // It is not looked for any more.
                        *pair = Compared::NONE;
                        missing -= 1;
                        break;
                    }
                }
            }
            match self.next_block(&pairs, searched, block + BLOCK) {
                Some(next) if missing != 0 => block = next,
                _ => break,
            }
        }
        ControlFlow::Continue(())
    }

    /// [`next_block`] for as many pairs as there are.
    #[inline]
    fn next_block(&self, pairs: &[Compared; FewLiterals::MAX], text: &[u8], from: usize) -> Option<usize> {
        match self.sought.len() {
            1 => self.next_block_of::<1>(pairs, text, from),
            2 => self.next_block_of::<2>(pairs, text, from),
            3 => self.next_block_of::<3>(pairs, text, from),
            4 => self.next_block_of::<4>(pairs, text, from),
            5 => self.next_block_of::<5>(pairs, text, from),
            _ => self.next_block_of::<{ FewLiterals::MAX }>(pairs, text, from),
        }
    }

    #[inline]
    fn next_block_of<const N: usize>(&self, pairs: &[Compared], text: &[u8], from: usize) -> Option<usize> {
        let pairs = pairs.first_chunk::<N>()?;
        match self.letter {
            0 => next_block::<N, 0>(pairs, self.least, text, from),
            _ => next_block::<N, SMALL>(pairs, self.least, text, from),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::{FewLiterals, TwoBytes};

    /// What is found, by number and place.
    fn found(few: &FewLiterals, text: &[u8]) -> Vec<(u32, usize)> {
        let mut found = Vec::new();
        let Some(start) = few.start(text) else { return found };
        let told = few.run(
            text,
            start,
            |_, _| ControlFlow::<()>::Continue(()),
            |literal, at| {
                found.push((literal, at));
                ControlFlow::Continue(())
            },
        );
        assert!(told.is_continue());
        found.sort_unstable();
        found
    }

    #[test]
    fn the_rarest_bytes_are_looked_for() {
        let rarest = |literal: &[u8]| TwoBytes::rarest(literal.iter().copied().enumerate());
        let two = |first, second, distance| TwoBytes { first, second, distance };
        assert_eq!(rarest(b"password="), Some((two(b'w', b'=', 4), 4)));
        assert_eq!(rarest(b"--"), Some((two(b'-', b'-', 1), 0)));
        assert_eq!(rarest(b"?eeeeeeeeeeeeeeea?"), Some((two(b'a', b'?', 1), 16)), "not too far apart");
        assert_eq!(rarest(b"a"), None);
        assert_eq!(rarest(b""), None);
    }

    /// Literals and pairs of every number and distance, at every place of texts of every length.
    #[test]
    fn each_is_found_wherever_it_stands() {
        let distances = [1, 4, 15, 0, 7, 13];
        for count in 1..=FewLiterals::MAX {
            for literals in [0, 1, count] {
                let sought = distances[..count].iter().enumerate();
                let literal = |(number, distance): (usize, &usize)| {
                    let mut literal = vec![b'_'; distance.max(&1) + 1];
                    literal[0] = b'A' + number as u8;
                    *literal.last_mut().expect("not empty") = b'?';
                    literal
                };
                let texts: Vec<Vec<u8>> = sought.clone().map(literal).collect();
                let pair = |(number, distance): (usize, &usize)| {
                    let first = b'A' + number as u8;
                    TwoBytes { first, second: if *distance == 0 { first } else { b'?' }, distance: *distance }
                };
                let pairs: Vec<TwoBytes> = sought.skip(literals).map(pair).collect();
                let exact = texts.iter().take(literals).map(|text| (text.as_slice(), false));
                let few = FewLiterals::new(exact.collect::<Vec<_>>().into_iter(), &pairs).expect("they are few");
                for len in 0..70 {
                    let empty = vec![b'_'; len];
                    assert_eq!(found(&few, &empty), [], "{count} {len}");
                    for (number, sought) in texts.iter().enumerate() {
                        for place in 0..(len + 1).saturating_sub(sought.len()) {
                            let mut text = empty.clone();
                            text[place..place + sought.len()].copy_from_slice(sought);
                            assert_eq!(found(&few, &text), [(number as u32, place)], "{count} {len}");
                            // Twice, the second one behind another.
                            text.extend_from_slice(&texts[0]);
                            text.extend_from_slice(sought);
                            let mut expected = vec![(number as u32, place)];
                            expected.extend((number != 0).then_some((0, len)));
                            expected.sort_unstable();
                            assert_eq!(found(&few, &text), expected, "{count} {len}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn literals_are_found_in_their_case() {
        let literals = [(&b"panic"[..], true), (b"token=", false), (b"\xc3\xa9k", true), (b"--", false)];
        let few = FewLiterals::new(literals.into_iter(), &[]).expect("they are few");
        for (text, expected) in [
            ("", &[][..]),
            ("a PaNiC, a panic", &[(0, 2)]),
            ("p4nic Token= token-", &[]),
            ("tokentoken=panic", &[(0, 11), (1, 5)]),
            ("a long text without any of them, or with -é- and K, but at its end: ÉK éK", &[(2, 73)]),
            ("---", &[(3, 0)]),
        ] {
            assert_eq!(found(&few, text.as_bytes()), expected, "{text}");
        }
        assert!(FewLiterals::new([(&b"ab"[..], false); FewLiterals::MAX + 1].into_iter(), &[]).is_none());
        assert!(FewLiterals::new([(&b"a"[..], false)].into_iter(), &[]).is_none());
        assert!(FewLiterals::new([].into_iter(), &[]).is_none());
    }
}
