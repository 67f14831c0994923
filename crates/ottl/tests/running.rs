//! Rule sets at work: chains, reports, swaps, threads.
#![cfg(all(feature = "host", feature = "threads", feature = "interp"))]

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ottl::{
    Compiler, Engine, Failure, Limits, Output, Report, RuleSet, RuleSetHandle, Scratch, Signal, Status, in_order,
};

fn message(records: usize) -> Vec<u8> {
    let record = r#"{"body":{"stringValue":"b"}}"#;
    let text =
        format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, vec![record; records].join(","));
    let mut out = Vec::new();
    ottl::otlp::json::to_protobuf(Signal::Logs, text.as_bytes(), &mut out).expect("OTLP/JSON");
    out
}

const CHAIN: &str = r#"
processors:
  transform/a: {log_statements: ['set(log.severity_text, "A")', 'set(log.attributes["n"], 1) where log.body == "x"']}
  filter/b: {log_conditions: ['log.body == nil']}
  transform/c: {error_mode: propagate, log_statements: ['set(log.body, log.severity_text)']}
service: {pipelines: {logs: {processors: [transform/a, filter/b, transform/c]}}}
"#;

#[test]
fn a_chain_hands_on_what_the_one_before_made() {
    for engine in [Engine::Fast, Engine::Interp] {
        let rules = Compiler::new().engine(engine).compile(CHAIN).expect("rules");
        let input = message(3);
        let (mut scratch, mut report) = (Scratch::new(), Report::new());
        let mut out = b"before".to_vec();
        let status = rules.transform_into(Signal::Logs, &input, &mut scratch, &mut out, &mut report).expect("it runs");
        assert_eq!(status, Status::Changed);
        assert!(out.starts_with(b"before"), "the buffer keeps what was in it");
        let mut text = Vec::new();
        ottl::otlp::json::from_protobuf(Signal::Logs, &out[6..], &mut text, Default::default()).expect("OTLP");
        let text = String::from_utf8(text).expect("UTF-8");
        assert_eq!(text.matches(r#""body":{"stringValue":"A"}"#).count(), 3, "{engine:?}: {text}");
        let counted: Vec<(&str, u64, u64)> = report
            .statements()
            .map(|row| (row.statement.processor(), row.counters.evaluated, row.counters.matched))
            .collect();
        let want = [("transform/a", 3, 3), ("transform/a", 3, 0), ("filter/b", 3, 0), ("transform/c", 3, 3)];
        assert_eq!(counted, want, "{engine:?}");
    }
}

#[test]
fn signals_without_rules_pass_through_unread() {
    let rules = RuleSet::compile(CHAIN).expect("rules");
    for signal in [Signal::Traces, Signal::Metrics, Signal::Profiles] {
        assert!(rules.is_empty_for(signal));
        assert_eq!(rules.transform(signal, b"\xff no OTLP").expect("it is not read").output, Output::Unchanged);
    }
    let only_traces = Compiler::new().signals([Signal::Traces]).compile(CHAIN).expect("rules");
    assert_eq!(only_traces.signals().count(), 0);
}

#[test]
fn errors_say_what_happened() {
    let rules =
        RuleSet::compile("error_mode: propagate\nlog_statements: ['set(log.body, 1 / Int(log.body))']").expect("rules");
    let zero = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"0"}}]}]}]}"#;
    let error = rules.transform_json(Signal::Logs, zero).expect_err("a division by zero");
    assert!(error.is_statement() && !error.is_damaged() && !error.is_limit());
    let place = "resourceLogs[0].scopeLogs[0].logRecords[0]";
    let said = format!(
        "rules.yaml:2:19: `set(log.body, 1 / Int(log.body))`: division by zero, in `1 / Int(log.body)`; at {place}"
    );
    assert_eq!(error.to_string(), said);
    assert_eq!(error.place().expect("a record").to_string(), place);
    assert_eq!((error.signal(), error.limit()), (Some(Signal::Logs), None));
    let error = rules.transform(Signal::Logs, b"\x0a\xff").expect_err("damage");
    assert!(error.is_damaged() && error.statement().is_none(), "{error}");
    assert!(rules.transform_json(Signal::Logs, b"{").expect_err("no JSON").is_damaged());
}

/// What was wanted and what there was, in numbers and in the words of the rule; never the text itself.
#[test]
fn errors_say_what_was_wanted() {
    for (value, said) in [
        ("Substring(log.body, 1, 9)", "start 1 with length 9 leaves the text, which has 6 bytes"),
        ("Substring(log.body, -1, 2)", "start -1 with length 2: a part of a text starts at 0 or later"),
        ("Time(log.body, \"%Y-%m-%d\")", "argument `time`: the text does not fit the layout `%Y-%m-%d`"),
    ] {
        let rules =
            RuleSet::compile(&format!("log_statements: ['set(log.attributes[\"a\"], {value})']")).expect("rules");
        let text = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"secret"}}]}]}]}"#;
        let report = rules.transform_json(Signal::Logs, text).expect("ignored").report;
        let failure = report.errors().next().expect("it fails");
        assert!(failure.text().starts_with(said), "{}", failure.text());
        assert_eq!(failure.expression(), Some(value));
        assert!(!serde_json::to_string(&report).expect("plain data").contains("secret"));
    }
}

#[test]
fn limits_name_the_statement_and_the_record() {
    let limits = Limits { list_padding: 10, ..Limits::default() };
    let text = "log_statements: ['set(log.attributes[\"l\"][11], 1) where log.body == \"b\"']";
    let rules = Compiler::new().limits(limits).compile(text).expect("rules");
    let bodies = br#"{"resourceLogs":[{},{"scopeLogs":[{"logRecords":[{},{"body":{"stringValue":"b"}}]}]}]}"#;
    let error = rules.transform_json(Signal::Logs, bodies).expect_err("a limit");
    assert!(error.is_limit() && !error.is_statement());
    assert_eq!(error.limit(), Some("list_padding"));
    assert_eq!(error.place().expect("a record").to_string(), "resourceLogs[1].scopeLogs[0].logRecords[1]");
    assert!(error.to_string().starts_with("rules.yaml:1:19: `set("), "{error}");
    assert!(error.to_string().contains("limit reached: list_padding; at resourceLogs[1]"), "{error}");
}

#[test]
fn errors_of_reports_have_a_message_and_a_place() {
    let rules = RuleSet::compile("log_statements: ['set(log.body, 1 / Int(log.body))']").expect("rules");
    let message = |bodies: &[i64]| {
        let records: Vec<_> = bodies.iter().map(|n| format!(r#"{{"body":{{"intValue":"{n}"}}}}"#)).collect();
        let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
        let mut out = Vec::new();
        ottl::otlp::json::to_protobuf(Signal::Logs, text.as_bytes(), &mut out).expect("OTLP/JSON");
        out
    };
    let messages: Vec<_> = (0..40).map(|n| if n % 10 == 7 { message(&[1, 2, 0]) } else { message(&[1]) }).collect();
    let mut alone = Report::new();
    rules.transform_all(Signal::Logs, &messages, &mut alone);
    let mut threads = Report::new();
    let three = NonZeroUsize::new(3).expect("not zero");
    in_order(&rules, three, &messages, |_| Signal::Logs.into(), &mut threads, |_| ControlFlow::Continue(()));
    for report in [alone, threads] {
        let kinds: Vec<_> = report.statements().flat_map(|statement| statement.failures()).collect();
        let [kind] = kinds[..] else { panic!("{kinds:?}") };
        let at = |failure: &Failure<'_>| format!("{}, {}", failure.message, failure.place);
        assert_eq!((kind.count, kind.fatal), (4, 0));
        assert_eq!(at(&kind.first), "message 8, resourceLogs[0].scopeLogs[0].logRecords[2]");
        let listed: Vec<_> = report.errors().map(|failure| failure.message.number).collect();
        assert_eq!(listed, [8, 18, 28, 38]);
    }
}

#[test]
fn reports_serialize_and_add_up() {
    let rules = RuleSet::compile("log_conditions: ['log.body == \"b\"']").expect("rules");
    let mut report = Report::new();
    let results = rules.transform_all(Signal::Logs, [message(2), message(1), Vec::new()], &mut report);
    assert!(matches!(results[..], [Ok(Output::Dropped), Ok(Output::Dropped), Ok(_)]));
    assert_eq!(report.dropped().log_records, 3);
    let mut sum = Report::new();
    sum.merge(&report);
    sum.merge(&report);
    let json: serde_json::Value = serde_json::to_value(&sum).expect("plain data");
    assert_eq!(json["messages"], 6);
    assert_eq!(json["dropped"]["log_records"], 6);
    assert_eq!(json["statements"][0]["matched"], 6);
    assert_eq!(json["statements"][0]["statement"], "log.body == \"b\"");
    assert_eq!((&json["statements"][0]["line"], &json["statements"][0]["column"]), (&1.into(), &19.into()));
}

#[test]
fn warnings_can_be_denied() {
    let text = "processors: {transform: {log_statements: ['set(log.body, \"${env:NONE}\")']}}";
    let rules = RuleSet::compile(text).expect("warnings only");
    let names: Vec<&str> = rules.warnings().iter().map(|warning| warning.code.name()).collect();
    // One processor has no order that pipelines could name.
    assert_eq!(names, ["unset-variable"]);
    assert!(Compiler::new().deny_warnings(true).compile(text).is_err());
}

#[test]
fn a_body_is_expanded_on_request_only() {
    let text = "log_statements: ['set(log.body, \"$$${env:X}\")']";
    let compiler = Compiler::new().variables(|_| Some(String::from("v")));
    let plain = compiler.compile(text).expect("rules");
    let expanded = compiler.clone().expand(true).compile(text).expect("rules");
    let source = |rules: &RuleSet| rules.plans(Signal::Logs).next().expect("one").sources[0].clone();
    assert_eq!([&plain, &expanded].map(source), ["set(log.body, \"$$${env:X}\")", "set(log.body, \"$v\")"]);
    // What is shown is what the file says.
    let shown = |rules: &RuleSet| rules.statements(Signal::Logs).next().expect("one").text().to_owned();
    assert_eq!([&plain, &expanded].map(shown), ["set(log.body, \"$$${env:X}\")"; 2]);
}

/// Each rule set writes its own number to every record in two statements; a batch that mixed rule sets would show it.
#[test]
fn every_batch_meets_one_rule_set_whatever_is_swapped() {
    let rules = |number: u64| {
        let chain = format!(
            "processors:\n  transform/a: {{log_statements: ['set(log.attributes[\"a\"], {number})']}}\n  \
             transform/b: {{log_statements: ['set(log.attributes[\"b\"], {number})']}}\n"
        );
        Compiler::new().compile(&chain)
    };
    let handle = RuleSetHandle::new(rules(0).expect("rules"));
    let input = message(20);
    let (done, batches) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let (mut scratch, mut report, mut out, mut text) =
                    (Scratch::new(), Report::new(), Vec::new(), Vec::new());
                while !done.load(Ordering::Relaxed) {
                    out.clear();
                    handle.transform_into(Signal::Logs, &input, &mut scratch, &mut out, &mut report).expect("it runs");
                    text.clear();
                    ottl::otlp::json::from_protobuf(Signal::Logs, &out, &mut text, Default::default()).expect("OTLP");
                    let text = String::from_utf8_lossy(&text);
                    let numbers: Vec<&str> =
                        text.split(r#""intValue":""#).skip(1).filter_map(|rest| rest.split('"').next()).collect();
                    assert_eq!(numbers.len(), 40);
                    assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
                    batches.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for number in 1..200 {
            let old = handle.swap(rules(number)).expect("it compiles");
            assert!(old.statements(Signal::Logs).next().expect("one").text().ends_with(&format!("{})", number - 1)));
            let refused = handle.swap(Compiler::new().compile("log_statements: [nonsense]"));
            assert!(refused.is_err());
        }
        while batches.load(Ordering::Relaxed) < 50 {
            std::thread::yield_now();
        }
        done.store(true, Ordering::Relaxed);
    });
    let last = handle.load();
    assert!(last.statements(Signal::Logs).next().expect("one").text().contains("199"));
}

#[test]
fn many_threads_keep_the_order() {
    let rules = RuleSet::compile("log_statements: ['set(log.severity_text, \"X\")']").expect("rules");
    for threads in [1, 2, 5] {
        let messages: Vec<Vec<u8>> = (0..101).map(|number| message(number % 7 + 1)).collect();
        let lengths: Vec<usize> = messages.iter().map(Vec::len).collect();
        let (mut seen, mut report) = (Vec::new(), Report::new());
        let threads = NonZeroUsize::new(threads).expect("some");
        in_order(
            &rules,
            threads,
            messages,
            |_| Signal::Logs.into(),
            &mut report,
            |done| {
                assert_eq!(done.result.expect("it runs"), Status::Changed);
                assert!(done.out.len() > done.message.len());
                seen.push(done.message.len());
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, lengths);
        assert_eq!(report.messages(), 101);
        let records: u64 = (0..101).map(|number| number % 7 + 1).sum();
        assert_eq!(report.statements().next().expect("one").counters.changed, records);
    }
}

#[test]
fn a_sink_may_end_the_run() {
    let rules = RuleSet::compile("log_statements: []").expect("rules");
    let (mut taken, mut report) = (0, Report::new());
    let endless = std::iter::repeat_with(|| message(1));
    in_order(
        &rules,
        NonZeroUsize::MIN,
        endless,
        |_| Signal::Logs.into(),
        &mut report,
        |_| {
            taken += 1;
            if taken == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    assert_eq!(taken, 10);
}
