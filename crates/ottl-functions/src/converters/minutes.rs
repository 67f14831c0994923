//! `Minutes`: a duration in minutes, with fraction.

use ottl_core::function::{FunctionDef, Type};

use crate::family::duration;

/// The function's row.
pub const DEF: FunctionDef = duration::row("Minutes")
    .returns(Type::Float)
    .docs("A duration in minutes, with fraction.\n\nOnly durations are taken.")
    .example(r#"Minutes(Duration("90s"))"#, "1.5")
    .value(|_, args| duration::with_fraction(args, 60_000_000_000));

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
                (&[Duration(90_000_000_000)], "1.5"),
                (&[Duration(i64::MIN)], "-153722867.28091294"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
