//! Doubts about rules that compile: what can be proved never to do what it says.
//!
//! Every doubt is a warning; the plan is the same with and without it. A lint speaks up only when it is certain of the
//! static types and paths involved: what depends on the data is left alone.
//! Deliberately elsewhere: whatever the reference rejects (`check`).

mod asked;
mod call;
mod characters;
mod comparison;
mod contradiction;
mod copy;
mod decided;
mod fails;
mod fallible;
mod flow;
mod key;
mod literal;
mod math;
mod metric_type;
mod narrow;
mod number;
mod octal;
mod parent;
mod pattern;
mod possible;
mod question;
mod replaced;
mod result;
mod severity;
mod template;
mod text;
mod types;
mod unit;
mod write;

pub(crate) use self::decided::alternatives;
pub(crate) use self::fallible::{Fallible, Propagates};
pub(crate) use self::flow::Flow;

use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_plan::Literal;
use ottl_schema::Access;
use ottl_syntax::ast;
use ottl_syntax::visit::{walk_condition, walk_statement, walk_value};

use self::narrow::Narrowed;
use self::octal::Octal;
use crate::check::Scope;
use crate::hir::{Arg, Call, Expr, Key, Kind, PathUse, Statement};

/// How many writes of a group are kept in mind as guards of what comes behind them.
const MOST_WRITTEN: usize = 64;

/// Paths that are known not to be nil, or of which is known that somebody thought of it.
#[derive(Debug, Default)]
pub(crate) struct Guards {
    /// What the conditions of a group look at, whichever of them lets a record through: none without conditions.
    looked_at: Option<Vec<PathUse>>,
    /// What earlier statements of the group set to a value that is not nil, under any condition.
    written: Vec<PathUse>,
}

impl Guards {
    /// Adds a condition of the group. One is enough for a record, so what only others look at says nothing.
    pub fn narrow(&mut self, condition: &Expr) {
        let mut seen = Vec::new();
        walk(condition, &mut |expr| {
            if let Kind::Path(path) = &expr.kind {
                seen.extend(constant_keys(path));
            }
        });
        if let Some(before) = &self.looked_at {
            seen.retain(|path| before.iter().any(|other| same_path(path, other)));
        }
        self.looked_at = Some(seen);
    }

    /// Adds what a statement of the group sets, for those behind it.
    pub fn wrote(&mut self, statement: &Statement) {
        if let Some(path) = write::set_to_a_value(statement).and_then(constant_keys)
            && self.written.len() < MOST_WRITTEN
        {
            self.written.push(path);
        }
    }

    /// Whether every record's way to the statements leads past a look at this path, or a statement before sets it.
    fn look_at(&self, path: &PathUse) -> bool {
        self.looked_at.iter().flatten().any(|other| write::guards(other, path))
            || self.written.iter().any(|other| same_path(other, path))
    }
}

/// One run over the typed tree of one text.
struct Lint<'l> {
    scope: Scope<'l>,
    text: &'l str,
    /// What the group's conditions look at.
    guards: &'l Guards,
    out: &'l mut Vec<Diagnostic>,
    /// Comparisons of which enough has been said.
    known: Vec<Span>,
    /// The condition as a whole, where that is all there is.
    whole: Span,
    /// A doubt that counts if somebody reads what is written.
    late: Option<Diagnostic>,
    /// What the condition says of the values where the rest runs.
    narrowed: Narrowed,
}

/// Looks at a statement. Gives back the doubt about a value in the cache, which counts if the value is read.
pub(crate) fn statement(
    scope: Scope<'_>,
    (text, tree): (&str, &ast::Statement),
    statement: &Statement,
    guards: &Guards,
    out: &mut Vec<Diagnostic>,
) -> Option<Diagnostic> {
    walk_statement(tree, &mut Octal { text, out });
    let narrowed = Narrowed::new(statement.condition.as_ref());
    let mut lint = Lint { narrowed, ..Lint::new(scope, text, guards, out) };
    lint.narrowed(statement);
    lint.other_metric(statement);
    lint.written(statement);
    lint.copies(statement);
    lint.in_call(&statement.editor);
    walk_args(&statement.editor, &mut |expr| lint.in_expr(expr));
    if let Some(span) = statement.always {
        lint.always(span, "it has no effect");
    }
    if let Some(condition) = &statement.condition {
        lint.never(condition, "the statement never runs");
        walk(condition, &mut |expr| lint.in_expr(expr));
    }
    lint.late
}

/// Looks at a condition of a filter, or of a group.
pub(crate) fn condition(
    scope: Scope<'_>,
    (text, tree): (&str, &ast::BoolExpr),
    condition: &Expr,
    is_of_filter: bool,
    out: &mut Vec<Diagnostic>,
) {
    walk_condition(tree, &mut Octal { text, out });
    let guards = Guards::default();
    let mut lint = Lint { whole: condition.span, ..Lint::new(scope, text, &guards, out) };
    lint.never(condition, if is_of_filter { "it drops nothing" } else { "no record matches it" });
    if condition.as_bool() == Some(true) {
        lint.always(condition.span, if is_of_filter { "it drops everything" } else { "every record matches it" });
    }
    if is_of_filter {
        lint.unset_severity(condition);
    }
    walk(condition, &mut |expr| lint.in_expr(expr));
    if !scope.shared_cache {
        walk(condition, &mut |expr| lint.cache_of_condition(expr));
    }
}

/// Looks at a value that a component computes, which has to be a number where it makes a metric of it.
pub(crate) fn value(
    scope: Scope<'_>,
    (text, tree): (&str, &ast::Value),
    value: &Expr,
    is_number: bool,
    out: &mut Vec<Diagnostic>,
) {
    walk_value(tree, &mut Octal { text, out });
    let (guards, before) = (Guards::default(), out.len());
    let mut lint = Lint::new(scope, text, &guards, out);
    walk(value, &mut |expr| {
        lint.in_expr(expr);
        lint.cache_of_condition(expr);
    });
    // What is wrong inside of it says more.
    if is_number && lint.out.len() == before {
        lint.metric_value(value);
    }
}

impl<'l> Lint<'l> {
    fn new(scope: Scope<'l>, text: &'l str, guards: &'l Guards, out: &'l mut Vec<Diagnostic>) -> Lint<'l> {
        let (whole, narrowed) = (Span::default(), Narrowed::default());
        Lint { scope, text, guards, out, known: Vec::new(), whole, late: None, narrowed }
    }

    /// Looks at one expression, not at those inside it.
    fn in_expr(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::Compare { .. } if self.known.contains(&expr.span) => {}
            Kind::Compare { op, left, right } => self.comparison(*op, left, right, expr.span),
            Kind::Or(operands) => self.chain(operands, true, expr.span),
            Kind::And(operands) => {
                self.needless_guards(expr);
                self.chain(operands, false, expr.span);
            }
            // `not (a == nil or b)` is `a != nil and not b`.
            Kind::Not(_) => self.needless_guards(expr),
            Kind::Const(Literal::Str(text)) => self.text(text, expr.span),
            Kind::Math { op, left, right } => self.math(*op, left, right, expr.span),
            Kind::Negate(operand) => self.minus(operand, expr.span),
            Kind::Test(inner) => self.answer(inner),
            Kind::Call(call) => {
                self.in_call(call);
                self.asked(expr, call);
            }
            Kind::Path(path) => {
                self.path_keys(path);
                self.pattern_keys(path);
                self.inside_of_scalar(path);
            }
            Kind::Index { base, keys } => {
                let before = self.out.len();
                self.index_keys(base, keys, expr.span);
                self.missing_name(base, keys, expr.span);
                if self.out.len() == before && !self.unknown_part(base, keys, expr.span) {
                    self.missing_part(base, keys, expr.span);
                }
            }
            _ => {}
        }
    }

    /// A cache in a condition that comes before all statements.
    fn cache_of_condition(&mut self, expr: &Expr) {
        if let Kind::Path(path) = &expr.kind
            && ottl_schema::path(path.path).access == Access::Cache
        {
            self.warn(flow::unwritten_cache(self.source(expr.span), expr.span));
        }
    }

    /// A whole condition that its constants make false.
    fn never(&mut self, condition: &Expr, consequence: &str) {
        if condition.as_bool() == Some(false) {
            let message = format!("this condition is false for every record, so {consequence}");
            self.warn(self.doubt(Code::FALSE_CONDITION, condition.span, message));
        }
    }

    /// A whole condition that its constants make true.
    #[cold]
    fn always(&mut self, span: Span, consequence: &str) {
        let message = format!("this condition is true for every record, so {consequence}");
        self.warn(self.doubt(Code::TRUE_CONDITION, span, message));
    }

    #[cold]
    fn warn(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    #[cold]
    fn doubt(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, span, message)
    }

    /// What is written at a place.
    fn source(&self, span: Span) -> &'l str {
        span.of(self.text)
    }
}

/// Visits an expression and every expression inside it; as deep as the text's brackets, which are bounded.
fn walk<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    visit(expr);
    match &expr.kind {
        Kind::Const(_) | Kind::Local(_) => {}
        Kind::Path(path) => walk_keys(&path.keys, visit),
        Kind::Call(call) => walk_args(call, visit),
        Kind::Index { base, keys } => {
            walk(base, visit);
            walk_keys(keys, visit);
        }
        Kind::Math { left, right, .. } | Kind::Compare { left, right, .. } => {
            walk(left, visit);
            walk(right, visit);
        }
        Kind::Negate(operand) | Kind::Not(operand) | Kind::Test(operand) => walk(operand, visit),
        Kind::List(items) | Kind::And(items) | Kind::Or(items) => {
            items.iter().for_each(|item| walk(item, visit));
        }
        Kind::Map(pairs) => {
            for (key, value) in pairs {
                walk_keys(std::slice::from_ref(key), visit);
                walk(value, visit);
            }
        }
        Kind::Lambda(lambda) => walk(&lambda.body, visit),
    }
}

/// Visits the arguments of a call; of a path to edit only the keys, because it is not read.
fn walk_args<'e>(call: &'e Call, visit: &mut dyn FnMut(&'e Expr)) {
    for arg in &call.args {
        match arg {
            Arg::Absent | Arg::Const(..) | Arg::Function(_) => {}
            Arg::Eager { expr, .. } | Arg::Lazy(expr, _) => walk(expr, visit),
            Arg::LazyList(exprs, _) => exprs.iter().for_each(|expr| walk(expr, visit)),
            Arg::Target(path) => walk_keys(&path.keys, visit),
            Arg::Lambda(lambda) => walk(&lambda.body, visit),
        }
    }
}

fn walk_keys<'e>(keys: &'e [Key], visit: &mut dyn FnMut(&'e Expr)) {
    for key in keys {
        if let Key::Expr(expr) = key {
            walk(expr, visit);
        }
    }
}

/// Whether two expressions are the same path, or the same constant: what holds of one holds of the other.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Path(a), Kind::Path(b)) => same_path(a, b),
        (Kind::Local(a), Kind::Local(b)) => a == b,
        (Kind::Const(a), Kind::Const(b)) => a == b,
        _ => false,
    }
}

fn same_path(a: &PathUse, b: &PathUse) -> bool {
    a.path == b.path && a.keys.len() == b.keys.len() && a.keys.iter().zip(&b.keys).all(same_key)
}

fn same_key((a, b): (&Key, &Key)) -> bool {
    match (a, b) {
        (Key::Str(a), Key::Str(b)) => a == b,
        (Key::Int(a), Key::Int(b)) => a == b,
        (Key::Expr(a), Key::Expr(b)) => same(a, b),
        _ => false,
    }
}

/// A copy of a path whose keys are all constants.
fn constant_keys(path: &PathUse) -> Option<PathUse> {
    let keys = path.keys.iter().map(constant_key).collect::<Option<Vec<Key>>>()?;
    Some(PathUse { keys, ..*path })
}

/// A copy of a key that is a constant.
fn constant_key(key: &Key) -> Option<Key> {
    match key {
        Key::Str(text) => Some(Key::Str(text.clone())),
        Key::Int(number) => Some(Key::Int(*number)),
        Key::Expr(_) => None,
    }
}

/// Whether all keys of a path are constants.
fn is_constant(path: &PathUse) -> bool {
    path.keys.iter().all(|key| matches!(key, Key::Str(_) | Key::Int(_)))
}

/// The constant of an argument.
fn constant(arg: Option<&Arg>) -> Option<(&Literal, Span)> {
    match arg {
        Some(Arg::Const(literal, span)) => Some((literal, *span)),
        _ => None,
    }
}
