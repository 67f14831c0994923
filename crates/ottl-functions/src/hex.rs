//! Bytes as lower-case hexadecimal digits, and back.

use ottl_core::{Arena, EvalError};

/// The two digits of every byte.
const PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};

/// The digits of the bytes, in the arena.
pub(crate) fn encode<'a>(bytes: &[u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let digits = arena.repeat(bytes.len().saturating_mul(2), 0)?;
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&PAIRS[usize::from(*byte)]);
    }
    Ok(digits)
}

/// The bytes of exactly `2 * N` digits, of either case.
pub(crate) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(out)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back() {
        assert_eq!(encode(b"\x00\xfe", &Arena::new()).expect("no limit"), b"00fe");
        assert_eq!(decode::<2>(b"00Fe"), Some([0, 0xfe]));
        assert_eq!(decode::<2>(b"00f"), None);
        assert_eq!(decode::<2>(b"00fg"), None);
    }
}
