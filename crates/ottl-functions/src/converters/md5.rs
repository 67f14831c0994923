//! `MD5`: the MD5 of a text.

use md5::Md5;
use ottl_core::function::FunctionDef;

use crate::family::digest;

/// The function's row.
pub const DEF: FunctionDef = digest::row::<Md5>("MD5")
    .docs("The MD5 of the bytes of a text, in lower-case hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"MD5("hello")"#, r#""5d41402abc4b2a76b9719d911017c592""#);

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
                (&[Str(b"")], "\"d41d8cd98f00b204e9800998ecf8427e\""),
                (&[Str(b"hello")], "\"5d41402abc4b2a76b9719d911017c592\""),
                (&[Str(b"\xff\x00")], "\"e0e8bfafbb0689563b2fba789c97b3cc\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
