//! Makes a differing case small, and prints it.

use std::time::Instant;

use ottl_generate::{Case, Node, Processor};

use super::ask::Oracle;
use super::judge::{Finding, Judge};

type Error = Box<dyn std::error::Error>;

/// How often a difference is asked again, and how often if something came through a Go map: one that has five pairs gives
/// them in any of 120 orders, and by far not all are equally likely.
const AGAIN: usize = 8;
const AGAIN_THROUGH_A_MAP: usize = 100;

/// How many steps are made at most, and how many smaller cases are asked in one go.
const STEPS: usize = 150;
const CHUNK: usize = 40;

/// How many times the limit of one program is spent at most. Where a program nearly loops, its smaller forms often do.
const PATIENCE: u32 = 6;

/// Asks a differing case again several times. Answers nothing if one of the answers is ours.
pub fn confirm(oracle: &Oracle, judge: &Judge, case: &Case) -> Result<Option<Finding>, Error> {
    let mut last = None;
    let again = if case.program.through_a_map() { AGAIN_THROUGH_A_MAP } else { AGAIN };
    for answer in oracle.ask(&vec![case.clone(); again])? {
        match judge.judge(case, &answer) {
            finding @ Finding::Different { .. } => last = Some(finding),
            _ => return Ok(None),
        }
    }
    Ok(last)
}

/// Goes on with the first smaller case that differs in the same way, as long as there is one and it does not take too long.
pub fn shrink(oracle: &Oracle, judge: &Judge, case: &Case, finding: Finding) -> Result<(Case, Finding), Error> {
    let end = Instant::now() + oracle.limit() * PATIENCE;
    let oracle = &oracle.hurried();
    let class = finding.class();
    let (mut best, mut how) = (case.clone(), finding);
    'steps: for _ in 0..STEPS {
        let smaller = best.smaller();
        for chunk in smaller.chunks(CHUNK) {
            if Instant::now() > end {
                break 'steps;
            }
            for (case, answer) in chunk.iter().zip(oracle.ask(chunk)?) {
                if judge.judge(case, &answer).class() != class {
                    continue;
                }
                if let Some(finding) = confirm(oracle, judge, case)?
                    && finding.class() == class
                {
                    (best, how) = (case.clone(), finding);
                    continue 'steps;
                }
            }
        }
        break;
    }
    Ok((best, how))
}

/// A small case as a group for a file of `tests/golden/cases`, with the difference as a comment.
pub fn entry(number: u64, case: &Case, finding: &Finding) -> String {
    let how = match finding {
        Finding::Different { engine, how } => format!("{engine}: {}", how.replace('\n', " ")),
        Finding::Same(text) | Finding::Skipped(text) => (*text).to_owned(),
    };
    let mut out = format!("# {how}\n[[group]]\nname = \"found_{number}\"\n");
    out += &format!("signal = \"{}\"\n", format!("{:?}", case.program.signal).to_lowercase());
    if case.program.processor == Processor::Filter {
        out += "processor = \"filter\"\n";
    }
    if case.program.through_a_map() {
        out += "unordered = true\n";
    }
    let body = case.program.yaml();
    if body.contains("otelcol") {
        out += "metadata = { s = [\"a\", \"b\"] }\n";
    }
    // A TOML literal string cannot hold three apostrophes in a row; statements rarely have one.
    let body = if body.contains("'''") { format!("{body:?}") } else { format!("'''\n{body}'''") };
    out += &format!("configs = [{body}]\n");
    let wire = Node::text(&case.message);
    out += &if wire.is_empty() { "wire = ['']\n".to_owned() } else { format!("wire = ['{wire}']\n") };
    out
}
