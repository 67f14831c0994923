//! `ottl run`: what a run says that it did, would do, and what it leaves undone.

use crate::harness::{Dir, contents, log, ottl, sample, span};

const RULES: &str = r#"log_statements:
  - set(log.severity_text, "x") where log.body == "b"
  - set(log.severity_text, "y") where log.body == "never"
"#;

fn logs(bodies: &[&str]) -> String {
    bodies.iter().map(|body| format!("{}\n", log(body))).collect()
}

#[test]
fn statistics_are_a_table_or_an_object() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = logs(&["a", "b", "b"]);
    for threads in ["1", "2"] {
        let done = ottl(["run", "--config", &rules, "--stats", "--threads", threads], input.as_bytes()).ends(0);
        let done = done.names(&[
            "evaluated    matched    changed     failed  statement",
            "         3          2          2          0  ",
            "3 messages, 3 records: 2 changed, 0 dropped, 0 failed; ",
            " MB/s",
            "warning: matched nothing: ",
            "rules.yaml:3:5: `set(log.severity_text, \"y\") where log.body == \"never\"`",
        ]);
        assert!(!done.err.contains("nothing: rules.yaml:2"), "{}", done.err);
    }
    let done = ottl(["run", "--config", &rules, "--stats", "--format", "json"], input.as_bytes()).ends(0);
    let last = done.err.lines().last().expect("a line");
    let stats: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!((&stats["stats"]["records"], &stats["stats"]["changed_records"]), (&3.into(), &2.into()));
    assert_eq!(stats["stats"]["report"]["statements"][0]["matched"], 2);
    // Nobody looks, and nobody asked: the warning comes alone, where warnings are wanted.
    let done = ottl(["run", "--config", &rules], input.as_bytes()).ends(0).names(&["warning: matched nothing: "]);
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
    assert_eq!(ottl(["run", "--config", &rules, "--quiet"], input.as_bytes()).ends(0).err, "");
}

#[test]
fn writes_that_replace_those_of_other_records_are_counted() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(resource.attributes[\"of\"], log.body)']");
    let input = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}},{"body":{"stringValue":"b"}},{"body":{"stringValue":"a"}}]}]}]}"#;
    ottl(["run", "--config", &rules, "--stats"], input.as_bytes()).ends(0).names(&[
        "evaluated    matched    changed     failed conflicting  statement",
        "         4          4          4          0           2  ",
        "0 failed, 2 writes in conflict with another record's; ",
    ]);
    let done = ottl(["run", "--config", &rules, "--stats", "--format", "json"], input.as_bytes()).ends(0);
    let stats: serde_json::Value = serde_json::from_str(done.err.lines().last().expect("a line")).expect("JSON");
    let report = &stats["stats"]["report"];
    assert_eq!((&report["conflicting_writes"], &report["statements"][0]["conflicting"]), (&2.into(), &2.into()));
}

#[test]
fn records_can_be_isolated() {
    let dir = Dir::new();
    let rules = "log_statements:\n- statements: ['set(resource.attributes[\"of\"], log.severity_text)']\n";
    let (plain, own) = (dir.file("plain.yaml", rules), dir.file("own.yaml", format!("{rules}  isolate: true\n")));
    let input = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"a"},{"severityText":"b"}]}]}]}"#;
    let done = |arguments: &[&str]| ottl(arguments.iter().copied(), input.as_bytes()).ends(0);
    let resources = |arguments: &[&str]| done(arguments).text().matches("\"resource\"").count();
    assert_eq!(resources(&["run", "--config", &plain]), 1);
    assert_eq!(resources(&["run", "--config", &plain, "--isolate"]), 2);
    assert_eq!(resources(&["run", "--config", &own]), 2);
    // What is isolated is no doubt any more; that a Collector does not know the key is said once.
    assert!(done(&["check", &plain]).err.contains("W0401"));
    assert_eq!(done(&["check", &plain, "--isolate"]).err.matches("Warning").count(), 0);
    let twice =
        dir.file("twice.yaml", format!("{rules}  isolate: true\n- {{context: log, statements: [], isolate: true}}\n"));
    for rules in [&own, &twice] {
        let said = done(&["check", rules]).err;
        assert_eq!((said.matches("W0606").count(), said.matches("W0401").count()), (1, 0), "{said}");
    }
    assert!(done(&["explain", &own]).text().contains("isolated: each record"));
}

#[test]
fn a_run_that_drops_everything_says_so() {
    let dir = Dir::new();
    let rules = dir.file("filter.yaml", "trace_conditions: ['span.name != \"\"']");
    let input = format!("{}\n{}\n", span("a"), span("b"));
    let done = ottl(["run", "--config", &rules], input.as_bytes()).ends(0);
    assert!(done.names(&["warning: everything was dropped: 2 of 2 spans"]).out.is_empty());
    let done = ottl(["run", "--config", &rules, "--quiet"], input.as_bytes()).ends(0);
    assert_eq!(done.err, "");
    let some = format!("{}\n{}\n", span("a"), span(""));
    assert_eq!(ottl(["run", "--config", &rules], some.as_bytes()).ends(0).err, "");
}

#[test]
fn a_dry_run_writes_nothing() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let file = dir.file("data.jsonl", logs(&["a", "b"]));
    let report = dir.path("report.json");
    let run = ["run", "--config", &rules, &file, "-o", &file, "--dry-run", "--report", &report];
    ottl(run, b"").ends(0);
    assert_eq!(contents(&file), logs(&["a", "b"]).as_bytes());
    let report: serde_json::Value = serde_json::from_slice(&contents(&report)).expect("JSON");
    assert_eq!(report["statements"][0]["changed"], 1);
    assert_eq!(dir.names(), ["data.jsonl", "report.json", "rules.yaml"]);
    // It fails as the run would.
    ottl(["run", "--config", &rules, "--dry-run"], b"{\"resourceLogs\":7}").ends(1);
    assert!(ottl(["run", "--config", &rules, "--dry-run"], logs(&["a"]).as_bytes()).ends(0).out.is_empty());
}

#[test]
fn a_limit_stops_after_so_many_messages() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let (one, two) = (dir.file("1.jsonl", logs(&["a", "b"])), dir.file("2.jsonl", logs(&["c", "d"])));
    for threads in ["1", "3"] {
        for (limit, lines) in [("0", 0), ("1", 1), ("3", 3), ("9", 4)] {
            let run = ["run", "--config", &rules, &one, &two, "--limit", limit, "--threads", threads];
            assert_eq!(ottl(run, b"").ends(0).text().lines().count(), lines, "{limit}");
        }
    }
    // What comes after is not looked at.
    let broken = dir.file("broken.jsonl", format!("{}{{\"resourceLogs\":7}}\n", logs(&["a"])));
    ottl(["run", "--config", &rules, &broken, "--limit", "1"], b"").ends(0);
    ottl(["run", "--config", &rules, &one, "-o", &one, "--limit", "1"], b"").ends(2).names(&["--limit", "lose"]);
    assert_eq!(contents(&one), logs(&["a", "b"]).as_bytes());
}

#[test]
fn a_difference_shows_changed_records_only() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let bodies: Vec<&str> = (0..1000).map(|n| if n % 100 == 7 { "b" } else { "a" }).collect();
    let records: Vec<String> = bodies.iter().map(|body| format!(r#"{{"body":{{"stringValue":"{body}"}}}}"#)).collect();
    let input = dir
        .file("in.json", format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(",")));
    for threads in ["1", "2"] {
        let done = ottl(["run", "--config", &rules, &input, "--diff", "--threads", threads], b"").ends(0);
        let lines: Vec<&str> = done.text().lines().collect();
        assert_eq!(lines.len(), 20, "{}", done.text());
        assert!(
            lines[0].ends_with("in.json: message 1: resourceLogs[0].scopeLogs[0].logRecords[7] @@"),
            "{}",
            lines[0]
        );
        assert_eq!(lines[1], r#"+severity_text: "x""#);
    }
    let filter = dir.file("filter.yaml", "log_conditions: ['log.body == \"b\"']");
    let done = ottl(["run", "--config", &filter, &input, "--diff"], b"").ends(0);
    assert_eq!(done.text().matches("@@ dropped\n-body: \"b\"\n").count(), 10, "{}", done.text());
    assert_eq!(done.text().lines().count(), 20);
    // Protobuf, other signals, and what lies above the records.
    let rules = dir.file("all.yaml", "trace_statements: ['set(resource.attributes[\"a\"], 1)']");
    let done = ottl(["run", "--config", &rules, &sample("sdk/node-traces.pb"), "--diff"], b"").ends(0);
    assert!(done.text().contains("resourceSpans[0] @@\n+resource.attributes[\"a\"]: 1\n"), "{}", done.text());
    ottl(["run", "--config", &rules, "--diff", "-o", "x"], b"").ends(2).names(&["--diff"]);
}

/// `script` gives the command a terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_one_line_at_the_end() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = dir.file("in.jsonl", logs(&["a", "b"]));
    let out = dir.path("out.jsonl");
    let run = |options: &str| {
        let line = format!("{} run --config {rules} {input} -o {out} {options}", env!("CARGO_BIN_EXE_ottl"));
        let done = std::process::Command::new("script").args(["-qec", &line, "/dev/null"]).output().ok()?;
        Some(String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let Some(shown) = run("") else {
        eprintln!("skipped: there is no `script` to make a terminal with");
        return;
    };
    assert!(shown.contains("2 messages, 2 records: 1 changed, 0 dropped, 0 failed; "), "{shown}");
    assert!(shown.contains("matched nothing: "), "{shown}");
    assert_eq!(run("--quiet").as_deref(), Some(""));
}

#[test]
fn a_condition_of_the_command_line_drops_records() {
    let input = format!("{}{}\n", logs(&["a", "b"]), span("a"));
    let filter = |condition| ottl(["run", "--processor", "filter", "-e", condition, "--stats"], input.as_bytes());
    let done = filter(r#"log.body == "a""#).ends(0).names(&["-e: `log.body == \"a\"`", "1 dropped"]);
    assert_eq!(done.text().lines().count(), 2);
    // What is said of resources is said of every signal.
    filter(r#"resource.schema_url == """#).ends(0).names(&["everything was dropped: 1 of 1 span, 2 of 2 log records"]);
    filter(r#"set(log.body, "x")"#).ends(2);
}

#[test]
fn errors_of_statements_are_counted_beside_messages_that_failed() {
    let statement = r#"set(log.attributes["n"], Int(log.body))"#;
    let done = ottl(["run", "-e", statement, "--stats"], logs(&["a", "7", "b"]).as_bytes()).ends(0);
    done.names(&["3 messages, 3 records: 1 changed, 0 dropped, 0 failed, 2 errors of statements; "]);
}
