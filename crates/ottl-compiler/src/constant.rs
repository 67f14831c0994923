//! Constants: between the plan's owned form and the values that operators work on.

use ottl_core::ops::{Coercion, coerce, map_literal};
use ottl_core::{Arena, EvalError, Value};
use ottl_plan::Literal;

/// The constant that holds a value; none for values that no literal can have.
fn literal_of(value: &Value<'_>) -> Option<Literal> {
    Some(match value {
        Value::Nil => Literal::Nil,
        Value::Bool(b) => Literal::Bool(*b),
        Value::Int(i) => Literal::Int(*i),
        Value::Float(f) => Literal::Float(*f),
        Value::Str(s) => Literal::Str(s.to_vec()),
        Value::Bytes(b) => Literal::Bytes(b.to_vec()),
        Value::Duration(d) => Literal::Duration(*d),
        Value::List(list) => Literal::List(list.kind(), list.iter().map(|v| literal_of(&v)).collect::<Option<_>>()?),
        Value::Map(map) => Literal::Map(
            map.iter().map(|pair| Some((pair.key.to_vec(), literal_of(&pair.value)?))).collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// The literal as a parameter receives it.
pub(crate) fn coerced(literal: Literal, to: Coercion) -> Result<Literal, EvalError> {
    if let (Coercion::String | Coercion::StringLike, Literal::Str(_)) = (to, &literal) {
        return Ok(literal);
    }
    let arena = Arena::new();
    let value = coerce(to, literal.value(&arena)?, &arena)?;
    literal_of(&value).ok_or_else(|| EvalError::function("no literal can have this value"))
}

/// The map of a map literal whose values are constants; nested lists become general ones.
pub(crate) fn map(pairs: Vec<(Vec<u8>, Literal)>) -> Result<Literal, EvalError> {
    let arena = Arena::new();
    let mut values = Vec::with_capacity(pairs.len());
    for (key, value) in &pairs {
        values.push((key.as_slice(), value.value(&arena)?));
    }
    let value = map_literal(&values, &arena)?;
    literal_of(&value).ok_or_else(|| EvalError::function("a map cannot hold this value"))
}
