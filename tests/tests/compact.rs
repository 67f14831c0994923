//! Which rules run on compact records: a table, so that a change that sends usual rules the slow way says so.

use ottl_compiler::{Compiler, GroupSpec, SourceText, TransformOptions};
use ottl_engine::fast::Engine;
use ottl_schema::{ContextId, Signal};

fn compact_levels(signal: Signal, context: ContextId, texts: &[&str]) -> Vec<ContextId> {
    let statements = texts.iter().map(|text| SourceText { text, id: 0 }).collect();
    let group = GroupSpec { context: Some(context), statements, ..GroupSpec::default() };
    let compiled =
        Compiler::new(ottl_functions::registry()).compile_transform(signal, &[group], TransformOptions::default());
    Engine::new(compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))).compact_levels()
}

#[test]
fn usual_statements_run_on_compact_records() {
    let log = |text: &str| (Signal::Logs, ContextId::Log, vec![text.to_owned()]);
    let mut rows: Vec<_> = [
        r#"set(log.attributes["a"], 1) where log.attributes["b"] == nil"#,
        r#"set(log.attributes["a"], resource.attributes["b"])"#,
        r#"set(log.attributes["a"], log.attributes["b"])"#,
        r#"set(log.attributes["a"], Concat([log.attributes["b"], "x"], "-")) where IsString(log.attributes["b"])"#,
        r#"set(log.attributes["a"], Split(log.body, ",")[0])"#,
        r#"set(log.attributes["a"], SHA256(log.body)) where IsMatch(log.body, "^x") or log.severity_number < 9"#,
        r#"set(log.severity_text, log.attributes["level"])"#,
        r#"set(log.body, log.attributes["message"])"#,
        r#"delete_key(log.attributes, "a")"#,
        r#"delete_matching_keys(log.attributes, "^a")"#,
        r#"keep_keys(log.attributes, ["a", "b"])"#,
        r#"keep_matching_keys(log.attributes, "^a")"#,
        r#"limit(log.attributes, 9, ["a"])"#,
        "truncate_all(log.attributes, 64)",
        r#"replace_pattern(log.body, "a", "b")"#,
        r#"replace_pattern(log.attributes["a"], "a", "b")"#,
        r#"replace_all_patterns(log.attributes, "value", "a", "b")"#,
        r#"set(log.cache["a"], log.attributes["b"]["c"])"#,
        r#"set(log.attributes["a"], UUID())"#,
        r#"set(resource.attributes["a"], log.body)"#,
        r#"replace_pattern(log.body, "a", "b", SHA256)"#,
        r#"replace_pattern(log.body, log.severity_text, "b")"#,
        // What runs on few records does not decide.
        r#"flatten(log.attributes) where log.attributes["a"] == 1"#,
    ]
    .map(log)
    .into();
    let span = ["set(span.status.code, STATUS_CODE_ERROR)", r#"replace_pattern(span.name, "a", "b")"#];
    rows.push((Signal::Traces, ContextId::Span, span.map(str::to_owned).into()));
    let point = r#"set(datapoint.attributes["a"], metric.name) where datapoint.attributes["a"] == nil"#;
    rows.push((Signal::Metrics, ContextId::DataPoint, vec![point.to_owned()]));
    for (signal, context, texts) in rows {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(compact_levels(signal, context, &texts), [context], "{texts:?}");
    }
}

#[test]
fn others_are_not() {
    for text in [
        r#"set(log.attributes["a"]["b"], 1)"#,
        r#"set(log.attributes["a"], ParseJSON(log.body))"#,
        r#"set(log.attributes[log.severity_text], 1)"#,
        "flatten(log.attributes)",
        r#"replace_all_patterns(log.attributes, "key", "a", "b")"#,
    ] {
        assert_eq!(compact_levels(Signal::Logs, ContextId::Log, &[text]), [], "{text}");
    }
}
