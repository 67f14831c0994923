//! Calls of functions that statements name as arguments, `replace_pattern(..., SHA256)`: the same for both engines.

use ottl_core::function::{CallContext, Const, Eval, FunctionDef, FunctionKind, Host, ParamType};
use ottl_core::ops::{Coercion, coerce};
use ottl_core::{EvalError, Value};

/// The value of a converter that takes one text.
///
/// COMPAT: the reference ends with a crash when the one parameter is of another type, also where that takes texts among
/// other things, as `String` does. Here that is an error.
pub(crate) fn call<'a>(
    host: &mut dyn Host<'a>,
    def: &'static FunctionDef,
    arg: Value<'a>,
) -> Result<Value<'a>, EvalError> {
    let mut params = def.visible_params();
    let (FunctionKind::Converter, Some(param), None, Eval::Converter(eval) | Eval::TextTest { kernel: eval, .. }) =
        (def.kind, params.next(), params.next(), def.eval)
    else {
        return Err(EvalError::function("the function named as an argument does not take exactly one argument"));
    };
    if param.ty != ParamType::Coerced(Coercion::String) {
        return Err(EvalError::function("the function named as an argument does not take a string"));
    }
    let arg = coerce(Coercion::String, arg, host.arena())?;
    let prepared = match def.prepare {
        Some(prepare) => prepare(&[Const::Value(arg)])
            .map_err(|_| EvalError::function("the function named as an argument refuses the value"))?,
        None => None,
    };
    // The errors are those of the call that names the function, whose arguments are others.
    eval(&mut CallContext::new(host, prepared.as_ref()), &[arg]).map_err(|error| EvalError { argument: None, ..error })
}
