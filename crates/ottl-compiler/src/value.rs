//! A value that stands by itself: what other components than processors compute with OTTL.

use ottl_plan::{ErrorMode, Program, TransformProgram};
use ottl_schema::{ContextId, Signal, context};

use crate::check::{Prefixes, Scope};
use crate::rules::SourceText;
use crate::session::Session;
use crate::{Compiled, Compiler, ImpliedErrorMode};

/// Checks a value; nothing of it is lowered, because nothing here runs it.
pub(crate) fn check(compiler: &Compiler, owner: ContextId, text: SourceText<'_>, is_number: bool) -> Compiled {
    let signal = context(owner).signals.first().copied().unwrap_or(Signal::Logs);
    let mut session = Session::new(compiler, signal, false);
    if compiler.implied_error_mode != ImpliedErrorMode::None {
        session.error_mode(None, ErrorMode::Propagate);
    }
    let parsed = session.parse_value(text);
    let scope = Scope { prefixes: Prefixes::Optional, ..session.condition_scope(owner) };
    session.value(scope, &parsed, is_number);
    session.finish(Program::Transform(TransformProgram { groups: Vec::new(), flatten_data: false }))
}
