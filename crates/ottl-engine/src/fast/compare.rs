//! Encoded values against literals, without a value being made where that can be told from the bytes.

use ottl_core::ops::{CompareOp, compare, same_text};
use ottl_core::value::decode_any;
use ottl_core::{Arena, EvalError, Value};
use ottl_otlp::any::{self, AnyRef, Glance, Number};
use ottl_otlp::wire::{Payload, WireError};
use ottl_plan::Literal;
use ottl_schema::{Conv, FieldValue};

/// The text that an `AnyValue` is; `Some(None)` if it is something else or nothing. `None` if that cannot be told before it
/// is decoded.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
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
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(crate) fn any_text(any: &[u8]) -> Result<Option<&[u8]>, WireError> {
    match text_of(any) {
        Some(text) => Ok(text),
        None => Ok(decode_any(any)?.as_str()),
    }
}

/// The bytes of an attribute against a literal, of which `any` is the `AnyValue` if it is a text.
///
/// PERF (tenant, filter-spans): what is mostly asked needs no decoding, and then none of the registers that decoding would take.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(crate) fn bytes_against(
    op: CompareOp,
    bytes: &[u8],
    literal: &Literal,
    any: &[u8],
    arena: &Arena,
) -> Result<bool, EvalError> {
    let known = if any.is_empty() { scalar_against(op, bytes, literal) } else { text_against(op, bytes, any) };
    match known {
        Some(holds) => Ok(holds),
        None => decoded_against(op, bytes, literal, arena),
    }
}

/// The bytes of an attribute against the `AnyValue` of a text. `None` if that cannot be told before they are decoded.
#[inline(never)]
fn text_against(op: CompareOp, bytes: &[u8], any: &[u8]) -> Option<bool> {
    // PERF: equal texts have equal bytes when both are written as everybody writes them.
    if bytes == any {
        return Some(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge));
    }
    match any::glance(bytes) {
        // Two texts that are both written so and differ are not equal.
        Glance::Text(_) if matches!(op, CompareOp::Eq | CompareOp::Ne) => Some(op == CompareOp::Ne),
        // Neither nil nor a number is equal to a text, or in order with it.
        Glance::Scalar => Some(op == CompareOp::Ne),
        _ => None,
    }
}

/// The same against a literal that is no text.
#[inline(never)]
fn scalar_against(op: CompareOp, bytes: &[u8], literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Int(b) => any::number(bytes).map(|number| match number {
            Number::Int(a) => op.of(&a, b),
            Number::Double(a) => op.of(&a, &(*b as f64)),
        }),
        Literal::Float(b) => any::number(bytes).map(|number| match number {
            Number::Int(a) => op.of(&(a as f64), b),
            Number::Double(a) => op.of(&a, b),
        }),
        Literal::Nil if any::is_canonical_scalar(bytes) => Some(op == CompareOp::Ne),
        _ => None,
    }
}

#[inline(never)]
fn decoded_against(op: CompareOp, bytes: &[u8], literal: &Literal, arena: &Arena) -> Result<bool, EvalError> {
    Ok(against(op, &decode_any(bytes)?, literal, arena))
}

/// What is not there against a literal.
#[inline]
pub(crate) fn nil_against(op: CompareOp, literal: &Literal) -> bool {
    // PERF (metrics): nearly all ask for nil.
    match (op, literal) {
        (CompareOp::Eq, Literal::Nil) => true,
        (CompareOp::Ne, Literal::Nil) => false,
        _ => nil_against_value(op, literal),
    }
}

#[inline(never)]
fn nil_against_value(op: CompareOp, literal: &Literal) -> bool {
    let is_nil = match literal {
        Literal::Nil => true,
        // Those of no bytes are nil to comparisons.
        Literal::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    };
    if is_nil { matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge) } else { op == CompareOp::Ne }
}

#[inline]
pub(crate) fn against(op: CompareOp, value: &Value<'_>, literal: &Literal, arena: &Arena) -> bool {
    match usual_against(op, value, literal) {
        Some(holds) => holds,
        // Containers are compared by the general way: a literal that is one never comes here.
        None => literal.value(arena).is_ok_and(|literal| compare(op, value, &literal)),
    }
}

/// The same of what is mostly compared: whether something is there, ints, and whether texts are equal.
#[inline]
pub(crate) fn usual_against(op: CompareOp, value: &Value<'_>, literal: &Literal) -> Option<bool> {
    match (value, literal) {
        // Bytes that are none are nil to comparisons.
        (Value::Nil | Value::Bytes(b""), Literal::Nil) => {
            Some(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge))
        }
        (_, Literal::Nil) => Some(op == CompareOp::Ne),
        (Value::Int(a), Literal::Int(b)) => Some(op.of(a, b)),
        (Value::Str(a), Literal::Str(b)) if op == CompareOp::Eq => Some(same_text(a, b)),
        (Value::Str(a), Literal::Str(b)) if op == CompareOp::Ne => Some(!same_text(a, b)),
        _ => None,
    }
}

/// An integer field against a number, unless its wire type is not the schema's.
#[inline]
pub(crate) fn number_of(field: FieldValue<'_>, conv: Conv) -> Option<i64> {
    match (field, conv) {
        (FieldValue::Absent, _) => Some(0),
        (FieldValue::Present(Payload::Varint(v)), Conv::I32) => Some(i64::from(v as i32)),
        (FieldValue::Present(Payload::Fixed64(v)), Conv::Nanos | Conv::FixedInt | Conv::Time) => Some(v as i64),
        (FieldValue::Present(Payload::Varint(v)), Conv::U32) => Some(i64::from(v as u32)),
        (FieldValue::Present(Payload::Fixed32(v)), Conv::Fixed32 | Conv::Fixed32Checked) => Some(i64::from(v)),
        _ => None,
    }
}
