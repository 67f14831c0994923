//! Comparisons whose result does not depend on the data: W0301, H0301.

use ottl_core::StructKind;
use ottl_core::function::Type;
use ottl_core::ops::CompareOp;
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::Access;

use super::{Lint, asked, decided, possible, same, types, walk};
use crate::advice::words;
use crate::hir::{Expr, Kind};

impl Lint<'_> {
    /// Guards where none is needed, among parts that have to hold together.
    pub(super) fn needless_guards(&mut self, whole: &Expr) {
        let mut leaves = Vec::new();
        decided::gather(whole, false, &mut leaves);
        if leaves.len() > 1 {
            leaves.iter().for_each(|leaf| self.needless_guard(leaf.expr, leaf.is_negated));
        }
    }

    /// `severity_text != nil` beside another condition, which then has the last word: a guard where none is needed.
    fn needless_guard(&mut self, operand: &Expr, is_negated: bool) {
        if self.known.contains(&operand.span) {
            return;
        }
        if let Kind::Test(inner) = &operand.kind
            && let Kind::Call(call) = &inner.kind
            && let Some((subject, wanted)) = asked::type_question(call)
            && subject.ty == wanted
            && types::never_nil(subject)
            && !is_negated
        {
            let text = self.source(subject.span);
            let message =
                format!("`{text}` is always {}, so this part of the condition does nothing", types::name(wanted));
            self.warn(self.doubt(Code::NEEDLESS_GUARD, operand.span, message).help(absent_as(wanted)));
            self.known.push(operand.span);
            return;
        }
        let guard = if is_negated { CompareOp::Eq } else { CompareOp::Ne };
        let Kind::Compare { op, left, right } = &operand.kind else { return };
        if *op != guard {
            return;
        }
        let guarded = if left.ty == Type::Nil { right } else { left };
        let is_guard = left.ty == Type::Nil || right.ty == Type::Nil;
        if !is_guard || !types::never_nil(guarded) {
            return;
        }
        let text = self.source(guarded.span);
        let message = format!("`{text}` is never nil, so this part of the condition does nothing");
        self.warn(self.doubt(Code::NEEDLESS_GUARD, operand.span, message).help(absent_as(guarded.ty)));
        self.known.push(operand.span);
    }

    /// A comparison of types that are never equal, of types without an order, or with a constant that leaves one answer only.
    pub(super) fn comparison(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: Span) {
        let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        let unequal = if left.ty == Type::Nil || right.ty == Type::Nil {
            let other = if left.ty == Type::Nil { right } else { left };
            types::never_nil(other)
        } else {
            // Two that may both be nil are equal then.
            let both_nil = left.nullable && right.nullable;
            let is_part = |whole, other: &Expr| is_whole(whole) && other.ty != Type::Any;
            (!possible::comparable(left, right) || is_part(left, right) || is_part(right, left)) && !both_nil
        };
        let unordered = !equality && left.ty == right.ty && !types::ordered(left.ty);
        if !unequal && !unordered {
            self.bound(op, left, right, span);
            self.impossible_text(op, left, right, span);
            self.impossible_number(op, left, right, span);
            self.ordered_text(op, left, right, span);
            self.pattern_as_text(op, left, right);
            self.impossible_result(op, left, right, span);
            self.with_itself(op, left, right, span);
            self.units(left, right, span);
            return;
        }
        let verdict = if op == CompareOp::Ne { "is always true" } else { "is never true" };
        let name = |side: &Expr| match side.ty {
            _ if is_whole(side) => String::from("a part of a record as a whole"),
            Type::Any => format!("what `{}` can hold", self.source(side.span)),
            ty => types::name(ty).to_owned(),
        };
        let (a, b) = (name(left), name(right));
        let mut doubt = self.doubt(
            Code::DECIDED_COMPARISON,
            span,
            format!("this comparison {verdict}: its operands are {a} and {b}"),
        );
        if let Some((literal, symbol, is_certain)) = self.meant_symbol(left, right) {
            doubt = doubt.help(format!("compare with the enum symbol `{symbol}`"));
            doubt = if is_certain { doubt.fix(literal, symbol) } else { doubt };
        } else if let Some(status) = whole_status([left, right]) {
            let text = self.source(status);
            doubt = doubt.help(format!("compare `{text}.code` with an enum symbol such as `STATUS_CODE_ERROR`"));
        } else if let Some(path) = id_path([left, right]) {
            let text = self.source(path);
            doubt = doubt.help(match text.ends_with("parent_span_id") {
                true => String::from("to test whether a span has no parent use `IsRootSpan()`"),
                false => format!("`{text}.string` is the id as text, empty ids are all zeros"),
            });
        } else if left.ty == Type::Nil || right.ty == Type::Nil {
            doubt = doubt.help(absent_as(if left.ty == Type::Nil { right.ty } else { left.ty }));
        } else if let Some(help) = self.measured(left, right).or_else(|| self.measured(right, left)) {
            doubt = doubt.help(help);
        }
        self.warn(doubt);
    }

    /// `severity_text >= "ERROR"`: levels are not in the order of their letters.
    fn ordered_text(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: Span) {
        let (Kind::Path(path), Some(Literal::Str(word))) = (&left.kind, right.as_const()) else { return };
        let decl = ottl_schema::path(path.path);
        if matches!(op, CompareOp::Eq | CompareOp::Ne) || decl.name != "severity_text" {
            return;
        }
        let number = ottl_schema::path_by_name(decl.context, "severity_number").map(ottl_schema::path);
        let word = String::from_utf8_lossy(word);
        let symbol = number.and_then(|number| words::symbol(self.scope.context, number, &word));
        let text = self.source(left.span).trim_end_matches("text");
        let written = span.of(self.text);
        let operator = ["<=", ">=", "<", ">"].into_iter().find(|operator| written.contains(operator)).unwrap_or(">=");
        let message = "strings are compared alphabetically: `WARN` comes after `ERROR`";
        let help =
            format!("compare the number: `{text}number {operator} {}`", symbol.unwrap_or("SEVERITY_NUMBER_ERROR"));
        self.warn(self.doubt(Code::ORDERED_TEXT, span, message).help(help));
    }

    /// What to compare a duration or a time with, that stands beside a number or text.
    fn measured(&self, measure: &Expr, other: &Expr) -> Option<String> {
        let text = self.source(measure.span);
        let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        match (measure.ty, other.ty) {
            (Type::Duration, Type::Int | Type::Float) => {
                let length = if is_of_nanos(other) { "Nanoseconds" } else { "Milliseconds" };
                Some(format!("compare it with a duration, `Duration(\"5s\")`, or its length: `{length}({text})`"))
            }
            (Type::Duration, Type::String | Type::Any) => {
                Some(format!("compare it with a duration: `Duration({})`", self.source(other.span)))
            }
            (Type::Time, Type::Int | Type::Float) => {
                let number = if is_of_nanos(other) { "UnixNano" } else { "UnixSeconds" };
                Some(format!("compare it with a time, or compare its number: `{number}({text})`"))
            }
            (Type::Time, Type::String) => {
                Some(String::from("compare it with a time: `Time(\"2024-01-31\", \"%Y-%m-%d\")`"))
            }
            (Type::Time, Type::Any) => {
                let other = self.source(other.span);
                Some(format!(
                    "read a time from the text, `Time({other}, \"%Y-%m-%dT%H:%M:%S%z\")`, or of a number, `Unix({other})`"
                ))
            }
            _ => None,
        }
    }

    /// `a > nil` or `a < ""`, which hold for no value.
    fn bound(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: Span) {
        let (subject, literal, is_left) =
            if left.as_const().is_some() { (right, left, true) } else { (left, right, false) };
        let Some(constant) = literal.as_const() else { return };
        // Every constant equals something, and differs from something.
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return;
        }
        let Some(holds) = decided::one_answer(subject, op, constant, is_left) else { return };
        let verdict = if holds { "always" } else { "never" };
        let text = self.source(literal.span);
        let message = format!("this comparison {verdict} holds, whatever is compared with `{text}`");
        let mut doubt = self.doubt(Code::DECIDED_COMPARISON, span, message);
        if *constant == Literal::Nil {
            doubt = doubt.help("nil has no order; what is there is `!= nil`");
        }
        self.warn(doubt);
    }

    /// `a == a`: what is no float is always equal to itself.
    fn with_itself(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: Span) {
        let is_plain = matches!(left.ty, Type::String | Type::Int | Type::Bool);
        if !is_plain || !matches!(left.kind, Kind::Path(_)) || !same(left, right) {
            return;
        }
        let holds = matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge);
        let verdict = if holds { "always" } else { "never" };
        let message = format!("this comparison is {verdict} true: both operands are the same");
        self.warn(self.doubt(Code::DECIDED_COMPARISON, span, message));
    }

    /// The enum symbol that a string compared with a number stands for, where the string is, and whether it is no guess.
    fn meant_symbol(&self, left: &Expr, right: &Expr) -> Option<(Span, &'static str, bool)> {
        let (path, literal) = match (&left.kind, &right.kind) {
            (Kind::Path(path), Kind::Const(_)) => (path, right),
            (Kind::Const(_), Kind::Path(path)) => (path, left),
            _ => return None,
        };
        let Some(Literal::Str(word)) = literal.as_const() else {
            return None;
        };
        let word = String::from_utf8_lossy(word);
        let symbol = words::symbol(self.scope.context, ottl_schema::path(path.path), &word)?;
        Some((literal.span, symbol, words::is_certain(&word)))
    }
}

/// Whether a side is a part of the record as a whole.
fn is_whole(side: &Expr) -> bool {
    matches!(&side.kind, Kind::Path(path) if types::is_whole(ottl_schema::path(path.path)))
}

/// The place of a whole status among the sides of a comparison.
fn whole_status(sides: [&Expr; 2]) -> Option<Span> {
    let is_status = |side: &&Expr| {
        matches!(&side.kind, Kind::Path(path)
            if matches!(ottl_schema::path(path.path).access, Access::Part(_, [StructKind::Status, ..])))
    };
    sides.into_iter().find(is_status).map(|side| side.span)
}

/// The place of a whole id among the sides of a comparison.
fn id_path(sides: [&Expr; 2]) -> Option<Span> {
    let is_id = |side: &&Expr| {
        matches!(side.ty, Type::TraceId | Type::SpanId | Type::ProfileId) && matches!(side.kind, Kind::Path(_))
    };
    sides.into_iter().find(is_id).map(|side| side.span)
}

/// What a field that is not there reads as.
fn absent_as(ty: Type) -> String {
    let zero = match ty {
        Type::String => "`\"\"`",
        Type::Int | Type::Float => "0",
        Type::Bool => "`false`",
        Type::TraceId | Type::SpanId | Type::ProfileId => "an id of zeros",
        _ => "its type's zero",
    };
    format!("the path is never nil; an absent field reads as {zero}")
}

/// Whether a number is one of nanoseconds, as far as names tell.
fn is_of_nanos(number: &Expr) -> bool {
    let mut is_of_nanos = false;
    walk(number, &mut |expr| {
        is_of_nanos |= match &expr.kind {
            Kind::Path(path) => ottl_schema::path(path.path).name.ends_with("_unix_nano"),
            Kind::Call(call) => matches!(call.def.name, "UnixNano" | "Nanoseconds"),
            _ => false,
        }
    });
    is_of_nanos
}
