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
