//! `pprof`: Go's pprof tool as the reader of what was converted.
//!
//! A Go program (`tests/pprof`) writes profiles of itself. Each of them, and each of those that are kept in `tests/samples/pprof`,
//! is converted to OTLP and back, also by way of JSON, and the tool has to print the same of both files.

use crate::{Outcome, repository};
use ottl_otlp::framing::decompress;
use ottl_otlp::{Signal, json, pprof};
use std::path::{Path, PathBuf};
use std::process::Command;

type Error = Box<dyn std::error::Error>;

/// How much a profile may have, before and behind.
const LIMIT: usize = 256 << 20;

/// What the tool is asked to print. All values, with labels, are in `-raw`.
const REPORTS: [&[&str]; 4] = [&["-raw"], &["-top"], &["-top", "-sample_index=0"], &["-tags"]];

/// Runs the command; `--write` keeps the new profiles.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut write = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("write") => write = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let tests = repository::root().join("tests");
    let kept = tests.join("samples/pprof");
    let work = Work::new()?;
    let made = work.folder.join("made");
    std::fs::create_dir_all(&made)?;
    let program = work.folder.join("app");
    go(Command::new("go").args(["build", "-trimpath", "-o"]).arg(&program).arg(".").current_dir(tests.join("pprof")))?;
    go(Command::new(&program).arg(if write { &kept } else { &made }))?;
    let mut count = 0;
    for folder in [&kept, &made] {
        for path in repository::files(folder, "gz")? {
            compare(&path, &work.folder).map_err(|error| format!("{}: {error}", path.display()))?;
            count += 1;
        }
    }
    println!("{count} profiles read the same");
    Ok(())
}

/// A folder that is gone afterwards.
struct Work {
    folder: PathBuf,
}

impl Work {
    fn new() -> Result<Work, Error> {
        let folder = std::env::temp_dir().join(format!("ottl-pprof-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Work { folder })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What is left of it is in the way of nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Holds what the tool prints of a file against what it prints of the same after a round trip.
fn compare(path: &Path, work: &Path) -> Outcome {
    let bytes = std::fs::read(path)?;
    let content = decompress(&bytes, LIMIT)?;
    let message = pprof::to_profiles(&content, LIMIT)?;
    let mut text = Vec::new();
    json::from_protobuf(Signal::Profiles, &message, &mut text, json::Style::default())?;
    let mut by_json = Vec::new();
    json::to_protobuf(Signal::Profiles, &text, &mut by_json)?;
    let before = printed(path)?;
    for (way, message) in [("protobuf", message), ("JSON", by_json)] {
        let converted = pprof::from_profiles(&message, LIMIT)?;
        let ([file], true) = (&converted.files[..], converted.left_out.is_empty()) else {
            return Err(
                format!("by way of {way}: {} files, and {:?}", converted.files.len(), converted.left_out).into()
            );
        };
        let back = work.join("back.pb");
        std::fs::write(&back, file)?;
        for ((report, before), after) in REPORTS.iter().zip(&before).zip(printed(&back)?) {
            if *before != after {
                return Err(format!("{report:?} by way of {way}:\n{before}\nbecame\n{after}").into());
            }
        }
    }
    Ok(())
}

/// The reports of a file.
fn printed(path: &Path) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for report in REPORTS {
        all.push(go(Command::new("go").args(["tool", "pprof", "-symbolize=none"]).args(report).arg(path))?);
    }
    Ok(all)
}

/// What a command printed.
fn go(command: &mut Command) -> Result<String, Error> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
