//! `Murmur3Hash128`: MurmurHash3 of a text, 128 bits.

use ottl_core::function::FunctionDef;

use crate::family::digest;
use crate::murmur3;

/// The function's row.
pub const DEF: FunctionDef = digest::hash("Murmur3Hash128")
    .docs("MurmurHash3 of the bytes of a text, in its form of 128 bits for x64 with the seed 0, as hexadecimal digits. The least byte of each half comes first.\n\nOnly texts are taken.")
    .example(r#"Murmur3Hash128("hello")"#, r#""029bbd41b3a7d8cb191dae486a901e5b""#)
    .compile(|_| Ok(digest::digits(16, |text| murmur3::sum128(text).to_le_bytes())));

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::{Bytes, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"")], "\"00000000000000000000000000000000\""),
                (&[Str(b"hello")], "\"029bbd41b3a7d8cb191dae486a901e5b\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
