//! What cases find.

use ottl::testing::{Finding, MismatchKind};

use super::{judged, said};

/// The findings of one case with these rules, input and expectation.
fn findings(rules: &str, input: &str, expect: &str) -> Vec<String> {
    let text =
        format!("rules:\n  log_statements: [{rules}]\ncases:\n  - {{name: a, input: {input}, expect: {expect}}}\n");
    let verdicts = judged(&text).unwrap_or_else(|found| panic!("{text}\n{found}"));
    let lines = |finding: &Finding| {
        let mismatches = finding.mismatches.iter().map(|mismatch| {
            let sign = match mismatch.kind {
                MismatchKind::Differs => "~",
                MismatchKind::Missing => "-",
                MismatchKind::Unexpected => "+",
                _ => "@",
            };
            let lines: Vec<String> = mismatch
                .lines
                .iter()
                .map(|line| format!("{}{}={}", if line.is_received { '+' } else { '-' }, line.path, line.value))
                .collect();
            format!("{sign}{}({})", mismatch.place, lines.join(" "))
        });
        std::iter::once(finding.message.clone()).chain(mismatches).collect::<Vec<_>>()
    };
    verdicts[0].findings.iter().flat_map(lines).collect()
}

#[test]
fn what_differs_is_told_by_record_and_field() {
    let set = "'set(log.attributes[\"a\"], 1) where log.body == \"x\"'";
    let nothing: [&str; 0] = [];
    let message = "the output is not as expected";
    for (input, output, want) in [
        ("{logs: [{body: x}]}", "{logs: [{body: x, attributes: {a: 1}}]}", &nothing[..]),
        (
            "{logs: [{body: x}]}",
            "{logs: [{body: x, attributes: {a: 1.0}}]}",
            &[message, r#"~logs[0](-attributes["a"]=1.0 +attributes["a"]=1)"#],
        ),
        (
            "{logs: [{body: y}, {body: x, severity_number: 3}, {body: z}]}",
            "{logs: [{body: y}, {body: z}]}",
            &[message, r#"+logs[1](+body="x" +severity_number=3 +attributes["a"]=1)"#],
        ),
        ("{logs: [{body: y}]}", "{logs: [{body: y}, {body: z}]}", &[message, r#"-logs[1](-body="z")"#]),
        (
            "{logs: [{body: y, resource: {attributes: {h: 1}}, scope: {name: s}, resource_schema_url: u}]}",
            "{logs: [{body: y}]}",
            &[message, r#"~logs[0](+resource.attributes["h"]=1 +resource_schema_url="u" +scope.name="s")"#],
        ),
        // In the short form an empty map is one, in OTLP/JSON it is no value.
        ("{logs: [{body: {}}]}", "{logs: [{body: {kvlistValue: {}}}]}", &nothing[..]),
        (
            "{logs: [{body: y, attributes: [{key: e, value: {}}, {key: l, value: {arrayValue: {values: [{}]}}}]}]}",
            "{logs: [{body: y, attributes: {e: null, l: [null]}}]}",
            &nothing[..],
        ),
        (
            "{logs: [{severity_number: 1}]}",
            "{resourceLogs: [{scopeLogs: [{logRecords: [{severityNumber: 1, body: {}}]}]}]}",
            &nothing[..],
        ),
        // In the short form groups do not count, in OTLP/JSON they do.
        (
            "{logs: [{body: y}, {body: x}]}",
            "{logs: [{body: y, resource: {}}, {body: x, attributes: {a: 1}}]}",
            &nothing[..],
        ),
        (
            "{logs: [{body: y}]}",
            "{resourceLogs: [{scopeLogs: [{}, {logRecords: [{body: {stringValue: y}}]}]}]}",
            &[
                message,
                "@logs[0](-place=resourceLogs[0].scopeLogs[1].logRecords[0] +place=resourceLogs[0].scopeLogs[0].logRecords[0])",
            ],
        ),
    ] {
        let found = findings(set, input, &format!("{{output: {output}}}"));
        assert_eq!(found, want, "{input}: {output}");
    }
}

#[test]
fn each_expectation_finds_what_it_is_for() {
    let nothing: [&str; 0] = [];
    let rules = "'set(log.attributes[\"n\"], Int(log.attributes[\"n\"]) / Int(log.attributes[\"by\"])) where log.attributes[\"by\"] != nil'";
    let input = "{logs: [{attributes: {n: 6, by: 2}}, {attributes: {n: 1}}]}";
    let fails = "{logs: [{attributes: {n: 6, by: 0}}]}";
    for (input, expect, want) in [
        (input, "{patch: {logs: {0: {attributes: {n: 3}}}}}", &nothing[..]),
        (input, "{patch: {logs: [{attributes: {n: 3}}, {}]}}", &nothing[..]),
        (
            input,
            "{patch: {logs: {0: {attributes: {by: null, n: 3}}}}}",
            &["the output is not the patched input", r#"~logs[0](+attributes["by"]=2)"#],
        ),
        (input, "unchanged", &["something changed", r#"~logs[0](-attributes["n"]=6 +attributes["n"]=3)"#]),
        ("{logs: [{attributes: {n: 1}}]}", "unchanged", &nothing[..]),
        (input, "{count: 1}", &["expected 1 record, got 2"]),
        (
            input,
            "{none: 'log.attributes[\"n\"] > 2'}",
            &[r#"none: `log.attributes["n"] > 2` holds for logs[0] of the output"#, r#"@logs[0](+attributes["n"]=3 "#],
        ),
        (
            input,
            "{every: 'log.attributes[\"by\"] != nil'}",
            &[
                r#"every: `log.attributes["by"] != nil` does not hold for logs[1] of the output"#,
                r#"@logs[1](+attributes["n"]=1)"#,
            ],
        ),
        (input, "{some: 'log.body != nil'}", &["some: `log.body != nil` holds for none of the 2 records"]),
        (
            input,
            "{some: 'log.attributes[\"n\"] == 1', every: ['log.body == nil', 'IsInt(log.attributes[\"n\"])']}",
            &nothing[..],
        ),
        (
            input,
            "{none: 'Int(log.attributes[\"n\"]) / 0 == 1'}",
            &[r#"none: `Int(log.attributes["n"]) / 0 == 1` failed for logs[0]: division by zero"#, "@logs[0]("],
        ),
        (input, "{error: true}", &["an error is expected: nothing failed"]),
        (input, "{error: false}", &nothing[..]),
        (fails, "{error: division by zero}", &nothing[..]),
        (fails, "{error: false}", &["nothing should fail: "]),
        (fails, "{error: overflow}", &["an error with `overflow` is expected: "]),
        ("{logs: []}", "dropped", &nothing[..]),
        (
            "{logs: []}",
            "{some: 'log.body != nil'}",
            &["some: `log.body != nil` holds for no record: the output is empty"],
        ),
    ] {
        let found = findings(rules, input, expect);
        let fits = found.len() == want.len() && found.iter().zip(want).all(|(found, want)| found.starts_with(want));
        assert!(fits, "{expect}: {found:?}");
    }
}

#[test]
fn what_is_dropped_is_looked_at_as_it_came_in() {
    let text = |only: &str| {
        format!(
            "rules:
  processors:
    transform: {{log_statements: ['set(log.body, \"gone\") where log.severity_number < 9']}}
    filter: {{log_conditions: ['log.body == \"gone\"']}}
  service: {{pipelines: {{logs: {{receivers: [x], processors: [transform, filter], exporters: [x]}}}}}}
cases:
  - name: a
    input: {{logs: [{{severity_number: 9}}, {{severity_number: 5}}, {{severity_number: 17, body: gone}}]}}
    expect: {{dropped_only: '{only}'}}
"
        )
    };
    let messages = |text: &str| -> Vec<String> {
        judged(text).expect("sound")[0].findings.iter().map(|finding| finding.message.clone()).collect()
    };
    assert_eq!(
        messages(&text("log.severity_number < 9")),
        ["dropped_only: `log.severity_number < 9` does not hold for dropped records: logs[2] of the input"]
    );
    assert!(messages(&text("log.severity_number < 9 or log.body == \"gone\"")).is_empty());
}

/// Conditions that nothing was asked of hold, and it is said.
#[test]
fn conditions_without_records_are_noted() {
    let unasked = |input: &str, expect: &str| {
        let text = format!(
            "rules: {{log_conditions: ['log.body == \"x\"']}}\ncases: [{{name: a, input: {input}, expect: {expect}}}]\n"
        );
        let verdict = judged(&text).unwrap_or_else(|found| panic!("{text}\n{found}")).remove(0);
        assert!(verdict.passes(), "{verdict:?}");
        verdict.unasked
    };
    assert_eq!(
        unasked(
            "{logs: [{body: x}]}",
            "{every: 'log.body == 1', none: 'log.body == 2', dropped_only: 'log.body == \"x\"'}"
        ),
        [
            "every: `log.body == 1` was not evaluated: the output is empty",
            "none: `log.body == 2` was not evaluated: the output is empty"
        ]
    );
    assert_eq!(
        unasked("{logs: [{body: y}]}", "{every: 'log.body == \"y\"', dropped_only: 'log.body == 1'}"),
        ["dropped_only: `log.body == 1` was asked of no record: none was dropped"]
    );
    for expect in ["dropped", "unchanged"] {
        assert_eq!(unasked("{logs: []}", expect), ["the input has no records"], "{expect}");
    }
}

/// What the playground gives: rules and telemetry as blocks of text.
#[test]
fn blocks_of_json_are_telemetry() {
    let text = r#"
rules: |
  log_statements:
    - set(log.severity_text, "X") where log.body == "x"
cases:
  - name: 2 records, 1 changed
    input:
      - |
        {
          "resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}]}]}]
        }
      - |
        {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "y"}}]}]}]}
    expect:
      output:
        - |
          {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}, "severityText": "X"}]}]}]}
        - |
          {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "y"}}]}]}]}
"#;
    let verdicts = judged(text).unwrap_or_else(|found| panic!("{found}"));
    assert!(verdicts[0].passes(), "{verdicts:?}");
    assert_eq!(
        said(&text.replace("          \"resourceLogs\"", "          \"resurceLogs\"")),
        ["a.test.yaml:10:11: error[E0822]: `resurceLogs` is no telemetry"]
    );
}
