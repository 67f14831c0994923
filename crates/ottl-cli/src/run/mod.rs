//! `ottl run`: rules over files and streams.
//!
//! - `message`: one message from input to output form.
//! - `left`: the same without a copy of what does not change.
//! - `large`: the same for one that must not be in memory in all its forms.
//! - `pipeline`: messages in order through threads, and how many bytes of them at once (`budget`).
//! - `helpers`: threads that share a large message.
//! - `signal`: what protobuf is, which does not say so.
//! - `layout`, `compress`: the form of the output; `gzip`, which all threads make.
//! - `writer`: results in order, and the failures among them (`tally`).
//! - `pieces`: what is written, of what came in and of what was made; `output`: where it goes.
//! - `story`: what people are told at the end.
//!
//! INVARIANT: memory is bounded by twice the largest message (or what the rules make of it) and 64 MiB, whatever the
//! size of the inputs, the number of messages and that of threads.

mod budget;
mod compress;
mod gzip;
mod helpers;
mod large;
mod layout;
mod left;
mod members;
pub mod message;
pub mod output;
mod pieces;
mod pipeline;
pub mod signal;
mod story;
pub mod tally;
mod writer;

use std::fs::File;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use ottl::otlp::Signal;
use ottl::otlp::framing::{Compression, Foreign, Format, Message, foreign};
use ottl::{FailureKind, Report};

use crate::apart::Task;
use crate::args::{ReportForm, RunArguments};
use crate::failure::{Failure, Status, name_of};
use crate::input::{Input, paths_or_standard, total_len};
use crate::rules::{self, Counts, Program, Watch};
use crate::terminal::{Progress, Voice};
use crate::{apart, failure, interrupt, limits, replace, source, trace};
use helpers::Helpers;
use large::Large;
use message::{Incoming, Seen, Settings};
use output::Output;
use pipeline::{Batch, Pool, Sink, is_large, pipeline};
use signal::SignalOfInput;
use story::Story;
use tally::{Failed, Tally};
use writer::Writer;

/// Threads that are started without being asked for; each has memory of its own, and more wait for the disk.
const MOST_THREADS: usize = 4;

/// Runs the verb.
pub fn run(arguments: &RunArguments) -> Result<Status, Failure> {
    if arguments.trace {
        return trace::trace(arguments);
    }
    rules::come_apart(&arguments.work)?;
    run_with(arguments, |signal, voice| Program::load(&arguments.work, signal, voice))
}

/// Moves all messages from inputs to outputs, and no rules are run over them.
pub fn pass(arguments: &RunArguments) -> Result<Status, Failure> {
    run_with(arguments, |_, _| Program::nothing())
}

/// Runs a program that is loaded once the arguments have proved sound.
fn run_with(
    arguments: &RunArguments,
    load: impl FnOnce(Option<Signal>, &mut Voice) -> Result<Program, Failure>,
) -> Result<Status, Failure> {
    let mut voice = Voice::new(arguments.format, arguments.quiet);
    let signal = arguments.work.signal.map(|name| name.signal());
    let inputs = paths_or_standard(&arguments.work.inputs);
    let tasks = apart::tasks(arguments, inputs)?;
    if arguments.limit.is_some() && !arguments.dry_run && tasks.iter().any(|task| task.in_place) {
        let text = "--limit would lose the rest of the input that the output replaces: name another output";
        return Err(Failure::Refused(text.to_owned()));
    }
    let story = Story::new(arguments);
    let watch = Watch { records: story.is_told(), diff: arguments.diff };
    let program = load(signal, &mut voice)?.watching(watch);
    match &program.left_out()[..] {
        [] => {}
        names => voice.warn(format!("skipped: {}; ottl runs only transform and filter processors", names.join(", "))),
    }
    let served = program.signals();
    if let Some(asked) = signal
        && !served.contains(&asked)
        && !program.is_nothing()
    {
        voice.warn(format!("there are no rules for {}: all data passes through unchanged", asked.name()));
    }
    let mut total = Total { left: arguments.limit.unwrap_or(u64::MAX), ..Total::default() };
    let mut result = Ok(());
    for (task, first) in tasks.iter().zip(0..) {
        if first > 0 && total.left == 0 {
            break;
        }
        let threads = arguments.threads.map_or_else(default_threads, usize::from);
        let settings = Settings {
            program: &program,
            only: signal,
            pretty: arguments.pretty,
            validate: arguments.validate.then(|| arguments.work.rules.target.unwrap_or_default().value_depth()),
            keep_going: arguments.keep_going,
            layout: OnceLock::new(),
            threads,
            helpers: Helpers::new(threads),
            pool: Pool::default(),
            guessed: arguments.work.from.is_none(),
            seen: Seen::default(),
        };
        result = transfer(arguments, &settings, task, first, &mut total);
        settings.seen.members.tell(&mut voice);
        match &result {
            Ok(()) => doubt(&settings, &served, &mut voice),
            Err(_) => break,
        }
    }
    let Total { mut report, counts, bytes, failed, .. } = total;
    let inputs = tasks.iter().flat_map(|task| &task.inputs);
    report.name_inputs(inputs.zip(numbers()).map(|(path, before)| (before + 1, name_of(path).into())));
    complain(&report, &mut voice);
    if result.is_ok() {
        story.tell(&report, counts, bytes, &mut voice);
    }
    if let Some(path) = &arguments.report {
        write_report(path, &report)?;
    }
    match result.map(|()| failed) {
        Ok(0) => Ok(Status::Done),
        Ok(_) => Ok(Status::Failed),
        Err(failure @ (Failure::Failed(_) | Failure::Refused(_))) if arguments.format == ReportForm::Json => {
            let status = failure.status();
            if let Failure::Failed(text) | Failure::Refused(text) = failure {
                voice.error(&text);
            }
            Err(Failure::Reported(status))
        }
        Err(failure) => Err(failure),
    }
}

/// What came of moving messages.
#[derive(Default)]
struct Total {
    report: Report,
    counts: Counts,
    /// Bytes that were read.
    bytes: u64,
    /// How many failures were passed over.
    failed: u64,
    /// How many messages may still come.
    left: u64,
}

/// Moves all messages from the inputs of a task to its output; `first` is the number of the first input in the run.
fn transfer(
    arguments: &RunArguments,
    settings: &Settings<'_>,
    task: &Task,
    first: usize,
    total: &mut Total,
) -> Result<(), Failure> {
    let Task { inputs, output, in_place, .. } = task;
    if output.is_some() {
        interrupt::watch();
    }
    let output = match arguments.dry_run {
        true => Output::nowhere(),
        false => Output::create(output.as_deref(), *in_place)?,
    };
    let left = &mut total.left;
    let bytes = &mut total.bytes;
    let mut writer = Writer::new(output, settings, arguments.format, arguments.work.frames().message_bytes);
    let mut unreadable = Tally::new(arguments.format);
    let read = |sink: &mut dyn Sink| {
        let mut progress = Progress::new(total_len(inputs), arguments.quiet);
        for (path, before) in inputs.iter().zip(numbers().skip(first)) {
            let read = Reading { arguments, task, settings, left, progress: &mut progress };
            match read_input(path, before, read, sink) {
                Err(Failure::Failed(text)) if settings.keep_going => {
                    unreadable.add(Failed::whole(text));
                }
                other => other?,
            }
            if *left == 0 {
                break;
            }
        }
        *bytes += progress.done();
        Ok(())
    };
    let (result, workers) = pipeline(settings, settings.threads, read, &mut |done| writer.take(done));
    let (report, counts) = rules::summary(workers);
    total.report.merge(&report);
    total.counts.records += counts.records;
    total.counts.changed += counts.changed;
    unreadable.finish();
    writer.conclude();
    total.failed += unreadable.total() + writer.failed();
    result.and_then(|()| writer.finish())
}

/// What comes before the numbers that the messages of each input have in the run: more than any input has messages.
fn numbers() -> impl Iterator<Item = u64> {
    (0..).step_by(1 << 40)
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_THREADS)
}

/// How inputs are read.
struct Reading<'r, 'p> {
    arguments: &'r RunArguments,
    task: &'r Task,
    settings: &'r Settings<'p>,
    /// How many messages may still come.
    left: &'r mut u64,
    progress: &'r mut Progress,
}

/// Gives all messages of an input to the sink.
fn read_input(path: &Path, before: u64, reading: Reading<'_, '_>, sink: &mut dyn Sink) -> Result<(), Failure> {
    let Reading { arguments, task, settings, left, progress } = reading;
    let mut input = Input::open(path, arguments.work.frames(), arguments.work.pprof)?;
    let file = input.name().clone();
    let mut told = SignalOfInput::new(settings.program.signals(), settings.only);
    let mut batch = Batch::new(&file, before);
    loop {
        let read = match input.read() {
            Ok(read) => read,
            Err(failure) => {
                flush(&mut batch, &file, sink)?;
                return Err(failure);
            }
        };
        progress.advance(read.unwrap_or(0));
        let compression = input.compression().unwrap_or(Compression::None);
        let damage = loop {
            if *left == 0 {
                break None;
            }
            let number = input.messages() + 1;
            let message = match input.next() {
                Ok(Some(message)) => message,
                Ok(None) => break None,
                Err(error) => break Some(input.explained(error, settings.keep_going)),
            };
            if settings.layout.get().is_none() {
                match layout::decide(arguments, message.format, compression, task) {
                    Ok(layout) => settings.layout.get_or_init(|| layout),
                    Err(failure) => break Some(failure),
                };
            }
            let Message { bytes, offset, position, format } = message;
            if number == 1
                && arguments.work.from.is_none()
                && format != Format::Json
                && let Some(foreign) = foreign(bytes)
            {
                break Some(Failure::Failed(is_foreign(&file, foreign)));
            }
            let signal = match told.settle(&file, format, bytes) {
                Ok(signal) => signal,
                Err(failure) => break Some(failure),
            };
            *left -= 1;
            if is_large(bytes) {
                flush(&mut batch, &file, sink)?;
                sink.large(&file, Large { bytes: input.take(), number, before, offset, position, format, signal })?;
                continue;
            }
            batch.push(Incoming { bytes, number, offset, position, format, signal }, settings);
            if batch.is_full(settings) {
                flush(&mut batch, &file, sink)?;
            }
        };
        let ends = damage.is_some() || read.is_none() || *left == 0;
        // What has come of a stream is done now: it may pause here for long.
        if ends || input.is_stream() {
            flush(&mut batch, &file, sink)?;
        }
        if let Some(failure) = damage {
            return Err(failure);
        }
        if ends {
            return Ok(());
        }
    }
}

/// What is said of an input in a format that is not read.
pub fn is_foreign(file: &str, Foreign { name, command }: Foreign) -> String {
    match command {
        Some(command) => format!("{file}: this is {name}: unpack it first: `{command} FILE | ottl run ...`"),
        None => format!("{file}: this is {name}, which holds no OTLP"),
    }
}

fn flush(batch: &mut Batch, file: &Arc<str>, sink: &mut dyn Sink) -> Result<(), Failure> {
    if batch.is_empty() {
        return Ok(());
    }
    sink.batch(std::mem::replace(batch, Batch::new(file, batch.before())))
}

/// Says which statements failed: each kind of error once, however often it came. What a message was given up for is
/// said with the message.
fn complain(report: &Report, voice: &mut Voice) {
    for statement in report.statements() {
        for FailureKind { count, first, .. } in statement.failures().filter(|kind| kind.fatal < kind.count) {
            let (times, at) =
                if count == 1 { ("once".to_owned(), "at") } else { (format!("{count} times"), "first at") };
            let ottl::Failure { statement, message, place, .. } = first;
            let advice = limits::advice_on(&first.text()).unwrap_or_default();
            let statement = source::named(&statement);
            voice.warn(format!("{statement}: failed {times}: {first}; {at} {message}, {place}{advice}"));
        }
    }
}

/// Says why nothing may have happened.
fn doubt(settings: &Settings<'_>, served: &[Signal], voice: &mut Voice) {
    let Seen { served: applied, passed, strangers, left_out, anew, .. } = &settings.seen;
    let anew = anew.load(Ordering::Relaxed);
    if anew > 0 {
        let what = if anew == 1 { "message was" } else { "messages were" };
        voice.warn(format!("{anew} {what} rewritten completely, without members that OTLP does not have"));
    }
    let left_out = left_out.load(Ordering::Relaxed);
    if left_out > 0 {
        let what = if left_out == 1 { "message of another signal is" } else { "messages of other signals are" };
        voice.warn(format!("{left_out} {what} left out, because protobuf holds one signal: --to json keeps them"));
    }
    let strangers = strangers.load(Ordering::Relaxed);
    if strangers > 0 {
        let what = if strangers == 1 { "message is" } else { "messages are" };
        voice.warn(format!("{strangers} {what} not OTLP (no `resourceLogs` or similar): passed through unchanged"));
    }
    let is_served = settings.only.is_none_or(|only| served.contains(&only));
    let is_wanted = settings.program.is_nothing();
    if is_served && !is_wanted && passed.load(Ordering::Relaxed) && !applied.load(Ordering::Relaxed) {
        let names: Vec<&str> = served.iter().map(|signal| signal.name()).collect();
        let names = if names.is_empty() { "no signal".to_owned() } else { names.join(" and ") };
        voice.warn(format!("the rules are for {names}, but the input has none: everything passed through unchanged"));
    }
    let format = settings.layout.get().map(|layout| layout.format);
    if settings.pretty && matches!(format, Some(Format::Protobuf | Format::LengthPrefixed | Format::Delimited)) {
        voice.warn("--pretty is for JSON, and the output is protobuf: add --to json");
    }
}

fn write_report(path: &Path, report: &Report) -> Result<(), Failure> {
    let failed = |error| Failure::write(path.display(), error);
    let mut text = serde_json::to_vec_pretty(report).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    if failure::is_standard(path) {
        return std::io::stdout().write_all(&text).map_err(failed);
    }
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return File::create(path).and_then(|mut device| device.write_all(&text)).map_err(failed);
    }
    replace::replace(path, &text, None)
}
