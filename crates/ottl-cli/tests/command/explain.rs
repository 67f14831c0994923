//! `ottl explain`.

use crate::harness::{Dir, command, ottl, sample};

const TIER: &str = r#"set(log.attributes["tier"], 1) where resource.attributes["env"] == "prod""#;

#[test]
fn the_program_goes_to_standard_output() {
    let file = sample("rules/enrich-from-resource.yaml");
    let by_name = ottl(["explain", "-q", &file], b"").ends(0);
    assert!(by_name.text().contains("walk 1 of ") && by_name.err.is_empty(), "{}", by_name.text());
    let by_option = ottl(["explain", "-q", "--config", &file], b"").ends(0);
    let by_standard = ottl(["explain", "-q"], &std::fs::read(&file).expect("the sample is there")).ends(0);
    assert_eq!([by_option.text(), by_standard.text()], [by_name.text(); 2]);
    let both = ottl(["explain", "-q", &file, &sample("rules/drop-logs.yaml")], b"").ends(0);
    for name in ["enrich-from-resource.yaml\n", "drop-logs.yaml\nlogs, processor filter\n"] {
        assert!(both.text().contains(name), "{}", both.text());
    }
}

#[test]
fn statements_need_no_file() {
    let done = ottl(["explain", "-e", TIER], b"").ends(0);
    for part in [
        "logs, processor transform\n",
        r#"c1, for each resource: resource.attributes["env"] == "prod""#,
        "if c1: write",
    ] {
        assert!(done.text().contains(part), "{part}: {}", done.text());
    }
    let off = ottl(["explain", "--without", "hoist", "-e", TIER], b"").ends(0);
    assert!(off.text().contains("switched off: hoist\n") && !off.text().contains("c1"), "{}", off.text());
    let filter =
        ottl(["explain", "--processor", "filter", "--signal", "traces", "-e", "span.name == \"a\""], b"").ends(0);
    assert!(filter.text().starts_with("traces, processor filter\n"), "{}", filter.text());
    let metrics = ottl(["explain", "--signal", "metrics", "-e", "set(resource.attributes[\"a\"], 1)"], b"").ends(0);
    assert!(metrics.text().starts_with("metrics, ") && !metrics.text().contains("traces, "), "{}", metrics.text());
}

#[test]
fn machines_get_a_section_each() {
    let done = ottl(["explain", "--format", "json", "-e", "set(resource.attributes[\"a\"], 1)"], b"").ends(0);
    let found = done.json();
    let all = found.as_array().expect("an array");
    let signals: Vec<_> = all.iter().map(|one| one["signal"].as_str().expect("a text")).collect();
    assert_eq!(signals, ["traces", "metrics", "logs", "profiles"]);
    for one in all {
        assert_eq!((&one["processor"], &one["file"]), (&"transform".into(), &"-e".into()));
        assert!(one["text"].as_str().is_some_and(|text| text.starts_with("walk 1 of 1\n")));
    }
    assert_eq!(ottl(["explain", "--format", "json"], b"log_statements: []").ends(0).text(), "[]\n");
    assert_eq!(ottl(["explain"], b"log_statements: []").ends(0).text(), "no rules\n");
}

#[test]
fn wrong_rules_are_refused_as_check_does() {
    let dir = Dir::new();
    let wrong = dir.file("wrong.yaml", "log_statements: ['sett(log.body, 1)']");
    let right = dir.file("right.yaml", format!("log_statements: ['{TIER}']"));
    let warned = dir.file("warned.yaml", "log_statements: ['set(log.body, 1) where log.severity_number == \"x\"']");
    assert_eq!(ottl(["explain", &wrong], b"").ends(2).names(&["wrong.yaml:1", "sett"]).out, b"");
    let both =
        ottl(["explain", &wrong, &right, &dir.path("missing.yaml")], b"").ends(2).names(&["sett", "missing.yaml"]);
    assert!(both.text().contains("walk 1 of 1"), "what is right is explained all the same");
    ottl(["explain", &warned], b"").ends(0).names(&["warned.yaml:1"]);
    ottl(["explain", "--deny", "warnings", &warned], b"").ends(2).names(&["warned.yaml:1"]);
    let done = ottl(["explain", "-e", "sett(log.body, 1)"], b"")
        .ends(2)
        .names(&["[ -e:1:1 ]", "1 \u{2502} sett(log.body, 1)"]);
    assert!(
        done.out.is_empty() && !done.err.contains("log_statements"),
        "no text that the user did not write: {}",
        done.err
    );
    ottl(["explain", &dir.path("missing.yaml")], b"").ends(1).names(&["missing.yaml"]);
    ottl(["explain", "-e", TIER, &right], b"").ends(2);
}

#[test]
fn codes_are_explained_by_their_pages() {
    for name in ["W0304", "w0304", "unguarded-nil"] {
        let done = ottl(["explain", name], b"").ends(0);
        assert!(done.text().starts_with("# W0304: unguarded-nil\n") && done.text().contains("## Why"), "{name}");
    }
    let two = ottl(["explain", "E0201", "W0304"], b"").ends(0);
    assert!(two.text().starts_with("# E0201: ") && two.text().contains("\n\n# W0304: "), "{}", two.text());
    let object = &ottl(["explain", "--format", "json", "E0201"], b"").ends(0).json()[0];
    assert_eq!(
        (&object["code"], &object["name"], &object["severity"]),
        (&"E0201".into(), &"unknown-function".into(), &"error".into())
    );
    for code in ottl::CODES {
        ottl(["explain", code.as_str()], b"").ends(0);
    }
    // A number without its letter is all that have it.
    let both = ottl(["explain", "0302"], b"").ends(0);
    assert!(both.text().starts_with("# E0302: ") && both.text().contains("\n# W0302: "), "{}", both.text());
    ottl(["explain", "9999"], b"").ends(2).names(&["there is no code `9999`"]);
    ottl(["explain", "W0340"], b"").ends(2).names(&["there is no code `W0340`; did you mean `W0304`?"]);
    // A file comes before a code.
    let dir = Dir::new();
    dir.file("W0304", format!("log_statements: ['{TIER}']"));
    let done = command().args(["explain", "W0304"]).current_dir(dir.path("")).output().expect("the binary starts");
    assert!(done.stdout.starts_with(b"logs, processor transform"));
}
