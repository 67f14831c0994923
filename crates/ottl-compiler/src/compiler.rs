//! [`Compiler`]: the way in.

use ottl_core::data::DataSets;
use ottl_core::function::Registry;
use ottl_core::{Gate, Gates, Target};
use ottl_diagnostics::{Diagnostic, Severity};
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, Signal};

use crate::rules::{FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions};
use crate::{Limits, filter, transform, value};

/// What compiling gave.
#[derive(Debug)]
pub struct Compiled {
    /// The plan; none if there is an error among the diagnostics.
    pub plan: Option<Plan>,
    /// What is wrong: the number of the text (see [`SourceText::id`]), and the diagnostic with ranges in that text.
    /// Of a group first what is wrong with the syntax, then the rest; not sorted by place.
    pub diagnostics: Vec<(u32, Diagnostic)>,
    /// How many tokens the texts had, of those that [`Limits::tokens`] allows.
    pub tokens: usize,
}

impl Compiled {
    /// Whether the rules were rejected.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|(_, d)| d.severity() == Severity::Error)
    }
}

/// Whether an error fails the whole message where rules do not say what becomes of it: those that may fail are doubted then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImpliedErrorMode {
    /// What becomes of errors was chosen.
    #[default]
    None,
    /// Nobody chose another mode.
    Propagate,
    /// No other mode can be chosen.
    OnlyPropagate,
}

/// Compiles rules against a set of functions.
#[derive(Clone, Debug, Default)]
pub struct Compiler {
    /// The functions that rules may call.
    pub registry: Registry,
    /// The version of the reference that the rules are for.
    pub target: Target,
    /// Switches of the reference.
    pub gates: Gates,
    /// Whether statements also run in contexts that the reference's library has and its processors do not take.
    pub library_contexts: bool,
    /// What becomes of errors where the rules do not say it.
    pub implied_error_mode: ImpliedErrorMode,
    /// How large rules may be.
    pub limits: Limits,
    /// Data sets that rules cannot use although they are there: for tests of what is said then.
    #[doc(hidden)]
    pub withheld: DataSets,
}

impl Compiler {
    /// A compiler with these functions, the newest version, the default gates and the default limits.
    pub fn new(registry: Registry) -> Self {
        Compiler { registry, ..Compiler::default() }
    }

    /// Whether what a gate switches is on. What the version has no gate for any more is.
    pub fn is_on(&self, gate: Gate) -> bool {
        self.gates.has(gate) || gate.versions().until < self.target
    }

    /// Compiles the groups of a transform processor.
    ///
    /// [`Plan::sources`] holds the texts in the order given: of each group first the conditions, then the statements.
    pub fn compile_transform(&self, signal: Signal, groups: &[GroupSpec<'_>], options: TransformOptions) -> Compiled {
        transform::compile(self, signal, groups, options)
    }

    /// Compiles the conditions of a filter processor.
    ///
    /// [`Plan::sources`] holds the texts in the order given.
    pub fn compile_filter(&self, signal: Signal, rules: &FilterRules<'_>, error_mode: ErrorMode) -> Compiled {
        filter::compile(self, signal, rules, error_mode)
    }

    /// Checks a value that a component computes in a context, and that has to be a number if the component wants one. Paths may go
    /// without the context's own name. The plan, if there is one, is empty: nothing runs the value.
    pub fn check_value(&self, context: ContextId, text: SourceText<'_>, is_number: bool) -> Compiled {
        value::check(self, context, text, is_number)
    }

    /// Compiles one statement for a context, as a transform processor with one group. Paths may go without the
    /// context's own name.
    ///
    /// ```
    /// use ottl_compiler::Compiler;
    /// use ottl_core::function::Registry;
    /// use ottl_schema::ContextId;
    ///
    /// let compiler = Compiler::new(Registry::default());
    /// let compiled = compiler.compile_statement(ContextId::Log, "frobnicate(body)");
    /// assert!(compiled.plan.is_none());
    /// assert_eq!(compiled.diagnostics[0].1.code.name(), "unknown-function");
    /// ```
    pub fn compile_statement(&self, context: ContextId, text: &str) -> Compiled {
        let group =
            GroupSpec { context: Some(context), statements: vec![SourceText { text, id: 0 }], ..GroupSpec::default() };
        self.compile_transform(signal_of(context), &[group], TransformOptions::default())
    }

    /// Compiles one condition for a context, as a filter processor with one entry. Paths may go without the
    /// context's own name.
    pub fn compile_condition(&self, context: ContextId, text: &str) -> Compiled {
        let spec = FilterSpec {
            context: Some(context),
            conditions: vec![SourceText { text, id: 0 }],
            ..FilterSpec::default()
        };
        let rules = FilterRules::Newer(vec![spec]);
        self.compile_filter(signal_of(context), &rules, ErrorMode::default())
    }
}

/// A signal that the context belongs to.
fn signal_of(context: ContextId) -> Signal {
    ottl_schema::context(context).signals.first().copied().unwrap_or(Signal::Logs)
}
