//! One call of the compiler: what the transform and the filter processor have in common.

use ottl_diagnostics::{Code, Diagnostic, Severity, Span};
use ottl_plan::{Arg, ErrorMode, GroupSource, Plan, PlanBuilder, Program, Statement};
use ottl_schema::{ContextId, Signal, path_by_name};
use ottl_syntax::ast::{self, Ident, Path};
use ottl_syntax::visit::{Visitor, walk_condition, walk_statement};

use crate::advice::{functions, paths};
use crate::check::{Checker, Prefixes, Scope, known_context};
use crate::hir::Expr;
use crate::infer::{Inferred, knows_function};
use crate::lint::Propagates;
use crate::lower::Lower;
use crate::rules::SourceText;
use crate::{Compiled, Compiler, ImpliedErrorMode, lint};

/// A text and its tree.
pub(crate) struct Parsed<'s, T> {
    pub text: SourceText<'s>,
    /// The tree; none if the text has a syntax error, which has been reported then.
    pub tree: Option<T>,
    /// The text's number in the plan's sources.
    pub source: u32,
}

/// The state of one call.
pub(crate) struct Session<'c> {
    pub compiler: &'c Compiler,
    pub signal: Signal,
    /// Whether the rules are those of a filter.
    pub filter: bool,
    plan: PlanBuilder,
    diagnostics: Vec<(u32, Diagnostic)>,
    /// Whether there was an error.
    failed: bool,
    /// Tokens of the texts so far; one more than the limit once that was reported.
    tokens: usize,
    /// What holds for every record that the statements to come see, as far as lints ask.
    guards: lint::Guards,
    /// What the statements so far have read and written, as far as lints ask.
    flow: lint::Flow,
    /// Why an error in the texts to come gives up the whole message, if it does.
    propagates: Option<Propagates>,
    /// What may be an error in these.
    fallible: lint::Fallible,
}

impl<'c> Session<'c> {
    pub fn new(compiler: &'c Compiler, signal: Signal, filter: bool) -> Self {
        Session {
            compiler,
            signal,
            filter,
            plan: PlanBuilder::default(),
            diagnostics: Vec::new(),
            failed: false,
            tokens: 0,
            guards: lint::Guards::default(),
            flow: lint::Flow::default(),
            propagates: None,
            fallible: lint::Fallible::default(),
        }
    }

    /// Begins a group: the conditions to come are those of its statements.
    pub fn begin_group(&mut self) {
        self.guards = lint::Guards::default();
        self.flow = lint::Flow::default();
    }

    /// Goes on with texts of a group or entry that has this error mode of its own, or that of all.
    pub fn error_mode(&mut self, own: Option<ErrorMode>, of_all: ErrorMode) {
        self.propagates = match (self.compiler.implied_error_mode, own) {
            (ImpliedErrorMode::Propagate, None) => Some(Propagates::Implied),
            (ImpliedErrorMode::OnlyPropagate, None) => Some(Propagates::Only),
            _ => (own.unwrap_or(of_all) == ErrorMode::Propagate).then_some(Propagates::Chosen),
        };
    }

    pub fn report(&mut self, id: u32, diagnostic: Diagnostic) {
        self.failed |= diagnostic.severity() == Severity::Error;
        self.diagnostics.push((id, diagnostic));
    }

    pub fn finish(mut self, program: Program) -> Compiled {
        for (id, doubt) in std::mem::take(&mut self.fallible).finish() {
            self.report(id, doubt);
        }
        Compiled {
            plan: (!self.failed).then(|| -> Plan { self.plan.build(self.signal, program) }),
            diagnostics: self.diagnostics,
            tokens: self.tokens,
        }
    }

    /// What a condition is checked against, if it has to name its contexts.
    pub fn condition_scope(&self, context: ContextId) -> Scope<'c> {
        Scope {
            compiler: self.compiler,
            signal: self.signal,
            filter: self.filter,
            context,
            isolate: false,
            shared_cache: false,
            prefixes: Prefixes::Required,
            in_condition: true,
            because: None,
        }
    }

    /// Parses a statement and reports what is wrong with its syntax.
    pub fn parse_statement<'s>(&mut self, text: SourceText<'s>) -> Parsed<'s, ast::Statement> {
        let parsed = self.admit(text).then(|| self.compiler.limits.text.parse_statement(text.text));
        self.parsed(text, parsed)
    }

    /// Parses a condition and reports what is wrong with its syntax.
    pub fn parse_condition<'s>(&mut self, text: SourceText<'s>) -> Parsed<'s, ast::BoolExpr> {
        let parsed = self.admit(text).then(|| self.compiler.limits.text.parse_condition(text.text));
        self.parsed(text, parsed)
    }

    /// Parses a value and reports what is wrong with its syntax.
    pub fn parse_value<'s>(&mut self, text: SourceText<'s>) -> Parsed<'s, ast::Value> {
        let parsed = self.admit(text).then(|| self.compiler.limits.text.parse_value(text.text));
        self.parsed(text, parsed)
    }

    /// Whether the limit leaves room for one more text; says so once when it does not.
    fn admit(&mut self, text: SourceText<'_>) -> bool {
        let limit = self.compiler.limits.statements;
        let count = self.plan.sources.len();
        if count == limit {
            let message = format!("more than {limit} statements and conditions");
            let diagnostic = Diagnostic::new(Code::TOO_MANY_STATEMENTS, whole(text), message)
                .help("split the rules over several processors, or raise the limit");
            self.report(text.id, diagnostic);
        }
        count < limit && self.tokens <= self.compiler.limits.tokens
    }

    /// Counts the tokens of a text; says so once when there are too many.
    fn count(&mut self, text: SourceText<'_>, tokens: usize) {
        let limit = self.compiler.limits.tokens;
        self.tokens = self.tokens.saturating_add(tokens);
        if self.tokens > limit {
            let message = format!("the statements and conditions have more than {limit} words and signs together");
            let diagnostic = Diagnostic::new(Code::TOO_MANY_STATEMENTS, whole(text), message)
                .help("write them shorter, or into a configuration of their own, or raise the limit");
            self.report(text.id, diagnostic);
        }
    }

    fn parsed<'s, T>(&mut self, text: SourceText<'s>, parsed: Option<ottl_syntax::Parsed<T>>) -> Parsed<'s, T> {
        let source = self.plan.sources.len() as u32;
        // Texts beyond the limit of their length are not kept: the rules are refused anyway.
        self.plan.sources.push(match &parsed {
            Some(p) if p.diagnostics.is_empty() => text.text.to_owned(),
            _ => String::new(),
        });
        if let Some(parsed) = &parsed {
            self.count(text, parsed.tokens);
        }
        let tree = parsed.and_then(|parsed| {
            let sound = parsed.diagnostics.is_empty() && self.tokens <= self.compiler.limits.tokens;
            for diagnostic in in_template(parsed.diagnostics, text.text) {
                let diagnostic = self.with_names(diagnostic, text.text);
                self.report(text.id, diagnostic);
            }
            sound.then_some(parsed.tree)
        });
        Parsed { text, tree, source }
    }

    /// A fault of the syntax in the words of who knows the functions: the parser tells editors and converters apart by their
    /// first letter alone.
    fn with_names(&self, diagnostic: Diagnostic, text: &str) -> Diagnostic {
        let wants_converter = match diagnostic.code {
            Code::EDITOR_AS_VALUE => true,
            Code::CONVERTER_AS_STATEMENT => false,
            _ => return diagnostic,
        };
        let name = diagnostic.span.of(text);
        let registry = &self.compiler.registry;
        if registry.find(name).is_some() || crate::reference::is_known(name) {
            return diagnostic;
        }
        let known = registry.iter().filter(|def| def.versions.contains(self.compiler.target));
        let names: Vec<&str> =
            known.map(|def| def.name).filter(|name| functions::is_converter(name) == wants_converter).collect();
        let mut unknown = functions::unknown(name, diagnostic.span, &names, self.signal);
        let arguments = text.get(diagnostic.span.end as usize..).unwrap_or("").trim_start();
        if !arguments.strip_prefix('(').is_some_and(|first| first.trim_start().starts_with('[')) {
            functions::wants_list(&mut unknown, registry);
        }
        unknown
    }

    /// Checks and lowers a statement; none if it has an error, or had one before.
    pub fn statement(&mut self, scope: Scope<'_>, parsed: &Parsed<'_, ast::Statement>) -> Option<Statement> {
        let mut checker = Checker::new(scope);
        let Some(tree) = &parsed.tree else {
            self.flow.lose();
            return None;
        };
        let checked = checker.statement(tree);
        let mut faults = checker.faults;
        let mut late = None;
        if let Some(checked) = &checked {
            late = lint::statement(scope, (parsed.text.text, tree), checked, &self.guards, &mut faults);
            if let Some(why) = self.propagates {
                self.fallible.statement(parsed.text, checked, &self.guards, why);
            }
            self.guards.wrote(checked);
        }
        self.report_all(parsed.text.id, faults);
        match &checked {
            Some(checked) => {
                for (id, doubt) in self.flow.statement(scope, parsed.text, checked, late) {
                    self.report(id, doubt);
                }
            }
            None => self.flow.lose(),
        }
        let mut lower = Lower { plan: &mut self.plan, source: parsed.source };
        Some(lower.statement(checked?))
    }

    /// Checks and lowers conditions of which one is enough; those that have an error, or had one before, are left out.
    pub fn conditions(&mut self, scope: Scope<'_>, parsed: &[Parsed<'_, ast::BoolExpr>]) -> Vec<GroupSource> {
        let checked = parsed.iter().filter_map(|parsed| Some((self.condition(scope, parsed)?, parsed))).collect();
        self.lower_conditions(checked)
    }

    /// Lowers conditions of which one is enough.
    pub fn lower_conditions(&mut self, checked: Vec<(Expr, &Parsed<'_, ast::BoolExpr>)>) -> Vec<GroupSource> {
        let texts: Vec<_> = checked.iter().map(|(condition, parsed)| (parsed.text.text, condition)).collect();
        if let Some((idx, doubt)) = lint::alternatives(&texts, self.filter)
            && let Some((_, blamed)) = checked.get(idx)
        {
            self.report(blamed.text.id, doubt);
        }
        let mut lower = |(condition, parsed): (Expr, &Parsed<'_, ast::BoolExpr>)| {
            let mut lower = Lower { plan: &mut self.plan, source: parsed.source };
            (lower.expr(condition), parsed.source)
        };
        checked.into_iter().map(&mut lower).collect()
    }

    /// Checks a condition; none if it has an error, or had one before.
    pub fn condition(&mut self, scope: Scope<'_>, parsed: &Parsed<'_, ast::BoolExpr>) -> Option<Expr> {
        let mut checker = Checker::new(scope);
        let tree = parsed.tree.as_ref()?;
        let checked = checker.condition(tree);
        let mut faults = checker.faults;
        if let Some(checked) = &checked {
            lint::condition(scope, (parsed.text.text, tree), checked, self.filter, &mut faults);
            if let Some(why) = self.propagates {
                self.fallible.condition(parsed.text, checked, why);
            }
            self.guards.narrow(checked);
            self.flow.condition(checked);
        }
        self.report_all(parsed.text.id, faults);
        checked
    }

    /// Checks a value, unless it had an error before.
    pub fn value(&mut self, scope: Scope<'_>, parsed: &Parsed<'_, ast::Value>, is_number: bool) {
        let mut checker = Checker::new(scope);
        let Some(tree) = &parsed.tree else { return };
        let checked = checker.value(tree);
        let mut faults = checker.faults;
        if let Some(checked) = &checked {
            lint::value(scope, (parsed.text.text, tree), checked, is_number, &mut faults);
            if let Some(why) = self.propagates {
                self.fallible.condition(parsed.text, checked, why);
            }
        }
        self.report_all(parsed.text.id, faults);
    }

    fn report_all(&mut self, id: u32, mut diagnostics: Vec<Diagnostic>) {
        diagnostics.sort_by_key(|d| d.span);
        for diagnostic in diagnostics {
            self.report(id, diagnostic);
        }
    }

    /// Whether a statement of this context writes to what lies above its records.
    pub fn writes_above(&self, statement: &Statement, context: ContextId) -> bool {
        let Some(call) = self.plan.calls.get(statement.editor as usize) else { return false };
        call.args.iter().any(|arg| {
            let Arg::Path(used) = arg else { return false };
            let Some(used) = self.plan.paths.get(*used as usize) else { return false };
            let decl = ottl_schema::path(used.path);
            decl.writable && decl.context != context && decl.context != ContextId::OtelCol
        })
    }

    /// How many diagnostics there are by now.
    pub fn reported(&self) -> usize {
        self.diagnostics.len()
    }

    /// Whether there was an error after the first `count` diagnostics.
    pub fn failed_since(&self, count: usize) -> bool {
        self.diagnostics[count..].iter().any(|(_, d)| d.severity() == Severity::Error)
    }

    /// Reports a context that rules of this signal cannot have.
    pub fn foreign_context(&mut self, id: u32, context: ContextId) {
        let message = format!("rules for {} cannot run in the context {}", self.signal.name(), context.name());
        let diagnostic = Diagnostic::new(Code::CONTEXT_OUTSIDE_SIGNAL, Span::default(), message)
            .label("configured for these rules")
            .help(self.instead_of(context.name()));
        self.report(id, diagnostic);
    }

    fn context_names(&self) -> Vec<&'static str> {
        self.contexts().map(ContextId::name).collect()
    }

    /// What to do about a context in which the rules cannot run.
    fn instead_of(&self, name: &str) -> String {
        let names = self.context_names().join(", ");
        let is_of_library = |id: &ContextId| {
            let decl = ottl_schema::context(*id);
            !self.filter && !decl.in_transform && decl.signals.contains(&self.signal) && decl.name == name
        };
        if ContextId::ALL.iter().any(is_of_library) {
            return format!(
                "its contexts are {names}; the reference's library has this one and no processor takes it: \
                 --library-contexts, or `Compiler::library_contexts`, allows it"
            );
        }
        let owner = ContextId::ALL.into_iter().find(|id| id.name() == name).map(ottl_schema::context);
        match owner.map(|decl| decl.signals) {
            Some([only]) if *only != self.signal => {
                format!(
                    "its contexts are {names}; what is about {name} stands under `{}`",
                    paths::list_of(*only, self.filter)
                )
            }
            _ => format!("its contexts are {names}"),
        }
    }

    /// The contexts in which the rules can run.
    fn contexts(&self) -> impl Iterator<Item = ContextId> + use<> {
        self.compiler.contexts_of(self.signal, self.filter)
    }

    /// Whether the rules can run in a context.
    pub fn takes(&self, context: ContextId) -> bool {
        self.contexts().any(|id| id == context)
    }

    /// Says why no context was found, at the places that are to blame.
    ///
    /// `Insufficient` is not explained here: checking the texts in the candidate says it better.
    #[cold]
    pub fn uninferable(
        &mut self,
        inferred: &Inferred,
        statements: &[Parsed<'_, ast::Statement>],
        conditions: &[Parsed<'_, ast::BoolExpr>],
    ) {
        let contexts: Vec<ContextId> = self.contexts().collect();
        // That of the records, which most rules are about.
        let Some(own) = paths::lowest_first(contexts.iter().copied()).first().copied() else { return };
        self.unknown_functions(own, statements, conditions);
        let foreign = match inferred {
            Inferred::Foreign(name) => Some(name.as_str()),
            _ => None,
        };
        let names = self.context_names();
        let signal = self.signal.name();
        let mut found: Vec<(u32, Diagnostic)> = Vec::new();
        let mut blame = |id: u32, path: &Path| {
            let (first, _) = path.split_context();
            let diagnostic = match (first, foreign) {
                (Some(first), Some(name)) if first.name == name => {
                    match known_context(name) {
                        // Both can be read from other contexts, but nothing runs in them.
                        Some("otelcol" | "instrumentation_scope") => return,
                        Some(_) => {
                            let message = format!("rules for {signal} have no context {name}");
                            let span = first.name_span;
                            Diagnostic::new(Code::CONTEXT_OUTSIDE_SIGNAL, span, message).help(self.instead_of(name))
                        }
                        // `body.string`: a field with one inside, and not a context.
                        None if contexts
                            .iter()
                            .any(|id| path_by_name(*id, &paths::joined(&path.segments)).is_some()) =>
                        {
                            paths::missing_context(path, &contexts, own, None)
                        }
                        None => paths::unknown_context(path, first, &names),
                    }
                }
                (None, None) => paths::missing_context(path, &contexts, own, None),
                (Some(_), None) | (None, Some(_)) | (Some(_), Some(_)) => return,
            };
            found.push((id, diagnostic));
        };
        for parsed in statements {
            if let Some(tree) = &parsed.tree {
                walk_statement(tree, &mut Paths(&mut |path| blame(parsed.text.id, path)));
            }
        }
        for parsed in conditions {
            if let Some(tree) = &parsed.tree {
                walk_condition(tree, &mut Paths(&mut |path| blame(parsed.text.id, path)));
            }
        }
        for (id, diagnostic) in found {
            self.report(id, diagnostic);
        }
    }

    /// Reports the functions that no context of the signal has: whichever it were, they would be the fault.
    #[cold]
    fn unknown_functions(
        &mut self,
        own: ContextId,
        statements: &[Parsed<'_, ast::Statement>],
        conditions: &[Parsed<'_, ast::BoolExpr>],
    ) {
        let condition_scope = self.condition_scope(own);
        let scope = Scope { in_condition: self.filter, ..condition_scope };
        let contexts: Vec<ContextId> = self.contexts().collect();
        let mut found: Vec<(u32, Diagnostic)> = Vec::new();
        let mut look = |id: u32, name: &Ident, scope: Scope<'c>| {
            let knows = knows_function(scope.compiler, scope.in_condition, &name.text);
            if !contexts.iter().copied().any(knows) {
                let mut checker = Checker::new(scope);
                checker.function_reference(&name.text, name.span);
                found.extend(checker.faults.into_iter().map(|fault| (id, fault)));
            }
        };
        for parsed in statements {
            if let Some(tree) = &parsed.tree {
                walk_statement(tree, &mut Names(&mut |name| look(parsed.text.id, name, scope)));
            }
        }
        for parsed in conditions {
            if let Some(tree) = &parsed.tree {
                walk_condition(tree, &mut Names(&mut |name| look(parsed.text.id, name, condition_scope)));
            }
        }
        for (id, diagnostic) in found {
            self.report(id, diagnostic);
        }
    }

    /// The diagnostic for rules whose context cannot be inferred for no single place's fault.
    #[cold]
    pub fn no_context(&mut self, id: u32, span: Span, help: &str) {
        let message = "the context of these rules cannot be inferred";
        let diagnostic = Diagnostic::new(Code::UNINFERABLE_CONTEXT, span, message).help(help);
        self.report(id, diagnostic);
    }
}

/// Hands every path to a closure.
struct Paths<'f>(&'f mut dyn FnMut(&Path));

impl Visitor for Paths<'_> {
    fn path(&mut self, path: &Path) {
        (self.0)(path);
    }
}

/// Hands the name of every function to a closure.
struct Names<'f>(&'f mut dyn FnMut(&Ident));

impl Visitor for Names<'_> {
    fn call(&mut self, call: &ast::Call) {
        (self.0)(&call.name);
    }

    fn function_reference(&mut self, name: &Ident) {
        (self.0)(name);
    }
}

/// The whole text.
pub(crate) fn whole(text: SourceText<'_>) -> Span {
    Span::new(0, u32::try_from(text.text.len()).unwrap_or(u32::MAX))
}

/// Faults of a text of which a part is put in when a template is rendered: only the first one in such a part, without a fix.
fn in_template(found: Vec<Diagnostic>, text: &str) -> Vec<Diagnostic> {
    if found.is_empty() {
        return found;
    }
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(open) = text[at..].find("{{").map(|open| at + open) {
        at = text[open..].find("}}").map_or(text.len(), |end| open + end + 2);
        parts.push(open..at);
    }
    let is_inside = |fault: &Diagnostic| {
        let start = fault.span.start as usize;
        parts.get(parts.partition_point(|part| part.end <= start)).is_some_and(|part| part.contains(&start))
    };
    let Some(first) = found.iter().position(is_inside) else { return found };
    let help = "what stands in `{{ }}` is put in when the template is rendered: `helm template CHART | ottl check -`";
    let mut fault = found[first].clone().help(help);
    fault.fix = None;
    vec![fault]
}
