//! Which configurations are accepted, compared with what the reference accepts.
#![cfg(feature = "host")]

use std::collections::HashMap;

use ottl::{Compiler, Output, ProcessorKind, Signal, Target};
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

/// A processor's body.
#[derive(Deserialize)]
struct Case {
    processor: String,
    /// The version of the reference; the newest without.
    target: Option<String>,
    text: String,
    /// Whether the reference accepts it.
    accepted: bool,
    /// Why we decide the other way.
    differs: Option<String>,
}

#[test]
fn bodies_are_accepted_and_rejected_as_the_reference_does() {
    let table: Table = toml::from_str(include_str!("bodies.toml")).expect("a table");
    assert!(table.case.len() > 150);
    let mut faults = Vec::new();
    for case in table.case {
        let kind = match case.processor.as_str() {
            "transform" => ProcessorKind::Transform,
            _ => ProcessorKind::Filter,
        };
        let target = case.target.map(|name| Target::by_name(&name).expect("a known version"));
        let compiler = Compiler::new().target(target.unwrap_or_default());
        let diagnostics = compiler.processor(kind).check(&case.text);
        let accepted = !diagnostics.has_errors();
        if accepted == (case.accepted ^ case.differs.is_some()) {
            continue;
        }
        faults.push(format!(
            "{} {:?}\n  reference: {}, ours: {accepted}\n  {diagnostics}",
            case.processor, case.text, case.accepted
        ));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[derive(Deserialize)]
struct CollectorTable {
    case: Vec<CollectorCase>,
}

/// A Collector's configuration.
#[derive(Deserialize)]
struct CollectorCase {
    text: String,
    #[serde(default)]
    env: HashMap<String, String>,
    pipeline: Option<String>,
    /// The record that comes out.
    output: Option<String>,
    #[serde(default)]
    dropped: bool,
    /// Why we decide the other way about accepting it.
    differs: Option<String>,
}

#[test]
fn collectors_expand_and_run_as_the_reference_does() {
    const INPUT: &str =
        r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"body":{"stringValue":"in"}}]}]}]}"#;
    let table: CollectorTable = toml::from_str(include_str!("collectors.toml")).expect("a table");
    assert!(table.case.len() > 100);
    let mut faults = Vec::new();
    for case in table.case {
        let env = case.env.clone();
        let mut compiler = Compiler::new().signals([Signal::Logs]).variables(move |name| env.get(name).cloned());
        if let Some(pipeline) = &case.pipeline {
            compiler = compiler.pipeline(pipeline);
        }
        let accepted = case.output.is_some() || case.dropped;
        let got = match compiler.compile(&case.text) {
            Err(error) if accepted ^ case.differs.is_some() => format!("rejected: {error}"),
            Ok(_) if accepted == case.differs.is_some() => String::from("accepted"),
            Err(_) => continue,
            Ok(_) if case.differs.is_some() => continue,
            Ok(rules) => match rules.transform_json(Signal::Logs, INPUT.as_bytes()).expect("it runs").output {
                Output::Dropped if case.dropped => continue,
                Output::Dropped => String::from("dropped"),
                output => {
                    let text = String::from_utf8_lossy(output.bytes(INPUT.as_bytes()).expect("bytes")).into_owned();
                    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                    let record = &value["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
                    let want: Option<serde_json::Value> =
                        case.output.as_deref().map(|text| serde_json::from_str(text).expect("JSON"));
                    if want.as_ref() == Some(record) {
                        continue;
                    }
                    text
                }
            },
        };
        faults.push(format!("{:?} {:?}\n  reference: {:?}, ours: {got}", case.text, case.env, case.output));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
