//! What both engines ask of the target of an editor of maps.

use ottl_core::value::MAX_DEPTH;
use ottl_core::{ErrorKind, EvalError, Value};

/// With more keys than these, what a path leads to is deeper than a value may be: the first one may be that of an attribute.
pub(crate) const MOST_KEYS: usize = MAX_DEPTH as usize + 1;

/// What is no map is the target of an editor of maps: its first argument.
#[cold]
pub(crate) fn no_map(value: Value<'_>) -> EvalError {
    EvalError::new(ErrorKind::Type { expected: "map", got: value.type_name() }).of(0)
}
