//! From the typed tree to the plan's flat tables.
//!
//! Operands come before what uses them, so an expression refers to smaller numbers only.

use ottl_core::Site;
use ottl_diagnostics::Span;
use ottl_plan as plan;
use ottl_plan::{ExprId, KeyExpr, LambdaDef, PlanBuilder};

use crate::hir::{Arg, Call, Expr, Key, Kind, Lambda, PathUse, Statement};

/// Lowers what one text was checked to.
pub(crate) struct Lower<'b> {
    pub plan: &'b mut PlanBuilder,
    /// The text's number in the plan's sources.
    pub source: u32,
}

/// The number that the next element of a table gets.
fn push<T>(table: &mut Vec<T>, element: T) -> u32 {
    table.push(element);
    (table.len() - 1) as u32
}

impl Lower<'_> {
    pub fn statement(&mut self, statement: Statement) -> plan::Statement {
        let condition = statement.condition.map(|c| self.expr(c));
        plan::Statement { editor: self.call(statement.editor), condition, source: self.source }
    }

    pub fn expr(&mut self, expr: Expr) -> ExprId {
        let span = expr.span;
        let node = match expr.kind {
            Kind::Const(literal) => return self.plan.literal(literal, (span.start, span.end)),
            Kind::Path(path) => plan::Expr::Path(self.path(path)),
            Kind::Call(call) => plan::Expr::Call(self.call(*call)),
            Kind::Index { base, keys } => {
                plan::Expr::Index { base: self.expr(*base), keys: self.keys(keys), site: self.site(span) }
            }
            Kind::Local(slot) => plan::Expr::Local(slot),
            Kind::Math { op, left, right } => {
                plan::Expr::Math { op, left: self.expr(*left), right: self.expr(*right), site: self.site(span) }
            }
            Kind::Negate(operand) => plan::Expr::Negate { operand: self.expr(*operand), site: self.site(span) },
            Kind::List(items) => plan::Expr::List(self.exprs(items)),
            Kind::Map(pairs) => plan::Expr::Map {
                pairs: pairs.into_iter().map(|(key, value)| (self.key(key), self.expr(value))).collect(),
                site: self.site(span),
            },
            Kind::Lambda(lambda) => plan::Expr::Lambda(self.lambda(*lambda)),
            Kind::Compare { op, left, right } => {
                plan::Expr::Compare { op, left: self.expr(*left), right: self.expr(*right) }
            }
            Kind::And(operands) => plan::Expr::And(self.exprs(operands)),
            Kind::Or(operands) => plan::Expr::Or(self.exprs(operands)),
            Kind::Not(operand) => plan::Expr::Not(self.expr(*operand)),
            Kind::Test(operand) => plan::Expr::Test { operand: self.expr(*operand), site: self.site(span) },
        };
        self.plan.expr(node, (span.start, span.end))
    }

    fn exprs(&mut self, exprs: Vec<Expr>) -> Vec<ExprId> {
        exprs.into_iter().map(|e| self.expr(e)).collect()
    }

    fn call(&mut self, call: Call) -> u32 {
        let args = call.args.into_iter().map(|arg| self.arg(arg)).collect();
        let site = self.site(call.span);
        push(&mut self.plan.calls, plan::CallSite { function: call.def, args, kernel: call.kernel, site })
    }

    fn arg(&mut self, arg: Arg) -> plan::Arg {
        match arg {
            Arg::Absent => plan::Arg::Absent,
            Arg::Const(literal, _) => plan::Arg::Const(literal),
            Arg::Eager { expr, coerce, each } => plan::Arg::Eager { expr: self.expr(expr), coerce, each },
            Arg::Lazy(expr, coerce) => {
                let expr = self.expr(expr);
                plan::Arg::Lazy(push(&mut self.plan.thunks, (expr, coerce)))
            }
            Arg::LazyList(exprs, coerce) => {
                let ids = self.exprs(exprs);
                plan::Arg::LazyList(ids.into_iter().map(|id| push(&mut self.plan.thunks, (id, coerce))).collect())
            }
            Arg::Target(path) => plan::Arg::Path(self.path(path)),
            Arg::Lambda(lambda) => plan::Arg::Lambda(self.lambda(*lambda)),
            Arg::Function(def) => plan::Arg::Function(push(&mut self.plan.functions, plan::NamedFunction::new(def))),
        }
    }

    fn path(&mut self, path: PathUse) -> u32 {
        let keys = self.keys(path.keys);
        let used = plan::PathUse { path: path.path, keys };
        push(&mut self.plan.paths, used)
    }

    fn keys(&mut self, keys: Vec<Key>) -> Vec<KeyExpr> {
        keys.into_iter().map(|key| self.key(key)).collect()
    }

    fn key(&mut self, key: Key) -> KeyExpr {
        match key {
            Key::Str(s) => KeyExpr::Str(s),
            Key::Int(i) => KeyExpr::Int(i),
            Key::Expr(e) => KeyExpr::Expr(self.expr(e)),
        }
    }

    fn lambda(&mut self, lambda: Lambda) -> u32 {
        let body = self.expr(lambda.body);
        let def = LambdaDef { params: lambda.params, first_local: lambda.first_local, body };
        self.plan.locals = self.plan.locals.max(def.first_local + def.params);
        push(&mut self.plan.lambdas, def)
    }

    fn site(&mut self, span: Span) -> Site {
        self.plan.site((span.start, span.end), self.source)
    }
}
