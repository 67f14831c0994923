//! An attribute that gets another key in place: what is left, what is counted, and what later statements see is what a copy and
//! a deletion leave.

use ottl_compiler::GroupSpec;
use ottl_plan::Plan;
use ottl_schema::{ContextId, Signal};
use ottl_suite::{engines, messages};

use super::{group, groups, sources, statements};

/// Records with the old key, the new one, both, none; at the front and at the end; with values of all kinds and lengths; and one
/// with as many attributes as a compact record takes.
pub(super) fn records() -> Vec<u8> {
    let text = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#);
    let other = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{{{value}}}}}"#);
    let (x, y) = (text("x", "v@w"), text("y", "v"));
    let mut records = vec![String::new(), x.clone(), text("old", "v5"), text("new", "v5")];
    for value in ["", "v5", "a@b", &"v".repeat(121), &"v".repeat(125), &"v".repeat(127), &"v".repeat(9000)] {
        records.push([x.clone(), text("old", value), y.clone()].join(","));
        records.push([x.clone(), text("new", "n"), text("old", value), y.clone()].join(","));
        records.push([text("old", value), x.clone(), text("new", "n")].join(","));
    }
    let values = [
        "",
        r#""intValue":"5""#,
        r#""intValue":"-5""#,
        r#""doubleValue":5.5"#,
        r#""boolValue":true"#,
        r#""bytesValue":"dg==""#,
        r#""arrayValue":{"values":[{"stringValue":"v5"}]}"#,
        r#""kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v5"}}]}"#,
    ];
    for value in values {
        records.push([x.clone(), other("old", value), y.clone()].join(","));
        records.push([other("new", value), text("old", "v5")].join(","));
    }
    records.push([text("old", "v5"), text("old", "v6"), text("new", "n"), text("new", "m")].join(","));
    for many in [63, 64, 65] {
        let others = (1..many).map(|i| text(&format!("other{i}"), "v"));
        records.push(others.chain([text("old", "v5")]).collect::<Vec<_>>().join(","));
    }
    let records: Vec<_> = records.iter().map(|attributes| format!(r#"{{"attributes":[{attributes}]}}"#)).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    messages::protobuf(Signal::Logs, text)
}

/// The same message with the value in front of the key in each attribute.
pub(super) fn values_first(message: &[u8]) -> Vec<u8> {
    let mut out = message.to_vec();
    let mut at = 0;
    while let Some(front) = out.get(at..at + 5) {
        // Attributes are field 6 of a record; those with short lengths are turned around.
        let (len, key_len) = (usize::from(front[1]), usize::from(front[3]));
        if front[0] == 0x32 && front[2] == 0x0a && len < 0x80 && key_len + 2 < len && out.len() >= at + 2 + len {
            out[at + 2..at + 2 + len].rotate_left(key_len + 2);
            at += 2 + len;
        } else {
            at += 1;
        }
    }
    out
}

const RENAME: [&str; 2] = [r#"set(attributes["new"], attributes["old"])"#, r#"delete_key(attributes, "old")"#];
const IF_THERE: &str = r#" where attributes["old"] != nil"#;

/// Demands that the engines agree on a plan, in every configuration and both orders of key and value.
fn agree(plan: &Plan, name: &str) {
    let message = records();
    engines::agreed(plan, &message, name);
    engines::agreed(plan, &values_first(&message), name);
}

fn explained(plan: &Plan) -> String {
    ottl_engine::Engine::explain(&ottl_engine::fast::Engine::new(plan))
}

#[test]
fn what_follows_a_rename_sees_a_copy_and_a_deletion() {
    let behind: &[&[&str]] = &[
        &[],
        &[r#"set(attributes["seen"], true) where attributes["new"] == "v5""#],
        &[r#"set(attributes["seen"], true) where attributes["old"] == nil"#],
        // It fails where nothing is.
        &[r#"set(attributes["seen"], true) where HasPrefix(attributes["old"], "w")"#],
        &[r#"set(attributes["new"], "w")"#, r#"delete_key(attributes, "x")"#],
        &[r#"delete_key(attributes, "new")"#, r#"set(attributes["new"], 1)"#],
        &[r#"set(attributes["third"], attributes["new"])"#, r#"delete_key(attributes, "new")"#],
        &[r#"set(attributes["third"], attributes["new"])"#, r#"set(attributes["new"]["k"], 1)"#],
        &[r#"set(attributes["x"]["k"], 1) where attributes["x"] == nil"#],
        &[r#"set(attributes["old"], attributes["new"])"#, r#"delete_key(attributes, "new")"#],
        &[r#"replace_pattern(attributes["new"], "v", "w")"#],
        &[r#"replace_all_patterns(attributes, "value", "[a-z]+@[a-z]+", "<email>")"#],
        &[r#"replace_all_patterns(attributes, "key", "^n", "m")"#],
        &[r#"truncate_all(attributes, 3)"#],
        &[r#"limit(attributes, 2, ["new"])"#],
        &[r#"keep_keys(attributes, ["new"])"#],
        &[r#"delete_matching_keys(attributes, "^ne")"#],
        &[r#"keep_matching_keys(attributes, "^(new|x)$")"#],
        &[r#"set(attributes["count"], Len(attributes))"#],
        &[r#"merge_maps(attributes, {"new": "w"}, "insert")"#],
        &[r#"set(severity_text, "a")"#],
    ];
    for statements_behind in behind {
        for [copy, deletion] in [["", ""], [IF_THERE, ""], [IF_THERE, IF_THERE], ["", IF_THERE]] {
            let renames = [format!("{}{copy}", RENAME[0]), format!("{}{deletion}", RENAME[1])];
            let first = renames.iter().map(String::as_str);
            let all: Vec<_> = first.chain(statements_behind.iter().copied()).collect();
            let plan = statements(&all);
            assert!(
                explained(&plan).contains("in place, which") || explained(&plan).contains("layout: general"),
                "{all:?}"
            );
            agree(&plan, &format!("{all:?}"));
            // The same behind a screen.
            let rules: Vec<_> =
                (0..10).map(|i| format!(r#"set(attributes["out"], {i}) where attributes["x"] == "v{i}""#)).collect();
            let all: Vec<_> = all.iter().copied().chain(rules.iter().map(String::as_str)).collect();
            agree(&statements(&all), &format!("{all:?}"));
        }
    }
}

/// The two steps may lie in different words of bits, and behind the conditions of a group.
#[test]
fn renames_stand_anywhere() {
    let rule = |i| match i {
        // They fail where nothing is.
        3 | 69 => format!(r#"set(attributes["out"], {i}) where HasPrefix(attributes["old"], "w")"#),
        4..6 => format!(r#"set(attributes["out"], {i}) where ToUpperCase(attributes["old"]) == "V5""#),
        _ => format!(r#"set(attributes["out"], {i}) where attributes["new"] == "v{}""#, i % 7),
    };
    for front in [0, 1, 61, 62, 63, 64] {
        for deletion in [RENAME[1].to_owned(), format!("{}{IF_THERE}", RENAME[1])] {
            let mut all: Vec<String> = (0..front).map(rule).collect();
            all.extend([format!("{}{IF_THERE}", RENAME[0]), deletion]);
            all.extend((0..70).map(rule));
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            agree(&statements(&all), &format!("behind {front}"));
            let conditions = sources(&[r#"attributes["x"] != nil"#, r#"attributes["old"] == "v5""#]);
            let gated = GroupSpec { conditions, ..group(ContextId::Log, &all) };
            agree(&groups(&[gated]), &format!("gated, behind {front}"));
        }
    }
}

/// A pattern that is a whole key, and a replacement without groups.
#[test]
fn a_key_that_is_replaced_as_a_whole_is_renamed_in_place() {
    let replaces = |from: &str, to: &str| format!(r#"replace_all_patterns(attributes, "key", "^{from}$", "{to}")"#);
    assert!(explained(&statements(&[&replaces("old", "new")])).contains("in place if the key is there"));
    for (from, to) in [("old", "new"), ("x", "y"), ("old", "old"), ("old", ""), ("nothing", "new")] {
        for behind in [r#"set(attributes["seen"], attributes["new"])"#, r#"delete_key(attributes, "y")"#] {
            let replaces = replaces(from, to);
            agree(&statements(&[&replaces, behind]), &replaces);
            agree(&statements(&[behind, &replaces, r#"set(attributes["new"], 1)"#, &replaces]), &replaces);
            let rules: Vec<_> =
                (0..10).map(|i| format!(r#"set(attributes["out"], {i}) where attributes["new"] == "v{i}""#)).collect();
            let all: Vec<_> = [replaces.as_str(), behind].into_iter().chain(rules.iter().map(String::as_str)).collect();
            agree(&statements(&all), &replaces);
        }
    }
}

#[test]
fn what_only_looks_like_a_rename_is_none() {
    let is_none = |all: &[&str]| {
        let plan = statements(all);
        assert!(!explained(&plan).contains("in place, which"), "{all:?}");
        agree(&plan, &format!("{all:?}"));
    };
    let long = format!(r#"set(attributes["{}"], attributes["old"])"#, "n".repeat(128));
    is_none(&[RENAME[0], r#"delete_key(attributes, "x")"#]);
    is_none(&[RENAME[0], r#"delete_key(attributes, "new")"#]);
    is_none(&[RENAME[0], r#"set(severity_text, "a")"#, RENAME[1]]);
    is_none(&[RENAME[0], r#"delete_key(attributes, "old") where attributes["new"] != nil"#]);
    is_none(&[RENAME[0], r#"delete_key(attributes, "old") where attributes["old"] != "v5""#]);
    is_none(&[r#"set(attributes["old"], attributes["old"])"#, RENAME[1]]);
    is_none(&[r#"set(attributes["new"], attributes["old"]["k"])"#, RENAME[1]]);
    is_none(&[r#"set(resource.attributes["new"], attributes["old"])"#, RENAME[1]]);
    is_none(&[&long, RENAME[1]]);
}
