//! Keys of a kind that what they index does not have: W0306.

use ottl_core::function::Type;
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::Keys;

use super::{Lint, types};
use crate::hir::{Expr, Key, PathUse};

impl Lint<'_> {
    /// Keys of a path.
    pub(super) fn path_keys(&mut self, path: &PathUse) {
        let decl = ottl_schema::path(path.path);
        for (i, key) in path.keys.iter().enumerate() {
            let ty = key_type(key);
            let wanted = match (decl.keys, i) {
                (Keys::TraceState, _) if !matches!(key, Key::Str(_)) => "a string literal",
                (Keys::Map | Keys::Metadata, 0) if !types::comparable(ty, Type::String) => "a string",
                (Keys::Metadata, 1) if ty != Type::Any && ty != Type::Int => "an int",
                _ if !matches!(ty, Type::Any | Type::String | Type::Int) => "a string or an int",
                _ if is_negative(key) => {
                    self.negative_index(path.span);
                    return;
                }
                _ => continue,
            };
            let span = path.span;
            let message = format!("key {} of `{}` is {}, and {wanted} is needed", i + 1, decl.name, types::name(ty));
            let doubt = self.doubt(Code::WRONG_KEY_KIND, span, message).help("evaluating it fails for every record");
            self.warn(doubt);
            return;
        }
    }

    /// Keys of a converter's result; only the first one meets a known type.
    pub(super) fn index_keys(&mut self, base: &Expr, keys: &[Key], span: Span) {
        let Some(key) = keys.first() else {
            return;
        };
        let ty = key_type(key);
        let wanted = match base.ty {
            Type::Map => Type::String,
            Type::List | Type::Bytes => Type::Int,
            _ => return,
        };
        if wanted == Type::Int && is_negative(key) {
            return self.negative_index(span);
        }
        if ty == Type::Any || ty == wanted {
            return;
        }
        let message =
            format!("the key is {}, and {} takes {}", types::name(ty), types::name(base.ty), types::name(wanted));
        let doubt = self.doubt(Code::WRONG_KEY_KIND, span, message).help("evaluating it fails for every record");
        self.warn(doubt);
    }

    /// A place before the first one.
    fn negative_index(&mut self, span: Span) {
        let message = "list indexes start at 0";
        let doubt = self.doubt(Code::WRONG_KEY_KIND, span, message);
        self.warn(doubt.help("evaluating it fails for every record; indexes do not count from the end"));
    }
}

fn is_negative(key: &Key) -> bool {
    match key {
        Key::Int(number) => *number < 0,
        Key::Expr(expr) => matches!(expr.as_const(), Some(Literal::Int(number)) if *number < 0),
        Key::Str(_) => false,
    }
}

fn key_type(key: &Key) -> Type {
    match key {
        Key::Str(_) => Type::String,
        Key::Int(_) => Type::Int,
        Key::Expr(expr) => expr.ty,
    }
}
