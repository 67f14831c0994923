//! Times compiling: microseconds per statement of a processor's body, diagnostics on.
//!
//! ```sh
//! cargo run --profile dist -p ottl-benches --features mimalloc -- --compile ""
//! cargo run --profile dist -p ottl-benches -- --compile patterns --statements 1000 --rounds 5
//! ```
//!
//! One iteration is `Compiler::compile`, from the text to rules that can run, and dropping them: equal patterns would be
//! shared otherwise. Time on the processor counts where the system tells it, and the best of the rounds.

use ottl::{Compiler, Signal};

use crate::families::{Family, Kind};
use crate::measure::{Clock, nanos};
use crate::print;

/// A round compiles this many statements at least.
const STATEMENTS: usize = 1000;

/// Statements of the bodies, where none are asked for.
pub const SIZES: [usize; 3] = [10, 100, 1000];

/// Microseconds per statement of compiling, and of the first message of one record beyond what a later one takes: the time
/// in which matchers are made.
fn measure(family: &Family, rounds: u32) -> Result<(f64, f64), String> {
    let (compiler, text) = (Compiler::new(), family.rules());
    let message = family.message(1);
    let copies = STATEMENTS.div_ceil(family.statements);
    let (mut compiling, mut cold, mut warm) = (f64::MAX, f64::MAX, f64::MAX);
    for _ in 0..rounds {
        let (time, result) =
            nanos(Clock::Processor, || (0..copies).try_for_each(|_| compiler.compile(&text).map(drop)));
        result.map_err(|error| error.to_string())?;
        compiling = compiling.min(time / copies as f64);
        let rules = compiler.compile(&text).map_err(|error| error.to_string())?;
        let run = || rules.transform(Signal::Logs, &message).map(drop);
        let ((first, result), (second, _)) = (nanos(Clock::Processor, run), nanos(Clock::Processor, run));
        result.map_err(|error| error.to_string())?;
        (cold, warm) = (cold.min(first), warm.min(second));
    }
    let each = 1000.0 * family.statements as f64;
    Ok((compiling / each, (cold - warm).max(0.0) / each))
}

/// Times all families whose name has this text, at each of these numbers of statements, and prints a table.
///
/// # Errors
/// No family is called so, or statements are refused.
pub fn table(filter: &str, sizes: &[usize], rounds: u32) -> Result<(), String> {
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.name().contains(filter)).collect();
    if kinds.is_empty() {
        return Err(format!("no family is called {filter:?}"));
    }
    print::line("| family | statements | us per statement | of the first message |\n|---|---|---|---|")?;
    for kind in kinds {
        for &statements in sizes {
            let family = Family { kind, filter: false, statements, rate: 0, writing: false, failing: false };
            let (compiling, first) = measure(&family, rounds).map_err(|error| format!("{}: {error}", family.name()))?;
            print::line(format_args!("| {} | {statements} | {compiling:.1} | {first:.1} |", kind.name()))?;
        }
    }
    Ok(())
}
