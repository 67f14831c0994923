//! Files that must not be one another: what is written must not be what is read, or written too, but for the output
//! that replaces an input.
//!
//! INVARIANT: files are compared as the system does, through links of both kinds, not by their names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::RunArguments;
use crate::failure::{Failure, is_standard};
use crate::replace::parent;
use crate::source;

/// What a path is, however it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    /// A file that is there: its device and its number on it.
    #[cfg(unix)]
    File(u64, u64),
    /// A file that is not there yet, or a system without such numbers.
    Path(PathBuf),
}

/// Refuses arguments that name one file in two roles. Returns whether the output is an input.
///
/// # Errors
/// Which roles, with both names.
pub fn check(arguments: &RunArguments, inputs: &[PathBuf]) -> Result<bool, Failure> {
    let is_out = |path: &Option<PathBuf>| path.as_deref().is_some_and(is_standard);
    let output = arguments.output.as_deref().filter(|path| !is_standard(path));
    if is_out(&arguments.report) && output.is_none() {
        let text = "output and report cannot both go to standard output: write one of them to a file";
        return Err(Failure::Refused(text.to_owned()));
    }
    let report = arguments.report.as_deref().filter(|path| !is_standard(path));
    let redirected = Path::new("/dev/stdout");
    let output = output.or_else(|| fs::metadata(redirected).is_ok_and(|found| found.is_file()).then_some(redirected));

    let mut read: Vec<(&str, &Path)> = Vec::new();
    read.extend(source::file(&arguments.work).map(|path| ("rules", path)));
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

fn apart((role, path): (&str, &Path), (other_role, other): (&str, &Path)) -> Result<(), Failure> {
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
