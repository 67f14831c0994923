//! `Nanoseconds`: a duration in whole nanoseconds.

use ottl_core::function::{FunctionDef, Type};

use crate::family::duration;

/// The function's row.
pub const DEF: FunctionDef = duration::row("Nanoseconds")
    .returns(Type::Int)
    .docs("A duration in whole nanoseconds.\n\nOnly durations are taken.")
    .example(r#"Nanoseconds(Duration("1us"))"#, "1000")
    .compile(|_| Ok(duration::whole(1)));

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::{Duration, Float, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[Duration(-7)], "-7"), (&[Nil], "error"), (&[Float(1.0)], "error")]);
    }
}
