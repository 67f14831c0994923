//! Messages that threads share: generated programs give the same bytes, the same errors and the same reports with any number of
//! threads.

use std::num::NonZeroUsize;
use std::sync::Arc;

use ottl::{Compiler, Limits, Report, RuleSet, Scratch, Signal, Status, Time};
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_generate::{Case, Choices, Node, Program};

/// How many programs.
const CASES: u64 = 400;

/// The least bytes of a message that three threads share.
const ENOUGH: usize = 200 << 10;

/// Rules of these programs, one processor behind the other.
fn configuration(signal: Signal, programs: &[&Program]) -> String {
    let (mut processors, mut names) = (String::new(), Vec::new());
    for (number, program) in programs.iter().enumerate() {
        let kind = program.processor.name();
        processors += &format!("  {kind}/{number}:\n");
        for line in program.yaml().lines() {
            processors += &format!("    {line}\n");
        }
        names.push(format!("{kind}/{number}"));
    }
    let names = names.join(", ");
    format!(
        "processors:\n{processors}service:\n  pipelines:\n    {}: {{receivers: [], processors: [{names}], exporters: []}}\n",
        signal.name()
    )
}

/// A large message of resources of these and others.
fn message(seed: u64, mut resources: Vec<Node>, functions: &ottl::function::Registry, signal: Signal) -> Vec<u8> {
    for other in 1..40 {
        let case = Case::generate(&mut Choices::seeded(seed * 1000 + other), functions);
        if case.program.signal == signal {
            resources.extend(case.message);
        }
    }
    // What else stands in a message keeps it in one piece.
    resources.retain(|field| matches!(field, Node::Message(1, _)));
    let once = Node::encode(&resources);
    once.repeat(ENOUGH / once.len().max(1) + 1)
}

/// What became of two messages, one after the other.
fn outcome(rules: &RuleSet, threads: usize, signal: Signal, message: &[u8], scratch: &mut Scratch) -> String {
    let threads = NonZeroUsize::new(threads).expect("at least one");
    let (mut report, mut out, mut told) = (Report::new(), b"before".to_vec(), String::new());
    for _ in 0..2 {
        let from = out.len();
        let result = rules.transform_on(threads, signal, message, scratch, &mut out, &mut report);
        assert!(matches!(result, Ok(Status::Changed)) || out.len() == from);
        told += &format!("{result:?}\n");
    }
    told += &serde_json::to_string(&report).expect("a report can be written");
    for error in report.errors() {
        told += &format!("\n{} {} {} {error}", error.statement, error.message, error.place);
    }
    told + &format!("\n{}", out.escape_ascii())
}

#[test]
fn threads_that_share_a_message_change_nothing() {
    let functions = ottl::registry();
    let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
    let limits = Limits { new_metrics: 20, listed_errors: 7, ..Limits::default() };
    let compiler = Compiler::with_sources(Arc::new(clock), Arc::new(rng)).limits(limits);
    let mut scratch = Scratch::new();
    let (mut compared, mut shared) = (0, 0);
    for seed in 0..CASES {
        let case = Case::generate(&mut Choices::seeded(seed), &functions);
        let second = Case::generate(&mut Choices::seeded(seed + CASES), &functions);
        let signal = case.program.signal;
        let chain = [&case.program, &second.program];
        let processors = if second.program.signal == signal { &chain[..] } else { &chain[..1] };
        let Ok(rules) = compiler.compile(&configuration(signal, processors)) else { continue };
        let message = message(seed, case.message.clone(), &functions, signal);
        let whole = outcome(&rules, 1, signal, &message, &mut scratch);
        if whole.contains("limit reached") {
            continue;
        }
        for threads in [2, 3] {
            let parts = outcome(&rules, threads, signal, &message, &mut scratch);
            if parts != whole {
                let at = parts.bytes().zip(whole.bytes()).take_while(|(one, other)| one == other).count();
                let around =
                    |text: &str| text.get(at.saturating_sub(200)..(at + 200).min(text.len())).map(str::to_owned);
                panic!(
                    "{seed}, {threads} threads: {:?}\nin one piece: {:?}\n{}",
                    around(&parts),
                    around(&whole),
                    configuration(signal, processors)
                );
            }
        }
        compared += 1;
        shared += u64::from(!rules.explain().contains("threads do not share"));
    }
    assert!(compared > CASES / 4 && shared > CASES / 6, "{compared} {shared}");
}
