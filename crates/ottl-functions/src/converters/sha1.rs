//! `SHA1`: the SHA-1 of a text.

use ottl_core::function::FunctionDef;
use sha1::Sha1;

use crate::family::digest;

/// The function's row.
pub const DEF: FunctionDef = digest::row::<Sha1>("SHA1")
    .docs("The SHA-1 of the bytes of a text, in lower-case hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"SHA1("hello")"#, r#""aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d""#);

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
                (&[Str(b"")], "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\""),
                (&[Str(b"hello")], "\"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\""),
                (&[Str(b"\xff\x00")], "\"da33e41954997c24ad31f6c1845e18510b384f67\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
