//! `ottl diff`: what it prints for the files of `tests/diff`, held against the files there, and how it ends.
//!
//! With the environment variable `UPDATE_EXPECT` set, what is printed is written into them, for review.

use crate::harness::{Dir, Done, command, contents, log, ottl, protobuf, sample};

use ottl::otlp::Signal;

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff")
}

/// Compares the files from their folder, so that their names are the same everywhere.
fn diff(arguments: &[&str]) -> Done {
    let mut command = command();
    command.args(["diff", "old.yaml", "new.yaml", "data.jsonl"]).args(arguments).current_dir(folder());
    let done = command.output().expect("the binary starts");
    let err = String::from_utf8(done.stderr).expect("messages are text");
    Done { status: done.status.code().unwrap_or(-1), out: done.stdout, err }
}

/// Times are different each time.
fn without_times(text: &str) -> String {
    let mask = |line: &str| match line.split_once("time for a record") {
        Some((before, times)) => {
            // So little data takes no time that means anything.
            assert_eq!(times.chars().filter(|c| *c == '-').count(), 2, "{line}");
            format!("{before}time for a record ...")
        }
        None => line.to_owned(),
    };
    text.lines().map(|line| mask(line) + "\n").collect()
}

#[test]
fn forms_are_as_recorded() {
    let mut faults = Vec::new();
    for (arguments, name) in [
        (&["--values"][..], "expect.txt"),
        (&["--samples", "1"], "expect.masked.txt"),
        (&["--format", "markdown", "--values"], "expect.md"),
    ] {
        let done = diff(arguments).ends(0);
        assert_eq!(done.err, "");
        let (text, path) = (without_times(done.text()), folder().join(name));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &text).expect("a writable file");
        } else if std::fs::read_to_string(&path).is_ok_and(|want| want == text) {
        } else {
            faults.push(format!("{}:\n{text}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn machines_get_one_object() {
    let found = diff(&["--format", "json", "--fail-above", "90%"]).ends(0).json();
    assert_eq!((&found["messages"], &found["records"], &found["is_above"]), (&3.into(), &7.into(), &false.into()));
    let different = &found["different"];
    let counts = ["records", "dropped", "kept", "changed", "shared_only"].map(|name| different[name].as_u64());
    assert_eq!(counts, [6, 1, 1, 4, 2].map(Some), "{different}");
    for side in ["old", "new"] {
        assert!(found[side]["nanoseconds_per_record"].is_null(), "{found}");
    }
    assert_eq!(found["new"]["errors"], 1);
    let statements = found["statements"].as_array().expect("a list");
    let gone = statements.iter().find(|row| row["new"].is_null()).expect("one is gone");
    assert!(gone["old"]["line"].is_u64() && gone["text"] == "log.severity_number == SEVERITY_NUMBER_TRACE", "{gone}");
    let same = statements.iter().find(|row| row["text"] == "delete_key(log.attributes, \"token\")").expect("in both");
    assert_eq!((&same["old"]["changed"], &same["new"]["changed"]), (&2.into(), &2.into()));
    let samples = found["samples"].as_array().expect("a list");
    let changed = samples.iter().find(|sample| sample["record"] == 2).expect("the second record differs");
    let field = &changed["fields"][0];
    assert_eq!((&field["path"], &field["old"]), (&"log.body".into(), &"***".into()), "{changed}");
    assert!(field["old_by"]["text"].as_str().is_some_and(|text| text.contains("<mail>")), "{changed}");
    assert!(field["new_by"]["text"].as_str().is_some_and(|text| text.contains("<email>")), "{changed}");
}

#[test]
fn a_threshold_decides_the_status() {
    for (most, status) in [("0", 1), ("5", 1), ("6", 0), ("85%", 1), ("86%", 0)] {
        let done = diff(&["--fail-above", most]).ends(status);
        assert!(done.text().contains("6 of 7 records come out differently (85.7 %):"), "{}", done.text());
        assert_eq!(done.err.contains("6 of 7 records differ: more than --fail-above"), status == 1, "{}", done.err);
    }
    diff(&["--fail-above", "x"]).ends(2).names(&["expected a number of records"]);
    let rules = folder().join("old.yaml");
    let rules = rules.to_str().expect("text");
    let same =
        ottl(["diff", rules, rules, "--fail-above", "0"], &contents(&sample("fileexporter/mixed.jsonl"))).ends(0);
    assert!(same.text().contains("All records come out the same."), "{}", same.text());
}

#[test]
fn messages_that_fail_are_records_that_fail() {
    let dir = Dir::new();
    let old = dir.file("old.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let new = dir.file("new.yaml", "error_mode: propagate\nlog_statements: ['set(log.body, ParseJSON(log.body))']");
    let input = format!("{}\n{}\n", log("[5]"), log("secret"));
    let done = ottl(["diff", &old, &new, "--format", "json"], input.as_bytes()).ends(0);
    let found = done.json();
    assert_eq!(found["different"]["failed"], 1, "{found}");
    assert_eq!(found["new"]["failed_messages"], 1);
    assert!(!done.text().contains("secret"), "{}", done.text());
    let back = ottl(["diff", &new, &old], input.as_bytes()).ends(0);
    assert!(back.text().contains("1  no longer failed"), "{}", back.text());
}

#[test]
fn chance_and_time_are_the_same_for_both() {
    let dir = Dir::new();
    let rules = |more: &str| {
        format!("log_statements:\n  - set(log.attributes[\"id\"], UUID())\n  - set(log.time, Now())\n{more}")
    };
    let old = dir.file("old.yaml", rules(""));
    let new = dir.file("new.yaml", rules("  - delete_key(log.attributes, \"none\")\n"));
    let input: String = ["a", "b", "c"].iter().map(|body| log(body) + "\n").collect();
    ottl(["diff", &old, &new, "--fail-above", "0"], input.as_bytes()).ends(0);
}

#[test]
fn data_may_be_anything_that_run_takes() {
    let dir = Dir::new();
    let old = dir.file("old.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let new = "yaml:log_statements: ['set(log.severity_text, \"y\")']";
    let file = dir.file("logs.pb", protobuf(Signal::Logs, log("a").as_bytes()));
    for input in [&*file, &sample("fileexporter/logs.zstd"), &sample("sdk/python-logs.pb")] {
        let found = ottl(["diff", &old, new, input, "--format", "json", "--limit", "1"], b"").ends(0).json();
        assert!(found["records"].as_u64() > Some(0), "{input}: {found}");
        assert_eq!(found["different"]["changed"], found["records"], "{input}");
        assert_eq!(found["fields"][0]["path"], "log.severity_text");
    }
    ottl(["diff", &old, "-", "-"], b"").ends(2).names(&["not two of them"]);
    ottl(["diff", &old, "-", &file], b"log_statements: ['set(log.severity_text, 1']").ends(2).names(&["E01"]);
    ottl(["diff", &old, new, &dir.path("missing")], b"").ends(1).names(&["missing: cannot read"]);
    ottl(["diff", &old, new, "-"], &[0x0a, 5, 0]).ends(1).names(&["message 1"]);
}

#[test]
fn what_is_hard_to_see_is_a_difference() {
    let dir = Dir::new();
    let nothing = "yaml:metric_statements: []";
    let editors = |editor: &str| format!("yaml:metric_statements: [{{context: metric, statements: ['{editor}']}}]");
    let metric = |data: &str| {
        format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"name":"m",{data}}}]}}]}}]}}"#) + "\n"
    };
    let buckets = r#""exponentialHistogram":{"dataPoints":[{"count":"2","sum":1,"scale":1,"negative":{"offset":2,"bucketCounts":["2"]}}]}"#;
    for (data, editor, says) in [
        (r#""sum":{}"#, "convert_sum_to_gauge()", "\n  metric.type\n    - \"sum\"\n    + \"gauge\""),
        (
            buckets,
            r#"convert_exponential_histogram_to_histogram("random", [1.0, 10.0])"#,
            "\n  datapoint.negative.bucket_counts[0]\n    - 2\n    + (nothing)",
        ),
    ] {
        let file = dir.file("data.json", metric(data));
        let done = ottl(["diff", nothing, &editors(editor), &file, "--values", "--fail-above", "0"], b"").ends(1);
        assert!(done.text().contains(says), "{}", done.text());
        let shown = ottl(["run", "--config", &editors(editor), &file, "--diff"], b"").ends(0);
        assert!(shown.text().starts_with("@@ "), "{}", shown.text());
    }
}

#[test]
fn records_are_numbered_as_traces_take_them() {
    let gauge = |name: &str, one: u32, other: u32| {
        format!(r#"{{"name":"{name}","gauge":{{"dataPoints":[{{"asInt":"{one}"}},{{"asInt":"{other}"}}]}}}}"#)
    };
    let metrics = |list: &[String]| {
        format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{}]}}]}}]}}"#, list.join(",")) + "\n"
    };
    let data = metrics(&[gauge("a", 1, 2)]) + &metrics(&[gauge("b", 3, 4), gauge("c", 5, 6)]);
    let new = "yaml:metric_statements: ['set(datapoint.value_int, 0) where datapoint.value_int == 6']";
    let done = ottl(["diff", "yaml:metric_statements: []", new, "-"], data.as_bytes()).ends(0);
    assert!(done.text().contains("1 of 6 records comes out differently"), "{}", done.text());
    assert!(
        done.text().contains("@@ standard input: message 2, point 2 of record 3: resourceMetrics[0]"),
        "{}",
        done.text()
    );
    let traced = ottl(["run", "--config", new, "--trace", "--record", "3"], data.as_bytes()).ends(0);
    assert!(traced.text().contains("record 3, ") && traced.text().contains("changed"), "{}", traced.text());
}

#[test]
fn what_nobody_looked_at_is_no_agreement() {
    let (old, new) = ("yaml:log_statements: ['set(log.body, 1)']", "yaml:log_statements: ['set(log.body, 2)']");
    for (data, says) in [("", "There are no records."), (&*crate::harness::span("a"), "No record is of a signal")] {
        let done = ottl(["diff", old, new, "-"], data.as_bytes()).ends(0);
        assert!(done.text().contains(says), "{}", done.text());
        let done = done.names(&["no record was looked at by any rule"]);
        assert!(!done.text().contains("the same."), "{}", done.text());
        ottl(["diff", old, new, "-", "--fail-above", "0"], data.as_bytes())
            .ends(1)
            .names(&["--fail-above decides nothing"]);
    }
}

#[test]
fn folders_bases_and_damage_are_dealt_with() {
    let dir = Dir::new();
    let base = dir.file(
        "base.yaml",
        "processors: {transform: {error_mode: silent}}\nservice: {pipelines: {logs: {receivers: [x], processors: [transform], exporters: [x]}}}\n",
    );
    let side = |text: &str| {
        dir.file(
            &format!("{text}.yaml"),
            format!("processors: {{transform: {{log_statements: ['set(log.severity_text, \"{text}\")']}}}}\n"),
        )
    };
    let (old, new) = (side("old"), side("new"));
    std::fs::create_dir_all(dir.path("data/in")).expect("a folder");
    dir.file("data/a.jsonl", log("a") + "\n");
    dir.file("data/in/b.pb", protobuf(Signal::Logs, log("b").as_bytes()));
    dir.file("data/notes.txt", "no data");
    let folder = dir.path("data");
    let done = ottl(["diff", "--config", &base, &old, &new, &folder], b"").ends(0);
    assert!(done.text().contains("2 of 2 records come out differently"), "{}", done.text());
    assert!(
        done.text().contains(&format!("{new}:1: set(")) && done.text().starts_with(&format!("old  {old}\n")),
        "{}",
        done.text()
    );
    ottl(["diff", "-c", &base, &old, &new, &dir.path("data/in/none")], b"").ends(1);
    std::fs::create_dir_all(dir.path("empty")).expect("a folder");
    ottl(["diff", "-c", &base, &old, &new, &dir.path("empty")], b"").ends(2).names(&["there is no data in"]);
    // Damage ends the work, or is left out.
    dir.file("data/c.jsonl", format!("{{\"resourceLogs\":7}}\n{}\n", log("c")));
    ottl(["diff", "-c", &base, &old, &new, &folder], b"").ends(1).names(&["c.jsonl:1:17"]);
    let done = ottl(["diff", "-c", &base, &old, &new, &folder, "--keep-going"], b"").ends(1).names(&["c.jsonl:1:17"]);
    assert!(done.text().contains("3 of 3 records come out differently"), "{}", done.text());
    // Data in place of rules.
    for data in ["data/a.jsonl", "data/in/b.pb"] {
        ottl(["diff", &dir.path(data), &old, &new], b"").ends(2).names(&[data, "the order is OLD NEW DATA"]);
    }
    // What is damaged inside of a record, where no rule reads, is a record as others.
    let damaged = [0x0a, 8, 0x12, 6, 0x12, 4, 0x10, 9, 0x2a, 9];
    let (keep, drop) = ("yaml:log_conditions: []", "yaml:log_conditions: ['log.severity_number == 9']");
    let file = dir.file("damaged.pb", damaged);
    let done = ottl(["diff", keep, drop, &file, "--signal", "logs"], b"");
    let run = ottl(["run", "--config", drop, &file, "--signal", "logs"], b"");
    assert_eq!(done.status, run.status, "{}{}", done.err, run.err);
}

#[test]
fn statements_that_did_the_same_are_counted() {
    let rules = |count: usize| {
        let statements = ["'set(log.severity_text, \"x\")'", "'set(log.flags, 1)'", "'set(log.event_name, \"e\")'"];
        format!("yaml:log_statements: [{}]", statements[..count].join(", "))
    };
    for (old, new, want) in [
        (1, 1, "\n  the statement did the same under both\n"),
        (2, 2, "\n  all 2 statements did the same under both\n"),
        (1, 2, "\n  1 further statement did the same under both\n"),
        (2, 3, "\n  2 further statements did the same under both\n"),
    ] {
        let run = |data: &str| ottl(["diff", &rules(old), &rules(new), "-"], data.as_bytes()).ends(0);
        let done = run(&log("a"));
        assert!(done.text().contains(want), "{}", done.text());
        let nothing = run("");
        assert!(!nothing.text().contains("under both") && !nothing.text().contains("matched"), "{}", nothing.text());
    }
}
