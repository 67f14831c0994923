//! What a statement's condition says about the values that the statement reads: W0302, W0304, W0307.
//!
//! Only the parts count that have to hold together. `where IsMap(log.body)` leaves maps, and `where a == nil` nothing.

use ottl_core::function::{ParamType, Type};
use ottl_core::ops::CompareOp;
use ottl_diagnostics::Code;
use ottl_schema::Access;

use super::decided::{Leaf, gather};
use super::possible::{self, Types};
use super::{Lint, asked, constant_keys, fallible, same_key, same_path};
use crate::hir::{Arg, Call, Expr, Kind, PathUse, Statement};

/// How many parts of a condition are looked at.
const TOGETHER: usize = 64;

/// What is known of paths where a statement runs.
#[derive(Default)]
pub(super) struct Narrowed {
    /// The types that are left, and whether nil is none of them.
    types: Vec<(PathUse, Types, bool)>,
    nil: Vec<PathUse>,
}

impl Narrowed {
    pub fn new(condition: Option<&Expr>) -> Narrowed {
        let mut out = Narrowed::default();
        let Some(condition) = condition else { return out };
        let mut leaves = Vec::new();
        gather(condition, false, &mut leaves);
        leaves.iter().take(TOGETHER).for_each(|leaf| out.add(leaf));
        out
    }

    fn add(&mut self, leaf: &Leaf<'_>) {
        match &leaf.expr.kind {
            Kind::Test(inner) => {
                let Kind::Call(call) = &inner.kind else { return };
                let Some((subject, wanted)) = asked::type_question(call) else { return };
                let Kind::Path(path) = &subject.kind else { return };
                if let (Type::Any, Some(path)) = (subject.ty, constant_keys(path)) {
                    let wanted = Types::of(wanted);
                    let left = if leaf.is_negated { possible::of(subject).without(wanted) } else { wanted };
                    self.types.push((path, left, !leaf.is_negated));
                }
            }
            Kind::Compare { op, left, right } => {
                let is_nil = matches!((op, leaf.is_negated), (CompareOp::Eq, false) | (CompareOp::Ne, true));
                let subject = match (left.ty, right.ty) {
                    (Type::Nil, _) => right,
                    (_, Type::Nil) => left,
                    _ => return,
                };
                if let (true, Kind::Path(path)) = (is_nil, &subject.kind) {
                    self.nil.extend(constant_keys(path));
                }
            }
            _ => {}
        }
    }

    /// What an expression can give here.
    pub fn of(&self, expr: &Expr) -> Types {
        match &expr.kind {
            Kind::Path(path) if expr.ty == Type::Any => {
                let known = self.types.iter().find(|(known, ..)| same_path(known, path));
                known.map_or_else(|| possible::of(expr), |(_, types, _)| *types)
            }
            _ => possible::of(expr),
        }
    }

    /// What a path is here that an editor works on, if it is certain that it is not nil.
    fn of_target(&self, path: &PathUse) -> Option<Types> {
        let known = self.types.iter().find(|(known, _, is_there)| *is_there && same_path(known, path));
        known.map(|(_, types, _)| *types)
    }

    /// Whether something that this path lies in is known to have no keys.
    fn lies_in_scalar(&self, path: &PathUse) -> bool {
        self.types.iter().any(|(known, types, is_there)| {
            *is_there
                && known.path == path.path
                && known.keys.len() < path.keys.len()
                && known.keys.iter().zip(&path.keys).all(same_key)
                && !types.has(Type::Map)
                && !types.has(Type::List)
        })
    }

    fn is_nil(&self, path: &PathUse) -> bool {
        self.nil.iter().any(|known| same_path(known, path))
    }
}

impl Lint<'_> {
    /// What a statement does with values of which its condition says that they do not fit.
    pub(super) fn narrowed(&mut self, statement: &Statement) {
        let call = &statement.editor;
        for (param, arg) in call.def.params.iter().zip(&call.args) {
            let Arg::Target(path) = arg else { continue };
            if self.narrowed.lies_in_scalar(path) {
                self.without_keys(path);
            } else if let (Some(types), Some(wanted)) = (self.narrowed.of_target(path), target(param.ty))
                && !types.has(wanted)
            {
                let text = self.source(path.span);
                let message = format!(
                    "`{}` edits {}s, and the condition says that `{text}` is none",
                    call.def.name,
                    if wanted == Type::Map { "map" } else { "list" }
                );
                self.warn(self.doubt(Code::IMPOSSIBLE_WRITE, path.span, message));
            }
        }
    }

    /// Doubts a key of what the condition says to be a text or number.
    pub(super) fn inside_of_scalar(&mut self, path: &PathUse) {
        if self.narrowed.lies_in_scalar(path) {
            self.without_keys(path);
        }
    }

    #[cold]
    fn without_keys(&mut self, path: &PathUse) {
        let text = self.source(path.span);
        let message = format!("`{text}` is an error here: the condition says that what it lies in has no keys");
        let doubt = self.doubt(Code::WRONG_KEY_KIND, path.span, message);
        self.warn(doubt.help("keys are taken of maps and lists: `IsMap(...)`"));
    }

    /// Doubts a source that is nil whenever the statement runs; whether it did.
    pub(super) fn nil_by_condition(&mut self, source: &Expr, target: &PathUse) -> bool {
        let Kind::Path(path) = &source.kind else { return false };
        let is_cache = ottl_schema::path(path.path).access == Access::Cache;
        if is_cache || same_path(path, target) || !self.narrowed.is_nil(path) {
            return false;
        }
        self.nil_here(source);
        true
    }

    /// Doubts an argument that is nil whenever the statement runs, and an error then.
    pub(super) fn nil_argument(&mut self, call: &Call) {
        for arg in &call.args {
            if let Arg::Eager { expr, .. } = arg
                && let Kind::Path(path) = &expr.kind
                && self.narrowed.is_nil(path)
                && fallible::fails(call, path)
            {
                self.nil_here(expr);
            }
        }
    }

    #[cold]
    fn nil_here(&mut self, source: &Expr) {
        let text = self.source(source.span);
        let message = format!("`{text}` is nil whenever this runs: the condition says so");
        let doubt = self.doubt(Code::UNGUARDED_NIL, source.span, message);
        self.warn(doubt.help(format!("what is there is asked for by `{text} != nil`")));
    }
}

/// The type that the target of an editor has to have.
fn target(param: ParamType) -> Option<Type> {
    match param {
        ParamType::MapTarget => Some(Type::Map),
        ParamType::ListTarget => Some(Type::List),
        _ => None,
    }
}
