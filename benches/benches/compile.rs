//! Times compiling: microseconds per statement of a processor's body, diagnostics on.
//!
//!     cargo bench -p ottl-benches --bench compile
//!     cargo bench -p ottl-benches --bench compile -- --family patterns --statements 1000 --rounds 5
//!     cargo bench -p ottl-benches --bench compile --features mimalloc       with the command's allocator
//!
//! One iteration is `Compiler::compile`, from the text to rules that can run, and dropping them: equal patterns would be
//! shared otherwise. Time on the processor counts where the system tells it, and the best of the rounds.

use std::process::ExitCode;
use std::time::Instant;

use ottl::{Compiler, Signal};
use ottl_benches::families::{Family, Kind};
use ottl_benches::measure::processor_time;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A round compiles this many statements at least.
const STATEMENTS: usize = 1000;

struct Options {
    family: Option<String>,
    statements: Vec<usize>,
    rounds: u32,
}

fn options() -> Result<Options, lexopt::Error> {
    use lexopt::prelude::*;
    let mut found = Options { family: None, statements: vec![10, 100, 1000], rounds: 50 };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("family") => found.family = Some(parser.value()?.string()?),
            Long("statements") => found.statements = vec![parser.value()?.parse()?],
            Long("rounds") => found.rounds = parser.value()?.parse()?,
            // What `cargo bench` says to every benchmark.
            Long("bench") => {}
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(found)
}

/// Nanoseconds of `work`: on the processor, or as they pass where the system does not tell.
fn nanos<R>(work: impl FnOnce() -> R) -> (f64, R) {
    let (start, before) = (Instant::now(), processor_time());
    let result = work();
    let passed = start.elapsed().as_nanos() as f64;
    match (before, processor_time()) {
        (Some(before), Some(after)) => (after.saturating_sub(before) as f64, result),
        _ => (passed, result),
    }
}

/// Microseconds per statement of compiling, and of the first message of one record beyond what a later one takes: the time
/// in which matchers are made.
fn measure(family: &Family, rounds: u32) -> Result<(f64, f64), String> {
    let (compiler, text) = (Compiler::new(), family.rules());
    let message = family.message(1);
    let copies = STATEMENTS.div_ceil(family.statements);
    let (mut compiling, mut cold, mut warm) = (f64::MAX, f64::MAX, f64::MAX);
    for _ in 0..rounds {
        let (time, result) = nanos(|| (0..copies).try_for_each(|_| compiler.compile(&text).map(drop)));
        result.map_err(|error| error.to_string())?;
        compiling = compiling.min(time / copies as f64);
        let rules = compiler.compile(&text).map_err(|error| error.to_string())?;
        let run = || rules.transform(Signal::Logs, &message).map(drop);
        let ((first, result), (second, _)) = (nanos(run), nanos(run));
        result.map_err(|error| error.to_string())?;
        (cold, warm) = (cold.min(first), warm.min(second));
    }
    let each = 1000.0 * family.statements as f64;
    Ok((compiling / each, (cold - warm).max(0.0) / each))
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    println!("| family | statements | us per statement | of the first message |\n|---|---|---|---|");
    for kind in Kind::ALL {
        if options.family.as_ref().is_some_and(|family| family != kind.name()) {
            continue;
        }
        for &statements in &options.statements {
            let family = Family { kind, filter: false, statements, rate: 0, failing: false };
            match measure(&family, options.rounds) {
                Ok((compiling, first)) => {
                    println!("| {} | {statements} | {compiling:.1} | {first:.1} |", kind.name());
                }
                Err(error) => {
                    eprintln!("error: {}: {error}", family.name());
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    ExitCode::SUCCESS
}
