//! Indexing: path keys and converter keys follow different rules.

use crate::{ErrorKind, EvalError, Value};

/// An evaluated index key.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// A string key, literal or from an expression.
    Str(&'a [u8]),
    /// An int key, literal or from an expression.
    Int(i64),
    /// What an expression gave that is neither.
    Other(Value<'a>),
}

impl<'a> Key<'a> {
    /// The key that an expression's value makes.
    pub fn from_value(value: Value<'a>) -> Key<'a> {
        match value {
            Value::Str(s) => Key::Str(s),
            Value::Int(i) => Key::Int(i),
            other => Key::Other(other),
        }
    }

    fn value(self) -> Value<'a> {
        match self {
            Key::Str(s) => Value::Str(s),
            Key::Int(i) => Value::Int(i),
            Key::Other(v) => v,
        }
    }

    /// The error for a key that does not fit the container.
    pub fn misfit(self) -> EvalError {
        ErrorKind::BadKey(self.value().type_name()).into()
    }
}

/// One step through a path key: `None` means the map has no such key, which makes the whole path nil.
///
/// # Errors
/// [`ErrorKind::BadKey`], [`ErrorKind::IndexOutOfBounds`], or [`ErrorKind::NotIndexable`] for scalars and nil.
pub fn index_path<'a>(value: &Value<'a>, key: Key<'a>) -> Result<Option<Value<'a>>, EvalError> {
    match (value, key) {
        (Value::Map(map), Key::Str(name)) => Ok(map.get(name)),
        (Value::List(list), Key::Int(idx)) => {
            list.get(idx).map(Some).ok_or_else(|| ErrorKind::out_of_bounds(idx, list.len()).into())
        }
        (Value::Map(_) | Value::List(_), key) => Err(key.misfit()),
        (other, _) => Err(ErrorKind::NotIndexable(other.type_name()).into()),
    }
}

/// One step through a key on a converter's result or a lambda parameter; here a missing key is an error.
///
/// # Errors
/// As [`index_path`], and [`ErrorKind::KeyNotFound`].
pub fn index_converter<'a>(value: &Value<'a>, key: Key<'a>) -> Result<Value<'a>, EvalError> {
    let key = match key {
        Key::Other(Value::GoInt(i)) => Key::Int(i),
        key => key,
    };
    match (value, key) {
        (Value::Map(map), Key::Str(name)) => map.get(name).ok_or_else(|| ErrorKind::KeyNotFound.into()),
        // Lists that functions do not know cannot be indexed either.
        (Value::List(list), Key::Int(_)) if list.kind().is_foreign() => {
            Err(ErrorKind::NotIndexable(value.type_name()).into())
        }
        (Value::List(list), Key::Int(idx)) => {
            list.get(idx).ok_or_else(|| ErrorKind::out_of_bounds(idx, list.len()).into())
        }
        (Value::Bytes(bytes), Key::Int(idx)) => usize::try_from(idx)
            .ok()
            .and_then(|i| bytes.get(i))
            .map(|b| Value::GoInt(i64::from(*b)))
            .ok_or_else(|| ErrorKind::out_of_bounds(idx, bytes.len()).into()),
        (_, Key::Other(_)) => Err(key.misfit()),
        (other, _) => Err(ErrorKind::NotIndexable(other.type_name()).into()),
    }
}
