//! Case files: the pictures of what is wrong with them (`tests/ui/E082x.toml`), the examples of their pages, and what cases find.
#![cfg(all(feature = "host", feature = "render", feature = "testing"))]

mod pictures;

use ottl::testing::{DataFile, Judging, Message, MismatchKind, Snapshots, Suite, TestedRules, Verdict};
use ottl::{CODES, Code, Compiler, Diagnostics};
use pictures::root;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    text: String,
}

fn codes() -> impl Iterator<Item = Code> {
    CODES.iter().copied().filter(|code| code.as_str().starts_with("E082"))
}

/// Runs all cases of a file, of which the rules stand in it. There are no other files.
fn judged(text: &str) -> Result<Vec<Verdict>, Diagnostics> {
    with_snapshots(text, &Snapshots::default(), false)
}

fn with_snapshots(text: &str, snapshots: &Snapshots, update: bool) -> Result<Vec<Verdict>, Diagnostics> {
    let suite = Suite::read("a.test.yaml", text)?;
    let compiler = Compiler::new();
    let read =
        |file: &DataFile| -> Result<Vec<Message>, String> { Err(format!("there is no file `{}`", file.path.path)) };
    let judge = |case: &ottl::testing::Case| {
        let setup = &suite.setups()[case.setup];
        let TestedRules::Inline(rules) = &setup.rules else { panic!("rules stand in the file") };
        let compiled = suite.compiler(setup, &compiler).compile(rules);
        let rules = compiled.map_err(|error| suite.faults_of_rules(setup, &error))?;
        suite.judge(case, &Judging { compiler: &compiler, rules: &rules, read: &read, snapshots, update })
    };
    suite.cases().iter().map(judge).collect()
}

#[test]
fn faults_are_drawn_as_recorded() {
    pictures::are_as_recorded(codes(), |code, fixture: &Fixture| {
        let found = judged(&fixture.text).expect_err("a fault");
        assert!(found.iter().all(|fault| fault.code == code), "{code}: {found}");
        found
    });
}

#[test]
fn pages_show_the_fault_and_its_mending() {
    for code in codes() {
        let path = root().join(format!("spec/diagnostics/{code}.md"));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut blocks = 0;
        for block in page.split("```yaml,case").skip(1) {
            let (marks, rest) = block.split_once('\n').expect("a line of marks");
            let text = rest.split_once("```").map_or("", |(text, _)| text);
            match (marks.strip_prefix(",fails("), judged(text)) {
                (Some(wanted), Err(found)) => {
                    assert!(found.iter().all(|fault| wanted.starts_with(fault.code.as_str())), "{code}: {found}");
                }
                (None, Ok(verdicts)) => assert!(verdicts.iter().all(Verdict::passes), "{code}: {verdicts:?}"),
                (_, Ok(verdicts)) => panic!("{code}: {text}\n{verdicts:?}"),
                (_, Err(found)) => panic!("{code}: {text}\n{found}"),
            }
            blocks += 1;
        }
        assert!(blocks == 2, "{code} has {blocks} examples");
    }
}

/// What each fault of a file says, with its place.
fn said(text: &str) -> Vec<String> {
    let found = judged(text).expect_err("a fault").to_string();
    found.lines().filter(|line| line.contains(".yaml:")).map(str::to_owned).collect()
}

#[test]
fn faults_have_places_and_ways_out() {
    let head = "rules: {log_statements: ['set(log.body, \"b\")']}\ncases:\n";
    let mut wrong = Vec::new();
    for (cases, want) in [
        (
            "  - {name: a, input: {logs: [{bodi: x}]}, expect: dropped}",
            "3:31: error[E0822]: LogRecord has no field `bodi`",
        ),
        (
            "  - {name: a, input: {logs: [{body: x, time_unix_nano: soon}]}, expect: dropped}",
            "3:56: error[E0822]: an integer",
        ),
        ("  - {name: a, input: {log: []}, expect: dropped}", "3:23: error[E0822]: `log` is no telemetry"),
        ("  - {name: a, input: {logs: {}}, expect: dropped}", "3:29: error[E0822]: a list of records is wanted"),
        ("  - {name: a, input: {logs: [x]}, expect: dropped}", "3:30: error[E0822]: a record is a map"),
        ("  - {name: a, input: {logs: []}, expect: droped}", "3:42: error[E0821]: there is no expectation `droped`"),
        ("  - {name: a, input: {logs: []}, expect: {}}", "3:42: error[E0821]: nothing is expected"),
        (
            "  - {name: a, input: {logs: []}, expect: {dropped: true, unchanged: true}}",
            "3:58: error[E0821]: what comes out is said twice",
        ),
        ("  - {name: a, input: {logs: []}, expect: {count: many}}", "3:50: error[E0821]: `count` is how many"),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {none: log.boddy == \"x\"}}",
            "3:51: error[E0203]: the context log has no path `boddy`",
        ),
        ("  - {name: a, input: {logs: [{}]}, expect: {every: 'not (log.body = \"x\")'}}", "3:67: error[E0115]"),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {patch: {logs: {7: {}}}}}",
            "3:53: error[E0821]: there is no record 7",
        ),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {patch: {logs: [{}, {}]}}}",
            "3:53: error[E0821]: the patch lists 2",
        ),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {patch: {log: []}}}",
            "3:53: error[E0820]: a patch has no key `log`",
        ),
        ("  - {name: a, input: {logs: [{}]}, expect: dropped, now: today}", "3:58: error[E0821]: `now` is a time"),
        (
            "  - {name: a, input: {file: x, format: xml}, expect: dropped}",
            "3:40: error[E0821]: there is no format `xml`",
        ),
        (
            "  - {name: a, input: {file: x, signal: log}, expect: dropped}",
            "3:40: error[E0821]: there is no signal `log`",
        ),
    ] {
        let found = said(&format!("{head}{cases}\n"));
        if found.len() != 1 || !found[0].starts_with(&format!("a.test.yaml:{want}")) {
            wrong.push(format!("{cases}\n{found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (text, want) in [
        ("rules: a.yaml\n", "1:1: error[E0821]: a case file has `cases:`"),
        ("cases:\n  - {name: a, input: {logs: []}, expect: dropped}\n", "2:5: error[E0821]: there are no rules"),
        ("- a\n", "1:1: error[E0821]: a case file is a map"),
        ("rules: [\n", "1:8: error[E0601]"),
        ("rules: a\nrules: b\ncases: [{name: a, input: {logs: []}, expect: dropped}]\n", "2:1: error[E0602]"),
        ("rules: a\ncases: []\n", "2:8: error[E0821]: there are no cases"),
        (
            "rules: ''\ncases: [{name: a, input: {logs: []}, expect: dropped}]\n",
            "1:8: error[E0821]: the path of the rules",
        ),
    ] {
        let found = said(text);
        assert!(found.len() == 1 && found[0].starts_with(&format!("a.test.yaml:{want}")), "{text}\n{found:?}");
    }
    let nameless = said(&format!("{head}  - {{name: ' ', input: {{logs: [{{body: x}}]}}, expect: dropped}}\n"));
    assert!(nameless.len() == 1 && nameless[0].contains("this one is empty"), "{nameless:?}");
    let deep = format!("{head}  - {{name: a, input: {}x{}, expect: dropped}}\n", "[".repeat(200), "]".repeat(200));
    assert!(said(&deep)[0].contains("deep inside each other"));
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
            "every: `log.body == 1` was asked of no record: none came out",
            "none: `log.body == 2` was asked of no record: none came out"
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

/// Where rules stand in the file in whatever way, their faults have their places there.
#[test]
fn rules_in_the_file_have_its_places() {
    let case = "cases: [{name: a, input: {logs: []}, expect: dropped}]\n";
    for (rules, want) in [
        ("rules:\n  log_statements:\n    - set(log.boddy, 1)\n", "3:11"),
        ("rules: {log_statements: ['set(log.boddy, 1)']}\n", "1:31"),
        ("rules: |\n  log_statements:\n    - set(log.boddy, 1)\n", "3:11"),
        ("rules: |\n  # a\n  ---\n  log_statements:\n    - set(log.boddy, 1)\n", "5:11"),
        ("rules: |-\n  log_statements: [\"set(log.boddy, 1)\"]\n", "2:25"),
    ] {
        let found = said(&format!("{rules}{case}"));
        assert!(
            found.len() == 1 && found[0].starts_with(&format!("a.test.yaml:{want}: error[E0203]")),
            "{rules}\n{found:?}"
        );
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

/// The findings of one case with these rules, input and expectation.
fn findings(rules: &str, input: &str, expect: &str) -> Vec<String> {
    let text =
        format!("rules:\n  log_statements: [{rules}]\ncases:\n  - {{name: a, input: {input}, expect: {expect}}}\n");
    let verdicts = judged(&text).unwrap_or_else(|found| panic!("{text}\n{found}"));
    let lines = |finding: &ottl::testing::Finding| {
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
    let message = "what came out is not what was expected";
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
            &["what came out is not the input with its patch", r#"~logs[0](+attributes["by"]=2)"#],
        ),
        (input, "unchanged", &["something changed", r#"~logs[0](-attributes["n"]=6 +attributes["n"]=3)"#]),
        ("{logs: [{attributes: {n: 1}}]}", "unchanged", &nothing[..]),
        (input, "{count: 1}", &["1 record should come out, and 2 did"]),
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
        (input, "{some: 'log.body != nil'}", &["some: `log.body != nil` holds for none of 2 records"]),
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
        ("{logs: []}", "{some: 'log.body != nil'}", &["some: `log.body != nil` holds for no record: none came out"]),
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
        ["dropped_only: `log.severity_number < 9` does not hold for what was dropped: logs[2] of the input"]
    );
    assert!(messages(&text("log.severity_number < 9 or log.body == \"gone\"")).is_empty());
}

/// What a snapshot says is read back as what it was taken of, whatever values there are.
#[test]
fn snapshots_say_all_that_came_out() {
    let text = r#"
rules: {log_statements: ['set(log.attributes["seen"], true)']}
cases:
  - name: "odd: names # and values"
    input:
      - logs:
          - body: {a: [1, 2.0, null, {}, []], "b c": "x\ny\u0085", stringValue: x, n: .nan, i: -.inf, big: 18446744073709551615.0}
            attributes: [{key: k, value: {intValue: 1}}, {key: k, value: {intValue: 2}}]
            time_unix_nano: 18446744073709551615
            trace_id: "0102030405060708090a0b0c0d0e0f10"
            severity_number: SEVERITY_NUMBER_ERROR
          - body: {bytesValue: "AAE="}
            resource: {attributes: {service.name: a}, dropped_attributes_count: 2}
            resource_schema_url: r
            scope: {name: s}
            scope_schema_url: t
          - body: {kvlistValue: {values: [{key: stringValue, value: {stringValue: x}}]}}
      - spans: [{name: x, kind: SPAN_KIND_SERVER, status: {code: STATUS_CODE_ERROR}, events: [{name: e, attributes: {a: 1}}]}]
      - metrics: [{name: m, histogram: {data_points: [{count: 3, bucket_counts: [1, 2], explicit_bounds: [0.5]}]}}]
    expect: snapshot
"#;
    let verdict = with_snapshots(text, &Snapshots::default(), true).expect("sound").remove(0);
    assert!(verdict.passes(), "{verdict:?}");
    let taken = [("odd: names # and values", verdict.snapshot.as_ref())];
    let written = Snapshots::default().updated(taken).text.expect("there is one");
    let stored = Snapshots::read("a.snap", &written).unwrap_or_else(|found| panic!("{written}\n{found}"));
    let verdict = with_snapshots(text, &stored, false).unwrap_or_else(|found| panic!("{written}\n{found}")).remove(0);
    assert!(verdict.passes(), "{written}\n{:?}", verdict.findings);
    for part in [
        "severity_number: \"SEVERITY_NUMBER_ERROR\"",
        "time_unix_nano: 18446744073709551615",
        "n: .nan",
        "\"b c\": \"x\\ny\\u0085\"",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    // What is not as it was is found.
    let other = Snapshots::read("a.snap", &written.replace("seen: true", "seen: false")).expect("sound");
    assert!(!with_snapshots(text, &other, false).expect("sound").remove(0).passes());
}

#[cfg(feature = "interp")]
#[test]
fn coverage_has_statements_and_both_sides_of_conditions() {
    use ottl::testing::{Coverage, Share};

    let text = r#"
rules:
  error_mode: ignore
  log_statements:
    - statements:
        - set(log.attributes["a"], 1) where log.severity_number > 16 and (log.body == "x" or not IsString(log.body))
        - set(log.attributes["b"], 1)
    - context: log
      conditions: ['log.severity_number < 5']
      statements: ['set(log.attributes["c"], 1)']
    - context: log
      statements:
        - set(log.attributes["d"], ParseJSON(log.body)) where log.body == "y"
        - set(log.attributes["e"], 1) where Len(log.time) > 1
cases:
  - name: a
    input: {logs: [{severity_number: 17, body: x}, {severity_number: 9}, {severity_number: 18, body: y}]}
    expect: {count: 3}
"#;
    let suite = Suite::read("a.test.yaml", text).expect("sound");
    let TestedRules::Inline(rules) = &suite.setups()[0].rules else { panic!("they stand in the file") };
    let compiler = Compiler::new();
    let rules = suite.compiler(&suite.setups()[0], &compiler).compile(rules).expect("sound");
    let read = |_: &DataFile| Err(String::new());
    let snapshots = Snapshots::default();
    let with = Judging { compiler: &compiler, rules: &rules, read: &read, snapshots: &snapshots, update: false };
    let mut one = Coverage::default();
    one.add(&rules, &suite.input(&suite.cases()[0], &with).expect("sound")).expect("sound");
    let mut coverage = Coverage::default();
    coverage.add_rules(&rules);
    coverage.merge(&one);
    let rows: Vec<String> = coverage
        .statements(0)
        .map(|row| {
            let conditions: Vec<String> =
                row.conditions.iter().map(|one| format!("{}: {}/{}", one.text, one.held, one.not_held)).collect();
            format!("{} {}/{} [{}]", row.location.line, row.matched, row.evaluated, conditions.join(", "))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "6 1/3 [log.severity_number > 16 and (log.body == \"x\" or not IsString(log.body)): 1/2, \
             log.severity_number > 16: 2/1, log.body == \"x\": 1/1, IsString(log.body): 1/0]",
            "7 3/3 []",
            "9 0/3 [log.severity_number < 5: 0/3]",
            "10 0/0 []",
            // A statement that failed ran; a condition that failed met no side.
            "13 1/3 [log.body == \"y\": 1/2]",
            "14 0/3 [Len(log.time) > 1: 0/0]",
        ]
    );
    assert_eq!(Coverage::ran(coverage.statements(0)), Share { met: 4, all: 6 });
    assert_eq!(Coverage::sides(coverage.statements(0)), Share { met: 10, all: 14 });
    assert_eq!(coverage.statements(0).last().map(|row| row.conditions[0].failed), Some(3));
    assert_eq!(coverage.files()[0].name, "a.test.yaml");
    assert!(coverage.files()[0].text.lines().nth(6).is_some_and(|line| line.contains("attributes[\"b\"]")));
}

/// Records with these bodies, as OTLP/JSON holds them.
fn hostile() -> Vec<(&'static str, String)> {
    let nest = |count: usize, open: &str, close: &str| {
        let inner = r#"{"stringValue":"deep"}"#;
        format!("{}{inner}{}", open.repeat(count), close.repeat(count))
    };
    let text = |c: &str| format!(r#"{{"stringValue":"a{c}b"}}"#);
    let map = (r#"{"kvlistValue":{"values":[{"key":"k","value":"#, "}]}}");
    let list = (r#"{"arrayValue":{"values":["#, "]}}");
    let key = |key: &str| format!(r#"{{"kvlistValue":{{"values":[{{"key":"{key}","value":{{"intValue":"1"}}}}]}}}}"#);
    vec![
        ("delete", text("\u{7f}")),
        ("c1", text("\u{80}\u{85}\u{9f}")),
        ("no characters", text("\u{fffe}\u{ffff}\u{feff}\u{1fffe}")),
        ("lines", text("\u{2028}\\r\\n\\t\\u0001")),
        ("maps", nest(40, map.0, map.1)),
        ("lists", nest(50, list.0, list.1)),
        ("long key", key(&"k".repeat(3000))),
        ("long key in quotes", key(&"k \u{fffe}".repeat(300))),
        ("key that is a word", key("true")),
        ("key that is nothing", key("null")),
        ("empty", "{}".to_owned()),
        ("bytes", r#"{"bytesValue":"AAE="}"#.to_owned()),
        ("float", r#"{"doubleValue":1.0000000000000002e-300}"#.to_owned()),
        ("whole float", r#"{"doubleValue":-0}"#.to_owned()),
        ("no number", r#"{"doubleValue":"NaN"}"#.to_owned()),
        ("int", r#"{"intValue":"-9223372036854775808"}"#.to_owned()),
    ]
}

/// The cases of these files: each with records that YAML cannot hold as they are, read from a file.
fn with_records(
    rules: &str,
    expect: &str,
    body: &str,
    snapshots: &Snapshots,
    update: bool,
) -> Result<Verdict, Diagnostics> {
    let text =
        format!("rules: {{log_statements: [{rules}]}}\ncases: [{{name: a, input: data.json, expect: {expect}}}]\n");
    let json = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"severityText":"a","body":{body},"attributes":[{{"key":"keep","value":{body}}}]}}]}}]}}]}}"#
    );
    let suite = Suite::read("a.test.yaml", &text)?;
    let compiler = Compiler::new();
    let read = |_: &DataFile| -> Result<Vec<Message>, String> {
        let mut bytes = Vec::new();
        ottl::otlp::json::to_protobuf(ottl::Signal::Logs, json.as_bytes(), &mut bytes)
            .map_err(|error| error.to_string())?;
        for at in 0..bytes.len().saturating_sub(7) {
            if bytes[at..].starts_with(b"NO-UTF8") {
                bytes[at] = 0xff;
            }
        }
        Ok(vec![Message { signal: ottl::Signal::Logs, bytes }])
    };
    let case = &suite.cases()[0];
    let setup = &suite.setups()[case.setup];
    let TestedRules::Inline(rules) = &setup.rules else { panic!("rules stand in the file") };
    let rules = suite.compiler(setup, &compiler).compile(rules).unwrap_or_else(|error| panic!("{error}"));
    suite.judge(case, &Judging { compiler: &compiler, rules: &rules, read: &read, snapshots, update })
}

/// What a patch does not name stays, and what rules did to it is found, whatever characters and depths a record has.
#[test]
fn patches_are_of_the_whole_record() {
    let patch = "{patch: {logs: {0: {severity_text: b}}}}";
    let set = "'set(log.severity_text, \"b\")'";
    for (name, body) in hostile() {
        let judged = |rules: &str, expect: &str| {
            with_records(rules, expect, &body, &Snapshots::default(), false)
                .unwrap_or_else(|found| panic!("{name}: {found}"))
        };
        let verdict = judged(set, patch);
        assert!(verdict.passes(), "{name}: {verdict:?}");
        let lossy = format!("{set}, 'keep_keys(log.attributes, [\"none\"])', 'set(log.body, \"\")'");
        let verdict = judged(&lossy, "{patch: {logs: {0: {severity_text: b, body: \"\"}}}}");
        assert!(!verdict.passes(), "{name}: the attribute is gone");
    }
    // So is a text that is not UTF-8: no file of cases can say it.
    for expect in [patch, "snapshot"] {
        let found = with_records(set, expect, "{\"stringValue\":\"NO-UTF8\"}", &Snapshots::default(), true);
        let found = found.expect_err("it cannot be said").to_string();
        assert!(found.contains("not UTF-8"), "{found}");
    }
    // What lies deeper than a case can say is an error, and no other record.
    let deep = format!("{}{{}}{}", r#"{"arrayValue":{"values":["#.repeat(300), "]}}".repeat(300));
    let found = with_records(set, patch, &deep, &Snapshots::default(), false).expect_err("too deep");
    assert!(found.to_string().contains("too deep"), "{found}");
}

/// What was written is read again as what it was.
#[test]
fn snapshots_hold_all_that_telemetry_may_be() {
    let none = Snapshots::default();
    for (name, body) in hostile() {
        let taken = with_records("'set(log.severity_text, \"b\")'", "snapshot", &body, &none, true);
        let taken = taken.unwrap_or_else(|found| panic!("{name}: {found}")).snapshot.expect("what came out");
        let text = none.updated([("a", Some(&taken))]).text.expect("a file");
        let read = Snapshots::read("a.snap", &text).unwrap_or_else(|found| panic!("{name}: {found}\n{text}"));
        let verdict = with_records("'set(log.severity_text, \"b\")'", "snapshot", &body, &read, false);
        let verdict = verdict.unwrap_or_else(|found| panic!("{name}: {found}"));
        assert!(verdict.passes(), "{name}: {verdict:?}");
        let verdict = with_records("'set(log.body, 1)'", "snapshot", &body, &read, false);
        assert!(!verdict.expect("it runs").passes(), "{name}");
    }
}
