//! The parts of a program that runs rules over the messages that it receives; `docs/guides/embedding.md` explains them.

use std::collections::HashMap;
use std::error::Error;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;

use ottl::function::{FixedClock, FunctionDef, ParamType, SequenceRng, Type};
use ottl::{
    Call, ClientInfo, Compiler, Limits, Report, RuleSet, RuleSetHandle, Scratch, Signal, Status, Time, Value,
    in_order_with,
};

fn main() -> Result<(), Box<dyn Error>> {
    // What a receiver would have got.
    let messages = [message("password")?, message("user")?];

    // ANCHOR: compile
    let rules = RuleSet::compile(
        r#"
error_mode: ignore
log_statements:
  - set(log.attributes["tenant"], resource.attributes["service.namespace"])
  - delete_key(log.attributes, "password")
"#,
    )?;
    // ANCHOR_END: compile
    assert!(rules.warnings().is_empty());

    // ANCHOR: faults
    let refused = RuleSet::compile("log_statements: ['sett(log.body, 1)']").expect_err("there is no `sett`");
    for record in refused.diagnostics().records() {
        println!("{}:{} {} {}", record.line, record.column, record.code, record.message);
    }
    println!("{}", refused.diagnostics().render(false));
    // ANCHOR_END: faults
    assert_eq!(refused.diagnostics().len(), 1);

    // ANCHOR: run
    let (mut scratch, mut out, mut report) = (Scratch::new(), Vec::new(), Report::new());
    for message in &messages {
        out.clear();
        match rules.transform_into(Signal::Logs, message, &mut scratch, &mut out, &mut report) {
            Ok(Status::Unchanged) => send(message),
            Ok(Status::Changed) => send(&out),
            Ok(Status::Dropped) => {}
            // Damage, a limit, or an error under `error_mode: propagate`; the message is as it was.
            Err(error) => eprintln!("{error}"),
        }
    }
    // ANCHOR_END: run
    assert_eq!(report.messages(), 2);

    // ANCHOR: report
    for row in report.statements() {
        println!("{}: changed {} of {}", row.statement, row.counters.changed, row.counters.evaluated);
    }
    for failure in report.errors() {
        eprintln!("{}", failure.error);
    }
    // ANCHOR_END: report
    let changed: Vec<u64> = report.statements().map(|row| row.counters.changed).collect();
    assert_eq!(changed, [2, 1]);

    // ANCHOR: json
    let text = br#"{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"attributes": [{"key": "password", "value": {"stringValue": "x"}}]}]}]}]}"#;
    out.clear();
    let status = rules.transform_json_into(Signal::Logs, text, &mut scratch, &mut out, &mut report)?;
    // ANCHOR_END: json
    assert!(status == Status::Changed && !out.windows(8).any(|part| part == b"password"));

    // ANCHOR: call
    // Who sent the message, for `otelcol.client` and its like; and a flag that another thread sets to end the run.
    let client = ClientInfo { addr: Some("10.0.0.7:4317".to_owned()), ..ClientInfo::default() };
    let stop = AtomicBool::new(false);
    let call = Call { signal: Signal::Logs, client: Some(&client), cancel: Some(&stop) };
    let outcome = RuleSet::compile(r#"log_statements: ['set(log.attributes["from"], otelcol.client.addr)']"#)?
        .transform(call, &messages[0])?;
    // ANCHOR_END: call
    assert!(outcome.output.bytes(&messages[0]).is_some_and(|bytes| bytes.windows(8).any(|part| part == b"10.0.0.7")));

    // ANCHOR: swap
    let handle = RuleSetHandle::new(rules);
    if let Err(error) = handle.swap(RuleSet::compile("log_statements: ['set(log.severity_text, \"HIGH\")']")) {
        eprintln!("the old rules stay: {error}");
    }
    let outcome = handle.transform(Signal::Logs, &messages[0])?;
    // ANCHOR_END: swap
    assert!(outcome.output.bytes(&messages[0]).is_some_and(|bytes| bytes.windows(4).any(|part| part == b"HIGH")));

    // ANCHOR: threads
    let (queue, received) = mpsc::channel::<Vec<u8>>();
    for message in &messages {
        queue.send(message.clone())?;
    }
    drop(queue);
    let worker = || {
        let (mut scratch, handle) = (Scratch::new(), &handle);
        move |message: Vec<u8>| {
            // The rules in force now: they may be swapped while this runs.
            let (rules, mut out, mut report) = (handle.load(), Vec::new(), Report::new());
            let result = rules.transform_into(Signal::Logs, &message, &mut scratch, &mut out, &mut report);
            (message, result, out, rules, report)
        }
    };
    let (two, mut total) = (NonZeroUsize::MIN.saturating_add(1), Report::new());
    in_order_with(two, received, worker, |(message, result, out, rules, report)| {
        if let Some(ended) = total.switch_to(&rules) {
            println!("{} messages met the rules before", ended.messages());
        }
        total.merge(&report);
        match result {
            Ok(Status::Unchanged) => send(&message),
            Ok(Status::Changed) => send(&out),
            Ok(Status::Dropped) => {}
            Err(error) => eprintln!("{error}"),
        }
        ControlFlow::Continue(())
    });
    // ANCHOR_END: threads
    assert_eq!(total.messages(), 2);

    // ANCHOR: function
    let teams = HashMap::from([(b"cart".to_vec(), "shop".to_owned())]);
    let team = FunctionDef::converter("Team")
        .arg("service", ParamType::STRING, "name of the service")
        .returns(Type::String)
        .docs("The team that owns a service; nil if nobody does.")
        .value_with(move |context, args| match args[0].as_str().and_then(|service| teams.get(service)) {
            // What a call makes lives in the memory of its message.
            Some(team) => context.alloc(team.as_bytes()).map(Value::Str),
            None => Ok(Value::Nil),
        });
    let rules = Compiler::new()
        .function(team)
        .compile(r#"log_statements: ['set(log.attributes["team"], Team(resource.attributes["service.name"]))']"#)?;
    // ANCHOR_END: function
    let outcome = rules.transform(Signal::Logs, &messages[0])?;
    assert!(outcome.output.bytes(&messages[0]).is_some_and(|bytes| bytes.windows(4).any(|part| part == b"team")));

    // ANCHOR: fixed
    let noon = FixedClock(Time::from_unix_nanos(1_700_000_000_000_000_000));
    let compiler = Compiler::with_sources(Arc::new(noon), Arc::new(SequenceRng::default()));
    let outcome = compiler
        .compile(r#"log_statements: ['set(log.attributes["id"], UUID())', 'set(log.observed_time, Now())']"#)?
        .transform(Signal::Logs, &messages[0])?;
    // ANCHOR_END: fixed
    let id = b"00000000-0000-4000-8000-000000000000";
    assert!(outcome.output.bytes(&messages[0]).is_some_and(|bytes| bytes.windows(36).any(|part| part == id)));

    // ANCHOR: limits
    let limits = Limits { statements: 100, scratch_bytes: 8 << 20, ..Limits::default() };
    let compiler = Compiler::new().limits(limits);
    // ANCHOR_END: limits
    assert!(compiler.compile("log_statements: ['set(log.body, 1)']").is_ok());
    Ok(())
}

/// A message of one log record with an attribute, as protobuf.
fn message(attribute: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let text = format!(
        r#"{{"resourceLogs": [{{
            "resource": {{"attributes": [
                {{"key": "service.name", "value": {{"stringValue": "cart"}}}},
                {{"key": "service.namespace", "value": {{"stringValue": "shop"}}}}
            ]}},
            "scopeLogs": [{{"logRecords": [{{"attributes": [{{"key": "{attribute}", "value": {{"stringValue": "x"}}}}]}}]}}]
        }}]}}"#
    );
    let mut out = Vec::new();
    ottl::otlp::json::to_protobuf(Signal::Logs, text.as_bytes(), &mut out)?;
    Ok(out)
}

fn send(message: &[u8]) {
    println!("{} bytes", message.len());
}

#[test]
fn the_example_runs() {
    main().expect("it ends well");
}
