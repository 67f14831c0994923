//! `ottl check --fix` and `--diff`.

use crate::harness::{Dir, ottl};

const WRONG: &str = "# Ours.\nlog_statements:\n  - set(log.bodi, 1)  # one\n  - set(log.attributes[\"a\"], WARN)\n  - frobnicate(log.body)\n";
const MENDED: &str = "# Ours.\nlog_statements:\n  - set(log.body, 1)  # one\n  - set(log.attributes[\"a\"], \"WARN\")\n  - frobnicate(log.body)\n";

#[test]
fn fixes_are_written_and_the_rest_is_named() {
    let dir = Dir::new();
    let wrong = dir.file("wrong.yaml", WRONG);
    let done = ottl(["check", "--fix", &wrong], b"").ends(2);
    let done = done.names(&["wrong.yaml:3:13: E0203: `bodi` is now `body`", "wrong.yaml:4:30: E0204", "frobnicate"]);
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
