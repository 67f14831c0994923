//! `ottl convert`: OTLP between its formats, and profiles between OTLP and pprof.
//!
//! Between formats of OTLP it is a run without rules (`run`), and so it is from pprof, which is read as a message of OTLP
//! (`input`). Here stands what comes of messages as pprof, and what the outputs are called.

mod arguments;

pub use arguments::{ConvertArguments, ConvertFormat, EXAMPLES};

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use ottl::otlp::framing::{Compression, Format, Message, signal_of_json};
use ottl::otlp::pprof::{self, LeftOut, PprofErrorKind};
use ottl::otlp::schema::{Recognised, recognise};
use ottl::otlp::{Signal, json};

use crate::args::{CompressionArgument, Pprof, RunArguments, WorkArguments};
use crate::content::oddity;
use crate::failure::{Failure, Status, is_standard, name_of};
use crate::input::{Input, is_pprof_file, paths_or_standard};
use crate::run::output::write_whole;
use crate::{apart, interrupt, limits, run, terminal};

/// Endings of names that say pprof. The last is what Go's tools write.
const PPROF: [&str; 3] = [".pprof", ".pprof.gz", ".pb.gz"];

/// Runs the verb.
pub fn convert(arguments: &ConvertArguments) -> Result<Status, Failure> {
    let inputs = paths_or_standard(&arguments.inputs);
    let is_named = arguments.output.as_deref().is_some_and(is_pprof_name);
    if arguments.to.map_or(is_named, |to| to == ConvertFormat::Pprof) {
        return to_pprof(arguments, &inputs);
    }
    let Some(directory) = &arguments.output_dir else {
        refuse_joined(arguments, &inputs)?;
        return run::pass(&as_run(arguments, inputs, arguments.output.clone()));
    };
    make(directory)?;
    let mut status = Status::Done;
    for input in inputs {
        let output = directory.join(format!("{}{}", stem(&input)?, ending(arguments)));
        let done = run::pass(&as_run(arguments, vec![input], Some(output)))?;
        if done != Status::Done {
            status = done;
        }
    }
    Ok(status)
}

/// The arguments of a run that writes this.
fn as_run(arguments: &ConvertArguments, inputs: Vec<PathBuf>, output: Option<PathBuf>) -> RunArguments {
    let mut run = RunArguments {
        work: WorkArguments {
            signal: arguments.signal,
            inputs,
            from: arguments.from.and_then(ConvertFormat::of_otlp),
            pprof: match arguments.from {
                None => Pprof::Told,
                Some(ConvertFormat::Pprof) => Pprof::Always,
                Some(_) => Pprof::No,
            },
            ..WorkArguments::default()
        },
        output,
        to: arguments.to.and_then(ConvertFormat::of_otlp),
        compress: arguments.compress,
        pretty: arguments.pretty,
        quiet: arguments.quiet,
        ..RunArguments::default()
    };
    run.work.rules.max = arguments.max.clone();
    run
}

/// Refuses several pprof files as one protobuf message: each has tables of its own, and messages that follow each other share
/// them.
fn refuse_joined(arguments: &ConvertArguments, inputs: &[PathBuf]) -> Result<(), Failure> {
    let is_json = |path: &Path| ends_with(path, &[".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"]);
    let is_one = match arguments.to {
        None => !arguments.output.as_deref().is_some_and(is_json),
        Some(to) => to == ConvertFormat::Protobuf,
    };
    let is_pprof = |path: &PathBuf| {
        let is_asked = arguments.from == Some(ConvertFormat::Pprof);
        is_asked || arguments.from.is_none() && !is_standard(path) && is_pprof_file(path)
    };
    if inputs.len() > 1 && is_one && inputs.iter().any(is_pprof) {
        let text = "several pprof files cannot be one protobuf message: add --to framed or --to json, or --output-dir";
        return Err(Failure::Refused(text.to_owned()));
    }
    Ok(())
}

/// Writes pprof files.
fn to_pprof(arguments: &ConvertArguments, inputs: &[PathBuf]) -> Result<Status, Failure> {
    let compress = compression(arguments)?;
    let mut left_out = LeftOut::default();
    let mut made: Vec<(String, Vec<u8>)> = Vec::new();
    for input in inputs {
        let name = if arguments.output_dir.is_some() { stem(input)? } else { String::new() };
        let files = read(arguments, input, &mut left_out)?;
        let is_one = files.len() == 1;
        for (file, number) in files.into_iter().zip(1_u64..) {
            made.push((if is_one { name.clone() } else { format!("{name}-{number}") }, file));
        }
    }
    if arguments.output_dir.is_none() && made.len() != 1 {
        let text = match made.len() {
            0 => "there is no profile in it".to_owned(),
            count => format!(
                "{count} pprof files come of it, since profiles are one file only where they follow each other, differ in their \
                 sample types alone, and have the same samples: add --to pprof --output-dir DIR"
            ),
        };
        return Err(Failure::Refused(text));
    }
    match &arguments.output_dir {
        Some(directory) => {
            make(directory)?;
            interrupt::watch();
            for (name, file) in made {
                let path = directory.join(format!("{name}{}", ending(arguments)));
                let in_place = in_place(arguments, inputs, &path)?;
                write_whole(Some(&path), in_place, compress, file)?;
            }
        }
        None => {
            let output = arguments.output.as_deref().filter(|path| !is_standard(path));
            if output.is_none() && std::io::stdout().is_terminal() {
                let text = "pprof is not for a terminal: write it with --output";
                return Err(Failure::Refused(text.to_owned()));
            }
            let in_place = match output {
                Some(path) => in_place(arguments, inputs, path)?,
                None => false,
            };
            if output.is_some() {
                interrupt::watch();
            }
            for (_, file) in made {
                write_whole(output, in_place, compress, file)?;
            }
        }
    }
    if !arguments.quiet && !left_out.is_empty() {
        let what: Vec<String> = left_out.iter().map(|(what, count)| format!("{what} ({count})")).collect();
        terminal::plain(format!("note: left out, because pprof has no field for it: {}\n", what.join(", ")));
    }
    Ok(Status::Done)
}

/// Whether an output is one of the inputs.
fn in_place(arguments: &ConvertArguments, inputs: &[PathBuf], output: &Path) -> Result<bool, Failure> {
    let run = as_run(arguments, inputs.to_vec(), Some(output.to_path_buf()));
    Ok(apart::tasks(&run, inputs.to_vec())?.iter().any(|task| task.in_place))
}

/// How pprof is compressed: with gzip, unless something else was said.
fn compression(arguments: &ConvertArguments) -> Result<CompressionArgument, Failure> {
    let asked = arguments.compress.unwrap_or(CompressionArgument { compression: Compression::Gzip, level: None });
    if asked.compression == Compression::Zstd {
        return Err(Failure::Refused(
            "pprof is compressed with gzip or not at all: --compress gzip or none".to_owned(),
        ));
    }
    Ok(asked)
}

/// The pprof files of an input.
fn read(arguments: &ConvertArguments, path: &Path, left_out: &mut LeftOut) -> Result<Vec<Vec<u8>>, Failure> {
    let run = as_run(arguments, vec![path.to_path_buf()], None);
    let frames = run.work.frames();
    let mut input = Input::open(path, frames, run.work.pprof)?;
    let name = input.name().clone();
    let mut files = Vec::new();
    let mut room = frames.message_bytes;
    loop {
        let is_end = input.read()?.is_none();
        loop {
            let number = input.messages() + 1;
            let message = match input.next() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(error) => return Err(input.explained(error, false)),
            };
            let failed = |text: String| Failure::Failed(format!("{name}: message {number}: {text}"));
            let oddity = oddity(message.format, message.bytes);
            let message = protobuf(&message, arguments).map_err(failed)?;
            let converted = pprof::from_profiles(&message, room).map_err(|error| {
                if let Some(why) = oddity {
                    return failed(why.to_owned());
                }
                let is_limit = matches!(error.kind, PprofErrorKind::TooLarge { .. });
                let advice = is_limit.then(|| limits::advice("message_bytes")).flatten().unwrap_or_default();
                failed(format!("{error}{advice}"))
            })?;
            room = room.saturating_sub(converted.files.iter().map(Vec::len).sum());
            files.extend(converted.files);
            left_out.merge(&converted.left_out);
        }
        if is_end {
            return Ok(files);
        }
    }
}

/// A message of profiles as protobuf.
fn protobuf(message: &Message<'_>, arguments: &ConvertArguments) -> Result<Vec<u8>, String> {
    let bytes = message.bytes;
    let is_json = message.format == Format::Json;
    let told = match (arguments.signal, is_json) {
        (Some(name), _) => Some(name.signal()),
        (None, true) => signal_of_json(bytes),
        (None, false) => match recognise(bytes, &Signal::ALL) {
            Recognised::As(signal) => Some(signal),
            Recognised::Several | Recognised::Nothing => None,
        },
    };
    if let Some(signal) = told.filter(|signal| *signal != Signal::Profiles) {
        return Err(format!(
            "this is {}, and only profiles become pprof: compressed OTLP is --to protobuf --compress gzip",
            signal.name()
        ));
    }
    if !is_json {
        return Ok(bytes.to_vec());
    }
    let mut out = Vec::new();
    json::to_protobuf(Signal::Profiles, bytes, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

/// Whether a file of this name is one of pprof.
fn is_pprof_name(path: &Path) -> bool {
    ends_with(path, &PPROF)
}

fn ends_with(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The name of an input without what says its format.
fn stem(path: &Path) -> Result<String, Failure> {
    let name = path.file_name().filter(|_| !is_standard(path));
    let Some(name) = name else {
        return Err(Failure::Refused(format!("{}: --output-dir needs inputs with names", name_of(path))));
    };
    let mut name = name.to_string_lossy().into_owned();
    const ENDINGS: [&str; 12] = [
        ".gz",
        ".gzip",
        ".zst",
        ".zstd",
        ".json",
        ".jsonl",
        ".ndjson",
        ".pb",
        ".binpb",
        ".protobuf",
        ".pprof",
        ".framed",
    ];
    // The compression stands behind the format.
    for _ in 0..2 {
        let found = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).filter(|rest| !rest.is_empty());
        let Some(rest) = found.map(str::to_owned) else { break };
        name = rest;
    }
    Ok(name)
}

/// The ending of a file of the format that is written to a directory.
fn ending(arguments: &ConvertArguments) -> String {
    let asked = arguments.compress.map(|asked| asked.compression);
    let format = match arguments.to {
        Some(ConvertFormat::Pprof) if asked == Some(Compression::None) => return ".pprof".to_owned(),
        Some(ConvertFormat::Pprof) => return ".pb.gz".to_owned(),
        Some(ConvertFormat::Json) => ".jsonl",
        Some(ConvertFormat::Framed | ConvertFormat::Delimited | ConvertFormat::ZstdFrames) => ".framed",
        Some(ConvertFormat::Protobuf) | None => ".pb",
    };
    let compression = match asked {
        Some(Compression::Gzip) => ".gz",
        Some(Compression::Zstd) => ".zst",
        Some(Compression::None) | None => "",
    };
    format!("{format}{compression}")
}

fn make(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|error| Failure::write_file(directory.display(), error))
}
