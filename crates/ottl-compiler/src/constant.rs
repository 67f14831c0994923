//! Constants: between the plan's owned form and the values that operators work on.

use ottl_core::ops::{Coercion, coerce, map_literal};
use ottl_core::{Arena, EvalError};
use ottl_plan::Literal;

/// The literal as a parameter receives it.
pub(crate) fn coerced(literal: Literal, to: Coercion) -> Result<Literal, EvalError> {
    if let (Coercion::String | Coercion::StringLike, Literal::Str(_)) = (to, &literal) {
        return Ok(literal);
    }
    let arena = Arena::new();
    let value = coerce(to, literal.value(&arena)?, &arena)?;
    Literal::of(&value).ok_or_else(|| EvalError::function("no literal can have this value"))
}

/// The map of a map literal whose values are constants; nested lists become general ones.
pub(crate) fn map(pairs: Vec<(Vec<u8>, Literal)>) -> Result<Literal, EvalError> {
    let arena = Arena::new();
    let mut values = Vec::with_capacity(pairs.len());
    for (key, value) in &pairs {
        values.push((key.as_slice(), value.value(&arena)?));
    }
    let value = map_literal(&values, &arena)?;
    Literal::of(&value).ok_or_else(|| EvalError::function("a map cannot hold this value"))
}
