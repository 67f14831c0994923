//! How a run of the command ends.

use std::fmt::{self, Display};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use ottl::visible;

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: done.
    Done,
    /// 1: the work failed, or `fmt --check` found something to change.
    Failed,
    /// 2: the rules or the arguments are wrong.
    Refused,
    /// 3: the rules are not wrong, but something that the reference takes is not supported.
    Unsupported,
}

impl Status {
    /// The one of two that says more: what is wrong, before what failed, before what is not supported.
    pub fn worse(self, other: Status) -> Status {
        const ORDER: [Status; 4] = [Status::Refused, Status::Failed, Status::Unsupported, Status::Done];
        ORDER.into_iter().find(|status| [self, other].contains(status)).unwrap_or(self)
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Refused => 2,
            Status::Unsupported => 3,
        })
    }
}

/// Why a verb ended before its work was done.
#[derive(Debug)]
pub enum Failure {
    /// The reader of the output is gone.
    ClosedPipe,
    /// The work failed: status 1.
    Failed(String),
    /// The rules or the arguments are wrong: status 2.
    Refused(String),
    /// As above, and all has been said already.
    Reported(Status),
}

impl Failure {
    /// What was being read could not be.
    pub fn read(what: impl Display, error: io::Error) -> Failure {
        Failure::Failed(format!("{}: cannot read: {}", visible(&what.to_string()), reason(&error)))
    }

    /// What was being written could not be.
    pub fn write(what: impl Display, error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::ClosedPipe;
        }
        Failure::write_file(what, error)
    }

    /// A file that was being written could not be; one that nobody reads any more is a pipe with a name.
    pub fn write_file(what: impl Display, error: io::Error) -> Failure {
        Failure::Failed(format!("{}: cannot write: {}", visible(&what.to_string()), reason(&error)))
    }

    /// The exit status.
    pub fn status(&self) -> Status {
        match self {
            Failure::ClosedPipe => Status::Done,
            Failure::Failed(_) => Status::Failed,
            Failure::Refused(_) => Status::Refused,
            Failure::Reported(status) => *status,
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Failed(text) | Failure::Refused(text) => f.write_str(text),
            Failure::ClosedPipe | Failure::Reported(_) => Ok(()),
        }
    }
}

/// Writes what a verb has found to standard output. A reader that has seen enough does not change what was found.
pub fn print(text: &(impl AsRef<[u8]> + ?Sized)) -> Result<(), Failure> {
    printed(io::stdout().write_all(text.as_ref()))
}

/// The same of what has been written.
pub fn printed(result: io::Result<()>) -> Result<(), Failure> {
    match result.map_err(|error| Failure::write("standard output", error)) {
        Err(Failure::ClosedPipe) => Ok(()),
        result => result,
    }
}

/// The error without the number that the library puts behind it.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// How a file is called in messages.
pub fn name_of(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Whether the path stands for standard input or output.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}
