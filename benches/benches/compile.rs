//! Times compiling: microseconds per statement of a transform processor's body, diagnostics on.
//!
//!     cargo bench -p ottl-benches --bench compile
//!     cargo bench -p ottl-benches --bench compile -- --family regexes --statements 1000 --rounds 5
//!
//! One iteration is `Compiler::compile`, from the text to rules that can run; making them away is not part of it. The best
//! of the rounds counts. Under callgrind, two runs whose numbers of rounds differ give the instructions of one round.

use std::process::ExitCode;
use std::time::Instant;

use ottl::Compiler;
use ottl_benches::compile::{FAMILIES, body};

struct Options {
    family: Option<String>,
    statements: Vec<usize>,
    rounds: Option<u32>,
}

fn options() -> Result<Options, lexopt::Error> {
    use lexopt::prelude::*;
    let mut found = Options { family: None, statements: vec![10, 100, 1000], rounds: None };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("family") => found.family = Some(parser.value()?.string()?),
            Long("statements") => found.statements = vec![parser.value()?.parse()?],
            Long("rounds") => found.rounds = Some(parser.value()?.parse()?),
            // What `cargo bench` says to every benchmark.
            Long("bench") => {}
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(found)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let compiler = Compiler::new();
    println!("| family | statements | us per statement |\n|---|---|---|");
    for (name, statement) in FAMILIES {
        if options.family.as_ref().is_some_and(|family| family != name) {
            continue;
        }
        for &statements in &options.statements {
            let text = body(statement, statements);
            // About a third of a second for each row.
            let rounds = options.rounds.unwrap_or(60_000 / statements.max(1) as u32);
            let mut best = f64::MAX;
            for _ in 0..rounds {
                let start = Instant::now();
                let rules = compiler.compile(&text);
                best = best.min(start.elapsed().as_secs_f64());
                match rules {
                    Ok(rules) if rules.warnings().is_empty() => {}
                    Ok(rules) => eprintln!("{}", rules.warnings()),
                    Err(error) => {
                        eprintln!("error: {name}: {error}");
                        return ExitCode::FAILURE;
                    }
                }
            }
            println!("| {name} | {statements} | {:.2} |", best * 1e6 / statements as f64);
        }
    }
    ExitCode::SUCCESS
}
