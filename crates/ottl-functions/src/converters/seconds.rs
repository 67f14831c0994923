//! `Seconds`: a duration in seconds, with fraction.

use ottl_core::function::{FunctionDef, Type};

use crate::family::duration;

/// The function's row.
pub const DEF: FunctionDef = duration::row("Seconds")
    .returns(Type::Float)
    .docs("A duration in seconds, with fraction.\n\nOnly durations are taken.")
    .example(r#"Seconds(Duration("1500ms"))"#, "1.5")
    .value(|_, args| duration::with_fraction(args, 1_000_000_000));

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::{Duration, Int, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Duration(1_500_000_000)], "1.5"),
                (&[Duration(i64::MAX)], "9223372036.854776"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
