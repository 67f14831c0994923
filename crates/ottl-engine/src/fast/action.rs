//! What statements do: the lowered forms of editor calls, and running them.

use ottl_core::Arena;
use ottl_core::edit::{MapEdit, MapEntry, NamedKey};
use ottl_core::function::{Host, Kernel, KeyFilter, KeySet, PathRef, Reach, TextRewrite, Type};
use ottl_core::ops::storable;
use ottl_core::{EvalError, Site, Value};
use ottl_otlp::any::is_canonical_scalar;
use ottl_otlp::wire::Payload;
use ottl_plan::{Arg, Expr, ExprId, KeyExpr, Literal, Plan};
use ottl_regex::{Regex, TextPattern};
use ottl_schema::{Access, ContextId, FieldValue, PointKind, path};

use super::code::Lowering;
use super::compact::{Compact, MAX_PAIRS};
use super::cond::TextOf;
use super::eval::located;
use super::key::Key;
use super::node::InputAttribute;
use super::pair::{EncodedPair, SizedPair};
use super::parents::Parent;
use super::parents::ParentSlot;
use super::state::State;

/// What a statement does.
#[derive(Debug)]
pub(super) enum Action {
    /// Drops the item, as conditions of filters do.
    Drop,
    /// A call of the plan.
    Call(u32),
    /// Writes an attribute.
    Assign { level: ContextId, key: Key, source: Source, site: Site, path: u32 },
    /// Writes a literal to a singular field.
    SetField { level: ContextId, number: u32, value: FieldLiteral },
    /// Writes anything but a literal to any other path.
    Write { path: u32, expr: ExprId, site: Site },
    /// Rewrites a text.
    RewriteText { level: ContextId, of: TextOf, rewrite: TextRewrite, call: u32 },
    /// Rewrites the values of a map that are texts.
    RewriteValues { map: WholeMap, rewrite: TextRewrite, call: u32 },
    /// Takes an attribute out.
    Delete { level: ContextId, key: Key },
    /// Hands a map to the kernel of a call.
    EditMap { map: WholeMap, call: u32 },
    /// Takes pairs out of a map.
    FilterKeys { map: WholeMap, pairs: PairsEdit, call: u32 },
}

impl Action {
    /// Whether it puts maps or lists into the attribute map of a level, which compact records do not.
    pub fn puts_container(&self, plan: &Plan) -> bool {
        matches!(self, Action::Assign { source: Source::Expr(expr), .. } if gives_container(plan, *expr))
    }

    /// Whether it edits the attribute map as a whole, and a compact record can do it.
    pub fn edits_compact(&self) -> bool {
        matches!(
            self,
            Action::Delete { .. }
                | Action::RewriteValues { map: WholeMap::Attributes(_), .. }
                | Action::FilterKeys { map: WholeMap::Attributes(_), .. }
        )
    }
}

/// Whether an expression gives a map or a list, or may give one.
fn gives_container(plan: &Plan, expr: ExprId) -> bool {
    match &plan.exprs[expr.0 as usize] {
        Expr::Call(n) => matches!(plan.calls[*n as usize].function.returns, Type::Any | Type::Map | Type::List),
        Expr::List(_) | Expr::Map { .. } => true,
        _ => false,
    }
}

/// What an editor does to the pairs of a compact record.
#[derive(Debug)]
pub(super) enum PairsEdit {
    /// Pairs stay whose keys have, by their number among the known keys, their bit set; and of the others as many, the first
    /// ones, as there is room for.
    Known { stay: u64, room: Option<usize> },
    /// Pairs stay whose keys begin so, or those whose keys do not; `known` has the bits of the known keys that begin so.
    Prefix { prefix: Vec<u8>, known: u64, stay: bool },
    /// Pairs stay as the filter says.
    Filter,
}

impl PairsEdit {
    fn prefix(lowering: &Lowering<'_>, map: WholeMap, regex: &Regex, stay: bool) -> Option<PairsEdit> {
        let (WholeMap::Attributes(level), TextPattern::Prefix(prefix)) = (map, regex.literal()?) else { return None };
        let keys = &lowering.wanted[level as usize].keys;
        let is_named = prefix.first().is_none_or(|first| keys.begins_prefix(*first)) && keys.has_prefixes();
        let known = (0..).zip(keys.iter()).filter(|(_, key)| key.starts_with(&prefix));
        let known = known.fold(0, |known, (number, _)| known | 1 << number);
        is_named.then(|| PairsEdit::Prefix { prefix: prefix.into(), known, stay })
    }

    fn new(lowering: &Lowering<'_>, map: WholeMap, filter: &KeyFilter) -> PairsEdit {
        let known = |keys: &KeySet, room| {
            let WholeMap::Attributes(level) = map else { return None };
            let known = &lowering.wanted[level as usize].keys;
            let stay = keys.iter().try_fold(0, |stay, key| Some(stay | 1 << known.number(key)?))?;
            Some(PairsEdit::Known { stay, room })
        };
        match filter {
            KeyFilter::Only(keys) => known(keys, None),
            KeyFilter::AtMost(filter) if filter.is_listed_once() => known(filter.priority(), Some(filter.limit())),
            KeyFilter::AtMost(_) => None,
            KeyFilter::Matching(regex) => PairsEdit::prefix(lowering, map, regex, true),
            KeyFilter::NotMatching(regex) => PairsEdit::prefix(lowering, map, regex, false),
        }
        .unwrap_or(PairsEdit::Filter)
    }
}

/// Where an assigned value comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// A literal that attributes can hold: the whole pair.
    Encoded(EncodedPair),
    /// An expression that gives the same for every record of a resource or scope.
    Parent(ParentSlot, ExprId),
    /// Another attribute; where that is no scalar in canonical encoding, the expression that names it.
    Attribute(ContextId, Key, ExprId),
    /// Any expression.
    Expr(ExprId),
}

/// The content of a field as a literal writes it.
#[derive(Clone, Debug)]
pub(super) enum FieldLiteral {
    Absent,
    Scalar(Payload<'static>),
    Bytes(Vec<u8>),
}

impl FieldLiteral {
    /// What is written.
    #[inline]
    pub fn content(&self) -> FieldValue<'_> {
        match self {
            FieldLiteral::Absent => FieldValue::Absent,
            FieldLiteral::Scalar(payload) => FieldValue::Present(*payload),
            FieldLiteral::Bytes(bytes) => FieldValue::Present(Payload::Bytes(bytes)),
        }
    }
}

/// Lowers a statement's call.
pub(super) fn action(lowering: &mut Lowering<'_>, call: u32) -> Action {
    let plan = lowering.plan;
    let site = &plan.calls[call as usize];
    let whole_map = |target: u32| {
        let used = &plan.paths[target as usize];
        let decl = path(used.path);
        whole_map(decl.access, decl.context, &used.keys)
    };
    let lowered = match (&site.kernel, site.args.as_slice()) {
        (Kernel::Assign, [Arg::Path(target), Arg::Const(literal)]) => {
            assign_literal(lowering, *target, literal, site.site)
        }
        (Kernel::Assign, [Arg::Path(target), Arg::Eager { expr, coerce: None, each: None }]) => {
            match &plan.exprs[expr.0 as usize] {
                Expr::Const(n) => assign_literal(lowering, *target, &plan.literals[*n as usize], site.site),
                _ => Some(assign(lowering, *target, *expr, site.site)),
            }
        }
        (Kernel::RemoveKey, [Arg::Path(target), Arg::Const(Literal::Str(key))]) => match whole_map(*target) {
            Some(WholeMap::Attributes(level)) => Some(Action::Delete { level, key: lowering.key(level, key) }),
            _ => None,
        },
        (Kernel::FilterKeys(filter), [Arg::Path(target), rest @ ..]) if rest.iter().all(Arg::is_literal) => {
            whole_map(*target).map(|map| {
                let pairs = PairsEdit::new(lowering, map, filter);
                Action::FilterKeys { map, pairs, call }
            })
        }
        (Kernel::RewriteText(reach, rewrite), [Arg::Path(target), rest @ ..]) if rest.iter().all(Arg::is_literal) => {
            let rewrite = rewrite.clone();
            match reach {
                Reach::Target => lowering.text_of(*target).map(|of| {
                    let level = path(plan.paths[*target as usize].path).context;
                    Action::RewriteText { level, of, rewrite, call }
                }),
                Reach::Values => whole_map(*target).map(|map| Action::RewriteValues { map, rewrite, call }),
            }
        }
        (Kernel::EditMap(_) | Kernel::RemoveKey | Kernel::FilterKeys(_), [Arg::Path(target), ..]) => {
            whole_map(*target).map(|map| Action::EditMap { map, call })
        }
        _ => None,
    };
    lowered.unwrap_or(Action::Call(call))
}

/// A map that a path without keys names.
#[derive(Clone, Copy, Debug)]
pub(super) enum WholeMap {
    /// The attribute map of a level.
    Attributes(ContextId),
    /// The cache of a level.
    Cache(ContextId),
}

/// The map that a path of this access and level names, if it is a whole one.
pub(super) fn whole_map(access: Access, level: ContextId, keys: &[KeyExpr]) -> Option<WholeMap> {
    match access {
        _ if !keys.is_empty() => None,
        Access::Attributes(_) => Some(WholeMap::Attributes(level)),
        Access::Cache => Some(WholeMap::Cache(level)),
        _ => None,
    }
}

/// An assignment of anything but a literal.
fn assign(lowering: &mut Lowering<'_>, target: u32, expr: ExprId, site: Site) -> Action {
    let Some((level, key)) = lowering.attribute(target) else {
        return Action::Write { path: target, expr, site };
    };
    let source = match lowering.parent_slot(expr) {
        Some(slot) => Source::Parent(slot, expr),
        None => match lowering.plan.exprs[expr.0 as usize] {
            Expr::Path(n) if let Some((level, key)) = lowering.attribute(n) => Source::Attribute(level, key, expr),
            _ => Source::Expr(expr),
        },
    };
    Action::Assign { level, key, source, site, path: target }
}

fn assign_literal(lowering: &Lowering<'_>, target: u32, literal: &Literal, site: Site) -> Option<Action> {
    let plan = lowering.plan;
    let arena = Arena::new();
    if !is_scalar(literal) {
        return None;
    }
    if let Some((level, key)) = lowering.attribute(target) {
        let source = Source::Encoded(EncodedPair::new(key.named().key, &literal.value(&arena).ok()?));
        return Some(Action::Assign { level, key, source, site, path: target });
    }
    let used = &plan.paths[target as usize];
    let decl = path(used.path);
    match decl.access {
        Access::Field(fields, conv)
            if used.keys.is_empty() && decl.writable && decl.context != ContextId::DataPoint =>
        {
            let value = match conv.write(literal.value(&arena).ok()?, &arena).ok()? {
                FieldValue::Absent => FieldLiteral::Absent,
                FieldValue::Present(Payload::Bytes(bytes)) => FieldLiteral::Bytes(bytes.to_vec()),
                FieldValue::Present(Payload::Varint(v)) => FieldLiteral::Scalar(Payload::Varint(v)),
                FieldValue::Present(Payload::Fixed64(v)) => FieldLiteral::Scalar(Payload::Fixed64(v)),
                FieldValue::Present(Payload::Fixed32(v)) => FieldLiteral::Scalar(Payload::Fixed32(v)),
            };
            Some(Action::SetField { level: decl.context, number: fields.number(PointKind::Number)?, value })
        }
        _ => None,
    }
}

/// Whether a literal is neither nil nor a container.
pub(super) fn is_scalar(literal: &Literal) -> bool {
    matches!(literal, Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) | Literal::Str(_) | Literal::Bytes(_))
}

impl<'a> State<'a, '_> {
    /// Does what a statement says; [`State::wrote`] tells whether it wrote anything.
    ///
    /// PERF (structural, metrics): what takes less than a call is done here.
    #[inline(always)]
    pub fn act(&mut self, action: &'a Action) -> Result<(), EvalError> {
        match action {
            Action::Delete { level, key } => {
                if let Some(removed) = self.compact(*level).and_then(|record| record.remove(key.number())) {
                    self.wrote = removed;
                    return Ok(());
                }
            }
            Action::Assign { level, key, source: Source::Encoded(pair), .. } => {
                return self.put_pair(*level, key.named(), pair.sized());
            }
            Action::Assign { level, key, source: Source::Parent(slot, _), .. } => {
                if let Parent::Pair(pair) = self.parents.get(*slot) {
                    return self.put_pair(*level, key.named(), pair);
                }
            }
            _ => {}
        }
        self.act_at_length(action)
    }

    #[inline(never)]
    fn act_at_length(&mut self, action: &'a Action) -> Result<(), EvalError> {
        match action {
            // The walk does it.
            Action::Drop => Ok(()),
            Action::Call(call) => self.call(*call).map(|_| ()),
            Action::Delete { level, key } => {
                let map = self.node(*level)?.map();
                if let Some(idx) = map.find_named(key.named())? {
                    map.swap_remove(idx);
                    self.wrote = true;
                }
                Ok(())
            }
            Action::SetField { level, number, value } => self.set_field(*level, *number, value.content()),
            Action::RewriteText { level, of, rewrite, call } => self.rewrite_text(*level, of, rewrite, *call),
            Action::RewriteValues { map, rewrite, call } => {
                let site = self.plan.calls[*call as usize].site;
                match map {
                    WholeMap::Attributes(level) if self.is_compact(*level) => {
                        self.rewrite_values(*level, rewrite, site)
                    }
                    _ => self.edit_whole(*map, site, |map, arena| rewrite.rewrite_values(map, arena)),
                }
            }
            Action::FilterKeys { map, pairs, call } => {
                let site = &self.plan.calls[*call as usize];
                match map {
                    WholeMap::Attributes(level) if self.is_compact(*level) => {
                        self.filter_compact(*level, pairs, &site.kernel)
                    }
                    _ => self.edit_whole(*map, site.site, |map, arena| site.kernel.change_map(map, &[], arena)),
                }
            }
            Action::EditMap { map, call } => {
                let site = &self.plan.calls[*call as usize];
                self.with_args(site, |state, args| {
                    state.edit_whole(*map, site.site, |map, arena| site.kernel.change_map(map, args, arena))
                })
            }
            Action::Assign { level, key, source, site, path } => match source {
                Source::Encoded(pair) => self.put_pair(*level, key.named(), pair.sized()),
                Source::Parent(slot, expr) => self.assign_parent(*slot, *expr, *level, key.named(), *path, *site),
                Source::Attribute(of, from, expr) => {
                    if let Ok(InputAttribute::Bytes(any)) = self.input_attribute(*of, from.named())
                        && is_canonical_scalar(any)
                        && let Some(pair) = SizedPair::new(self.arena, key.named().key, [any, &[]])?
                    {
                        return self.put_pair(*level, key.named(), pair);
                    }
                    self.assign_expr(*expr, *level, key.named(), *path, *site)
                }
                Source::Expr(expr) => self.assign_expr(*expr, *level, key.named(), *path, *site),
            },
            Action::Write { path, expr, site } => {
                let value = self.eval(*expr).map_err(|error| located(error, *site))?;
                self.steps.call(&[value])?;
                self.write(PathRef(*path), value).map_err(|error| located(error, *site))
            }
        }
    }

    /// Takes pairs out of a compact record.
    fn filter_compact(&mut self, level: ContextId, pairs: &'a PairsEdit, kernel: &Kernel) -> Result<(), EvalError> {
        let Some(record) = self.compact(level) else { return Ok(()) };
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
    fn assign_parent(
        &mut self,
        slot: ParentSlot,
        expr: ExprId,
        level: ContextId,
        key: NamedKey<'a>,
        path: u32,
        site: Site,
    ) -> Result<(), EvalError> {
        let value = self.eval(expr).map_err(|error| located(error, site))?;
        let container = matches!(value, Value::Map(_) | Value::List(_));
        if !container
            && (!value.is_nil() || self.env.allow_nil)
            && let Ok((stored, None)) = storable(value, self.arena)
        {
            let pair = self.sized_pair(key.key, &stored)?;
            self.parents.keep(slot, Parent::Pair(pair));
        }
        self.assign(value, level, key, path, site)
    }

    /// Writes what an expression gives to an attribute.
    fn assign_expr(
        &mut self,
        expr: ExprId,
        level: ContextId,
        key: NamedKey<'a>,
        path: u32,
        site: Site,
    ) -> Result<(), EvalError> {
        let value = self.eval(expr).map_err(|error| located(error, site))?;
        self.assign(value, level, key, path, site)
    }

    fn assign(
        &mut self,
        value: Value<'a>,
        level: ContextId,
        key: NamedKey<'a>,
        path: u32,
        site: Site,
    ) -> Result<(), EvalError> {
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
    pub(super) fn put_scalar(
        &mut self,
        level: ContextId,
        key: NamedKey<'a>,
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        if self.is_compact(level) {
            let pair = self.sized_pair(key.key, &value)?;
            return self.put_pair(level, key, pair);
        }
        self.node(level)?.map().put_named(key, value)?;
        self.wrote = true;
        Ok(())
    }

    /// Before a map of this many pairs is edited as a whole: its pairs are looked at, and may all be written.
    #[inline]
    pub(super) fn edits_pairs(&mut self, pairs: usize) -> Result<(), EvalError> {
        self.steps.look_at(pairs * 8)?;
        check_pairs(pairs, self.arena)
    }

    fn edit_whole(
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
