//! The golden corpus: what the reference does, asked once and committed.
//!
//! `tests/golden/cases/*.toml` say what to ask ([`cases`]), the Go program in `tests/oracle`
//! answers ([`mod@reference`]), and `tests/golden/vectors/*.jsonl` keep the answers ([`vectors`]).
//! The answers never depend on our own code, so this module uses none of it.
//! How vectors are read and compared is described in `tests/golden/README.md`.

mod cases;
mod paths;
mod reference;
mod vectors;
mod wire;

use crate::{Outcome, repository};
use std::collections::BTreeMap;

/// How often every case is asked. What differs between the rounds is random in the reference.
const ROUNDS: usize = 3;

/// How often a case with one of [`SUSPECTS`] is asked on top.
const MORE_ROUNDS: usize = 20;

/// Texts in a configuration whose results may have come through a Go map.
const SUSPECTS: &[&str] = &[
    "{",
    "ParseJSON",
    "ParseKeyValue",
    "ParseCSV",
    "ParseLEEF",
    "URL(",
    "ExtractPatterns",
    "aggregate_on_",
    "Format(",
    "UUID",
    "flatten",
];

/// Runs `cargo xtask golden [--check] [FAMILY...]`.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut check = false;
    let mut only = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("check") => check = true,
            lexopt::Arg::Value(family) => only.push(family.to_string_lossy().into_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    let root = repository::root();
    let golden = root.join("tests/golden");
    let inputs = cases::inputs(&golden.join("inputs"))?;
    let families = cases::families(&golden, &inputs, &only)?;
    let reference = reference::Reference::build(&root.join("tests"))?;
    let plain = reference.plain(&inputs)?;

    let mut total = 0;
    let mut stale = Vec::new();
    for (family, cases) in &families {
        let path = golden.join("vectors").join(format!("{family}.jsonl"));
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let mut lines = Vec::new();
        let mut random = Vec::new();
        let mut answers = reference.ask(cases, &inputs, ROUNDS)?;
        ask_suspects(&reference, cases, &inputs, &mut answers)?;
        for (case, rounds) in cases.iter().zip(answers) {
            match vectors::settle(case, &rounds, &plain)? {
                vectors::Settled::Vector(line) => lines.push(line),
                vectors::Settled::Random => random.push(case.id.as_str()),
                vectors::Settled::Crash(text) => {
                    eprintln!("{}: the reference crashes: {text}", case.id);
                }
            }
        }
        for id in &random {
            eprintln!("{id}: random in the reference, left out");
        }
        total += lines.len();
        let text = vectors::file(family, &lines, &before)?;
        println!("{family}: {} vectors, {} bytes", lines.len(), text.len());
        if before != text {
            if check {
                stale.push(family.as_str());
            } else {
                std::fs::write(&path, text)?;
            }
        }
    }
    println!("{total} vectors");
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("vectors differ from the reference's answers: {}", stale.join(", ")).into())
    }
}

/// Builds the programs that ask the reference; the place of the one of a version.
#[cfg(feature = "diff")]
pub fn build_reference(
    tests: &std::path::Path,
    target: &str,
) -> Result<std::path::PathBuf, Box<dyn std::error::Error>> {
    let version = reference::version(Some(target))?;
    Ok(reference::Reference::build(tests)?.program(version))
}

/// Asks again where a Go map may have been on the way.
fn ask_suspects(
    reference: &reference::Reference,
    cases: &[cases::Case],
    inputs: &Inputs,
    answers: &mut [Vec<reference::Answer>],
) -> Outcome {
    let is_suspect = |case: &cases::Case| {
        case.config_file.is_some()
            || case.config.iter().chain(&case.collector_config).any(|text| SUSPECTS.iter().any(|s| text.contains(s)))
    };
    let places: Vec<_> = (0..cases.len()).filter(|i| is_suspect(&cases[*i])).collect();
    let suspects: Vec<_> = places.iter().map(|i| cases[*i].clone()).collect();
    for (place, more) in places.iter().zip(reference.ask(&suspects, inputs, MORE_ROUNDS)?) {
        answers[*place].extend(more);
    }
    Ok(())
}

/// Named inputs: OTLP/JSON text of one message each, by file name without extension.
type Inputs = BTreeMap<String, Box<serde_json::value::RawValue>>;
