//! `ottl test`: what it prints for the files of `tests/test`, held against the files there, and what it writes.
//!
//! With the environment variable `UPDATE_EXPECT` set, what is printed is written into them, for review.

use std::path::{Path, PathBuf};

use crate::harness::{Dir, Done, command, contents, ottl, sample};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/test")
}

fn run(folder: &Path, arguments: &[&str]) -> Done {
    let done = command().arg("test").args(arguments).current_dir(folder).output().expect("the binary starts");
    let err = String::from_utf8(done.stderr).expect("messages are text");
    assert!(!err.contains("panicked"), "{err}");
    Done { status: done.status.code().unwrap_or(-1), out: done.stdout, err }
}

/// Holds what is printed against a file.
fn recorded(text: &str, name: &str, faults: &mut Vec<String>) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, text).expect("a writable file");
    } else if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
        faults.push(format!("{}:\n{text}", path.display()));
    }
}

#[test]
fn forms_are_as_recorded() {
    let mut faults = Vec::new();
    for (format, extension) in
        [("text", "txt"), ("short", "short"), ("json", "json"), ("github", "github"), ("junit", "xml")]
    {
        let files = ["broken.test.yaml", "some.test.yaml", "wrong.test.yaml"];
        let done = run(&folder(), &[&files[..], &["--format", format]].concat()).ends(2);
        recorded(done.text(), &format!("expect.{extension}"), &mut faults);
        let summary = "10 cases in 2 files: 1 passed, 6 failed, 3 not run; 1 file not read\n";
        let place = if format == "text" { done.text() } else { &done.err };
        assert!(place.ends_with(summary), "{place}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn samples_and_examples_pass() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let done = run(&examples, &[]).ends(0);
    assert!(done.text().starts_with("redact.test.yaml\n  ok      an address leaves the body\n"), "{}", done.text());
    assert!(done.text().ends_with("\n5 cases in 1 file: 5 passed\n"), "{}", done.text());
    let done = ottl(["test", &sample("cases"), "--threads", "2"], b"").ends(0);
    assert!(done.text().ends_with("\n6 cases in 1 file: 6 passed\n"), "{}", done.text());
}

#[test]
fn cases_are_chosen_and_named() {
    let done = run(&folder(), &["some.test.yaml", "--filter", "hidden", "--filter", "goes", "--quiet"]).ends(1);
    assert!(done.text().starts_with("FAILED some.test.yaml:28:5: it goes\n"), "{}", done.text());
    assert!(!done.text().contains("hidden") && done.err.is_empty());
    let done = run(&folder(), &["some.test.yaml", "--filter", "hidden"]).ends(0);
    assert!(done.text().ends_with("1 case in 1 file: 1 passed, 6 left out\n"), "{}", done.text());
    let done = run(&folder(), &["some.test.yaml", "--list", "--filter", "it "]).ends(0);
    assert_eq!(
        done.text(),
        "some.test.yaml:28:5: it goes\nsome.test.yaml:31:5: it fails\nsome.test.yaml:34:5: as it was\n"
    );
    run(&folder(), &["some.test.yaml", "--filter", "nobody"]).ends(2).names(&["no case has a name with `nobody`"]);
    run(&folder(), &["missing.test.yaml"]).ends(1).names(&["missing.test.yaml: cannot read"]);
    let empty = Dir::new();
    run(Path::new(&empty.path("")), &[]).ends(2).names(&["no case files", "NAME.test.yaml"]);
}

#[test]
fn a_file_without_cases_and_rules_of_a_folder_are_told_apart() {
    let dir = Dir::new();
    let rules = "log_statements: ['set(log.body, 1)']\n";
    dir.file("a_test.yaml", rules);
    dir.file("b.test.yaml", "rules: a_test.yaml\ncases: []\n");
    // What has rules is checked whatever its name, and case files are no matter of `check`.
    let done = ottl(["check", &dir.path("")], b"").ends(0);
    assert!(done.text().ends_with("1 file checked: no faults\n") && done.err.is_empty(), "{}{}", done.text(), done.err);
    let done = ottl(["test", &dir.path("a_test.yaml"), "--format", "short"], b"").ends(2);
    assert!(
        done.text().contains("a_test.yaml:1:1: error[E0820]: a case file has no key `log_statements`"),
        "{}",
        done.text()
    );
    assert_eq!(done.err, "1 file not read\n");
    let done = ottl(["test", &dir.path("b.test.yaml"), "--format", "short"], b"").ends(2);
    assert!(done.text().contains("b.test.yaml:2:8: error[E0821]: there are no cases"), "{}", done.text());
}

#[test]
fn snapshots_are_taken_held_and_removed() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.attributes[\"seen\"], true)']\n");
    let case = |name: &str, body: &str| {
        format!("  - name: {name}\n    input: {{logs: [{{body: {body}}}]}}\n    expect: snapshot\n")
    };
    let cases = |list: &[String]| format!("rules: rules.yaml\ncases:\n{}", list.concat());
    let file = dir.file("a.test.yaml", cases(&[case("one", "1.0"), case("two", "text")]));
    let snap = format!("{file}.snap");
    ottl(["test", &file], b"").ends(1);
    assert!(!Path::new(&snap).exists(), "nothing is written that was not asked for");
    ottl(["test", &file, "--update"], b"").ends(0).names(&["a.test.yaml.snap: written: 0 changed, 2 new, 0 gone"]);
    let text = String::from_utf8(contents(&snap)).expect("text");
    assert!(
        text.ends_with(
            "one:\n  logs:\n    - body: 1.0\n      attributes:\n        seen: true\ntwo:\n  logs:\n    - body: \"text\"\n      attributes:\n        seen: true\n"
        ),
        "{text}"
    );
    ottl(["test", &file], b"").ends(0);
    // Other rules: what differs is shown, and taken where that is asked for.
    std::fs::write(&rules, "log_statements: ['set(log.attributes[\"seen\"], 2)']\n").expect("a writable file");
    let done = ottl(["test", &file], b"").ends(1);
    assert!(done.text().contains("- attributes[\"seen\"]: true\n      + attributes[\"seen\"]: 2\n"), "{}", done.text());
    // Of those that do not run, what was there stays.
    ottl(["test", &file, "--update", "--filter", "two"], b"").ends(0);
    let text = String::from_utf8(contents(&snap)).expect("text");
    assert!(text.contains("seen: true\ntwo") && text.ends_with("seen: 2\n"), "{text}");
    std::fs::write(&file, cases(&[case("two", "text")])).expect("a writable file");
    ottl(["test", &file], b"").ends(0).names(&["1 snapshot is of no case"]);
    ottl(["test", &file, "--update"], b"").ends(0);
    assert!(!String::from_utf8(contents(&snap)).expect("text").contains("one"));
    std::fs::write(&file, cases(&[case("two", "text").replace("snapshot", "{count: 1}")])).expect("a writable file");
    ottl(["test", &file, "--update"], b"").ends(0).names(&["removed"]);
    assert!(!Path::new(&snap).exists());
}

#[test]
fn cases_come_from_standard_input_in_json() {
    let cases = r#"{"rules": {"log_conditions": ["log.severity_number < 9"]}, "cases": [
        {"name": "quiet", "input": {"logs": [{"severity_number": 5}]}, "expect": "dropped"},
        {"name": "loud", "input": "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"severityNumber\":17}]}]}]}", "expect": "unchanged"}
    ]}"#;
    let done = ottl(["test", "-"], cases.as_bytes()).ends(0);
    assert!(done.text().ends_with("2 cases in 1 file: 2 passed\n"), "{}", done.text());
    let snapshot = cases.replace("\"unchanged\"", "\"snapshot\"");
    for more in [&[][..], &["--update"]] {
        ottl(["test", "-"].iter().chain(more), snapshot.as_bytes()).ends(2).names(&["no place"]);
    }
    ottl(["test", "-", "--filter", "quiet"], snapshot.as_bytes()).ends(0);
}

#[test]
fn a_file_of_snapshots_that_cannot_be_read_is_taken_anew() {
    let dir = Dir::new();
    let cases = "rules: {log_statements: ['set(log.body, 1)']}\ncases:\n  - {name: a, input: {logs: [{}]}, expect: snapshot}\n  - {name: b, input: {logs: []}, expect: dropped}\n";
    let file = dir.file("a.test.yaml", cases);
    let snap = format!("{file}.snap");
    ottl(["test", &file, "--update"], b"").ends(0);
    let taken = String::from_utf8(contents(&snap)).expect("text");
    let merged = taken.replace("a:\n", "<<<<<<< ours\na:\n");
    std::fs::write(&snap, &merged).expect("a writable file");
    let done = ottl(["test", &file], b"").ends(2);
    assert!(done.text().contains("`ottl test --update` writes this file anew"), "{}", done.text());
    // Not where that would lose what does not run.
    ottl(["test", &file, "--update", "--filter", "b"], b"").ends(2);
    assert_eq!(contents(&snap), merged.as_bytes());
    ottl(["test", &file, "--update"], b"").ends(0);
    assert_eq!(contents(&snap), taken.as_bytes());
    // And what somebody else wrote stays.
    std::fs::write(&snap, "mine: [\n").expect("a writable file");
    ottl(["test", &file, "--update"], b"").ends(2);
    assert_eq!(contents(&snap), b"mine: [\n");
}

#[test]
fn what_is_named_twice_or_is_no_telemetry_is_said_where_it_stands() {
    let dir = Dir::new();
    dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']\n");
    dir.file("lines.txt", "hello world\nfoo bar\n");
    dir.file("more.txt", "2026-11-28 GET /\n");
    let file = dir.file(
        "a.test.yaml",
        "rules: rules.yaml\ncases:\n  - {name: a, input: lines.txt, expect: dropped}\n  - {name: b, input: more.txt, expect: dropped}\n",
    );
    let done = ottl(["test", &file, &dir.path(""), &file, "--format", "short"], b"").ends(1);
    let lines: Vec<&str> = done.text().lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (line, want) in lines.iter().zip(["a.test.yaml:3:22: error[E0824]", "a.test.yaml:4:22: error[E0824]"]) {
        assert!(line.contains(want) && line.contains("this is text, and OTLP/JSON begins with `{`"), "{line}");
    }
    let named = ottl(["test", &file, "--list", "--format", "json"], b"").ends(0).json();
    assert_eq!((&named[1]["name"], &named[1]["line"]), (&"b".into(), &4.into()), "{named}");
    ottl(["test", &file, "--list", "--format", "junit"], b"").ends(2).names(&["--list has text and JSON"]);
    // Rules that are no file, and pipelines that are not chosen.
    let inline =
        dir.file("b.test.yaml", "rules: set(log.body, 1)\ncases:\n  - {name: a, input: {logs: []}, expect: dropped}\n");
    let done = ottl(["test", &inline], b"").ends(1);
    assert!(done.text().contains("statements stand in a map of rules"), "{}", done.text());
    dir.file(
        "collector.yaml",
        "processors:
  transform/a: {log_statements: ['set(log.body, 1)']}
  transform/b: {log_statements: ['set(log.body, 2)']}
service: {pipelines: {logs/a: {receivers: [x], processors: [transform/a], exporters: [x]}, logs/b: {receivers: [x], processors: [transform/b], exporters: [x]}}}
",
    );
    let several = "rules: collector.yaml\ncases:\n  - {name: a, input: {logs: []}, expect: dropped}\n";
    let done = ottl(["test", &dir.file("c.test.yaml", several)], b"").ends(2);
    assert!(done.text().contains("choose one by its name: `pipeline: logs/a`"), "{}", done.text());
}

#[test]
fn processors_pipelines_and_time_are_the_files_to_choose() {
    let dir = Dir::new();
    dir.file(
        "collector.yaml",
        "processors:
  transform/a: {log_statements: ['set(log.body, \"a\")']}
  transform/b: {log_statements: ['set(log.time, Now())']}
  transform/c: {log_statements: ['set(log.body, \"c\") where log.body == \"a\"']}
service:
  pipelines:
    logs/one: {receivers: [x], processors: [transform/a, transform/c], exporters: [x]}
    logs/two: {receivers: [x], processors: [transform/a], exporters: [x]}
",
    );
    let file = dir.file(
        "a.test.yaml",
        "rules: collector.yaml
cases:
  - {name: both, pipeline: logs/one, input: &in {logs: [{body: x}]}, expect: {output: {logs: [{body: c}]}}}
  - {name: one, pipeline: logs/two, input: *in, expect: {output: {logs: [{body: a}]}}}
  - {name: alone, processor: transform/c, input: *in, expect: unchanged}
  - name: when
    processor: transform/b
    now: 2026-03-01T00:00:00.5Z
    input: *in
    expect: {output: {logs: [{body: x, time_unix_nano: 1772323200500000000}]}}
",
    );
    let done = ottl(["test", &file], b"").ends(0);
    assert!(done.text().ends_with("4 cases in 1 file: 4 passed\n"), "{}", done.text());
    let wrong =
        "rules: collector.yaml\nprocessor: transform/bb\ncases:\n  - {name: a, input: {logs: []}, expect: dropped}\n";
    let file = dir.file("b.test.yaml", wrong);
    let done = ottl(["test", &file, "--format", "short"], b"").ends(2);
    assert!(
        done.text().contains("b.test.yaml:2:12: error[E0825]: there is no processor `transform/bb` with rules"),
        "{}",
        done.text()
    );
}

#[test]
fn coverage_is_words_records_and_a_page() {
    let dir = Dir::new();
    let (lcov, html) = (dir.path("c.lcov"), dir.path("c.html"));
    let mut faults = Vec::new();
    let cases = ["covered.test.yaml", "--coverage", "--threads", "1", "--lcov", &lcov, "--html", &html];
    let done = run(&folder(), &cases).ends(0);
    recorded(done.text(), "expect.coverage", &mut faults);
    recorded(&String::from_utf8(contents(&lcov)).expect("text"), "expect.lcov", &mut faults);
    let page = String::from_utf8(contents(&html)).expect("text");
    recorded(&page, "expect.html", &mut faults);
    assert!(page.contains("<tr class=missed>") && page.contains("&lt;b&gt;") && !page.contains("<b>"), "{page}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    run(&folder(), &["covered.test.yaml", "--fail-under", "10"]).ends(0);
    let done = run(&folder(), &["covered.test.yaml", "--fail-under", "99.5%"]).ends(1);
    done.names(&["coverage of statements: ", "coverage of outcomes of conditions: ", "less than --fail-under 99.5"]);
    run(&folder(), &["covered.test.yaml", "--fail-under", "101"]).ends(2).names(&["expected a percentage"]);
    let done = run(&folder(), &["covered.test.yaml", "--lcov", "-", "--quiet"]).ends(0);
    assert!(done.text().starts_with("TN:\nSF:covered.yaml\n"), "{}", done.text());
}

#[test]
fn coverage_is_written_over_nothing_that_is_read() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body, \"b\")']\n");
    let data = dir.file("data.json", r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#);
    let file = dir.file(
        "a.test.yaml",
        "rules: rules.yaml\ncases:\n  - {name: a, input: data.json, expect: snapshot}\n  - {name: b, input: data.json, expect: {output: data.json}}\n",
    );
    ottl(["test", &file, "--update"], b"").ends(1);
    let snap = format!("{file}.snap");
    let link = dir.path("link.html");
    std::fs::hard_link(&data, &link).expect("a link");
    let broken = dir.file("broken.test.yaml", "rules: [\n");
    for target in [&rules, &data, &file, &snap, &link, &broken] {
        let before = contents(target);
        for form in ["--html", "--lcov"] {
            ottl(["test", &file, &broken, form, target], b"").ends(2).names(&["are one file: name another one"]);
        }
        assert_eq!(contents(target), before, "{target}");
    }
    let same = dir.path("out");
    ottl(["test", &file, "--html", &same, "--lcov", &same], b"").ends(2).names(&["are one file"]);
    ottl(["test", &file, "--html", "-", "--lcov", "-"], b"").ends(2).names(&["cannot both go to standard output"]);
    ottl(["test", &file, "--html", "-", "--format", "json"], b"").ends(2).names(&["coverage and result cannot both"]);
    assert!(!Path::new(&same).exists());
    // A page is whole, and the result stands beside it.
    let done = ottl(["test", &file, "--html", "-", "--coverage"], b"").ends(1).names(&["FAILED", "1 passed, 1 failed"]);
    assert!(done.text().starts_with("<!doctype html>") && done.text().ends_with("</table>\n"), "{}", done.text());
}

#[cfg(unix)]
#[test]
fn snapshots_are_not_written_through_links() {
    let dir = Dir::new();
    let victim = dir.file("victim.yaml", "# What somebody else keeps.\n");
    let file = dir.file(
        "a.test.yaml",
        "rules: {log_statements: ['set(log.body, 1)']}\ncases: [{name: a, input: {logs: [{}]}, expect: snapshot}]\n",
    );
    std::os::unix::fs::symlink(&victim, format!("{file}.snap")).expect("a link");
    ottl(["test", &file, "--update"], b"").ends(1).names(&["a.test.yaml.snap: is a link"]);
    assert_eq!(contents(&victim), b"# What somebody else keeps.\n");
}

#[test]
fn a_page_of_no_rules_takes_the_place_of_none() {
    let dir = Dir::new();
    let (cases, page) = (dir.file("a.test.yaml", "cases: 1"), dir.file("a.html", "as it was"));
    ottl(["test", "--coverage", "--html", &page, &cases], b"").ends(2);
    assert_eq!(std::fs::read_to_string(&page).expect("the page"), "as it was");
}
