//! [`Alike`]: numbers for conditions and expressions, so that equal numbers mean that they say the same.
//!
//! INVARIANT: two of the same number give the same on the same record, or both fail. Where in the source they stand makes no
//! difference, so they may fail with different sites. What is the same may get different numbers.

use std::collections::HashMap;

use ottl_core::ops::Coercion;
use ottl_plan::{Arg, Expr, ExprId, KeyExpr, Literal, Plan};
use ottl_schema::PathId;

use crate::fast::program::cond::Cond;

/// Numbers of what was seen so far.
pub(super) struct Alike<'p> {
    plan: &'p Plan,
    numbers: HashMap<Vec<u8>, u32>,
}

/// What something says, in bytes: its kind, and then its parts, of which inner conditions and expressions stand in it as their
/// numbers. Texts have their length in front, so no two different things say the same.
struct Said(Vec<u8>);

/// The first byte of [`Said`].
#[derive(Clone, Copy)]
enum Kind {
    All,
    Any,
    Opposite,
    Test,
    Text,
    Pair,
    Field,
    FieldText,
    Body,
    Parent,
    Index,
    Local,
    Math,
    Minus,
    List,
    Map,
    Compare,
    And,
    Or,
    Not,
    Bool,
    Nil,
    BoolLiteral,
    IntLiteral,
    FloatLiteral,
    TextLiteral,
    OtherLiteral,
    NamedKey,
    Position,
    ComputedKey,
    Path,
    Lambda,
    Call,
}

impl Said {
    fn new(kind: Kind) -> Said {
        let mut said = Vec::with_capacity(40);
        said.push(kind as u8);
        Said(said)
    }

    fn number(mut self, number: u32) -> Said {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn long(mut self, number: u64) -> Said {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn text(mut self, text: &[u8]) -> Said {
        self = self.number(text.len() as u32);
        self.0.extend_from_slice(text);
        self
    }

    fn numbers(mut self, numbers: &[u32]) -> Said {
        self = self.number(numbers.len() as u32);
        numbers.iter().fold(self, |said, number| said.number(*number))
    }

    fn coercion(self, to: Option<Coercion>) -> Said {
        self.number(to.map_or(0, |to| 1 + to as u32))
    }
}

impl<'p> Alike<'p> {
    pub fn new(plan: &'p Plan) -> Alike<'p> {
        // Tables that grow hash everything once more.
        Alike { plan, numbers: HashMap::with_capacity(plan.exprs.len()) }
    }

    fn number(&mut self, said: Said) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(said.0).or_insert(next)
    }

    /// The number of a condition whose operands have these numbers.
    pub fn condition(&mut self, condition: &Cond, operands: &[u32]) -> u32 {
        let said = match condition {
            Cond::And(_) => Said::new(Kind::All).numbers(operands),
            Cond::Or(_) => Said::new(Kind::Any).numbers(operands),
            Cond::Not(_) => Said::new(Kind::Opposite).numbers(operands),
            Cond::Expr(id) | Cond::Sure(id) | Cond::Ints { expr: id, .. } => {
                Said::new(Kind::Test).number(self.expr(*id))
            }
            Cond::Text { expr, .. } => Said::new(Kind::Text).number(self.expr(*expr)),
            Cond::Attribute { level, key, op, literal, .. } => {
                let literal = self.plan.literals.get(*literal as usize).map_or(u32::MAX, |one| self.literal(one));
                let said = Said::new(Kind::Pair).number(*level as u32).number(*op as u32);
                said.number(literal).text(key.named().key)
            }
            Cond::Body { level, op, literal, .. } => {
                let literal = self.plan.literals.get(*literal as usize).map_or(u32::MAX, |one| self.literal(one));
                Said::new(Kind::Body).number(*level as u32).number(*op as u32).number(literal)
            }
            Cond::Field { level, number, conv, op, value } => {
                let said = Said::new(Kind::Field).number(*level as u32).number(*number).number(*conv as u32);
                said.number(*op as u32).long(*value as u64)
            }
            Cond::FieldText { level, number, text, negated } => {
                let said = Said::new(Kind::FieldText).number(*level as u32).number(*number);
                said.number(u32::from(*negated)).text(text)
            }
            Cond::PerParent { test, .. } => Said::new(Kind::Parent).number(*test),
            Cond::Shared { condition, .. } => return self.condition(condition, operands),
        };
        self.number(said)
    }

    /// The number of an expression.
    pub fn expr(&mut self, id: ExprId) -> u32 {
        let Some(expr) = self.plan.exprs.get(id.0 as usize) else { return u32::MAX };
        let said = match expr {
            Expr::Const(literal) => match self.plan.literals.get(*literal as usize) {
                Some(literal) => return self.literal(literal),
                None => return u32::MAX,
            },
            Expr::Path(path) => return self.path(*path),
            Expr::Call(call) => return self.call(*call),
            Expr::Index { base, keys, .. } => {
                let (base, keys) = (self.expr(*base), self.keys(keys));
                Said::new(Kind::Index).number(base).numbers(&keys)
            }
            Expr::Local(slot) => Said::new(Kind::Local).number(*slot),
            Expr::Math { op, left, right, .. } => {
                Said::new(Kind::Math).number(*op as u32).number(self.expr(*left)).number(self.expr(*right))
            }
            Expr::Negate { operand, .. } => Said::new(Kind::Minus).number(self.expr(*operand)),
            Expr::List(items) => Said::new(Kind::List).numbers(&self.all(items)),
            Expr::Map { pairs, .. } => {
                let start = Said::new(Kind::Map).number(pairs.len() as u32);
                pairs.iter().fold(start, |said, (key, value)| {
                    said.numbers(&self.keys(std::slice::from_ref(key))).number(self.expr(*value))
                })
            }
            Expr::Lambda(lambda) => return self.lambda(*lambda),
            Expr::Compare { op, left, right } => {
                Said::new(Kind::Compare).number(*op as u32).number(self.expr(*left)).number(self.expr(*right))
            }
            Expr::And(parts) => Said::new(Kind::And).numbers(&self.all(parts)),
            Expr::Or(parts) => Said::new(Kind::Or).numbers(&self.all(parts)),
            Expr::Not(operand) => Said::new(Kind::Not).number(self.expr(*operand)),
            Expr::Test { operand, .. } => Said::new(Kind::Bool).number(self.expr(*operand)),
        };
        self.number(said)
    }

    fn all(&mut self, items: &[ExprId]) -> Vec<u32> {
        items.iter().map(|item| self.expr(*item)).collect()
    }

    /// Zeros of both signs are told apart.
    fn literal(&mut self, literal: &Literal) -> u32 {
        self.number(match literal {
            Literal::Nil => Said::new(Kind::Nil),
            Literal::Bool(value) => Said::new(Kind::BoolLiteral).number(u32::from(*value)),
            Literal::Int(value) => Said::new(Kind::IntLiteral).long(*value as u64),
            Literal::Float(value) => Said::new(Kind::FloatLiteral).long(value.to_bits()),
            Literal::Str(text) => Said::new(Kind::TextLiteral).text(text),
            other => Said::new(Kind::OtherLiteral).text(format!("{other:?}").as_bytes()),
        })
    }

    fn keys(&mut self, keys: &[KeyExpr]) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(keys.len());
        for key in keys {
            let said = match key {
                KeyExpr::Expr(id) => Said::new(Kind::ComputedKey).number(self.expr(*id)),
                KeyExpr::Str(key) => Said::new(Kind::NamedKey).text(key),
                KeyExpr::Int(position) => Said::new(Kind::Position).long(*position as u64),
            };
            numbers.push(self.number(said));
        }
        numbers
    }

    fn path(&mut self, number: u32) -> u32 {
        let Some(used) = self.plan.paths.get(number as usize) else { return u32::MAX };
        self.path_of(used.path, &used.keys)
    }

    /// The number of a path of the schema with these keys.
    pub fn path_of(&mut self, path: PathId, keys: &[KeyExpr]) -> u32 {
        let keys = self.keys(keys);
        self.number(Said::new(Kind::Path).number(u32::from(path.0)).numbers(&keys))
    }

    fn lambda(&mut self, number: u32) -> u32 {
        let Some(lambda) = self.plan.lambdas.get(number as usize) else { return u32::MAX };
        let body = self.expr(lambda.body);
        let said = Said::new(Kind::Lambda).number(lambda.params).number(lambda.first_local);
        self.number(said.number(body))
    }

    fn thunk(&mut self, said: Said, number: u32) -> Said {
        match self.plan.thunks.get(number as usize) {
            Some((expr, to)) => said.number(self.expr(*expr)).coercion(*to),
            None => said.number(u32::MAX),
        }
    }

    fn call(&mut self, number: u32) -> u32 {
        let Some(site) = self.plan.calls.get(number as usize) else { return u32::MAX };
        let mut said = Said::new(Kind::Call).text(site.function.name.as_bytes());
        for arg in &site.args {
            said = match arg {
                Arg::Absent => said.number(0),
                Arg::Const(literal) => said.number(1).number(self.literal(literal)),
                Arg::Eager { expr, coerce, each } => {
                    said.number(2).number(self.expr(*expr)).coercion(*coerce).coercion(*each)
                }
                Arg::Lazy(thunk) => self.thunk(said.number(3), *thunk),
                Arg::LazyList(thunks) => {
                    let start = said.number(4).number(thunks.len() as u32);
                    thunks.iter().fold(start, |said, thunk| self.thunk(said, *thunk))
                }
                Arg::Path(path) => said.number(5).number(self.path(*path)),
                Arg::Lambda(lambda) => said.number(6).number(self.lambda(*lambda)),
                Arg::Function(function) => {
                    let name = self.plan.functions.get(*function as usize).map(|named| named.function.name);
                    said.number(7).text(name.unwrap_or_default().as_bytes())
                }
            };
        }
        self.number(said)
    }
}
