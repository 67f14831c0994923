//! Whole configurations as people keep them, `tests/samples/configurations`: all are right, and meant as they stand. So nothing
//! but the hints that a comment of the file names may be said of them.
#![cfg(feature = "host")]

use std::collections::BTreeSet;
use std::path::Path;

use ottl::{Compiler, Severity};

/// Configurations that have to be there.
const LEAST: usize = 100;

#[test]
fn nothing_is_said_of_what_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/configurations");
    let mut faults = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a configuration");
        let found = Compiler::new().check(&text);
        let reasons = text.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment);
        let said: BTreeSet<&str> = reasons
            .flat_map(|comment| comment.split(|c: char| !c.is_ascii_alphanumeric()))
            .filter(|word| word.len() == 5 && word.starts_with('H'))
            .collect();
        let hints: BTreeSet<&str> = found.iter().map(|one| one.code.as_str()).collect();
        let is_quiet = found.iter().all(|one| one.severity() == Severity::Hint);
        if !is_quiet || hints != said {
            faults.push(format!("{}: hints {said:?} are owned\n{found}", path.display()));
        }
        let ours = Compiler::new().rule_texts(&text).map_or(0, |texts| texts.len());
        assert!(ours > 0, "{}: no rules", path.display());
        count += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count >= LEAST, "{count} configurations");
}
