//! Reading what is at hand: attributes, texts and the body, what lies behind literal keys, and the type of a metric that was
//! looked at.
//!
//! PERF (calls of converters): nearly all arguments are that, and they are read without what other paths need.
//! INVARIANT: what is answered here [`State::read_path`] answers as well.

use ottl_core::edit::NamedKey;
use ottl_core::{Map, Value};
use ottl_otlp::any;
use ottl_otlp::wire::Payload;
use ottl_plan::{Expr, ExprId, KeyExpr};
use ottl_schema::{Access, Conv, FieldValue};

use super::state::State;
use crate::fast::node::BODY;
use crate::fast::program::int::IntKind;
use crate::fast::program::paths::{AtHand, PathCode};

impl<'a> State<'a, '_> {
    /// Whether an expression is an attribute, a text, the body or a metric's type, or lies behind literal keys; then its value is
    /// put to `to`. Not for others, and where that fails.
    ///
    /// PERF (redaction): a value is made where it is needed. Copied from where it has just been made, it is read before it has
    /// left the store buffer.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn at_hand(&mut self, expr: ExprId, to: &mut Value<'a>) -> bool {
        match self.plan.exprs.get(expr.0 as usize) {
            Some(Expr::Path(n)) => self.path_at_hand(*n, to),
            _ => false,
        }
    }

    /// The same of a path.
    ///
    /// PERF: where nothing is called, no registers are saved.
    #[inline(never)]
    pub fn path_at_hand(&mut self, n: u32, to: &mut Value<'a>) -> bool {
        let code = self.paths.at(n);
        if self.lambdas > 0 {
            return false;
        }
        match code.at_hand {
            AtHand::Attribute => {
                if let Some(found) = self.messages.compact(code.level).and_then(|record| record.attribute(code.known))
                    && let Some(value) = value_at_hand(found.unwrap_or_default())
                {
                    *to = value;
                    return true;
                }
                self.behind_keys(n, code, to)
            }
            AtHand::Field(number) if matches!(code.access, Access::Body) => {
                self.body_at_hand(code, u32::from(number), to)
            }
            AtHand::Field(number) => self.field_at_hand(code, u32::from(number), to),
            AtHand::Behind => self.behind_keys(n, code, to),
            AtHand::MetricType => match self.metric_type_at_hand() {
                Some(ty) => {
                    *to = ty;
                    true
                }
                None => false,
            },
            AtHand::No => false,
        }
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn body_at_hand(&mut self, code: &PathCode, number: u32, to: &mut Value<'a>) -> bool {
        let Some(any) = self.messages.compact(code.level).and_then(|record| record.message(number)) else {
            return false;
        };
        self.decode_to(any, to).is_ok()
    }

    #[inline(never)]
    fn field_at_hand(&mut self, code: &PathCode, number: u32, to: &mut Value<'a>) -> bool {
        let arena = self.arena;
        let (Some(record), Access::Field(_, conv)) = (self.messages.compact(code.level), code.access) else {
            return false;
        };
        match conv {
            Conv::Str | Conv::TraceId | Conv::SpanId => {
                match record.field(number).and_then(|field| bytes_at_hand(&field, conv)) {
                    Some(value) => *to = value,
                    None => return false,
                }
            }
            Conv::TraceIdText | Conv::SpanIdText => {
                match record.field(number).and_then(|field| conv.read(field, arena).ok()) {
                    Some(value) => *to = value,
                    None => return false,
                }
            }
            _ => match record.number(number, conv) {
                Some(Some(at)) if matches!(conv, Conv::Time) => *to = IntKind::Time.value(at),
                Some(Some(number)) => *to = Value::Int(number),
                _ => return false,
            },
        }
        true
    }

    /// What literal keys lead to, or nil if one is not there. Nothing where that fails, and where nothing was written yet that
    /// leads there.
    #[inline(never)]
    fn behind_keys(&mut self, n: u32, code: &PathCode, to: &mut Value<'a>) -> bool {
        let Some(path) = self.plan.paths.get(n as usize) else { return false };
        let (found, keys) = match (code.access, path.keys.as_slice()) {
            (Access::Body, keys) => {
                let body = self.message_field(code.level, BODY);
                match (self.code.kept.of(n), body) {
                    (Some((number, place)), Ok(any)) => {
                        if !self.kept_value(number, any, to) {
                            return false;
                        }
                        (Ok(!matches!(to, Value::Absent)), &keys[place.keys.len()..])
                    }
                    (_, body) => (body.and_then(|any| self.decode_to(any, to)).map(|()| true), keys),
                }
            }
            (Access::Cache, [KeyExpr::Str(key), keys @ ..]) => {
                let Some(cache) = self.caches.there(code.level) else { return false };
                (cache.map.value_named_to(NamedKey { key, known: code.known }, to), keys)
            }
            (Access::Attributes(_), [KeyExpr::Str(key), keys @ ..]) => {
                (self.attribute_to(code.level, NamedKey { key, known: code.known }, to), keys)
            }
            _ => return false,
        };
        match found {
            Ok(true) => {}
            Ok(false) => {
                *to = Value::Nil;
                return true;
            }
            Err(_) => return false,
        }
        if !behind(keys, to) {
            return false;
        }
        if matches!(to, Value::Absent) {
            *to = Value::Nil;
        }
        true
    }
}

/// Puts what literal keys lead to in a value in its place: [`Value::Absent`] if one is not there. Not where that fails.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn behind<'a>(keys: &'a [KeyExpr], to: &mut Value<'a>) -> bool {
    for key in keys {
        match (&*to, key) {
            (Value::Map(Map::Wire(pairs, _)), KeyExpr::Str(key))
                if let Some(value) = any::value_of(pairs, key).and_then(value_at_hand) =>
            {
                *to = value;
            }
            (&Value::Map(map), KeyExpr::Str(key)) => {
                if !map.get_to(key, to) {
                    *to = Value::Absent;
                    break;
                }
            }
            (&Value::List(list), KeyExpr::Int(idx)) => {
                if !list.get_to(*idx, to) {
                    return false;
                }
            }
            _ => return false,
        }
    }
    true
}

/// What a field is that is a text or an id.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn bytes_at_hand<'a>(field: &FieldValue<'a>, conv: Conv) -> Option<Value<'a>> {
    match (conv, field) {
        (Conv::Str, FieldValue::Absent) => Some(Value::Str(&[])),
        (Conv::Str, FieldValue::Present(Payload::Bytes(text))) => Some(Value::Str(text)),
        (Conv::TraceId, FieldValue::Absent) => Some(Value::TraceId([0; 16])),
        (Conv::TraceId, FieldValue::Present(Payload::Bytes(id))) => (*id).try_into().ok().map(Value::TraceId),
        (Conv::SpanId, FieldValue::Absent) => Some(Value::SpanId([0; 8])),
        (Conv::SpanId, FieldValue::Present(Payload::Bytes(id))) => (*id).try_into().ok().map(Value::SpanId),
        _ => None,
    }
}

/// What an `AnyValue` is, if that is a text, a number or nil in its usual encoding.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn value_at_hand(any: &[u8]) -> Option<Value<'_>> {
    if let Some(text) = any::text(any) {
        return Some(Value::Str(text));
    }
    match any::number(any) {
        Some(any::Number::Int(int)) => Some(Value::Int(int)),
        Some(any::Number::Double(float)) => Some(Value::Float(float)),
        None => any.is_empty().then_some(Value::Nil),
    }
}
