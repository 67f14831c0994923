//! Encoded values against literals, without a value being made where that can be told from the bytes.

use ottl_core::ops::{CompareOp, compare};
use ottl_core::value::decode_any;
use ottl_core::{Arena, EvalError, Value};
use ottl_otlp::any::{self, AnyRef, Glance, Number};
use ottl_otlp::wire::{Payload, WireError};
use ottl_plan::Literal;
use ottl_schema::{Conv, FieldValue};

/// The text that an `AnyValue` is; `Some(None)` if it is something else or nothing. `None` if that cannot be told before it
/// is decoded.
#[inline(always)]
pub(crate) fn text_of(any: &[u8]) -> Option<Option<&[u8]>> {
    match any::glance(any) {
        Glance::Text(text) => Some(Some(text)),
        Glance::Scalar => Some(None),
        Glance::Unclear => irregular_text_of(any),
    }
}

/// The same for values in other encodings.
#[inline(never)]
fn irregular_text_of(any: &[u8]) -> Option<Option<&[u8]>> {
    match any::single(any)? {
        AnyRef::Text(_) | AnyRef::Empty => None,
        _ => Some(None),
    }
}

/// The text that an `AnyValue` is, in any encoding.
///
/// # Errors
/// Damage of its framing.
#[inline(always)]
pub(crate) fn any_text(any: &[u8]) -> Result<Option<&[u8]>, WireError> {
    match text_of(any) {
        Some(text) => Ok(text),
        None => Ok(decode_any(any)?.as_str()),
    }
}

/// The bytes of an attribute against a literal, of which `any` is the `AnyValue` if it is a text.
#[inline]
pub(crate) fn bytes_against(
    op: CompareOp,
    bytes: &[u8],
    literal: &Literal,
    any: &[u8],
    arena: &Arena,
) -> Result<bool, EvalError> {
    if !any.is_empty() {
        // PERF: equal texts have equal bytes when both are written as everybody writes them.
        if bytes == any {
            return Ok(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge));
        }
        // Two texts that are both written so and differ are not equal.
        if matches!(op, CompareOp::Eq | CompareOp::Ne) && any::text(bytes).is_some() {
            return Ok(op == CompareOp::Ne);
        }
    }
    // PERF (tenant, structural): numbers in canonical encoding are compared without a value being made.
    match (any::number(bytes), literal) {
        (Some(Number::Int(a)), Literal::Int(b)) => return Ok(op.of(&a, b)),
        (Some(Number::Int(a)), Literal::Float(b)) => return Ok(op.of(&(a as f64), b)),
        (Some(Number::Double(a)), Literal::Float(b)) => return Ok(op.of(&a, b)),
        (Some(Number::Double(a)), Literal::Int(b)) => return Ok(op.of(&a, &(*b as f64))),
        (_, Literal::Nil) if any::is_canonical_scalar(bytes) => return Ok(op == CompareOp::Ne),
        _ => {}
    }
    let value = decode_any(bytes)?;
    Ok(against(op, &value, literal, arena))
}

/// What is not there against a literal.
#[inline]
pub(crate) fn nil_against(op: CompareOp, literal: &Literal, arena: &Arena) -> bool {
    match (op, literal) {
        (CompareOp::Eq, Literal::Nil) => true,
        (CompareOp::Ne, Literal::Nil) => false,
        _ => against(op, &Value::Nil, literal, arena),
    }
}

#[inline]
pub(crate) fn against(op: CompareOp, value: &Value<'_>, literal: &Literal, arena: &Arena) -> bool {
    match (value, literal) {
        (Value::Int(a), Literal::Int(b)) => op.of(a, b),
        (Value::Str(a), Literal::Str(b)) if op == CompareOp::Eq => *a == b.as_slice(),
        (Value::Str(a), Literal::Str(b)) if op == CompareOp::Ne => *a != b.as_slice(),
        // Containers are compared by the general way: a literal that is one never comes here.
        (value, literal) => literal.value(arena).is_ok_and(|literal| compare(op, value, &literal)),
    }
}

/// An integer field against a number, unless its wire type is not the schema's.
#[inline]
pub(crate) fn number_of(field: FieldValue<'_>, conv: Conv) -> Option<i64> {
    match (field, conv) {
        (FieldValue::Absent, _) => Some(0),
        (FieldValue::Present(Payload::Varint(v)), Conv::I32) => Some(i64::from(v as i32)),
        (FieldValue::Present(Payload::Fixed64(v)), Conv::Nanos | Conv::FixedInt) => Some(v as i64),
        _ => None,
    }
}
