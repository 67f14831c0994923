//! [`RuleSet`]: compiled rules, ready to run.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ottl_diagnostics::Location;
use ottl_engine::{ClientInfo, Env, Limits, Output, RunError, Status};
use ottl_otlp::edit::Untouched;
use ottl_plan::Plan;

use crate::config::{ProcessorKind, WrittenText};
use crate::{Clock, Diagnostics, Error, Report, Rng, Signal, StatementRef};

/// How many signals there are, which all can have rules.
pub(crate) const SIGNALS: usize = Signal::ALL.len();

/// Compiled rules: for each signal the processors that its messages go through.
///
/// Immutable, cheap to clone, and shared between threads. What a run needs to write to lies in a [`Scratch`].
///
/// ```
/// use ottl::{Output, RuleSet, Signal};
///
/// let rules = RuleSet::compile(r#"
/// log_statements:
///   - set(log.severity_text, "WARN") where log.severity_number == SEVERITY_NUMBER_WARN
/// "#).unwrap();
/// assert!(rules.is_empty_for(Signal::Traces) && !rules.is_empty_for(Signal::Logs));
///
/// // A message of one record with the severity 13, as OTLP protobuf.
/// let message = [0x0a, 6, 0x12, 4, 0x12, 2, 0x10, 13];
/// let outcome = rules.transform(Signal::Logs, &message).unwrap();
/// let Output::Changed(bytes) = &outcome.output else { panic!("it was changed") };
/// assert!(bytes.ends_with(b"WARN"));
/// assert_eq!(outcome.report.statements().next().unwrap().counters.changed, 1);
/// ```
#[derive(Clone)]
pub struct RuleSet {
    pub(crate) rules: Arc<Rules>,
}

/// What rule sets share.
pub(crate) struct Rules {
    pub file: Arc<str>,
    pub chains: [Vec<Stage>; SIGNALS],
    /// Processors of the pipelines that do not run here.
    pub left_out: [Vec<Arc<str>>; SIGNALS],
    pub warnings: Diagnostics,
    pub limits: Limits,
    pub allow_nil: bool,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
}

/// A processor's rules for one signal.
pub(crate) struct Stage {
    pub processor: Arc<str>,
    pub kind: ProcessorKind,
    pub engine: Box<dyn ottl_engine::Engine + Send + Sync>,
    /// Where each of the plan's sources begins: the file, and the place in it.
    pub locations: Vec<(Arc<str>, Location)>,
    /// The plan's sources as they stand in the file, where expansion changed them.
    pub written: Vec<Option<Box<WrittenText>>>,
}

/// Which engine runs the rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// The fast one.
    #[default]
    Fast,
    /// The plain one that defines what rules mean: one record and one statement at a time. For tests and doubts; a feature.
    #[cfg(feature = "interp")]
    Interp,
}

/// A message's signal, and what is known of the call that brought it. A [`Signal`] alone is a call, too.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// The signal.
    pub signal: Signal,
    /// What `otelcol.` paths read; without it they are nil or empty.
    pub client: Option<&'c ClientInfo>,
    /// Ends the run soon after it is set, from another thread or by a clock: the message fails, and
    /// [`Error::is_cancelled`] says why.
    pub cancel: Option<&'c AtomicBool>,
}

impl From<Signal> for Call<'_> {
    fn from(signal: Signal) -> Self {
        Call { signal, client: None, cancel: None }
    }
}

/// What became of a message, and what happened on the way.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The message.
    pub output: Output,
    /// Counters and errors.
    pub report: Report,
}

/// A message in pieces: those that are as they came are where they came, see [`RuleSet::transform_segments`].
#[derive(Debug)]
pub struct Segments<'m> {
    message: &'m [u8],
    status: Status,
    written: Vec<u8>,
    untouched: Untouched,
}

/// The least bytes that [`RuleSet::transform_segments`] leaves where they are: a piece more should not cost a vectored write more
/// than copying them does. Measured in `ottl run` (`run/pieces`), anything between 64 bytes and 16 KiB costs the same within 3 %.
const LEAST_LEFT: usize = 1 << 10;

impl Segments<'_> {
    /// What became of the message.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The message that goes on, piece by piece; none of a message that was dropped. No piece is empty.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let whole = (self.status == Status::Unchanged && !self.message.is_empty()).then_some(self.message);
        whole.into_iter().chain(self.untouched.pieces(self.message, &self.written))
    }

    /// How many bytes the pieces have.
    pub fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// Whether there is no piece.
    pub fn is_empty(&self) -> bool {
        self.pieces().next().is_none()
    }

    /// How many bytes were written anew.
    pub fn written(&self) -> usize {
        self.written.len()
    }
}

/// What a processor does with the messages of a signal: a section of [`RuleSet::explain`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explanation<'r> {
    /// The signal.
    pub signal: Signal,
    /// The processor's name; its type where the rules are the body of one.
    pub processor: &'r str,
    /// The processor's type.
    pub kind: ProcessorKind,
    /// What it does, in lines.
    pub text: String,
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, processor {}\n{}", self.signal.name(), self.processor, self.text)
    }
}

/// Memory that runs reuse: one for each thread, to which it may be moved. A run that failed leaves it usable, and any rule set
/// may use it. Of what a large message took, some megabytes are kept.
#[derive(Debug, Default)]
pub struct Scratch {
    engine: ottl_engine::Scratch,
    between: [Vec<u8>; 2],
    pub(crate) json: crate::json::Buffers,
    /// That of threads which share messages with this one.
    #[cfg(feature = "threads")]
    pub(crate) hands: Vec<crate::parts::Hand>,
}

/// How many bytes a buffer between two processors keeps from one message to the next.
pub(crate) const KEPT_BUFFER: usize = 8 << 20;

impl Scratch {
    /// Fresh memory.
    pub fn new() -> Scratch {
        Scratch::default()
    }
}

impl Stage {
    pub fn plan(&self) -> &Plan {
        self.engine.plan()
    }

    /// Runs the rules; runs of the message are left where they are if that can be noted.
    #[inline]
    fn run(
        &self,
        message: &[u8],
        env: &Env<'_>,
        scratch: &mut ottl_engine::Scratch,
        report: &mut ottl_engine::Report,
        (out, untouched): (&mut Vec<u8>, Option<&mut Untouched>),
    ) -> Result<Status, RunError> {
        match untouched {
            Some(untouched) => self.engine.run_leaving(message, env, scratch, report, (out, untouched)),
            None => self.engine.run(message, env, scratch, report, out),
        }
    }
}

impl Rules {
    /// What the processors' rules may use when they run over a message of this number, which begins in this line.
    pub fn env<'r>(&'r self, call: Call<'r>, message: u64, line: Option<u64>) -> Env<'r> {
        Env {
            clock: &*self.clock,
            rng: &*self.rng,
            client: call.client,
            limits: self.limits,
            allow_nil: self.allow_nil,
            cancel: call.cancel,
            message,
            line,
            caches: None,
        }
    }

    pub fn stage(&self, signal: usize, stage: usize) -> &Stage {
        &self.chains[signal][stage]
    }

    pub fn statement(&self, signal: usize, stage: usize, source: u32) -> Option<StatementRef<'_>> {
        let found = self.chains.get(signal)?.get(stage)?;
        let source = source as usize;
        (source < found.plan().sources.len()).then_some(StatementRef { rules: self, signal, stage, source })
    }
}

/// A signal's number among the chains.
pub(crate) fn number(signal: Signal) -> Option<usize> {
    Signal::ALL.iter().position(|other| *other == signal).filter(|number| *number < SIGNALS)
}

impl RuleSet {
    /// Compiles the body of a transform or filter processor, or a Collector's configuration, with all defaults.
    ///
    /// [`crate::Compiler`] is the way to settings, file names, environment variables and functions of your own.
    ///
    /// # Errors
    /// The configuration or a rule in it is wrong.
    #[cfg(feature = "host")]
    pub fn compile(text: &str) -> Result<RuleSet, crate::CompileError> {
        crate::Compiler::new().compile(text)
    }

    /// Whether messages of this signal come back as they are, unread.
    pub fn is_empty_for(&self, signal: Signal) -> bool {
        number(signal).is_none_or(|number| self.rules.chains[number].is_empty())
    }

    /// The signals that have rules.
    pub fn signals(&self) -> impl Iterator<Item = Signal> + '_ {
        Signal::ALL.into_iter().filter(|signal| !self.is_empty_for(*signal))
    }

    /// The processors that a Collector's pipeline of the signal names beside those with rules, in their order: they do not run
    /// here, so messages come out as they would without them.
    ///
    /// ```
    /// let rules = ottl::RuleSet::compile("\
    /// processors:
    ///   attributes/drop: {actions: [{key: secret, action: delete}]}
    ///   transform: {log_statements: ['set(log.body, 1)']}
    /// service: {pipelines: {logs: {processors: [attributes/drop, transform]}}}
    /// ").unwrap();
    /// assert!(rules.left_out(ottl::Signal::Logs).eq(["attributes/drop"]));
    /// ```
    pub fn left_out(&self, signal: Signal) -> impl Iterator<Item = &str> {
        number(signal).into_iter().flat_map(|number| self.rules.left_out[number].iter().map(|name| &**name))
    }

    /// What the compiler warned of.
    pub fn warnings(&self) -> &Diagnostics {
        &self.rules.warnings
    }

    /// The same, as long as nobody else has the rules.
    pub(crate) fn warnings_mut(&mut self) -> Option<&mut Diagnostics> {
        Arc::get_mut(&mut self.rules).map(|rules| &mut rules.warnings)
    }

    /// The statements and conditions that messages of a signal meet, in their order.
    pub fn statements(&self, signal: Signal) -> impl Iterator<Item = StatementRef<'_>> {
        let rules = &*self.rules;
        number(signal).into_iter().flat_map(move |signal| {
            (0..rules.chains[signal].len()).flat_map(move |stage| {
                let count = rules.stage(signal, stage).plan().sources.len();
                (0..count).map(move |source| StatementRef { rules, signal, stage, source })
            })
        })
    }

    /// The plans that messages of a signal meet, in their order: for tools that show or explain them. Unlike
    /// [`StatementRef::text`] they hold the values of variables.
    pub fn plans(&self, signal: Signal) -> impl Iterator<Item = &Plan> {
        number(signal).into_iter().flat_map(|signal| self.rules.chains[signal].iter().map(Stage::plan))
    }

    /// What is done with messages, as text for people: a section for each signal and processor with rules, in the order in which
    /// messages meet them. It says walk by walk and level by level what is looked for in the records, what is asked of them
    /// together, what is computed once for a resource or scope, what each statement became, and why a rewrite did not apply.
    ///
    /// The text depends on the rules and [`crate::Compiler::rewrites`] alone. Unlike [`StatementRef::text`] it holds the values
    /// of variables. Its form may change with any version.
    ///
    /// ```
    /// let rules = ottl::RuleSet::compile(r#"
    /// log_statements:
    ///   - set(log.attributes["tier"], 1) where resource.attributes["env"] == "prod"
    /// "#).unwrap();
    /// let text = rules.explain();
    /// assert!(text.contains(r#"c1, for each resource: resource.attributes["env"] == "prod""#));
    /// ```
    pub fn explain(&self) -> String {
        self.explanations().map(|section| section.to_string()).collect::<Vec<_>>().join("\n")
    }

    /// The sections of [`RuleSet::explain`].
    pub fn explanations(&self) -> impl Iterator<Item = Explanation<'_>> {
        let sections = |signal: Signal| {
            let stages = number(signal).into_iter().flat_map(|number| &self.rules.chains[number]);
            stages.map(move |stage| Explanation {
                signal,
                processor: &stage.processor,
                kind: stage.kind,
                text: stage.engine.explain(),
            })
        };
        Signal::ALL.into_iter().flat_map(sections)
    }

    /// Runs the rules over one OTLP protobuf message.
    ///
    /// For many messages, [`RuleSet::transform_into`] reuses the memory. An empty message is a sound one without records. Protobuf
    /// does not name its signal, and messages of several look alike: the caller has to know it, from the service that was called
    /// or the path of a request; [`crate::otlp::schema::recognise`] tells it as well as that can be told.
    ///
    /// # Errors
    /// Damage where the message had to be read, a statement that failed under `propagate`, or a limit.
    pub fn transform<'c>(&self, call: impl Into<Call<'c>>, message: &[u8]) -> Result<Outcome, Error> {
        let (mut out, mut report) = (Vec::new(), Report::new());
        let status = self.transform_into(call, message, &mut Scratch::new(), &mut out, &mut report)?;
        Ok(Outcome { output: status.output(out), report })
    }

    /// Runs the rules over one OTLP protobuf message, in the caller's memory. The new message is appended to `out`, and
    /// counters are added to `report`.
    ///
    /// # Errors
    /// Those of [`RuleSet::transform`]; `out` is then as it was.
    pub fn transform_into<'c>(
        &self,
        call: impl Into<Call<'c>>,
        message: &[u8],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        report: &mut Report,
    ) -> Result<Status, Error> {
        self.run(call.into(), message, scratch, (out, None), report)
    }

    /// Runs the rules over one OTLP protobuf message, and leaves what they did not change where it is: the new message comes in
    /// pieces of the old one and of what was written. For outputs that take several pieces at once, such as vectored writes:
    /// of a message of which little changes, little is copied. Rules that need one walk leave something
    /// ([`RuleSet::explain`] tells), those of other processors before them only if they change nothing.
    ///
    /// ```
    /// use ottl::{Report, RuleSet, Scratch, Signal, Status};
    ///
    /// let rules = RuleSet::compile("log_conditions: ['log.severity_number < SEVERITY_NUMBER_WARN']").unwrap();
    /// // Two resources with a record each; of the second one all is left as it is.
    /// let resource = |severity| {
    ///     let mut record = vec![0x10, severity, 0x1a, 127];
    ///     record.resize(131, b'x');
    ///     [&[0x0a, 137, 1, 0x12, 134, 1, 0x12, 131, 1][..], &record].concat()
    /// };
    /// let message = [resource(9).repeat(30), resource(17).repeat(30)].concat();
    /// let segments = rules.transform_segments(Signal::Logs, &message, &mut Scratch::new(), &mut Report::new()).unwrap();
    /// assert_eq!(segments.status(), Status::Changed);
    /// assert_eq!(segments.pieces().collect::<Vec<_>>(), [&message[message.len() / 2..]]);
    /// ```
    ///
    /// # Errors
    /// Those of [`RuleSet::transform`].
    pub fn transform_segments<'m, 'c>(
        &self,
        call: impl Into<Call<'c>>,
        message: &'m [u8],
        scratch: &mut Scratch,
        report: &mut Report,
    ) -> Result<Segments<'m>, Error> {
        let (mut written, mut untouched) = (Vec::new(), Untouched::new(LEAST_LEFT));
        let status = self.transform_segments_into(call, message, scratch, (&mut written, &mut untouched), report)?;
        Ok(Segments { message, status, written, untouched })
    }

    /// The same in the caller's memory. What was written is appended to `out`, and `untouched` says which runs of the message
    /// stand between: [`Untouched::pieces`] puts them together, out of the message and what was appended. Both have nothing of
    /// a message that is not changed.
    ///
    /// ```
    /// use ottl::otlp::edit::Untouched;
    /// use ottl::{Report, RuleSet, Scratch, Signal, Status};
    ///
    /// let rules = RuleSet::compile("log_conditions: ['log.severity_number < SEVERITY_NUMBER_WARN']").unwrap();
    /// // Two records; the first one is dropped, and the other one is left.
    /// let message = [0x0a, 10, 0x12, 8, 0x12, 2, 0x10, 9, 0x12, 2, 0x10, 17];
    /// let (mut scratch, mut report) = (Scratch::new(), Report::new());
    /// let (mut out, mut untouched) = (Vec::new(), Untouched::new(1));
    /// let target = (&mut out, &mut untouched);
    /// let status = rules.transform_segments_into(Signal::Logs, &message, &mut scratch, target, &mut report).unwrap();
    /// assert_eq!(status, Status::Changed);
    /// assert_eq!(untouched.pieces(&message, &out).collect::<Vec<_>>(), [&[0x0a, 6, 0x12, 4][..], &message[8..]]);
    /// ```
    ///
    /// Where `out` was not empty before, that is `&out[before..]`, with what its length was.
    ///
    /// # Errors
    /// Those of [`RuleSet::transform`]; `out` is then as it was.
    pub fn transform_segments_into<'c>(
        &self,
        call: impl Into<Call<'c>>,
        message: &[u8],
        scratch: &mut Scratch,
        (out, untouched): (&mut Vec<u8>, &mut Untouched),
        report: &mut Report,
    ) -> Result<Status, Error> {
        let least = untouched.least;
        untouched.clear();
        let result = self.run(call.into(), message, scratch, (out, Some(&mut *untouched)), report);
        if !matches!(result, Ok(Status::Changed)) {
            *untouched = Untouched::new(least);
        }
        result
    }

    fn run(
        &self,
        call: Call<'_>,
        message: &[u8],
        scratch: &mut Scratch,
        (out, untouched): (&mut Vec<u8>, Option<&mut Untouched>),
        report: &mut Report,
    ) -> Result<Status, Error> {
        report.bind(&self.rules);
        let result = match number(call.signal) {
            Some(signal) => {
                let base = out.len();
                let mut failure = None;
                // What a run that panics leaves half done is not seen again: the memory is replaced, and of the buffer only
                // what stood there before is kept. Counters may miss what the message did.
                //
                // PERF (messages of one record): what comes out of here comes through memory, and is read as a whole before all of
                // it has left the store buffer if it is more than a byte.
                let run = AssertUnwindSafe(|| {
                    let status = self.chain(signal, call, message, (scratch, out, untouched), report, |_, _, _| {});
                    status.map_err(|error| failure = Some(error)).ok()
                });
                match (catch_unwind(run), failure) {
                    (Ok(Some(status)), _) => Ok(status),
                    (Ok(None), Some(error)) => Err(error),
                    (Ok(None), None) => Ok(Status::Unchanged),
                    (Err(panic), _) => Err(self.panicked(&*panic, scratch, (out, base))),
                }
            }
            None => Ok(Status::Unchanged),
        };
        report.count(matches!(result, Ok(Status::Dropped)), result.is_err());
        result
    }

    /// After a panic.
    #[cold]
    #[inline(never)]
    fn panicked(&self, panic: &(dyn Any + Send), scratch: &mut Scratch, (out, base): (&mut Vec<u8>, usize)) -> Error {
        *scratch = Scratch::new();
        out.truncate(base);
        Error::panicked(panic, &self.rules)
    }

    /// Runs all processors. `after` is told of each what became of the message, and the new one where it changed.
    #[inline]
    pub(crate) fn chain(
        &self,
        signal: usize,
        call: Call<'_>,
        message: &[u8],
        (scratch, out, untouched): (&mut Scratch, &mut Vec<u8>, Option<&mut Untouched>),
        report: &mut Report,
        mut after: impl FnMut(usize, Status, &[u8]),
    ) -> Result<Status, Error> {
        let rules = &*self.rules;
        let env = rules.env(call, report.number(), report.line());
        // PERF (messages of one record): most rule sets have one processor for a signal, which has nothing to hand on.
        let [stage] = &rules.chains[signal][..] else {
            return self.run_in_turn(signal, &env, message, (scratch, out, untouched), report, after);
        };
        let base = out.len();
        let status = stage.run(message, &env, &mut scratch.engine, report.stage(signal, 0), (out, untouched));
        let status = status.map_err(|error| Error::run(error, &self.rules, (signal, 0)))?;
        after(0, status, &out[base..]);
        Ok(status)
    }

    /// The same of several processors, or none.
    #[inline(never)]
    fn run_in_turn(
        &self,
        signal: usize,
        env: &Env<'_>,
        message: &[u8],
        (scratch, out, mut untouched): (&mut Scratch, &mut Vec<u8>, Option<&mut Untouched>),
        report: &mut Report,
        mut after: impl FnMut(usize, Status, &[u8]),
    ) -> Result<Status, Error> {
        let rules = &*self.rules;
        let Scratch { engine, between, .. } = scratch;
        for buffer in between.iter_mut() {
            if buffer.capacity() > KEPT_BUFFER {
                *buffer = Vec::new();
            }
        }
        let [now, next] = between;
        let last = rules.chains[signal].len().saturating_sub(1);
        let mut changed = false;
        for (number, stage) in rules.chains[signal].iter().enumerate() {
            let input = if changed { &now[..] } else { message };
            next.clear();
            // The last stage writes where the caller wants it.
            let target = if number == last { &mut *out } else { &mut *next };
            let base = target.len();
            let report = report.stage(signal, number);
            // Runs that are left are those of the message.
            let untouched = untouched.as_deref_mut().filter(|_| number == last && !changed);
            let status = stage.run(input, env, engine, report, (target, untouched));
            let status = status.map_err(|error| Error::run(error, &self.rules, (signal, number)))?;
            after(number, status, &target[base..]);
            match status {
                Status::Dropped => return Ok(Status::Dropped),
                Status::Changed if number == last => return Ok(Status::Changed),
                Status::Changed => {
                    changed = true;
                    std::mem::swap(now, next);
                }
                Status::Unchanged => {}
            }
        }
        if changed {
            out.extend_from_slice(now);
            return Ok(Status::Changed);
        }
        Ok(Status::Unchanged)
    }

    /// Runs the rules over several messages in order, reusing memory between them.
    ///
    /// [`crate::in_order`] does the same on several threads.
    pub fn transform_all<'c, M: AsRef<[u8]>>(
        &self,
        call: impl Into<Call<'c>>,
        messages: impl IntoIterator<Item = M>,
        report: &mut Report,
    ) -> Vec<Result<Output, Error>> {
        let call = call.into();
        let mut scratch = Scratch::new();
        let one = |message: M| {
            let mut out = Vec::new();
            let status = self.transform_into(call, message.as_ref(), &mut scratch, &mut out, report)?;
            Ok(status.output(out))
        };
        messages.into_iter().map(one).collect()
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = Signal::ALL.into_iter().flat_map(|signal| self.statements(signal));
        f.debug_struct("RuleSet").field("file", &self.rules.file).field("statements", &all.collect::<Vec<_>>()).finish()
    }
}
