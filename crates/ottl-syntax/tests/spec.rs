//! The code blocks of `spec/` about syntax mean what the pages say.
//!
//! A block marked `ottl` is a statement or condition that parses; `ottl,condition` and `ottl,value` say what it is, and
//! `ottl,...,fails(CODE)` is a text with that fault.

use std::path::{Path, PathBuf};

use ottl_diagnostics::CODES;
use ottl_syntax::{parse_condition, parse_statement, parse_value};

fn spec() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec")
}

/// The codes that a text has.
fn codes(kind: &str, text: &str) -> Vec<&'static str> {
    let diagnostics = match kind {
        "condition" => parse_condition(text).diagnostics,
        "value" => parse_value(text).diagnostics,
        _ => parse_statement(text).diagnostics,
    };
    diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
}

/// Checks the blocks of a page; gives their number.
fn check(page: &Path) -> usize {
    let text = std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let mut count = 0;
    for block in text.split("```ottl").skip(1) {
        let (marks, rest) = block.split_once('\n').expect("a line of marks");
        let body = rest.split_once("\n```").map_or("", |(body, _)| body);
        let kind = ["statement", "condition", "value"].into_iter().find(|kind| marks.contains(kind));
        let found = match kind {
            Some(kind) => codes(kind, body),
            None => {
                let as_statement = codes("statement", body);
                if as_statement.is_empty() { as_statement } else { codes("condition", body) }
            }
        };
        match marks.split_once("fails(").and_then(|(_, rest)| rest.split_once(')')) {
            Some((code, _)) => assert!(found.contains(&code), "{}: {body}: {found:?}", page.display()),
            None => assert!(found.is_empty(), "{}: {body}: {found:?}", page.display()),
        }
        count += 1;
    }
    count
}

#[test]
fn blocks_of_the_language_page_parse() {
    assert!(check(&spec().join("language.md")) >= 3);
}

#[test]
fn pages_of_codes_show_the_fault_and_its_mending() {
    for code in CODES.iter().filter(|code| code.as_str().starts_with("E01")) {
        let blocks = check(&spec().join(format!("diagnostics/{code}.md")));
        assert!(blocks >= 2, "{code} has {blocks} examples");
    }
}
