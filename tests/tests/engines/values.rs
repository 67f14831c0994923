//! What statements see besides the message: the client, caches, functions as arguments; and nil.

use ottl_compiler::GroupSpec;
use ottl_engine::{ClientInfo, Output};
use ottl_schema::{ContextId, Signal};
use ottl_suite::messages;

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

/// What stands at a place of a body is looked up once, and again when the body is another one.
#[test]
fn places_in_bodies_are_those_of_the_body_as_it_is() {
    let plan = statements(&[
        r#"set(log.attributes["1"], log.body["m"]["a"]) where log.body["m"] != nil"#,
        r#"set(log.attributes["2"], log.body["none"]["a"]["b"]) where log.body["none"] == nil"#,
        r#"set(log.attributes["3"], log.body["m"]["a"]["b"])"#,
        r#"set(log.body["m"]["a"], "other") where log.body["m"]["a"] != nil"#,
        r#"set(log.attributes["4"], log.body["m"]["a"]) where log.body["none"]["a"] == nil"#,
        r#"delete_key(log.body, "m") where log.body["m"]["a"] == "other""#,
        r#"set(log.attributes["5"], "gone") where log.body["m"]["a"] == nil"#,
        r#"set(log.attributes["6"], log.body["l"][1]) where log.body["l"][1] != nil"#,
    ]);
    let list = r#"{"key":"l","value":{"arrayValue":{"values":[{"intValue":"1"},{"intValue":"2"}]}}}"#;
    let map = r#"{"key":"m","value":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"1"}}]}}}"#;
    let body = |pairs: &str| format!(r#"{{"body":{{"kvlistValue":{{"values":[{pairs}]}}}}}}"#);
    let records = [body(&format!("{map},{list}")), body(list), body(&format!("{list},{map}")), "{}".to_owned()];
    let records = [&records[..], &records[..]].concat().join(",");
    let message = messages::protobuf(
        Signal::Logs,
        format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}"#),
    );
    let (output, report) = run(&plan, &message).expect("runs");
    let text = text(output, &message);
    for (what, count) in [(r#""key":"1""#, 4), (r#""stringValue":"other""#, 4), (r#""stringValue":"gone""#, 6)] {
        assert_eq!(text.matches(what).count(), count, "{what}: {text}");
    }
    assert!(!text.contains(r#""key":"m""#), "{text}");
    assert!(!report.errors.is_empty());
}

/// Editors of a whole body leave what they do not touch as it is, in whichever way it is written.
#[test]
fn bodies_are_edited_as_wholes() {
    let plan = statements(&[
        r#"flatten(log.body)"#,
        r#"replace_all_patterns(log.body, "key", "\\.", "_")"#,
        r#"merge_maps(log.body, {"new": {"in": [1, "b"]}, "l": 3}, "upsert")"#,
        r#"set(log.attributes["in"], log.body["new"]["in"][1])"#,
        r#"delete_matching_keys(log.body, "^m_b")"#,
        r#"limit(log.body, 4, ["new"])"#,
        r#"set(log.attributes["len"], Len(log.body))"#,
    ]);
    let long = "x".repeat(300);
    let inner = r#"{"key":"a","value":{"intValue":"1"}},{"key":"b","value":{"boolValue":true}}"#;
    let pairs = format!(
        r#"{{"key":"m","value":{{"kvlistValue":{{"values":[{inner}]}}}}}},{{"key":"l","value":{{"doubleValue":1}}}},
           {{"key":"{long}","value":{{"stringValue":"{long}"}}}},{{"key":"e","value":{{}}}},{{"key":"z","value":{{"bytesValue":"AQ=="}}}}"#
    );
    let message = messages::protobuf(
        Signal::Logs,
        format!(
            r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{{"kvlistValue":{{"values":[{pairs}]}}}}}}]}}]}}]}}"#
        ),
    );
    let (output, report) = run(&plan, &message).expect("runs");
    let text = text(output, &message);
    assert!(report.errors.is_empty(), "{report:?}");
    assert!(text.contains(r#"{"key":"len","value":{"intValue":"4"}}"#), "{text}");
    assert!(text.contains(r#"{"key":"in","value":{"stringValue":"b"}}"#), "{text}");
}
