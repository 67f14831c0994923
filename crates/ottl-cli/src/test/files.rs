//! Case files, their snapshots, and the rules and telemetry that they name.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ottl::otlp::framing::FrameOptions;
use ottl::testing::{DataFile, FilePath, Message, Setup, Snapshots, Suite, TestedRules};
use ottl::{Compiler, Diagnostics, RuleSet};

use super::Broken;
use crate::args::{Pprof, TestArguments};
use crate::failure::{Failure, is_standard, name_of};
use crate::folders::{self, Found};
use crate::messages::{Arrived, Reading};
use crate::{limits, records, referenced, rules};

/// What the name of a file of snapshots ends with, behind that of the case file.
const SNAPSHOTS: &str = ".snap";

/// Bytes of a file of telemetry, which a case has in memory as a whole.
const TELEMETRY: u64 = 256 << 20;

/// A case file.
pub struct Loaded {
    /// What it says.
    pub suite: Suite,
    /// Where it was read from.
    file: PathBuf,
    /// What its paths are relative to.
    folder: PathBuf,
    /// What came out before; standard input has no place for it.
    pub snapshots: Option<Stored>,
}

/// A file of snapshots, which need not be there.
pub struct Stored {
    pub path: PathBuf,
    /// What stands there.
    pub text: Option<String>,
    pub read: Snapshots,
}

/// The files that could be opened, and the others.
pub struct Opened {
    pub loaded: Vec<Loaded>,
    pub broken: Vec<Broken>,
}

/// Opens the case files that were named, or those of the working directory.
///
/// # Errors
/// There are none, or a folder cannot be read.
pub fn open(arguments: &TestArguments) -> Result<Opened, Failure> {
    let is_bare = arguments.paths.is_empty();
    let paths = if is_bare { vec![PathBuf::from(".")] } else { arguments.paths.clone() };
    let named: Vec<String> = paths.iter().map(|path| name_of(path)).collect();
    let found = folders::case_files(paths)?;
    if found.is_empty() {
        let where_ = if is_bare { "the working directory".to_owned() } else { named.join(", ") };
        let text = format!(
            "there are no case files in {where_}: they are called NAME.test.yaml or NAME_test.yaml; another one is named itself"
        );
        return Err(Failure::Refused(text));
    }
    let length = rules::budgets(&arguments.rules).rules.configuration_length;
    let mut opened = Opened { loaded: Vec::new(), broken: Vec::new() };
    let mut seen = HashSet::new();
    for Found { path, .. } in found {
        // Who names a folder and a file in it wants its cases once.
        if std::fs::canonicalize(&path).is_ok_and(|identity| !seen.insert(identity)) {
            continue;
        }
        // A folder's files are called as one would call them from here.
        let path = if is_bare { path.strip_prefix(".").map_or(path.clone(), Path::to_path_buf) } else { path };
        let name = name_of(&path);
        match load(&path, &name, length, arguments) {
            Ok(Ok(one)) => opened.loaded.push(one),
            Ok(Err(found)) => opened.broken.push(Broken { name, path, why: Ok(found) }),
            Err(failure) => opened.broken.push(Broken { name, path, why: Err(failure) }),
        }
    }
    Ok(opened)
}

fn load(
    path: &Path,
    name: &str,
    length: usize,
    arguments: &TestArguments,
) -> Result<Result<Loaded, Diagnostics>, Failure> {
    let text = read(path, length)?;
    let suite = match Suite::read(name, &text) {
        Ok(suite) => suite,
        Err(found) => return Ok(Err(found)),
    };
    let folder = path.parent().filter(|_| !is_standard(path)).map_or_else(PathBuf::new, Path::to_path_buf);
    let file = path.to_path_buf();
    if is_standard(path) {
        return Ok(Ok(Loaded { suite, file, folder, snapshots: None }));
    }
    let mut stored = path.as_os_str().to_owned();
    stored.push(SNAPSHOTS);
    let stored = PathBuf::from(stored);
    let text = match stored.exists() {
        true => Some(read(&stored, length)?),
        false => None,
    };
    let read = match text.as_deref().map(|text| Snapshots::read(&name_of(&stored), text)) {
        Some(Ok(read)) => read,
        // What was written here is written anew, unless snapshots of cases that do not run would be lost.
        Some(Err(_))
            if arguments.update && arguments.filter.is_empty() && Snapshots::are_own(text.as_deref().unwrap_or("")) =>
        {
            Snapshots::default()
        }
        Some(Err(found)) => return Ok(Err(found)),
        None => Snapshots::default(),
    };
    Ok(Ok(Loaded { suite, file, folder, snapshots: Some(Stored { path: stored, text, read }) }))
}

/// The text of a file of cases or snapshots.
fn read(path: &Path, length: usize) -> Result<String, Failure> {
    rules::read_text(path, length, "this file")
}

/// What rules are known by: cases of several files share those that are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The paths of the rules, or the file that they stand in.
    files: Vec<PathBuf>,
    setup: Setup,
}

impl Loaded {
    /// What the rules of a case are known by.
    pub fn key(&self, setup: &Setup) -> Key {
        let files = match &setup.rules {
            TestedRules::Files(files) => files.iter().map(|file| self.path(file)).collect(),
            TestedRules::Inline(_) => vec![PathBuf::from(self.suite.file())],
        };
        Key { files, setup: setup.clone().without_places() }
    }

    /// Compiles the rules of a case.
    ///
    /// # Errors
    /// What is wrong with them, or the file that cannot be read.
    pub fn compile(
        &self,
        setup: &Setup,
        base: &Compiler,
        arguments: &TestArguments,
    ) -> Result<RuleSet, Arc<Diagnostics>> {
        let compiler = self.suite.compiler(setup, base);
        let built = match &setup.rules {
            TestedRules::Inline(text) => {
                referenced::for_file(&compiler, &arguments.rules, self.suite.file()).compile(text)
            }
            TestedRules::Files(files) => {
                let length = rules::budgets(&arguments.rules).rules.configuration_length;
                let mut texts = Vec::with_capacity(files.len());
                for file in files {
                    let path = self.path(file);
                    let read = rules::read_rules(&path, length).map_err(|failure| self.missing(file, &failure))?;
                    texts.push((name_of(&path), read));
                }
                let first = texts.first().map_or("", |(name, _)| name);
                let compiler = referenced::for_file(&compiler, &arguments.rules, first);
                match &texts[..] {
                    [(_, text)] => compiler.compile(text),
                    several => {
                        let several: Vec<(&str, &str)> =
                            several.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
                        compiler.compile_files(&several)
                    }
                }
            }
        };
        built.map_err(|error| Arc::new(self.suite.faults_of_rules(setup, &error)))
    }

    /// All files that are read for its cases or written for them, each with what it is.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        let own = Some(("case file", self.file.clone())).filter(|(_, path)| !is_standard(path));
        let snapshots = self.snapshots.as_ref().map(|stored| ("snapshots", stored.path.clone()));
        let named = self.suite.files().map(|file| ("file of cases", self.path(file)));
        own.into_iter().chain(snapshots).chain(named)
    }

    /// A path of the case file as one from here, without `..` where it is the same file without.
    fn path(&self, file: &FilePath) -> PathBuf {
        let joined = self.folder.join(&file.path);
        let mut plain = PathBuf::new();
        for part in joined.components() {
            match part {
                Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                    plain.pop();
                }
                part => plain.push(part),
            }
        }
        let identity = |path: &Path| std::fs::canonicalize(path).ok();
        if identity(&plain) == identity(&joined) { plain } else { joined }
    }

    fn missing(&self, file: &FilePath, failure: &Failure) -> Arc<Diagnostics> {
        Arc::new(self.suite.missing(file, &failure.to_string()))
    }

    /// The messages of a file that a case names.
    pub fn messages(&self, file: &DataFile, rules: &RuleSet, frames: FrameOptions) -> Result<Vec<Message>, String> {
        let inputs = &[self.path(&file.path)];
        let frames = FrameOptions { format: file.format.or(frames.format), ..frames };
        let reading = Reading {
            pprof: Pprof::Told,
            only: file.signal,
            bytes: Some(TELEMETRY),
            ..Reading::of(inputs, frames, rules.signals().collect())
        };
        let mut out = Vec::new();
        let read = reading.each(|Arrived { file, number, signal, oddity, bytes }| {
            // What is damaged further down is said with the record.
            records::count(signal, bytes).map_err(|error| {
                let why = oddity.map_or_else(String::new, |why| format!("; {why}"));
                Failure::Failed(format!("{file}: message {number}: damaged message: {error}{why}"))
            })?;
            out.push(Message { signal, bytes: bytes.to_vec() });
            Ok(ControlFlow::Continue(()))
        });
        read.map(|()| out).map_err(|failure| failure.to_string())
    }
}

/// How telemetry is read.
pub fn frames(arguments: &TestArguments) -> FrameOptions {
    limits::budgets(&arguments.rules.max).unwrap_or_default().frames
}
