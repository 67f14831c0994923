//! Random programs over random data: the reference against both engines.
//!
//! `ottl-generate` makes the cases, the Go program of `tests/oracle` answers them ([`ask`]), the golden harness holds our
//! answers against its ([`judge`]), and what differs is made smaller ([`shrink`]) and printed as an entry for
//! `tests/golden/cases`. [`agree`] asks the two engines alone. Differences that are meant are skipped by name ([`known`]). Programs that the reference does not
//! answer within a limit are given up, and named at the end.

pub mod agree;
mod ask;
mod judge;
mod known;
mod shrink;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ottl_core::Target;
use ottl_core::function::Registry;
use ottl_generate::{Case, Choices, Kind};
use ottl_schema::Signal;

use crate::{Outcome, repository};
use ask::Oracle;
use judge::{Finding, Judge};

/// How many cases are asked in one go.
const BATCH: u64 = 200;

/// Seconds that the reference may take for one program, if the command line does not say.
const LIMIT: u64 = 10;

/// What the command line says.
struct Options {
    programs: u64,
    seed: u64,
    /// Which kind of rule sets.
    kind: Kind,
    jobs: u64,
    /// How many differences are made small and printed; the others are counted.
    show: usize,
    /// Only programs whose body has this text.
    only: Option<String>,
    /// How long the reference may take for one program.
    limit: Duration,
    /// Which version of the reference.
    target: Target,
}

impl Options {
    /// The options that `diff` and `agree` have, and which others there are.
    fn read(mut arguments: lexopt::Parser, others: &[&str]) -> Result<Options, Box<dyn std::error::Error>> {
        let mut options = Options {
            programs: 1000,
            seed: 1,
            kind: Kind::Any,
            jobs: 1,
            show: 20,
            only: None,
            limit: Duration::from_secs(LIMIT),
            target: Target::NEWEST,
        };
        while let Some(argument) = arguments.next()? {
            let lexopt::Arg::Long(name) = argument else { return Err(argument.unexpected().into()) };
            let name = name.to_owned();
            let text = arguments.value()?.to_string_lossy().into_owned();
            match name.as_str() {
                "programs" => options.programs = text.parse()?,
                "seed" => options.seed = text.parse()?,
                "kind" => options.kind = Kind::by_name(&text).ok_or_else(|| format!("unknown kind {text}"))?,
                "jobs" => options.jobs = text.parse::<u64>()?.max(1),
                "target" => {
                    options.target = Target::by_name(&text).ok_or_else(|| format!("unknown version {text}"))?;
                }
                "show" => options.show = text.parse()?,
                "limit" if others.contains(&"limit") => options.limit = Duration::from_secs(text.parse()?),
                "only" if others.contains(&"only") => options.only = Some(text),
                _ => return Err(format!("unknown option --{name}").into()),
            }
        }
        Ok(options)
    }
}

/// What became of the cases.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, u64>,
    /// The numbers of the programs that the reference did not answer, and why.
    given_up: BTreeMap<u64, &'static str>,
    shown: usize,
}

/// Runs `cargo xtask diff [--programs N] [--seed S] [--kind KIND] [--jobs J] [--show K] [--limit SECONDS] [--only TEXT]
/// [--target VERSION]`.
pub fn run(arguments: lexopt::Parser) -> Outcome {
    let options = Options::read(arguments, &["limit", "only"])?;
    let program = crate::golden::build_reference(&repository::root().join("tests"), options.target.name())?;
    let next = AtomicU64::new(0);
    let tally = Mutex::new(Tally::default());
    judge::quiet_panics();
    std::thread::scope(|scope| -> Outcome {
        let workers: Vec<_> = (0..options.jobs)
            .map(|_| {
                // Values nest, and so do those who walk them.
                std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, || {
                    worker(&options, &Oracle::new(&program, options.limit), &next, &tally).map_err(|e| e.to_string())
                })
            })
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
    for (number, why) in &tally.given_up {
        println!("given up: program {number}, {why}");
    }
    match tally.counts.iter().filter(|(what, _)| what.starts_with("different")).map(|(_, n)| n).sum::<u64>() {
        0 => Ok(()),
        n => Err(format!("{n} cases differ").into()),
    }
}

/// Takes batches until there are none left.
fn worker(options: &Options, oracle: &Oracle, next: &AtomicU64, tally: &Mutex<Tally>) -> Outcome {
    let functions = ottl_functions::registry();
    let judge = Judge::new(options.target);
    loop {
        let first = next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= options.programs {
            return Ok(());
        }
        let numbers = first..options.programs.min(first + BATCH);
        let cases: Vec<_> = numbers.map(|n| (n, case(options, n, &functions))).collect();
        let cases: Vec<_> = cases
            .into_iter()
            .filter(|(_, case)| options.only.as_ref().is_none_or(|text| case.program.yaml().contains(text)))
            .collect();
        let (cases, others): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(_, case)| answers(options.target, case));
        if !others.is_empty() {
            let mut tally = tally.lock().map_err(|_| "a worker panicked")?;
            *tally.counts.entry("skipped: profiles, which version 0.161 answers".to_owned()).or_default() +=
                others.len() as u64;
        }
        batch(options, oracle, &judge, &cases, tally)?;
    }
}

/// Whether a version of the reference defines a case: profiles are what version 0.161 makes of them.
fn answers(target: Target, case: &Case) -> bool {
    target == Target::V0_161 || case.program.signal != Signal::Profiles
}

/// The case of a number. Each has a seed of its own, so that it can be made again alone.
fn case(options: &Options, number: u64, functions: &Registry) -> Case {
    let mixed = options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd134_2543_de82_ef95);
    Case::of_kind(&mut Choices::seeded(mixed), functions, options.kind)
}

fn batch(options: &Options, oracle: &Oracle, judge: &Judge, cases: &[(u64, Case)], tally: &Mutex<Tally>) -> Outcome {
    let asked: Vec<_> = cases.iter().map(|(_, case)| case.clone()).collect();
    let answers = oracle.ask(&asked)?;
    let lock = || tally.lock().map_err(|_| "a worker panicked");
    let mut differing = Vec::new();
    for ((number, case), answer) in cases.iter().zip(&answers) {
        let kind = format!("{:?} {:?}", case.program.processor, case.program.signal).to_lowercase();
        *lock()?.counts.entry(format!("run: {kind}")).or_default() += 1;
        match judge.judge(case, answer) {
            Finding::Same(how) => *lock()?.counts.entry(format!("same: {how}")).or_default() += 1,
            Finding::Skipped(why) => {
                let mut tally = lock()?;
                *tally.counts.entry(format!("skipped: {why}")).or_default() += 1;
                if why == judge::LATE || why == judge::DIED {
                    eprintln!("given up: program {number}");
                    tally.given_up.insert(*number, why);
                }
            }
            Finding::Different { .. } => differing.push((*number, case)),
        }
    }
    for (number, case) in differing {
        let Some(finding) = shrink::confirm(oracle, judge, case)? else {
            *lock()?.counts.entry("same: one of several answers of the reference".to_owned()).or_default() += 1;
            continue;
        };
        if let Some(name) = known::name(case, &finding) {
            *lock()?.counts.entry(format!("known difference: {name}")).or_default() += 1;
            continue;
        }
        let show = {
            let mut tally = lock()?;
            tally.shown += 1;
            tally.shown <= options.show
        };
        if !show {
            *lock()?.counts.entry("different, not looked at".to_owned()).or_default() += 1;
            continue;
        }
        let (small, finding) = shrink::shrink(oracle, judge, case, finding)?;
        if let Some(name) = known::name(&small, &finding) {
            let mut tally = lock()?;
            tally.shown -= 1;
            *tally.counts.entry(format!("known difference: {name}")).or_default() += 1;
            continue;
        }
        let mut tally = lock()?;
        *tally.counts.entry(format!("different: {}", finding.class())).or_default() += 1;
        println!("{}", shrink::entry(number, &small, &finding));
    }
    Ok(())
}
