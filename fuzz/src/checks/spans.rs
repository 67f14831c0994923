//! Spans of trees and diagnostics.

use ottl_diagnostics::{Diagnostic, Span};
use ottl_syntax::ast::{ArgumentValue, BoolExpr, Call, Key, KeyKind, LambdaBody, MathKind, Path, Statement, Value};

/// What the parser makes.
pub(super) trait Tree {
    fn walk(&self, spans: &mut Spans<'_>, outer: Span);
}

/// Asserts that all spans of a diagnostic are made of characters of the text.
pub(super) fn assert_in(text: &str, diagnostic: &Diagnostic) {
    let others = diagnostic.others.iter().map(|label| label.span);
    for span in others.chain([diagnostic.span]).chain(diagnostic.fix.as_ref().map(|fix| fix.span)) {
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {diagnostic:?} in {text:?}");
    }
}

/// Asserts that all spans of a tree are made of characters of the text and, in a tree without faults, that each lies in
/// that of its parent.
pub(super) fn assert_spans(text: &str, tree: &impl Tree, faultless: bool) {
    tree.walk(&mut Spans { text, faultless }, Span::new(0, text.len() as u32));
}

pub(super) struct Spans<'t> {
    text: &'t str,
    faultless: bool,
}

impl Spans<'_> {
    fn take(&mut self, span: Span, outer: Span) -> Span {
        let found = self.text.get(span.start as usize..span.end as usize);
        assert!(found.is_some(), "{span:?} in {:?}", self.text);
        if self.faultless {
            assert!(!span.is_empty(), "{span:?} in {:?}", self.text);
            assert!(outer.start <= span.start && span.end <= outer.end, "{span:?} in {outer:?} of {:?}", self.text);
        }
        span
    }

    fn keys(&mut self, keys: &[Key], outer: Span) {
        for key in keys {
            let span = self.take(key.span, outer);
            match &key.kind {
                KeyKind::String(literal) => {
                    self.take(literal.span, span);
                }
                KeyKind::Int(literal) => {
                    self.take(literal.span, span);
                }
                KeyKind::Expr(value) => value.walk(self, span),
            }
        }
    }

    fn call(&mut self, call: &Call, outer: Span) {
        let span = self.take(call.span, outer);
        self.take(call.name.span, span);
        for argument in &call.arguments {
            let span = self.take(argument.span, span);
            argument.name.iter().for_each(|name| {
                self.take(name.span, span);
            });
            match &argument.value {
                ArgumentValue::Value(value) => value.walk(self, span),
                ArgumentValue::Function(name) => {
                    self.take(name.span, span);
                }
            }
        }
        self.keys(&call.keys, span);
    }

    fn path(&mut self, path: &Path, outer: Span) {
        let span = self.take(path.span, outer);
        for segment in &path.segments {
            let span = self.take(segment.span, span);
            self.take(segment.name_span, span);
            self.keys(&segment.keys, span);
        }
    }
}

impl Tree for Statement {
    fn walk(&self, spans: &mut Spans<'_>, outer: Span) {
        let span = spans.take(self.span, outer);
        spans.call(&self.editor, span);
        self.condition.iter().for_each(|condition| condition.walk(spans, span));
    }
}

impl Tree for BoolExpr {
    fn walk(&self, spans: &mut Spans<'_>, outer: Span) {
        let span = spans.take(self.span(), outer);
        match self {
            BoolExpr::Or(chain) | BoolExpr::And(chain) => {
                chain.operands.iter().for_each(|operand| operand.walk(spans, span));
            }
            BoolExpr::Not(not) => not.operand.walk(spans, span),
            BoolExpr::Comparison(comparison) => {
                spans.take(comparison.op_span, span);
                comparison.left.walk(spans, span);
                comparison.right.walk(spans, span);
            }
            BoolExpr::Converter(call) => spans.call(call, span),
            BoolExpr::Const(_) | BoolExpr::Missing(_) => {}
        }
    }
}

impl Tree for Value {
    fn walk(&self, spans: &mut Spans<'_>, outer: Span) {
        let span = spans.take(self.span(), outer);
        match self {
            Value::Path(path) => spans.path(path, span),
            Value::Converter(call) => spans.call(call, span),
            Value::List(list) => list.items.iter().for_each(|item| item.walk(spans, span)),
            Value::Map(map) => {
                for entry in &map.entries {
                    let span = spans.take(entry.span, span);
                    entry.key.walk(spans, span);
                    entry.value.walk(spans, span);
                }
            }
            Value::Math(math) => match &math.kind {
                MathKind::Group(inner) | MathKind::Signed { operand: inner, .. } => inner.walk(spans, span),
                MathKind::Chain { first, rest } => {
                    first.walk(spans, span);
                    for next in rest {
                        spans.take(next.op_span, span);
                        next.operand.walk(spans, span);
                    }
                }
            },
            Value::Lambda(lambda) => {
                lambda.params.iter().for_each(|param| {
                    spans.take(param.span, span);
                });
                match &lambda.body {
                    LambdaBody::Value(value) => value.walk(spans, span),
                    LambdaBody::Condition(condition) => condition.walk(spans, span),
                }
            }
            _ => {}
        }
    }
}
