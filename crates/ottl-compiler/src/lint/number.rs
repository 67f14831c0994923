//! Numbers that a field never has, and values of metrics that are none: W0302, W0325, W0331.

use ottl_core::function::Type;
use ottl_core::ops::{CompareOp, compare};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::{Access, Conv, PathDecl};

use super::{Lint, possible, types};
use crate::advice::words as symbols;
use crate::hir::{Expr, Kind};

impl Lint<'_> {
    /// Doubts a number that no symbol of the path's enum has; whether it did.
    pub(super) fn outside_enum(&mut self, decl: &PathDecl, literal: &Literal, span: Span) -> bool {
        let Literal::Int(number) = literal else { return false };
        let Some((least, most)) = symbols::bounds_without(*number, self.scope.context, decl) else { return false };
        let message = format!("`{}` is a number from {least} to {most}, and this is {number}", decl.name);
        let help = symbols::listed(self.scope.context, decl);
        self.warn(self.doubt(Code::NUMBER_OUTSIDE_ENUM, span, message).help(help));
        true
    }

    /// `kind == 7`, which no symbol of the enum is, and `severity_number > 24`, which none is beyond.
    pub(super) fn impossible_number(&mut self, op: CompareOp, left: &Expr, right: &Expr, whole: Span) {
        let (path, literal, at) = match (&left.kind, &right.kind) {
            (Kind::Path(path), Kind::Const(literal)) => (path, literal, right.span),
            (Kind::Const(literal), Kind::Path(path)) => (path, literal, left.span),
            _ => return,
        };
        let decl = ottl_schema::path(path.path);
        if !path.keys.is_empty() || self.outside_enum(decl, literal, at) || matches!(op, CompareOp::Eq | CompareOp::Ne)
        {
            return;
        }
        let (Literal::Int(_), Some((least, most))) = (literal, symbols::bounds(self.scope.context, decl)) else {
            return;
        };
        let arena = Arena::new();
        let Ok(constant) = literal.value(&arena) else { return };
        let is_left = matches!(left.kind, Kind::Const(_));
        let holds = |number| {
            let number = Value::Int(number);
            if is_left { compare(op, &constant, &number) } else { compare(op, &number, &constant) }
        };
        // What holds for neither end of an order holds for nothing between them. What holds for both is half of a range, and harms nobody.
        if !holds(least) && !holds(most) {
            let message = format!("this comparison is never true: `{}` is a number from {least} to {most}", decl.name);
            let help = symbols::listed(self.scope.context, decl);
            self.warn(self.doubt(Code::NUMBER_OUTSIDE_ENUM, whole, message).help(help));
        }
    }

    /// Doubts the value of a metric that is never a number.
    pub(super) fn metric_value(&mut self, value: &Expr) {
        let types = possible::of(value);
        if types.has(Type::Int) || types.has(Type::Float) {
            return;
        }
        let text = self.source(value.span);
        let is = types::name(value.ty);
        let message = format!("the value of a metric is a number, and this is {is}");
        let bare = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        let help = match value.ty {
            Type::Duration => format!("its length is a number: `Seconds({bare})`, `Milliseconds({bare})`"),
            Type::Time => format!("its number is `UnixSeconds({bare})`, or `UnixMilli({bare})`"),
            Type::String => {
                format!("to parse a number use `Int({bare})` or `Double({bare})`; for the length use `Len({bare})`")
            }
            Type::Map | Type::List => format!("how much is in it is `Len({bare})`"),
            _ => String::from("it fails for every record"),
        };
        self.warn(self.doubt(Code::IMPOSSIBLE_WRITE, value.span, message).help(help));
    }

    /// Doubts a number that the field takes and stores as another one; whether it did.
    pub(super) fn outside_field(&mut self, decl: &PathDecl, literal: &Literal, span: Span) -> bool {
        let (Access::Field(_, conv) | Access::Nested(_, _, conv), Literal::Int(number)) = (decl.access, literal) else {
            return false;
        };
        let arena = Arena::new();
        let stored = conv.write(Value::Int(*number), &arena).and_then(|field| conv.read(field, &arena));
        let Ok(Value::Int(stored)) = stored else { return false };
        let is_unsigned = matches!(conv, Conv::Nanos | Conv::FixedInt) && *number < 0;
        if stored == *number && !is_unsigned {
            return false;
        }
        let stored = if is_unsigned { (stored as u64).to_string() } else { stored.to_string() };
        let message = format!("`{}` cannot hold {number} and stores it as {stored}", decl.name);
        let doubt = self.doubt(Code::NUMBER_OUTSIDE_FIELD, span, message);
        self.warn(if *number < 0 { doubt.help("the field is unsigned") } else { doubt });
        true
    }
}
