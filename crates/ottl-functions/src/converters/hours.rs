//! `Hours`: a duration in hours, with fraction.

use ottl_core::function::{FunctionDef, Type};

use crate::family::duration;

/// The function's row.
pub const DEF: FunctionDef = duration::row("Hours")
    .returns(Type::Float)
    .docs("A duration in hours, with fraction.\n\nOnly durations are taken.")
    .example(r#"Hours(Duration("90m"))"#, "1.5")
    .value(|_, args| duration::with_fraction(args, 3_600_000_000_000));

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
                (&[Duration(5_400_000_000_000)], "1.5"),
                (&[Duration(-1)], "-2.777777777777778e-13"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
