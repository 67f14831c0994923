//! The generated lists of functions name exactly the files beside them.

use std::collections::BTreeSet;
use std::path::Path;

use ottl_core::function::{FunctionDef, FunctionKind};
use ottl_functions::{converters, editors, registry};

/// The stems of the function files in a folder, and the modules that its `mod.rs` names.
fn names(folder: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let files = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".rs")?.to_owned()))
        .filter(|name| name != "mod")
        .collect();
    let text = std::fs::read_to_string(folder.join("mod.rs")).expect("the list is there");
    let listed = text.lines().filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()));
    (files, listed.collect())
}

/// The name of the file that holds a function: its OTTL name without underscores, in lower case.
fn squeezed(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

#[test]
fn lists_are_fresh() {
    for (folder, all) in [("converters", converters::ALL), ("editors", editors::ALL)] {
        let (files, listed) = names(folder);
        assert_eq!(files, listed, "{folder}/mod.rs is stale: run `cargo xtask codegen`");
        let files: BTreeSet<_> = files.iter().map(|name| squeezed(name)).collect();
        let functions: BTreeSet<_> = all.iter().map(|def| squeezed(def.name)).collect();
        assert_eq!(files, functions, "files of {folder} are named after their functions");
    }
}

#[test]
fn rows_are_complete() {
    let documented = |def: &FunctionDef| {
        let upper = def.name.starts_with(|c: char| c.is_ascii_uppercase());
        assert_eq!(upper, def.kind == FunctionKind::Converter, "{}", def.name);
        assert!(!def.docs.is_empty() && !def.examples.is_empty(), "{}", def.name);
        for param in def.visible_params() {
            assert!(!param.name.is_empty() && !param.doc.is_empty(), "{} {}", def.name, param.name);
        }
    };
    let registry = registry();
    registry.iter().for_each(|function| documented(function));
    assert_eq!(registry.iter().count(), converters::ALL.len() + editors::ALL.len(), "names are unique");
}
