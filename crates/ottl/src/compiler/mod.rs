//! [`Compiler`]: from configurations to rule sets, with settings.

mod plans;

use std::fmt;
use std::sync::Arc;

use ottl_compiler::Limits as RuleLimits;
use ottl_core::function::{FixedClock, Function, SequenceRng};
use ottl_diagnostics::Diagnostic;
use ottl_engine::fast;
use ottl_plan::{ErrorMode, FilterProgram, Plan, PlanBuilder, Program, TransformProgram};
use ottl_regex::budget;

use crate::allowances;
use crate::config::{self, ProcessorKind, ReadOptions, Room, Settings, Sources};
use crate::files::Files;
use crate::fixes;
use crate::stack;
use crate::{
    Clock, CompileError, Diagnostics, Engine, Gate, Gates, Level, Levels, Limits, Registry, Rng, RuleSet, Signal,
    Target,
};

/// The value of an environment variable by its name.
pub(crate) type Variables = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Compiles configurations, with settings.
///
/// ```
/// use ottl::{Compiler, Signal};
///
/// let compiler = Compiler::new()
///     .file("collector.yaml")
///     .variables(|name| (name == "TENANT").then(|| "acme".to_owned()))
///     .deny_warnings(true);
/// let rules = compiler.compile(r#"
/// processors:
///   transform/tenant:
///     log_statements:
///       - set(log.attributes["tenant"], "${env:TENANT}")
/// service:
///   pipelines:
///     logs:
///       processors: [transform/tenant]
/// "#).unwrap();
/// let statement = rules.statements(Signal::Logs).next().unwrap();
/// assert_eq!(statement.text(), r#"set(log.attributes["tenant"], "${env:TENANT}")"#);
/// assert_eq!(statement.to_string(), format!("collector.yaml:5:9: `{}`", statement.text()));
/// ```
#[derive(Clone)]
pub struct Compiler {
    pub(crate) rules: ottl_compiler::Compiler,
    limits: Limits,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    error_mode: ErrorMode,
    isolate: bool,
    signals: Option<Vec<Signal>>,
    file: Arc<str>,
    processor: Option<ProcessorKind>,
    expand: Option<bool>,
    pub(crate) variables: Arc<Variables>,
    pub(crate) files: Option<Arc<Files>>,
    pipelines: Vec<String>,
    pub(crate) only: Vec<String>,
    configuration: Option<String>,
    levels: Levels,
    engine: Engine,
    pub(crate) rewrites: fast::Options,
}

impl Compiler {
    /// A compiler with the library's functions, the default gates and limits, the host's clock and random source.
    #[cfg(feature = "host")]
    #[expect(clippy::new_without_default, reason = "a compiler without the host's clock would not be this one")]
    pub fn new() -> Compiler {
        Compiler::with_sources(Arc::new(crate::host::SystemClock), Arc::new(crate::host::HostRng::default()))
    }

    /// The same with another clock and random source; this one asks the host for nothing.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use ottl::function::{FixedClock, SequenceRng};
    ///
    /// let compiler = ottl::Compiler::with_sources(Arc::new(FixedClock::default()), Arc::new(SequenceRng::default()));
    /// assert!(compiler.compile("log_statements: ['set(log.time, Now())']").is_ok());
    /// ```
    pub fn with_sources(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Compiler {
        Compiler {
            rules: ottl_compiler::Compiler::new(ottl_functions::registry()),
            limits: Limits::default(),
            clock,
            rng,
            error_mode: ErrorMode::default(),
            isolate: false,
            signals: None,
            file: Arc::from("rules.yaml"),
            processor: None,
            expand: None,
            variables: Arc::new(|_| None),
            files: None,
            pipelines: Vec::new(),
            only: Vec::new(),
            configuration: None,
            levels: Levels::default(),
            engine: Engine::default(),
            rewrites: fast::Options::default(),
        }
    }

    /// Where functions such as `Now` take the time from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where functions such as `UUID` take chance from.
    #[must_use]
    pub fn rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = rng;
        self
    }

    /// The version of the reference that the rules are for; the default is the newest. What that version does not have is an
    /// error, and what versions mean differently is as there.
    ///
    /// ```
    /// let rules = "log_statements: ['set(log.body, ToValidUTF8(log.body))']";
    /// let older = ottl::Compiler::new().target(ottl::Target::V0_161);
    /// assert!(older.compile(rules).is_err());
    /// ```
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.rules.target = target;
        self
    }

    /// Switches of the reference; the defaults are all on.
    #[must_use]
    pub fn gates(mut self, gates: Gates) -> Self {
        self.rules.gates = gates;
        self
    }

    /// Whether statements may also run in contexts that the reference's library has and its processors do not take: `profilesample`,
    /// once for each sample of a profile. They are off by default, because a Collector refuses such rules.
    ///
    /// ```
    /// let rules = "profile_statements: ['set(profilesample.attributes[\"seen\"], true)']";
    /// assert!(ottl::Compiler::new().compile(rules).is_err());
    /// assert!(ottl::Compiler::new().library_contexts(true).compile(rules).is_ok());
    /// ```
    #[must_use]
    pub fn library_contexts(mut self, are_on: bool) -> Self {
        self.rules.library_contexts = are_on;
        self
    }

    /// How large rules, and the work they cause, may be.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self.rules.limits = limits.of_rules();
        self
    }

    /// The functions that rules may call, in place of the library's.
    #[must_use]
    pub fn functions(mut self, functions: Registry) -> Self {
        self.rules.registry = functions;
        self
    }

    /// Adds a function, or replaces the library's of the same name.
    #[must_use]
    pub fn function(mut self, function: impl Into<Function>) -> Self {
        self.rules.registry.add(function);
        self
    }

    /// The error mode of processors that configure none. The default is ignore, as in the reference.
    #[must_use]
    pub fn error_mode(mut self, mode: ErrorMode) -> Self {
        self.error_mode = mode;
        self
    }

    /// Whether what a record writes into what it shares with others (its resource, scope, metric, span or point) never reaches
    /// these; `isolate: true` says so for a group. What they share is copied where it differs by then. The reference has
    /// nothing like it, and the default is off.
    ///
    /// ```
    /// use ottl::{Compiler, Signal};
    ///
    /// let rules = r#"log_statements: ['set(resource.attributes["of"], log.body)']"#;
    /// let rules = Compiler::new().isolate(true).compile(rules).unwrap();
    /// // Two records in one resource.
    /// let message = b"\x0a\x10\x12\x0e\x12\x05\x2a\x03\x0a\x01a\x12\x05\x2a\x03\x0a\x01b";
    /// let ottl::Output::Changed(new) = rules.transform(Signal::Logs, message).unwrap().output else { panic!() };
    /// let before = b"\x0a\x02of";
    /// assert_eq!(new.windows(before.len()).filter(|bytes| bytes == before).count(), 2);
    /// ```
    #[must_use]
    pub fn isolate(mut self, isolate: bool) -> Self {
        self.isolate = isolate;
        self
    }

    /// Rules for other signals are checked, but not kept.
    #[must_use]
    pub fn signals(mut self, signals: impl IntoIterator<Item = Signal>) -> Self {
        self.signals = Some(signals.into_iter().collect());
        self
    }

    /// The name of the file in diagnostics, errors and reports. The default is `rules.yaml`.
    #[must_use]
    pub fn file(mut self, name: impl AsRef<str>) -> Self {
        self.file = Arc::from(name.as_ref());
        self
    }

    /// The processor whose body a configuration is, where its keys do not tell.
    #[must_use]
    pub fn processor(mut self, kind: ProcessorKind) -> Self {
        self.processor = Some(kind);
        self
    }

    /// Whether `${env:NAME}` and `$$` in a processor's body are expanded. They are left as they are by default, with a warning; it
    /// ends once either was said. In a Collector's configuration they are always expanded.
    ///
    /// ```
    /// let body = "log_statements: ['replace_pattern(log.body, \"(a)\", \"<$$1>\")']";
    /// let compiler = ottl::Compiler::new();
    /// assert_eq!(compiler.check(body).iter().next().unwrap().code.name(), "unexpanded-reference");
    /// assert!(compiler.clone().expand(true).check(body).is_empty());
    /// assert!(compiler.expand(false).check(body).is_empty());
    /// ```
    #[must_use]
    pub fn expand(mut self, expand: bool) -> Self {
        self.expand = Some(expand);
        self
    }

    /// The values of environment variables. By default none is set: the library does not look at the host's.
    #[must_use]
    pub fn variables(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.variables = Arc::new(lookup);
        self
    }

    /// A pipeline of a Collector's configuration, for a signal that has several; one call for each signal.
    #[must_use]
    pub fn pipeline(mut self, name: impl Into<String>) -> Self {
        self.pipelines.push(name.into());
        self
    }

    /// The configuration of a file that holds several, by its name: where it stands, behind the name of the object that holds it
    /// (`gateway:spec.config`, `collectors.daemon.config`).
    ///
    /// ```
    /// let values = "\
    /// gateway:
    ///   config:
    ///     processors: {transform: {log_statements: ['set(log.body, 1)']}}
    ///     service: {pipelines: {logs: {processors: [transform]}}}
    /// agent:
    ///   config:
    ///     processors: {transform: {log_statements: ['set(log.body, 2)']}}
    ///     service: {pipelines: {logs: {processors: [transform]}}}
    /// ";
    /// let compiler = ottl::Compiler::new();
    /// assert!(compiler.compile(values).is_err());
    /// assert!(compiler.configuration("agent.config").compile(values).is_ok());
    /// ```
    #[must_use]
    pub fn configuration(mut self, name: impl Into<String>) -> Self {
        self.configuration = Some(name.into());
        self
    }

    /// Whether a warning is reason enough to refuse the rules; it is an error then.
    #[must_use]
    pub fn deny_warnings(mut self, deny: bool) -> Self {
        self.levels.set_all(if deny { Level::Deny } else { Level::Warn });
        self
    }

    /// What warnings are taken for. A comment in the file, `# ottl: allow(W0304)`, is stronger.
    ///
    /// ```
    /// use ottl::{Code, Compiler, Level, Levels};
    ///
    /// let rules = "log_statements: ['set(log.body, 1) where log.severity_number == \"ERROR\"']";
    /// let mut levels = Levels::default();
    /// levels.set_all(Level::Deny);
    /// assert!(Compiler::new().levels(levels.clone()).compile(rules).is_err());
    /// levels.set(Code::DECIDED_COMPARISON, Level::Allow);
    /// assert!(Compiler::new().levels(levels).compile(rules).unwrap().warnings().is_empty());
    /// ```
    #[must_use]
    pub fn levels(mut self, levels: Levels) -> Self {
        self.levels = levels;
        self
    }

    /// Which engine runs the rules.
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Which rewrites the fast engine applies, all by default. Results do not depend on them: this tells which one is at fault
    /// should they ever do.
    #[must_use]
    pub fn rewrites(mut self, rewrites: fast::Options) -> Self {
        self.rewrites = rewrites;
        self
    }

    /// Compiles the body of a transform or filter processor, or a Collector's configuration; the keys tell which.
    ///
    /// # Errors
    /// The configuration or a rule in it is wrong, or there are warnings and they are denied.
    pub fn compile(&self, text: &str) -> Result<RuleSet, CompileError> {
        self.build(self.sources(text), false)
    }

    /// A configuration of one file.
    pub(crate) fn sources(&self, text: &str) -> Sources {
        Sources::of(&self.file, text)
    }

    /// All diagnostics of a configuration. Unlike [`Compiler::compile`] it does not need to know which of several
    /// pipelines of a signal shall run.
    ///
    /// ```
    /// let diagnostics = ottl::Compiler::new().check("log_statements:\n  - set(log.body)\n  - frob(log.body)\n");
    /// let codes: Vec<&str> = diagnostics.iter().map(|d| d.code.name()).collect();
    /// assert_eq!(codes, ["wrong-argument-count", "unknown-function"]);
    /// ```
    pub fn check(&self, text: &str) -> Diagnostics {
        found(self.build(self.sources(text), true))
    }

    /// The plan of a processor's body for a signal, without an engine: for tests of engines. An empty one where the body has
    /// nothing for the signal.
    ///
    /// # Errors
    /// As [`Compiler::compile`]; the rules of all signals count.
    #[doc(hidden)]
    pub fn plan(
        rules: &ottl_compiler::Compiler,
        kind: ProcessorKind,
        signal: Signal,
        body: &str,
    ) -> Result<Plan, CompileError> {
        let (clock, rng) = (Arc::new(FixedClock::default()), Arc::new(SequenceRng::default()));
        let compiler = Compiler { rules: rules.clone(), ..Compiler::with_sources(clock, rng).processor(kind) };
        let sources = compiler.sources(body);
        let planned =
            compiler.with_stack(&sources, |limits, depth| compiler.planned(&sources, false, limits, depth))?;
        let mut plans = planned.plans.into_iter().filter_map(|mut built| built[signal as usize].take());
        Ok(plans.next().map_or_else(
            || {
                let nothing = match kind {
                    ProcessorKind::Transform => Program::Transform(TransformProgram::default()),
                    ProcessorKind::Filter => Program::Filter(FilterProgram::default()),
                };
                PlanBuilder::default().build(signal, nothing)
            },
            |built| built.plan,
        ))
    }

    pub(crate) fn build(&self, sources: Sources, only_check: bool) -> Result<RuleSet, CompileError> {
        let mut built =
            self.with_stack(&sources, |limits, depth| self.build_within(&sources, only_check, limits, depth));
        let diagnostics = match &mut built {
            Ok(rules) => rules.warnings_mut(),
            Err(error) => Some(error.diagnostics_mut()),
        };
        if let Some(diagnostics) = diagnostics {
            fixes::keep_sound(diagnostics, |sources| {
                match self.with_stack(sources, |limits, depth| self.planned(sources, true, limits, depth)) {
                    Ok(planned) => planned.diagnostics,
                    Err(error) => error.into_diagnostics(),
                }
            });
        }
        built
    }

    /// Compiles a text with as much stack as its rules take.
    #[cfg_attr(
        not(feature = "threads"),
        expect(unused_variables, reason = "the sources say whether a thread is worth it")
    )]
    pub(crate) fn with_stack<T: Send>(
        &self,
        sources: &Sources,
        work: impl Fn(RuleLimits, usize) -> Result<T, CompileError> + Sync,
    ) -> Result<T, CompileError> {
        let build =
            |limits: RuleLimits, depth: usize| budget::within(self.limits.pattern_bytes, || work(limits, depth));
        let limits = self.rules.limits;
        #[cfg(feature = "threads")]
        {
            // Rules may nest as deep as their limit whatever stack the caller has: those are compiled on one of our own. Nearly all
            // rules are shallow, and starting a thread takes longer than compiling some of them. What is without errors within
            // narrower limits is the same within the wider ones. Values of variables are no part of the text that is looked at.
            if !sources.text().contains("${") {
                let result = build(stack::shallow(limits), usize::from(stack::SHALLOW));
                if !matches!(&result, Err(error) if error.diagnostics().has_errors()) {
                    return result;
                }
            }
        }
        let build = &build;
        stack::on_own_stack(move || build(limits, usize::MAX))
    }

    /// Reads a configuration; `only_check`: none of several pipelines of a signal has to be chosen.
    pub(crate) fn read(&self, text: &str, only_check: bool, depth: usize) -> config::Configuration {
        config::read(self.sources(text), &self.read_options(only_check, depth))
    }

    pub(crate) fn read_options(&self, only_check: bool, depth: usize) -> ReadOptions<'_> {
        ReadOptions {
            kind: self.processor,
            expand: self.expand,
            lookup: &*self.variables,
            files: self.files.as_deref().map(|files| files as config::Files<'_>),
            pipelines: &self.pipelines,
            configuration: self.configuration.as_deref(),
            must_choose: !only_check,
            raw: false,
            signals: Signal::ALL.map(|signal| self.keeps(signal) && !only_check && self.only.is_empty()),
            settings: Settings {
                target: self.rules.target,
                flatten: self.rules.is_on(Gate::Flatten),
                statements: self.limits.statements,
                statement_length: self.limits.statement_length,
            },
            room: Room { length: self.limits.configuration_length, nodes: self.limits.configuration_nodes, depth },
        }
    }

    /// What was found in a text.
    pub(crate) fn diagnostics(&self, text: &str, found: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::new(&self.sources(text), found)
    }

    /// What remains of what was found once the texts and the settings have said what they allow.
    pub(crate) fn judged(&self, sources: &Sources, found: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::new(sources, self.levels.applied(allowances::applied(sources.text(), found)))
    }

    /// The error mode of bodies that say none.
    pub(crate) fn default_mode(&self) -> ErrorMode {
        self.error_mode
    }

    fn keeps(&self, signal: Signal) -> bool {
        self.signals.as_ref().is_none_or(|kept| kept.contains(&signal))
    }
}

/// What was found, whether it compiles or not.
pub(crate) fn found(built: Result<RuleSet, CompileError>) -> Diagnostics {
    match built {
        Ok(rules) => rules.warnings().clone(),
        Err(error) => error.into_diagnostics(),
    }
}

impl fmt::Debug for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiler")
            .field("file", &self.file)
            .field("target", &self.rules.target)
            .field("gates", &self.rules.gates)
            .field("limits", &self.limits)
            .field("error_mode", &self.error_mode)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}
