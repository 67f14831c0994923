//! The converters that convert a value to a type: `Int` and others.

use ottl_core::function::{FunctionDef, ParamType};

use crate::arguments;

/// A row without documentation; the parameter does the work.
pub(crate) const fn row(name: &'static str, ty: ParamType) -> FunctionDef {
    FunctionDef::converter(name).arg("target", ty, "the value to convert").value(|_, args| Ok(arguments::any(args, 0)))
}
