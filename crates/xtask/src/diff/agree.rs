//! Random programs through both engines, without the reference: outputs, counters and errors have to be the same.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ottl_compiler::Compiler;
use ottl_engine::fast::Engine;
use ottl_generate::Case;
use ottl_suite::{engines, rules};

use super::{Options, case, judge, shrink};
use crate::Outcome;

/// How many cases a worker takes in one go.
const BATCH: u64 = 100;

/// How many smaller cases are tried of one that differs.
const TRIES: usize = 20_000;

/// What a run may take in memory besides what is granted for its message; the next, where that is not enough.
const MEMORY: [usize; 2] = [64 << 20, 1 << 30];

/// What became of a case.
enum Finding {
    Same(&'static str),
    /// The rules do not compile.
    Rejected,
    Different(String),
}

/// What became of the cases.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, u64>,
    different: usize,
}

/// Runs `cargo xtask agree [--programs N] [--seed S] [--kind KIND] [--jobs J] [--show K] [--target VERSION]`.
pub fn run(arguments: lexopt::Parser) -> Outcome {
    let options = Options::read(arguments, &[])?;
    let Options { programs, jobs, show, .. } = options;
    judge::quiet_panics();
    let (next, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    let work = || -> Result<(), String> {
        let functions = ottl_functions::registry();
        let mut compiler = Compiler::new(ottl_functions::registry());
        compiler.target = options.target;
        loop {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            for number in first..programs.min(first + BATCH) {
                let mut case = case(&options, number, &functions);
                if number % 4 == 0 {
                    // The reference has nothing like it, so programs do not have it of their own.
                    case.program.isolate();
                }
                let finding = compare(&compiler, &case);
                let mut tally = tally.lock().map_err(|_| "a worker panicked")?;
                let what = match &finding {
                    Finding::Same(how) => format!("same: {how}"),
                    Finding::Rejected => "rules rejected".to_owned(),
                    Finding::Different(how) => format!("different: {}", class(how)),
                };
                *tally.counts.entry(what).or_default() += 1;
                if let Finding::Different(how) = finding {
                    tally.different += 1;
                    if tally.different <= show {
                        println!("{}", small(&compiler, number, case, how));
                    }
                }
            }
            if first + BATCH >= programs {
                return Ok(());
            }
        }
    };
    std::thread::scope(|scope| -> Outcome {
        let workers: Vec<_> = (0..jobs)
            // Values nest, and so do those who walk them.
            .map(|_| std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work))
            .collect::<Result<_, _>>()?;
        for worker in workers {
            worker.join().map_err(|_| "a worker panicked")??;
        }
        Ok(())
    })?;
    let tally = tally.into_inner().map_err(|_| "a worker panicked")?;
    for (what, count) in &tally.counts {
        println!("{count:>8}  {what}");
    }
    match tally.different {
        0 => Ok(()),
        n => Err(format!("{n} cases differ").into()),
    }
}

fn compare(compiler: &Compiler, case: &Case) -> Finding {
    let processor = case.program.processor.name();
    let compared = catch_unwind(AssertUnwindSafe(|| {
        let Ok(plan) = rules::compile(compiler, processor, case.program.signal, &case.program.yaml()) else {
            return Finding::Rejected;
        };
        let message = case.bytes();
        let engine = Engine::new(&plan);
        let run = |memory| (engines::both(&engine, &message, memory), memory);
        let is_short = |((fast, interp), _): &_| engines::out_of_memory(fast) || engines::out_of_memory(interp);
        let Some(((fast, interp), memory)) = MEMORY.into_iter().map(run).find(|both| !is_short(both)) else {
            return Finding::Same("memory");
        };
        let (tight, _) = run(0);
        let in_less = [(&tight.0, &fast), (&tight.1, &interp)]
            .into_iter()
            .find_map(|(tight, roomy)| engines::wrong_in_less(&plan, &message, tight, Some(roomy)));
        let differs = engines::difference(&plan, &message, &fast, &interp).or(in_less);
        match differs.or_else(|| engines::differs_without(&plan, &message, memory, &fast, &interp)) {
            Some(how) => Finding::Different(how),
            None if fast.result.is_err() => Finding::Same("message refused"),
            None if fast.report.sources.iter().any(|source| source.failed > 0) => {
                Finding::Same("some statements failed")
            }
            None => Finding::Same("no statement failed"),
        }
    }));
    compared.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&s| s.to_owned())).unwrap_or_default();
        Finding::Different(format!("panic: {text}"))
    })
}

/// What kind of difference it is: a smaller case has to show the same.
fn class(how: &str) -> &str {
    let end = how.find([':', '`']).unwrap_or(how.len());
    &how[..end]
}

/// The smallest case that differs in the same way, as an entry for `tests/golden/cases`.
fn small(compiler: &Compiler, number: u64, mut case: Case, mut how: String) -> String {
    let mut tries = 0;
    'smaller: loop {
        for smaller in case.smaller() {
            tries += 1;
            if tries > TRIES {
                break 'smaller;
            }
            if let Finding::Different(same) = compare(compiler, &smaller)
                && class(&same) == class(&how)
            {
                (case, how) = (smaller, same);
                continue 'smaller;
            }
        }
        break;
    }
    shrink::entry(number, &case, &judge::Finding::Different { engine: "the engines", how })
}
