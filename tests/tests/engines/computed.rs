//! Many rules about values that are computed, which is done once for all of them: caches, keys behind keys, and what
//! converters give. What the rules do is what they do one by one.

use ottl_compiler::{GroupSpec, TransformOptions};
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, Signal};
use ottl_suite::{engines, messages};

use super::{conditions, group, statements, transform};

/// Which rules act, and on how many records.
type Acted<'e> = &'e [(usize, u64)];

/// How many rules there are: more than one word of bits.
const RULES: usize = 70;

/// A rule for each number, of which `condition` says when it acts.
fn rules(condition: &str) -> Vec<String> {
    let rule = |i: usize| format!(r#"set(attributes["out"], {i}) where {}"#, condition.replace('#', &i.to_string()));
    (0..RULES).map(rule).collect()
}

/// These statements, then the rules.
fn behind(first: &[&str], condition: &str) -> Plan {
    let rules = rules(condition);
    statements(&first.iter().copied().chain(rules.iter().map(String::as_str)).collect::<Vec<_>>())
}

/// Which of the last rules acted, and on how many records.
fn acted(plan: &Plan, message: &[u8], name: &str) -> Vec<(usize, u64)> {
    let report = engines::agreed(plan, message, name).report;
    let rules = report.sources.iter().skip(report.sources.len().saturating_sub(RULES)).enumerate();
    rules.filter(|(_, counters)| counters.matched > 0).map(|(at, counters)| (at, counters.matched)).collect()
}

/// Records with these attributes, and with bodies that are maps or texts.
fn records() -> Vec<u8> {
    let text = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#);
    let map = |inner: &str| format!(r#"{{"kvlistValue":{{"values":[{inner}]}}}}"#);
    let nested = |value: &str| format!(r#"{{"key":"a","value":{}}}"#, map(&text("b", value)));
    let records = [
        format!(r#""body":{},"attributes":[{}]"#, map(&text("level", "v3")), text("from", "V3")),
        format!(r#""body":{},"attributes":[{}]"#, map(&text("level", "v69")), nested("v5")),
        format!(r#""body":{},"attributes":[{},{}]"#, map(""), text("from", "v69"), nested("v69")),
        r#""body":{"kvlistValue":{"values":[{"key":"level","value":{"intValue":"7"}}]}},"attributes":[{"key":"from","value":{"intValue":"7"}}]"#.to_owned(),
        r#""body":{"stringValue":"{\"level\":\"v4\",\"n\":7,\"list\":[1]}"},"attributes":[]"#.to_owned(),
        format!(r#""body":{{"stringValue":"no JSON"}},"attributes":[{},{}]"#, text("from", "v1"), text("from", "v2")),
    ];
    let records: Vec<_> = records.iter().map(|record| format!("{{{record}}}")).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    messages::protobuf(Signal::Logs, text)
}

#[test]
fn values_of_the_record_are_computed_once() {
    let message = records();
    let cases: [(&str, Acted<'_>); 12] = [
        (r#"ContainsValue(["v#", "V#"], attributes["from"])"#, &[(1, 1), (3, 1), (69, 1)]),
        (r#"Len(attributes["a"]["b"]) > # + 1"#, &[(0, 2), (1, 1)]),
        (r#"Int(attributes["from"]) >= # - 62 and Int(attributes["from"]) < 1"#, &[]),
        (r#"attributes["a"]["b"] != "v5" and attributes["a"]["b"] == "v#""#, &[(69, 1)]),
        (r#"body["level"] == "v#""#, &[(3, 1), (69, 1)]),
        (r#"body["level"] == #"#, &[(7, 1)]),
        (r#"attributes["a"]["b"] == "v#""#, &[(5, 1), (69, 1)]),
        (r#"ToLowerCase(attributes["from"]) == "v#""#, &[(1, 1), (3, 1), (69, 1)]),
        (r#"Concat([attributes["from"], "x"], "") == "v#x""#, &[(1, 1), (69, 1)]),
        (r#"IsMatch(attributes["a"]["b"], "^v#$")"#, &[(5, 1), (69, 1)]),
        (r#"IsString(body) and ToLowerCase(attributes["from"]) == "v#""#, &[(1, 1)]),
        (r#"ToLowerCase(attributes["from"]) == "v#" or attributes["from"] == "V#""#, &[(1, 1), (3, 1), (69, 1)]),
    ];
    for (condition, expected) in cases {
        for first in [&[][..], &[r#"set(attributes["seen"], true)"#]] {
            assert_eq!(acted(&behind(first, condition), &message, condition), expected, "{condition}, {first:?}");
        }
    }
}

#[test]
fn values_are_computed_again_after_what_they_look_at_was_written() {
    let message = records();
    let lower = r#"ToLowerCase(attributes["from"]) == "v#""#;
    let cases: [(&str, &str, Acted<'_>); 7] = [
        (r#"set(attributes["from"], "V8")"#, lower, &[(8, 6)]),
        (r#"set(attributes["from"], attributes["a"]["b"])"#, lower, &[(5, 1), (69, 1)]),
        (r#"delete_key(attributes, "from")"#, lower, &[(2, 1)]),
        (r#"replace_pattern(attributes["from"], "(?i)^v", "v1")"#, lower, &[(11, 1), (13, 1)]),
        (r#"keep_keys(attributes, ["a"])"#, lower, &[]),
        (r#"set(attributes["a"]["b"], "v6")"#, r#"attributes["a"]["b"] == "v#""#, &[(6, 6)]),
        (
            r#"merge_maps(attributes, ParseJSON(body), "upsert") where IsMatch(body, "^\\{")"#,
            r#"Concat([attributes["level"], ""], "") == "v#""#,
            &[(4, 1)],
        ),
    ];
    for (first, condition, expected) in cases {
        assert_eq!(acted(&behind(&[first], condition), &message, first), expected, "{first}");
    }
    // What fails before the write does not fail behind it.
    let plan = behind(&[r#"set(attributes["level"], "V8")"#], r#"ToLowerCase(attributes["level"]) == "v#""#);
    assert_eq!(acted(&plan, &message, "made"), [(8, 6)]);
    let plan = behind(&[r#"set(attributes["level"], "v8")"#], r#"HasSuffix(attributes["level"], "v#")"#);
    assert_eq!(acted(&plan, &message, "suffix"), [(8, 6)]);
    // Each of these writes what the next ones ask about.
    let chain: Vec<_> = (0..RULES)
        .map(|i| format!(r#"set(attributes["from"], "V{}") where ToLowerCase(attributes["from"]) == "v{i}""#, i + 1))
        .collect();
    let plan = statements(&chain.iter().map(String::as_str).collect::<Vec<_>>());
    let expected: Vec<_> = (1..RULES)
        .map(|i| {
            (
                i,
                if i < 3 {
                    1
                } else if i < 69 {
                    2
                } else {
                    3
                },
            )
        })
        .collect();
    assert_eq!(acted(&plan, &message, "chain"), expected);
}

#[test]
fn caches_are_asked_about_after_they_were_written() {
    let message = records();
    let level = r#"cache["level"] == "v#""#;
    let parse = r#"merge_maps(cache, ParseJSON(body), "upsert") where IsMatch(body, "^\\{")"#;
    let cases: [(&[&str], &str, Acted<'_>); 7] = [
        (&[], level, &[]),
        (&[parse], level, &[(4, 1)]),
        (&[parse], r#"cache["n"] == #"#, &[(7, 1)]),
        (&[parse, r#"set(cache["level"], "v9")"#], level, &[(9, 6)]),
        (&[parse, r#"delete_key(cache, "level")"#], level, &[]),
        (&[r#"set(cache["level"], attributes["from"])"#], level, &[(1, 1), (69, 1)]),
        (&[parse], r#"IsMatch(cache["level"], "^v#$")"#, &[(4, 1)]),
    ];
    for (first, condition, expected) in cases {
        assert_eq!(acted(&behind(first, condition), &message, condition), expected, "{first:?} {condition}");
    }
    // A rule writes what the rules behind it ask about, and the record does not change.
    let chain: Vec<_> =
        (0..RULES).map(|i| format!(r#"set(cache["level"], "v{}") where cache["level"] == "v{i}""#, i + 1)).collect();
    let all: Vec<_> = std::iter::once(parse).chain(chain.iter().map(String::as_str)).collect();
    let expected: Vec<_> = (4..RULES).map(|i| (i, 1)).collect();
    assert_eq!(acted(&statements(&all), &message, "chain"), expected);
}

/// Each group begins with an empty cache; one that all records share is another.
#[test]
fn caches_belong_to_their_groups() {
    let message = records();
    let write = r#"set(cache["level"], attributes["from"])"#;
    let rules = rules(r#"cache["level"] == "v#""#);
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    let writing: Vec<&str> = std::iter::once(write).chain(rules.iter().copied()).collect();
    let [empty, written] = [&rules, &writing].map(|texts| group(ContextId::Log, texts));
    let shared = |texts| GroupSpec { shared_cache: true, ..group(ContextId::Log, texts) };
    let both: Acted<'_> = &[(1, 1), (69, 1)];
    let cases: [(Vec<GroupSpec<'_>>, Acted<'_>); 5] = [
        (vec![written.clone(), empty.clone()], &[]),
        (vec![empty.clone(), written.clone()], both),
        (vec![written.clone(), written.clone()], both),
        (vec![shared(&writing), empty.clone()], &[]),
        // What the last record has written is there for all.
        (vec![shared(&[write]), shared(&rules)], &[(1, 6)]),
    ];
    for (number, (groups, expected)) in cases.into_iter().enumerate() {
        let plan = transform(Signal::Logs, &groups, TransformOptions::default());
        assert_eq!(acted(&plan, &message, &format!("case {number}")), expected, "case {number}");
    }
}

/// What only a group with conditions asks about is computed when one of them holds.
#[test]
fn groups_with_conditions_ask_when_they_are_run() {
    let message = records();
    let parse = r#"merge_maps(cache, ParseJSON(body), "upsert")"#;
    let of_cache = rules(r#"cache["level"] == "v#""#);
    let of_cache: Vec<&str> = std::iter::once(parse).chain(of_cache.iter().map(String::as_str)).collect();
    let of_body = rules(r#"ParseJSON(body)["level"] == "v#""#);
    let of_body: Vec<&str> = of_body.iter().map(String::as_str).collect();
    let conditions = super::sources(&[r#"IsMatch(body, "^\\{")"#]);
    let gated = |texts| GroupSpec { conditions: conditions.clone(), ..group(ContextId::Log, texts) };
    let before = group(ContextId::Log, &[r#"set(body, "{\"level\":\"v9\"}") where attributes["from"] == "v1""#]);
    for texts in [&of_cache, &of_body] {
        let cases: [(Vec<GroupSpec<'_>>, Acted<'_>); 3] = [
            (vec![gated(texts)], &[(4, 1)]),
            (vec![before.clone(), gated(texts)], &[(4, 1), (9, 1)]),
            (vec![gated(texts), before.clone(), gated(texts)], &[(4, 1), (9, 1)]),
        ];
        for (number, (groups, expected)) in cases.into_iter().enumerate() {
            let options = TransformOptions { error_mode: ErrorMode::Ignore, ..TransformOptions::default() };
            let plan = transform(Signal::Logs, &groups, options);
            assert_eq!(acted(&plan, &message, &format!("case {number}")), expected, "case {number}");
        }
    }
}

#[test]
fn values_that_cannot_be_computed_fail_in_each_rule() {
    let message = records();
    let plan = behind(&[], r#"ToLowerCase(attributes["from"]) == "v#""#);
    let report = engines::agreed(&plan, &message, "lower").report;
    // Two records have no such attribute, and one has an int.
    let failed: Vec<_> = report.sources.iter().map(|counters| counters.failed).collect();
    assert!(failed.iter().all(|of_rule| *of_rule == failed[0] && *of_rule >= 2), "{failed:?}");
    let texts: Vec<_> = (0..RULES).map(|i| format!(r#"ToLowerCase(attributes["from"]) == "v{i}""#)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for mode in [ErrorMode::Ignore, ErrorMode::Propagate] {
        engines::agreed(&conditions(mode, &texts), &message, "filter");
    }
}

/// Records whose bodies, and attribute `a`, are maps with some of the keys that rules name, and other things.
fn keyed_records() -> Vec<u8> {
    let pair = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{value}}}"#);
    let text = |key: &str, value: &str| pair(key, &format!(r#"{{"stringValue":"{value}"}}"#));
    let map = |inner: &[String]| format!(r#"{{"kvlistValue":{{"values":[{}]}}}}"#, inner.join(","));
    let some = map(&[text("k1", "v1"), text("x", "v"), pair("k69", r#"{"intValue":"7"}"#), pair("k3", "{}")]);
    let twice = map(&[text("k2", "v2"), text("k2", "v3"), pair("k5", &some)]);
    let list = r#"{"arrayValue":{"values":[{"intValue":"1"}]}}"#;
    let json = r#"{"stringValue":"{\"k4\":\"v4\",\"k2\":2,\"k5\":{\"k6\":1}}"}"#;
    let values = [&some, &twice, &map(&[]), list, json, r#"{"stringValue":"no map"}"#, r#"{"intValue":"1"}"#, "{}"];
    let record = |value: &&str| format!(r#"{{"body":{value},"attributes":[{}]}}"#, pair("a", value));
    let records: Vec<_> = values.iter().map(record).chain(["{}".to_owned()]).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    messages::protobuf(Signal::Logs, text)
}

#[test]
fn keys_of_a_map_are_asked_about_together() {
    let message = keyed_records();
    let parse = r#"merge_maps(cache, ParseJSON(body), "upsert") where IsMatch(body, "^\\{")"#;
    let replace = r#"set(body, ParseJSON(body)) where IsMatch(body, "^\\{")"#;
    let cases: [(&[&str], &str, Acted<'_>); 12] = [
        (&[], r#"body["k#"] != nil"#, &[(1, 1), (2, 1), (5, 1), (69, 1)]),
        (&[replace], r#"body["k#"] != nil"#, &[(1, 1), (2, 2), (4, 1), (5, 2), (69, 1)]),
        (&[replace, r#"set(body["k9"], 1)"#], r#"body["k#"] == 1"#, &[(9, 4)]),
        (&[], r#"attributes["a"]["k#"] != nil"#, &[(1, 1), (2, 1), (5, 1), (69, 1)]),
        (
            &[r#"set(attributes["a"]["k8"], 1) where IsMap(attributes["a"])"#],
            r#"attributes["a"]["k#"] == 1"#,
            &[(8, 3)],
        ),
        (&[], r#"body["k5"]["k#"] != nil"#, &[(1, 1), (69, 1)]),
        (&[], r#"body["k#"] == "v#""#, &[(1, 1), (2, 1)]),
        (&[], r#"IsMatch(body["k#"], "^v[13]$")"#, &[(1, 1)]),
        (&[parse], r#"cache["k#"] != nil"#, &[(2, 1), (4, 1), (5, 1)]),
        (&[parse], r#"cache["k5"]["k#"] != nil"#, &[(6, 1)]),
        (&[parse, r#"delete_key(cache, "k4")"#, r#"set(cache["k7"], body)"#], r#"IsString(cache["k#"])"#, &[(7, 2)]),
        (&[r#"set(cache, body) where IsMap(body)"#], r#"cache["k#"] == "v2""#, &[(2, 1)]),
    ];
    for (first, condition, expected) in cases {
        assert_eq!(acted(&behind(first, condition), &message, condition), expected, "{first:?} {condition}");
    }
    // What is not there is nil, and asked about as well.
    for (first, condition) in [
        (parse, r#"cache["k#"] == nil"#),
        (parse, r#"cache["k#"] != "v4""#),
        (parse, r#"cache["k#"] == nil and cache["x"] == nil"#),
        (replace, r#"body["k#"] != "v1""#),
        (replace, r#"not IsMatch(body["k#"], "^v1$")"#),
    ] {
        assert_eq!(acted(&behind(&[first], condition), &message, condition).len(), RULES, "{condition}");
    }
    // A rule writes what the rules behind it ask about.
    let chain: Vec<_> =
        (0..RULES).map(|i| format!(r#"set(cache["k{}"], 1) where cache["k{i}"] != nil"#, i + 1)).collect();
    let all: Vec<_> = std::iter::once(parse).chain(chain.iter().map(String::as_str)).collect();
    let expected: Vec<_> = (2..RULES).map(|i| (i, 1)).collect();
    assert_eq!(acted(&statements(&all), &message, "chain"), expected);
}

/// What is no text, digests that are longer than a short pair has room for, keys of every length, and digests of digests.
#[test]
fn digests_are_written_where_they_stay() {
    let message = records();
    let long = format!(r#"set(attributes["{}"], MD5(attributes["from"]))"#, "k".repeat(130));
    let cases: [(&[&str], [u64; 2]); 7] = [
        (&[r#"set(attributes["d"], SHA256(attributes["from"]))"#], [3, 3]),
        (&[r#"set(attributes["from"], SHA1(attributes["from"]))"#], [3, 3]),
        (&[r#"set(attributes["d"], SHA512(attributes["from"]))"#], [3, 3]),
        (&[r#"set(attributes["d"], XXH3(body))"#], [2, 4]),
        (&[&long], [3, 3]),
        (&[r#"set(attributes["d"], MD5(body["level"]))"#], [2, 4]),
        (&[r#"set(attributes["d"], "x")"#, r#"set(attributes["d"], SHA256(attributes["d"]))"#], [6, 0]),
    ];
    for (texts, expected) in cases {
        let report = engines::agreed(&statements(texts), &message, &format!("{texts:?}")).report;
        let last = report.sources.last().expect("there is a statement");
        assert_eq!([last.changed, last.failed], expected, "{texts:?}");
    }
}
