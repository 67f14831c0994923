//! `ottl check --fix` and `--diff`.

use crate::harness::{Dir, ottl};

const WRONG: &str = "# Ours.\nlog_statements:\n  - set(log.bodi, 1)  # one\n  - set(log.severity_text, WARN)\n  - frobnicate(log.body)\n";
const MENDED: &str = "# Ours.\nlog_statements:\n  - set(log.body, 1)  # one\n  - set(log.severity_text, \"WARN\")\n  - frobnicate(log.body)\n";

#[test]
fn fixes_are_written_and_the_rest_is_named() {
    let dir = Dir::new();
    let wrong = dir.file("wrong.yaml", WRONG);
    let done = ottl(["check", "--fix", &wrong], b"").ends(2);
    let done = done.names(&["wrong.yaml:3:13: E0203: `bodi` is now `body`", "wrong.yaml:4:28: E0204", "frobnicate"]);
    assert!(done.out.is_empty());
    assert_eq!(std::fs::read_to_string(&wrong).expect("the file"), MENDED);
    // What has no fix stays, and the file with it.
    ottl(["check", "--fix", &wrong], b"").ends(2).names(&["frobnicate"]);
    assert_eq!(std::fs::read_to_string(&wrong).expect("the file"), MENDED);
    let right = dir.file("right.yaml", "log_statements:\n  - set(log.bodi, 1)\n");
    ottl(["check", "--fix", "--quiet", &right], b"").ends(0);
    assert_eq!(std::fs::read_to_string(&right).expect("the file"), "log_statements:\n  - set(log.body, 1)\n");
    // Standard input goes to standard output.
    let done = ottl(["check", "--fix", "-"], WRONG.as_bytes()).ends(2);
    assert_eq!(done.text(), MENDED);
}

#[cfg(unix)]
#[test]
fn a_link_stays_one() {
    let dir = Dir::new();
    let file = dir.file("rules.yaml", "log_statements: ['set(log.bodi, 1)']\n");
    let link = dir.path("link.yaml");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    ottl(["check", "--fix", &link], b"").ends(0);
    assert!(std::fs::symlink_metadata(&link).expect("the link").file_type().is_symlink());
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "log_statements: ['set(log.body, 1)']\n");
}

#[test]
fn differences_are_shown_and_nothing_is_written() {
    let dir = Dir::new();
    let rules = "log_statements:\n  - set(log.bodi, 1)\n";
    let (wrong, right) =
        (dir.file("wrong.yaml", rules), dir.file("right.yaml", "log_statements: ['set(log.body, 1)']"));
    let done = ottl(["check", "--diff", &wrong], b"").ends(1);
    let text = done.text();
    for part in
        ["--- a/", "wrong.yaml\n+++ b/", "@@ -1,2 +1,2 @@", "-  - set(log.bodi, 1)\n", "+  - set(log.body, 1)\n"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(std::fs::read_to_string(&wrong).expect("the file"), rules);
    assert_eq!(ottl(["check", "--diff", &right], b"").ends(0).text(), "");
    // Errors without a fix weigh more.
    ottl(["check", "--diff", "-"], WRONG.as_bytes()).ends(2).names(&["frobnicate"]);
    ottl(["check", "--diff", "--fix", &right], b"").ends(2);
}

#[test]
fn files_that_make_one_configuration_get_their_fixes() {
    let dir = Dir::new();
    let base = "processors:\n  transform:\n    log_statements:\n      - set(log.bodi, 1)\n";
    let over = "service:\n  pipelines:\n    logs: {receivers: [otlp], processors: [tranform], exporters: [debug]}\n";
    let (one, two) = (dir.file("base.yaml", base), dir.file("prod.yaml", over));
    let args = |verb: &'static str| ["check", verb, "--config", &one, "--config", &two].map(str::to_owned);
    let shown = ottl(args("--diff"), b"").ends(1);
    for part in ["base.yaml\n", "+      - set(log.body, 1)\n", "prod.yaml\n", "processors: [transform]"] {
        assert!(shown.text().contains(part), "{part} in {}", shown.text());
    }
    assert_eq!(std::fs::read_to_string(&one).expect("the file"), base);
    let done = ottl(args("--fix"), b"").ends(0);
    done.names(&[
        "base.yaml:4:17: E0203: `bodi` is now `body`",
        "prod.yaml:3:44: E0615: `tranform` is now `transform`",
    ]);
    assert_eq!(std::fs::read_to_string(&one).expect("the file"), base.replace("bodi", "body"));
    assert_eq!(std::fs::read_to_string(&two).expect("the file"), over.replace("tranform", "transform"));
    // What stands on the command line is shown.
    let text = "yaml:processors: {transform: {log_statements: ['set(log.bodi, 1)']}}";
    let shown = ottl(["check", "--fix", "--config", text], b"").ends(1);
    assert!(shown.text().contains("+processors: {transform: {log_statements: ['set(log.body, 1)']}}"));
}

#[test]
fn what_is_left_has_the_form_that_is_asked_for() {
    let dir = Dir::new();
    let wrong = dir.file("wrong.yaml", WRONG);
    let done = ottl(["check", "--fix", "--format", "json", &wrong], b"").ends(2);
    let left = done.json();
    let codes: Vec<&str> = left.as_array().expect("a list").iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["E0201"]);
    assert_eq!(std::fs::read_to_string(&wrong).expect("the file"), MENDED);
    ottl(["check", "--fix", "--format", "json", "-"], WRONG.as_bytes()).ends(2).names(&["standard input goes to"]);
    // What would change is the output of `--diff`, and what is left goes beside it.
    let wrong = dir.file("wrong.yaml", WRONG);
    let done = ottl(["check", "--diff", "--format", "json", &wrong], b"").ends(2);
    assert!(done.text().contains("+  - set(log.body, 1)  # one\n"), "{}", done.text());
    let left: serde_json::Value = serde_json::from_str(&done.err).expect("one array");
    assert_eq!((left.as_array().map(Vec::len), &left[0]["code"]), (Some(1), &"E0201".into()));
    let done = ottl(["check", "--diff", "--format", "short", "-"], WRONG.as_bytes()).ends(2);
    assert!(done.err.starts_with("standard input:5:5: error[E0201]"), "{}", done.err);
}

#[test]
fn files_of_a_folder_are_mended_and_others_left_alone() {
    let dir = Dir::new();
    std::fs::create_dir_all(dir.path("rules/more")).expect("a folder");
    let one = dir.file("rules/one.yaml", "log_statements:\n  - set(log.bodi, 1)\n");
    let two = dir.file("rules/more/two.yml", "log_statements:\n  - set(log.body, 1)\n");
    let other = dir.file("rules/other.yaml", "kind: Service\napiVersion: v1\nspec: {log_statement: []}\n");
    let note = dir.file("rules/README.md", "set(log.bodi, 1)\n");
    let before = [&two, &other, &note].map(|path| std::fs::read(path).expect("the file"));
    let shown = ottl(["check", "--diff", &dir.path("rules")], b"").ends(1);
    assert!(shown.text().contains("one.yaml") && !shown.text().contains("two.yml"), "{}", shown.text());
    ottl(["check", "--fix", &dir.path("rules")], b"").ends(0).names(&["one.yaml:2:13: E0203"]);
    assert_eq!(std::fs::read_to_string(&one).expect("the file"), "log_statements:\n  - set(log.body, 1)\n");
    assert_eq!([&two, &other, &note].map(|path| std::fs::read(path).expect("the file")), before);
}
