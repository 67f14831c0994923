//! What fuzzing has found stays found: the checks of the fuzz targets, on their seeds and on kept findings.
//!
//! The checks are those of `fuzz/src/checks`; the fuzzing workspace itself is not needed. An input lies in the folder of
//! its target, under `fuzz/seeds` or `fuzz/regressions`.

use std::panic::catch_unwind;
use std::path::Path;

#[path = "../../fuzz/src/checks/mod.rs"]
mod checks;

/// The names of what is in a folder, in order; of nothing if there is no such folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Runs all checks on the inputs of `seeds` or `regressions`, and answers how many inputs there were.
fn replay(folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(folder);
    let targets: Vec<_> = checks::CHECKS.iter().map(|(name, _)| *name).collect();
    let unknown: Vec<_> = names(&folder).into_iter().filter(|name| !targets.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "no target has these names: {unknown:?}");
    let (mut count, mut failed) = (0, Vec::new());
    for (target, check) in checks::CHECKS {
        for name in names(&folder.join(target)) {
            let input = std::fs::read(folder.join(target).join(&name)).expect("inputs are files");
            count += 1;
            if catch_unwind(|| check(&input)).is_err() {
                failed.push(format!("{target}/{name}"));
            }
        }
    }
    assert!(failed.is_empty(), "these inputs fail: {failed:?}");
    count
}

/// Deeply nested inputs are among them, and comparing their results recurses.
fn with_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).expect("a thread");
    thread.join().expect("the inputs pass");
}

#[test]
fn seeds_pass() {
    with_stack(|| assert!(replay("seeds") >= 50));
}

#[test]
fn findings_stay_fixed() {
    with_stack(|| assert!(replay("regressions") > 0));
}
