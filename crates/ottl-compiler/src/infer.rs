//! Which context a group of statements, or a condition, runs in.
//!
//! The rule of the reference: of all contexts that paths begin with, the one of the highest priority is the candidate;
//! it must belong to the signal and know every function and enum symbol used, or else the first context that can reach
//! it and does is taken.
//! COMPAT: a function named as an argument in one upper-case token (`SHA256`) counts as an enum symbol, which no
//! context has, so the reference cannot infer a context then.
//! COMPAT: functions are looked up in the statements' sets, also those of a transform group's conditions.
//! Deliberately elsewhere: what is said when it fails (`session`).

use ottl_schema::{ContextId, INFERENCE_PRIORITY, Signal, context};
use ottl_syntax::ast::{self, Call, EnumSymbol, Path};
use ottl_syntax::visit::{Visitor, walk_condition, walk_statement};

use crate::{Compiler, reference};

/// What the texts seen so far say about their context.
pub(crate) struct Hints<'c> {
    compiler: &'c Compiler,
    /// Which function set counts: that of conditions or of statements.
    in_condition: bool,
    /// Priority (small is better) and name of the best context so far.
    best: Option<(usize, String)>,
    /// The path that named it.
    deciding: String,
    /// Whether any function or enum symbol is used.
    demanding: bool,
    /// The contexts that know every function and enum symbol, one bit each.
    knowing: u16,
}

/// What inference finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Inferred {
    /// The context.
    Context(ContextId),
    /// The best context does not know all functions or enum symbols, and none that reaches it does.
    Insufficient(ContextId),
    /// The best context is none that the signal has, by its name.
    Foreign(String),
    /// No path begins with a context.
    Nothing,
}

/// The contexts in which rules for a signal can run.
pub(crate) fn contexts_of(signal: Signal, filter: bool) -> impl Iterator<Item = ContextId> {
    ContextId::ALL.into_iter().filter(move |id| {
        let decl = context(*id);
        decl.signals.contains(&signal) && (decl.in_filter || !filter)
    })
}

impl<'c> Hints<'c> {
    pub fn new(compiler: &'c Compiler, in_condition: bool) -> Self {
        Hints { compiler, in_condition, best: None, deciding: String::new(), demanding: false, knowing: u16::MAX }
    }

    pub fn statement(&mut self, statement: &ast::Statement) {
        walk_statement(statement, self);
    }

    pub fn condition(&mut self, condition: &ast::BoolExpr) {
        walk_condition(condition, self);
    }

    /// The path that names the best context; empty if none does.
    pub fn deciding(&self) -> String {
        self.deciding.clone()
    }

    /// The context of what was seen.
    pub fn infer(self, signal: Signal, filter: bool) -> Inferred {
        let Some((_, name)) = self.best else {
            return Inferred::Nothing;
        };
        let candidate = contexts_of(signal, filter).find(|id| id.name() == name);
        let Some(candidate) = candidate else {
            return Inferred::Foreign(name);
        };
        let knows = |id: ContextId| self.knowing & (1 << id as u16) != 0;
        if !self.demanding || knows(candidate) {
            return Inferred::Context(candidate);
        }
        contexts_of(signal, filter)
            .filter(|id| *id != candidate && context(*id).reaches.contains(&candidate) && knows(*id))
            .min_by_key(|id| priority(id.name()))
            .map_or(Inferred::Insufficient(candidate), Inferred::Context)
    }

    fn demand(&mut self, known_in: impl Fn(ContextId) -> bool) {
        self.demanding = true;
        for id in ContextId::ALL {
            if !known_in(id) {
                self.knowing &= !(1 << id as u16);
            }
        }
    }
}

fn priority(context: &str) -> usize {
    INFERENCE_PRIORITY.iter().position(|name| *name == context).unwrap_or(usize::MAX)
}

impl Visitor for Hints<'_> {
    fn path(&mut self, path: &Path) {
        let (Some(first), _) = path.split_context() else {
            return;
        };
        let priority = priority(&first.name);
        if self.best.as_ref().is_none_or(|(best, _)| priority < *best) {
            self.best = Some((priority, first.name.clone()));
            let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
            self.deciding = names.join(".");
        }
    }

    fn call(&mut self, call: &Call) {
        let name = call.name.text.as_str();
        let in_condition = self.in_condition;
        match self.compiler.registry.find_in(self.compiler.target, name) {
            Some(def) => {
                self.demand(|id| def.availability.allows(id.name(), in_condition));
            }
            None => self.demand(|id| reference::is_known_in(name, id.name())),
        }
    }

    fn enum_symbol(&mut self, symbol: &EnumSymbol) {
        self.demand(|id| context(id).enums.iter().any(|(name, _)| *name == symbol.name));
    }
}
