//! The parts of a program that runs rules over the messages that it receives; `docs/guides/embedding.md` explains them.

use std::collections::HashMap;
use std::error::Error;

use ottl::function::{FunctionDef, ParamType, Type};
use ottl::{Compiler, Limits, Report, RuleSet, RuleSetHandle, Scratch, Signal, Status, Value};

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

    // ANCHOR: swap
    let handle = RuleSetHandle::new(rules);
    if let Err(error) = handle.swap(RuleSet::compile("log_statements: ['set(log.severity_text, \"HIGH\")']")) {
        eprintln!("the old rules stay: {error}");
    }
    let outcome = handle.transform(Signal::Logs, &messages[0])?;
    // ANCHOR_END: swap
    assert!(outcome.output.bytes(&messages[0]).is_some_and(|bytes| bytes.windows(4).any(|part| part == b"HIGH")));

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
