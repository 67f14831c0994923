//! The recipes of `docs/cookbook.md`: each is checked, run over the page's records, and its changes are those of the page.
//!
//! With the environment variable `UPDATE_EXPECT` set, the changes are written into the page, for review.

use std::path::Path;

use crate::harness::{Dir, command, ottl};

#[test]
fn recipes_do_what_the_page_says() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let path = docs.join("cookbook.md");
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let dir = Dir::new();
    let mut parts = page.split("```yaml ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut recipes = 0;
    for part in parts {
        let (signal, rest) = part.split_once('\n').expect("a signal");
        let (rules, rest) = rest.split_once("```\n").expect("the end of the rules");
        // Nothing may stand between rules and changes.
        let rest = match rest.strip_prefix("\n```diff\n") {
            Some(diff) => diff.split_once("```\n").expect("the end of the changes").1,
            None => rest,
        };
        let file = dir.file("recipe.yaml", rules);
        ottl(["check", "--deny", "warnings", &file], b"").ends(0);
        let run = command()
            .args(["run", "--config", &file, "--signal", signal, "--diff", &format!("{signal}.json")])
            .current_dir(docs.join("cookbook"))
            .output()
            .expect("the binary starts");
        let (changes, said) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success() && said.is_empty() && !changes.is_empty(), "{rules}\n{changes}{said}");
        out.push_str(&format!("```yaml {signal}\n{rules}```\n\n```diff\n{changes}```\n{rest}"));
        recipes += 1;
    }
    assert!(recipes >= 30, "{recipes} recipes");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, out).expect("the page can be written");
    } else {
        assert_eq!(out, page);
    }
}
