//! `Milliseconds`: a duration in whole milliseconds.

use ottl_core::function::{FunctionDef, Type};

use crate::family::duration;

/// The function's row.
pub const DEF: FunctionDef = duration::row("Milliseconds")
    .returns(Type::Int)
    .docs("A duration in whole milliseconds, cut towards zero.\n\nOnly durations are taken.")
    .example(r#"Milliseconds(Duration("1.5s"))"#, "1500")
    .compile(|_| Ok(duration::whole(1_000_000)));

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::{Duration, Float, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Duration(1_999_999)], "1"),
                (&[Duration(-1_999_999)], "-1"),
                (&[Nil], "error"),
                (&[Float(1.0)], "error"),
            ],
        );
    }
}
