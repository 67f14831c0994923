//! `XXH3`: XXH3 of a text, 64 bits.

use ottl_core::function::FunctionDef;

use crate::family::digest;

/// The function's row.
pub const DEF: FunctionDef = digest::hash("XXH3")
    .docs("XXH3 of the bytes of a text, in its form of 64 bits with the seed 0, as hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"XXH3("hello")"#, r#""9555e8555c62dcfd""#)
    .compile(|_| Ok(digest::digits(8, |text| xxhash_rust::xxh3::xxh3_64(text).to_be_bytes())));

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
                (&[Str(b"")], "\"2d06800538d394c2\""),
                (&[Str(b"hello")], "\"9555e8555c62dcfd\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
