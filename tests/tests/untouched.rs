//! Outputs in pieces: what is left where it is in the input, and what is written, are together the output that is copied.

use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{Engine, Env, Limits, Report, Scratch, Status, fast};
use ottl_generate::{Case, Choices, Node};
use ottl_otlp::edit::Untouched;
use ottl_suite::rules;

/// How many programs.
const CASES: u64 = 4000;

#[test]
fn pieces_are_the_output() {
    let functions = ottl_functions::registry();
    let compiler = ottl_compiler::Compiler::new(ottl_functions::registry());
    let (mut compared, mut left) = (0, 0);
    let mut scratch = Scratch::new();
    for seed in 0..CASES {
        let case = Case::generate(&mut Choices::seeded(seed), &functions);
        let program = &case.program;
        let Ok(plan) = rules::compile(&compiler, program.processor.name(), program.signal, &program.yaml()) else {
            continue;
        };
        let engine = fast::Engine::new(&plan);
        let message = Node::encode(&case.message).repeat(2);
        let limits = Limits { new_metrics: 20, segment: if seed % 2 == 0 { 0 } else { 1 << 20 }, ..Limits::default() };
        let mut run = |untouched: Option<&mut Untouched>| {
            let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
            let env = Env { limits, ..Env::new(&clock, &rng) };
            let (mut report, mut out) = (Report::new(plan.sources.len()), Vec::new());
            let status = match untouched {
                None => engine.run(&message, &env, &mut scratch, &mut report, &mut out),
                Some(left) => engine.run_leaving(&message, &env, &mut scratch, &mut report, (&mut out, left)),
            };
            (status, report, out)
        };
        let (status, report, copied) = run(None);
        for least in [1, 40] {
            let mut untouched = Untouched::new(least);
            let (same, as_before, written) = run(Some(&mut untouched));
            assert_eq!((&same, &as_before), (&status, &report), "{seed} {least}: {}", program.yaml());
            let pieces: Vec<&[u8]> = untouched.pieces(&message, &written).collect();
            assert!(pieces.concat() == copied, "{seed} {least}: {}", program.yaml());
            assert_eq!(untouched.bytes() + written.len(), copied.len(), "{seed} {least}");
            assert!(pieces.iter().all(|piece| !piece.is_empty()));
            left += u64::from(untouched.bytes() > 0);
        }
        compared += u64::from(status == Ok(Status::Changed));
    }
    assert!(compared > CASES / 4 && left > compared / 2, "{compared} {left}");
}
