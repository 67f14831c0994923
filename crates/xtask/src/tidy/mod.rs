//! Checks the rules of the house that no compiler checks: who may depend on whom, how long a file
//! may be, that no text names a place on somebody's machine, and that every diagnostic has its
//! page and its fixture, that no marks of merges are left over, that the data of the reference's libraries is of its version, and that no
//! files of the fast engine know each other in a circle.

mod circles;

use crate::{Outcome, data, repository};
use std::collections::BTreeMap;
use std::path::Path;

type Error = Box<dyn std::error::Error>;

/// Which crates of the workspace a crate may use (development dependencies apart).
/// Crates that are not listed may use all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("ottl-diagnostics", &[]),
    ("ottl-otlp", &[]),
    ("ottl-regex", &[]),
    ("ottl-syntax", &["ottl-diagnostics"]),
    ("ottl-core", &["ottl-otlp", "ottl-regex"]),
    ("ottl-schema", &["ottl-core", "ottl-otlp"]),
    ("ottl-xml", &["ottl-core", "ottl-regex"]),
    ("ottl-functions", &["ottl-core", "ottl-regex", "ottl-xml"]),
    ("ottl-plan", &["ottl-core", "ottl-schema"]),
    ("ottl-compiler", &["ottl-syntax", "ottl-diagnostics", "ottl-core", "ottl-regex", "ottl-schema", "ottl-plan"]),
    ("ottl-engine", &["ottl-plan", "ottl-core", "ottl-schema", "ottl-otlp", "ottl-regex"]),
    ("ottl-grammar", &["ottl-syntax", "ottl-diagnostics"]),
    ("ottl-cli", &["ottl"]),
    ("ottl-wasm", &["ottl"]),
];

/// Foreign crates that only one crate may name.
const ONLY_IN: &[(&str, &str)] = &[
    ("ariadne", "ottl-diagnostics"),
    ("regex-automata", "ottl-regex"),
    ("regex-syntax", "ottl-regex"),
    ("pest", "ottl-grammar"),
    ("pest_derive", "ottl-grammar"),
];

/// Longest source file, in lines. About 600 is the aim.
const LONGEST: usize = 700;

/// Texts that would tell where somebody's checkout lies; in pieces, so that this file passes.
const PLACES: &[&str] =
    &[concat!("/wo", "rk/"), concat!("../sha", "red"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// What merges leave at the start of lines where two changes met.
const MARKS: &[&str] = &["<<<<<<< ", ">>>>>>> "];

/// Kinds of files that are read for [`PLACES`] and [`MARKS`].
const TEXTS: &[&str] = &["rs", "md", "toml", "go", "py", "mjs", "js", "sh", "yaml", "yml", "json", "pest", "html"];

/// Runs `cargo xtask tidy`.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let root = repository::root();
    let mut faults = Vec::new();
    dependencies(&root, &mut faults)?;
    texts(&root, &mut faults)?;
    diagnostics(&root, &mut faults)?;
    circles_of_files(&root, &mut faults)?;
    faults.extend(data::stale(&root)?);
    for fault in &faults {
        eprintln!("{fault}");
    }
    match faults.len() {
        0 => Ok(()),
        n => Err(format!("{n} faults").into()),
    }
}

fn dependencies(root: &Path, faults: &mut Vec<String>) -> Result<(), Error> {
    for manifest in repository::files(root, "toml")? {
        if manifest.file_name().is_none_or(|name| name != "Cargo.toml") {
            continue;
        }
        let table: toml::Table = toml::from_str(&std::fs::read_to_string(&manifest)?)?;
        let name = table.get("package").and_then(|p| p.get("name")).and_then(toml::Value::as_str);
        let (Some(name), Some(uses)) = (name, table.get("dependencies").and_then(toml::Value::as_table)) else {
            continue;
        };
        for used in uses.keys() {
            if let Some((_, allowed)) = MAY_USE.iter().find(|(user, _)| *user == name)
                && (used == "ottl" || used.starts_with("ottl-"))
                && !allowed.contains(&used.as_str())
            {
                faults.push(format!("{name} must not depend on {used}"));
            }
            if let Some((_, only)) = ONLY_IN.iter().find(|(foreign, _)| foreign == used)
                && *only != name
            {
                faults.push(format!("{name} names {used}, which only {only} may"));
            }
        }
    }
    Ok(())
}

fn texts(root: &Path, faults: &mut Vec<String>) -> Result<(), Error> {
    for extension in TEXTS {
        for file in repository::files(root, extension)? {
            // Text in a foreign encoding is test data and names no place.
            let Ok(text) = std::fs::read_to_string(&file) else {
                continue;
            };
            let name = file.strip_prefix(root).unwrap_or(&file).display();
            let lines = text.lines().count();
            if *extension == "rs" && lines > LONGEST && !is_generated(&text) {
                faults.push(format!("{name} has {lines} lines, more than {LONGEST}"));
            }
            for (number, line) in text.lines().enumerate() {
                if MARKS.iter().any(|mark| line.starts_with(mark)) {
                    faults.push(format!("{name}:{} is a mark of a merge that was left over", number + 1));
                }
                if let Some(place) = PLACES.iter().find(|place| line.contains(**place)) {
                    faults.push(format!("{name}:{} names `{place}`", number + 1));
                }
            }
        }
    }
    Ok(())
}

/// Generated files say so in their first lines and may be long.
fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| line.contains("@generated"))
}

/// The fast engine is data, lowering to it and running it: none of its files may come to know each other in a circle.
fn circles_of_files(root: &Path, faults: &mut Vec<String>) -> Result<(), Error> {
    let folder = root.join("crates/ottl-engine/src/fast");
    let mut modules = BTreeMap::new();
    for file in repository::files(&folder, "rs")? {
        let Ok(path) = file.strip_prefix(&folder) else { continue };
        let mut module: circles::Module = path.with_extension("").iter().map(|p| p.to_string_lossy().into()).collect();
        module.pop_if(|last| last == "mod");
        if module.last().is_none_or(|last| last != "tests") {
            modules.insert(module, std::fs::read_to_string(&file)?);
        }
    }
    if modules.len() < 2 {
        return Err("the files of the fast engine were not found".into());
    }
    for circle in circles::circles(&modules, &["fast"]) {
        faults.push(format!("these files of the fast engine know each other in a circle: {}", circle.join(", ")));
    }
    Ok(())
}

/// Every code of the registry has a page and occurs in a fixture.
fn diagnostics(root: &Path, faults: &mut Vec<String>) -> Result<(), Error> {
    let registry = std::fs::read_to_string(root.join("crates/ottl-diagnostics/src/codes.rs"))?;
    let mut fixtures = String::new();
    let folder = root.join("tests/ui");
    if folder.is_dir() {
        for extension in ["stderr", "txt", "ottl", "snap", "json", "yaml", "toml"] {
            for file in repository::files(&folder, extension)? {
                fixtures += &file.to_string_lossy();
                fixtures += &std::fs::read_to_string(file)?;
            }
        }
    }
    for code in codes(&registry) {
        if !root.join("spec/diagnostics").join(format!("{code}.md")).is_file() {
            faults.push(format!("{code} has no page in spec/diagnostics"));
        }
        if !fixtures.contains(code) {
            faults.push(format!("{code} has no fixture in tests/ui"));
        }
    }
    Ok(())
}

/// The codes of the registry's rows: quoted words such as `E0101`, outside comments.
fn codes(registry: &str) -> Vec<&str> {
    let mut codes: Vec<_> = registry
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|word| {
            word.len() == 5 && word.starts_with(['E', 'W', 'H']) && word[1..].bytes().all(|b| b.is_ascii_digit())
        })
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use super::codes;

    #[test]
    fn codes_are_the_quoted_ones_of_rows() {
        let text = "/// `\"E0001\"`\n A = \"E0102\", \"x\";\n B = \"W0301\", \"E01\";\n C = \"E0102\";";
        assert_eq!(codes(text), ["E0102", "W0301"]);
    }
}
