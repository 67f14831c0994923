//! From a configuration to the plans of its processors, and from those to what runs.

use std::sync::Arc;

use ottl_compiler::{
    Compiled, ConditionList, FilterRules, FilterSpec, GroupSpec, Limits as RuleLimits, SourceText, TransformOptions,
};
use ottl_engine::fast;
use ottl_plan::Plan;

use super::Compiler;
use crate::checks;
use crate::config::{self, Body, Entry, Order, Place, ProcessorKind, Rules as ConfiguredRules, Sources};
use crate::files::Places;
use crate::ruleset::{Rules, SIGNALS, Stage};
use crate::{CompileError, Diagnostics, Engine, Gate, RuleSet, Signal};

/// A configuration and its rules.
pub(super) struct Planned {
    /// The plans of each processor by signal.
    pub plans: Vec<[Option<Built>; SIGNALS]>,
    configuration: config::Configuration,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// A plan, and where its sources stand.
pub(super) struct Built {
    pub plan: Plan,
    sources: Vec<u32>,
    kind: ProcessorKind,
}

impl Compiler {
    pub(super) fn build_within(
        &self,
        sources: &Sources,
        only_check: bool,
        limits: RuleLimits,
        depth: usize,
    ) -> Result<RuleSet, CompileError> {
        let Planned { mut plans, configuration, diagnostics } = self.planned(sources, only_check, limits, depth)?;
        let places = Places::new(&configuration.sources);
        let mut chains: [Vec<Stage>; SIGNALS] = Default::default();
        let mut left_out: [Vec<Arc<str>>; SIGNALS] = Default::default();
        for (signal, chain) in chains.iter_mut().enumerate() {
            if !self.keeps(Signal::ALL[signal]) {
                continue;
            }
            let order: Vec<usize> = match &configuration.order {
                _ if !self.only.is_empty() => {
                    let numbered =
                        |name: &String| configuration.processors.iter().position(|known| known.name == *name);
                    self.only.iter().filter_map(numbered).collect()
                }
                Order::File(range) => range.clone().collect(),
                Order::Pipelines(chains) => {
                    left_out[signal].extend(chains[signal].others.iter().map(|name| Arc::from(name.as_str())));
                    chains[signal].processors.clone()
                }
            };
            for idx in order {
                // A pipeline may name a processor once only, so the plan can be moved out.
                if let Some(built) = plans[idx][signal].take() {
                    let name = &configuration.processors[idx].name;
                    chain.push(self.stage(name, built, &configuration.places, &places));
                }
            }
        }
        Ok(self.rule_set(chains, left_out, diagnostics))
    }

    /// The plans of all processors.
    pub(super) fn planned(
        &self,
        sources: &Sources,
        only_check: bool,
        limits: RuleLimits,
        depth: usize,
    ) -> Result<Planned, CompileError> {
        let mut configuration = config::read(sources.clone(), &self.read_options(only_check, depth));
        let mut diagnostics = std::mem::take(&mut configuration.diagnostics);
        let places = &configuration.places;
        let mut plans: Vec<[Option<Built>; SIGNALS]> = Vec::with_capacity(configuration.processors.len());
        let mut limits = limits;
        for processor in &configuration.processors {
            let mut built: [Option<Built>; SIGNALS] = Default::default();
            for (signal, rules) in &processor.body.rules {
                let (compiled, sources) = self.rules(*signal, rules, &processor.body, places, limits);
                limits.tokens = limits.tokens.saturating_sub(compiled.tokens);
                let found = compiled.diagnostics.into_iter();
                diagnostics.extend(found.filter_map(|(id, fault)| configuration.in_file(id, fault)));
                let kind = match rules {
                    ConfiguredRules::Transform(_) => ProcessorKind::Transform,
                    ConfiguredRules::Filter(_) | ConfiguredRules::OlderFilter(_) => ProcessorKind::Filter,
                };
                if let Some(plan) = compiled.plan.filter(|_| !rules.is_empty() || processor.body.flattens(*signal)) {
                    built[*signal as usize] = Some(Built { plan, sources, kind });
                }
            }
            plans.push(built);
        }
        let found = checks::check(&self.rules, &configuration, limits).into_iter();
        diagnostics.extend(found.filter_map(|(id, fault)| configuration.in_file(id, fault)));
        diagnostics.extend(self.unknown_processors(&configuration.processors));
        let diagnostics = self.judged(&configuration.sources, diagnostics);
        if diagnostics.has_errors() {
            return Err(CompileError::new(diagnostics));
        }
        Ok(Planned { plans, configuration, diagnostics })
    }

    pub(crate) fn rule_set(
        &self,
        chains: [Vec<Stage>; SIGNALS],
        left_out: [Vec<Arc<str>>; SIGNALS],
        warnings: Diagnostics,
    ) -> RuleSet {
        RuleSet {
            rules: Arc::new(Rules {
                file: self.file.clone(),
                chains,
                left_out,
                warnings,
                limits: self.limits.of_runs(),
                allow_nil: self.rules.is_on(Gate::AllowNil),
                clock: self.clock.clone(),
                rng: self.rng.clone(),
            }),
        }
    }

    /// Compiles the rules of one signal; also gives the places of the plan's sources.
    fn rules(
        &self,
        signal: Signal,
        rules: &ConfiguredRules,
        body: &Body,
        places: &[Place],
        limits: RuleLimits,
    ) -> (Compiled, Vec<u32>) {
        let compiler = ottl_compiler::Compiler { limits, ..self.rules.clone() };
        let mut sources = Vec::new();
        let mut texts = |ids: &[u32]| -> Vec<SourceText<'_>> {
            sources.extend_from_slice(ids);
            ids.iter().map(|id| SourceText { text: places[*id as usize].text(), id: *id }).collect()
        };
        let error_mode = body.error_mode.unwrap_or(self.error_mode);
        let compiled = match rules {
            ConfiguredRules::Transform(entries) => {
                let group = |entry: &Entry| GroupSpec {
                    id: entry.place,
                    context: entry.context,
                    conditions: texts(&entry.conditions),
                    statements: texts(&entry.statements),
                    error_mode: entry.error_mode,
                    shared_cache: entry.shared_cache,
                    isolate: entry.isolate,
                };
                let groups: Vec<GroupSpec<'_>> = entries.iter().map(group).collect();
                let options =
                    TransformOptions { error_mode, flatten_data: body.flattens(signal), isolate: self.isolate };
                compiler.compile_transform(signal, &groups, options)
            }
            ConfiguredRules::Filter(entries) => {
                let spec = |entry: &Entry| FilterSpec {
                    id: entry.place,
                    context: entry.context,
                    conditions: texts(&entry.conditions),
                    error_mode: entry.error_mode,
                };
                let specs = entries.iter().map(spec).collect();
                compiler.compile_filter(signal, &FilterRules::Newer(specs), error_mode)
            }
            ConfiguredRules::OlderFilter(lists) => {
                let list = |list: &config::Older| ConditionList {
                    id: list.place,
                    context: list.context,
                    conditions: texts(&list.conditions),
                };
                let lists = lists.iter().map(list).collect();
                compiler.compile_filter(signal, &FilterRules::Older(lists), error_mode)
            }
        };
        (compiled, sources)
    }

    fn stage(&self, processor: &str, built: Built, places: &[Place], files: &Places<'_>) -> Stage {
        let start = |id: &u32| files.of(places[*id as usize].begin());
        let text = files.text();
        Stage {
            processor: Arc::from(processor),
            kind: built.kind,
            locations: built.sources.iter().map(start).collect(),
            written: built.sources.iter().map(|id| places[*id as usize].as_written(text).map(Box::new)).collect(),
            engine: match self.engine {
                Engine::Fast => Box::new(fast::Engine::with(built.plan, self.rewrites)),
                #[cfg(feature = "interp")]
                Engine::Interp => Box::new(ottl_engine::interp::Engine::new(built.plan)),
            },
        }
    }
}
