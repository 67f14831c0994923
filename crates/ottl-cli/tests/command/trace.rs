//! `ottl run --trace`: why records came out as they did.

use crate::harness::{Dir, log, ottl};

const RULES: &str = r#"log_statements:
  - set(log.severity_text, "x") where log.body == "b" and IsString(log.body)
  - delete_key(log.attributes, "none")
"#;

fn logs(bodies: &[&str]) -> String {
    bodies.iter().map(|body| format!("{}\n", log(body))).collect()
}

#[test]
fn traces_show_results_values_and_changes() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = logs(&["a", "b"]);
    let done = ottl(["run", "--config", &rules, "--trace", "--values"], input.as_bytes()).ends(0);
    let expected = r#"standard input: message 1, record 1, resourceLogs[0].scopeLogs[0].logRecords[0]
  - 1  set(log.severity_text, "x") where log.body == "b" and IsString(log.body)
      rules.yaml:2: not matched, decided by `log.body == "b"`
        log.body == "b" and IsString(log.body)       false
          log.body == "b"                            false
            log.body                                 "a"
  = 2  delete_key(log.attributes, "none")
      rules.yaml:3: changed nothing

standard input: message 2, record 2, resourceLogs[0].scopeLogs[0].logRecords[0]
  * 1  set(log.severity_text, "x") where log.body == "b" and IsString(log.body)
      rules.yaml:2: changed
        log.body == "b" and IsString(log.body)       true
          log.body == "b"                            true
            log.body                                 "b"
          IsString(log.body)                         true
            log.body                                 "b"
      + log.severity_text = "x"
  = 2  delete_key(log.attributes, "none")
      rules.yaml:3: changed nothing

evaluated  matched  changed  failed  statement
        2        1        1       0  rules.yaml:2: set(log.severity_text, "x") where log.body == "b" and IsString(log.body)
        2        2        0       0  rules.yaml:3: delete_key(log.attributes, "none")
"#;
    assert_eq!(done.text().replace(&rules, "rules.yaml"), expected);
}

#[test]
fn values_are_hidden_unless_they_are_asked_for() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = logs(&["secret", "b"]);
    let text = ottl(["run", "--config", &rules, "--trace"], input.as_bytes()).ends(0);
    assert!(!text.text().contains("secret") && text.text().contains("(string)"), "{}", text.text());
    assert!(text.text().contains("+ log.severity_text = ***"), "{}", text.text());
    text.names(&["signs: * changed,", "--values shows them"]);
    let whole = ottl(["run", "--config", &rules, "--trace", "--values"], input.as_bytes()).ends(0);
    assert!(whole.names(&["signs: "]).text().contains("secret"));
    let quiet = ottl(["run", "--config", &rules, "--trace", "--quiet"], input.as_bytes()).ends(0);
    assert_eq!(quiet.err, "");
    let lines = ottl(["run", "--config", &rules, "--trace", "--format", "json"], input.as_bytes()).ends(0);
    assert!(!lines.text().contains("secret"), "{}", lines.text());
    let steps: Vec<serde_json::Value> =
        lines.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> = steps
        .iter()
        .map(|step| (step["record"].as_u64(), step["statement"]["number"].as_u64(), step["result"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(1), Some(1), Some("not_matched")),
            (Some(1), Some(2), Some("unchanged")),
            (Some(2), Some(1), Some("changed")),
            (Some(2), Some(2), Some("unchanged")),
        ]
    );
    assert_eq!(steps[0]["decided"]["text"], "log.body == \"b\"");
    assert_eq!(steps[2]["values"][0]["value"], "true");
}

#[test]
fn records_and_statements_are_chosen() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = logs(&["a", "b", "c"]);
    let trace = |more: &[&str]| {
        let mut arguments = vec!["run", "--config", &rules, "--trace"];
        arguments.extend(more);
        ottl(arguments, input.as_bytes())
    };
    let headings = |text: &str| text.lines().filter(|line| line.starts_with("standard input")).count();
    let one = trace(&["--record", "3"]).ends(0);
    assert!(headings(one.text()) == 1 && one.text().contains("message 3, record 3,"), "{}", one.text());
    let some = trace(&["--where", "log.body != \"a\"", "--trace-statement", "2"]).ends(0);
    assert_eq!((headings(some.text()), some.text().matches("  = 2  delete_key").count()), (2, 2), "{}", some.text());
    assert!(!some.text().contains("  1  set("), "{}", some.text());
    // What is asked of a resource or scope is asked for all that lies in it.
    let of_all = trace(&["--where", r#"scope.name == "" and resource.attributes["env"] == nil"#]).ends(0);
    assert_eq!(headings(of_all.text()), 3, "{}", of_all.text());
    assert_eq!(trace(&["--statement", "2"]).ends(0).text(), trace(&["--trace-statement", "2"]).ends(0).text());
    trace(&["--record", "4"]).ends(2).names(&["there is no record 4: the input has 3"]);
    trace(&["--where", "log.bod == 1"]).ends(2).names(&["--where: ", "bod"]);
    trace(&["--output", "x.json"]).ends(2).names(&["cannot be used with"]);
}

#[test]
fn statements_of_several_files_are_told_apart() {
    let dir = Dir::new();
    let file = |name: &str, part: &str| dir.file(name, format!("processors:\n  transform: {part}\n"));
    let base = dir.file(
        "base.yaml",
        "service: {pipelines: {logs: {receivers: [x], processors: [transform, filter], exporters: [x]}}}\nprocessors: {filter: {log_conditions: ['log.body == 1']}}\n",
    );
    let over = file("over.yaml", "{log_statements: ['set(log.severity_text, \"x\")']}");
    let done = ottl(["run", "--config", &base, "--config", &over, "--trace"], log("a").as_bytes()).ends(0);
    assert!(done.text().contains(&format!("{over}:2: changed")), "{}", done.text());
    assert!(done.text().contains(&format!("{base}:2: not matched")), "{}", done.text());
    let given = ottl(["run", "-e", "set(log.body, 1)", "--trace"], log("a").as_bytes()).ends(0);
    assert!(given.text().contains("\n      changed\n"), "{}", given.text());
    // Damage ends a trace, unless the others are wanted.
    let input = format!("{}\n{{\"resourceLogs\":7}}\n{}\n", log("a"), log("b"));
    let trace = |more: &[&str]| ottl(["run", "--config", &over, "--trace"].iter().chain(more), input.as_bytes());
    assert!(!trace(&[]).ends(1).text().contains("record 2"));
    assert!(trace(&["--keep-going"]).ends(1).text().contains("record 2"));
}

#[test]
fn what_finds_nothing_says_so() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let run = |more: &[&str]| ottl(["run", "--config", &rules].iter().chain(more), logs(&["a"]).as_bytes());
    let none = "nothing was traced: no statement ran on a record that was asked for";
    run(&["--trace", "--where", r#"log.body == "z""#]).ends(0).names(&[none]);
    run(&["--trace", "--trace-statement", "3"]).ends(2).names(&["there is no statement 3: the rules that ran have 2"]);
    let several =
        dir.file("several.yaml", "trace_statements: ['set(span.name, \"x\")']\nlog_statements: ['set(log.body, 1)']");
    let fault = ["run", "--config", &several, "--trace", "--where", "log.severity_txt == 1"];
    ottl(fault, b"").ends(2).names(&["--where: the context log has no path `severity_txt`"]);
    // A comparison of input and output shows all records.
    for option in [["--record", "1"], ["--where", "true"], ["--trace-statement", "1"]] {
        run(&["--diff", option[0], option[1]]).ends(2).names(&["--diff", option[0]]);
    }
}

#[test]
fn a_message_that_fails_is_shown_up_to_there() {
    let dir = Dir::new();
    let rules =
        dir.file("rules.yaml", "error_mode: propagate\nlog_statements: ['set(log.body, Int(ParseJSON(log.body)))']");
    let done = ottl(["run", "--config", &rules, "--trace"], logs(&["x"]).as_bytes()).ends(1);
    assert!(done.text().contains(":2: failed: ") && done.text().contains("the message failed: "), "{}", done.text());
}

#[test]
fn counts_are_those_of_reports() {
    let dir = Dir::new();
    let rules = dir.file(
        "rules.yaml",
        "log_statements:\n  - set(log.cache[\"x\"], log.body)\n  - set(log.attributes[\"n\"], ParseJSON(log.cache[\"x\"])[\"k\"])\n",
    );
    let input = logs(&["{\\\"k\\\":5}"]);
    let traced = ottl(["run", "--config", &rules, "--trace", "--values"], input.as_bytes()).ends(0);
    for line in ["        1        1        0       0  ", "        1        1        1       0  "] {
        assert!(traced.text().contains(line), "{}", traced.text());
    }
    let report = dir.path("report.json");
    ottl(["run", "--config", &rules, "--report", &report], input.as_bytes()).ends(0);
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&report).expect("a report")).expect("JSON");
    let changed: Vec<_> =
        report["statements"].as_array().expect("a list").iter().map(|row| row["changed"].as_u64()).collect();
    assert_eq!(changed, [Some(0), Some(1)]);
    // What has keys behind it is another expression than the same with them, and a float is no int.
    let lines: Vec<String> =
        traced.text().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "ParseJSON(log.cache[\"x\"])[\"k\"] 5.0",
        "ParseJSON(log.cache[\"x\"]) {\"k\": 5.0}",
        "+ log.attributes[\"n\"] = 5.0",
    ] {
        assert!(lines.iter().any(|found| found == line), "{line}: {}", traced.text());
    }
}
