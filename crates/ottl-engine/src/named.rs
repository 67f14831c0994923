//! Calls of functions that statements name as arguments, `replace_pattern(..., SHA256)`: the same for both engines.

use ottl_core::function::{CallContext, Host};
use ottl_core::ops::{Coercion, coerce};
use ottl_core::{EvalError, Value};
use ottl_plan::NamedFunction;

/// The value of a converter that takes one text.
pub(crate) fn call<'a>(
    host: &mut dyn Host<'a>,
    function: &NamedFunction,
    arg: Value<'a>,
) -> Result<Value<'a>, EvalError> {
    let kernel = function.kernel.as_ref().map_err(|error| *error)?;
    let arg = coerce(Coercion::String, arg, host.arena())?;
    // The errors are those of the call that names the function, whose arguments are others.
    kernel.call(&mut CallContext::new(host), &[arg]).map_err(|error| EvalError { argument: None, ..error })
}
