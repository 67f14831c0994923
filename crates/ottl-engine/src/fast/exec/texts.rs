//! Rewriting texts: one that a path names, or the values of a compact record.
//!
//! INVARIANT: of the values of a record those are looked at that may change. What is not looked at stays as it is, damage
//! included.

use ottl_core::edit::NamedKey;
use ottl_core::function::{Pieces, TextRewrite};
use ottl_core::{ErrorKind, EvalError, SCRATCH_BYTES, Site, Value};
use ottl_otlp::any::{self, Glance};
use ottl_otlp::wire::Payload;
use ottl_regex::NeededBytes;
use ottl_schema::{ContextId, FieldValue};

use super::eval::located;
use super::state::State;
use crate::fast::compact::{Compact, MAX_PAIRS};
use crate::fast::compare::{any_text, text_of};
use crate::fast::node::{BODY, InputAttribute};
use crate::fast::pair::SizedPair;
use crate::fast::program::action::{Action, WholeMap};
use crate::fast::program::cond::TextOf;

const _: () = assert!(MAX_PAIRS <= u64::BITS as usize);

/// What stands in more attributes of a record than this is looked for in each of them.
const MAX_HITS: usize = 4;

/// Bits of all pairs.
const ALL: u64 = u64::MAX;

impl<'a> State<'a, '_> {
    /// Rewrites one text.
    #[inline(never)]
    pub(crate) fn rewrite_text(&mut self, action: &'a Action) -> Result<(), EvalError> {
        let Action::RewriteText { level, of, rewrite, call } = action else { return Ok(()) };
        let (level, call) = (*level, *call);
        let text = match of {
            TextOf::Attribute(key) => match self.input_attribute(level, key.named())? {
                InputAttribute::Missing => return Ok(()),
                InputAttribute::Bytes(any) => text_of(any),
                InputAttribute::Written(_) => None,
            },
            TextOf::Body => text_of(self.message_field(level, BODY)?),
            TextOf::Field(number) => self.text_field(level, *number)?.map(Some),
        };
        let text = match text {
            Some(Some(text)) => text,
            // No other value is rewritten.
            Some(None) => return Ok(()),
            None => return self.call(call).map(|_| ()),
        };
        self.steps.look_at(text.len())?;
        let (arena, site) = (self.arena, self.plan.calls[call as usize].site);
        if let TextOf::Field(number) = of {
            let Some(text) = rewrite.apply(text, arena).map_err(|error| located(error, site))? else { return Ok(()) };
            // What `Conv::Str` writes.
            return self.set_field_to(level, *number, |to| match text {
                [] => *to = FieldValue::Absent,
                text => *to = FieldValue::Present(Payload::Bytes(text)),
            });
        }
        let pieces = rewrite.pieces(text, false, arena).map_err(|error| located(error, site))?;
        let Some(text) = pieces else { return Ok(()) };
        if let TextOf::Attribute(key) = of {
            return self.put_text(level, key.named(), &text);
        }
        let any = text.any(arena)?;
        self.set_field(level, BODY, FieldValue::Present(Payload::Bytes(any)))
    }

    #[inline]
    fn put_text(&mut self, level: ContextId, key: NamedKey<'a>, text: &Pieces<'a>) -> Result<(), EvalError> {
        if self.messages.is_compact(level) {
            let pair = self.text_pair(key.key, text)?;
            return self.put_pair(level, key, pair);
        }
        self.put_scalar(level, key, Value::Str(text.join(self.arena)?))
    }

    /// Rewrites the values of a map that are texts.
    #[inline(never)]
    pub(crate) fn rewrite_map(&mut self, action: &'a Action) -> Result<(), EvalError> {
        let Action::RewriteValues { map, rewrite, needed, call } = action else { return Ok(()) };
        let site = self.plan.calls[*call as usize].site;
        let record = match map {
            WholeMap::Attributes(level) => self.messages.compact(*level).map(|record| (*level, record)),
            WholeMap::Cache(_) => None,
        };
        let Some((level, record)) = record else { return self.rewrite_values(*map, rewrite, site) };
        let pairs = match needed {
            Some(needed) => {
                let pairs = pairs_with(record, needed);
                self.steps.look_at(record.attributes().len())?;
                pairs
            }
            None => record.pairs_longer(rewrite.spares().unwrap_or(0)),
        };
        if pairs == 0 { Ok(()) } else { self.rewrite_pairs(level, rewrite, (pairs, needed.is_some()), site) }
    }

    #[inline(never)]
    fn rewrite_values(&mut self, map: WholeMap, rewrite: &'a TextRewrite, site: Site) -> Result<(), EvalError> {
        self.edit_whole(map, site, |map, arena| rewrite.rewrite_values(map, arena))
    }

    /// Rewrites those attributes of a compact record whose bits are set, as far as they are texts. `is_told` says that these were
    /// told by bytes that they have.
    #[inline(never)]
    fn rewrite_pairs(
        &mut self,
        level: ContextId,
        rewrite: &'a TextRewrite,
        (mut pairs, is_told): (u64, bool),
        site: Site,
    ) -> Result<(), EvalError> {
        let (arena, is_likely) = (self.arena, is_told && pairs != ALL);
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
            if let Some(new) = rewrite.pieces(text, is_likely, arena).map_err(|error| located(error, site))?
                && !new.are(text)
            {
                let pair = self.text_pair(key, &new)?;
                self.wrote = true;
                if self.messages.compact(level).and_then(|record| record.put_at(idx, pair)).is_none() {
                    return Err(ErrorKind::Budget(SCRATCH_BYTES).into());
                }
            }
        }
        Ok(())
    }

    /// A pair of an attribute map in the arena whose value is a text.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn text_pair(&mut self, key: &[u8], text: &Pieces<'a>) -> Result<SizedPair<'a>, EvalError> {
        match SizedPair::of_text(self.arena, key, text)? {
            Some(pair) => Ok(pair),
            None => self.sized_pair(key, &Value::Str(text.join(self.arena)?)),
        }
    }
}

/// Bits of the pairs of a record that may have these bytes.
///
/// PERF (redaction): one search in all attributes, in place of one in each.
fn pairs_with(record: &Compact<'_>, needed: &NeededBytes) -> u64 {
    let area = record.attributes();
    let (mut bits, mut hits) = (0, 0);
    let texts = record.raw().get(..area.end).unwrap_or_default();
    needed.find_each(texts, area.start, |at| {
        hits += 1;
        if hits > MAX_HITS {
            bits = ALL;
            return None;
        }
        let Some((idx, end)) = record.pair_around(at) else { return Some(at + 1) };
        bits |= 1 << idx;
        Some(end)
    });
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
