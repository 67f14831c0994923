//! Keys of a kind that what they index does not have: W0306.

use ottl_core::function::Type;
use ottl_diagnostics::{Code, Span};
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
                _ => continue,
            };
            let span = path.span;
            let message = format!("key {} of `{}` is {}, and {wanted} is needed", i + 1, decl.name, types::name(ty));
            let doubt =
                self.doubt(Code::WRONG_KEY_KIND, span, message).help("evaluating it is an error for every record");
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
        if ty == Type::Any || ty == wanted {
            return;
        }
        let message =
            format!("the key is {}, and {} takes {}", types::name(ty), types::name(base.ty), types::name(wanted));
        let doubt = self.doubt(Code::WRONG_KEY_KIND, span, message).help("evaluating it is an error for every record");
        self.warn(doubt);
    }
}

fn key_type(key: &Key) -> Type {
    match key {
        Key::Str(_) => Type::String,
        Key::Int(_) => Type::Int,
        Key::Expr(expr) => expr.ty,
    }
}
