//! Rule files to programs: reading, settings, compiling, and what is said about it.
//!
//! INVARIANT: the only module that compiles rules; the other verbs see [`Program`], [`Worker`] and [`Outcome`].

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;

// In this crate `Status` is what the process ends with.
pub use ottl::Status as Outcome;
use ottl::compare::number_records;
use ottl::otlp::edit::Untouched;
use ottl::{
    Compiler, Diagnostics, Gate, Gates, ProcessorKind, Report, RuleSet, Scratch, Severity, Signal, StatementRef, Trace,
    TraceOptions,
};

use crate::args::{ProcessorName, ReportForm, RuleArguments, WorkArguments};
use crate::changes::Changes;
use crate::failure::{Failure, Status, is_standard, name_of};
use crate::input::paths_or_standard;
use crate::limits::{self, Budgets};
use crate::records;
use crate::referenced;
use crate::source::{self, Source};
use crate::terminal::{self, Voice};

/// Compiled rules.
pub struct Program {
    rules: RuleSet,
    watch: Watch,
    /// Whether there are no rules because none were wanted.
    is_nothing: bool,
}

/// What is looked at beside the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// Whether records are counted.
    pub records: bool,
    /// Whether what changes is shown, instead of the messages.
    pub diff: bool,
}

/// What was counted beside what a report counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that came in.
    pub records: u64,
    /// Records that go out and did not come in like that.
    pub changed: u64,
}

/// What a thread needs to run a program, and what it has counted.
#[derive(Default)]
pub struct Worker {
    scratch: Scratch,
    report: Report,
    /// The number of the last message.
    number: u64,
    /// The line that it begins in.
    line: Option<u64>,
    counts: Counts,
    changes: Changes,
}

impl Program {
    /// Compiles the rules that were named and says what is to be said about them. With a signal, only its rules are kept.
    ///
    /// # Errors
    /// A file that cannot be read, and rules that are wrong.
    pub fn load(arguments: &WorkArguments, signal: Option<Signal>, voice: &mut Voice) -> Result<Program, Failure> {
        let compiler = compiler(&arguments.rules)?;
        let source = source::read(arguments, &compiler, signal)?;
        Program::of_source(&source, &compiler, &arguments.rules, signal, voice)
    }

    /// The same for rules that were read.
    ///
    /// # Errors
    /// The rules are wrong.
    pub fn of_source(
        source: &Source,
        compiler: &Compiler,
        arguments: &RuleArguments,
        signal: Option<Signal>,
        voice: &mut Voice,
    ) -> Result<Program, Failure> {
        let mut compiler = referenced::for_file(compiler, arguments, source.name());
        if let Some(signal) = signal {
            compiler = compiler.signals([signal]);
        }
        match source.compile(&compiler) {
            Ok(rules) => {
                if !voice.is_quiet() {
                    show(source, rules.warnings(), voice.form());
                }
                Ok(Program { rules, watch: Watch::default(), is_nothing: false })
            }
            Err(error) => {
                let mut said = error.diagnostics().clone();
                if voice.is_quiet() {
                    said.retain(|found| found.denied || found.severity() == Severity::Error);
                }
                show(source, &said, voice.form());
                if error.diagnostics().iter().all(|found| found.denied || found.severity() != Severity::Error) {
                    voice.error("warnings are denied");
                }
                Err(Failure::Reported(status(error.diagnostics())))
            }
        }
    }

    /// No rules at all, so that everything passes through.
    ///
    /// # Errors
    /// None that the library does not cause: nothing is compiled without fault.
    pub fn nothing() -> Result<Program, Failure> {
        let rules = Compiler::new().compile("log_statements: []");
        let rules = rules.map_err(|error| Failure::Failed(error.diagnostics().to_string()))?;
        Ok(Program { rules, watch: Watch::default(), is_nothing: true })
    }

    /// Whether it is the one of [`Program::nothing`].
    pub fn is_nothing(&self) -> bool {
        self.is_nothing
    }

    /// The signals that have rules.
    pub fn signals(&self) -> Vec<Signal> {
        self.rules.signals().collect()
    }

    /// Processors of the pipelines that change data and do not run here, each once.
    pub fn left_out(&self) -> Vec<&str> {
        // These decide when data goes on, and whether there is room for it.
        const HARMLESS: [&str; 2] = ["batch", "memory_limiter"];
        let mut names: Vec<&str> = Vec::new();
        for name in self.rules.signals().flat_map(|signal| self.rules.left_out(signal)) {
            let kind = name.split('/').next().unwrap_or_default();
            if !HARMLESS.contains(&kind) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Whether there are rules for the signal.
    pub fn serves(&self, signal: Signal) -> bool {
        self.rules.signals().any(|served| served == signal)
    }

    /// The statements and conditions.
    pub fn statements(&self) -> impl Iterator<Item = StatementRef<'_>> {
        Signal::ALL.into_iter().flat_map(|signal| self.rules.statements(signal))
    }

    /// Runs the rules over a protobuf message, on the threads of a team with its memory if there is one; the new message is
    /// appended to `out`, but for runs of the old one that are left where they are, if they are to be noted and there is no team.
    /// Where changes are shown, nothing is appended, and the message counts as unchanged.
    ///
    /// # Errors
    /// Why the message failed, as text; a statement is named with its place.
    pub fn transform(
        &self,
        signal: Signal,
        message: &[u8],
        worker: &mut Worker,
        team: Option<(NonZeroUsize, &mut Scratch)>,
        (out, mut left): (&mut Vec<u8>, Option<&mut Untouched>),
    ) -> Result<Outcome, String> {
        if self.watch.diff && self.serves(signal) {
            return self.show(signal, message, worker, team);
        }
        let start = out.len();
        let report = &mut worker.report;
        let run = match (team, &mut left) {
            (None, Some(left)) => {
                self.rules.transform_segments_into(signal, message, &mut worker.scratch, (out, left), report)
            }
            (team, left) => {
                let (threads, scratch) = team.unwrap_or((NonZeroUsize::MIN, &mut worker.scratch));
                left.iter_mut().for_each(|left| left.clear());
                self.rules.transform_on(threads, signal, message, scratch, out, report)
            }
        };
        let outcome = run.map_err(|error| limits::advised(error.to_string()))?;
        if self.watch.records {
            let made = &out[start..];
            match left.filter(|left| left.bytes() > 0) {
                Some(left) => {
                    let whole = left.pieces(message, made).collect::<Vec<_>>().concat();
                    self.look(signal, message, (outcome, &whole), worker);
                }
                None => self.look(signal, message, (outcome, made), worker),
            }
        }
        Ok(outcome)
    }

    /// What each statement did with the records of a message.
    ///
    /// # Errors
    /// Damage of the message, as text.
    pub fn trace(&self, signal: Signal, message: &[u8], options: &TraceOptions) -> Result<Trace, String> {
        self.rules.trace(signal, message, options).map_err(|error| error.to_string())
    }

    /// The program, watched.
    pub fn watching(self, watch: Watch) -> Program {
        Program { watch, ..self }
    }

    /// What is looked at.
    pub fn watch(&self) -> Watch {
        self.watch
    }

    /// Runs the rules for what they change, and nothing else comes of it.
    fn show(
        &self,
        signal: Signal,
        message: &[u8],
        worker: &mut Worker,
        team: Option<(NonZeroUsize, &mut Scratch)>,
    ) -> Result<Outcome, String> {
        // What is damaged cannot be shown; rules that do not read that far may run over it.
        let numbered = number_records(signal, message).ok().map(|numbered| numbered.message);
        let (came, message) = (message, numbered.as_deref().unwrap_or(message));
        let (threads, scratch) = team.unwrap_or((NonZeroUsize::MIN, &mut worker.scratch));
        let mut made = Vec::new();
        let run = self.rules.transform_on(threads, signal, message, scratch, &mut made, &mut worker.report);
        let outcome = run.map_err(|error| self.told_of(signal, came, error))?;
        self.look(signal, message, (outcome, &made), worker);
        match outcome {
            Outcome::Unchanged => {}
            Outcome::Changed => worker.changes.add(signal, message, &made),
            Outcome::Dropped => worker.changes.add(signal, message, b""),
        }
        Ok(Outcome::Unchanged)
    }

    /// Why a message failed whose records were numbered. Offsets are those in the message as it came.
    fn told_of(&self, signal: Signal, came: &[u8], error: ottl::Error) -> String {
        let error = self.rules.transform(signal, came).err().unwrap_or(error);
        limits::advised(error.to_string())
    }

    /// Counts. Damage that no rule read is none here: there is no more to count.
    fn look(&self, signal: Signal, message: &[u8], (outcome, out): (Outcome, &[u8]), worker: &mut Worker) {
        if self.watch.records {
            worker.counts.records += records::count(signal, message).unwrap_or(0);
            if outcome == Outcome::Changed {
                worker.counts.changed += records::changed(signal, message, out).unwrap_or(0);
            }
        }
    }
}

impl Worker {
    /// What changed in messages since the last call.
    pub fn changes(&mut self) -> &mut Changes {
        &mut self.changes
    }

    /// What statements did so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Gives the next message its number among all messages of the run, and the line that it begins in.
    pub fn number_next(&mut self, number: u64, line: Option<u64>) {
        (self.number, self.line) = (number, line);
        self.number_again();
    }

    /// Gives the next message the number of the last one: a document may hold several.
    pub fn number_again(&mut self) {
        self.report.number_next(self.number);
        self.report.line_next(self.line);
    }
}

/// What all workers have counted.
pub fn summary(workers: impl IntoIterator<Item = Worker>) -> (Report, Counts) {
    let (mut sum, mut counts) = (Report::new(), Counts::default());
    for worker in workers {
        sum.merge(&worker.report);
        counts.records += worker.counts.records;
        counts.changed += worker.counts.changed;
    }
    (sum, counts)
}

/// The limits with what `--max` says of them.
pub fn budgets(arguments: &RuleArguments) -> Budgets {
    limits::budgets(&arguments.max).unwrap_or_default()
}

/// The text of a rule file of at most so many bytes; `-` is standard input.
///
/// # Errors
/// It cannot be read, is longer, or is no UTF-8.
pub fn read_rules(path: &Path, limit: usize) -> Result<String, Failure> {
    read_text(path, limit, "rules")
}

/// The same of a file that holds something else.
///
/// # Errors
/// As [`read_rules`].
pub fn read_text(path: &Path, limit: usize, what: &str) -> Result<String, Failure> {
    let name = name_of(path);
    let bytes = limits::read_limited(path, limit)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let sound = std::str::from_utf8(&error.as_bytes()[..at]).unwrap_or_default();
        let place = ottl::locate(sound, at as u32);
        let way_out = match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ": this is UTF-16, `iconv -f UTF-16 -t UTF-8 FILE` turns it",
            _ => "",
        };
        let (line, column) = (place.line, place.column);
        Failure::Refused(format!("{name}:{line}:{column}: {what} must be UTF-8, and byte {at} is not{way_out}"))
    })
}

/// The signals that rules are for, as they stand there; none if they are wrong.
pub fn signals_of(text: &str) -> Vec<Signal> {
    Compiler::new().compile(text).map_or_else(|_| Vec::new(), |rules| rules.signals().collect())
}

/// A compiler with the settings of the command line.
///
/// # Errors
/// An unknown gate, or a file of variables that cannot be read.
pub fn compiler(arguments: &RuleArguments) -> Result<Compiler, Failure> {
    let limits = budgets(arguments).rules;
    let variables = match &arguments.env_file {
        Some(path) => parse_variables(&name_of(path), &read_rules(path, limits.configuration_length)?)?,
        None => HashMap::new(),
    };
    let from_host = !arguments.no_host_env;
    let mut compiler = Compiler::new()
        .target(arguments.target.unwrap_or_default())
        .gates(gates(&arguments.gates)?)
        .library_contexts(arguments.library_contexts)
        .limits(limits)
        .isolate(arguments.isolate)
        .levels(arguments.levels.0.clone())
        .rewrites(arguments.without.iter().fold(ottl::Rewrites::default(), |all, one| all.without(*one)))
        .variables(move |name| {
            let host = || from_host.then(|| std::env::var(name).ok()).flatten();
            variables.get(name).cloned().or_else(host)
        });
    if let Some(processor) = arguments.processor {
        compiler = compiler.processor(match processor {
            ProcessorName::Transform => ProcessorKind::Transform,
            ProcessorName::Filter => ProcessorKind::Filter,
        });
    }
    for pipeline in &arguments.pipelines {
        compiler = compiler.pipeline(pipeline);
    }
    if arguments.expand || arguments.no_expand {
        compiler = compiler.expand(arguments.expand);
    }
    if let Some(name) = &arguments.configuration {
        compiler = compiler.configuration(name);
    }
    Ok(compiler)
}

fn gates(names: &[String]) -> Result<Gates, Failure> {
    let mut gates = Gates::default();
    for name in names {
        let (name, on) = match name.strip_prefix('-') {
            Some(name) => (name, false),
            None => (name.strip_prefix('+').unwrap_or(name), true),
        };
        let Some(gate) = Gate::by_name(name) else {
            let known = Gate::ALL.map(Gate::name).join(", ");
            return Err(Failure::Refused(format!("there is no gate `{name}`; the gates are {known}")));
        };
        gates = if on { gates.with(gate) } else { gates.without(gate) };
    }
    Ok(gates)
}

/// Lines `NAME=VALUE`; blank ones and those that start with `#` do not count. Values are taken as they are.
fn parse_variables(file: &str, text: &str) -> Result<HashMap<String, String>, Failure> {
    let mut variables = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            return Err(Failure::Refused(format!("{file}:{}: expected NAME=VALUE", number + 1)));
        };
        variables.insert(name.trim().to_owned(), value.to_owned());
    }
    Ok(variables)
}

/// Refuses rules and data that would both be read from standard input.
pub fn come_apart(arguments: &WorkArguments) -> Result<(), Failure> {
    if source::paths(arguments).any(is_standard)
        && paths_or_standard(&arguments.inputs).iter().any(|path| is_standard(path))
    {
        return Err(Failure::Refused("rules and input cannot both come from standard input".to_owned()));
    }
    Ok(())
}

/// Codes of diagnostics that a limit causes, a part of the message that tells which one, and its name.
const LIMITS: [(&str, &str, &str); 7] = [
    ("E0501", "", "statement_length"),
    ("E0502", "brackets", "statement_nesting"),
    ("E0503", "words and signs", "tokens"),
    ("E0503", "more than", "statements"),
    ("E0313", "too large together", "pattern_bytes"),
    ("E0618", "keys, values, lists and maps", "configuration_nodes"),
    ("E0618", "bytes", "configuration_length"),
];

/// The names of the limits that diagnostics are about, each once.
fn reached<'d>(diagnostics: impl Iterator<Item = (&'d str, &'d str)>) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (code, message) in diagnostics {
        let limit = LIMITS.iter().find(|(of, part, _)| *of == code && message.contains(part));
        names.extend(limit.map(|(.., name)| *name).filter(|name| !names.contains(name)));
    }
    names
}

/// Diagnostics as people read them: pictures, and the options that raise the limits that were reached.
pub fn pictures(diagnostics: &Diagnostics, color: bool) -> String {
    let mut out = diagnostics.render(color);
    for name in reached(diagnostics.iter().map(|d| (d.code.as_str(), d.message.as_str()))) {
        if let Some(advice) = limits::advice(name) {
            out.push_str(&format!("help: limit reached: {name}{advice}\n"));
        }
    }
    out
}

/// Diagnostics of rules on standard error; those of statements of the command line are about them.
pub fn show(source: &Source, diagnostics: &Diagnostics, form: ReportForm) {
    for (number, diagnostics) in source.pointed(diagnostics).iter().enumerate() {
        match form {
            ReportForm::Text => {
                let separator = if number == 0 { "" } else { "\n" };
                let diagnostics = &diagnostics.merged();
                terminal::plain(separator.to_owned() + &pictures(diagnostics, terminal::colors_on_stderr()));
            }
            ReportForm::Json => {
                for record in diagnostics.records() {
                    if let Ok(line) = serde_json::to_string(&record) {
                        terminal::plain(format!("{line}\n"));
                    }
                }
            }
        }
    }
}

/// How a verb ends that needed these rules: refused, or without what they need.
pub fn status(diagnostics: &Diagnostics) -> Status {
    let errors = || diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error);
    match errors().count() {
        0 => Status::Done,
        _ if errors().all(|diagnostic| diagnostic.code.is_unsupported()) => Status::Unsupported,
        _ => Status::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottl::Limits;

    #[test]
    fn limits_of_rules_are_named_with_their_option() {
        let many = |item: &str, count: usize| vec![item; count].join(", ");
        let set = |value: String| format!("log_statements: ['set(log.body, {value})']");
        let small = Limits { configuration_nodes: 50, ..Limits::default() };
        for (rules, limits, want) in [
            (set("[".repeat(300)), Limits::default(), &["statement_nesting"][..]),
            (set(many("1", 30)), Limits { tokens: 20, ..Limits::default() }, &["tokens"]),
            (set("1".to_owned()), Limits { statements: 0, ..Limits::default() }, &["statements"]),
            (set("1".to_owned()), Limits { statement_length: 5, ..Limits::default() }, &["statement_length"]),
            (format!("log_statements: [{}]", many("a", 60)), small, &["configuration_nodes"]),
            (set("1".to_owned()), Limits { configuration_length: 5, ..Limits::default() }, &["configuration_length"]),
            (
                set("1) where IsMatch(log.body, \"a+b\"".to_owned()),
                Limits { pattern_bytes: 5, ..Limits::default() },
                &["pattern_bytes"],
            ),
            // Those that are fixed have no option.
            (set(vec!["1"; 1500].join(" + ")), Limits::default(), &[]),
            (set(format!("{}1{}", "Len(".repeat(65), ")".repeat(65))), Limits::default(), &[]),
        ] {
            let found = Compiler::new().limits(limits).check(&rules);
            let names = reached(found.iter().map(|d| (d.code.as_str(), d.message.as_str())));
            assert_eq!(names, want, "{rules:.80}: {found}");
            assert!(names.iter().all(|name| limits::advice(name).is_some()), "{names:?}");
        }
    }

    #[test]
    fn gates_go_on_and_off_by_name() {
        let set = |name: &str| gates(&[name.to_owned()]);
        for gate in Gate::ALL {
            assert!(!set(&format!("-{}", gate.name())).expect("known").has(gate));
            assert_eq!(set(&format!("+{}", gate.name())).expect("known"), Gates::default());
        }
        assert!(matches!(set("ottl.nothing"), Err(Failure::Refused(text)) if text.contains("ottl.nothing")));
    }

    #[test]
    fn variables_are_lines() {
        let read = parse_variables("prod.env", "# all\n\nA=1\n B = x=y \r\nC=\n").expect("well-formed");
        let value = |name: &str| read.get(name).map(String::as_str);
        assert_eq!([value("A"), value("B"), value("C")], [Some("1"), Some(" x=y "), Some("")]);
        let wrong = parse_variables("prod.env", "A=1\nB\n");
        assert!(matches!(wrong, Err(Failure::Refused(text)) if text.starts_with("prod.env:2:")));
    }
}
