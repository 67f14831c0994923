//! `ottl bench`: how fast rules run on data.
//!
//! The data is read into memory as protobuf. Then every thread transforms message after message, each time from the
//! input's bytes to the output's bytes, and counts whole passes over all of them.
//! INVARIANT: nothing is remembered from one pass to the next but the memory.

use std::time::{Duration, Instant};

use ottl::otlp::Signal;
use ottl::otlp::framing::signal_of_json;
use ottl::otlp::json;
use ottl::otlp::schema::{Recognised, recognise};
use serde_json::json;

use crate::args::{BenchArguments, ReportForm};
use crate::content::is_json;
use crate::failure::{self, Failure, Status};
use crate::input::{Input, paths_or_standard};
use crate::records;
use crate::rules::{self, Outcome, Program, Worker};
use crate::run::signal::stranger;
use crate::terminal::Voice;

/// The data and what one pass over it does.
struct Load {
    signal: Signal,
    messages: Vec<Vec<u8>>,
    records: u64,
    in_bytes: u64,
    out_bytes: u64,
}

/// What one thread did.
struct Lap {
    iterations: u64,
    elapsed: Duration,
}

/// Runs the verb.
pub fn bench(arguments: &BenchArguments) -> Result<Status, Failure> {
    let mut voice = Voice::new(ReportForm::Text, false);
    let asked = arguments.work.signal.map(|name| name.signal());
    rules::come_apart(&arguments.work)?;
    let program = Program::load(&arguments.work, asked, &mut voice)?;
    let signal = match (asked, &program.signals()[..]) {
        (Some(signal), _) | (None, &[signal]) => signal,
        _ => return Err(Failure::Refused("the rules do not serve one signal only: add --signal".to_owned())),
    };
    if !program.serves(signal) {
        voice.warn(format!(
            "there are no rules for {}: this measures data that passes through unchanged",
            signal.name()
        ));
    }
    let messages = read(arguments, signal, asked.is_some())?;
    if messages.is_empty() {
        return Err(Failure::Failed(format!("the input holds no message of {}", signal.name())));
    }
    let mut load = Load { signal, records: 0, in_bytes: 0, out_bytes: 0, messages };
    for message in &load.messages {
        load.records += records::count(signal, message)
            .map_err(|error| Failure::Failed(format!("a message is damaged: {error}")))?;
        load.in_bytes += message.len() as u64;
    }
    // A pass without the clock: automata are built, memory is there, and the size of the output is known.
    load.out_bytes = pass(&program, &load, &mut Worker::default(), &mut Vec::new())?;
    let laps = measure(&program, &load, arguments)?;
    print(&load, &laps, arguments)?;
    Ok(Status::Done)
}

/// All messages of the signal, as protobuf; `insists` takes protobuf for that of the signal unseen.
fn read(arguments: &BenchArguments, signal: Signal, insists: bool) -> Result<Vec<Vec<u8>>, Failure> {
    let mut messages = Vec::new();
    for path in paths_or_standard(&arguments.work.inputs) {
        let mut input = Input::open(&path, arguments.work.frames(), arguments.work.pprof)?;
        let name = input.name().clone();
        loop {
            let ended = input.read()?.is_none();
            while let Some(message) = input.next().map_err(|error| Failure::Failed(format!("{name}: {error}")))? {
                if !is_json(message.format, message.bytes) {
                    if let Recognised::As(other) = recognise(message.bytes, &[signal])
                        && other != signal
                        && !insists
                    {
                        return Err(Failure::Refused(format!("{name}: {}", stranger(other, &[signal]))));
                    }
                    messages.push(message.bytes.to_vec());
                } else {
                    let mut protobuf = Vec::new();
                    json::to_protobuf(signal, message.bytes, &mut protobuf).map_err(|error| {
                        let fault = error.explain(signal, message.bytes);
                        let line = message.position.map_or(1, |(line, _)| line) + fault.line as u64 - 1;
                        Failure::Failed(format!("{name}: line {line}: {fault}"))
                    })?;
                    // A document may hold several signals; one that holds others only is no message of this one.
                    if !protobuf.is_empty() || signal_of_json(message.bytes).is_none_or(|told| told == signal) {
                        messages.push(protobuf);
                    }
                }
            }
            if ended {
                break;
            }
        }
    }
    Ok(messages)
}

/// Transforms every message once; returns the bytes that go on.
fn pass(program: &Program, load: &Load, worker: &mut Worker, out: &mut Vec<u8>) -> Result<u64, Failure> {
    let mut bytes = 0;
    for message in &load.messages {
        out.clear();
        bytes += match program.transform(load.signal, message, worker, None, (out, None)).map_err(Failure::Failed)? {
            Outcome::Unchanged => message.len() as u64,
            Outcome::Changed => std::hint::black_box(&out).len() as u64,
            Outcome::Dropped => 0,
        };
    }
    Ok(bytes)
}

fn measure(program: &Program, load: &Load, arguments: &BenchArguments) -> Result<Vec<Lap>, Failure> {
    let time = Duration::from_secs_f64(arguments.seconds);
    let lap = || -> Result<Lap, Failure> {
        let (mut worker, mut out) = (Worker::default(), Vec::new());
        let started = Instant::now();
        let mut iterations = 0;
        loop {
            pass(program, load, &mut worker, &mut out)?;
            iterations += 1;
            let elapsed = started.elapsed();
            if elapsed >= time {
                return Ok(Lap { iterations, elapsed });
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.threads).map(|_| scope.spawn(lap)).collect();
        let died = |_| Failure::Failed("a thread ended unexpectedly; this is a fault in ottl".to_owned());
        threads.into_iter().map(|thread| thread.join().map_err(died)?).collect()
    })
}

fn print(load: &Load, laps: &[Lap], arguments: &BenchArguments) -> Result<(), Failure> {
    let iterations: u64 = laps.iter().map(|lap| lap.iterations).sum();
    // Threads end at different times, so each has its own rate.
    let passes_per_second: f64 = laps.iter().map(|lap| lap.iterations as f64 / lap.elapsed.as_secs_f64()).sum();
    let seconds = laps.iter().map(|lap| lap.elapsed.as_secs_f64()).fold(0.0, f64::max);
    let bytes_per_second = load.in_bytes as f64 * passes_per_second;
    let records_per_second = load.records as f64 * passes_per_second;
    let text = match arguments.format {
        ReportForm::Json => {
            let object = json!({
                "bytes_per_second": bytes_per_second,
                "records_per_second": records_per_second,
                "in_bytes": load.in_bytes,
                "out_bytes": load.out_bytes,
                "records": load.records,
                "messages": load.messages.len(),
                "iterations": iterations,
                "seconds": seconds,
                "threads": laps.len(),
                "signal": load.signal.name(),
            });
            format!("{object}\n")
        }
        ReportForm::Text => format!(
            "{:.1} MB/s, {:.0} records/s on {} thread(s)\n\
             {} message(s) of {} with {} records: {} bytes in, {} bytes out\n\
             {iterations} iterations in {seconds:.2} s\n",
            bytes_per_second / 1e6,
            records_per_second,
            laps.len(),
            load.messages.len(),
            load.signal.name(),
            load.records,
            load.in_bytes,
            load.out_bytes,
        ),
    };
    failure::print(&text)
}
