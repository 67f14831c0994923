//! Doing what statements say.

use ottl_core::edit::{MapEdit, MapEntry, NamedKey};
use ottl_core::function::{Host, Kernel, KeyFilter, PathRef};
use ottl_core::ops::storable;
use ottl_core::{Arena, EvalError, Site, Value};
use ottl_otlp::any::is_canonical_scalar;
use ottl_plan::{CallSite, Expr, ExprId, KeyExpr};
use ottl_schema::ContextId;

use super::eval::located;
use super::parents::Parent;
use super::state::{NOT_RENAMED, State};
use crate::fast::compact::{Compact, MAX_PAIRS};
use crate::fast::node::InputAttribute;
use crate::fast::pair::{PairHead, SizedPair};
use crate::fast::program::ParentSlot;
use crate::fast::program::action::{Action, Assign, PairsEdit, Rename, Source, WholeMap};
use crate::fast::program::paths::AtHand;

impl<'a> State<'a, '_> {
    /// Does what a statement says; [`State::wrote`] tells whether it wrote anything.
    ///
    /// PERF (structural, metrics): what takes less than a call is done here.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn act(&mut self, action: &'a Action) -> Result<(), EvalError> {
        match action {
            Action::Delete { level, key } => {
                if let Some(removed) = self.messages.compact(*level).and_then(|record| record.remove(key.number())) {
                    self.wrote = removed;
                    return Ok(());
                }
            }
            Action::Assign(assign) => match &assign.source {
                Source::Encoded(pair) => return self.put_pair(assign.level, assign.key.named(), pair.sized()),
                Source::Parent(slot, expr) => {
                    return match self.parents.pair(*slot) {
                        Some(pair) => self.put_pair(assign.level, assign.key.named(), pair),
                        None => self.assign_parent(*slot, *expr, assign),
                    };
                }
                Source::Expr(expr) => return self.assign_expr(*expr, assign),
                Source::Attribute(..) | Source::Int(..) => return self.assign_at_length(assign),
            },
            Action::Rename(rename) => return self.rename(rename),
            _ => {}
        }
        self.act_at_length(action)
    }

    /// PERF (redaction): what is done often saves no registers for the rest.
    #[inline(never)]
    fn act_at_length(&mut self, action: &'a Action) -> Result<(), EvalError> {
        match action {
            Action::RewriteText { .. } => self.rewrite_text(action),
            Action::RewriteValues { .. } => self.rewrite_map(action),
            Action::FilterKeys { .. } => self.filter_keys(action),
            _ => self.act_rarely(action),
        }
    }

    #[inline(never)]
    fn act_rarely(&mut self, action: &'a Action) -> Result<(), EvalError> {
        match action {
            // The walk does it.
            Action::Drop => Ok(()),
            Action::Noted { action, places } => {
                let result = self.act(action);
                if self.wrote {
                    self.note_shared(places);
                }
                result
            }
            Action::Call(call) => self.call(*call).map(|_| ()),
            Action::Rename(rename) => self.rename(rename),
            Action::Delete { level, key } => {
                let map = self.node(*level)?.map();
                if let Some(idx) = map.find_named(key.named())? {
                    map.swap_remove(idx);
                    self.wrote = true;
                }
                Ok(())
            }
            Action::SetField { level, number, value } => self.set_field_to(*level, *number, |to| value.put_to(to)),
            Action::SetInner { level, outer, number, value, site } => {
                self.set_inner(*level, (*outer, *number), value.content()).map_err(|error| located(error, *site))
            }
            Action::RewriteText { .. } | Action::RewriteValues { .. } | Action::FilterKeys { .. } => {
                self.act_at_length(action)
            }
            Action::EditKeys { map, call, renames } => {
                let site = &self.plan.calls[*call as usize];
                if let (WholeMap::Attributes(level), Some(keys)) = (map, renames)
                    && let Some(pairs) = self.rename_key(*level, *keys)
                {
                    return self.steps.look_at(pairs * 8);
                }
                if let (WholeMap::Attributes(level), Kernel::EditKeys(edit)) = (map, &site.kernel)
                    && let Some(record) = self.messages.as_compact(*level)
                    && !(0..record.len()).any(|idx| record.key(idx).is_some_and(|key| edit.regex().is_match(key)))
                {
                    let pairs = record.len();
                    return self.steps.look_at(pairs * 8);
                }
                self.edit_by_kernel(*map, site)
            }
            Action::EditMap { map, call } => {
                let site = &self.plan.calls[*call as usize];
                self.with_args(site, |state, args| {
                    state.edit_whole(*map, site.site, |map, arena| site.kernel.change_map(map, args, arena))
                })
            }
            Action::Assign(assign) => self.assign_at_length(assign),
            Action::Write { path, expr, site } => {
                let value = self.eval(*expr).map_err(|error| located(error, *site))?;
                self.steps.call(&[value])?;
                self.write(PathRef(*path), value).map_err(|error| located(error, *site))
            }
        }
    }

    #[inline(never)]
    fn assign_at_length(&mut self, assign: &'a Assign) -> Result<(), EvalError> {
        let Assign { level, key, head, source, .. } = assign;
        match source {
            Source::Encoded(pair) => self.put_pair(*level, key.named(), pair.sized()),
            Source::Parent(slot, expr) => self.assign_parent(*slot, *expr, assign),
            Source::Attribute(of, from, expr) => {
                if let Ok(InputAttribute::Bytes(any)) = self.input_attribute(*of, from.named())
                    && is_canonical_scalar(any)
                    && let Some(pair) = self.pair_of_any(head.as_deref(), key.named().key, any)?
                {
                    return self.put_pair(*level, key.named(), pair);
                }
                self.assign_expr(*expr, assign)
            }
            Source::Int(int, expr) => match self.int(int)? {
                Some(value) => self.put_headed(Value::Int(value), assign),
                None => self.assign_expr(*expr, assign),
            },
            Source::Expr(expr) => self.assign_expr(*expr, assign),
        }
    }

    /// Gives an attribute of a compact record another key, and counts the step behind, which has nothing left to do; otherwise
    /// copies it.
    #[inline(never)]
    fn rename(&mut self, rename: &'a Rename) -> Result<(), EvalError> {
        let record = self.messages.compact(rename.level);
        if record.and_then(|record| record.rename(rename.from, rename.to)).is_none() {
            self.renamed = NOT_RENAMED;
            return self.act_at_length(&rename.copy);
        }
        self.renamed = self.statement;
        self.wrote = true;
        if let Some(counters) = self.report.sources.get_mut(rename.deletion as usize) {
            counters.matched += u64::from(rename.is_asked);
            counters.changed += 1;
        }
        Ok(())
    }

    /// Gives the pair of a key of a compact record another one. How many pairs there are; nothing if that has to be done otherwise.
    #[inline(never)]
    fn rename_key(&mut self, level: ContextId, (from, to): (u8, u8)) -> Option<usize> {
        let record = self.messages.compact(level)?;
        if record.attribute(from)?.is_some() {
            if record.attribute(to)?.is_some() || record.has_key_twice() {
                return None;
            }
            record.rename(from, to)?;
            self.wrote = true;
        }
        Some(self.messages.compact(level)?.len())
    }

    /// Takes pairs out of a map.
    #[inline(never)]
    fn filter_keys(&mut self, action: &'a Action) -> Result<(), EvalError> {
        let Action::FilterKeys { map, pairs, call } = action else { return Ok(()) };
        let site = &self.plan.calls[*call as usize];
        match map {
            WholeMap::Attributes(level) if self.messages.is_compact(*level) => {
                self.filter_compact(*level, pairs, &site.kernel)
            }
            _ => self.edit_by_kernel(*map, site),
        }
    }

    #[inline(never)]
    fn edit_by_kernel(&mut self, map: WholeMap, site: &'a CallSite) -> Result<(), EvalError> {
        self.edit_whole(map, site.site, |map, arena| site.kernel.change_map(map, &[], arena))
    }

    /// Takes pairs out of a compact record.
    fn filter_compact(&mut self, level: ContextId, pairs: &'a PairsEdit, kernel: &Kernel) -> Result<(), EvalError> {
        let Some(record) = self.messages.compact(level) else { return Ok(()) };
        let count = record.len();
        let removed = match pairs {
            PairsEdit::Known { stay, room: None } => record.keep_known(*stay),
            PairsEdit::Known { stay, room: Some(room) } => record.keep_at_most(*room, *stay),
            PairsEdit::Prefix { prefix, known, stay } => record.keep_prefix(prefix, *known, *stay),
            PairsEdit::Filter => matches!(kernel, Kernel::FilterKeys(filter) if filter_pairs(record, filter)),
        };
        self.wrote |= removed;
        self.steps.look_at(count * 8)
    }

    /// The first time for a resource or scope, and whenever the value is not one that can be kept encoded.
    #[inline(never)]
    fn assign_parent(&mut self, slot: ParentSlot, expr: ExprId, assign: &'a Assign) -> Result<(), EvalError> {
        let (level, key) = (assign.level, assign.key.named());
        if let Some(pair) = self.pair_of_attribute(expr, assign)? {
            self.parents.keep(slot, || Parent::Pair(pair), self.arena);
            return self.put_pair(level, key, pair);
        }
        let value = self.eval(expr).map_err(|error| located(error, assign.site))?;
        let container = matches!(value, Value::Map(_) | Value::List(_));
        if !container
            && (!value.is_nil() || self.env.allow_nil)
            && let Ok((stored, None)) = storable(value, self.arena)
        {
            let pair = self.sized_pair(key.key, &stored)?;
            self.parents.keep(slot, || Parent::Pair(pair), self.arena);
            return self.put_pair(level, key, pair);
        }
        self.assign(value, assign)
    }

    /// What an assignment writes that copies an attribute, if that is a scalar in its usual encoding.
    ///
    /// PERF (structural and spans at one record a message): making a value of it and a pair of that takes twice as long.
    fn pair_of_attribute(&mut self, expr: ExprId, assign: &'a Assign) -> Result<Option<SizedPair<'a>>, EvalError> {
        let plan = self.plan;
        let Some(Expr::Path(path)) = plan.exprs.get(expr.0 as usize) else { return Ok(None) };
        let code = self.paths.at(*path);
        let keys = plan.paths.get(*path as usize).map_or(&[][..], |path| path.keys.as_slice());
        let (AtHand::Attribute, [KeyExpr::Str(key)]) = (code.at_hand, keys) else { return Ok(None) };
        match self.input_attribute(code.level, NamedKey { key, known: code.known }) {
            Ok(InputAttribute::Bytes(any)) if is_canonical_scalar(any) => {
                self.pair_of_any(assign.head.as_deref(), assign.key.named().key, any)
            }
            _ => Ok(None),
        }
    }

    /// A pair of a key, which has this head, and a scalar `AnyValue`. Nothing where it is too long.
    #[inline]
    fn pair_of_any(&self, head: Option<&PairHead>, key: &[u8], any: &[u8]) -> Result<Option<SizedPair<'a>>, EvalError> {
        match head.map(|head| head.with_any(self.arena, any)).transpose()?.flatten() {
            Some(pair) => Ok(Some(pair)),
            None => SizedPair::new(self.arena, key, [any, &[]]),
        }
    }

    /// Writes what an expression gives to an attribute.
    #[inline(never)]
    fn assign_expr(&mut self, expr: ExprId, assign: &'a Assign) -> Result<(), EvalError> {
        let value = match self.plan.exprs.get(expr.0 as usize) {
            Some(Expr::Call(call)) => {
                if let Some(pair) = self.pair_of_digest(*call, assign)? {
                    return self.put_pair(assign.level, assign.key.named(), pair);
                }
                self.call(*call)
            }
            _ => self.eval(expr),
        };
        let value = value.map_err(|error| located(error, assign.site))?;
        self.put_headed(value, assign)
    }

    /// Writes an attribute, of which it may be known what comes before its value.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn put_headed(&mut self, value: Value<'a>, assign: &'a Assign) -> Result<(), EvalError> {
        if let Some(head) = &assign.head
            && self.messages.is_compact(assign.level)
            && let Some(pair) = head.with_scalar(self.arena, &value)?
        {
            return self.put_pair(assign.level, assign.key.named(), pair);
        }
        self.assign(value, assign)
    }

    /// What an assignment writes of what a call makes of a text that is at hand, if it always has the same length.
    ///
    /// PERF (redaction): a digest is written where it stays. Copied from where it has just been made, it would be read before it has
    /// left the store buffer.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn pair_of_digest(&mut self, call: u32, assign: &'a Assign) -> Result<Option<SizedPair<'a>>, EvalError> {
        let site = &self.plan.calls[call as usize];
        let Kernel::Digest(len, write) = &site.kernel else { return Ok(None) };
        let (Some(head), [arg]) = (&assign.head, site.args.as_slice()) else { return Ok(None) };
        let mut value = Value::Absent;
        let is_usual = self.messages.is_compact(assign.level) && head.has_room(*len);
        if !is_usual || !self.argument_at_hand(arg, &mut value) {
            return Ok(None);
        }
        let Value::Str(text) = value else { return Ok(None) };
        self.steps.look_at(text.len()).map_err(|error| located(error, site.site))?;
        head.with_text(self.arena, *len, |to| write(text, to)).map_err(|error| located(error, site.site))
    }

    #[inline(never)]
    fn assign(&mut self, value: Value<'a>, assign: &'a Assign) -> Result<(), EvalError> {
        let (level, key, path, site) = (assign.level, assign.key.named(), assign.path, assign.site);
        if value.is_nil() && !self.env.allow_nil {
            return Ok(());
        }
        let (stored, error) = match value {
            Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
                return self.put_scalar(level, key, value);
            }
            Value::Map(_) | Value::List(_) => return self.write_path(path, value).map_err(|e| e.at(site)),
            _ => match storable(value, self.arena) {
                Ok(stored) => stored,
                Err(error) => {
                    // The key is made before its value is refused.
                    let map = self.node(level)?.map();
                    if map.find_named(key)?.is_none() {
                        map.push(key.key, Value::Nil);
                        self.wrote = true;
                    }
                    return Err(error.at(site));
                }
            },
        };
        self.put_scalar(level, key, stored)?;
        error.map_or(Ok(()), |e| Err(e.at(site)))
    }

    /// Writes an attribute.
    #[inline]
    pub(crate) fn put_scalar(
        &mut self,
        level: ContextId,
        key: NamedKey<'a>,
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        if self.messages.is_compact(level) {
            let pair = self.sized_pair(key.key, &value)?;
            return self.put_pair(level, key, pair);
        }
        self.node(level)?.map().put_named(key, value)?;
        self.wrote = true;
        Ok(())
    }

    /// Before a map of this many pairs is edited as a whole: its pairs are looked at, and may all be written.
    #[inline]
    pub(crate) fn edits_pairs(&mut self, pairs: usize) -> Result<(), EvalError> {
        self.steps.look_at(pairs * 8)?;
        check_pairs(pairs, self.arena)
    }

    pub(super) fn edit_whole(
        &mut self,
        map: WholeMap,
        site: Site,
        edit: impl FnOnce(&mut MapEdit<'a>, &'a Arena) -> Result<(), EvalError>,
    ) -> Result<(), EvalError> {
        let arena = self.arena;
        // Caches are no part of the message.
        let counts = matches!(map, WholeMap::Attributes(_));
        let map = match map {
            WholeMap::Attributes(level) => {
                let map = self.node(level)?.map();
                map.verify()?;
                map
            }
            WholeMap::Cache(level) => {
                let cache = self.cache(level);
                cache.used = true;
                &mut cache.map
            }
        };
        let (before, pairs) = (map.changes(), map.len());
        check_pairs(pairs, arena)?;
        let result = edit(map, arena);
        let changed = map.changes() != before;
        self.steps.look_at(pairs * 8)?;
        self.wrote |= changed && counts;
        result.map_err(|error| located(error, site))
    }
}

/// Takes the pairs out of a compact record that a filter does not keep. Whether there were any.
#[inline(never)]
fn filter_pairs(record: &mut Compact<'_>, filter: &KeyFilter) -> bool {
    if filter.keeps_all(record.len()) {
        return false;
    }
    let mut stays = [true; MAX_PAIRS];
    let stays = &mut stays[..record.len().min(MAX_PAIRS)];
    filter.keep((0..stays.len()).map(|idx| record.key(idx).unwrap_or_default()), stays);
    record.retain(stays)
}

/// Fails if a map of this many pairs could not be written as a whole.
#[inline]
fn check_pairs(pairs: usize, arena: &Arena) -> Result<(), EvalError> {
    if pairs < 64 { Ok(()) } else { arena.check(pairs.saturating_mul(size_of::<MapEntry<'_>>())) }
}
