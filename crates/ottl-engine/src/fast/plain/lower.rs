//! Which steps are plain, and their forms beyond [`Action`].

use ottl_core::Arena;
use ottl_core::edit::MAX_KNOWN;
use ottl_core::function::{Eval, PairsKernel, Purity, Reach, Rewritten, TextKernel, Type};
use ottl_plan::{Arg, CallSite, Expr, ExprId, Group, KeyExpr, Literal};
use ottl_schema::{Access, ContextId, Conv, PointKind, path};

use super::super::action::{Action, Source, WholeMap, is_scalar, whole_map};
use super::super::code::{Code, Key, Lowering, Step};
use super::super::cond::{Cond, TextOf};
use super::super::node::{BODY, Shape};
use super::super::plan::{Pass, bit};

/// How many steps a level may have: a bit of a word for each.
const MAX_STEPS: usize = 64;

/// How deep plain expressions nest.
const MAX_NESTING: u32 = 16;

/// Lengths of keys below this take one byte.
const SHORT_KEY: usize = 0x80;

/// What a plain step does.
#[derive(Debug)]
pub(in crate::fast) enum Plain {
    /// What its action says.
    Action,
    /// Takes pairs out, or rewrites their values.
    Pairs { kernel: PairsKernel, call: u32 },
    /// Rewrites a text.
    Text { of: TextOf, rewrite: TextKernel, call: u32 },
    /// Writes the second argument of a call to a field, or to a field of a message field.
    Field { number: u32, inside: Option<u32>, conv: Conv, call: u32 },
    /// Writes the second argument of a call to the body of a log record.
    Body { call: u32 },
}

/// Marks the levels of a pass whose steps are all plain.
pub(in crate::fast) fn mark(pass: &mut Pass, groups: &[Group], code: &Code) {
    for level in ContextId::ALL {
        let numbers = &pass.groups[level as usize];
        let steps = || numbers.iter().flat_map(|number| &code.groups[*number as usize].steps);
        let plain = !numbers.is_empty()
            && pass.from_below & bit(level) == 0
            && numbers.iter().all(|number| groups[*number as usize].conditions.is_empty())
            && steps().count() <= MAX_STEPS
            && steps().all(|step: &Step| step.plain.is_some());
        if plain {
            pass.plain |= bit(level);
        }
    }
}

impl Lowering<'_> {
    /// The plain form of a step, if it needs nothing but known keys and fields of its own level, what is known for resource
    /// and scope, and functions that give the same for the same arguments.
    pub fn plain(&self, condition: Option<&Cond>, action: &Action, call: u32, level: ContextId) -> Option<Plain> {
        if !condition.is_none_or(|condition| self.is_plain_condition(condition, level)) {
            return None;
        }
        let of_level = |of: &ContextId, key: &Key| *of == level && is_plain_key(key);
        match action {
            Action::Delete { level: of, key } => of_level(of, key).then_some(Plain::Action),
            Action::Assign { level: of, key, source, .. } => {
                let plain = match source {
                    Source::Encoded(_) | Source::Parent(..) => true,
                    Source::Expr(expr) => self.is_plain_source(*expr, level),
                };
                (of_level(of, key) && plain).then_some(Plain::Action)
            }
            Action::SetField { level: of, number, .. } => {
                (*of == level && is_plain_field(level, *number)).then_some(Plain::Action)
            }
            Action::Rewrite { .. } | Action::EditMap { .. } | Action::Call(_) => self.plain_call(call, level),
        }
    }

    fn plain_call(&self, call: u32, level: ContextId) -> Option<Plain> {
        let site: &CallSite = &self.plan.calls[call as usize];
        let (Arg::Path(target), rest) = site.args.split_first()? else { return None };
        let used = self.plan.paths.get(*target as usize)?;
        let decl = path(used.path);
        if decl.context != level {
            return None;
        }
        let literals = site.prepared.is_some() && rest.iter().all(Arg::is_literal);
        let attributes = matches!(whole_map(decl.access, level, &used.keys), Some(WholeMap::Attributes(_)));
        match site.function.eval {
            Eval::MapEditor { pairs: Some(kernel), .. } if literals && attributes => {
                Some(Plain::Pairs { kernel, call })
            }
            // Where there is no text to ask about, nobody would say that the call has to be made.
            Eval::TextEditor { rewrite, .. } if literals && declines(rewrite, site) => None,
            Eval::TextEditor { reach: Reach::Values, rewrite, .. } if literals && attributes => {
                Some(Plain::Pairs { kernel: PairsKernel::Texts { rewrite, short: None }, call })
            }
            Eval::TextEditor { reach: Reach::Target, rewrite, .. } if literals => {
                let of = self.text_of(*target)?;
                is_plain_text(&of, level).then_some(Plain::Text { of, rewrite, call })
            }
            Eval::Assign(_) if used.keys.is_empty() && decl.writable => {
                let plain = match rest {
                    [Arg::Const(literal)] => is_scalar(literal) || matches!(literal, Literal::Nil),
                    [Arg::Eager { expr, each: None, .. }] => self.is_plain_source(*expr, level),
                    _ => false,
                };
                if !plain {
                    return None;
                }
                let number = |fields: ottl_schema::Fields| fields.number(PointKind::Number);
                match decl.access {
                    Access::Field(fields, conv) if level != ContextId::DataPoint => {
                        let number = number(fields).filter(|number| is_plain_field(level, *number))?;
                        Some(Plain::Field { number, inside: None, conv, call })
                    }
                    Access::Nested(outer, inner, conv) if level != ContextId::DataPoint => {
                        let number = number(outer).filter(|number| is_plain_field(level, *number))?;
                        Some(Plain::Field { number, inside: Some(u32::from(inner)), conv, call })
                    }
                    Access::Body => Some(Plain::Body { call }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_plain_condition(&self, condition: &Cond, level: ContextId) -> bool {
        match condition {
            Cond::Attribute { level: of, key, .. } => *of == level && is_plain_key(key),
            Cond::Field { level: of, number, .. } | Cond::FieldText { level: of, number, .. } => {
                *of == level && is_plain_field(level, *number)
            }
            Cond::Text { level: of, of: text, .. } => *of == level && is_plain_text(text, level),
            Cond::And(parts) | Cond::Or(parts) => parts.iter().all(|part| self.is_plain_condition(part, level)),
            Cond::Not(inner) => self.is_plain_condition(inner, level),
            Cond::PerParent { .. } => true,
            Cond::Expr(expr) => self.is_plain_expr(*expr, level, MAX_NESTING),
        }
    }

    /// Whether an expression is plain and rarely a container, which gives the record up: its work would be done twice.
    fn is_plain_source(&self, expr: ExprId, level: ContextId) -> bool {
        let scalar = match &self.plan.exprs[expr.0 as usize] {
            Expr::Call(n) => {
                let returns = self.plan.calls[*n as usize].function.returns;
                !matches!(returns, Type::Any | Type::Map | Type::List)
            }
            Expr::List(_) => false,
            _ => true,
        };
        scalar && self.is_plain_expr(expr, level, MAX_NESTING)
    }

    fn is_plain_expr(&self, expr: ExprId, level: ContextId, nesting: u32) -> bool {
        let Some(nesting) = nesting.checked_sub(1) else { return false };
        let plain = |expr: &ExprId| self.is_plain_expr(*expr, level, nesting);
        match &self.plan.exprs[expr.0 as usize] {
            Expr::Const(_) => true,
            Expr::Path(n) => self.is_plain_path(*n, level),
            Expr::Math { left, right, .. } | Expr::Compare { left, right, .. } => plain(left) && plain(right),
            Expr::Negate { operand, .. } | Expr::Not(operand) | Expr::Test { operand, .. } => plain(operand),
            Expr::And(operands) | Expr::Or(operands) | Expr::List(operands) => operands.iter().all(plain),
            Expr::Index { base, keys, .. } => plain(base) && !keys.iter().any(|key| matches!(key, KeyExpr::Expr(_))),
            Expr::Call(n) => {
                let site = &self.plan.calls[*n as usize];
                site.function.purity == Purity::Pure
                    && site.args.len() <= super::MAX_ARGS
                    && site.args.iter().all(|arg| self.is_plain_arg(arg, level, nesting))
            }
            Expr::Local(_) | Expr::Map { .. } | Expr::Lambda(_) => false,
        }
    }

    fn is_plain_arg(&self, arg: &Arg, level: ContextId, nesting: u32) -> bool {
        match arg {
            Arg::Absent | Arg::Const(_) => true,
            Arg::Eager { expr, .. } => self.is_plain_expr(*expr, level, nesting),
            _ => false,
        }
    }

    /// Whether a path can be read from a plain record, or is of another level: that is read as ever.
    fn is_plain_path(&self, n: u32, level: ContextId) -> bool {
        let Some(used) = self.plan.paths.get(n as usize) else { return false };
        let decl = path(used.path);
        if decl.context != level {
            return decl.access != Access::Cache;
        }
        let number = |fields: ottl_schema::Fields| fields.number(PointKind::Number);
        let fixed = used.keys.is_empty() && level != ContextId::DataPoint;
        match decl.access {
            Access::Attributes(_) => {
                matches!(used.keys.as_slice(), [KeyExpr::Str(_)])
                    && self.attribute(n).is_some_and(|(_, key)| is_plain_key(&key))
            }
            Access::Field(fields, _) | Access::Nested(fields, ..) => {
                fixed && number(fields).is_some_and(|number| is_plain_field(level, number))
            }
            Access::Body => used.keys.is_empty(),
            _ => false,
        }
    }
}

/// Whether a call cannot be made text by text.
fn declines(rewrite: TextKernel, site: &CallSite) -> bool {
    let arena = Arena::new();
    site.prepared
        .as_ref()
        .is_none_or(|prepared| rewrite(prepared, &[], &arena).is_ok_and(|made| made == Rewritten::Declined))
}

fn is_plain_key(key: &Key) -> bool {
    usize::from(key.number()) < MAX_KNOWN && (1..SHORT_KEY).contains(&key.named().key.len())
}

/// Whether a field is none of a oneof, and has a tag of one byte.
fn is_plain_field(level: ContextId, number: u32) -> bool {
    number < 16 && Shape::of(level, PointKind::Number).oneof >> number & 1 == 0
}

fn is_plain_text(of: &TextOf, level: ContextId) -> bool {
    match of {
        TextOf::Attribute(key) => is_plain_key(key),
        TextOf::Field(number) => is_plain_field(level, *number),
        TextOf::Body => is_plain_field(level, BODY),
    }
}
