//! Rule sets at work: chains, reports, swaps, threads.
#![cfg(all(feature = "host", feature = "threads", feature = "interp"))]

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ottl::{
    Call, ClientInfo, Compiler, Engine, Failure, Limits, Output, Report, RuleSet, RuleSetHandle, Scratch, Signal,
    Status, in_order, in_order_with,
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

#[test]
fn json_in_the_memory_of_the_caller_is_as_without() {
    let text = r#"
processors:
  transform: {log_statements: ['set(log.body, 1 / Int(log.attributes["n"])) where log.attributes["n"] != nil']}
  filter: {trace_conditions: ['span.name == "noise"']}
service: {pipelines: {logs: {processors: [transform]}, traces: {processors: [filter]}}}
"#;
    let rules = RuleSet::compile(text).expect("rules");
    let attribute = |n: i32| format!(r#"{{"attributes": [{{"key": "n", "value": {{"intValue": "{n}"}}}}]}}"#);
    let logs = |records: &[String]| {
        format!(r#"{{"resourceLogs": [{{"scopeLogs": [{{"logRecords": [{}]}}]}}], "mine": 0.50}}"#, records.join(", "))
    };
    let spans =
        |name: &str| format!(r#"{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{{"name": "{name}"}}]}}]}}]}}"#);
    let messages = [
        (Signal::Logs, logs(&[attribute(1), "{}".to_owned()])),
        (Signal::Logs, String::new()),
        (Signal::Traces, spans("noise")),
        (Signal::Logs, logs(&["{}".to_owned()])),
        (Signal::Traces, spans("kept")),
        (Signal::Logs, logs(&[attribute(0), attribute(2)])),
        (Signal::Logs, spans("other")),
        (Signal::Metrics, "[1".to_owned()),
    ];
    let (mut scratch, mut out, mut report, mut sum) =
        (Scratch::new(), b"before".to_vec(), Report::new(), Report::new());
    for (number, (signal, text)) in (1..).zip(&messages) {
        out.truncate(6);
        let status = rules.transform_json_into(*signal, text.as_bytes(), &mut scratch, &mut out, &mut report);
        assert!(out.starts_with(b"before"));
        match (status, rules.transform_json(*signal, text.as_bytes())) {
            (Ok(status), Ok(outcome)) => {
                assert_eq!(status.output(out[6..].to_vec()), outcome.output, "{text}");
                sum.merge(&outcome.report);
            }
            (Err(error), Err(same)) => assert_eq!((error.to_string(), out.len()), (same.to_string(), 6), "{text}"),
            other => panic!("{text}: {other:?}"),
        }
        assert_eq!(report.messages(), number);
    }
    assert_eq!((report.failed_messages(), report.dropped_messages()), (2, 1));
    let counters = |report: &Report| report.statements().map(|row| row.counters).collect::<Vec<_>>();
    assert_eq!(counters(&report), counters(&sum));
}

#[test]
fn refused_rules_show_what_is_wrong_and_not_their_text() {
    let error =
        RuleSet::compile("log_statements: ['sett(log.body, 1)', 'set(log.body, 2)']").expect_err("no such editor");
    let shown = format!("{error:?}");
    assert!(shown.contains("rules.yaml:1:19: error[E0201]") && !shown.contains("log.body, 2"), "{shown}");
}

/// A source that gives its next message only after the one before was handed out, as where answers are waited for.
#[test]
fn what_is_done_is_handed_out_while_the_source_waits() {
    let rules = RuleSet::compile("log_statements: ['set(log.severity_text, \"X\")']").expect("rules");
    let (answer, answers) = std::sync::mpsc::channel();
    let mut asked = 0;
    let source = std::iter::from_fn(move || {
        assert!(asked < 6, "the source was asked after its end");
        asked += 1;
        if asked > 1 {
            answers.recv_timeout(std::time::Duration::from_secs(60)).expect("the message before is handed out");
        }
        (asked < 6).then(|| message(1))
    });
    let mut report = Report::new();
    let three = NonZeroUsize::new(3).expect("not zero");
    in_order(
        &rules,
        three,
        source,
        |_| Signal::Logs.into(),
        &mut report,
        |done| {
            assert_eq!(done.result.expect("it runs"), Status::Changed);
            answer.send(()).expect("the source waits");
            ControlFlow::Continue(())
        },
    );
    assert_eq!(report.messages(), 5);
}

#[test]
fn messages_are_numbered_on_over_runs_and_swaps() {
    let compile = |text: &str| {
        RuleSet::compile(&format!("log_statements: ['set(log.attributes[\"{text}\"], 1 / Int(log.attributes))']"))
    };
    let handle = RuleSetHandle::new(compile("a").expect("rules"));
    let mut report = Report::new();
    let numbers = |report: &Report| report.errors().map(|error| error.message.number).collect::<Vec<_>>();
    let two = NonZeroUsize::new(2).expect("not zero");
    report.name_inputs([(1, "all".into())]);
    let run = |report: &mut Report| {
        in_order(
            &handle.load(),
            two,
            vec![message(1); 3],
            |_| Signal::Logs.into(),
            report,
            |_| ControlFlow::Continue(()),
        );
    };
    run(&mut report);
    run(&mut report);
    handle.swap(compile("b")).expect("rules");
    assert!(report.switch_to(&handle.load()).is_some_and(|before| {
        before.messages() == 6
            && numbers(&before) == [1, 2, 3, 4, 5, 6]
            && before
                .errors()
                .all(|error| error.message.input == Some("all") && error.statement.text().contains("\"a\""))
    }));
    assert!(report.switch_to(&handle.load()).is_none());
    run(&mut report);
    assert_eq!((report.messages(), numbers(&report)), (3, vec![7, 8, 9]));
    assert!(Report::new().switch_to(&handle.load()).is_none());
}

#[test]
fn numbers_end_at_the_greatest() {
    let rules = RuleSet::compile("log_statements: ['set(log.body, 1 / Int(log.attributes))']").expect("rules");
    let mut report = Report::new();
    report.number_next(u64::MAX);
    report.name_inputs([(0, "all".into())]);
    rules.transform_all(Signal::Logs, [message(1), message(1)], &mut report);
    let two = NonZeroUsize::new(2).expect("not zero");
    let messages = vec![message(1); 3];
    in_order(&rules, two, messages, |_| Signal::Logs.into(), &mut report, |_| ControlFlow::Continue(()));
    assert_eq!(report.messages(), 5);
    assert!(report.errors().all(|error| error.message.number == u64::MAX));
}

#[test]
fn threads_may_be_more_than_the_machine_has() {
    let (mut seen, many) = (Vec::new(), NonZeroUsize::new(100).expect("not zero"));
    let sink = |number: u32| {
        seen.push(number);
        ControlFlow::Continue(())
    };
    in_order_with(many, 0..1000, || |number: u32| number, sink);
    assert!(seen.into_iter().eq(0..1000));
}

#[test]
fn panics_of_the_source_and_the_worker_come_out() {
    let run = |source: fn(u32) -> u32, worker: fn(u32) -> u32| {
        let two = NonZeroUsize::new(2).expect("not zero");
        let run = || in_order_with(two, (0..50).map(source), || worker, |_| ControlFlow::Continue(()));
        let panic = std::panic::catch_unwind(run).expect_err("it panics");
        assert_eq!(panic.downcast_ref(), Some(&"the caller's own"));
    };
    let fails = |number| if number < 20 { number } else { panic!("the caller's own") };
    run(fails, |number| number);
    run(|number| number, fails);
}

/// Each message brings its client along, and rules are swapped meanwhile: each meets one rule set and its own client.
#[test]
fn messages_bring_their_clients_along() {
    let compile = |name: &str| {
        RuleSet::compile(&format!(
            "log_statements: ['set(log.severity_text, Concat([\"{name}\", otelcol.client.addr], \" \"))']"
        ))
    };
    let handle = RuleSetHandle::new(compile("a").expect("rules"));
    let of = |number: u32| (ClientInfo { addr: Some(format!("10.0.0.{number}")), ..ClientInfo::default() }, message(2));
    let worker = || {
        let (mut scratch, handle) = (Scratch::new(), &handle);
        move |(client, message): (ClientInfo, Vec<u8>)| {
            let (rules, mut out, mut report) = (handle.load(), Vec::new(), Report::new());
            let call = Call { signal: Signal::Logs, client: Some(&client), cancel: None };
            rules.transform_into(call, &message, &mut scratch, &mut out, &mut report).expect("it runs");
            (client, rules, out, report)
        }
    };
    let (mut taken, mut total, mut ended) = (0, Report::new(), Vec::new());
    let three = NonZeroUsize::new(3).expect("not zero");
    in_order_with(three, (0..60).map(of), worker, |(client, rules, out, report)| {
        assert_eq!(client.addr, Some(format!("10.0.0.{taken}")));
        let name = if rules.statements(Signal::Logs).all(|one| one.text().contains("\"a\"")) { "a" } else { "b" };
        let text = format!("{name} 10.0.0.{taken}");
        assert_eq!(out.windows(text.len()).filter(|part| *part == text.as_bytes()).count(), 2);
        ended.extend(total.switch_to(&rules));
        total.merge(&report);
        taken += 1;
        if taken == 20 {
            handle.swap(compile("b")).expect("rules");
        }
        ControlFlow::Continue(())
    });
    assert_eq!(taken, 60);
    assert!(!ended.is_empty());
    assert_eq!(ended.iter().map(Report::messages).sum::<u64>() + total.messages(), 60);
}
