//! `Murmur3Hash`: MurmurHash3 of a text, 32 bits.

use ottl_core::function::FunctionDef;

use crate::family::digest;
use crate::murmur3;

/// The function's row.
pub const DEF: FunctionDef = digest::hash("Murmur3Hash")
    .docs("MurmurHash3 of the bytes of a text, in its form of 32 bits for x86 with the seed 0, as hexadecimal digits. The least byte comes first.\n\nOnly texts are taken.")
    .example(r#"Murmur3Hash("hello")"#, r#""47fa8b24""#)
    .compile(|_| Ok(digest::digits(4, |text| murmur3::sum32(text).to_le_bytes())));

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
                (&[Str(b"")], "\"00000000\""),
                (&[Str(b"hello")], "\"47fa8b24\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
