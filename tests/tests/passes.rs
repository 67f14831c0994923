//! Rule sets that take several walks over a message: each goes over what the one before left.

use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{Env, Output};
use ottl_generate::Node;
use ottl_schema::Signal;
use ottl_suite::{engines, rules};

#[test]
fn a_walk_that_writes_nothing_leaves_the_message_to_the_next() {
    // The first statement might write to the scope, so the scope's fields are moved; but it does not.
    let rules = r#"
log_statements:
  - statements: ['set(scope.attributes["a"], "") where log.body == "none"']
  - statements: ['set(log.attributes["b"], "") where log.body == "x"']
"#;
    let compiler = ottl_compiler::Compiler::new(ottl_functions::registry());
    let plan = rules::compile(&compiler, "transform", Signal::Logs, rules).expect("compiles");
    let record = |body: &str| Node::Message(2, vec![Node::Message(5, vec![Node::Bytes(1, body.into())])]);
    let between = Node::Bytes(3, b"url".to_vec());
    for (body, writes) in [("x", true), ("y", false)] {
        let scope = Node::Message(2, vec![record(body), between.clone(), Node::Message(1, Vec::new()), record(body)]);
        let message = Node::encode(&[Node::Message(1, vec![scope])]);
        let outcomes = [engines::fast(&plan), engines::interp(&plan)].map(|engine| {
            let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
            engine.outcome(&message, &Env::new(&clock, &rng))
        });
        assert_eq!(outcomes[0].report, outcomes[1].report);
        assert_eq!(matches!(outcomes[0].result, Ok(Output::Changed(_))), writes);
        let resources =
            outcomes[0].result.as_ref().ok().and_then(|output| output.bytes(&message)).map(ottl_engine::resources);
        assert_eq!(resources, Some(1));
    }
}
