//! Functions of embedders: closures that own what they need, over `ottl` alone.
#![cfg(all(feature = "host", feature = "interp"))]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ottl::function::{Const, Function, FunctionDef, Kernel, ParamType, Purity, TextPredicate, Type};
use ottl::regex::TextPattern;
use ottl::{Compiler, Engine, EvalError, Output, RuleSet, Signal, Value};

/// The rules with the functions, in both engines.
fn compiled(functions: &[Function], statements: &[&str]) -> [RuleSet; 2] {
    let list: String = statements.iter().map(|statement| format!("  - '{statement}'\n")).collect();
    let rules = format!("error_mode: propagate\nlog_statements:\n{list}");
    [Engine::Fast, Engine::Interp].map(|engine| {
        let compiler = functions.iter().cloned().fold(Compiler::new().engine(engine), Compiler::function);
        compiler.compile(&rules).unwrap_or_else(|error| panic!("{error}"))
    })
}

/// A log record after the rules, as OTLP/JSON.
fn run(rules: &RuleSet, record: &str) -> Result<String, String> {
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{record}]}}]}}]}}"#);
    let mut message = Vec::new();
    ottl::otlp::json::to_protobuf(Signal::Logs, text.as_bytes(), &mut message).expect("OTLP/JSON");
    let out = match rules.transform(Signal::Logs, &message).map_err(|error| error.to_string())?.output {
        Output::Changed(out) => out,
        Output::Unchanged => message,
        Output::Dropped => return Ok(String::new()),
    };
    let mut text = Vec::new();
    ottl::otlp::json::from_protobuf(Signal::Logs, &out, &mut text, Default::default()).expect("OTLP");
    let text = String::from_utf8(text).expect("UTF-8");
    let record = text.split_once(r#""logRecords":["#).and_then(|(_, rest)| rest.strip_suffix("]}]}]}"));
    Ok(record.unwrap_or(&text).to_owned())
}

/// A converter that looks its argument up in a table and counts how often it was asked.
fn team(asked: &Arc<AtomicU64>) -> Function {
    let teams = HashMap::from([(b"cart".to_vec(), String::from("shop")), (b"pay".to_vec(), String::from("money"))]);
    let asked = asked.clone();
    FunctionDef::converter("Team")
        .arg("service", ParamType::STRING, "name of the service")
        .returns(Type::String)
        .purity(Purity::Volatile)
        .docs("The team that owns a service; an error if nobody does.")
        .value_with(move |context, args| {
            asked.fetch_add(1, Ordering::Relaxed);
            let team = args[0].as_str().and_then(|service| teams.get(service));
            let team = team.ok_or_else(|| EvalError::function("nobody owns the service").of(0))?;
            context.alloc(team.as_bytes()).map(Value::Str)
        })
}

#[test]
fn a_converter_owns_its_table() {
    let asked = Arc::new(AtomicU64::new(0));
    let rules = compiled(&[team(&asked)], &[r#"set(log.attributes["team"], Team(log.body))"#]);
    for rules in &rules {
        let found = run(rules, r#"{"body":{"stringValue":"pay"}}"#).expect("a team");
        let want = r#"{"body":{"stringValue":"pay"},"attributes":[{"key":"team","value":{"stringValue":"money"}}]}"#;
        assert_eq!(found, want);
        let error = run(rules, r#"{"body":{"stringValue":"x"}}"#).expect_err("nobody");
        assert!(error.contains("nobody owns the service"), "{error}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 4);
    drop(rules);
    assert_eq!(Arc::strong_count(&asked), 1, "what a function owns goes with the last rule set");
}

#[test]
fn a_converter_of_a_text_can_be_named_as_an_argument() {
    let asked = Arc::new(AtomicU64::new(0));
    let statement = r#"replace_pattern(log.body, "[a-z]+", "$0", Team, "<%s>")"#;
    for rules in compiled(&[team(&asked)], &[statement]) {
        let found = run(&rules, r#"{"body":{"stringValue":"cart, pay"}}"#).expect("teams");
        assert_eq!(found, r#"{"body":{"stringValue":"<shop>, <money>"}}"#);
    }
}

#[test]
fn an_editor_of_maps_owns_its_names() {
    let names = vec![(String::from("host"), String::from("host.name"))];
    let rename = FunctionDef::editor("rename_keys")
        .arg("target", ParamType::MapTarget, "path of the map")
        .docs("Gives keys the names that they have today.")
        .edit_map_with(move |map, _, arena| {
            for (old, new) in &names {
                if let Some(place) = map.position(old.as_bytes()) {
                    let value = map.value_at(place)?;
                    map.swap_remove(place);
                    map.put(arena.copy(new.as_bytes())?, value);
                }
            }
            Ok(())
        });
    // A whole map of the record, one inside another value, and one that is no part of the message.
    let statements = [
        "rename_keys(log.attributes)",
        r#"rename_keys(log.attributes["inner"])"#,
        r#"set(log.cache["host"], 1)"#,
        "rename_keys(log.cache)",
        r#"set(log.body, log.cache["host.name"])"#,
    ];
    let record = r#"{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"inner","value":{"kvlistValue":{"values":[{"key":"host","value":{"intValue":"1"}}]}}}]}"#;
    for rules in compiled(&[rename], &statements) {
        assert_eq!(
            run(&rules, record).expect("it runs"),
            r#"{"body":{"intValue":"1"},"attributes":[{"key":"inner","value":{"kvlistValue":{"values":[{"key":"host.name","value":{"intValue":"1"}}]}}},{"key":"host.name","value":{"stringValue":"a"}}]}"#
        );
        assert!(run(&rules, r#"{"attributes":[{"key":"inner","value":{"intValue":"1"}}]}"#).is_err(), "no map");
    }
}

#[test]
fn an_editor_reads_and_writes_any_path() {
    let seen = Arc::new(AtomicU64::new(0));
    let number = FunctionDef::editor("number")
        .arg("target", ParamType::Target, "path to write")
        .optional("prefix", ParamType::STRING, "what stands before the number")
        .docs("Numbers what has no number yet.")
        .edit_with({
            let seen = seen.clone();
            move |context, args| {
                if !context.read(args[0])?.is_nil() {
                    return Ok(());
                }
                let number = seen.fetch_add(1, Ordering::Relaxed);
                let prefix = String::from_utf8_lossy(args[1].as_str().unwrap_or_default());
                let text = context.alloc(format!("{prefix}{number}").as_bytes())?;
                context.write(args[0], Value::Str(text))
            }
        });
    let statements = [r#"number(log.body, "n")"#, r#"number(log.attributes["a"])"#, "number(log.body)"];
    for (at, rules) in compiled(&[number], &statements).iter().enumerate() {
        let (first, second) = (2 * at, 2 * at + 1);
        assert_eq!(
            run(rules, "{}").expect("it runs"),
            format!(
                r#"{{"body":{{"stringValue":"n{first}"}},"attributes":[{{"key":"a","value":{{"stringValue":"{second}"}}}}]}}"#
            )
        );
    }
}

#[test]
fn literals_are_seen_when_rules_are_compiled() {
    let scheme = FunctionDef::converter("HasScheme")
        .arg("url", ParamType::STRING_LIKE, "the URL")
        .arg("scheme", ParamType::ConstString, "the scheme")
        .returns(Type::Bool)
        .docs("Whether a URL has a scheme.")
        .compile_with(|literals: &[Const<'_>]| {
            let scheme = literals[1].as_str().unwrap_or_default();
            if scheme.is_empty() {
                return Err(String::from("the scheme is empty"));
            }
            let prefix = [scheme, b"://"].concat().into_boxed_slice();
            Ok(Kernel::Predicate(TextPredicate::Matches(TextPattern::Prefix(prefix))))
        });
    let statement = r#"set(log.severity_text, "plain") where HasScheme(log.body, "http")"#;
    for rules in compiled(std::slice::from_ref(&scheme), &[statement]) {
        let found = |record| run(&rules, record).expect("it runs").contains("plain");
        assert!(found(r#"{"body":{"stringValue":"http://a"}}"#));
        assert!(
            !found(r#"{"body":{"stringValue":"https://a"}}"#) && !found(r#"{"body":{"intValue":"1"}}"#) && !found("{}")
        );
    }
    let refused = Compiler::new()
        .function(scheme)
        .compile(r#"log_statements: ['set(log.body, 1) where HasScheme(log.body, "")']"#)
        .expect_err("the scheme is empty");
    assert!(refused.to_string().contains("the scheme is empty"), "{refused}");
}

/// A closure of the other kind would do nothing, or give nil, without a word.
#[test]
fn closures_are_of_the_kind_of_their_function() {
    let edits = FunctionDef::converter("Edits").edit_with(|_, _| Ok(()));
    let maps = FunctionDef::converter("Maps").arg("map", ParamType::MapTarget, "a map").edit_map_with(|_, _, _| Ok(()));
    let gives = FunctionDef::editor("gives").arg("path", ParamType::Target, "a path").value_with(|_, _| Ok(Value::Nil));
    for (function, statement, said) in [
        (edits, "set(log.body, Edits())", "it is a converter, and its kernel gives no value"),
        (maps, "set(log.body, Maps(log.attributes))", "it is a converter, and its kernel gives no value"),
        (gives, "gives(log.body)", "it is an editor, and its kernel changes nothing"),
    ] {
        let rules = format!("log_statements: ['{statement}']");
        let error = Compiler::new().function(function).compile(&rules).expect_err("another kind").to_string();
        assert!(error.contains("E0313") && error.ends_with(said), "{error}");
    }
}
