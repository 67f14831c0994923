//! [`Alike`]: numbers for conditions and expressions, so that equal numbers mean that they say the same.
//!
//! INVARIANT: two of the same number give the same on the same record, or both fail. Where in the source they stand makes no
//! difference, so they may fail with different sites. What is the same may get different numbers.

use std::collections::HashMap;
use std::fmt::Write;

use ottl_plan::{Arg, Expr, ExprId, KeyExpr, Literal, Plan};

use crate::fast::program::cond::Cond;

/// Numbers of what was seen so far.
pub(super) struct Alike<'p> {
    plan: &'p Plan,
    /// By what they say: inner ones stand in it as their numbers.
    numbers: HashMap<String, u32>,
}

impl<'p> Alike<'p> {
    pub fn new(plan: &'p Plan) -> Alike<'p> {
        Alike { plan, numbers: HashMap::new() }
    }

    fn number(&mut self, said: String) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(said).or_insert(next)
    }

    /// The number of a condition whose operands have these numbers.
    pub fn condition(&mut self, condition: &Cond, operands: &[u32]) -> u32 {
        let mut said = String::new();
        // A `String` takes everything.
        let _ = match condition {
            Cond::And(_) => write!(said, "and {operands:?}"),
            Cond::Or(_) => write!(said, "or {operands:?}"),
            Cond::Not(_) => write!(said, "not {operands:?}"),
            Cond::Expr(id) => write!(said, "test {}", self.expr(*id)),
            Cond::Text { expr, .. } => write!(said, "text {}", self.expr(*expr)),
            Cond::Attribute { level, key, op, literal, .. } => {
                let literal = self.plan.literals.get(*literal as usize).map_or(u32::MAX, |one| self.literal(one));
                write!(said, "pair {} {op:?} {literal} {:?}", *level as usize, key.named().key)
            }
            Cond::Field { level, number, conv, op, value } => {
                write!(said, "field {} {number} {conv:?} {op:?} {value}", *level as usize)
            }
            Cond::FieldText { level, number, text, negated } => {
                write!(said, "field text {} {number} {negated} {text:?}", *level as usize)
            }
            Cond::PerParent { test, .. } => write!(said, "parent {test}"),
            Cond::Shared { condition, .. } => return self.condition(condition, operands),
        };
        self.number(said)
    }

    /// The number of an expression.
    fn expr(&mut self, id: ExprId) -> u32 {
        let Some(expr) = self.plan.exprs.get(id.0 as usize) else { return u32::MAX };
        let mut said = String::new();
        let _ = match expr {
            Expr::Const(literal) => match self.plan.literals.get(*literal as usize) {
                Some(literal) => return self.literal(literal),
                None => return u32::MAX,
            },
            Expr::Path(path) => return self.path(*path),
            Expr::Call(call) => return self.call(*call),
            Expr::Index { base, keys, .. } => {
                let (base, keys) = (self.expr(*base), self.keys(keys));
                write!(said, "index {base} {keys:?}")
            }
            Expr::Local(slot) => write!(said, "local {slot}"),
            Expr::Math { op, left, right, .. } => {
                write!(said, "math {op:?} {} {}", self.expr(*left), self.expr(*right))
            }
            Expr::Negate { operand, .. } => write!(said, "minus {}", self.expr(*operand)),
            Expr::List(items) => write!(said, "list {:?}", self.all(items)),
            Expr::Map { pairs, .. } => {
                let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key, self.expr(*value))).collect();
                write!(said, "map {pairs:?}")
            }
            Expr::Lambda(lambda) => return self.lambda(*lambda),
            Expr::Compare { op, left, right } => {
                write!(said, "compare {op:?} {} {}", self.expr(*left), self.expr(*right))
            }
            Expr::And(parts) => write!(said, "all {:?}", self.all(parts)),
            Expr::Or(parts) => write!(said, "any {:?}", self.all(parts)),
            Expr::Not(operand) => write!(said, "opposite {}", self.expr(*operand)),
            Expr::Test { operand, .. } => write!(said, "bool {}", self.expr(*operand)),
        };
        self.number(said)
    }

    fn all(&mut self, items: &[ExprId]) -> Vec<u32> {
        items.iter().map(|item| self.expr(*item)).collect()
    }

    /// `Debug` tells all literals apart, also zeros of both signs.
    fn literal(&mut self, literal: &Literal) -> u32 {
        self.number(format!("{literal:?}"))
    }

    fn keys(&mut self, keys: &[KeyExpr]) -> Vec<u32> {
        let said = keys.iter().map(|key| match key {
            KeyExpr::Expr(id) => format!("key {}", self.expr(*id)),
            key => format!("{key:?}"),
        });
        let said: Vec<_> = said.collect();
        said.into_iter().map(|key| self.number(key)).collect()
    }

    fn path(&mut self, number: u32) -> u32 {
        let Some(used) = self.plan.paths.get(number as usize) else { return u32::MAX };
        let keys = self.keys(&used.keys);
        self.number(format!("path {:?} {keys:?}", used.path))
    }

    fn lambda(&mut self, number: u32) -> u32 {
        let Some(lambda) = self.plan.lambdas.get(number as usize) else { return u32::MAX };
        let body = self.expr(lambda.body);
        self.number(format!("lambda {} {} {body}", lambda.params, lambda.first_local))
    }

    fn thunk(&mut self, number: u32) -> String {
        match self.plan.thunks.get(number as usize) {
            Some((expr, to)) => format!("{} {to:?}", self.expr(*expr)),
            None => String::new(),
        }
    }

    fn call(&mut self, number: u32) -> u32 {
        let Some(site) = self.plan.calls.get(number as usize) else { return u32::MAX };
        let mut said = format!("call {:?}", site.function.name);
        for arg in &site.args {
            let _ = match arg {
                Arg::Absent => write!(said, ", absent"),
                Arg::Const(literal) => write!(said, ", literal {}", self.literal(literal)),
                Arg::Eager { expr, coerce, each } => write!(said, ", {} {coerce:?} {each:?}", self.expr(*expr)),
                Arg::Lazy(thunk) => write!(said, ", lazy {}", self.thunk(*thunk)),
                Arg::LazyList(thunks) => {
                    let thunks: Vec<_> = thunks.iter().map(|thunk| self.thunk(*thunk)).collect();
                    write!(said, ", lazy {thunks:?}")
                }
                Arg::Path(path) => write!(said, ", path {}", self.path(*path)),
                Arg::Lambda(lambda) => write!(said, ", lambda {}", self.lambda(*lambda)),
                Arg::Function(function) => {
                    let name = self.plan.functions.get(*function as usize).map(|named| named.function.name);
                    write!(said, ", function {name:?}")
                }
            };
        }
        self.number(said)
    }
}
