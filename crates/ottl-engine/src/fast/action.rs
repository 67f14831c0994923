//! What statements do: the lowered forms of editor calls, and running them.

use ottl_core::Arena;
use ottl_core::edit::{MapEntry, NamedKey};
use ottl_core::function::{Eval, MapCall, MapKernel, Reach, Rewritten, TextKernel};
use ottl_core::ops::storable;
use ottl_core::{EvalError, Site, Value};
use ottl_otlp::wire::Payload;
use ottl_plan::{Arg, CallSite, Expr, ExprId, KeyExpr, Literal};
use ottl_schema::{Access, ContextId, Conv, FieldValue, PointKind, path};

use super::code::{Key, Lowering, ParentSlot};
use super::cond::TextOf;
use super::eval::located;
use super::plain::EncodedPair;
use super::state::{Parent, State};

/// What a statement does.
#[derive(Debug)]
pub(super) enum Action {
    /// A call of the plan.
    Call(u32),
    /// Writes an attribute.
    Assign { level: ContextId, key: Key, source: Source, site: Site, path: u32 },
    /// Writes a literal to a singular field.
    SetField { level: ContextId, number: u32, value: FieldLiteral },
    /// Rewrites a `string` field by a kernel that needs nothing but what was prepared from literals.
    Rewrite { level: ContextId, number: u32, rewrite: TextKernel, call: u32 },
    /// Takes an attribute out.
    Delete { level: ContextId, key: Key },
    /// Hands a map to the kernel of a call.
    EditMap {
        map: WholeMap,
        kernel: EditKernel,
        call: u32,
        /// Whether the kernel needs no arguments: all are literals, and were prepared.
        prepared: bool,
    },
}

/// A kernel, without the noise of printing one.
#[derive(Clone, Copy)]
pub(super) struct EditKernel(MapKernel);

impl std::fmt::Debug for EditKernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EditKernel")
    }
}

/// Where an assigned value comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// A literal that attributes can hold: the whole pair.
    Encoded(EncodedPair),
    /// An expression that gives the same for every record of a resource or scope.
    Parent(ParentSlot, ExprId),
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
    let lowered = match (&site.function.eval, site.args.as_slice()) {
        (Eval::Assign(_), [Arg::Path(target), Arg::Const(literal)]) => {
            assign_literal(lowering, *target, literal, site.site)
        }
        (Eval::Assign(_), [Arg::Path(target), Arg::Eager { expr, coerce: None, each: None }]) => {
            match &plan.exprs[expr.0 as usize] {
                Expr::Const(n) => assign_literal(lowering, *target, &plan.literals[*n as usize], site.site),
                _ => assign(lowering, *target, *expr, site.site),
            }
        }
        (Eval::DeleteKey(_), [Arg::Path(target), Arg::Const(Literal::Str(key))]) => match whole_map(*target) {
            Some(WholeMap::Attributes(level)) => Some(Action::Delete { level, key: lowering.key(level, key) }),
            _ => None,
        },
        (Eval::MapEditor { kernel, literals_prepared, .. }, [Arg::Path(target), rest @ ..]) => {
            let prepared = *literals_prepared && site.prepared.is_some() && rest.iter().all(Arg::is_literal);
            let kernel = EditKernel(*kernel);
            whole_map(*target).map(|map| Action::EditMap { map, kernel, call, prepared })
        }
        (Eval::TextEditor { reach: Reach::Target, rewrite, .. }, [Arg::Path(target), rest @ ..])
            if site.prepared.is_some() && rest.iter().all(Arg::is_literal) =>
        {
            match lowering.text_of(*target) {
                Some(TextOf::Field(number)) => {
                    let level = path(plan.paths[*target as usize].path).context;
                    Some(Action::Rewrite { level, number, rewrite: *rewrite, call })
                }
                _ => None,
            }
        }
        (Eval::DeleteKey(kernel), [Arg::Path(target), ..]) => {
            let kernel = EditKernel(*kernel);
            whole_map(*target).map(|map| Action::EditMap { map, kernel, call, prepared: false })
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
fn assign(lowering: &mut Lowering<'_>, target: u32, expr: ExprId, site: Site) -> Option<Action> {
    let (level, key) = lowering.attribute(target)?;
    let source = match lowering.parent_slot(expr) {
        Some(slot) => Source::Parent(slot, expr),
        None => Source::Expr(expr),
    };
    Some(Action::Assign { level, key, source, site, path: target })
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
    #[inline]
    pub fn act(&mut self, action: &'a Action) -> Result<(), EvalError> {
        match action {
            Action::Call(call) => self.call(*call).map(|_| ()),
            Action::Delete { level, key } => {
                let map = self.node(*level)?.map();
                if let Some(idx) = map.find_named(key.named())? {
                    map.swap_remove(idx);
                    self.wrote = true;
                }
                Ok(())
            }
            Action::SetField { level, number, value } => {
                self.wrote = true;
                self.node(*level)?.set_field(*number, value.content());
                Ok(())
            }
            Action::Rewrite { level, number, rewrite, call } => {
                let arena = self.arena;
                let text = match self.field(*level, *number)? {
                    FieldValue::Absent => &[],
                    FieldValue::Present(Payload::Bytes(text)) => text,
                    FieldValue::Present(_) => return self.call(*call).map(|_| ()),
                };
                self.steps.look_at(text.len())?;
                match self.prepared(*call).map(|prepared| rewrite(prepared, text, arena)).transpose()? {
                    Some(Rewritten::Same) => {}
                    Some(Rewritten::Text(text)) => {
                        self.wrote = true;
                        let content = Conv::Str.write(Value::Str(text), arena)?;
                        self.node(*level)?.set_field(*number, content);
                    }
                    Some(Rewritten::Declined) | None => return self.call(*call).map(|_| ()),
                }
                Ok(())
            }
            Action::EditMap { map, kernel, call, prepared } => {
                let site = &self.plan.calls[*call as usize];
                if *prepared {
                    return self.edit_whole(*map, kernel.0, site, &[]);
                }
                self.with_args(site, |state, args| state.edit_whole(*map, kernel.0, site, args))
            }
            Action::Assign { level, key, source, site, path } => match source {
                Source::Encoded(pair) => {
                    self.wrote = true;
                    let pair = pair.sized();
                    Ok(self.node(*level)?.map().put_encoded(key.named(), pair.any(), pair.pair())?)
                }
                Source::Parent(slot, expr) => match self.parent(*slot) {
                    Parent::Pair(pair) => {
                        self.wrote = true;
                        Ok(self.node(*level)?.map().put_encoded(key.named(), pair.any(), pair.pair())?)
                    }
                    _ => self.assign_parent(*slot, *expr, *level, key.named(), *path, *site),
                },
                Source::Expr(expr) => {
                    let value = match self.eval(*expr) {
                        Ok(value) => value,
                        Err(error) => return Err(located(error, *site)),
                    };
                    self.assign(value, *level, key.named(), *path, *site)
                }
            },
        }
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
            self.set_parent(slot, Parent::Pair(pair));
        }
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
            Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => (value, None),
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
        self.node(level)?.map().put_named(key, stored)?;
        self.wrote = true;
        error.map_or(Ok(()), |e| Err(e.at(site)))
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
        kernel: MapKernel,
        site: &'a CallSite,
        args: &[Value<'a>],
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
        let result = kernel(&MapCall::new(args, site.prepared.as_ref(), arena), map);
        let changed = map.changes() != before;
        self.steps.look_at(pairs * 8)?;
        self.wrote |= changed && counts;
        result.map_err(|error| located(error, site.site))
    }
}

/// Fails if a map of this many pairs could not be written as a whole.
#[inline]
fn check_pairs(pairs: usize, arena: &Arena) -> Result<(), EvalError> {
    if pairs < 64 { Ok(()) } else { arena.check(pairs.saturating_mul(size_of::<MapEntry<'_>>())) }
}
