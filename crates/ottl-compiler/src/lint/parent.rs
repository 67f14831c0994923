//! Writes to what other records share: W0401.
//!
//! Every record runs the statement. What differs from record to record makes the last one win; what builds on itself is done
//! once for each of them. Whether it does is tried on a few values: done twice, it gives something else than done once.

use std::cell::Cell;

use ottl_core::function::{Kernel, Reach};
use ottl_core::ops::{CompareOp, MathOp, compare};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::{Access, ContextId, context};

use super::copy::{holds, samples};
use super::fails::value;
use super::{Lint, constant, possible, same_path, walk, walk_args};
use crate::hir::{Arg, Expr, Kind, PathUse, Statement};

/// Editors that take or add something every time they run.
const ADDING: &[(&str, &str)] = &[("append", "appends to"), ("delete_index", "takes an element from")];

/// Texts and numbers that a statement is tried on, beside those that it names.
const TRIED: &[Value<'static>] = &[Value::Str(b"a"), Value::Str(b"a-b-c.d.e/f/1/22:x y"), Value::Int(7)];

/// How much memory that may take.
const MEMORY: usize = 64 << 10;

impl Lint<'_> {
    /// A write into something that other records share, with something that only this record has.
    pub(super) fn shared_parent(&mut self, statement: &Statement, target: &PathUse) {
        let own = self.scope.context;
        let owner = ottl_schema::path(target.path).context;
        // Where records are isolated, each writes into a copy.
        if owner == own || owner == ContextId::OtelCol || self.scope.isolate {
            return;
        }
        // What the parent itself reaches is the same for all its records.
        let shared = context(owner).reaches;
        let private: Cell<Option<Span>> = Cell::new(None);
        let mut look = |expr: &Expr| {
            if let Kind::Path(path) = &expr.kind {
                let from = ottl_schema::path(path.path).context;
                if !shared.contains(&from) && private.get().is_none() {
                    private.set(Some(expr.span));
                }
            }
        };
        walk_args(&statement.editor, &mut look);
        let is_constant = private.get().is_none();
        if is_constant && let Some(condition) = &statement.condition {
            walk(condition, &mut look);
        }
        let Some(private) = private.get() else {
            self.repeated(statement, target, owner);
            return;
        };
        let (child, parent) = (own.name(), owner.name());
        let message = match (is_constant, owner) {
            // One event says something of its span, and it does not matter which.
            (true, ContextId::Span) => return,
            (true, _) => {
                format!("any {child} that matches the condition writes to the {parent} that it shares with others")
            }
            (false, _) => {
                format!("every {child} writes to the {parent} that it shares with others; the last write wins")
            }
        };
        let doubt = self
            .doubt(Code::SHARED_PARENT_WRITE, target.span, message)
            .other(private, format!("differs from {0} to {0}", own.name()))
            .help(format!("write to the {child}, or copy the {parent} where {child}s differ: `isolate: true`"));
        self.warn(doubt);
    }

    /// The same for all records, and yet something else each time.
    fn repeated(&mut self, statement: &Statement, target: &PathUse, owner: ContextId) {
        let name = statement.editor.def.name;
        let adding = ADDING.iter().find(|(editor, _)| *editor == name);
        if adding.is_none() && !builds_on_itself(statement, target) {
            return;
        }
        let (own, owner) = (self.scope.context.name(), owner.name());
        let message = match adding {
            Some((_, does)) => format!("every {own} {does} the {owner} that it shares with others"),
            None => format!(
                "every {own} does this to the {owner} that it shares with others, to what the one before made of it"
            ),
        };
        let doubt = self.doubt(Code::SHARED_PARENT_WRITE, target.span, message);
        self.warn(doubt.help(format!("do it once: in a group whose statements all begin with `{owner}`")));
    }
}

/// Whether a statement done twice gives something else than done once, and its condition lets it run twice.
fn builds_on_itself(statement: &Statement, target: &PathUse) -> bool {
    if statement.condition.as_ref().is_some_and(|condition| asks_for_more(condition, target)) {
        return false;
    }
    let arena = Arena::with_limit(MEMORY);
    let texts = statement.condition.as_ref().map(samples).unwrap_or_default();
    let own = statement.editor.args.iter().filter_map(|arg| match constant(Some(arg)) {
        Some((Literal::Str(text), _)) => Some(Value::Str(text)),
        _ => None,
    });
    let mut tried = TRIED.iter().copied().chain(texts.iter().map(|text| Value::Str(text))).chain(own);
    tried.any(|first| {
        let again =
            |before| done(statement, target, before, &arena).filter(|_| runs(statement, target, before, &arena));
        again(first).is_some_and(|second| {
            again(second)
                .is_some_and(|third| compare(CompareOp::Ne, &first, &second) && compare(CompareOp::Ne, &second, &third))
        })
    })
}

/// Whether a condition looks at something else of the parent that other statements may write.
fn asks_for_more(condition: &Expr, target: &PathUse) -> bool {
    let mut asks = false;
    walk(condition, &mut |expr| {
        asks |= matches!(&expr.kind, Kind::Path(path)
            if !same_path(path, target) && ottl_schema::path(path.path).access != Access::MetricType);
    });
    asks
}

/// What a statement makes of a value at its target.
fn done<'a>(statement: &'a Statement, target: &PathUse, before: Value<'a>, arena: &'a Arena) -> Option<Value<'a>> {
    let call = &statement.editor;
    if let (Kernel::RewriteText(Reach::Target | Reach::Values, rewrite), Value::Str(text)) = (&call.kernel, before) {
        return Some(rewrite.apply(text, arena).ok()?.map_or(before, Value::Str));
    }
    let ("set", [_, Arg::Eager { expr, .. } | Arg::Lazy(expr, _)]) = (call.def.name, call.args.as_slice()) else {
        return None;
    };
    // Whoever counts, counts records.
    if matches!(expr.kind, Kind::Math { op: MathOp::Add | MathOp::Sub, .. }) {
        return None;
    }
    let of_path = |path: &PathUse| match same_path(path, target) {
        true => Some(before),
        false => possible::of_path(path).map(possible::sample),
    };
    value(expr, arena, &of_path)
}

/// Whether the statement runs where its target has a value.
fn runs<'a>(statement: &'a Statement, target: &PathUse, value: Value<'a>, arena: &'a Arena) -> bool {
    let Some(condition) = &statement.condition else { return true };
    let of_path = |path: &PathUse| same_path(path, target).then_some(value);
    holds(condition, arena, &of_path) != Some(false)
}
