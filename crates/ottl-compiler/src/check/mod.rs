//! From syntax trees to the typed tree.
//!
//! Every method returns what it understood, or `None` after it has reported why not; a caller goes on with the rest,
//! so one run finds every fault. Faults of the syntax are reported before, and trees that have them do not come here.
//! Deliberately elsewhere: choosing the context (`infer`), doubts about what compiles (`lint`).

mod argument;
mod call;
mod condition;
mod lambda;
mod path;
mod value;

pub(crate) use path::known_context;

use ottl_diagnostics::Diagnostic;
use ottl_schema::{ContextId, PathDecl, Signal, context};
use ottl_syntax::ast;

use crate::{Compiler, hir};

/// Whether paths must name their context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefixes {
    /// Every path must.
    Required,
    /// A path that does not begin with a context belongs to the statement's own: it was configured.
    Inserted,
    /// A path may, as in the older filter lists and the conditions of a group with a configured context.
    Optional,
}

/// What a text is checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'c> {
    pub compiler: &'c Compiler,
    pub signal: Signal,
    /// Whether the rules are those of a filter.
    pub filter: bool,
    /// The context that the text runs in.
    pub context: ContextId,
    /// Whether records are alone with what they share otherwise.
    pub isolate: bool,
    /// Whether the cache may hold what other groups put there.
    pub shared_cache: bool,
    pub prefixes: Prefixes,
    /// Whether the functions are those of conditions or those of statements.
    pub in_condition: bool,
    /// The path for whose sake the whole list runs in the context, if that was inferred.
    pub because: Option<&'c str>,
}

impl Scope<'_> {
    /// The contexts that paths may begin with: where the context is inferred those of the signal, because one of them decides.
    pub fn contexts(&self) -> Vec<ContextId> {
        match self.prefixes {
            Prefixes::Required => self.compiler.contexts_of(self.signal, self.filter).collect(),
            Prefixes::Inserted | Prefixes::Optional => context(self.context).reaches.to_vec(),
        }
    }
}

/// One run over the tree of one text.
pub(crate) struct Checker<'c, 't> {
    scope: Scope<'c>,
    /// The parameters of the lambdas around the current place, by slot.
    locals: Vec<&'t str>,
    /// How many arithmetic operators there were so far.
    operators: usize,
    /// How many converters are called around the current place.
    calls: usize,
    /// The path that the value at hand is compared with, or written to.
    beside: Option<&'static PathDecl>,
    /// What was found wrong, at most [`MAX_FAULTS`].
    pub faults: Vec<Diagnostic>,
}

/// More faults of one text are not kept: nobody reads them.
const MAX_FAULTS: usize = 100;

impl<'c, 't> Checker<'c, 't> {
    pub fn new(scope: Scope<'c>) -> Self {
        Checker { scope, locals: Vec::new(), operators: 0, calls: 0, beside: None, faults: Vec::new() }
    }

    /// Checks a statement.
    pub fn statement(&mut self, statement: &'t ast::Statement) -> Option<hir::Statement> {
        let editor = self.call(&statement.editor);
        let condition = statement.condition.as_ref().map(|c| self.condition(c));
        let (condition, always) = match condition {
            None => (None, None),
            Some(checked) => match checked? {
                checked if checked.as_bool() == Some(true) => (None, Some(checked.span)),
                checked => (Some(checked), None),
            },
        };
        Some(hir::Statement { editor: editor?, condition, always })
    }

    #[cold]
    fn fault(&mut self, diagnostic: Diagnostic) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(diagnostic);
        }
    }

    /// The slot of a lambda parameter, the innermost of that name.
    fn local(&self, name: &str) -> Option<u32> {
        self.locals.iter().rposition(|local| *local == name).map(|slot| slot as u32)
    }
}
