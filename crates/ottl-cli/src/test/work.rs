//! Running cases on several threads. Each takes the next case that nobody has; rules are compiled by who needs them first.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use ottl::testing::{Coverage, DataFile, Judging, Snapshots, Verdict};
use ottl::{Compiler, Diagnostics, RuleSet};

use super::Tried;
use super::files::{self, Key, Loaded};
use crate::args::TestArguments;
use crate::failure::Failure;
use crate::rules;

/// Rules, once somebody needed them.
type Compiled = OnceLock<Result<RuleSet, Arc<Diagnostics>>>;

/// A case, and where its rules will be.
struct Job<'w> {
    file: usize,
    loaded: &'w Loaded,
    case: usize,
    rules: usize,
}

/// What became of the cases of each file, in order.
pub struct Done {
    pub tried: Vec<Vec<Tried>>,
    /// Where it was asked for.
    pub coverage: Coverage,
}

/// Runs the cases that were chosen of each file.
///
/// # Errors
/// An argument about rules is wrong.
pub fn run(work: &[(&Loaded, Vec<usize>)], arguments: &TestArguments) -> Result<Done, Failure> {
    let compiler = rules::compiler(&arguments.rules)?;
    let mut known: HashMap<Key, usize> = HashMap::new();
    let mut jobs = Vec::new();
    for (file, (loaded, cases)) in work.iter().enumerate() {
        let numbers: Vec<usize> = loaded
            .suite
            .setups()
            .iter()
            .map(|setup| {
                let next = known.len();
                *known.entry(loaded.key(setup)).or_insert(next)
            })
            .collect();
        jobs.extend(cases.iter().map(|case| {
            let setup = loaded.suite.cases()[*case].setup;
            Job { file, loaded, case: *case, rules: numbers[setup] }
        }));
    }
    let compiled: Vec<Compiled> = (0..known.len()).map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let worker = || {
        let (mut done, mut coverage) = (Vec::new(), Coverage::default());
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = judge(job, &compiled[job.rules], &compiler, arguments, &mut coverage);
            done.push((job.file, Tried { case: job.case, verdict }));
        }
        (done, coverage)
    };
    let mut out: Vec<Vec<Tried>> = work.iter().map(|_| Vec::new()).collect();
    let threads = threads(arguments).min(jobs.len().max(1));
    // The statements of all rules, in the order of the files, whoever runs them first.
    let mut coverage = Coverage::default();
    let done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let mut all = vec![worker()];
        for other in others {
            all.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        if arguments.wants_coverage() {
            for rules in compiled.iter().filter_map(|rules| rules.get()?.as_ref().ok()) {
                coverage.add_rules(rules);
            }
        }
        let mut done = Vec::new();
        for (own, counted) in all {
            done.extend(own);
            coverage.merge(&counted);
        }
        done
    });
    for (file, tried) in done {
        out[file].push(tried);
    }
    out.iter_mut().for_each(|tried| tried.sort_by_key(|tried| tried.case));
    Ok(Done { tried: out, coverage })
}

fn threads(arguments: &TestArguments) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    arguments.threads.map_or_else(all, usize::from)
}

fn judge(
    job: &Job<'_>,
    compiled: &Compiled,
    compiler: &Compiler,
    arguments: &TestArguments,
    coverage: &mut Coverage,
) -> Result<Verdict, Arc<Diagnostics>> {
    let Job { loaded, case, .. } = job;
    let suite = &loaded.suite;
    let case = &suite.cases()[*case];
    let rules = compiled
        .get_or_init(|| loaded.compile(&suite.setups()[case.setup], compiler, arguments))
        .as_ref()
        .map_err(Arc::clone)?;
    let frames = files::frames(arguments);
    let read = |file: &DataFile| loaded.messages(file, rules, frames);
    let none = Snapshots::default();
    let with = Judging {
        compiler,
        rules,
        read: &read,
        snapshots: loaded.snapshots.as_ref().map_or(&none, |stored| &stored.read),
        update: arguments.update,
    };
    if arguments.wants_coverage() {
        let input = suite.input(case, &with)?;
        // A message that is damaged is said of the case itself.
        let _ = coverage.add(rules, &input);
    }
    suite.judge(case, &with).map_err(Arc::new)
}
