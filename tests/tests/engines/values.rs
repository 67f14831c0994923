//! What statements see besides the message: the client, caches, functions as arguments; and nil.

use ottl_compiler::GroupSpec;
use ottl_engine::{ClientInfo, Output};
use ottl_schema::ContextId;

use super::{group, groups, logs, run, run_as, run_with, statements, text};

#[test]
fn client_information_comes_from_the_environment() {
    let client = ClientInfo {
        addr: Some("10.0.0.1".to_owned()),
        metadata: vec![("Tenant".to_owned(), vec!["acme".to_owned(), "other".to_owned()])],
        auth: vec![("subject".to_owned(), "ann".to_owned())],
        grpc: vec![("x-key".to_owned(), vec!["v".to_owned()])],
    };
    let message = logs(&["a"]);
    let tenant = r#"{"arrayValue":{"values":[{"stringValue":"acme"},{"stringValue":"other"}]}}"#;
    let tenants = format!(r#"{{"kvlistValue":{{"values":[{{"key":"Tenant","value":{tenant}}}]}}}}"#);
    let none = r#"{"kvlistValue":{}}"#;
    for (value, with, without) in [
        ("otelcol.client.addr", r#"{"stringValue":"10.0.0.1"}"#, "{}"),
        ("otelcol.client.metadata[\"tenant\"]", tenant, "{}"),
        ("otelcol.client.metadata[\"tenant\"][1]", r#"{"stringValue":"other"}"#, "{}"),
        ("otelcol.client.metadata[\"tenant\"][2]", "error", "{}"),
        ("otelcol.client.metadata", &tenants, none),
        ("otelcol.client.auth.attributes[\"subject\"]", r#"{"stringValue":"ann"}"#, "{}"),
        ("otelcol.client.auth.attributes[\"subject\"][\"x\"]", "error", "{}"),
        ("otelcol.grpc.metadata[\"X-Key\"][0]", r#"{"stringValue":"v"}"#, "{}"),
    ] {
        let plan = statements(&[&format!("set(log.body, {value})")]);
        for (info, expected) in [(Some(&client), with), (None, without)] {
            let (output, report) = run_as(info, &plan, &message, |_| {}).expect("runs");
            if expected == "error" {
                assert_eq!(report.errors.len(), 1, "{value}");
            } else {
                let text = text(output, &message);
                assert!(text.contains(&format!(r#""body":{expected}}}"#)), "{value}: {text}");
            }
        }
    }
}

#[test]
fn nil_is_written_only_if_allowed() {
    let plan = statements(&["set(log.body, nil)"]);
    let message = logs(&["a"]);
    let (output, _) = run_with(&plan, &message, |env| env.allow_nil = false).expect("runs");
    assert_eq!(output, Output::Unchanged);
    assert!(matches!(run(&plan, &message), Ok((Output::Changed(_), _))));
}

/// Each index below zero makes a list of one where nothing was, as in the reference.
#[test]
fn indexes_below_zero_make_lists_in_lists() {
    for (target, read) in [
        (r#"["c"][-1][-1]"#, r#"["c"][0][0]"#),
        (r#"["c"][-2][-3]["d"]"#, r#"["c"][0][0]["d"]"#),
        (r#"["c"][-1]["x"][-1]"#, r#"["c"][0]["x"][0]"#),
        (r#"["c"][-1][0][-1]"#, r#"["c"][0][0][0]"#),
    ] {
        for path in ["log.attributes", "log.cache"] {
            let write = format!("set({path}{target}, \"made\")");
            let plan = statements(&[&write, &format!("set(log.body, {path}{read})")]);
            let message = logs(&["a"]);
            let (output, report) = run(&plan, &message).expect("runs");
            assert!(report.errors.is_empty(), "{write}");
            assert!(text(output, &message).contains(r#""body":{"stringValue":"made"}"#), "{write}");
        }
    }
}

#[test]
fn a_shared_cache_lives_for_one_message() {
    let counting = [
        "set(log.cache[\"n\"], 0) where log.cache[\"n\"] == nil",
        "set(log.cache[\"n\"], log.cache[\"n\"] + 1)",
        "set(log.severity_number, log.cache[\"n\"])",
    ];
    let message = logs(&["a", "b"]);
    for (shared, groups_of_two, expected) in [(false, false, [1, 1]), (true, false, [1, 2]), (true, true, [3, 4])] {
        let group = GroupSpec { shared_cache: shared, ..group(ContextId::Log, &counting) };
        let list = vec![group; if groups_of_two { 2 } else { 1 }];
        let plan = groups(&list);
        for round in 0..2 {
            let (output, _) = run(&plan, &message).expect("runs");
            let text = text(output, &message);
            for number in expected {
                assert!(text.contains(&format!(r#""severityNumber":{number}"#)), "{shared} {round} {text}");
            }
        }
    }
}

/// The reference crashes when such a function takes anything but a text.
#[test]
fn functions_named_as_arguments_take_a_text() {
    for (function, failed) in [("ToUpperCase", 0), ("Trim", 1), ("String", 1), ("Len", 1), ("SHA256", 0)] {
        let plan = statements(&[&format!("replace_pattern(log.body, \"[a-z]\", \"$0\", {function})")]);
        let (_, report) = run(&plan, &logs(&["a1b2"])).expect("runs");
        assert_eq!(report.sources[0].failed, failed, "{function}: {:?}", report.failures(0));
    }
}
