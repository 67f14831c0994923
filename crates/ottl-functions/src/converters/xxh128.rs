//! `XXH128`: XXH3 of a text, 128 bits.

use ottl_core::function::FunctionDef;

use crate::family::digest;

/// The function's row.
pub const DEF: FunctionDef = digest::hash("XXH128")
    .docs("XXH3 of the bytes of a text, in its form of 128 bits with the seed 0, as hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"XXH128("hello")"#, r#""b5e9c1ad071b3e7fc779cfaa5e523818""#)
    .compile(|_| Ok(digest::digits(16, |text| xxhash_rust::xxh3::xxh3_128(text).to_be_bytes())));

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
                (&[Str(b"")], "\"99aa06d3014798d86001c324468d497f\""),
                (&[Str(b"hello")], "\"b5e9c1ad071b3e7fc779cfaa5e523818\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
