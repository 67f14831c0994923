//! Standard output.

use std::fmt::Display;
use std::io::{ErrorKind, Write as _, stdout};

/// Prints a line. A reader that has seen enough, as `head` has, changes nothing of what was measured.
///
/// # Errors
/// Nothing can be written, and somebody still reads it.
pub fn line(text: impl Display) -> Result<(), String> {
    match writeln!(stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}
