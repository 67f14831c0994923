//! Large messages. Segments change nothing: generated programs give the same bytes and the same report wherever memory is
//! emptied.

use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{Engine, Env, Limits, Outcome, RunError, fast};
use ottl_generate::{Case, Choices, Node};
use ottl_suite::engines;
use ottl_suite::rules;

/// How many programs.
const CASES: u64 = 4000;

/// Every member of a list several times, down to the records: the fields of a message, with this many levels of lists below.
fn repeated(fields: &[Node], levels: usize, times: usize) -> Vec<Node> {
    let mut out = Vec::new();
    for field in fields {
        // Resources are field 1 of a message; scopes and records are field 2 of what holds them.
        let is_member = matches!(field.number(), 1 if levels == 3) || field.number() == 2 && levels < 3;
        match field {
            Node::Message(number, inner) if is_member => {
                let inner = if levels > 1 { repeated(inner, levels - 1, times) } else { inner.clone() };
                out.extend(std::iter::repeat_n(Node::Message(*number, inner), times));
            }
            _ => out.push(field.clone()),
        }
    }
    out
}

/// A run of the fast engine with segments of this many bytes.
fn outcome(engine: &dyn Engine, message: &[u8], segment: usize) -> Outcome {
    let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
    let limits = Limits { segment, new_metrics: 20, ..Limits::default() };
    engine.outcome(message, &Env { limits, ..Env::new(&clock, &rng) })
}

#[test]
fn segments_change_nothing() {
    let functions = ottl_functions::registry();
    let compiler = ottl_compiler::Compiler::new(ottl_functions::registry());
    let mut compared = 0;
    for seed in 0..CASES {
        let case = Case::generate(&mut Choices::seeded(seed), &functions);
        let program = &case.program;
        let Ok(plan) = rules::compile(&compiler, program.processor.name(), program.signal, &program.yaml()) else {
            continue;
        };
        let engine = fast::Engine::new(&plan);
        let message = Node::encode(&repeated(&case.message, 3, 4));
        let whole = outcome(&engine, &message, usize::MAX);
        for segment in [0, 4096] {
            let parts = outcome(&engine, &message, segment);
            assert!(engines::out_of_memory(&whole) || parts == whole, "{seed} {segment}: {}", program.yaml());
        }
        compared += 1;
    }
    assert!(compared > CASES / 3, "{compared}");
}

#[test]
fn looking_for_other_keys_in_a_long_map_takes_steps() {
    const PAIRS: usize = 5000;
    let pair = |key| Node::Message(1, vec![Node::Bytes(1, format!("{key}").into_bytes())]);
    let resource = Node::Message(1, (0..PAIRS).map(pair).collect());
    let body = Node::Message(5, vec![Node::Bytes(1, b"4999".to_vec())]);
    let scope = Node::Message(2, vec![Node::Message(2, vec![body]); 3000]);
    let message = Node::encode(&[Node::Message(1, vec![resource, scope])]);
    for (key, is_named) in [("log.body", false), ("\"4999\"", true)] {
        let rules = format!("log_statements: ['set(log.severity_text, resource.attributes[{key}])']");
        let plan = rules::plan("transform", ottl_schema::Signal::Logs, &rules);
        let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
        let env = Env { limits: Limits { steps: 0, ..Limits::default() }, ..Env::new(&clock, &rng) };
        let result = fast::Engine::new(&plan).outcome(&message, &env).result;
        let is_spent = matches!(result, Err(RunError::Limit { name: "steps", by: Some(_) }));
        assert_ne!(is_spent, is_named, "{key}");
    }
}
