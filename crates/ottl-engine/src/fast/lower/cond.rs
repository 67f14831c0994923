//! Lowering conditions: expressions of the plan to [`Cond`]s.

use ottl_core::Value;
use ottl_core::function::{Kernel, LengthTest, TextPredicate};
use ottl_core::ops::{Coercion, CompareOp};
use ottl_core::value::encode_any;
use ottl_plan::{Arg, Expr, ExprId, KeyExpr, Literal, Plan};
use ottl_schema::{Access, ContextId, Conv, path};

use super::{Hoisted, Lowering, order};
use crate::fast::options::Rewrite;
use crate::fast::program::cond::{Cond, TextOf};

impl Lowering<'_> {
    /// A condition, or a part of one.
    pub fn condition(&mut self, id: ExprId) -> Cond {
        let Some(scope) = self.of_parent(id) else { return self.lower(id) };
        // Its parts need no slots of their own.
        let Lowering { plan, wanted, options, .. } = *self;
        let mut inside = Lowering { written: !0, ..Lowering::new(plan, wanted, options) };
        let condition = inside.lower(id);
        let can_fail = !condition.cannot_fail();
        let is_same =
            |known: &Hoisted| known.is_in_use && known.slot.scope == scope && known.condition.is_same(&condition);
        let test = match self.hoisted.iter().position(is_same) {
            Some(known) => known,
            None => {
                let slot = self.new_slot(scope);
                self.hoisted.push(Hoisted { slot, condition, is_in_use: true });
                self.hoisted.len() - 1
            }
        };
        Cond::PerParent { slot: self.hoisted[test].slot, test: test as u32, can_fail }
    }

    fn lower(&mut self, id: ExprId) -> Cond {
        if !self.options.has(Rewrite::Lower) {
            return Cond::Expr(id);
        }
        let plan = self.plan;
        match &plan.exprs[id.0 as usize] {
            Expr::And(parts) => Some(Cond::And(self.parts(parts))),
            Expr::Or(parts) => Some(Cond::Or(self.parts(parts))),
            Expr::Not(inner) => Some(Cond::Not(Box::new(self.condition(*inner)))),
            Expr::Compare { op, left, right } => {
                let usual = self.comparison(id, *op, *left, *right);
                usual.or_else(|| self.int_comparison(id, *op, *left, *right))
            }
            Expr::Test { operand, .. } => self.text_test(*operand),
            _ => None,
        }
        .unwrap_or_else(|| if is_sure(plan, id) { Cond::Sure(id) } else { Cond::Expr(id) })
    }

    /// The operands of a chain.
    fn parts(&mut self, parts: &[ExprId]) -> Vec<Cond> {
        let conditions = parts.iter().map(|id| self.condition(*id)).collect();
        if self.options.has(Rewrite::Order) { order::sorted(conditions) } else { conditions }
    }

    fn comparison(&self, id: ExprId, op: CompareOp, left: ExprId, right: ExprId) -> Option<Cond> {
        let plan = self.plan;
        let Expr::Const(literal) = &plan.exprs[right.0 as usize] else { return None };
        let value = plan.literals.get(*literal as usize)?;
        let Expr::Path(n) = &plan.exprs[left.0 as usize] else { return self.length_test(id, op, left, value) };
        let (attribute, text) = (self.attribute(*n), self.text_of(*n));
        if attribute.is_some() || matches!(text, Some(TextOf::Body)) {
            let (literal, mut any) = (*literal, Vec::new());
            match value {
                Literal::Str(text) => encode_any(&mut any, &Value::Str(text)),
                Literal::Nil | Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) | Literal::Bytes(_) => {}
                _ => return None,
            }
            return Some(match attribute {
                Some((level, key)) => Cond::Attribute { level, key, op, literal, any },
                None => Cond::Body { level: ContextId::Log, op, literal, any },
            });
        }
        let (level, number, conv) = self.field(*n)?;
        match (conv, value) {
            (
                Conv::I32 | Conv::U32 | Conv::Nanos | Conv::FixedInt | Conv::Fixed32 | Conv::Fixed32Checked,
                Literal::Int(value),
            ) => Some(Cond::Field { level, number, conv, op, value: *value }),
            (Conv::Str, Literal::Str(text)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                Some(Cond::FieldText { level, number, text: text.clone(), negated: op == CompareOp::Ne })
            }
            _ => None,
        }
    }

    fn text_test(&self, call: ExprId) -> Option<Cond> {
        let plan = self.plan;
        let Expr::Call(n) = &plan.exprs[call.0 as usize] else { return None };
        let Kernel::Predicate(predicate) = &plan.calls[*n as usize].kernel else { return None };
        let (level, of, to) = self.asked(*n)?;
        if matches!((predicate, to), (TextPredicate::IsText, Some(_))) {
            // What is converted is a text whatever it was, or fails.
            return None;
        }
        let nil_passes = matches!(to, None | Some(Coercion::StringLike));
        Some(Cond::Text { level, of, predicate: predicate.clone(), call: *n, nil_passes, expr: call, known: None })
    }

    /// A comparison of a length with a number.
    fn length_test(&self, id: ExprId, op: CompareOp, left: ExprId, value: &Literal) -> Option<Cond> {
        let plan = self.plan;
        let (Expr::Call(n), Literal::Int(number)) = (&plan.exprs[left.0 as usize], value) else { return None };
        let Kernel::Length(_) = plan.calls[*n as usize].kernel else { return None };
        let (level, of, None) = self.asked(*n)? else { return None };
        let predicate = TextPredicate::Length(LengthTest { op, number: *number });
        Some(Cond::Text { level, of, predicate, call: *n, nil_passes: false, expr: id, known: None })
    }

    /// Where the text is that is the first argument of a call, and what it is converted to, if all others are literals.
    fn asked(&self, call: u32) -> Option<(ContextId, TextOf, Option<Coercion>)> {
        let plan = self.plan;
        let (Arg::Eager { expr, coerce, each: None }, rest) = plan.calls[call as usize].args.split_first()? else {
            return None;
        };
        let Expr::Path(n) = &plan.exprs[expr.0 as usize] else { return None };
        let of = rest.iter().all(Arg::is_literal).then(|| self.text_of(*n))??;
        Some((path(plan.paths.get(*n as usize)?.path).context, of, *coerce))
    }

    /// Where the text is that a path names, if it may be one.
    pub fn text_of(&self, n: u32) -> Option<TextOf> {
        let used = self.plan.paths.get(n as usize)?;
        let decl = path(used.path);
        Some(match decl.access {
            Access::Attributes(_) => TextOf::Attribute(self.attribute(n)?.1),
            Access::Body if used.keys.is_empty() => TextOf::Body,
            Access::Field(_, Conv::Str) => TextOf::Field(self.field(n)?.1),
            _ => return None,
        })
    }
}

/// Whether only damage of the message can keep a comparison from an answer: it compares literals and places that are read without
/// a look at what they hold, and without memory.
fn is_sure(plan: &Plan, id: ExprId) -> bool {
    let is_sure_path = |n: u32| {
        let Some(used) = plan.paths.get(n as usize) else { return false };
        match (path(used.path).access, used.keys.as_slice()) {
            (Access::Field(_, conv) | Access::Nested(.., conv), []) => {
                !matches!(conv, Conv::TraceIdText | Conv::ProfileIdText | Conv::SpanIdText)
            }
            (Access::Attributes(_), [KeyExpr::Str(_)]) | (Access::Body | Access::MetricType, []) => true,
            _ => false,
        }
    };
    let is_sure = |id: &ExprId| match &plan.exprs[id.0 as usize] {
        Expr::Const(_) => true,
        Expr::Path(n) => is_sure_path(*n),
        _ => false,
    };
    matches!(&plan.exprs[id.0 as usize], Expr::Compare { left, right, .. } if is_sure(left) && is_sure(right))
}
