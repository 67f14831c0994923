//! Rewriting texts: one that a path names, or the values of a compact record.
//!
//! INVARIANT: of the values of a record those are looked at that may change. What is not looked at stays as it is, damage
//! included.

use ottl_core::function::TextRewrite;
use ottl_core::{ErrorKind, EvalError, SCRATCH_BYTES, Site, Value};
use ottl_otlp::any::{self, Glance};
use ottl_otlp::wire::Payload;
use ottl_regex::NeededBytes;
use ottl_schema::{ContextId, Conv, FieldValue};

use super::eval::located;
use super::state::State;
use crate::fast::compact::{Compact, MAX_PAIRS};
use crate::fast::compare::{any_text, text_of};
use crate::fast::node::{BODY, InputAttribute};
use crate::fast::program::cond::TextOf;

const _: () = assert!(MAX_PAIRS <= u64::BITS as usize);

/// What stands in more attributes of a record than this is looked for in each of them.
const MAX_HITS: usize = 4;

impl<'a> State<'a, '_> {
    /// Rewrites one text.
    pub(crate) fn rewrite_text(
        &mut self,
        level: ContextId,
        of: &'a TextOf,
        rewrite: &TextRewrite,
        call: u32,
    ) -> Result<(), EvalError> {
        let text = match of {
            TextOf::Attribute(key) => match self.input_attribute(level, key.named())? {
                InputAttribute::Missing => return Ok(()),
                InputAttribute::Bytes(any) => text_of(any),
                InputAttribute::Written(_) => None,
            },
            TextOf::Body => text_of(self.message_field(level, BODY)?),
            TextOf::Field(number) => match self.field(level, *number)? {
                FieldValue::Absent => Some(Some(&[][..])),
                FieldValue::Present(Payload::Bytes(text)) => Some(Some(text)),
                FieldValue::Present(_) => None,
            },
        };
        let text = match text {
            Some(Some(text)) => text,
            // No other value is rewritten.
            Some(None) => return Ok(()),
            None => return self.call(call).map(|_| ()),
        };
        self.steps.look_at(text.len())?;
        let (arena, site) = (self.arena, self.plan.calls[call as usize].site);
        let Some(text) = rewrite.apply(text, arena).map_err(|error| located(error, site))? else { return Ok(()) };
        match of {
            TextOf::Attribute(key) => self.put_scalar(level, key.named(), Value::Str(text)),
            TextOf::Body => self.set_body(level, Value::Str(text)),
            TextOf::Field(number) => {
                let content = Conv::Str.write(Value::Str(text), arena)?;
                self.set_field(level, *number, content)
            }
        }
    }

    /// Rewrites the attributes of a compact record that are texts.
    #[inline(never)]
    pub(crate) fn rewrite_values(
        &mut self,
        level: ContextId,
        rewrite: &TextRewrite,
        needed: Option<&NeededBytes>,
        site: Site,
    ) -> Result<(), EvalError> {
        let Some(record) = self.messages.compact(level) else { return Ok(()) };
        let pairs = match needed {
            Some(needed) => {
                let pairs = pairs_with(record, needed);
                self.steps.look_at(record.attributes().len())?;
                pairs
            }
            None => record.pairs_longer(rewrite.spares().unwrap_or(0)),
        };
        if pairs == 0 { Ok(()) } else { self.rewrite_pairs(level, rewrite, pairs, site) }
    }

    /// Rewrites those attributes of a compact record whose bits are set, as far as they are texts.
    #[inline(never)]
    fn rewrite_pairs(
        &mut self,
        level: ContextId,
        rewrite: &TextRewrite,
        mut pairs: u64,
        site: Site,
    ) -> Result<(), EvalError> {
        let arena = self.arena;
        while pairs != 0
            && let Some(record) = self.messages.compact(level)
        {
            let idx = pairs.trailing_zeros() as usize;
            if idx >= record.len() {
                break;
            }
            pairs &= pairs - 1;
            let text = record.any(idx).map(any_text).transpose().map_err(|damage| located(damage.into(), site))?;
            let Some(text) = text.flatten() else { continue };
            let key = record.key(idx).unwrap_or_default();
            self.steps.look_at(text.len())?;
            if let Some(new) = rewrite.apply(text, arena).map_err(|error| located(error, site))?
                && new != text
            {
                let pair = self.sized_pair(key, &Value::Str(new))?;
                self.wrote = true;
                if self.messages.compact(level).and_then(|record| record.put_at(idx, pair)).is_none() {
                    return Err(ErrorKind::Budget(SCRATCH_BYTES).into());
                }
            }
        }
        Ok(())
    }
}

/// Bits of the pairs of a record that may have these bytes.
///
/// PERF (redaction): one search in all attributes, in place of one in each.
fn pairs_with(record: &Compact<'_>, needed: &NeededBytes) -> u64 {
    let area = record.attributes();
    let (mut bits, mut hits, mut from) = (0, 0, area.start);
    let texts = record.raw().get(..area.end).unwrap_or_default();
    while let Some(at) = needed.find(texts, from) {
        hits += 1;
        if hits > MAX_HITS {
            return u64::MAX;
        }
        from = at + 1;
        if let Some((idx, end)) = record.pair_around(at) {
            bits |= 1 << idx;
            from = end;
        }
    }
    bits | record.written_that(|pair| may_have(pair.any(), needed))
}

/// Whether an `AnyValue` may be or hold a text that has these bytes.
#[inline]
fn may_have(any: &[u8], needed: &NeededBytes) -> bool {
    match any::glance(any) {
        Glance::Text(text) => needed.may_match(text),
        Glance::Scalar => false,
        Glance::Unclear => needed.find(any, 0).is_some(),
    }
}
