//! Folders in place of files: what in them may hold rules, and what is said of the rest.
//!
//! INVARIANT: a walk is bounded in depth and files, and follows no link to a folder.

use std::path::{Path, PathBuf};

use ottl::{Code, Compiler, Diagnostics};

use crate::failure::{Failure, is_standard, name_of};
use crate::terminal;

/// Folders inside each other that are looked into.
const DEPTH: usize = 32;

/// Files of one folder that are looked at, those in folders in it included.
const FILES: usize = 10_000;

/// Names of skipped files that are said.
const SAID: usize = 10;

/// Folders that hold what others made.
const FOREIGN: [&str; 3] = ["node_modules", "target", "vendor"];

/// A file to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file; `-` is standard input.
    pub path: PathBuf,
    /// Whether a folder was named and not the file.
    pub in_folder: bool,
}

/// The files that were named, and in place of folders the files in them that may hold rules, in the order of their names.
///
/// # Errors
/// A folder cannot be read, or holds too many files.
pub fn files(paths: Vec<PathBuf>) -> Result<Vec<Found>, Failure> {
    named(paths, has_rules_by_name, "name the folders that hold rules")
}

/// The same of files of cases: those that were named, and in folders those that are called so.
///
/// # Errors
/// As [`files`].
pub fn case_files(paths: Vec<PathBuf>) -> Result<Vec<Found>, Failure> {
    named(paths, |path| has_rules_by_name(path) && is_case_file(path), "name the folders that hold cases")
}

/// The same of files of data: those that were named, and in folders those that are called like telemetry.
///
/// # Errors
/// As [`files`].
pub fn data_files(paths: Vec<PathBuf>) -> Result<Vec<Found>, Failure> {
    named(paths, has_data_by_name, "name the folders that hold data")
}

/// Whether a file is one of telemetry by its name, compressed or not.
fn has_data_by_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
    let bare = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    [".json", ".jsonl", ".ndjson", ".pb", ".binpb", ".otlp", ".zstd"].iter().any(|end| bare.ends_with(end))
}

/// Whether a file is one of cases by its name: `NAME.test.yaml` or `NAME_test.yaml`.
fn is_case_file(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem.ends_with(".test") || stem.ends_with("_test")
}

/// The files that were named, and in place of folders those in them that are wanted.
fn named(paths: Vec<PathBuf>, wanted: fn(&Path) -> bool, advice: &str) -> Result<Vec<Found>, Failure> {
    let mut out = Vec::with_capacity(paths.len());
    for path in paths {
        if is_standard(&path) || !path.is_dir() {
            out.push(Found { path, in_folder: false });
            continue;
        }
        let mut found = Vec::new();
        walk(&path, 0, (wanted, advice), &mut found)?;
        out.extend(found.into_iter().map(|path| Found { path, in_folder: true }));
    }
    Ok(out)
}

fn walk(
    folder: &Path,
    depth: usize,
    (wanted, advice): (fn(&Path) -> bool, &str),
    found: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    let failed = |error| Failure::read(name_of(folder), error);
    if depth > DEPTH {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if name.starts_with('.') || kind.is_dir() && FOREIGN.contains(&&*name) {
            continue;
        }
        if kind.is_dir() {
            walk(&path, depth + 1, (wanted, advice), found)?;
        } else if wanted(&path) && path.is_file() {
            if found.len() == FILES {
                let text = format!("{}: more than {FILES} files; {advice}", name_of(folder));
                return Err(Failure::Refused(text));
            }
            found.push(path);
        }
    }
    Ok(())
}

fn has_rules_by_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// What is left out of folders.
#[derive(Debug, Default)]
pub struct Skipped {
    without: Vec<String>,
    templates: Vec<String>,
}

impl Skipped {
    /// Whether a file of a folder is left out, by what was found in it; it is said at the end then.
    pub fn takes(&mut self, path: &Path, text: &str, found: &Diagnostics) -> bool {
        let has = |code: Code| found.iter().any(|diagnostic| diagnostic.code == code);
        // What is not YAML is somebody else's, if nothing in it looks like rules.
        let is_foreign = || !["_statements", "_conditions", "ottl", "transform"].iter().any(|word| text.contains(word));
        if has(Code::UNRENDERED_TEMPLATE) {
            self.templates.push(name_of(path));
        } else if has(Code::WITHOUT_RULES)
            || has(Code::UNRECOGNIZED_CONFIGURATION)
            || (has(Code::INVALID_YAML) || has(Code::CONFIGURATION_TOO_LARGE)) && is_foreign()
        {
            // Those are of `ottl test`, which says so if they are none.
            if !is_case_file(path) {
                self.without.push(name_of(path));
            }
        } else {
            return false;
        }
        true
    }

    /// The same, looked at here.
    pub fn takes_unseen(&mut self, path: &Path, text: &str) -> bool {
        self.takes(path, text, &Compiler::new().check(text))
    }

    /// A file that cannot be read as text at all.
    pub fn add(&mut self, path: &Path) {
        self.without.push(name_of(path));
    }

    /// Says what was left out.
    pub fn say(&self) {
        for (names, what) in [
            (&self.without, "skipped, no OTTL in them"),
            (&self.templates, "not checked, templates (render first: `helm template CHART | ottl check -`)"),
        ] {
            if names.is_empty() {
                continue;
            }
            let listed = names[..names.len().min(SAID)].join(", ");
            let more = match names.len().saturating_sub(SAID) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            terminal::plain(format!("note: {what}: {}{more}\n", ottl::visible(&listed)));
        }
    }
}
