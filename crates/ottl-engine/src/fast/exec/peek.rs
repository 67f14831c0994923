//! What the conditions of a filter say of a record's bytes, before it is made the current message.
//!
//! PERF (filter-logs, filter-spans): nearly all records stay, and nothing else looks at them. What is kept of a current message, and
//! errors on the way out of each condition, cost as much as finding the attributes.

use ottl_core::ops::same_text;
use ottl_otlp::any;
use ottl_otlp::wire::Payload;
use ottl_schema::FieldValue;

use super::state::State;
use crate::fast::compare::{bytes_against, nil_against, number_of};
use crate::fast::node::{InputAttribute, last_field, raw_attribute};
use crate::fast::program::cond::{Cond, TextOf};

impl<'a> State<'a, '_> {
    /// Whether a condition holds of a record, whose attributes have this field number. Nothing where that does not show at once, or an
    /// error comes of it: then the record is made the current one and asked as ever.
    ///
    /// INVARIANT: what is answered here [`State::holds`] answers as well.
    pub fn peek(&mut self, raw: &'a [u8], attributes: u32, condition: &'a Cond) -> Option<bool> {
        match condition {
            Cond::And(parts) => {
                for part in parts {
                    if !self.peek_part(raw, attributes, part)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Cond::Or(parts) => {
                for part in parts {
                    if self.peek_part(raw, attributes, part)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Cond::Not(inner) => self.peek(raw, attributes, inner).map(|holds| !holds),
            Cond::Attribute { key, op, literal, any, .. } => {
                let literal = self.plan.literals.get(*literal as usize)?;
                match raw_attribute(raw, attributes, key.named()).ok()? {
                    InputAttribute::Bytes(bytes) => bytes_against(*op, bytes, literal, any, self.arena).ok(),
                    InputAttribute::Missing => Some(nil_against(*op, literal)),
                    InputAttribute::Written(_) => None,
                }
            }
            Cond::Field { number, conv, op, value, .. } => {
                let found = number_of(last_field(raw, *number).ok()?, *conv)?;
                Some(op.of(&found, value))
            }
            Cond::FieldText { number, text, negated, .. } => {
                let found = match last_field(raw, *number).ok()? {
                    FieldValue::Absent => &[],
                    FieldValue::Present(Payload::Bytes(found)) => found,
                    FieldValue::Present(_) => return None,
                };
                Some(same_text(found, text) != *negated)
            }
            Cond::Text { of, predicate, nil_passes, known, .. } => {
                let TextOf::Attribute(key) = of else { return None };
                let any = match raw_attribute(raw, attributes, key.named()).ok()? {
                    InputAttribute::Bytes(any) => any,
                    InputAttribute::Missing => &[],
                    InputAttribute::Written(_) => return None,
                };
                match any::text(any) {
                    Some(text) => {
                        self.steps.look_at(any.len()).ok()?;
                        match known {
                            Some(known) if self.peek(raw, attributes, &known.condition)? == known.decides => {
                                Some(known.answer)
                            }
                            _ => Some(predicate.holds(Some(text))),
                        }
                    }
                    None if any.is_empty() && *nil_passes => Some(predicate.holds(None)),
                    None => None,
                }
            }
            Cond::PerParent { slot, test, .. } => self.holds_for_parent(*slot, *test).ok(),
            Cond::Expr(_) | Cond::Sure(_) | Cond::Ints { .. } | Cond::Body { .. } | Cond::Shared { .. } => None,
        }
    }

    /// The same of a part of a chain. What is known of a parent takes less than a call.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn peek_part(&mut self, raw: &'a [u8], attributes: u32, condition: &'a Cond) -> Option<bool> {
        match condition {
            Cond::PerParent { slot, test, .. } => self.holds_for_parent(*slot, *test).ok(),
            _ => self.peek(raw, attributes, condition),
        }
    }
}
