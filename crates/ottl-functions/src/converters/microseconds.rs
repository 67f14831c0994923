//! `Microseconds`: a duration in whole microseconds.

use ottl_core::function::{FunctionDef, Type};

use crate::family::duration;

/// The function's row.
pub const DEF: FunctionDef = duration::row("Microseconds")
    .returns(Type::Int)
    .docs("A duration in whole microseconds, cut towards zero.\n\nOnly durations are taken.")
    .example(r#"Microseconds(Duration("1ms"))"#, "1000")
    .compile(|_| Ok(duration::whole(1_000)));

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
            &[(&[Duration(1_999)], "1"), (&[Duration(-1_999)], "-1"), (&[Nil], "error"), (&[Float(1.0)], "error")],
        );
    }
}
