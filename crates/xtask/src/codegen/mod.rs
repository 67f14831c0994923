//! `codegen`: files that follow from other files, written or compared.
//!
//! The modules that list the function library come from its folder ([`modules`]), and so does the list of the pages of diagnostics
//! ([`diagnostics`]); the pages of `spec/` about functions
//! and paths come from the rows that checker and engines use ([`functions`], [`paths`]), and that about compatibility from these and
//! the golden vectors, so they need a library that compiles: without the feature `pages` they are left alone.

#[cfg(feature = "pages")]
mod compatibility;
mod diagnostics;
#[cfg(feature = "pages")]
pub mod functions;
mod modules;
#[cfg(feature = "pages")]
pub mod paths;

use crate::{Outcome, repository};

/// A generated file: its path below the repository, and its text.
struct File {
    path: String,
    text: String,
}

/// Runs `cargo xtask codegen [--check]`: writes the files, or fails when one would change.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut check = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("check") => check = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let mut stale = Vec::new();
    for File { path, text } in files()? {
        let place = repository::root().join(&path);
        if std::fs::read_to_string(&place).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            stale.push(path);
        } else {
            std::fs::write(place, text)?;
        }
    }
    match stale.as_slice() {
        [] => Ok(()),
        _ => Err(format!("stale, run `cargo xtask codegen`: {}", stale.join(", ")).into()),
    }
}

fn files() -> Result<Vec<File>, Box<dyn std::error::Error>> {
    let mut files = modules::files()?;
    files.push(diagnostics::file()?);
    #[cfg(feature = "pages")]
    files.extend([functions::file()?, paths::file(), compatibility::file()?]);
    Ok(files)
}

/// Writes lines to a string.
#[cfg(feature = "pages")]
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($part:tt)*) => {{
        $out.push_str(&format!($($part)*));
        $out.push('\n');
    }};
}
#[cfg(feature = "pages")]
pub(crate) use line;

/// Text for a cell of a table: one line, with bars escaped.
#[cfg(feature = "pages")]
pub fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
