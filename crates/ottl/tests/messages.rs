//! What is said of the mistakes that people bring along from other languages, tools and versions.
//!
//! `messages.toml` has a row for each: the list that a text stands in, the text, and what is found. With the environment
//! variable `UPDATE_EXPECT` set, what is found is written into it, for review.
#![cfg(feature = "host")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ottl::Compiler;
use serde::Deserialize;

#[derive(Deserialize)]
struct Messages {
    case: Vec<Case>,
}

/// A mistake.
#[derive(Deserialize)]
struct Case {
    /// `log_statements`, say.
    list: String,
    text: String,
    /// What is found: a line each, `CODE at: message; help`.
    #[serde(default)]
    found: String,
    /// The text with all fixes.
    fixed: Option<String>,
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages.toml")
}

/// A list of one item, in single quotes.
fn rules(list: &str, text: &str) -> String {
    format!("{list}:\n  - '{}'\n", text.replace('\'', "''"))
}

/// What is found in a text, and the text with all fixes.
fn run(case: &Case) -> (String, Option<String>) {
    let rules = rules(&case.list, &case.text);
    let found = Compiler::new().check(&rules);
    let mut lines = String::new();
    for diagnostic in &found {
        let at = diagnostic.span.of(&rules).replace("''", "'");
        let _ = write!(lines, "{} {at}: {}", diagnostic.code, diagnostic.message);
        for part in diagnostic.label.iter().chain(&diagnostic.help) {
            let _ = write!(lines, "; {part}");
        }
        lines.push('\n');
    }
    let mut fixes: Vec<_> = found.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()).collect();
    fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span.start));
    let mut mended = rules.clone();
    for fix in &fixes {
        mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
    }
    let item = mended.split_once("- '").and_then(|(_, item)| item.strip_suffix("'\n")).unwrap_or_default();
    (lines, (!fixes.is_empty()).then(|| item.replace("''", "'")))
}

#[test]
fn mistakes_are_answered_as_recorded() {
    let source = std::fs::read_to_string(path()).expect("the table is there");
    let table: Messages = toml::from_str(&source).expect("a table");
    let (mut wrong, mut written) = (Vec::new(), String::new());
    written.push_str(source.split("[[case]]").next().unwrap_or_default());
    for case in &table.case {
        let (found, fixed) = run(case);
        assert!(!found.is_empty(), "{} is no mistake", case.text);
        let _ = write!(written, "[[case]]\nlist = \"{}\"\ntext = '''{}'''\n", case.list, case.text);
        let _ = write!(written, "found = '''\n{found}'''\n");
        if let Some(fixed) = &fixed {
            let _ = writeln!(written, "fixed = '''{fixed}'''");
        }
        written.push('\n');
        if found != case.found || fixed != case.fixed {
            wrong.push(format!("{}\n{found}fixed: {fixed:?}", case.text));
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path(), written.trim_end().to_owned() + "\n").expect("a writable table");
    } else {
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn what_is_fixed_has_no_error_left() {
    let source = std::fs::read_to_string(path()).expect("the table is there");
    let table: Messages = toml::from_str(&source).expect("a table");
    for case in &table.case {
        let Some(fixed) = &case.fixed else { continue };
        let found = Compiler::new().check(&rules(&case.list, fixed));
        assert!(!found.has_errors(), "{} became {fixed}: {found}", case.text);
    }
}
