//! `ottl fmt`.

use crate::harness::{Dir, contents, ottl};

const LOOSE: &str = "# rules\nlog_statements:\n  - context: log   # every record\n    statements:\n      - set(body,\"x\")where  severity_number>8\n";
const STANDARD: &str = "# rules\nlog_statements:\n  - context: log   # every record\n    statements:\n      - set(body, \"x\") where severity_number > 8\n";

#[test]
fn files_are_rewritten_in_place() {
    let dir = Dir::new();
    let file = dir.file("rules.yaml", LOOSE);
    ottl(["fmt", "--check", &file], b"").ends(1).names(&["rules.yaml"]);
    assert_eq!(contents(&file), LOOSE.as_bytes(), "a check changes nothing");
    assert_eq!(ottl(["fmt", "--stdout", &file], b"").ends(0).text(), STANDARD);
    assert_eq!(contents(&file), LOOSE.as_bytes());
    assert_eq!(ottl(["fmt", &file], b"").ends(0).out, b"");
    assert_eq!(contents(&file), STANDARD.as_bytes());
    ottl(["fmt", "--check", &file], b"").ends(0);
    assert_eq!(dir.names(), ["rules.yaml"]);
}

#[test]
fn standard_input_goes_to_standard_output() {
    for args in [vec!["fmt"], vec!["fmt", "-"]] {
        assert_eq!(ottl(args, LOOSE.as_bytes()).ends(0).text(), STANDARD);
    }
    ottl(["fmt", "--check"], LOOSE.as_bytes()).ends(1);
    assert_eq!(ottl(["fmt"], b"set(log.body,1)\n\n# end\n").ends(0).text(), "set(log.body, 1)\n\n# end\n");
}

#[test]
fn one_statement_is_printed() {
    assert_eq!(ottl(["fmt", "--statement", "set( log.body,1 )"], b"").ends(0).text(), "set(log.body, 1)\n");
    assert_eq!(ottl(["fmt", "--statement", "log.body==1"], b"").ends(0).text(), "log.body == 1\n");
    ottl(["fmt", "--check", "--statement", "log.body==1"], b"").ends(1);
    ottl(["fmt", "--check", "--statement", "log.body == 1"], b"").ends(0);
    ottl(["fmt", "--statement", "set(log.body"], b"").ends(2).names(&["column"]);
}

#[test]
fn what_is_wrong_stays_and_is_named() {
    let dir = Dir::new();
    let file = dir.file("rules.yaml", "log_statements:\n  - set(log.body,\n  - set(log.body,1)\n");
    ottl(["fmt", &file], b"").ends(2).names(&["rules.yaml:2:5"]);
    assert_eq!(contents(&file), b"log_statements:\n  - set(log.body,\n  - set(log.body, 1)\n");
    ottl(["fmt"], b"a: [").ends(2).names(&["invalid YAML"]);
    let missing = dir.path("missing.yaml");
    ottl(["fmt", &missing], b"").ends(1).names(&["missing.yaml"]);
}

#[test]
fn formatted_rules_mean_the_same() {
    let dir = Dir::new();
    for name in ["collector-shop", "redact-logs", "decisions", "drop-older-style", "parse-access-logs"] {
        let original = crate::harness::sample(&format!("rules/{name}.yaml"));
        let file = dir.file(&format!("{name}.yaml"), contents(&original));
        ottl(["fmt", &file], b"").ends(0);
        let statements = |path: &str| {
            let text = String::from_utf8(contents(path)).expect("text");
            let rules = ottl::Compiler::new().compile(&text).expect("the rules are right");
            ottl::otlp::Signal::ALL.map(|signal| {
                let print = |statement: ottl::StatementRef<'_>| match ottl::syntax::parse_statement(statement.text()) {
                    parsed if parsed.diagnostics.is_empty() => ottl::syntax::print(&parsed.tree),
                    _ => ottl::syntax::print(&ottl::syntax::parse_condition(statement.text()).tree),
                };
                rules.statements(signal).map(print).collect::<Vec<_>>()
            })
        };
        assert_eq!(statements(&original), statements(&file), "{name}");
    }
}

#[test]
fn what_would_change_is_shown() {
    let dir = Dir::new();
    let file = dir.file("rules.yaml", LOOSE);
    let shown = ottl(["fmt", "--diff", &file], b"").ends(1);
    assert!(
        shown.text().contains("-      - set(body,\"x\")where  severity_number>8\n+      - set(body, \"x\") where"),
        "{}",
        shown.text()
    );
    assert_eq!(contents(&file), LOOSE.as_bytes());
    let narrow = ottl(["fmt", "--stdout", "--width", "30", &file], b"").ends(0);
    assert!(narrow.text().ends_with("- set(body, \"x\")\n          where severity_number > 8\n"), "{}", narrow.text());
    ottl(["fmt", "--width", "3", &file], b"").ends(2);
}

#[test]
fn files_without_ottl_are_refused_and_left_out_of_folders() {
    let dir = Dir::new();
    let values = dir.file("values.yaml", "receivers: {}\nexporters: {}\n");
    ottl(["fmt", &values], b"").ends(2).names(&["no OTTL"]);
    ottl(["fmt"], b"set(log.body\n").ends(2);
    std::fs::create_dir(dir.path("in")).expect("a folder");
    let file = dir.file("in/rules.yml", LOOSE);
    let folder = dir.path("");
    ottl(["fmt", &folder], b"").ends(0).names(&["skipped", "values.yaml"]);
    assert_eq!(contents(&file), STANDARD.as_bytes());
}
