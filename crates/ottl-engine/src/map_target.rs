//! What both engines ask of maps that are written as a whole: by editors of maps, and by paths.

use ottl_core::value::MAX_DEPTH;
use ottl_core::{ErrorKind, EvalError, Map, Value};

/// With more keys than these, what a path leads to is deeper than a value may be: the first one may be that of an attribute.
pub(crate) const MOST_KEYS: usize = MAX_DEPTH as usize + 1;

/// What is no map is the target of an editor of maps: its first argument.
#[cold]
pub(crate) fn no_map(value: Value<'_>) -> EvalError {
    EvalError::new(ErrorKind::Type { expected: "map", got: value.type_name() }).of(0)
}

/// The map that writing a whole map path stores.
///
/// # Errors
/// [`ErrorKind::UnsupportedWrite`]: the value is no map.
pub(crate) fn whole_map(value: Value<'_>) -> Result<Map<'_>, EvalError> {
    match value {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::EMPTY),
        other => Err(ErrorKind::UnsupportedWrite { expected: "map", got: other.type_name() }.into()),
    }
}
