//! `fold`: what is made of constants alone is computed when the engine is built.
//!
//! Proof: operators and conversions give the same for the same operands, and so do calls of functions whose row says that they
//! are pure. What is computed here is computed by the same code that would run on a record. What fails here is left as it is, so
//! that it fails on records, at its place. A value that no literal can have (a time) is left as well, and so is what takes
//! more memory or work than a constant should. Functions that were made at run time are not called: what their closures own may
//! make a difference, and they are called for records, not before. The call of a function that looks at the record stays.

use ottl_core::function::{FunctionKind, call_without_record, coerce_argument};
use ottl_core::ops::{Key, arithmetic, compare, index_converter, map_key, map_literal, negate};
use ottl_core::{Arena, List, ListKind, Value};
use ottl_plan::{Arg, CallSite, Expr, ExprId, KeyExpr, Literal};

use super::Draft;
use crate::fast::lower::repeatable;

/// How many bytes computing a constant may take.
const MEMORY: usize = 64 << 10;

/// How many steps functions may take for one by themselves.
const WORK: u64 = 10_000;

/// The constant, or the smaller expression, that stands for an expression.
pub(super) fn fold(draft: &mut Draft<'_>, id: ExprId) -> Option<Expr> {
    match draft.expr(id) {
        Expr::And(operands) | Expr::Or(operands) => {
            let decisive = matches!(draft.expr(id), Expr::Or(_));
            operands.iter().any(|operand| draft.answer(*operand).is_some()).then_some(())?;
            let operands = operands.clone();
            draft.without_constants(&operands, decisive)
        }
        _ => {
            let literal = computed(draft, id)?;
            Some(draft.literal(literal))
        }
    }
}

/// The value of an expression whose operands are all constants.
fn computed(draft: &Draft<'_>, id: ExprId) -> Option<Literal> {
    let constant = |id: &ExprId| draft.constant(*id);
    let arena = Arena::with_limit(MEMORY);
    let value = |id: &ExprId| constant(id)?.value(&arena).ok();
    let result = match draft.expr(id) {
        Expr::Math { op, left, right, .. } => arithmetic(*op, value(left)?, value(right)?).ok()?,
        Expr::Negate { operand, .. } => negate(value(operand)?).ok()?,
        Expr::Compare { op, left, right } => Value::Bool(compare(*op, &value(left)?, &value(right)?)),
        Expr::Not(operand) => Value::Bool(!draft.answer(*operand)?),
        Expr::Test { operand, .. } => Value::Bool(draft.answer(*operand)?),
        Expr::List(items) => {
            items.iter().all(|item| constant(item).is_some()).then_some(())?;
            let items: Vec<Value<'_>> = items.iter().map(value).collect::<Option<_>>()?;
            return Literal::of(&Value::List(List::new(ListKind::Any, &items).ok()?));
        }
        Expr::Map { pairs, .. } => {
            let entries = pairs.iter().map(|(name, item)| {
                let key = match name {
                    KeyExpr::Expr(id) => map_key(value(id)?).ok()?,
                    KeyExpr::Str(key) => &key[..],
                    KeyExpr::Int(_) => return None,
                };
                Some((key, value(item)?))
            });
            let entries: Vec<_> = entries.collect::<Option<_>>()?;
            map_literal(&entries, &arena).ok()?
        }
        Expr::Index { base, keys, .. } => {
            let mut found = value(base)?;
            for key in keys {
                let key = match key {
                    KeyExpr::Str(name) => Key::Str(name),
                    KeyExpr::Int(at) => Key::Int(*at),
                    KeyExpr::Expr(id) => Key::from_value(value(id)?),
                };
                found = index_converter(&found, key).ok()?;
            }
            found
        }
        Expr::Call(n) => {
            let site = draft.plan.calls.get(*n as usize)?;
            let is_foldable = site.function.kind == FunctionKind::Converter
                && repeatable(site.function.purity)
                && site.function.is_constant();
            is_foldable.then_some(())?;
            return called(draft, site, &arena);
        }
        Expr::Const(_) | Expr::Path(_) | Expr::Local(_) | Expr::Lambda(_) | Expr::And(_) | Expr::Or(_) => return None,
    };
    Literal::of(&result)
}

/// The result of a call whose arguments are all constants.
fn called(draft: &Draft<'_>, site: &CallSite, arena: &Arena) -> Option<Literal> {
    let mut args = Vec::with_capacity(site.args.len());
    for arg in &site.args {
        args.push(match arg {
            Arg::Absent => Value::Absent,
            Arg::Const(literal) => literal.value(arena).ok()?,
            Arg::Eager { expr, coerce, each } => {
                let value = draft.constant(*expr)?.value(arena).ok()?;
                coerce_argument(value, *coerce, *each, arena).ok()?
            }
            Arg::Lazy(_) | Arg::LazyList(_) | Arg::Path(_) | Arg::Lambda(_) | Arg::Function(_) => return None,
        });
    }
    arena.set_work(WORK);
    let value = call_without_record(&site.kernel, &args, arena)?.ok()?;
    Literal::of(&value)
}
