//! Which context a group of statements, or a condition, runs in.
//!
//! The rule of the reference: of all contexts that paths begin with, the one of the highest priority is the candidate;
//! it must belong to the signal and know every function and enum symbol used, or else the first context that can reach
//! it and does is taken.
//! Functions that are named as arguments count like those that are called. One that is a single upper-case token
//! (`SHA256`) may be an enum symbol as well; either will do, for all places of that word.
//! COMPAT: version 0.161 takes such a token for an enum symbol, which no context has, so that it cannot infer a context
//! then, and does not look at other names.
//! COMPAT: functions are looked up in the statements' sets, also those of a transform group's conditions.
//! Deliberately elsewhere: what is said when it fails (`session`).

use std::collections::BTreeSet;

use ottl_schema::{ContextId, INFERENCE_PRIORITY, Signal, context};
use ottl_syntax::ast::{self, ArgumentValue, Call, EnumSymbol, Ident, Path, Value};
use ottl_syntax::visit::{Visitor, walk_condition, walk_statement};

use crate::versions::Change;
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
    /// The contexts that know every function, one bit each.
    knowing: u16,
    /// The enum symbols, and those words that stand as arguments and may be functions.
    symbols: BTreeSet<String>,
    arguments: BTreeSet<String>,
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

impl Compiler {
    /// The contexts in which rules for a signal can run.
    pub fn contexts_of(&self, signal: Signal, filter: bool) -> impl Iterator<Item = ContextId> + use<> {
        let all = self.library_contexts;
        ContextId::ALL.into_iter().filter(move |id| {
            let decl = context(*id);
            let takes = if filter { decl.in_filter } else { decl.in_transform || all };
            decl.signals.contains(&signal) && takes
        })
    }
}

impl Compiler {
    /// The context in which rules without a configured one would run, as far as their texts tell: also where they are half
    /// written, and where functions or enum symbols in them have no place in that context. None if no path begins with a context of
    /// the signal.
    ///
    /// ```
    /// use ottl_schema::{ContextId, Signal};
    ///
    /// let compiler = ottl_compiler::Compiler::default();
    /// let context = compiler.infer(Signal::Traces, false, &["set(span.name, resource."], &[]);
    /// assert_eq!(context, Some(ContextId::Span));
    /// ```
    pub fn infer(&self, signal: Signal, filter: bool, statements: &[&str], conditions: &[&str]) -> Option<ContextId> {
        let mut hints = Hints::new(self, filter);
        for text in statements {
            hints.statement(&self.limits.text.parse_statement(text).tree);
        }
        for text in conditions {
            hints.condition(&self.limits.text.parse_condition(text).tree);
        }
        match hints.infer(signal, filter) {
            Inferred::Context(context) | Inferred::Insufficient(context) => Some(context),
            Inferred::Foreign(_) | Inferred::Nothing => None,
        }
    }
}

impl<'c> Hints<'c> {
    pub fn new(compiler: &'c Compiler, in_condition: bool) -> Self {
        Hints {
            compiler,
            in_condition,
            best: None,
            deciding: String::new(),
            demanding: false,
            knowing: u16::MAX,
            symbols: BTreeSet::new(),
            arguments: BTreeSet::new(),
        }
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

    /// What to do where nothing tells the context: the contexts that know all functions and symbols, if not all do.
    pub fn advice(&self, signal: Signal, filter: bool) -> String {
        let contexts: Vec<ContextId> = self.compiler.contexts_of(signal, filter).collect();
        let symbol = |id: &ContextId| {
            self.symbols.iter().all(|symbol| {
                context(*id).enums.iter().any(|(name, _)| name == symbol) || self.arguments.contains(symbol)
            })
        };
        let fitting: Vec<ContextId> =
            contexts.iter().copied().filter(|id| self.knowing & (1 << *id as u16) != 0 && symbol(id)).collect();
        match fitting.as_slice() {
            [only] if contexts.len() > 1 => format!(
                "write `context: {0}` beside the list, because only {0} has all of this, or use a path that begins with `{0}`",
                only.name()
            ),
            _ => String::from("write `context:` beside the list, or use a path that begins with a context"),
        }
    }

    /// The context of what was seen.
    pub fn infer(mut self, signal: Signal, filter: bool) -> Inferred {
        for symbol in std::mem::take(&mut self.symbols) {
            let knows = knows_function(self.compiler, self.in_condition, &symbol);
            let is_function = |id| self.arguments.contains(&symbol) && knows(id);
            let known = ContextId::ALL
                .map(|id| (id, context(id).enums.iter().any(|(name, _)| *name == symbol) || is_function(id)));
            self.demand(|id| known.contains(&(id, true)));
        }
        let Some((_, name)) = self.best else {
            return Inferred::Nothing;
        };
        let candidate = self.compiler.contexts_of(signal, filter).find(|id| id.name() == name);
        let Some(candidate) = candidate else {
            return Inferred::Foreign(name);
        };
        let knows = |id: ContextId| self.knowing & (1 << id as u16) != 0;
        if !self.demanding || knows(candidate) {
            return Inferred::Context(candidate);
        }
        self.compiler
            .contexts_of(signal, filter)
            .filter(|id| *id != candidate && context(*id).reaches.contains(&candidate) && knows(*id))
            .min_by_key(|id| priority(id.name()))
            .map_or(Inferred::Insufficient(candidate), Inferred::Context)
    }

    fn function(&mut self, name: &str) {
        let (compiler, in_condition) = (self.compiler, self.in_condition);
        self.demand(knows_function(compiler, in_condition, name));
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

/// Whether the functions of a context's statements or conditions have this name: the function is looked up once for all contexts.
pub(crate) fn knows_function<'n>(
    compiler: &'n Compiler,
    in_condition: bool,
    name: &'n str,
) -> impl Fn(ContextId) -> bool {
    let found = compiler.registry.find_in(compiler.target, name);
    move |id| match found {
        Some(def) => def.availability.allows(id.name(), in_condition),
        None => reference::is_known_in(name, id.name()),
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
        self.function(&call.name.text);
        if Change::INFERRED_REFERENCES.is_in(self.compiler.target) {
            self.arguments.extend(call.arguments.iter().filter_map(|argument| match &argument.value {
                ArgumentValue::Value(Value::Enum(symbol)) => Some(symbol.name.clone()),
                _ => None,
            }));
        }
    }

    fn function_reference(&mut self, name: &Ident) {
        if Change::INFERRED_REFERENCES.is_in(self.compiler.target) {
            self.function(&name.text);
        }
    }

    fn enum_symbol(&mut self, symbol: &EnumSymbol) {
        self.symbols.insert(symbol.name.clone());
    }
}
