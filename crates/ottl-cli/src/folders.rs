//! Folders in place of files: what in them may hold rules, and what is said of the rest.
//!
//! INVARIANT: a walk is bounded in depth and files, and follows no link to a folder.

use std::path::{Path, PathBuf};

use ottl::schema::context_by_name;
use ottl::{Code, Compiler, Diagnostics};

use crate::failure::{Failure, is_standard, name_of};
use crate::{limits, terminal};

/// Folders inside each other that are looked into.
const DEPTH: usize = 32;

/// Files of one folder that are looked at, those in folders in it included.
const FILES: usize = 10_000;

/// Names of skipped files that are said.
const SAID: usize = 10;

/// Folders that hold what others made.
const FOREIGN: [&str; 3] = ["node_modules", "target", "vendor"];

/// Why files are left out that may hold OTTL.
const DOUBTFUL: &str =
    "not checked, although they seem to contain OTTL: neither processor bodies nor Collector configurations";
/// See [`DOUBTFUL`].
const TEMPLATES: &str = "not checked, templates and patches (render first: `helm template CHART | ottl check -`, `kubectl kustomize FOLDER | ottl check -`)";

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
    /// The folders that were named, and whether a file in them was taken.
    folders: Vec<(PathBuf, bool)>,
    without: Vec<String>,
    doubtful: Vec<String>,
    templates: Vec<String>,
}

impl Skipped {
    /// Nothing so far of the folders among these paths.
    pub fn of(paths: &[PathBuf]) -> Skipped {
        let folders = paths.iter().filter(|path| !is_standard(path) && path.is_dir());
        Skipped { folders: folders.map(|path| (path.clone(), false)).collect(), ..Skipped::default() }
    }

    /// Whether a file of a folder is left out, by what was found in it; it is said at the end then.
    pub fn takes(&mut self, path: &Path, text: &str, found: &Diagnostics) -> bool {
        let has = |code: Code| found.iter().any(|diagnostic| diagnostic.code == code);
        if has(Code::UNRENDERED_TEMPLATE) {
            self.templates.push(name_of(path));
        } else if has(Code::WITHOUT_RULES) || has(Code::UNRECOGNIZED_CONFIGURATION) {
            if is_case_file(path) {
                // Those are of `ottl test`, which says so if they are none.
            } else if !calls_functions(text) {
                self.without.push(name_of(path));
            } else if has(Code::UNRECOGNIZED_CONFIGURATION) && (is_list(text) || nearly_rules(found)) {
                return self.kept(path);
            } else {
                self.doubtful.push(name_of(path));
            }
        } else if (has(Code::INVALID_YAML) || has(Code::CONFIGURATION_TOO_LARGE)) && !looks_like_rules(text) {
            // What is not YAML is somebody else's, if nothing in it looks like rules.
            self.without.push(name_of(path));
        } else {
            return self.kept(path);
        }
        true
    }

    /// The same, looked at here.
    pub fn takes_unseen(&mut self, path: &Path, text: &str) -> bool {
        self.takes(path, text, &Compiler::new().check(text))
    }

    /// Whether a file that was refused as a text is left out: it is one of somebody else's, as far as it can be read.
    pub fn takes_unread(&mut self, path: &Path, limit: usize) -> bool {
        // Too large is no file that anybody wrote.
        let is_large = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > limit as u64);
        let bytes = limits::read_limited(path, limit);
        if is_large || bytes.is_ok_and(|bytes| !looks_like_rules(&as_text(&bytes))) {
            self.without.push(name_of(path));
            return true;
        }
        self.kept(path)
    }

    /// A file is taken: its folders have OTTL.
    fn kept(&mut self, path: &Path) -> bool {
        let holding = self.folders.iter_mut().filter(|(folder, _)| path.starts_with(folder));
        holding.for_each(|(_, is_taken)| *is_taken = true);
        false
    }

    /// Nothing is said of files that others read.
    pub fn forget(&mut self, is_read: impl Fn(&Path) -> bool) {
        self.without.retain(|name| !is_read(Path::new(name)));
        self.doubtful.retain(|name| !is_read(Path::new(name)));
    }

    /// The folders of which no file was taken, by name, and what is said of each.
    pub fn empty(&self) -> impl Iterator<Item = (String, Failure)> {
        let empty = self.folders.iter().filter(|(_, is_taken)| !is_taken);
        empty.map(|(folder, _)| {
            let name = name_of(folder);
            let text = format!("{}: no file with OTTL in this folder", ottl::visible(&name));
            (name, Failure::Failed(text))
        })
    }

    /// The files that were left out though they may hold OTTL, and why.
    pub fn left_out(&self) -> impl Iterator<Item = (String, &'static str)> {
        let doubtful = self.doubtful.iter().map(|name| (name.clone(), DOUBTFUL));
        doubtful.chain(self.templates.iter().map(|name| (name.clone(), TEMPLATES)))
    }

    /// Says what was left out.
    pub fn say(&self) {
        for (names, what) in
            [(&self.without, "skipped, no OTTL found"), (&self.doubtful, DOUBTFUL), (&self.templates, TEMPLATES)]
        {
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

/// The text in bytes that are no UTF-8: of UTF-16 what it is, of others what is left.
fn as_text(bytes: &[u8]) -> String {
    let units =
        |of: fn([u8; 2]) -> u16| -> Vec<u16> { bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect() };
    match bytes {
        [0xff, 0xfe, ..] => String::from_utf16_lossy(&units(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => String::from_utf16_lossy(&units(u16::from_be_bytes)),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Whether a text has a word of rules.
fn looks_like_rules(text: &str) -> bool {
    ["_statements", "_conditions", "ottl", "transform"].iter().any(|word| text.contains(word)) || calls_functions(text)
}

/// Whether a text calls a function of OTTL with a path: `set(log.body, ...)`, `IsMatch(attributes["a"], ...)`.
fn calls_functions(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let registry = ottl::registry();
    text.match_indices('(').any(|(at, _)| {
        let name = text[..at].rsplit(|c| !is_word(c)).next().unwrap_or_default();
        let path = text[at + 1..].trim_start_matches([' ', '\\']);
        let first = path.split(|c| !is_word(c)).next().unwrap_or_default();
        let is_path = match path.as_bytes().get(first.len()) {
            Some(b'.') => context_by_name(first).is_some(),
            Some(b'[') => first == "attributes",
            _ => false,
        };
        is_path && registry.iter().any(|function| function.name == name)
    })
}

/// Whether a text is a list, as statements are that stand below no key.
fn is_list(text: &str) -> bool {
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#') && *line != "---");
    lines.next().is_some_and(|line| line.starts_with("- ") || line == "-")
}

/// Whether what was found in a text says that one of its keys is nearly one of rules.
fn nearly_rules(found: &Diagnostics) -> bool {
    found.iter().any(|diagnostic| {
        let meant = diagnostic.help.as_deref().and_then(|help| help.strip_prefix("did you mean `"));
        meant.is_some_and(|key| ["_statements`", "_conditions`", "processors`"].iter().any(|end| key.contains(end)))
    })
}
