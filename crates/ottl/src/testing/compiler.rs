//! What cases ask of a compiler beside the rules of files: variables of their own, and conditions.

use std::sync::Arc;

use ottl_compiler::{FilterRules, FilterSpec, SourceText};
use ottl_diagnostics::{Diagnostic, Location};
use ottl_engine::fast;
use ottl_plan::ErrorMode;
use ottl_regex::budget::within;

use crate::ruleset::{SIGNALS, Stage};
use crate::stack::on_own_stack;
use crate::{Compiler, Diagnostics, Limits, ProcessorKind, RuleSet, Signal};

impl Compiler {
    /// Variables that come before those that there are.
    pub(super) fn more_variables(self, more: Vec<(String, String)>) -> Self {
        let others = self.variables.clone();
        self.variables(move |name| {
            let own = more.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            own.or_else(|| others(name))
        })
    }

    /// A filter of one condition, which ends a message where the condition fails.
    ///
    /// # Errors
    /// What is wrong with it, by places in its text.
    pub(super) fn condition(&self, signal: Signal, text: &str) -> Result<RuleSet, Vec<Diagnostic>> {
        let compile = || {
            let conditions = vec![SourceText { text, id: 0 }];
            let spec = FilterSpec { id: 0, context: None, conditions, error_mode: None };
            self.rules.compile_filter(signal, &FilterRules::Newer(vec![spec]), ErrorMode::Propagate)
        };
        let compiled = on_own_stack(|| within(Limits::default().pattern_bytes, compile));
        let Some(plan) = compiled.plan else {
            return Err(compiled.diagnostics.into_iter().map(|(_, fault)| fault).collect());
        };
        let stage = Stage {
            processor: Arc::from("filter"),
            kind: ProcessorKind::Filter,
            locations: vec![(Arc::from("condition"), Location { line: 1, column: 1 })],
            written: vec![None],
            engine: Box::new(fast::Engine::with(plan, self.rewrites)),
        };
        let mut chains: [Vec<Stage>; SIGNALS] = Default::default();
        chains[signal as usize].push(stage);
        let warnings = Diagnostics::new(&self.sources(text), Vec::new());
        Ok(self.rule_set(chains, Default::default(), warnings))
    }
}
