//! Traces against runs: a trace comes to the same output, and its steps add up to the counters of a report. Over all bodies of
//! the golden vectors, in all signals. And traces of a few records against those of all, over random programs.

use std::fs;
use std::sync::Arc;

use ottl::function::{FixedClock, SequenceRng};
use ottl::{Call, Compiler, Output, ProcessorKind, Signal, Target, Time, TraceOptions, TracedResult};
use ottl_compiler::Compiler as RulesCompiler;
use ottl_engine::fast::Engine;
use ottl_engine::trace::{Chosen, ChosenTrace, Step, TraceOptions as EngineOptions, mark, may_fail, trace_chosen};
use ottl_engine::{Engine as _, Env, Limits, Report, RunError, Status, interp};
use ottl_generate::{Case, Choices, Kind};
use ottl_otlp::schema::validate;
use ottl_plan::Plan;
use ottl_suite::golden::{ASKED, Harness, client, folder, vectors};
use ottl_suite::rules;

#[test]
fn traces_say_what_runs_do() {
    let harness = Harness::new(ottl_suite::engines::fast);
    let mut steps = 0;
    for vector in vectors("bodies") {
        let text = |field: &str| vector[field].as_str().unwrap_or_default().to_owned();
        let id = text("id");
        let signal = Signal::ALL.into_iter().find(|known| known.name() == text("signal")).expect("a signal");
        let body = fs::read_to_string(folder().join("../samples/rules").join(text("config_file"))).expect("a body");
        let clock = Arc::new(FixedClock(Time::from_unix_nanos(ASKED)));
        let compiler = || {
            Compiler::with_sources(clock.clone(), Arc::new(SequenceRng::default()))
                .processor(if text("processor") == "filter" { ProcessorKind::Filter } else { ProcessorKind::Transform })
                .target(vector["target"].as_str().and_then(Target::by_name).unwrap_or_default())
        };
        // Each has chance of its own.
        let (rules, again) = (compiler().compile(&body).expect("a body"), compiler().compile(&body).expect("a body"));
        let message = harness.input(&vector, signal).expect("a message");
        let client = client(&vector);
        let call = Call { client: Some(&client), ..Call::from(signal) };
        let run = rules.transform(call, &message);
        let trace = again.trace(call, &message, &TraceOptions { most: usize::MAX - 1, ..TraceOptions::default() });
        let (Ok(run), Ok(trace)) = (&run, trace) else {
            assert!(run.is_err(), "{id}");
            continue;
        };
        assert_eq!(trace.error, None, "{id}");
        let same = match (&run.output, &trace.output) {
            (Output::Changed(one), Output::Changed(other)) => {
                ottl_otlp::differences(signal.message(), one, other).expect("sound messages").is_empty()
            }
            (one, other) => one == other,
        };
        assert!(same, "{id}: the outputs differ");
        for (number, row) in run.report.statements().filter(|row| row.statement.signal() == signal).enumerate() {
            let count = |results: &[TracedResult]| {
                let counted = |step: &&ottl::TracedStep| step.statement == number && results.contains(&step.result);
                trace.steps.iter().filter(counted).count() as u64
            };
            let evaluated = trace.steps.iter().filter(|step| step.statement == number).count() as u64;
            assert_eq!(evaluated, row.counters.evaluated, "{id}: {}", row.statement);
            assert_eq!(count(&[TracedResult::Failed]), row.counters.failed, "{id}: {}", row.statement);
            // Writes that leave a value as it was count as changes there and here.
            assert!(count(&[TracedResult::Changed]) >= row.counters.changed, "{id}: {}", row.statement);
            steps += evaluated;
        }
    }
    assert!(steps > 1000, "{steps} steps");
}

/// Programs that are compared.
const CASES: u64 = 1200;

/// What is told of some records where all are run.
fn of_all(chain: &[Plan], message: &[u8], env: &Env<'_>, records: &[u64]) -> Result<Vec<(usize, Step)>, RunError> {
    let mut now = mark(chain[0].signal, message, None)?.message;
    let options = EngineOptions { records: Some(records.to_vec()), most: usize::MAX, ..EngineOptions::default() };
    let mut all = Vec::new();
    for (stage, plan) in chain.iter().enumerate() {
        let (mut steps, mut out) = (Vec::new(), Vec::new());
        let mut report = Report::new(plan.sources.len());
        let status = interp::Engine::new(plan).trace(&now, env, (&options, &mut steps), &mut report, &mut out)?;
        all.extend(steps.into_iter().map(|step| (stage, step)));
        match status {
            Status::Unchanged => {}
            Status::Changed => now = out,
            Status::Dropped => break,
        }
    }
    Ok(all)
}

/// Whether something ends a run of the fast engine.
fn ends(engines: &[Engine<&Plan>], message: &[u8], env: &Env<'_>) -> bool {
    let mut now = message.to_vec();
    for engine in engines {
        match engine.outcome(&now, env).result {
            Ok(Output::Unchanged) => {}
            Ok(Output::Changed(next)) => now = next,
            Ok(Output::Dropped) => return false,
            Err(_) => return true,
        }
    }
    false
}

#[test]
fn a_few_records_are_told_of_as_in_a_trace_of_all() {
    let compiler = RulesCompiler::new(ottl_functions::registry());
    let functions = ottl_functions::registry();
    let clock = FixedClock(Time::from_unix_nanos(ASKED));
    let mut earlier: Vec<Plan> = Vec::new();
    let (mut quick, mut slow, mut steps) = (0, 0, 0);
    for seed in 0..CASES {
        let mut choices = Choices::seeded(0x7ace_0000 + seed);
        let kind = if seed % 3 == 0 { Kind::Any } else { Kind::Single };
        let case = Case::of_kind(&mut choices, &functions, kind);
        let (program, message) = (&case.program, case.bytes());
        let Ok(plan) = rules::compile(&compiler, program.processor.name(), program.signal, &program.yaml()) else {
            continue;
        };
        if validate(plan.signal, &message).is_err() {
            continue;
        }
        // Some behind another processor, or in front of it.
        let other = earlier.iter().rposition(|other| other.signal == plan.signal).filter(|_| seed % 2 == 0);
        let chain: Vec<Plan> = match other.map(|other| earlier.remove(other)) {
            Some(other) if seed % 4 == 0 => vec![plan, other],
            Some(other) => vec![other, plan],
            None => vec![plan],
        };
        let engines: Vec<Engine<&Plan>> = chain.iter().map(Engine::new).collect();
        let rng = SequenceRng::default();
        let env = Env { limits: Limits { new_metrics: 100, ..Limits::default() }, ..Env::new(&clock, &rng) };
        let count = mark(chain[0].signal, &message, None).expect("a sound message").places.len() as u64;
        let lists: Vec<Vec<u64>> = vec![
            (0..count).filter(|record| *record == seed % count.max(1)).collect(),
            (0..count).filter(|record| record % 3 == seed % 3).collect(),
            (0..count).rev().take(1).collect(),
        ];
        for records in lists {
            let chosen = Chosen { records: &records, source: None, most: usize::MAX };
            let fast: Vec<&dyn ottl_engine::Engine> = engines.iter().map(|engine| engine as _).collect();
            let told = trace_chosen(&fast, &message, &env, &chosen).expect("a sound message");
            let Some(ChosenTrace { steps: told, places, .. }) = told else {
                slow += 1;
                continue;
            };
            if chain.iter().any(may_fail) && ends(&engines, &message, &env) {
                continue;
            }
            let of_all = of_all(&chain, &message, &env, &records);
            let placed = |(stage, mut step): (usize, Step)| {
                if let Some(record) = step.record {
                    step.place = step.place.at_record(&places[record as usize]);
                }
                (stage, step)
            };
            let told: Vec<(usize, Step)> = told.into_iter().map(placed).collect();
            let of_all: Vec<(usize, Step)> = of_all
                .unwrap_or_else(|error| panic!("{seed}: {error}\n{}", program.yaml()))
                .into_iter()
                .map(placed)
                .collect();
            quick += 1;
            steps += told.len();
            let first = told.iter().zip(&of_all).position(|(one, other)| one != other);
            assert!(
                first.is_none() && told.len() == of_all.len(),
                "{seed}, records {records:?} of {count}, steps {} and {}, first {:#?}\n{}",
                told.len(),
                of_all.len(),
                first.map(|at| (&told[at], &of_all[at])),
                program.yaml(),
            );
        }
        earlier.extend(chain);
        let surplus = earlier.len().saturating_sub(20);
        earlier.drain(..surplus);
    }
    assert!(quick > CASES && steps as u64 > CASES && slow < quick / 2, "{quick} {steps} {slow}");
}
