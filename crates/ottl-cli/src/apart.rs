//! Files that must not be one another: what is written must not be what is read, or written too, but for the output
//! that replaces an input.
//!
//! INVARIANT: files are compared as the system does, through links of both kinds, not by their names.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::args::RunArguments;
use crate::failure::{Failure, is_standard, name_of};
use crate::replace::parent;
use crate::source;

/// What a path is, however it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Identity {
    /// A file that is there: its device and its number on it.
    #[cfg(unix)]
    File(u64, u64),
    /// A file that is not there yet, or a system without such numbers.
    Path(PathBuf),
}

/// Inputs that become one output.
#[derive(Debug, PartialEq, Eq)]
pub struct Task {
    /// The inputs, in order.
    pub inputs: Vec<PathBuf>,
    /// The output; standard output where there is none.
    pub output: Option<PathBuf>,
    /// Whether the output is one of the inputs.
    pub in_place: bool,
    /// Whether the output's name says nothing of its form.
    pub keeps_form: bool,
}

/// What becomes of which inputs.
///
/// # Errors
/// A file is named in two roles, or two inputs would become one output.
pub fn tasks(arguments: &RunArguments, inputs: Vec<PathBuf>) -> Result<Vec<Task>, Failure> {
    let Some(directory) = &arguments.output_dir else {
        let in_place = check(arguments, arguments.output.as_deref(), &inputs)?;
        let output = arguments.output.clone();
        return Ok(vec![Task { inputs, output, in_place, keeps_form: in_place }]);
    };
    let refused = |text: String| Err(Failure::Refused(text));
    let known: HashMap<Identity, usize> =
        inputs.iter().enumerate().filter_map(|(index, input)| Some((identity(input)?, index))).collect();
    let mut taken: HashMap<PathBuf, &Path> = HashMap::new();
    let mut tasks = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let name = input.file_name().filter(|_| !is_standard(input));
        let Some(name) = name else {
            return refused(format!("{}: --output-dir needs inputs with names", name_of(input)));
        };
        let output = directory.join(name);
        let (one, dir) = (input.display(), directory.display());
        if let Some(other) = taken.insert(output.clone(), input) {
            return refused(format!("{} and {one} would be one file in {dir}: run them apart", other.display()));
        }
        if let Some(other) = identity(&output).and_then(|found| known.get(&found)).filter(|other| **other != index) {
            let other = inputs[*other].display();
            return refused(format!("the output of {one} is the input {other}: name another directory than {dir}"));
        }
        let inputs = vec![input.clone()];
        let in_place = check(arguments, Some(&output), &inputs)?;
        tasks.push(Task { inputs, output: Some(output), in_place, keeps_form: true });
    }
    if !arguments.dry_run {
        fs::create_dir_all(directory).map_err(|error| Failure::write_file(directory.display(), error))?;
    }
    Ok(tasks)
}

/// Refuses arguments that name one file in two roles. Returns whether the output is an input.
fn check(arguments: &RunArguments, output: Option<&Path>, inputs: &[PathBuf]) -> Result<bool, Failure> {
    let is_out = |path: &Option<PathBuf>| path.as_deref().is_some_and(is_standard);
    let output = output.filter(|path| !is_standard(path));
    if is_out(&arguments.report) && output.is_none() {
        let text = "output and report cannot both go to standard output: write one of them to a file";
        return Err(Failure::Refused(text.to_owned()));
    }
    let report = arguments.report.as_deref().filter(|path| !is_standard(path));
    let redirected = Path::new("/dev/stdout");
    let output = output.or_else(|| fs::metadata(redirected).is_ok_and(|found| found.is_file()).then_some(redirected));

    let mut read: Vec<(&str, &Path)> = Vec::new();
    read.extend(source::paths(&arguments.work).map(|path| ("rules", path)));
    read.extend(arguments.work.rules.env_file.as_deref().map(|path| ("variables", path)));
    read.retain(|(_, path)| !is_standard(path));
    let inputs = || inputs.iter().map(PathBuf::as_path).filter(|path| !is_standard(path));

    if let (Some(output), Some(report)) = (output, report) {
        apart(("output", output), ("report", report))?;
    }
    for written in [("output", output), ("report", report)] {
        let (role, Some(path)) = written else { continue };
        for other in &read {
            apart((role, path), *other)?;
        }
    }
    if let Some(report) = report {
        inputs().try_for_each(|input| apart(("report", report), ("input", input)))?;
    }
    let Some(output) = output else { return Ok(false) };
    let wanted = identity(output);
    let Some(same) = inputs().find(|input| wanted.is_some() && identity(input) == wanted) else { return Ok(false) };
    if output == redirected {
        let name = same.display();
        let text = format!("standard output is the input {name}: write with --output {name} to replace it");
        return Err(Failure::Refused(text));
    }
    if !fs::metadata(same).is_ok_and(|found| found.is_file()) {
        let text = format!("the output is the input {}, which is no file that could be replaced", same.display());
        return Err(Failure::Refused(text));
    }
    Ok(true)
}

/// Refuses two paths in these roles that are one file.
///
/// # Errors
/// They are.
pub fn apart((role, path): (&str, &Path), (other_role, other): (&str, &Path)) -> Result<(), Failure> {
    let same = identity(path);
    if same.is_none() || same != identity(other) {
        return Ok(());
    }
    let (path, other) = (path.display(), other.display());
    Err(Failure::Refused(format!("the {role} {path} and the {other_role} {other} are one file: name another one")))
}

/// What a path is; none for a device such as `/dev/null`, which may stand anywhere.
fn identity(path: &Path) -> Option<Identity> {
    let Ok(found) = fs::metadata(path) else {
        let directory = fs::canonicalize(parent(path)).unwrap_or_else(|_| parent(path).to_path_buf());
        return Some(Identity::Path(directory.join(path.file_name()?)));
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
        (!found.file_type().is_char_device()).then(|| Identity::File(found.dev(), found.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        fs::canonicalize(path).ok().map(Identity::Path)
    }
}
