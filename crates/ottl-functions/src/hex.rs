//! Bytes as lower-case hexadecimal digits, and back.

use ottl_core::{Arena, EvalError};

/// The digits of the bytes, in the arena.
#[inline]
pub(crate) fn encode<'a>(bytes: &[u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let digits = arena.repeat(bytes.len().saturating_mul(2), 0)?;
    put(bytes, digits);
    Ok(digits)
}

/// Writes the digits of the bytes to the front of `to`.
///
/// PERF (benches, redaction): without a table the compiler does sixteen bytes at once.
#[inline]
pub(crate) fn put(bytes: &[u8], to: &mut [u8]) {
    // How much room is used does not depend on how much there is.
    let Some(to) = to.get_mut(..bytes.len().saturating_mul(2)) else { return };
    for (pair, byte) in to.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
}

/// The digit of a number below 16.
#[inline]
fn digit(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
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
        let mut few = [b'x'; 5];
        put(b"\x00\xfe", &mut few);
        assert_eq!(&few, b"00fex");
        assert_eq!(decode::<2>(b"00Fe"), Some([0, 0xfe]));
        assert_eq!(decode::<2>(b"00f"), None);
        assert_eq!(decode::<2>(b"00fg"), None);
    }
}
