//! Times the workloads on this engine, on the reference and, for two of them, in a loop written by hand.
//!
//!     cargo run --release -p ottl-benches -- --oracle tests/oracle/oracle
//!
//! All contestants take turns in one run on the same bytes in memory, and their outputs are compared: a row whose
//! outputs differ fails. The best of the rounds counts for each, because other work on the machine only ever slows.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use ottl::{Output, RuleSet, Signal};
use ottl_benches::hand;
use ottl_benches::rows::{ROWS, Row};
use serde_json::Value;

struct Options {
    oracle: Option<PathBuf>,
    seconds: f64,
    rounds: u32,
    records: Vec<usize>,
    rows: Vec<String>,
    /// Whether messages are written as the reference writes them.
    marshaled: bool,
}

fn options() -> Result<Options, lexopt::Error> {
    use lexopt::prelude::*;
    let mut found = Options {
        oracle: None,
        seconds: 0.5,
        rounds: 5,
        records: vec![1, 32, 512, 8192],
        rows: Vec::new(),
        marshaled: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("oracle") => found.oracle = Some(parser.value()?.into()),
            Long("seconds") => found.seconds = parser.value()?.parse()?,
            Long("rounds") => found.rounds = parser.value()?.parse()?,
            Long("records") => found.records = vec![parser.value()?.parse()?],
            Long("marshaled") => found.marshaled = true,
            Long("row") => found.rows.push(parser.value()?.string()?),
            Long("help") => {
                println!(
                    "ottl-benches [--oracle PATH] [--seconds S] [--rounds N] [--records N] [--row NAME]... \
                     [--marshaled]\n\n\
                     Without --oracle (built by `go build` in tests/oracle) only this engine is timed.\n\
                     With --marshaled the messages are written as a Collector writes them: fields in reverse order.\nRows:"
                );
                ROWS.iter().for_each(|row| println!("  {:16} {}", row.name, row.what));
                std::process::exit(0);
            }
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(found)
}

fn signal(name: &str) -> Signal {
    match name {
        "traces" => Signal::Traces,
        "metrics" => Signal::Metrics,
        _ => Signal::Logs,
    }
}

/// Nanoseconds of one call, over at least `seconds`.
fn time(seconds: f64, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut calls = 0u32;
    while calls == 0 || start.elapsed().as_secs_f64() < seconds {
        run();
        calls += 1;
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

/// The message as JSON; lists of attributes without order where the rules make maps of unordered ones.
fn tree(signal: Signal, message: &[u8], unordered: bool) -> Result<Value, String> {
    let mut text = Vec::new();
    ottl_otlp::json::from_protobuf(signal, message, &mut text, ottl_otlp::json::Style::Compact)
        .map_err(|e| e.to_string())?;
    let mut value = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
    if unordered {
        sort(&mut value);
    }
    Ok(value)
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            if items.iter().all(|item| item.get("key").is_some()) {
                items.sort_by_key(|item| item["key"].as_str().unwrap_or_default().to_owned());
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(sort),
        _ => {}
    }
}

/// A loop written for one row.
type ByHand = fn(&[u8], &mut Vec<u8>) -> Result<(), ottl_otlp::wire::WireError>;

struct Reference<'o> {
    oracle: &'o Path,
    folder: PathBuf,
}

impl Reference<'_> {
    /// The same message as the reference's marshaler writes it.
    fn marshaled(&self, row: &Row, message: &[u8]) -> Result<Vec<u8>, String> {
        let file = self.folder.join("plain.pb");
        std::fs::write(&file, message).map_err(|e| e.to_string())?;
        let answer = Command::new(self.oracle)
            .args(["-convert", "-from", "proto", "-to", "proto", "-signal", row.signal])
            .arg(&file)
            .output()
            .map_err(|e| format!("{}: {e}", self.oracle.display()))?;
        if answer.stdout.len() == message.len() {
            Ok(answer.stdout)
        } else {
            Err(format!("the reference cannot write the message: {}", String::from_utf8_lossy(&answer.stderr)))
        }
    }

    /// Nanoseconds of one message, and the output.
    fn run(&self, row: &Row, message: &[u8], seconds: f64) -> Result<(f64, Vec<u8>), String> {
        let file = |name: &str| self.folder.join(name);
        std::fs::write(file("rules.yaml"), row.rules).map_err(|e| e.to_string())?;
        std::fs::write(file("in.pb"), message).map_err(|e| e.to_string())?;
        let _ = std::fs::remove_file(file("out.pb"));
        let answer = Command::new(self.oracle)
            .args(["-bench", "-processor", row.processor, "-signal", row.signal])
            .args(["-seconds", &seconds.to_string()])
            .arg("-config")
            .arg(file("rules.yaml"))
            .arg("-input")
            .arg(file("in.pb"))
            .arg("-output")
            .arg(file("out.pb"))
            .output()
            .map_err(|e| format!("{}: {e}", self.oracle.display()))?;
        let line: Value = serde_json::from_slice(&answer.stdout)
            .map_err(|e| format!("{e}: {}", String::from_utf8_lossy(&answer.stderr)))?;
        let nanos = line["us_per_msg"].as_f64().ok_or("no us_per_msg")? * 1e3;
        Ok((nanos, std::fs::read(file("out.pb")).unwrap_or_default()))
    }
}

fn run_row(row: &Row, records: usize, options: &Options, reference: Option<&Reference<'_>>) -> Result<(), String> {
    let mut message = (row.message)(records);
    if options.marshaled {
        message = reference.ok_or("--marshaled needs --oracle")?.marshaled(row, &message)?;
    }
    let signal = signal(row.signal);
    let rules = RuleSet::compile(row.rules).map_err(|e| e.to_string())?;
    let mut scratch = ottl::Scratch::new();
    let mut report = ottl::Report::default();
    let mut out = Vec::new();
    let once = |scratch: &mut ottl::Scratch, report: &mut ottl::Report, out: &mut Vec<u8>| {
        out.clear();
        rules.transform_into(signal, &message, scratch, out, report).map_err(|e| e.to_string())
    };
    let ours = match rules.transform(signal, &message).map_err(|e| e.to_string())?.output {
        Output::Unchanged => message.clone(),
        Output::Changed(bytes) => bytes,
        Output::Dropped => Vec::new(),
    };
    // The loops written by hand rely on the order in which SDKs write fields.
    let by_hand: Option<ByHand> = match row.name {
        _ if options.marshaled => None,
        "filter-logs" => Some(hand::filter_logs),
        "filter-spans" => Some(hand::filter_spans),
        _ => None,
    };
    let (mut best, mut best_hand, mut best_reference) = (f64::MAX, f64::MAX, f64::MAX);
    for round in 0..options.rounds {
        best = best.min(time(options.seconds, || {
            let _ = once(&mut scratch, &mut report, &mut out);
        }));
        if let Some(hand) = by_hand {
            best_hand = best_hand.min(time(options.seconds / 2.0, || {
                out.clear();
                let _ = hand(&message, &mut out);
            }));
            if round == 0 && out != ours {
                return Err("the loop written by hand gives another output".to_owned());
            }
        }
        if let Some(reference) = reference {
            let (nanos, theirs) = reference.run(row, &message, options.seconds)?;
            best_reference = best_reference.min(nanos);
            let unordered = row.name == "json-bodies";
            if round == 0 && tree(signal, &ours, unordered)? != tree(signal, &theirs, unordered)? {
                return Err("the reference gives another output".to_owned());
            }
        }
    }
    let per_record = best / records as f64;
    let speed = message.len() as f64 / best * 1e3;
    print!("| {} | {records} | {speed:.0} | {per_record:.0} |", row.name);
    if reference.is_some() {
        let theirs = message.len() as f64 / best_reference * 1e3;
        print!(" {theirs:.0} | {:.1} | {} |", best_reference / best, row.bar);
    }
    match by_hand {
        Some(_) => println!(" {:.0} |", best_hand / records as f64),
        None => println!(" - |"),
    }
    Ok(())
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let folder = std::env::temp_dir().join(format!("ottl-benches-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&folder) {
        eprintln!("error: {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    let reference = options.oracle.as_deref().map(|oracle| Reference { oracle, folder: folder.clone() });
    match reference {
        Some(_) => {
            println!("| row | records | MB/s | ns/record | reference MB/s | ratio | bar | by hand ns/record |");
            println!("|---|---|---|---|---|---|---|---|");
        }
        None => {
            println!("| row | records | MB/s | ns/record | by hand ns/record |");
            println!("|---|---|---|---|---|");
        }
    }
    let mut failed = false;
    for row in ROWS.iter().filter(|r| options.rows.is_empty() || options.rows.iter().any(|name| name == r.name)) {
        for records in &options.records {
            if let Err(error) = run_row(row, *records, &options, reference.as_ref()) {
                eprintln!("error: {} at {records} records: {error}", row.name);
                failed = true;
            }
        }
    }
    let _ = std::fs::remove_dir_all(folder);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
