//! `data`: the data that functions of the reference take from its libraries, written to the function library or compared.
//!
//! A small Go program, `crates/xtask/data`, has those libraries as modules in the versions that the reference has, and
//! prints what they know. So the data is theirs to the letter, and its file says which version it is of and whose it is.
//!
//! INVARIANT: that a file is of another version than the reference's is told without Go: see [`stale`].

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Outcome, repository};

/// The files, by the argument of the program that prints them.
const FILES: &[&str] = &["charsets", "grok", "locales", "useragents"];

/// Where they are.
const FOLDER: &str = "crates/ottl-functions/data";

/// Runs `cargo xtask data [--check]`: writes the files, or fails when one would change.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut check = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("check") => check = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let mut changed = Vec::new();
    for name in FILES {
        let text = print(name)?;
        let place = repository::root().join(path(name));
        if std::fs::read(&place).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            changed.push(path(name));
        } else {
            std::fs::write(place, text)?;
        }
    }
    match changed.as_slice() {
        [] => Ok(()),
        _ => Err(format!("stale, run `cargo xtask data`: {}", changed.join(", ")).into()),
    }
}

fn path(name: &str) -> String {
    format!("{FOLDER}/{name}.txt")
}

/// What the program prints for this argument.
fn print(name: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut go = Command::new("go");
    go.args(["run", ".", name]).current_dir(repository::root().join("crates/xtask/data")).stderr(Stdio::inherit());
    let output = go.output()?;
    if !output.status.success() {
        return Err(format!("the Go program that prints `{name}` failed").into());
    }
    Ok(output.stdout)
}

/// Which files are of another version than the one that the reference's module file names.
pub fn stale(root: &Path) -> std::io::Result<Vec<String>> {
    let modules = std::fs::read_to_string(root.join("tests/oracle/go.mod"))?;
    let mut faults = Vec::new();
    for name in FILES {
        let text = std::fs::read_to_string(root.join(path(name)))?;
        let module = text.lines().nth(1).and_then(|line| line.strip_prefix("# ")).unwrap_or_default();
        let is_required = modules.lines().any(|line| {
            let line = line.split("//").next().unwrap_or_default();
            line.trim().trim_start_matches("require ") == module
        });
        if !is_required {
            faults
                .push(format!("{} is of {module}, which the reference does not have: `cargo xtask data`", path(name)));
        }
    }
    Ok(faults)
}
