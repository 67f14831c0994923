//! A regular expression as an argument: compiled with the rules when it is a literal, else when it is used.

use ottl_core::EvalError;
use ottl_core::function::{CallContext, Const, Prepared};

use crate::regex::Regex;
use crate::scratch;

/// For `prepare`: the compiled pattern of a literal argument.
///
/// # Errors
/// A literal that is no pattern.
pub(crate) fn prepare(args: &[Const<'_>], idx: usize) -> Result<Option<Prepared>, String> {
    match args.get(idx).and_then(Const::as_str) {
        Some(pattern) => match Regex::shared(pattern) {
            Ok(regex) => Ok(Some(Box::new(regex))),
            Err(error) => Err(error.to_string()),
        },
        None => Ok(None),
    }
}

/// Hands the prepared regex, or else that of `pattern`, which is the second argument, to `act`.
///
/// # Errors
/// A text that is no pattern.
pub(crate) fn with<R>(
    ctx: &CallContext<'_, '_>,
    pattern: &[u8],
    act: impl FnOnce(&Regex) -> R,
) -> Result<R, EvalError> {
    if let Some(regex) = ctx.prepared::<Regex>() {
        return Ok(act(regex));
    }
    scratch::with_pattern(ctx.arena(), pattern, 1, |regex| Ok(act(regex)))
}
