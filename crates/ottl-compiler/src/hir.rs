//! The typed tree: names resolved, literals converted, every expression with a static type.
//!
//! INVARIANT: a node exists only if everything below it was accepted.
//! Deliberately elsewhere: how it is made (`check`), what is doubtful about it (`lint`), its flat form (`lower`).

use ottl_core::function::{Function, Kernel, Type};
use ottl_core::ops::{Coercion, CompareOp, MathOp};
use ottl_diagnostics::Span;
use ottl_plan::Literal;
use ottl_schema::PathId;

/// A statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub editor: Call,
    /// None if there is no condition, or one that always holds.
    pub condition: Option<Expr>,
    /// The condition that always holds, where there is one.
    pub always: Option<Span>,
}

/// An expression. Conditions are expressions of type bool.
#[derive(Debug)]
pub(crate) struct Expr {
    pub kind: Kind,
    pub ty: Type,
    /// Whether it is known that the value can be nil; never set for what is merely unknown.
    pub nullable: bool,
    pub span: Span,
}

impl Expr {
    pub fn new(kind: Kind, ty: Type, span: Span) -> Expr {
        Expr { kind, ty, nullable: false, span }
    }

    pub fn constant(literal: Literal, span: Span) -> Expr {
        let ty = literal_type(&literal);
        Expr::new(Kind::Const(literal), ty, span)
    }

    pub fn as_const(&self) -> Option<&Literal> {
        match &self.kind {
            Kind::Const(literal) => Some(literal),
            _ => None,
        }
    }

    /// The value of a condition that is known now.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Const(Literal::Bool(value)) => Some(*value),
            _ => None,
        }
    }
}

/// The static type of a constant.
pub(crate) fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Nil => Type::Nil,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Float(_) => Type::Float,
        Literal::Str(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
        Literal::Duration(_) => Type::Duration,
        Literal::TraceId(_) => Type::TraceId,
        Literal::SpanId(_) => Type::SpanId,
        Literal::ProfileId(_) => Type::ProfileId,
        Literal::List(..) => Type::List,
        Literal::Map(_) => Type::Map,
    }
}

#[derive(Debug)]
pub(crate) enum Kind {
    Const(Literal),
    Path(PathUse),
    Call(Box<Call>),
    Index {
        base: Box<Expr>,
        keys: Vec<Key>,
    },
    /// A lambda's parameter, by its slot.
    Local(u32),
    Math {
        op: MathOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Negate(Box<Expr>),
    List(Vec<Expr>),
    Map(Vec<(Key, Expr)>),
    Lambda(Box<Lambda>),
    Compare {
        op: CompareOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// A converter as a condition.
    Test(Box<Expr>),
}

/// A path with its keys.
#[derive(Debug)]
pub(crate) struct PathUse {
    pub path: PathId,
    pub keys: Vec<Key>,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) enum Key {
    Str(Vec<u8>),
    Int(i64),
    Expr(Expr),
}

/// A call with one argument for every parameter, hidden ones included.
#[derive(Debug)]
pub(crate) struct Call {
    pub def: Function,
    pub args: Vec<Arg>,
    pub kernel: Kernel,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) enum Arg {
    Absent,
    Const(Literal, Span),
    Eager { expr: Expr, coerce: Option<Coercion>, each: Option<Coercion> },
    Lazy(Expr, Option<Coercion>),
    LazyList(Vec<Expr>, Option<Coercion>),
    Target(PathUse),
    Lambda(Box<Lambda>),
    Function(Function),
}

#[derive(Debug)]
pub(crate) struct Lambda {
    pub params: u32,
    pub first_local: u32,
    pub body: Expr,
}
