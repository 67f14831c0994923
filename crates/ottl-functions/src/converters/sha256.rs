//! `SHA256`: the SHA-256 of a text.

use ottl_core::function::FunctionDef;
use sha2::Sha256;

use crate::family::digest;

/// The function's row.
pub const DEF: FunctionDef = digest::row::<Sha256>("SHA256")
    .docs("The SHA-256 of the bytes of a text, in lower-case hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"SHA256("hello")"#, r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#);

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
