//! Times what editors ask: milliseconds after an edit of a Collector's file, by what is asked.
//!
//!     cargo bench -p ottl-benches --bench service
//!     cargo bench -p ottl-benches --bench service -- --lines 5000 --rounds 20
//!
//! The file has the bodies of `tests/samples/rules/bodies` as processors. Each round changes a letter in the middle of it, so that
//! everything that is asked is worked out anew. Time on the processor counts where the system tells it; the median of the rounds.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use ottl::service::{Document, DocumentKind};
use ottl::{Compiler, Span};
use ottl_benches::measure::{Clock, nanos};

/// Milliseconds of `work`.
fn millis<R>(work: impl FnOnce() -> R) -> (f64, R) {
    let (nanos, result) = nanos(Clock::Processor, work);
    (nanos / 1e6, result)
}

/// A Collector's configuration of about as many lines.
fn configuration(lines: usize) -> Result<String, Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples/rules/bodies");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    let (mut text, mut names) =
        (String::from("receivers: {otlp: {}}\nexporters: {debug: {}}\nprocessors:\n"), Vec::new());
    for (number, path) in paths.iter().cycle().enumerate() {
        let body = std::fs::read_to_string(path)?;
        // Profiles and older versions have gates and pipelines of their own.
        if body.contains("profile") || !Compiler::new().check(&body).is_empty() {
            continue;
        }
        let kind = if body.contains("_statements:") { "transform" } else { "filter" };
        let name = format!("{kind}/{number}");
        let _ = writeln!(text, "  {name}:");
        for line in body.lines().filter(|line| !line.is_empty()) {
            let _ = writeln!(text, "    {line}");
        }
        names.push(name);
        if text.lines().count() >= lines {
            break;
        }
    }
    let names = names.join(", ");
    text.push_str("service:\n  pipelines:\n");
    for signal in ["traces", "metrics", "logs"] {
        let _ = writeln!(text, "    {signal}: {{receivers: [otlp], processors: [{names}], exporters: [debug]}}");
    }
    Ok(text)
}

fn measure(text: &str, rounds: usize) {
    let half = text[..text.len() / 2].rfind("set(").unwrap_or_default() + "set(".len();
    let at = half as u32;
    let mut document = Document::new(Compiler::new(), DocumentKind::default(), text);
    println!("{} lines, {} diagnostics", text.lines().count(), document.diagnostics().len());
    type Question = fn(&Document, u32) -> usize;
    let questions: [(&str, Question); 8] = [
        ("diagnostics", |document, _| document.diagnostics().len()),
        ("completion", |document, at| document.complete(at).len()),
        ("signature", |document, at| document.signature(at).map_or(0, |help| help.label.len())),
        ("symbols", |document, _| document.symbols().len()),
        ("tokens", |document, _| document.tokens().len()),
        ("hints", |document, _| document.hints().len()),
        ("formatting", |document, _| document.format(None).map_or(0, |edits| edits.len())),
        ("completion, again", |document, at| document.complete(at).len() + document.complete(at).len()),
    ];
    for (name, ask) in questions {
        let mut times = Vec::new();
        let mut answer = 0;
        for round in 0..rounds {
            // A blank comes and goes.
            let (range, new) = if round % 2 == 0 { (Span::new(at, at), " ") } else { (Span::new(at, at + 1), "") };
            document.edit(range, new);
            let (time, found) = millis(|| ask(&document, at));
            times.push(time);
            answer = found;
        }
        times.sort_by(f64::total_cmp);
        println!("{name:28} {:8.2} ms, at most {:8.2}: {answer}", times[times.len() / 2], times[times.len() - 1]);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    use lexopt::prelude::*;
    let (mut lines, mut rounds) = (1000, 10);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("lines") => lines = parser.value()?.parse()?,
            Long("rounds") => rounds = parser.value()?.parse()?,
            // What `cargo bench` says to every benchmark.
            Long("bench") => {}
            _ => return Err(argument.unexpected().into()),
        }
    }
    let text = configuration(lines)?;
    measure(&text, rounds);
    // Faults with fixes, which are tried.
    let faulty = text.replacen("set(", "sett(", 1).replacen("replace_pattern(", "replace_patern(", 2);
    measure(&faulty, rounds);
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
