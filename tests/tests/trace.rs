//! Traces against runs: a trace comes to the same output, and its steps add up to the counters of a report. Over all bodies of
//! the golden vectors, in all signals.

use std::fs;
use std::sync::Arc;

use ottl::function::{FixedClock, SequenceRng};
use ottl::{Call, Compiler, Output, ProcessorKind, Signal, Target, Time, TraceOptions, TracedResult};
use ottl_suite::golden::{ASKED, Harness, client, folder, vectors};

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
