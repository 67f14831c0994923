//! The forms of `ottl check`: what it prints for the files of `tests/check`, held against the files there.
//!
//! With the environment variable `UPDATE_EXPECT` set, what is printed is written into them, for review.

use serde_json::Value;

use crate::harness::{Dir, Done, command, ottl};

/// What is checked: faults, something that is not supported, nothing, and a file that is not there.
const FILES: [&str; 4] = ["rules.yaml", "expr.yaml", "right.yaml", "missing.yaml"];

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

/// Checks the files from their folder, so that their names are the same everywhere.
fn check(format: &str) -> Done {
    let done = command().args(["check", "--format", format]).args(FILES).current_dir(folder()).output();
    let done = done.expect("the binary starts");
    let err = String::from_utf8(done.stderr).expect("messages are text");
    Done { status: done.status.code().unwrap_or(-1), out: done.stdout, err }
}

#[test]
fn forms_are_as_recorded() {
    let mut faults = Vec::new();
    for (format, extension) in [
        ("text", "txt"),
        ("short", "short"),
        ("json", "json"),
        ("github", "github"),
        ("sarif", "sarif"),
        ("junit", "xml"),
    ] {
        let done = check(format).ends(2).names(&["error: missing.yaml: cannot read"]);
        let version = env!("CARGO_PKG_VERSION");
        let text =
            done.text().replace(&format!("\"semanticVersion\": \"{version}\""), "\"semanticVersion\": \"0.0.0\"");
        let path = folder().join(format!("expect.{extension}"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &text).expect("a writable file");
        } else if std::fs::read_to_string(&path).is_ok_and(|want| want == text) {
        } else {
            faults.push(format!("{}:\n{text}", path.display()));
        }
        let summary = "3 errors, 1 unsupported, 1 warning in 3 files; 1 file not checked\n";
        let place = if format == "text" { done.text() } else { &done.err };
        assert!(place.ends_with(summary), "{place}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What SARIF 2.1.0 demands of the properties that are written. `.ci/sarif` holds the recorded log against the schema itself.
#[test]
fn the_log_has_what_sarif_demands() {
    let log = check("sarif").ends(2).json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "ottl");
    let rules = driver["rules"].as_array().expect("a list");
    for rule in rules {
        for text in [&rule["shortDescription"], &rule["help"]] {
            assert!(text["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
    }
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 5);
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().expect("a number") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["error", "warning"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        assert_region(&place["region"]);
        for fix in result["fixes"].as_array().into_iter().flatten() {
            let replacement = &fix["artifactChanges"][0]["replacements"][0];
            assert_region(&replacement["deletedRegion"]);
            assert!(replacement["insertedContent"]["text"].is_string());
        }
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["columnKind"], "unicodeCodePoints");
}

fn assert_region(region: &Value) {
    let number = |name: &str| region[name].as_u64().expect("a number");
    let (start, end) = ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")));
    assert!(start >= (1, 1) && end >= start, "{region}");
}

#[test]
fn names_begin_no_line_and_act_on_no_terminal() {
    let dir = Dir::new();
    let name = if cfg!(unix) { "a\n::error::file \u{1b}[31m.yaml" } else { "a.yaml" };
    let path = dir.file(
        name,
        "processors:\n  \"filter/a\\n::error::name \\e[31m\":\n    \"k\\n::error::key\\e\": 1\n    logs:\n      log_record:\n        \
         - \"log.boddy == 1 or log.body == \\\"\\n::error::text\\e\\\" or nope(1)\"\nservice:\n  pipelines:\n    logs: {processors: [\"filter/b\\n::error::c\"]}\n",
    );
    for format in ["text", "short", "github"] {
        let done = ottl(["check", "--format", format, &path], b"").ends(2);
        for text in [done.text(), &done.err] {
            assert!(!text.contains('\u{1b}'), "{format}: {text:?}");
            let begins = |line: &&str| line.starts_with("::error::");
            assert_eq!(text.lines().find(begins), None, "{format}: {text}");
        }
        assert!(done.text().contains("::error::"), "{}", done.text());
    }
    let missing = ottl(["check", &dir.path("none\n::error::\u{1b}")], b"").ends(1);
    assert!(missing.err.contains(r"none\n::error::\u{1b}") && !missing.err.contains('\u{1b}'), "{}", missing.err);
}
