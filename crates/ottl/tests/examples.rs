//! The examples of all functions do what they say.
//!
//! With data sets compiled in, and in a build without them also with files that are handed over at run time.
#![cfg(feature = "host")]

use ottl::function::{Example, FunctionDef, FunctionKind, Purity};
use ottl::{DataSet, Output, RuleSet, Signal};
use ottl_functions::example;
use serde_json::{Value, json};

/// The records of a message of one scope after rules.
fn run(signal: Signal, rules: &str, records: &str) -> Vec<Value> {
    let [groups, scopes, list] = signal.lists().map(|list| list.name);
    let message = format!(r#"{{"{groups}":[{{"{scopes}":[{{"{list}":[{records}]}}]}}]}}"#);
    let compiled = RuleSet::compile(rules).unwrap_or_else(|error| panic!("{rules}: {error}"));
    let outcome =
        compiled.transform_json(signal, message.as_bytes()).unwrap_or_else(|error| panic!("{rules}: {error}"));
    let text = match outcome.output {
        Output::Changed(text) => text,
        _ => message.into_bytes(),
    };
    let found: Value = serde_json::from_slice(&text).expect("OTLP/JSON");
    found[groups][0][scopes][0][list].as_array().cloned().unwrap_or_default()
}

/// An `AnyValue` as the JSON that it stands for.
fn plain(any: &Value) -> Value {
    let Some((kind, value)) = any.as_object().and_then(|any| any.iter().next()) else { return Value::Null };
    let members = || value["values"].as_array().cloned().unwrap_or_default();
    match kind.as_str() {
        "intValue" => value.as_str().and_then(|text| text.parse::<i64>().ok()).map_or(Value::Null, Value::from),
        "arrayValue" => members().iter().map(plain).collect(),
        "kvlistValue" => {
            let pair = |pair: &Value| (pair["key"].as_str().unwrap_or_default().to_owned(), plain(&pair["value"]));
            Value::Object(members().iter().map(pair).collect())
        }
        _ => value.clone(),
    }
}

/// Equality of JSON, with numbers by their value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// What an example gives, in the form of its result.
fn outcome(function: &FunctionDef, example: &Example) -> Value {
    let (context, record) = example::before(function, example);
    let signal = match context {
        "metric" | "datapoint" => Signal::Metrics,
        "span" => Signal::Traces,
        _ => Signal::Logs,
    };
    let code = example.code;
    let list = format!("{}_statements", signal.name().trim_end_matches('s'));
    let group = |group: Value| json!({ list.as_str(): [group] }).to_string();
    if function.kind == FunctionKind::Editor {
        let records = run(signal, &group(json!({ "context": context, "statements": [code] })), record);
        return if let [one] = &records[..] { one.clone() } else { Value::Array(records) };
    }
    if context == "metric" {
        let statement = r#"set(metric.description, "holds")"#;
        let rules = group(json!({ "context": context, "conditions": [code], "statements": [statement] }));
        let records = run(signal, &rules, record);
        return Value::Bool(records[0]["description"] == "holds");
    }
    let statement = format!(r#"set({context}.attributes["result"], {code})"#);
    let records = run(signal, &group(json!({ "context": context, "statements": [statement] })), record);
    let pairs = records[0]["attributes"].as_array().expect("a pair was written");
    plain(&pairs.iter().find(|pair| pair["key"] == "result").expect("the result")["value"])
}

#[test]
fn examples_do_what_they_say() {
    for set in DataSet::ALL.into_iter().filter(|set| !set.is_there()) {
        let rules = match set {
            DataSet::Charsets => r#"set(log.body, Decode(log.body, "utf-16"))"#,
            DataSet::Grok => r#"set(log.body, ExtractGrokPatterns("a", "%{WORD:w}"))"#,
            DataSet::Locales => r#"set(log.time, Time("1 mai", "%d %B", "", "fr"))"#,
            DataSet::UserAgents => r#"set(log.body, UserAgent("a"))"#,
            DataSet::Zones => r#"set(log.time, Time("CET", "%Z"))"#,
        };
        let rules = json!({ "log_statements": [rules] }).to_string();
        let refused = RuleSet::compile(&rules).expect_err("the set is missing");
        assert!(refused.diagnostics().missing_data().eq([set]), "{refused}");
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../ottl-core/data");
        let bytes = std::fs::read(folder.join(set.file())).expect("a file of the repository");
        assert!(set.load(&bytes[1..]).is_err());
        set.load(&bytes).expect("the file of this version");
        assert!(RuleSet::compile(&rules).is_ok(), "{set}");
    }
    let (mut count, mut wrong) = (0, Vec::new());
    for function in ottl::registry().iter().filter(|function| function.purity != Purity::Volatile) {
        for example in &function.examples {
            count += 1;
            let wanted: Value =
                serde_json::from_str(example.result).unwrap_or_else(|error| panic!("{}: {error}", example.code));
            let got = outcome(function, example);
            if !same(&got, &wanted) {
                wrong.push(format!("{}\n  {wanted}\n  {got}", example.code));
            }
        }
    }
    assert!(count > 150, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
