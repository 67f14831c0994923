//! Values: literals, lists, maps, arithmetic, and whatever a path or call gives.

use std::collections::HashMap;

use ottl_core::function::Type;
use ottl_core::ops::MathOp;
use ottl_core::{Gate, ListKind};
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_plan::Literal;
use ottl_schema::{ContextId, context};
use ottl_syntax::ast::{self, EnumSymbol, KeyKind, MathKind, Number, Sign, Value};

use super::Checker;
use crate::advice::paths::joined;
use crate::advice::{one_of, words};
use crate::constant;
use crate::hir::{Expr, Key, Kind};
use crate::versions::Change;

impl<'t> Checker<'_, 't> {
    /// Checks a value.
    pub fn value(&mut self, value: &'t Value) -> Option<Expr> {
        let span = value.span();
        let literal = match value {
            Value::Nil(_) => Literal::Nil,
            Value::Bool(b) => Literal::Bool(b.value),
            Value::Int(i) => Literal::Int(i.value),
            Value::Float(f) => Literal::Float(f.value),
            Value::String(s) => Literal::Str(s.value.as_bytes().to_vec()),
            Value::Bytes(b) => Literal::Bytes(b.value.clone()),
            Value::Enum(symbol) => Literal::Int(self.enum_symbol(symbol)?),
            Value::Path(path) => return self.path_value(path),
            Value::Converter(call) => return self.converter(call),
            Value::List(list) => return self.list(list),
            Value::Map(map) => return self.map(map),
            Value::Math(math) => return self.math(math, value.number()),
            Value::Lambda(_) if !Change::LAMBDA_VALUES.is_in(self.scope.compiler.target) => {
                self.fault(
                    Diagnostic::new(Code::FORM_OUTSIDE_VERSION, span, "a lambda stands where a value is wanted")
                        .help(Change::LAMBDA_VALUES.instead),
                );
                return None;
            }
            Value::Lambda(lambda) => {
                let checked = self.lambda(lambda)?;
                let kind = Kind::Lambda(Box::new(checked));
                return Some(Expr::new(kind, Type::Any, span));
            }
            Value::Missing(_) => return None,
        };
        Some(Expr::constant(literal, span))
    }

    /// The number that an enum symbol stands for in the statement's context.
    fn enum_symbol(&mut self, symbol: &EnumSymbol) -> Option<i64> {
        let name = symbol.name.as_str();
        let own = context(self.scope.context);
        if let Some((_, number)) = own.enums.iter().find(|(n, _)| *n == name) {
            return Some(*number);
        }
        if self.scope.compiler.registry.find_in(self.scope.compiler.target, name).is_some()
            || crate::reference::is_known(name)
        {
            self.function_as_value(name, symbol.span);
            return None;
        }
        let owners: Vec<(&str, i64)> = ContextId::ALL
            .into_iter()
            .filter_map(|id| {
                let row = context(id).enums.iter().find(|(n, _)| *n == name)?;
                Some((id.name(), row.1))
            })
            .collect();
        let diagnostic = if let [(_, number), ..] = owners.as_slice() {
            let names: Vec<&str> = owners.iter().map(|(owner, _)| *owner).collect();
            let message = format!("the context {} has no enum symbol `{name}`", own.name);
            let diagnostic = Diagnostic::new(Code::ENUM_OUTSIDE_CONTEXT, symbol.span, message);
            match words::instead(self.scope.context, self.beside, name) {
                // Its number would be one of another enum's.
                Some(help) => diagnostic.help(help),
                None => diagnostic
                    .help(format!(
                        "it exists in {}; enum symbols belong to the context of the statement, not of a path",
                        one_of(&names)
                    ))
                    .fix(symbol.span, number.to_string()),
            }
        } else {
            self.no_value(name, symbol.span)
        };
        self.fault(diagnostic);
        None
    }

    /// What is said of a word that is no value: neither symbol nor function.
    #[cold]
    fn no_value(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("`{name}` is not an enum symbol of the context {}", self.scope.context.name());
        let diagnostic = Diagnostic::new(Code::UNKNOWN_ENUM, span, message);
        words::advised(diagnostic, name, span, self.scope.context, self.beside)
    }

    /// Reports the bare name of a function where a value is wanted.
    pub fn function_as_value(&mut self, name: &str, span: Span) {
        if self.scope.compiler.registry.find(name).is_none() && !crate::reference::is_known(name) {
            return self.fault(self.no_value(name, span));
        }
        self.fault(
            Diagnostic::new(
                Code::FUNCTION_NAME_AS_VALUE,
                span,
                format!("`{name}` is the name of a function, not a value"),
            )
            .help(format!("call it: `{name}(...)`")),
        );
    }

    fn list(&mut self, list: &'t ast::List) -> Option<Expr> {
        // All items are checked before the first failure counts.
        let items: Vec<Option<Expr>> = list.items.iter().map(|item| self.value(item)).collect();
        let items: Vec<Expr> = items.into_iter().collect::<Option<_>>()?;
        Some(list_of(items, ListKind::Any, list.span))
    }

    /// Of a repeated key the last value counts.
    fn map(&mut self, map: &'t ast::Map) -> Option<Expr> {
        let mut pairs = Vec::with_capacity(map.entries.len());
        for entry in &map.entries {
            let key = self.map_key(&entry.key);
            let value = self.value(&entry.value);
            pairs.extend(key.zip(value));
        }
        if pairs.len() < map.entries.len() {
            return None;
        }
        if !Change::REPEATED_KEYS.is_in(self.scope.compiler.target) {
            pairs = last_of_each(pairs);
        }
        let is_known = |(key, value): &(Key, Expr)| !matches!(key, Key::Expr(_)) && is_literal(value);
        if !pairs.iter().all(is_known) {
            return Some(Expr::new(Kind::Map(pairs), Type::Map, map.span));
        }
        // COMPAT: a map of literals is built now, so a lambda in it is refused now.
        if let Some((_, value)) = pairs.iter().find(|(_, value)| value.as_const().is_none()) {
            let message = "a map literal cannot hold a lambda";
            self.fault(Diagnostic::new(Code::UNCONVERTIBLE_LITERAL, value.span, message));
            return None;
        }
        let constants = pairs
            .into_iter()
            .filter_map(|pair| match pair {
                (Key::Str(key), Expr { kind: Kind::Const(literal), .. }) => Some((key, literal)),
                _ => None,
            })
            .collect();
        match constant::map(constants) {
            Ok(literal) => Some(Expr::constant(literal, map.span)),
            Err(error) => {
                let message = "a map literal cannot hold this value";
                self.fault(Diagnostic::new(Code::UNCONVERTIBLE_LITERAL, map.span, message).label(error.to_string()));
                None
            }
        }
    }

    fn map_key(&mut self, key: &'t Value) -> Option<Key> {
        if let Value::String(key) = key {
            return Some(Key::Str(key.value.as_bytes().to_vec()));
        }
        let (span, compiler) = (key.span(), self.scope.compiler);
        if !Change::COMPUTED_KEYS.is_in(compiler.target) {
            self.fault(Change::COMPUTED_KEYS.refused(Code::FORM_OUTSIDE_VERSION, span, compiler.target));
            return None;
        }
        if !compiler.is_on(Gate::DynamicMapKeys) {
            self.disabled("computed keys in map literals are", span, Gate::DynamicMapKeys);
            return None;
        }
        self.value(key).map(Key::Expr)
    }

    /// Reports a form whose gate is off.
    #[cold]
    pub fn disabled(&mut self, what: &str, span: Span, gate: Gate) {
        self.fault(
            Diagnostic::new(Code::FORM_DISABLED, span, format!("{what} disabled"))
                .help(format!("enable the gate `{}`", gate.name())),
        );
    }

    fn math(&mut self, math: &'t ast::Math, number: Option<Number>) -> Option<Expr> {
        // A sign and parentheses around a literal are part of it; operators are never folded.
        match number {
            Some(Number::Int(i)) => return Some(Expr::constant(Literal::Int(i), math.span)),
            Some(Number::Float(f)) => return Some(Expr::constant(Literal::Float(f), math.span)),
            None => {}
        }
        match &math.kind {
            MathKind::Group(inner) => self.value(inner),
            MathKind::Signed { sign: Sign::Plus, operand } => self.value(operand),
            MathKind::Signed { sign: Sign::Minus, operand } => {
                let operand = self.value(operand)?;
                let ty = number_type(operand.ty);
                Some(Expr::new(Kind::Negate(Box::new(operand)), ty, math.span))
            }
            MathKind::Chain { first, rest } => {
                self.operators += rest.len();
                let limit = self.scope.compiler.limits.operators;
                if self.operators > limit {
                    let message = format!("more than {limit} arithmetic operators in one text");
                    self.fault(Diagnostic::new(Code::NESTING_TOO_DEEP, math.span, message));
                    return None;
                }
                let mut left = self.value(first);
                for next in rest {
                    let right = self.value(&next.operand);
                    left = match (left, right) {
                        (Some(left), Some(right)) => Some(binary(next.op, left, right)),
                        _ => None,
                    };
                }
                left
            }
        }
    }

    /// Checks the keys of a path, a call or a local.
    pub fn keys(&mut self, keys: &'t [ast::Key]) -> Option<Vec<Key>> {
        let mut checked = Vec::with_capacity(keys.len());
        for key in keys {
            checked.extend(match &key.kind {
                KeyKind::String(s) => Some(Key::Str(s.value.as_bytes().to_vec())),
                KeyKind::Int(i) => Some(Key::Int(i.value)),
                KeyKind::Expr(value) => self.key(value),
            });
        }
        (checked.len() == keys.len()).then_some(checked)
    }

    /// Checks a key that is computed. Mostly the quotes of one that is no path are missing.
    fn key(&mut self, value: &'t Value) -> Option<Key> {
        let begin = self.faults.len();
        let key = self.value(value).map(Key::Expr);
        if let Value::Path(path) = value
            && let [fault] = &mut self.faults[begin..]
            && fault.code == Code::UNKNOWN_PATH
            && fault.help.as_deref().is_some_and(|help| help.starts_with("its paths are"))
        {
            fault.help = Some(format!("a key is a string in double quotes: `[\"{}\"]`", joined(&path.segments)));
        }
        key
    }

    /// `base` with keys that follow the rules of converters.
    pub fn indexed(&mut self, base: Option<Expr>, keys: &'t [ast::Key], span: Span) -> Option<Expr> {
        if keys.is_empty() {
            return base;
        }
        let (base, keys) = (base?, self.keys(keys)?);
        let ty = part_type(&base, &keys);
        Some(Expr::new(Kind::Index { base: Box::new(base), keys }, ty, span))
    }
}

/// The type of a part of a converter's result, where all parts have the same.
fn part_type(base: &Expr, keys: &[Key]) -> Type {
    const OF_TEXTS: [&str; 4] = ["ExtractPatterns", "ParseCSV", "ParseKeyValue", "Split"];
    match &base.kind {
        Kind::Call(call) if keys.len() == 1 && OF_TEXTS.contains(&call.def.name) => Type::String,
        _ => Type::Any,
    }
}

/// A list of checked items; a constant if all of them are.
pub(super) fn list_of(items: Vec<Expr>, kind: ListKind, span: Span) -> Expr {
    if items.iter().any(|item| item.as_const().is_none()) {
        return Expr::new(Kind::List(items), Type::List, span);
    }
    let literals = items
        .into_iter()
        .filter_map(|item| match item.kind {
            Kind::Const(literal) => Some(literal),
            _ => None,
        })
        .collect();
    Expr::constant(Literal::List(kind, literals), span)
}

/// Whether the reference counts the value as a literal: constants, lambdas, and lists of them.
fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Const(_) | Kind::Lambda(_) => true,
        Kind::List(items) => items.iter().all(is_literal),
        _ => false,
    }
}

/// The pairs of a map literal, of a repeated key the last one in the place of the first.
fn last_of_each(pairs: Vec<(Key, Expr)>) -> Vec<(Key, Expr)> {
    let mut kept: Vec<(Key, Expr)> = Vec::with_capacity(pairs.len());
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    for (key, value) in pairs {
        let place = match &key {
            Key::Str(key) => *places.entry(key.clone()).or_insert(kept.len()),
            Key::Int(_) | Key::Expr(_) => kept.len(),
        };
        match kept.get_mut(place) {
            Some((_, old)) => *old = value,
            None => kept.push((key, value)),
        }
    }
    kept
}

fn number_type(ty: Type) -> Type {
    match ty {
        Type::Int | Type::Float => ty,
        _ => Type::Any,
    }
}

fn binary(op: ast::MathOp, left: Expr, right: Expr) -> Expr {
    let op = match op {
        ast::MathOp::Add => MathOp::Add,
        ast::MathOp::Sub => MathOp::Sub,
        ast::MathOp::Mul => MathOp::Mul,
        ast::MathOp::Div => MathOp::Div,
    };
    let ty = match (op, left.ty, right.ty) {
        (_, Type::Int, Type::Int) => Type::Int,
        (_, Type::Float, Type::Int | Type::Float) | (_, Type::Int, Type::Float) => Type::Float,
        (MathOp::Sub, Type::Time, Type::Time) => Type::Duration,
        (MathOp::Add | MathOp::Sub, Type::Time, Type::Duration) | (MathOp::Add, Type::Duration, Type::Time) => {
            Type::Time
        }
        (MathOp::Add | MathOp::Sub, Type::Duration, Type::Duration) => Type::Duration,
        _ => Type::Any,
    };
    let span = left.span.to(right.span);
    let kind = Kind::Math { op, left: Box::new(left), right: Box::new(right) };
    Expr::new(kind, ty, span)
}
