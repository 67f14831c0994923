//! Bytes that stay as they are, messages in parts, and damage.

use ottl_compiler::TransformOptions;
use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{Env, Limits, Output, RunError};
use ottl_generate::Node;
use ottl_otlp::wire::put_varint_field;
use ottl_schema::{ContextId, Signal};
use ottl_suite::messages::field;
use ottl_suite::tree::decode;
use ottl_suite::{engines, messages, rules};

use super::{group, logs, run, run_with, statements, text, transform};

#[test]
fn what_nothing_wrote_is_unchanged() {
    let message = logs(&["a", "b"]);
    for texts in [
        &["set(log.body, \"x\") where log.body == \"c\""][..],
        &["set(log.cache[\"x\"], log.body)"],
        &["set(log.attributes, log.attributes)"],
        &["delete_key(log.attributes, \"none\")"],
    ] {
        let (output, _) = run(&statements(texts), &message).expect("runs");
        assert_eq!(output, Output::Unchanged, "{texts:?}");
    }
}

#[test]
fn an_empty_message_is_no_error() {
    assert_eq!(run(&statements(&["set(log.body, 1)"]), &[]).map(|(output, _)| output), Ok(Output::Unchanged));
}

#[test]
fn a_walk_that_writes_nothing_leaves_the_message_to_the_next() {
    // The first statement might write to the scope, so the scope's fields are moved; but it does not.
    let rules = r#"
log_statements:
  - statements: ['set(scope.attributes["a"], "") where log.body == "none"']
  - statements: ['set(log.attributes["b"], "") where log.body == "x"']
"#;
    let plan = rules::plan("transform", Signal::Logs, rules);
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

#[test]
fn unknown_fields_and_their_order_stay() {
    // A record: unknown field 99, body, unknown field 98; a group with an unknown field before its scopes.
    let number = |number, value| {
        let mut out = Vec::new();
        put_varint_field(&mut out, number, value);
        out
    };
    let message = |body: &[u8]| {
        let record = [number(99, 1), field(5, &field(1, body)), number(98, 2)].concat();
        field(1, &[number(77, 3), field(2, &field(2, &record))].concat())
    };
    let (output, _) = run(&statements(&["set(log.body, \"xyz\")"]), &message(b"a")).expect("runs");
    assert_eq!(output, Output::Changed(message(b"xyz")));
}

/// A reference to the dictionary of profiles beside a key, which other signals have no use for.
#[test]
fn references_beside_keys_go_with_the_pair_that_is_written() {
    let text = |text: &str| field(2, &field(1, text.as_bytes()));
    let pair =
        |key: &str, value: &str, reference: &[u8]| [&field(1, key.as_bytes()), &text(value)[..], reference].concat();
    let record = |attributes: [Vec<u8>; 2]| {
        let attributes = attributes.iter().flat_map(|pair| field(6, pair)).collect::<Vec<_>>();
        field(1, &field(2, &field(2, &attributes)))
    };
    let message = record([pair("a", "x", &[0x18, 5]), pair("b", "y", &[])]);
    let (other, _) = run(&statements(&[r#"set(log.attributes["b"], "z")"#]), &message).expect("runs");
    assert_eq!(other, Output::Changed(record([pair("a", "x", &[0x18, 5]), pair("b", "z", &[])])));
    let (own, _) = run(&statements(&[r#"set(log.attributes["a"], "z")"#]), &message).expect("runs");
    assert_eq!(own, Output::Changed(record([pair("a", "z", &[]), pair("b", "y", &[])])));
}

#[test]
fn scopes_in_the_deprecated_field_are_visited() {
    let message = field(1, &field(1000, &field(2, &field(5, &field(1, b"a")))));
    let (output, report) = run(&statements(&["set(log.body, \"b\")"]), &message).expect("runs");
    assert_eq!(report.sources[0].changed, 1);
    assert!(text(output, &message).contains("\"b\""));
}

#[test]
fn repeated_messages_are_put_together_once() {
    /// The rules of a case: signal, context, statements.
    type Rules = (Signal, ContextId, &'static [&'static str]);
    /// What stands around the message that is in parts.
    type Around<'f> = &'f dyn Fn(&[u8]) -> Vec<u8>;
    // A copy of what came before for every occurrence would take a million bytes.
    const TIMES: usize = 1000;
    let limits = Limits { scratch_bytes: 1 << 18, ..Limits::default() };
    let text = vec![b'z'; 1000];
    let string = field(1, &text);
    let pair = [field(1, b"k"), field(2, &string)].concat();
    let (attribute, number) = (field(1, &pair), [0x10, 9]);
    let record = |part: &[u8]| field(1, &field(2, &field(2, part)));
    let point = |part: &[u8]| record(&[field(1, b"m"), field(10, &field(1, part))].concat());
    /// The field, its first and its other occurrences, what is around it, and the rules.
    type Case<'c> = (u32, &'c [u8], &'c [u8], Around<'c>, Rules);
    let cases: [Case<'_>; 8] = [
        (5, &string, b"", &record, (Signal::Logs, ContextId::Log, &["set(log.attributes[\"n\"], Len(log.body))"])),
        (5, &string, &number, &record, (Signal::Logs, ContextId::Log, &["set(log.attributes[\"n\"], log.body)"])),
        (
            1,
            &attribute,
            &field(1, &field(1, b"last")),
            &|part| field(1, &[part.to_vec(), field(2, &field(2, b""))].concat()),
            (
                Signal::Logs,
                ContextId::Log,
                &[
                    "set(log.attributes[\"n\"], resource.attributes[\"k\"])",
                    "set(resource.attributes[\"n\"], \"x\")",
                    "set(log.attributes[\"m\"], resource.attributes[\"n\"])",
                ],
            ),
        ),
        (
            1,
            &field(1, b"name"),
            &field(3, &pair),
            &|part| field(1, &field(2, &[field(2, b""), part.to_vec(), field(2, b"")].concat())),
            (
                Signal::Logs,
                ContextId::Log,
                &["set(log.attributes[\"n\"], scope.name)", "set(scope.attributes[\"n\"], scope.attributes[\"k\"])"],
            ),
        ),
        (
            2,
            &string,
            b"",
            &|part| record(&field(6, &[field(1, b"k"), part.to_vec()].concat())),
            (Signal::Logs, ContextId::Log, &["set(log.severity_text, log.attributes[\"k\"])"]),
        ),
        (
            15,
            &field(2, &text),
            &[0x18, 2],
            &record,
            (
                Signal::Traces,
                ContextId::Span,
                &["set(span.attributes[\"n\"], span.status.message)", "set(span.status.code, span.status.code + 1)"],
            ),
        ),
        (
            8,
            &field(2, &[1; 1000]),
            &[0x08, 6],
            &point,
            (
                Signal::Metrics,
                ContextId::DataPoint,
                &[
                    "set(datapoint.attributes[\"n\"], Len(datapoint.positive.bucket_counts))",
                    "set(datapoint.positive.offset, datapoint.positive.offset + 1)",
                ],
            ),
        ),
        (9, &field(2, &[1; 1000]), &[0x08, 6], &point, (Signal::Metrics, ContextId::Metric, &["scale_metric(2.0)"])),
    ];
    for (number, first, last, around, (signal, context, texts)) in cases {
        let plan = transform(signal, &[group(context, texts)], TransformOptions::default());
        let result = |message: &[u8]| {
            let (output, _) = run_with(&plan, message, |env| env.limits = limits).expect("runs");
            decode(signal.message(), output.bytes(message).expect("not dropped")).expect("it is whole")
        };
        let many = [field(number, first), field(number, b"").repeat(TIMES), field(number, last)].concat();
        let one = field(number, &[first, last].concat());
        assert_eq!(result(&around(&many)), result(&around(&one)), "{texts:?}");
    }
}

#[test]
fn a_message_in_parts_of_which_one_is_no_message_is_damaged() {
    let parts = [field(5, &field(1, b"x")), vec![0x28, 1]].concat();
    let message = field(1, &field(2, &field(2, &parts)));
    let plan = statements(&["set(log.attributes[\"a\"], log.body)"]);
    assert!(matches!(run(&plan, &message), Err(RunError::Damaged(_))));
}

#[test]
fn fields_in_front_of_children_that_write_them_are_written_at_their_first_place() {
    // Schema URL and resource alternate in front of the scope, between fields that nobody knows.
    let odd = field(30, b"odd");
    let head = [field(1, &field(1, &field(1, b"k"))), field(3, b"u"), odd.clone()].concat();
    let scope = field(2, &field(2, b""));
    let message = field(1, &[odd.clone(), head.repeat(3), scope.clone()].concat());
    let plan = statements(&["set(resource.attributes[\"n\"], \"x\")", "set(resource.schema_url, \"w\")"]);
    run(&plan, &message).expect("runs");
    let pair = |key: &[u8], value: &[u8]| field(1, &[field(1, key), value.to_vec()].concat());
    let resource = [pair(b"k", b"").repeat(3), pair(b"n", &field(2, &field(1, b"x")))].concat();
    let wanted = [odd.clone(), field(1, &resource), field(3, b"w"), odd.repeat(3), scope].concat();
    let (rng, clock) = (SequenceRng::default(), FixedClock(Time::from_unix_nanos(0)));
    let fast = engines::fast(&plan).outcome(&message, &Env::new(&clock, &rng));
    assert_eq!(fast.result, Ok(Output::Changed(field(1, &wanted))));
}

#[test]
fn damage_is_an_error_with_its_place() {
    let plan = statements(&["set(log.body, \"x\") where log.attributes[\"k\"] == nil"]);
    for cut in 1..logs(&["abc"]).len() {
        let message = &logs(&["abc"])[..cut];
        match run(&plan, message) {
            Err(RunError::Damaged(error)) => assert!(error.offset <= cut, "{cut}: {error}"),
            other => panic!("{cut}: {other:?}"),
        }
    }
    // The value of an attribute: a string that is longer than its message.
    let message = field(1, &field(2, &field(2, &field(6, b"\x0a\x01k\x12\x02\x0a\x05"))));
    let error = run(&plan, &message).expect_err("is damaged");
    let RunError::Damaged(error) = error else { panic!("{error}") };
    assert_eq!(message[error.offset], 5, "the length at fault");
}

#[test]
fn broken_bytes_end_in_an_error_or_an_output() {
    let text = std::fs::read(ottl_suite::golden::folder().join("inputs/metrics-all.json")).expect("an input");
    let message = messages::protobuf(Signal::Metrics, text);
    let list = [
        group(ContextId::Metric, &["set(metric.data_points, metric.data_points)", "scale_metric(2.0)"]),
        group(ContextId::DataPoint, &["set(attributes[\"x\"][\"y\"], bucket_counts)", "set(exemplars, exemplars)"]),
        group(ContextId::Exemplar, &["set(filtered_attributes[\"x\"], trace_id.string)"]),
    ];
    let plan = transform(Signal::Metrics, &list, TransformOptions::default());
    let (mut failed, mut changed) = (0, 0);
    for at in 0..message.len() {
        for byte in [0x00, 0x7f, 0x80, 0xff, message[at] ^ 1, message[at] ^ 4] {
            let mut broken = message.clone();
            broken[at] = byte;
            match run(&plan, &broken) {
                Err(RunError::Damaged(error)) => {
                    failed += 1;
                    assert!(error.offset <= broken.len(), "{at} {byte}: {error}");
                }
                Ok((Output::Changed(_), _)) => changed += 1,
                Ok(_) => {}
                Err(error) => panic!("{at} {byte}: {error}"),
            }
        }
    }
    assert!(failed > 1000 && changed > 1000, "{failed} {changed}");
}
