//! Which errors a report lists, and in what order, where groups of statements run in one walk.

use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{Env, Limits};
use ottl_generate::Node;
use ottl_schema::Signal;
use ottl_suite::{engines, rules};

#[test]
fn the_first_errors_are_those_of_the_first_group_as_the_reference_meets_them() {
    let rules = r#"
log_statements:
  - context: resource
    error_mode: ignore
    statements: ['set(resource.attributes["n"], Int(Len(resource.attributes["none"])))']
  - context: log
    error_mode: ignore
    statements: ['set(log.severity_number, log.body)', 'set(log.flags, log.body)']
  - context: log
    error_mode: ignore
    statements: ['set(log.severity_number, log.body)']
"#;
    let compiler = ottl_compiler::Compiler::new(ottl_functions::registry());
    let plan = rules::compile(&compiler, "transform", Signal::Logs, rules).expect("compiles");
    let record = Node::Message(2, vec![Node::Message(5, vec![Node::Bytes(1, b"x".to_vec())])]);
    let resource = Node::Message(1, vec![Node::Message(2, vec![record; 3])]);
    let message = Node::encode(&vec![resource; 2]);
    let sources = |listed_errors: usize| {
        let engines = [engines::fast(&plan), engines::interp(&plan)];
        let reports = engines.map(|engine| {
            let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
            let limits = Limits { listed_errors, ..Limits::default() };
            engine.outcome(&message, &Env { limits, ..Env::new(&clock, &rng) }).report
        });
        assert_eq!(reports[0], reports[1], "{listed_errors}");
        let listed = reports[0].errors.iter().map(|error| (error.source, error.place.indexes().to_vec()));
        listed.collect::<Vec<_>>()
    };
    let all = sources(100);
    let order: Vec<u32> = all.iter().map(|(source, _)| *source).collect();
    assert_eq!(order, [0, 0, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 3, 3, 3, 3, 3]);
    for most in 0..all.len() {
        assert_eq!(sources(most), all[..most]);
    }
}
