//! Configurations of several files: merged ones, and those that others are read by.

use crate::harness::{Dir, contents, ottl};

const BASE: &str = "\
processors:
  transform/a:
    log_statements: ${file:parts/rules.yaml}
  filter:
    log_conditions: ['log.body == \"x\"']
service:
  pipelines:
    logs: {processors: [transform/a, filter]}
";

fn folder() -> Dir {
    let dir = Dir::new();
    std::fs::create_dir(dir.path("parts")).expect("a folder");
    dir.file("base.yaml", BASE);
    dir.file(
        "parts/rules.yaml",
        "# some\n- set(log.attributes[\"a\"], \"${file:parts/word}\")\n- ${file:parts/one.ottl}\n",
    );
    dir.file("parts/one.ottl", "set(log.body,\n  \"b\")\n");
    dir.file("parts/word", "w0rd");
    dir
}

/// The lines of what was found, without the folder.
fn lines(dir: &Dir, args: &[&str], status: i32) -> Vec<String> {
    let done = ottl(["check", "--format", "short"].iter().chain(args), b"").ends(status);
    done.text().replace(&format!("{}/", dir.path("").trim_end_matches('/')), "").lines().map(str::to_owned).collect()
}

#[test]
fn files_that_are_read_have_their_own_places() {
    let dir = folder();
    let base = dir.path("base.yaml");
    assert_eq!(lines(&dir, &[&base], 0), [""; 0]);
    let record = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}"#;
    let done = ottl(["run", "--config", &base, "-"], record).ends(0);
    assert!(done.text().contains("w0rd") && done.text().contains(r#""stringValue":"b""#), "{}", done.text());
    dir.file("parts/one.ottl", "set(log.body,\n  Nothing())\n");
    assert_eq!(lines(&dir, &[&base], 2), ["parts/one.ottl:2:3: error[E0201]: there is no function `Nothing`"]);
    // A secret of a file shows no more than one of a variable.
    dir.file("parts/word", "s3cr3t\" and");
    let found = lines(&dir, &[&base], 2);
    assert!(found[0].starts_with("parts/rules.yaml:2:") && !found.concat().contains("s3cr3t"), "{found:?}");
    dir.file("parts/rules.yaml", "- a: [\n");
    let found = lines(&dir, &[&base], 2);
    assert!(found.len() == 1 && found[0].starts_with("parts/rules.yaml:1:6: error[E0601]"), "{found:?}");
}

#[test]
fn nothing_outside_of_the_folder_is_read() {
    let dir = folder();
    dir.file("secret.yaml", "- set(log.body, 1)\n");
    let inner = dir.file("parts/rules.yaml", BASE.replace("parts/rules.yaml", "../secret.yaml"));
    let found = lines(&dir, &[&inner], 2);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("parts/rules.yaml:3:21: error[E0645]") && found[0].contains("--file-dir"),
        "{found:?}"
    );
    let (parts, all) = (dir.path("parts"), dir.path(""));
    assert_eq!(lines(&dir, &["--file-dir", &parts, "--file-dir", &all, &inner], 0), [""; 0]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(dir.path("secret.yaml"), dir.path("parts/link.yaml")).expect("a link");
        let linked = dir.file("parts/rules.yaml", BASE.replace("parts/rules.yaml", "link.yaml"));
        assert!(lines(&dir, &[&linked], 2)[0].contains("lies outside"));
    }
    let missing = dir.file("base.yaml", BASE.replace("parts/rules.yaml", "none.yaml"));
    assert!(lines(&dir, &[&missing], 2)[0].contains("cannot be read"));
    let itself = dir.file("base.yaml", BASE.replace("parts/rules.yaml", "base.yaml"));
    assert_eq!(lines(&dir, &[&itself], 2).len(), 1, "{:?}", lines(&dir, &[&itself], 2));
}

#[test]
fn several_configurations_are_merged() {
    let dir = folder();
    let base = dir.path("base.yaml");
    let prod = dir.file(
        "prod.yaml",
        "processors:\n  filter:\n    log_conditions: ['log.boddy == 1']\n  transform/a: {error_mode: silentt}\n",
    );
    let found = lines(&dir, &["-c", &base, "-c", &prod, "-c", "yaml:processors::filter::error_mode: none"], 2);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("prod.yaml:3:23: error[E0203]"), "{found:?}");
    assert!(found[1].starts_with("prod.yaml:4:29: error[E0605]"), "{found:?}");
    assert!(found[2].starts_with("--config yaml:1:33: error[E0605]"), "{found:?}");
    // Lists are replaced, so that the fault of the first file is none of the configuration.
    let wrong = dir.file("wrong.yaml", "processors: {filter: {log_conditions: ['sett()']}}\n");
    let right =
        dir.file("right.yaml", "processors: {filter: {log_conditions: ['log.body == 1']}, transform/a: null}\n");
    assert_eq!(lines(&dir, &["-c", &base, "-c", &wrong, "-c", &right], 0), [""; 0]);
    let list = dir.file("list.yaml", "# none\n- a\n");
    let found = lines(&dir, &["-c", &base, "-c", &list], 2);
    assert!(found[0].starts_with("list.yaml:2:1: error[E0647]"), "{found:?}");
    let record = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}"#;
    let report = ottl(["run", "-c", &base, "-c", &right, "--report", "-", "-o", &dir.path("out.json")], record).ends(0);
    assert!(report.text().contains("right.yaml"), "{}", report.text());
    ottl(["check", "-c", &base, &prod], b"").ends(2).names(&["cannot be used with"]);
}

#[test]
fn older_forms_of_other_files_are_left_to_those() {
    let dir = Dir::new();
    let lists: String = (0..20).map(|n| format!("\n    - IsMatch(body, \"pattern{n}\")")).collect();
    let service = "service: {pipelines: {logs: {processors: [filter/noise]}}}\n";
    let body = dir.file("body.yaml", format!("error_mode: ignore\nlogs:\n  log_record:{lists}\n"));
    dir.file("record.yaml", format!("log_record:{lists}\n"));
    dir.file("list.yaml", format!("{lists}\n"));
    dir.file("pattern", "'p1'");
    dir.file("matchers.yaml", "exclude: {match_type: regexp, bodies: [${file:pattern}]}\n");
    for value in [
        "${file:body.yaml}",
        "{error_mode: ignore, logs: '${file:record.yaml}'}",
        "{error_mode: ignore, logs: {log_record: '${file:list.yaml}'}}",
        "{error_mode: ignore, logs: '${file:matchers.yaml}'}",
        "\n    error_mode: ignore\n    logs:\n      exclude: '${file:matchers.yaml}'",
    ] {
        let base = dir.file("base.yaml", format!("processors:\n  filter/noise: {value}\n{service}"));
        // Starting asserts that none of them panics.
        for args in [&["check"][..], &["check", "--diff"], &["check", "--matchers"], &["fmt"], &["explain", "--config"]]
        {
            let done = ottl(args.iter().chain(&[base.as_str()]), b"");
            assert!([0, 2].contains(&done.status), "{value}: {args:?}: {}", done.err);
        }
        let done = ottl(["migrate", &base], b"");
        assert!([0, 2].contains(&done.status), "{value}: {}", done.err);
        assert!(!String::from_utf8_lossy(&contents(&base)).contains("_conditions"), "{value}");
    }
    let first = dir.file("first.yaml", "receivers: {otlp: {}}\nprocessors: {filter/noise: {logs: {}}}\n");
    let lists = lists.replace('\n', "\n    ");
    let second = dir
        .file("second.yaml", format!("processors:\n  filter/noise:\n    logs:\n      log_record:{lists}\n{service}"));
    for args in [&["check"][..], &["explain"], &["check", "--format", "json"]] {
        ottl(args.iter().chain(&["-c", &first, "-c", &second]), b"").ends(0);
        ottl(args.iter().chain(&["-c", &second, "-c", &first]), b"").ends(0);
    }
    ottl(["migrate", &body], b"").ends(0);
    assert!(String::from_utf8_lossy(&contents(&body)).contains("log_conditions"));
}
