//! Conditions.

use ottl_diagnostics::Span;

use super::{Call, Literal, Value};

/// A condition: something that is true or false.
#[derive(Clone, Debug, PartialEq)]
pub enum BoolExpr {
    /// `a or b or c`: at least two operands, none of them written as part of a longer `or` chain.
    Or(BoolChain),
    /// `a and b and c`: at least two operands.
    And(BoolChain),
    /// `not a`.
    Not(Not),
    /// `a == b`.
    Comparison(Box<Comparison>),
    /// `true` or `false`.
    Const(Literal<bool>),
    /// A converter call that must return a bool when it runs.
    Converter(Call),
    /// A place where the parser found no condition; only in trees with errors.
    Missing(Span),
}

impl BoolExpr {
    /// The bytes the condition was written in, without parentheses around it.
    pub fn span(&self) -> Span {
        match self {
            BoolExpr::Or(chain) | BoolExpr::And(chain) => chain.span,
            BoolExpr::Not(not) => not.span,
            BoolExpr::Comparison(comparison) => comparison.span,
            BoolExpr::Const(literal) => literal.span,
            BoolExpr::Converter(call) => call.span,
            BoolExpr::Missing(span) => *span,
        }
    }
}

/// The operands of one run of `and` or of `or`.
#[derive(Clone, Debug, PartialEq)]
pub struct BoolChain {
    /// At least two, in the order written.
    pub operands: Vec<BoolExpr>,
    /// From the first operand to the last.
    pub span: Span,
}

/// `not` and what it negates.
#[derive(Clone, Debug, PartialEq)]
pub struct Not {
    /// What is negated: one boolean value, never an unparenthesised chain.
    pub operand: Box<BoolExpr>,
    /// From `not` to the end of the operand.
    pub span: Span,
}

/// Two values and the operator between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The value before the operator; it decides the rule of comparison.
    pub left: Value,
    /// The operator.
    pub op: CompareOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// The value after the operator.
    pub right: Value,
    /// From the left value to the right one.
    pub span: Span,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl CompareOp {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            CompareOp::Eq => "==",
            CompareOp::Ne => "!=",
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Gt => ">",
            CompareOp::Ge => ">=",
        }
    }
}
