//! Comparisons and chains of them whose result does not depend on the data: W0301, W0303.

use ottl_core::Arena;
use ottl_core::function::Type;
use ottl_core::ops::{CompareOp, compare};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::context;

use super::{Lint, same, types};
use crate::hir::{Expr, Kind};

/// How many operands before one are searched for one that clashes with it.
const WINDOW: usize = 64;

impl Lint<'_> {
    /// A comparison of types that are never equal, or of types without an order.
    pub(super) fn comparison(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: Span) {
        let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        let unequal = if left.ty == Type::Nil || right.ty == Type::Nil {
            let other = if left.ty == Type::Nil { right } else { left };
            types::never_nil(other)
        } else {
            // Two that may both be nil are equal then.
            let both_nil = left.nullable && right.nullable;
            !types::comparable(left.ty, right.ty) && !both_nil
        };
        let unordered = !equality && left.ty == right.ty && !types::ordered(left.ty);
        if !unequal && !unordered {
            return;
        }
        let verdict = if op == CompareOp::Ne { "always holds" } else { "never holds" };
        let (a, b) = (types::name(left.ty), types::name(right.ty));
        let mut doubt =
            self.doubt(Code::DECIDED_COMPARISON, span, format!("this comparison {verdict}: its sides are {a} and {b}"));
        if let Some((literal, symbol)) = self.meant_symbol(left, right) {
            doubt = doubt.help(format!("compare with the enum symbol `{symbol}`")).fix(literal, symbol);
        } else if let Some(path) = id_path([left, right]) {
            let text = self.source(path);
            doubt = doubt.help(format!("`{text}.string` is the id as text, empty ids are all zeros"));
        } else if left.ty == Type::Nil || right.ty == Type::Nil {
            doubt = doubt.help("the path is never nil; an absent field reads as its type's zero");
        }
        self.warn(doubt);
    }

    /// The enum symbol that a string compared with a number stands for, and where the string is.
    fn meant_symbol(&self, left: &Expr, right: &Expr) -> Option<(Span, &'static str)> {
        let (path, literal) = match (&left.kind, &right.kind) {
            (Kind::Path(path), Kind::Const(_)) => (path, right),
            (Kind::Const(_), Kind::Path(path)) => (path, left),
            _ => return None,
        };
        let Some(Literal::Str(word)) = literal.as_const() else {
            return None;
        };
        let word = String::from_utf8_lossy(word).to_ascii_uppercase();
        let name = ottl_schema::path(path.path).name.to_ascii_uppercase();
        let symbols = context(self.scope.context).enums.iter().map(|(symbol, _)| *symbol);
        symbols
            .filter(|symbol| {
                let ends = symbol.strip_suffix(word.as_str()).is_some_and(|s| s.ends_with('_'));
                let begins = name.split('.').next().is_some_and(|s| symbol.contains(s));
                *symbol == word || ends && begins
            })
            .min_by_key(|symbol| symbol.len())
            .map(|symbol| (literal.span, symbol))
    }

    /// `a != 1 or a != 2`, which always holds, and `a == 1 and a == 2`, which never does.
    pub(super) fn chain(&mut self, operands: &[Expr], or: bool, span: Span) {
        let wanted = if or { CompareOp::Ne } else { CompareOp::Eq };
        let parts: Vec<(&Expr, &Literal, Span)> = operands
            .iter()
            .filter_map(|operand| match &operand.kind {
                Kind::Compare { op, left, right } if *op == wanted => match (left.as_const(), right.as_const()) {
                    (None, Some(literal)) => Some((&**left, literal, operand.span)),
                    (Some(literal), None) => Some((&**right, literal, operand.span)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let arena = Arena::new();
        for (i, (subject, literal, second)) in parts.iter().enumerate() {
            // A clash stands close by; a bound keeps long chains linear.
            let clash = parts[i.saturating_sub(WINDOW)..i].iter().find(|(other, value, _)| {
                let values = literal.value(&arena).and_then(|a| Ok((a, value.value(&arena)?)));
                same(subject, other) && values.is_ok_and(|(a, b)| !compare(CompareOp::Eq, &a, &b))
            });
            let Some((_, _, first)) = clash else {
                continue;
            };
            let (message, help) = if or {
                (
                    "this condition always holds: nothing equals both",
                    "to exclude several values join the comparisons with `and`",
                )
            } else {
                (
                    "this condition never holds: nothing equals both",
                    "to allow several values join the comparisons with `or`",
                )
            };
            let doubt = self
                .doubt(Code::DECIDED_CONDITION, span, message)
                .other(*first, "one value")
                .other(*second, "another")
                .help(help);
            self.warn(doubt);
            return;
        }
    }
}

/// The place of a whole id among the sides of a comparison.
fn id_path(sides: [&Expr; 2]) -> Option<Span> {
    let is_id = |side: &&Expr| matches!(side.ty, Type::TraceId | Type::SpanId) && matches!(side.kind, Kind::Path(_));
    sides.into_iter().find(is_id).map(|side| side.span)
}
