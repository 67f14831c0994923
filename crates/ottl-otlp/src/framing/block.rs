//! [`Block`]: 64 bytes of JSON at once, as the splitter needs them: how many brackets open and close in them, and where lines end.
//!
//! INVARIANT: a block is answered as by looking at byte after byte, or declined.

use wide::u8x16;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// What 64 bytes hold outside of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// How many of them that is true of: all, or all but an escape at the end whose character comes next.
    pub(super) len: usize,
    /// Brackets and braces that open and close.
    pub(super) opens: usize,
    pub(super) closes: usize,
    /// Line breaks, a bit for each byte.
    pub(super) breaks: u64,
    /// Whether a string goes on behind them.
    pub(super) in_string: bool,
}

impl Block {
    /// Looks at bytes that begin inside a string or not, and with no escape before them; nothing where something stands that JSON
    /// does not have: a line break in a string, an escape outside of one.
    ///
    /// The method is that of simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019).
    #[inline]
    pub(super) fn look(bytes: &[u8; BLOCK], in_string: bool) -> Option<Self> {
        let (mut quotes, mut slashes, mut opens, mut closes, mut breaks) = (0u64, 0u64, 0u64, 0u64, 0u64);
        for (chunk, at) in bytes.as_chunks::<16>().0.iter().zip((0..).step_by(16)) {
            let lanes = u8x16::new(*chunk);
            // Braces are brackets with this bit.
            let brackets = lanes | u8x16::splat(0x20);
            let places = |lanes: u8x16, byte: u8| u64::from(lanes.simd_eq(u8x16::splat(byte)).to_bitmask()) << at;
            quotes |= places(lanes, b'"');
            slashes |= places(lanes, b'\\');
            breaks |= places(lanes, b'\n');
            opens |= places(brackets, b'{');
            closes |= places(brackets, b'}');
        }
        let (escapes, escaped) = if slashes == 0 { (0, 0) } else { escapes(slashes) };
        let before = if in_string { u64::MAX } else { 0 };
        // The opening quote counts as inside, the closing one does not.
        let inside = parities(quotes & !escaped) ^ before;
        // Of the first escape outside of a string that is true, for what came before it was understood.
        if (slashes & !inside) | (breaks & inside & !escaped) != 0 {
            return None;
        }
        Some(Self {
            len: BLOCK - (escapes >> (BLOCK - 1)) as usize,
            opens: (opens & !inside).count_ones() as usize,
            closes: (closes & !inside).count_ones() as usize,
            breaks: breaks & !inside,
            in_string: inside >> (BLOCK - 1) == 1,
        })
    }
}

/// The backslashes that escape what follows them, and what is escaped.
const fn escapes(slashes: u64) -> (u64, u64) {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    // The subtraction carries through each run of backslashes, and the odd bits tell runs by where they start.
    let codes = ((slashes << 1) | ODD).wrapping_sub(slashes) ^ ODD;
    (codes & slashes, codes ^ slashes)
}

/// Bit by bit, whether an odd number of bits is set up to there.
const fn parities(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same byte after byte.
    fn simply(bytes: &[u8; BLOCK], in_string: bool) -> Option<Block> {
        let mut block = Block { len: BLOCK, opens: 0, closes: 0, breaks: 0, in_string };
        let mut at = 0;
        while at < BLOCK {
            match (bytes[at], block.in_string) {
                (b'\\', false) | (b'\n', true) => return None,
                (b'\\', true) if at + 1 == BLOCK => block.len -= 1,
                (b'\\', true) => at += 1,
                (b'"', _) => block.in_string = !block.in_string,
                (b'{' | b'[', false) => block.opens += 1,
                (b'}' | b']', false) => block.closes += 1,
                (b'\n', false) => block.breaks |= 1 << at,
                _ => {}
            }
            at += 1;
        }
        Some(block)
    }

    #[test]
    fn blocks_are_what_their_bytes_are() {
        let mut state = 1u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let mut taken = [0; 2];
        for round in 0..200_000 {
            // Few special bytes and many, of some kinds or all.
            let bytes: [u8; BLOCK] = std::array::from_fn(|_| match below(2 + round % 40) {
                0 => b"\"\\\"\\{}[]\n;"[below(if round % 3 == 0 { 10 } else { 8 }) as usize],
                1 => b"\\\""[below(2) as usize],
                _ => b'a' + below(26) as u8,
            });
            let in_string = below(2) == 0;
            let found = Block::look(&bytes, in_string);
            assert_eq!(found, simply(&bytes, in_string), "{:?} {in_string}", String::from_utf8_lossy(&bytes));
            taken[usize::from(found.is_some())] += 1;
        }
        assert!(taken.iter().all(|count| *count > 10_000), "{taken:?}");
    }
}
