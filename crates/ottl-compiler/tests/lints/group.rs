//! What statements of a group, and conditions of a list, do to each other.

use ottl_compiler::{FilterRules, FilterSpec, GroupSpec, SourceText};
use ottl_plan::ErrorMode;
use ottl_schema::{ContextId, Signal};

use super::{compiler, expect, group, on_logs};

/// Two statements that may meet, whether the group shares its cache, and the codes of the doubts.
const PAIRS: &[(&str, &str, bool, &str)] = &[
    // Writes that are replaced.
    (r#"set(body, "a")"#, r#"set(body, "b")"#, false, "W0320"),
    (r#"set(body, "a") where severity_number > 1"#, r#"set(body, "b")"#, false, "W0320"),
    (r#"set(body, "a")"#, r#"set(body, "b") where severity_number > 1"#, false, ""),
    (r#"set(body, "a")"#, r#"set(body, "b") where body == "c""#, false, "W0334"),
    (r#"set(body, "a")"#, r#"replace_pattern(body, "a", "c")"#, false, ""),
    (r#"set(body, "a")"#, r#"set(body, ParseJSON(body))"#, false, ""),
    (r#"set(attributes["a"], 1)"#, r#"set(attributes["b"], 2)"#, false, ""),
    // What always fails replaces nothing.
    (r#"set(time, observed_time)"#, r#"set(time, body)"#, false, "W0302"),
    (r#"set(body, "a")"#, r#"set(body, time)"#, false, "W0302"),
    (r#"set(severity_number, "ERROR")"#, r#"set(severity_number, 9)"#, false, "W0302"),
    (r#"set(attributes["a"], 1)"#, r#"set(attributes["a"], 2)"#, false, "W0320"),
    (r#"set(attributes["a"], 1)"#, r#"set(attributes, {})"#, false, "W0320"),
    (r#"set(attributes["a"], 1)"#, r#"set(attributes, ParseJSON(body))"#, false, ""),
    (r#"set(severity_number, 1)"#, r#"set(severity_number, Int(body))"#, false, ""),
    (r#"set(time, observed_time)"#, r#"set(time_unix_nano, 5)"#, false, ""),
    (r#"set(attributes["a"], 1)"#, r#"keep_keys(attributes, ["a"])"#, false, ""),
    // Caches.
    (r#"set(body, "a")"#, r#"set(severity_text, String(cache["a"]))"#, false, "W0321"),
    (r#"set(body, "a")"#, r#"set(severity_text, String(cache["a"]))"#, true, ""),
    (r#"set(cache["a"], 1)"#, r#"set(body, cache["a"])"#, false, ""),
    (r#"set(cache["a"], 1) where body == "x""#, r#"set(body, cache["a"]["b"])"#, false, ""),
    (r#"set(cache["a"], 1)"#, r#"set(body, cache["b"])"#, false, "W0321"),
    (r#"set(cache, ParseJSON(body))"#, r#"set(body, cache["b"])"#, false, ""),
    (r#"merge_maps(cache, ParseJSON(body), "upsert")"#, r#"set(body, 1) where cache["b"] != nil"#, false, ""),
    (r#"set(cache[severity_text], 1)"#, r#"set(body, cache["b"])"#, false, ""),
    (r#"set(cache, {"a": 1})"#, r#"set(body, cache["b"])"#, false, "W0321"),
    (r#"set(cache, {"a": 1})"#, r#"set(body, cache["a"])"#, false, ""),
    (r#"set(cache, ExtractPatterns(body, "(?P<a>x)"))"#, r#"set(body, cache["b"])"#, false, "W0321"),
    (r#"set(cache, ExtractPatterns(body, "(?P<a>x)"))"#, r#"set(body, cache["a"])"#, false, ""),
    (r#"merge_maps(cache, ExtractPatterns(body, "(?P<a>x)"), "upsert")"#, r#"set(body, cache["b"])"#, false, "W0321"),
    (r#"merge_maps(cache, attributes, "upsert")"#, r#"set(body, cache["b"])"#, false, ""),
    // What may be nil in a cache matters to who reads it.
    (r#"set(cache["a"], attributes["a"])"#, r#"set(body, cache["a"])"#, false, "W0304"),
    (r#"set(cache["a"], attributes["a"])"#, r#"set(body, cache["a"]) where cache["a"] != nil"#, false, ""),
    (r#"set(cache["a"], attributes["a"])"#, r#"set(body, "x") where cache["a"] == "y""#, false, ""),
    (r#"set(cache["a"], attributes["a"])"#, r#"set(cache["a"], "x") where cache["a"] == nil"#, false, ""),
    (r#"set(cache["a"], attributes["a"])"#, r#"merge_maps(attributes, cache, "upsert")"#, false, "W0304"),
    (r#"set(cache["a"], attributes["a"])"#, r#"set(body, "x") where cache["a"] != nil"#, true, "W0304"),
    (r#"set(cache["a"], body)"#, r#"set(body, cache["a"])"#, false, ""),
    (r#"set(cache["a"], body)"#, r#"set(attributes["a"], cache["a"])"#, false, "W0304"),
    (r#"set(cache["a"], body)"#, r#"set(body, Concat([cache["a"], "b"], ""))"#, false, "W0304"),
    (r#"set(cache["a"], attributes["a"])"#, r#"set(attributes["a"], cache["a"])"#, false, "W0304"),
    // Deletions.
    (r#"delete_key(attributes, "a")"#, r#"set(body, 1) where attributes["a"] != nil"#, false, "W0322"),
    (r#"delete_key(attributes, "a") where body == 1"#, r#"set(body, 1) where attributes["a"] != nil"#, false, ""),
    (r#"delete_key(attributes, "a")"#, r#"set(attributes["a"], 1)"#, false, ""),
    (r#"delete_key(attributes, "a")"#, r#"set(body, attributes)"#, false, ""),
    (r#"keep_keys(attributes, ["b"])"#, r#"set(body, 2) where attributes["a"] == 1"#, false, "W0322"),
    (r#"keep_keys(attributes, ["a"])"#, r#"set(body, 2) where attributes["a"] == 1"#, false, ""),
    (r#"delete_key(attributes, "a")"#, r#"delete_key(attributes, "a")"#, false, ""),
    (
        r#"delete_matching_keys(attributes, "^http")"#,
        r#"set(body, 1) where attributes["http.route"] != nil"#,
        false,
        "W0322",
    ),
    (r#"delete_matching_keys(attributes, "^http")"#, r#"set(body, 1) where attributes["url.path"] != nil"#, false, ""),
    (
        r#"keep_matching_keys(attributes, "^http")"#,
        r#"set(body, 1) where attributes["url.path"] != nil"#,
        false,
        "W0322",
    ),
    (
        r#"keep_matching_keys(attributes, "^http") where body == 1"#,
        r#"set(body, 1) where attributes["a"] != nil"#,
        false,
        "",
    ),
    (r#"set(attributes, {})"#, r#"set(body, 1) where attributes["url.path"] != nil"#, false, "W0322"),
    (r#"set(attributes["a"], 1)"#, r#"delete_key(attributes, "a")"#, false, "W0320"),
    (r#"set(attributes["a"]["b"], 1)"#, r#"delete_key(attributes, "a")"#, false, "W0320"),
    (r#"set(attributes["a"], 1)"#, r#"delete_key(attributes, "a") where body == 1"#, false, ""),
    (r#"set(attributes["a"], 1)"#, r#"delete_key(attributes, "b")"#, false, ""),
    // What was replaced before it is asked for.
    (r#"set(severity_text, "a")"#, r#"set(body, 1) where severity_text == "b""#, false, "W0334"),
    (r#"set(severity_text, "a")"#, r#"set(body, 1) where severity_text == "a""#, false, ""),
    (r#"set(severity_text, "a")"#, r#"set(body, 1) where severity_text != "a""#, false, "W0334"),
    (r#"set(severity_text, "a")"#, r#"set(body, 1) where IsMatch(severity_text, "^b")"#, false, "W0334"),
    (r#"set(severity_text, "a")"#, r#"set(body, 1) where not HasPrefix(severity_text, "a")"#, false, "W0334"),
    (r#"set(severity_text, "a")"#, r#"set(body, 1) where severity_text == attributes["b"]"#, false, ""),
    (r#"set(severity_text, body)"#, r#"set(body, 1) where severity_text == "b""#, false, "W0304"),
    (r#"set(severity_number, 9)"#, r#"set(body, 1) where severity_number > 16"#, false, "W0334"),
    (r#"set(severity_number, 9)"#, r#"set(body, 1) where severity_number > 16 or body == "x""#, false, ""),
    (r#"set(severity_number, 9)"#, r#"set(body, 1) where body == "x" and severity_number > 16"#, false, "W0334"),
    (r#"set(severity_number, 9)"#, r#"set(body, 1) where severity_number > 16 or severity_number < 5"#, false, "W0334"),
    (r#"set(severity_number, 9)"#, r#"set(body, 1) where severity_number > 5"#, false, ""),
    (r#"set(body, "a") where body == "b""#, r#"set(severity_text, "c") where body == "b""#, false, "W0334"),
    (
        r#"set(body, "a") where body == "b" or "c" == body"#,
        r#"set(severity_text, "c") where body == "c""#,
        false,
        "W0334",
    ),
    (r#"set(body, "a") where body == "b""#, r#"set(severity_text, "c") where body == "a""#, false, ""),
    (r#"set(body, "a") where body == "b""#, r#"set(severity_text, "c") where body == "b" or body == "c""#, false, ""),
    (r#"set(body, "a") where body == "b""#, r#"set(severity_text, "c") where body != "b""#, false, ""),
    (r#"set(body, "a") where body == "b" and severity_number > 1"#, r#"set(flags, 1) where body == "b""#, false, ""),
    (r#"set(body, "a") where body == "b" or severity_number > 1"#, r#"set(flags, 1) where body == "b""#, false, ""),
    (r#"set(body, "a") where severity_number > 1"#, r#"set(flags, 1) where body == "b""#, false, ""),
    (r#"set(body["a"], "a")"#, r#"set(flags, 1) where body["a"] == "b""#, false, ""),
    (r#"set(attributes["a"], "a")"#, r#"set(flags, 1) where attributes["a"] == "b""#, false, "W0334"),
    (r#"set(attributes["a"], "a")"#, r#"set(flags, 1) where attributes["a"]["c"] == "b""#, false, ""),
    (r#"set(attributes["a"], "a")"#, r#"set(flags, 1) where attributes["b"] == "b""#, false, ""),
    (r#"set(attributes["a"], 200)"#, r#"set(flags, 1) where attributes["a"] == "200""#, false, "W0334"),
    (r#"set(resource.attributes["a"], "a")"#, r#"set(flags, 1) where resource.attributes["a"] == "b""#, false, "W0334"),
    (r#"set(time_unix_nano, 5)"#, r#"set(flags, 1) where time_unix_nano == 6"#, false, ""),
    (r#"set(body, "a")"#, r#"replace_pattern(body, "a", "b") where body == "b""#, false, "W0334"),
    // Parents.
    (
        r#"merge_maps(attributes, resource.attributes, "upsert")"#,
        r#"delete_matching_keys(resource.attributes, ".*")"#,
        false,
        "W0404",
    ),
    (r#"set(attributes["a"], resource.attributes["a"])"#, r#"delete_key(resource.attributes, "a")"#, false, "W0404"),
    (r#"set(attributes["a"], resource.attributes["a"])"#, r#"delete_key(resource.attributes, "b")"#, false, ""),
    (r#"set(attributes["a"], resource.attributes["a"])"#, r#"keep_keys(resource.attributes, ["b"])"#, false, "W0404"),
    (r#"set(attributes["a"], resource.attributes["a"])"#, r#"keep_keys(resource.attributes, ["a"])"#, false, ""),
    (r#"set(attributes["a"], resource.attributes["a"])"#, r#"set(resource.attributes["a"], "")"#, false, "W0404"),
    (r#"set(attributes["a"], scope.name)"#, r#"set(scope.name, "")"#, false, "W0404"),
    (r#"set(attributes["a"], scope.name)"#, r#"set(scope.name, "") where scope.name == "x""#, false, ""),
    (r#"set(attributes["a"], resource.attributes["a"])"#, r#"set(resource.attributes["b"], "")"#, false, ""),
    (r#"set(attributes["a"], resource.attributes["a"])"#, r#"set(resource.attributes["a"], "none")"#, false, ""),
    (r#"set(body, 1)"#, r#"delete_key(resource.attributes, "a") where resource.attributes["a"] == "x""#, false, ""),
    (r#"merge_maps(attributes, resource.attributes, "upsert")"#, r#"delete_key(attributes, "a")"#, false, ""),
    (
        r#"set(resource.attributes["b"], resource.attributes["a"])"#,
        r#"delete_key(resource.attributes, "a")"#,
        false,
        "",
    ),
];

#[test]
fn statements_of_a_group_meet() {
    expect(PAIRS.iter().map(|&(first, second, shared_cache, want)| {
        let group = GroupSpec { shared_cache, ..group(Some(ContextId::Log), &[first, second]) };
        (format!("{first}; {second}"), want, on_logs(&[group]))
    }));
}

#[test]
fn what_was_replaced_comes_back() {
    let table = [
        // In a chain of writes each value that is gone stays gone, until it is written.
        (
            [
                r#"set(body, "b") where body == "a""#,
                r#"set(body, "c") where body == "b""#,
                r#"set(flags, 1) where body == "a""#,
            ],
            "W0334",
        ),
        (
            [
                r#"set(body, "b") where body == "a""#,
                r#"set(body, "a") where body == "c""#,
                r#"set(flags, 1) where body == "a""#,
            ],
            "",
        ),
        ([r#"set(body, "b")"#, r#"set(body, "c") where flags == 1"#, r#"set(flags, 2) where body == "c""#], ""),
        ([r#"set(body, "b")"#, r#"replace_pattern(body, "b", "c")"#, r#"set(flags, 2) where body == "c""#], ""),
        (
            [
                r#"set(attributes["a"], "b")"#,
                r#"merge_maps(attributes, {"a": "c"}, "upsert")"#,
                r#"set(flags, 2) where attributes["a"] == "c""#,
            ],
            "",
        ),
    ];
    expect(table.map(|(texts, want)| (texts.join("; "), want, on_logs(&[group(Some(ContextId::Log), &texts)]))));
}

#[test]
fn conditions_of_a_list_meet() {
    let table = [
        (r#"span.attributes["env"] != "prod""#, r#"span.attributes["env"] != "stage""#, "W0303"),
        (r#"not IsMatch(span.name, "^a")"#, r#"not IsMatch(span.name, "^b")"#, "W0303"),
        (r#"not IsMatch(span.name, "a")"#, r#"IsMatch(span.name, "a")"#, "W0303"),
        (r#"not IsMatch(span.name, "a")"#, r#"not IsMatch(span.name, "b")"#, ""),
        (r#"span.attributes["env"] != "prod""#, r#"span.attributes["env"] == "prod""#, "W0303"),
        (r#"span.attributes["env"] != "prod""#, r#"span.attributes["env"] != "prod""#, ""),
        (r#"span.attributes["env"] != "prod""#, r#"span.attributes["zone"] != "a""#, ""),
        (r#"span.attributes["env"] == "prod""#, r#"span.attributes["env"] == "stage""#, ""),
        (r#"span.name == "a" or span.name != "b""#, r#"span.kind == 1"#, ""),
        (r#"span.name == "a""#, r#"span.kind == 1 or span.name != "a""#, "W0303"),
        (r#"span.name != "a" and span.kind == 1"#, r#"span.name != "b""#, ""),
        (r#"span.name != "a""#, r#"spanevent.name != "b""#, ""),
        (r#"not (span.name == "a")"#, r#"not (span.name == "b")"#, "W0303"),
        (r#"not (span.name == "a" and span.kind == 1)"#, r#"span.name != "b""#, "W0303"),
        (r#"not (span.name == "a" or span.kind == 1)"#, r#"span.name != "b""#, ""),
    ];
    expect(table.map(|(first, second, want)| {
        let conditions = [first, second].map(|text| SourceText { id: 0, text }).into();
        let rules = FilterRules::Newer(vec![FilterSpec { conditions, ..FilterSpec::default() }]);
        let compiled = compiler().compile_filter(Signal::Traces, &rules, ErrorMode::Ignore);
        (format!("{first}; {second}"), want, compiled)
    }));
}

#[test]
fn conditions_of_a_group_guard_its_statements() {
    let under = |conditions: &[&'static str]| GroupSpec {
        conditions: conditions.iter().map(|text| SourceText { id: 0, text }).collect(),
        ..group(Some(ContextId::Log), &[r#"set(body, attributes["a"])"#])
    };
    let table: [(&[&str], &str); 6] = [
        (&[], "W0304"),
        (&[r#"attributes["a"] != nil"#], ""),
        (&[r#"IsString(attributes["a"]) and severity_number > 8"#], ""),
        (&[r#"attributes["b"] != nil"#], "W0304"),
        (&[r#"attributes["a"] != nil"#, r#"attributes["b"] != nil"#], "W0304"),
        (&[r#"attributes["b"] == attributes["a"]"#, r#"attributes["a"] != nil"#], ""),
    ];
    // The conditions of one group say nothing of another.
    let first = under(&[r#"attributes["a"] != nil"#]);
    expect(table.map(|(conditions, want)| (conditions.join("; "), want, on_logs(&[first.clone(), under(conditions)]))));
}

#[test]
fn what_a_statement_sets_guards_those_behind_it() {
    let table = [
        (r#"set(attributes["a"], "other")"#, ""),
        (r#"set(attributes["a"], "other") where attributes["a"] == nil"#, ""),
        (r#"set(attributes["a"], attributes["c"]) where attributes["c"] != nil"#, "W0304"),
        (r#"set(attributes["a"], Coalesce([attributes["b"], attributes["c"]]))"#, "W0304"),
        (r#"set(attributes["a"]["b"], 1)"#, "W0304"),
        (r#"set(attributes["b"], 1)"#, "W0304"),
        (r#"truncate_all(attributes, 10)"#, "W0304"),
    ];
    expect(table.map(|(before, want)| {
        let group = group(Some(ContextId::Log), &[before, r#"set(severity_text, attributes["a"])"#]);
        (before, want, on_logs(&[group]))
    }));
}
