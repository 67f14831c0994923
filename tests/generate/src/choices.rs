//! [`Choices`]: the one source of chance.

/// A stream of choices, from a seed or from bytes. Bytes that run out give zeros, and zero always chooses the simplest,
/// so generation ends whatever the bytes are.
#[derive(Clone, Debug)]
pub struct Choices<'b> {
    from: From<'b>,
}

#[derive(Clone, Debug)]
enum From<'b> {
    Seed(u64),
    Bytes(&'b [u8]),
}

impl<'b> Choices<'b> {
    /// Choices that a seed determines.
    pub fn seeded(seed: u64) -> Choices<'static> {
        Choices { from: From::Seed(seed) }
    }

    /// Choices that bytes determine, two bytes each.
    pub fn from_bytes(bytes: &'b [u8]) -> Choices<'b> {
        Choices { from: From::Bytes(bytes) }
    }

    /// The next 16 bits.
    fn next(&mut self) -> usize {
        match &mut self.from {
            From::Seed(state) => {
                // SplitMix64.
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                ((z ^ (z >> 31)) & 0xffff) as usize
            }
            From::Bytes(bytes) => {
                let (now, rest) = bytes.split_at(bytes.len().min(2));
                *bytes = rest;
                now.iter().fold(0, |n, b| n << 8 | usize::from(*b))
            }
        }
    }

    /// A number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n <= 1 { 0 } else { self.next() % n }
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        // The highest number, so that zeros say no.
        self.below(n) + 1 == n
    }

    /// One of the items, which must not be empty.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}
