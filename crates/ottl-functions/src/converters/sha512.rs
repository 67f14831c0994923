//! `SHA512`: the SHA-512 of a text.

use ottl_core::function::FunctionDef;
use sha2::Sha512;

use crate::family::digest;

/// The function's row.
pub const DEF: FunctionDef = digest::row::<Sha512>("SHA512")
    .docs("The SHA-512 of the bytes of a text, in lower-case hexadecimal digits.\n\nOnly texts are taken.")
    .example(
        r#"SHA512("hello")"#,
        r#""9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043""#,
    );

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
                (
                    &[Str(b"")],
                    "\"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e\"",
                ),
                (
                    &[Str(b"hello")],
                    "\"9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043\"",
                ),
                (
                    &[Str(b"\xff\x00")],
                    "\"823ff44c829aa3b7ca7926fb0f864f86b2a8e4ea4b4b3f2da6e25e7df5985a1eaa6bbb40460de1e6703b9405f7c0a0f3ceb20ede771d4241d55bd4b6f459f464\"",
                ),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
