//! Instructions per record of each workload of `benches`, counted by callgrind and compared with another commit's.
//!
//! Time on a shared machine varies by a quarter from run to run; instructions of a run without chance vary by less than one
//! in a thousand. What a run takes before its first round does not count: a run of one round is taken from one of several.
//! Deliberately elsewhere: what the workloads are (`ottl-benches`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::{Outcome, repository};

type Error = Box<dyn std::error::Error>;

/// Records of the message that each row runs over.
const RECORDS: u32 = 2048;

/// Rounds of the longer run.
const ROUNDS: u32 = 4;

/// A row that takes less than a few instructions per record is no slower by a part of one.
const SLACK: f64 = 1.0;

/// The counts in the repository: `benches/instructions.json`.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Counts {
    /// What was counted.
    commit: String,
    /// The compiler that built it.
    rustc: String,
    /// Instructions per record of each row.
    rows: BTreeMap<String, f64>,
}

struct Options {
    rows: Vec<String>,
    base: Option<String>,
    /// By how many percent a row may be slower.
    limit: f64,
    write: bool,
}

fn options(mut arguments: lexopt::Parser) -> Result<Options, Error> {
    use lexopt::prelude::*;
    let mut found = Options { rows: Vec::new(), base: None, limit: 2.0, write: false };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("row") => found.rows.push(arguments.value()?.string()?),
            Long("base") => found.base = Some(arguments.value()?.string()?),
            Long("limit") => found.limit = arguments.value()?.parse()?,
            Long("write") => found.write = true,
            _ => return Err(argument.unexpected().into()),
        }
    }
    if found.write && (found.base.is_some() || !found.rows.is_empty()) {
        return Err("--write counts all rows of the working tree: without --row and --base".into());
    }
    Ok(found)
}

/// Runs `cargo xtask instructions [--row R]... [--base COMMIT] [--limit PERCENT] [--write]`.
pub fn run(arguments: lexopt::Parser) -> Outcome {
    let options = options(arguments)?;
    let root = repository::root();
    if output(Command::new("valgrind").arg("--version")).is_err() {
        return Err("valgrind is not installed; its tool callgrind counts the instructions".into());
    }
    if options.write && !output(git(&root).args(["status", "--porcelain", "--untracked-files=no"]))?.is_empty() {
        return Err("--write counts what is committed, and something is not".into());
    }
    let rustc = output(Command::new("rustc").arg("--version").current_dir(&root))?;
    let file = root.join("benches/instructions.json");
    let names = rows(&root, &options.rows)?;
    let before = match &options.base {
        Some(base) => {
            let commit =
                output(git(&root).args(["rev-parse", "--short=12", "--verify"]).arg(format!("{base}^{{commit}}")))?;
            let program = base_program(&root, &commit, &rustc)?;
            let listed = output(Command::new(&program).arg("--help"))?;
            let known = names.iter().filter(|name| listed.lines().any(|l| l.split_whitespace().next() == Some(name)));
            let rows = known.map(|name| Ok((name.clone(), count(&program, name)?))).collect::<Result<_, Error>>()?;
            Counts { commit, rustc: rustc.clone(), rows }
        }
        None if file.exists() => serde_json::from_slice(&std::fs::read(&file)?)?,
        None => Counts::default(),
    };
    if !before.rustc.is_empty() && before.rustc != rustc {
        eprintln!("xtask: the counts of the repository were made with {}, these are made with {rustc}", before.rustc);
    }
    let program = build(&root, &root.join("target"))?;
    println!("| row | before ({}) | after | % |\n|---|---|---|---|", before.commit);
    let mut after = BTreeMap::new();
    let mut slower = Vec::new();
    for name in names {
        let now = count(&program, &name)?;
        match before.rows.get(&name) {
            Some(&was) => {
                println!("| {name} | {was:.1} | {now:.1} | {:+.1} |", percent(was, now));
                if is_slower(was, now, options.limit) {
                    slower.push(name.clone());
                }
            }
            None => println!("| {name} | - | {now:.1} | - |"),
        }
        after.insert(name, (now * 10.0).round() / 10.0);
    }
    if options.write {
        let commit = output(git(&root).args(["rev-parse", "--short=12", "HEAD"]))?;
        let mut text = serde_json::to_string_pretty(&Counts { commit, rustc, rows: after })?;
        text.push('\n');
        std::fs::write(file, text)?;
        return Ok(());
    }
    if slower.is_empty() {
        return Ok(());
    }
    Err(format!("slower by more than {} %: {}", options.limit, slower.join(", ")).into())
}

fn percent(before: f64, after: f64) -> f64 {
    (after / before - 1.0) * 100.0
}

fn is_slower(before: f64, after: f64, limit: f64) -> bool {
    after - before > SLACK && percent(before, after) > limit
}

/// The names of the rows, all if none are asked for.
fn rows(root: &Path, asked: &[String]) -> Result<Vec<String>, Error> {
    let files = repository::files(&root.join("benches/definitions"), "yaml")?;
    let names: Vec<_> =
        files.iter().filter_map(|file| file.file_stem()).map(|name| name.to_string_lossy().into_owned()).collect();
    if let Some(unknown) = asked.iter().find(|name| !names.contains(name)) {
        return Err(format!("no row is called {unknown}; the rows are {}", names.join(", ")).into());
    }
    Ok(if asked.is_empty() { names } else { asked.to_vec() })
}

/// The program of another commit. It is built in a worktree of its own and kept under `target`, so that it is built once.
fn base_program(root: &Path, commit: &str, rustc: &str) -> Result<PathBuf, Error> {
    let version: String = rustc.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let folder = root.join("target/instructions");
    let kept = folder.join(format!("{commit}-{version}"));
    if kept.exists() {
        return Ok(kept);
    }
    let tree = folder.join("tree");
    std::fs::create_dir_all(&folder)?;
    let remove = || output(git(root).args(["worktree", "remove", "--force"]).arg(&tree));
    if tree.exists() {
        remove()?;
    }
    // Forced, because git still knows a worktree whose folder `cargo clean` took away.
    output(git(root).args(["worktree", "add", "--quiet", "--force", "--detach"]).arg(&tree).arg(commit))?;
    let built = build(&tree, &folder.join("build")).and_then(|program| Ok(std::fs::copy(program, &kept)?));
    remove()?;
    built.map(|_| kept)
}

/// Builds the program of the workloads.
fn build(root: &Path, target: &Path) -> Result<PathBuf, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--locked", "--package", "ottl-benches", "--target-dir"])
        .arg(target)
        .current_dir(root)
        .status()
        .map_err(|e| format!("cannot run cargo: {e}"))?;
    if !status.success() {
        return Err(format!("ottl-benches does not build in {}", root.display()).into());
    }
    Ok(target.join("release/ottl-benches"))
}

/// Instructions per record of a row.
fn count(program: &Path, row: &str) -> Result<f64, Error> {
    let [one, several] = [1, ROUNDS].map(|rounds| {
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args(["--seconds", "0", "--records", &RECORDS.to_string(), "--rounds", &rounds.to_string(), "--row", row])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
    });
    let [one, several] = [one?.wait_with_output()?, several?.wait_with_output()?].map(|run| {
        let log = String::from_utf8_lossy(&run.stderr).into_owned();
        match collected(&log) {
            Some(count) if run.status.success() => Ok(count),
            _ => Err(format!("{row} cannot be counted: {log}")),
        }
    });
    Ok((several? - one?) / f64::from(RECORDS * (ROUNDS - 1)))
}

/// The number of instructions in callgrind's last words.
fn collected(log: &str) -> Option<f64> {
    log.lines().find_map(|line| line.split_once("Collected :")?.1.split_whitespace().next()?.parse().ok())
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root);
    command
}

/// What a command writes, without blanks around it.
fn output(command: &mut Command) -> Result<String, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let run = command.output().map_err(|e| format!("cannot run {name}: {e}"))?;
    if !run.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&run.stderr).trim()).into());
    }
    Ok(String::from_utf8_lossy(&run.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{collected, is_slower};

    #[test]
    fn counts_are_read_from_the_log() {
        let log = "==7== Events    : Ir\n==7== Collected : 13214567\n==7== \n==7== I   refs:      13,214,567\n";
        assert_eq!(collected(log), Some(13_214_567.0));
        assert_eq!(collected("==7== killed\n"), None);
    }

    #[test]
    fn a_row_is_slower_beyond_the_limit() {
        for (before, after, slower) in [
            (5000.0, 5099.0, false),
            (5000.0, 5101.0, true),
            (5000.0, 4000.0, false),
            // Parts of an instruction are no difference.
            (6.7, 7.2, false),
            (6.7, 9.0, true),
        ] {
            assert_eq!(is_slower(before, after, 2.0), slower, "{before} {after}");
        }
    }
}
