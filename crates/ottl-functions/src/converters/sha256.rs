//! `SHA256`: the SHA-256 of a text.

use ottl_core::function::FunctionDef;
use sha2::block_api::compress256;

use crate::family::digest;

/// The function's row.
pub const DEF: FunctionDef = digest::hash("SHA256")
    .compile(|_| Ok(digest::digits(32, sha256)))
    .docs("The SHA-256 of the bytes of a text, in lower-case hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"SHA256("hello")"#, r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#);

/// What the standard (FIPS 180-4, 5.3.3) begins with.
const BEGIN: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// How many bytes are taken up at once.
const BLOCK: usize = 64;

/// The SHA-256 of a text.
///
/// PERF (redaction): a buffer for any number of pieces is read before what was written to it piece by piece has left the store
/// buffer, which takes as long as a third of a block. Here the end of the text is there before the blocks in front of it are taken
/// up, and has time.
fn sha256(text: &[u8]) -> [u8; 32] {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut end = [[0; BLOCK]; 2];
    let bits = (text.len() as u64).wrapping_mul(8).to_be_bytes();
    let count = if rest.len() + 1 + bits.len() <= BLOCK { 1 } else { 2 };
    let end = end[..count].as_flattened_mut();
    if let Some((to, [mark, zeros @ ..])) = end.split_at_mut_checked(rest.len())
        && let Some(to_bits) = zeros.last_chunk_mut()
    {
        to.copy_from_slice(rest);
        *mark = 0x80;
        *to_bits = bits;
    }
    let mut state = BEGIN;
    if !blocks.is_empty() {
        compress256(&mut state, blocks);
    }
    compress256(&mut state, end.as_chunks().0);
    let mut digest = [0; 32];
    for (to, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    digest
}

#[cfg(test)]
mod tests {
    use ottl_core::Value;
    use sha2::{Digest, Sha256};

    use super::*;
    use Value::{Bytes, Int, Nil, Str};

    use crate::test_call::check;

    /// Texts of all lengths up to the third block, at which the end takes one block or two.
    #[test]
    fn digests_are_those_of_the_crate() {
        let text: Vec<u8> = (0..=200).collect();
        for len in 0..text.len() {
            assert_eq!(sha256(&text[..len]), *Sha256::digest(&text[..len]), "{len}");
        }
    }

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"")], "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""),
                (&[Str(b"hello")], "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\""),
                (&[Str(b"\xff\x00")], "\"ea5dbf9596d187e9500f23e9a680109475341cf4e81f7e043f7d97152c10772f\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
