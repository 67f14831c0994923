//! Questions that answer each other: one and its opposite, those for two types of one value, those for two beginnings of one text.

use ottl_core::function::Type;
use ottl_plan::Literal;

use super::decided::Leaf;
use super::{asked, constant, same};
use crate::hir::{Arg, Call, Expr, Kind};

/// How many questions are looked at together.
const TOGETHER: usize = 64;

/// Two questions of a chain that decide it, by their numbers among the operands, and why.
pub(super) struct Clash {
    pub first: usize,
    pub second: usize,
    pub reason: &'static str,
}

/// The first two questions of which no value meets both, or with `or`, of which every value meets one. Each operand stands beside
/// the text that it is written in.
pub(super) fn clash(operands: &[(Leaf<'_>, &str)], or: bool) -> Option<Clash> {
    let asked = |(_, (leaf, _)): &(usize, &(Leaf<'_>, &str))| matches!(leaf.expr.kind, Kind::Test(_));
    let asked: Vec<(usize, &(Leaf<'_>, &str))> = operands.iter().enumerate().filter(asked).take(TOGETHER).collect();
    asked.iter().enumerate().find_map(|(idx, (second_at, second))| {
        asked[..idx].iter().find_map(|(first_at, first)| {
            let reason = reason(first, second, or)?;
            Some(Clash { first: *first_at, second: *second_at, reason })
        })
    })
}

fn reason((first, text): &(Leaf<'_>, &str), (second, other): &(Leaf<'_>, &str), or: bool) -> Option<&'static str> {
    if first.is_negated != second.is_negated {
        return (first.expr.span.of(text) == second.expr.span.of(other)).then_some("one question and its opposite");
    }
    // What excludes each other decides `a and b`, and `not a or not b`.
    if first.is_negated != or {
        return None;
    }
    if let (Some((a, of_a)), Some((b, of_b))) = (types_asked(first), types_asked(second)) {
        return (of_a != of_b && same(a, b)).then_some("no value has two types");
    }
    let ((a, of_a), (b, of_b)) = (beginning(first)?, beginning(second)?);
    let differ = of_a.bytes().zip(of_b.bytes()).any(|(a, b)| a != b);
    (differ && same(a, b)).then_some("no text begins in two ways")
}

fn call<'e>(leaf: &Leaf<'e>) -> Option<&'e Call> {
    match &leaf.expr.kind {
        Kind::Test(inner) => match &inner.kind {
            Kind::Call(call) => Some(call),
            _ => None,
        },
        _ => None,
    }
}

/// The value and the type, if this is a question for one.
fn types_asked<'e>(leaf: &Leaf<'e>) -> Option<(&'e Expr, Type)> {
    asked::type_question(call(leaf)?)
}

/// The text and how it has to begin, if this is a question for that.
fn beginning<'e>(leaf: &Leaf<'e>) -> Option<(&'e Expr, &'e str)> {
    let call = call(leaf)?;
    let (Arg::Eager { expr, .. } | Arg::Lazy(expr, _)) = call.args.first()? else { return None };
    let (Literal::Str(text), _) = constant(call.args.get(1))? else { return None };
    let text = std::str::from_utf8(text).ok()?;
    match call.def.name {
        "HasPrefix" => Some((expr, text)),
        "IsMatch" => Some((expr, literal_beginning(text)?)),
        _ => None,
    }
}

/// The letters that every match of a pattern begins with, at the beginning of the text.
fn literal_beginning(pattern: &str) -> Option<&str> {
    let rest = pattern.strip_prefix('^').filter(|rest| !rest.contains('|') && !rest.contains("(?"))?;
    let end = rest.find(['.', '[', '(', ')', '{', '?', '*', '+', '^', '$', '\\']).unwrap_or(rest.len());
    let plain = &rest[..end];
    match rest[end..].chars().next() {
        // The last one may be missing.
        Some('?' | '*' | '{') => plain.char_indices().next_back().map(|(last, _)| &plain[..last]),
        _ => Some(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::literal_beginning;

    #[test]
    fn beginnings_of_patterns() {
        for (pattern, want) in [
            ("^http", Some("http")),
            ("^https?://", Some("http")),
            ("^a+b", Some("a")),
            ("^a{0}", Some("")),
            ("^k8s\\.", Some("k8s")),
            ("^(?i)a", None),
            ("^a|b", None),
            ("a", None),
            ("^", Some("")),
        ] {
            assert_eq!(literal_beginning(pattern), want, "{pattern}");
        }
    }
}
