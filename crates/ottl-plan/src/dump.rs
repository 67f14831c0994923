//! The plan as compact text, for tests and for people who ask how their rules were understood.

use std::fmt;

use ottl_core::ops::MathOp;

use crate::{Arg, Expr, ExprId, KeyExpr, Literal, Plan};

impl Plan {
    /// The expression as text: paths with their context, calls with their arguments, constants as literals, and what has
    /// operands in brackets.
    pub fn show(&self, id: ExprId) -> impl fmt::Display + '_ {
        Show { plan: self, id }
    }
}

struct Show<'p> {
    plan: &'p Plan,
    id: ExprId,
}

impl fmt::Display for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expr(f, self.plan, self.id)
    }
}

fn expr(f: &mut fmt::Formatter<'_>, plan: &Plan, id: ExprId) -> fmt::Result {
    let list = |f: &mut fmt::Formatter<'_>, items: &[ExprId], between: &str| {
        items.iter().enumerate().try_for_each(|(i, item)| {
            f.write_str(if i > 0 { between } else { "" })?;
            expr(f, plan, *item)
        })
    };
    let Some(node) = plan.exprs.get(id.0 as usize) else { return f.write_str("?") };
    match node {
        Expr::Const(n) => plan.literals.get(*n as usize).map_or(Ok(()), |l| literal(f, l)),
        Expr::Path(n) => path(f, plan, *n),
        Expr::Call(n) => call(f, plan, *n),
        Expr::Index { base, keys, .. } => {
            expr(f, plan, *base)?;
            keys_text(f, plan, keys)
        }
        Expr::Local(slot) => write!(f, "%{slot}"),
        Expr::Math { op, left, right, .. } => {
            f.write_str("(")?;
            expr(f, plan, *left)?;
            f.write_str(match op {
                MathOp::Add => " + ",
                MathOp::Sub => " - ",
                MathOp::Mul => " * ",
                MathOp::Div => " / ",
            })?;
            expr(f, plan, *right)?;
            f.write_str(")")
        }
        Expr::Negate { operand, .. } => {
            f.write_str("-")?;
            expr(f, plan, *operand)
        }
        Expr::List(items) => {
            f.write_str("[")?;
            list(f, items, ", ")?;
            f.write_str("]")
        }
        Expr::Map { pairs, .. } => {
            f.write_str("{")?;
            for (key, value) in pairs {
                match key {
                    KeyExpr::Str(key) => write!(f, "{:?}", String::from_utf8_lossy(key))?,
                    KeyExpr::Int(key) => write!(f, "{key}")?,
                    KeyExpr::Expr(key) => expr(f, plan, *key)?,
                }
                f.write_str(": ")?;
                expr(f, plan, *value)?;
                f.write_str(" ")?;
            }
            f.write_str("}")
        }
        Expr::Lambda(n) => lambda(f, plan, *n),
        Expr::Compare { op, left, right } => {
            f.write_str("(")?;
            expr(f, plan, *left)?;
            write!(f, " {} ", op.symbol())?;
            expr(f, plan, *right)?;
            f.write_str(")")
        }
        Expr::And(items) => {
            f.write_str("(")?;
            list(f, items, " and ")?;
            f.write_str(")")
        }
        Expr::Or(items) => {
            f.write_str("(")?;
            list(f, items, " or ")?;
            f.write_str(")")
        }
        Expr::Not(operand) => {
            f.write_str("(not ")?;
            expr(f, plan, *operand)?;
            f.write_str(")")
        }
        Expr::Test { operand, .. } => expr(f, plan, *operand),
    }
}

/// An id.
fn digits(f: &mut fmt::Formatter<'_>, id: &[u8]) -> fmt::Result {
    id.iter().try_fold((), |(), byte| write!(f, "{byte:02x}"))
}

fn literal(f: &mut fmt::Formatter<'_>, value: &Literal) -> fmt::Result {
    match value {
        Literal::Nil => f.write_str("nil"),
        Literal::Bool(b) => write!(f, "{b}"),
        Literal::Int(i) => write!(f, "{i}"),
        Literal::Float(x) => write!(f, "{x:?}"),
        Literal::Str(s) => write!(f, "{:?}", String::from_utf8_lossy(s)),
        Literal::Bytes(b) => b.iter().try_fold((), |(), b| write!(f, "\\x{b:02x}")),
        Literal::TraceId(id) | Literal::ProfileId(id) => digits(f, id),
        Literal::SpanId(id) => digits(f, id),
        Literal::Duration(d) => write!(f, "{d}ns"),
        Literal::List(kind, items) => {
            write!(f, "{kind:?}[")?;
            for item in items {
                literal(f, item)?;
                f.write_str(" ")?;
            }
            f.write_str("]")
        }
        Literal::Map(pairs) => {
            f.write_str("{")?;
            for (key, value) in pairs {
                write!(f, "{:?}: ", String::from_utf8_lossy(key))?;
                literal(f, value)?;
                f.write_str(" ")?;
            }
            f.write_str("}")
        }
    }
}

fn path(f: &mut fmt::Formatter<'_>, plan: &Plan, n: u32) -> fmt::Result {
    let Some(used) = plan.paths.get(n as usize) else { return f.write_str("?") };
    let decl = ottl_schema::path(used.path);
    write!(f, "{}.{}", decl.context.name(), decl.name)?;
    keys_text(f, plan, &used.keys)
}

fn keys_text(f: &mut fmt::Formatter<'_>, plan: &Plan, keys: &[KeyExpr]) -> fmt::Result {
    for key in keys {
        match key {
            KeyExpr::Str(s) => write!(f, "[{:?}]", String::from_utf8_lossy(s))?,
            KeyExpr::Int(i) => write!(f, "[{i}]")?,
            KeyExpr::Expr(e) => {
                f.write_str("[")?;
                expr(f, plan, *e)?;
                f.write_str("]")?;
            }
        }
    }
    Ok(())
}

fn lambda(f: &mut fmt::Formatter<'_>, plan: &Plan, n: u32) -> fmt::Result {
    let Some(def) = plan.lambdas.get(n as usize) else { return f.write_str("?") };
    write!(f, "(%{}+{} => ", def.first_local, def.params)?;
    expr(f, plan, def.body)?;
    f.write_str(")")
}

fn call(f: &mut fmt::Formatter<'_>, plan: &Plan, n: u32) -> fmt::Result {
    let Some(call) = plan.calls.get(n as usize) else { return f.write_str("?") };
    write!(f, "{}(", call.function.name)?;
    for (i, arg) in call.args.iter().enumerate() {
        f.write_str(if i > 0 { ", " } else { "" })?;
        match arg {
            Arg::Absent => f.write_str("-")?,
            Arg::Const(value) => literal(f, value)?,
            Arg::Eager { expr: id, .. } => expr(f, plan, *id)?,
            Arg::Lazy(thunk) => lazy(f, plan, *thunk)?,
            Arg::LazyList(thunks) => {
                f.write_str("[")?;
                for thunk in thunks {
                    lazy(f, plan, *thunk)?;
                    f.write_str(" ")?;
                }
                f.write_str("]")?;
            }
            Arg::Path(n) => path(f, plan, *n)?,
            Arg::Lambda(n) => lambda(f, plan, *n)?,
            Arg::Function(n) => {
                f.write_str(plan.functions.get(*n as usize).map_or("?", |named| named.function.name))?
            }
        }
    }
    f.write_str(")")
}

fn lazy(f: &mut fmt::Formatter<'_>, plan: &Plan, thunk: u32) -> fmt::Result {
    f.write_str("~")?;
    plan.thunks.get(thunk as usize).map_or(Ok(()), |(id, _)| expr(f, plan, *id))
}

impl Plan {
    /// A call as text, for statements.
    pub fn show_call(&self, n: u32) -> String {
        struct Call<'p>(&'p Plan, u32);
        impl fmt::Display for Call<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                call(f, self.0, self.1)
            }
        }
        Call(self, n).to_string()
    }
}
