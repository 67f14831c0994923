//! What the converters share that say whether a value is of one type: `IsBool` and others.
//!
//! Their parameter takes any value, because a type error inside the argument must stay an error.

use ottl_core::function::{Const, FunctionDef, Kernel, ParamType, TextPredicate, Type};
use ottl_core::{ErrorKind, Value};

/// A row without documentation and kernel.
pub(crate) const fn row(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).arg("target", ParamType::Any, "the value to look at").returns(Type::Bool)
}

/// The kernel that asks this. COMPAT: literals that cannot pass do not compile in the reference.
///
/// # Errors
/// A literal of another type than the one that a strict getter of the reference takes, which it calls `expected`.
pub(crate) fn kernel(
    args: &[Const<'_>],
    expected: &'static str,
    passes: impl Fn(&Value<'_>) -> bool + Send + Sync + 'static,
) -> Result<Kernel, String> {
    literal_passes(args, expected, &passes)?;
    Ok(Kernel::value(move |_, args| Ok(Value::Bool(args.first().is_some_and(&passes)))))
}

/// The same for texts, as data.
///
/// # Errors
/// As [`kernel`].
pub(crate) fn text(args: &[Const<'_>]) -> Result<Kernel, String> {
    literal_passes(args, "string", |value| matches!(value, Value::Str(_)))?;
    Ok(Kernel::Predicate(TextPredicate::IsText))
}

fn literal_passes(
    args: &[Const<'_>],
    expected: &'static str,
    passes: impl Fn(&Value<'_>) -> bool,
) -> Result<(), String> {
    match args.first() {
        Some(Const::Value(value)) if !passes(value) => {
            Err(ErrorKind::Type { expected, got: value.type_name() }.to_string())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::mem::discriminant;

    use super::*;
    use Value::{Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::{any, check, refuses, slice};

    /// Of a value of each type only those of the type of `own` pass, and literals of the others do not compile.
    pub(crate) fn only(def: &FunctionDef, own: Value<'_>) {
        let scalars = [Bool(false), Float(1.0), Int(1), Value::Map(ottl_core::Map::EMPTY), Str(b""), Nil];
        for value in scalars.into_iter().chain([Bytes(b"a"), slice(&[])]) {
            let passes = discriminant(&value) == discriminant(&own);
            check(def, &[(&[value], if passes { "true" } else { "false" })]);
        }
        for literal in scalars.into_iter().chain([any(&[])]) {
            if discriminant(&literal) != discriminant(&own) {
                refuses(def, &[&[literal]]);
            }
        }
    }
}
