//! The table of README: faults that teams make, `ottl check` on each, and what a Collector's `validate` says.
//!
//! With the environment variable `UPDATE_EXPECT` set, the table is written into README, for review.

use serde_json::Value;

use crate::harness::ottl;

const MARKS: [&str; 2] = ["<!-- faulty: begin -->\n", "<!-- faulty: end -->"];

/// Characters of what `validate` says that the table shows.
const SHOWN: usize = 90;

#[test]
fn the_table_says_what_check_and_validate_say() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("tests/samples/faulty");
    let recorded = std::fs::read_to_string(folder.join("validate.jsonl")).expect("what validate said");
    let mut table = "| file | `ottl check` | `otelcol validate` |\n|---|---|---|\n".to_owned();
    let mut count = 0;
    for line in recorded.lines() {
        let said: Value = serde_json::from_str(line).expect("a line of JSON");
        let (file, error) = (said["file"].as_str().expect("a name"), said["error"].as_str().expect("a text"));
        let path = folder.join(file).display().to_string();
        let found = ottl(["check", "--format", "json", &path], b"").json();
        let [found] = found.as_array().expect("a list").as_slice() else { panic!("{file}: {found}") };
        let text = |name: &str| found[name].as_str().unwrap_or_default();
        table += &format!(
            "| {} | {} {}:{} {} | {} |\n",
            file.trim_end_matches(".yaml").replace('-', " "),
            text("code"),
            found["line"],
            found["column"],
            text("message").replace('|', "\\|"),
            shown(error)
        );
        count += 1;
    }
    let files = std::fs::read_dir(&folder).expect("a folder").flatten();
    let files = files.filter(|file| file.path().extension().is_some_and(|end| end == "yaml")).count();
    assert_eq!((count, files), (20, 20), "each file is in the record");
    let path = root.join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README");
    let (before, rest) = readme.split_once(MARKS[0]).expect("the table begins");
    let (old, after) = rest.split_once(MARKS[1]).expect("the table ends");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, [before, MARKS[0], &table, MARKS[1], after].concat()).expect("README can be written");
    } else {
        assert_eq!(old, table);
    }
}

/// What a refusal says, shortened.
fn shown(error: &str) -> String {
    if error.is_empty() {
        return "**accepted**".to_owned();
    }
    let text = error.replace('\n', " ").replace('`', "'").replace('|', "\\|");
    let text =
        text.trim_start_matches("failed to get config: ").trim_start_matches("cannot resolve the configuration: ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{} ...`", text[..end].trim_end()),
        None => format!("`{text}`"),
    }
}
