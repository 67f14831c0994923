//! Instructions and copied bytes per record of each workload of `benches`, counted by valgrind and compared with another
//! commit's.
//!
//! Time on a shared machine varies by a quarter from run to run; instructions of a run without chance vary by less than one
//! in a thousand. Copied bytes are what goes through `memcpy` and `memmove`: short copies of fixed size, which compilers
//! make loads and stores of, are not in it. What a run takes before its first round does not count: a run of one round is
//! taken from one of several.
//! Deliberately elsewhere: what the workloads are (`ottl-benches`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::{Outcome, repository};

type Error = Box<dyn std::error::Error>;

/// Records of the message that a row of a program runs over which does not say how many it should have.
const RECORDS: u32 = 2048;

/// Rounds of the shorter and of the longer run.
const ROUNDS: [u32; 2] = [1, 4];

/// The same where messages have one record: they take so little that what the program itself does in a round would show.
const ROUNDS_OF_ONE: [u32; 2] = [100, 1100];

/// A row that takes less than a few instructions or bytes per record is no slower by a part of one.
const SLACK: f64 = 1.0;

/// The same where messages have one record, instructions and bytes: a little depends on where the allocator puts things (70
/// instructions and 8 bytes more or less were seen in builds of the same code).
const SLACK_OF_ONE: [f64; 2] = [100.0, 16.0];

/// The counts in the repository: `benches/instructions.json`.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Counts {
    /// What was counted.
    commit: String,
    /// The compiler that built it.
    rustc: String,
    /// Instructions per record of each row.
    rows: BTreeMap<String, f64>,
    /// Copied bytes per record of each row.
    #[serde(default)]
    copied: BTreeMap<String, f64>,
}

/// A tool of valgrind, and what it counts.
#[derive(Clone, Copy)]
enum Tool {
    Instructions,
    Copied,
}

impl Tool {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Tool::Instructions => &["--tool=callgrind", "--callgrind-out-file=/dev/null"],
            Tool::Copied => &["--tool=dhat", "--mode=copy", "--dhat-out-file=/dev/null"],
        }
    }

    /// The count in the tool's last words.
    fn count(self, log: &str) -> Option<f64> {
        let word = match self {
            Tool::Instructions => "Collected :",
            Tool::Copied => "Total:",
        };
        let count = log.lines().find_map(|line| line.split_once(word)?.1.split_whitespace().next())?;
        count.replace(',', "").parse().ok()
    }
}

/// A program of the workloads.
struct Program {
    file: PathBuf,
    /// What it can count: names of rows and how many records their messages have.
    rows: Vec<(String, u32)>,
    /// What keeps loops written by hand out of its runs.
    arguments: &'static [&'static str],
}

impl Program {
    /// Asks a program what it can count. Those of older commits only list their rows, among other lines, in their help.
    fn new(file: PathBuf) -> Result<Program, Error> {
        let help = output(Command::new(&file).arg("--help"))?;
        if help.contains("--counted") {
            let list = output(Command::new(&file).arg("--counted"))?;
            let rows = list.lines().map(|line| {
                let (name, records) = line.split_once(' ').ok_or_else(|| format!("no row: {line}"))?;
                Ok::<_, Error>((name.to_owned(), records.parse()?))
            });
            return Ok(Program { file, rows: rows.collect::<Result<_, _>>()?, arguments: &["--engine-only"] });
        }
        let names = help.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
        Ok(Program { rows: names.map(|name| (name.to_owned(), RECORDS)).collect(), file, arguments: &[] })
    }

    /// Instructions or bytes per record of a row of a program, which may be this one; none if this one does not have it.
    fn count(&self, (row, records): &(String, u32), tool: Tool) -> Result<Option<f64>, Error> {
        let mut of_row = self.rows.iter().filter(|(name, _)| name == row).map(|(_, records)| *records);
        let Some(first) = of_row.next() else { return Ok(None) };
        // Messages of one record can be counted of every row, also of programs that do not list that.
        let records =
            if *records == 1 { 1 } else { of_row.chain([first]).find(|records| *records != 1).unwrap_or(first) };
        let rounds = if records == 1 { ROUNDS_OF_ONE } else { ROUNDS };
        let [one, several] = rounds.map(|rounds| {
            Command::new("valgrind")
                .args(tool.arguments())
                .arg(&self.file)
                .args(self.arguments)
                .args(["--seconds", "0", "--records", &records.to_string(), "--rounds", &rounds.to_string()])
                .args(["--row", row])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
        });
        let [one, several] = [one?.wait_with_output()?, several?.wait_with_output()?].map(|run| {
            let log = String::from_utf8_lossy(&run.stderr).into_owned();
            match tool.count(&log) {
                Some(count) if run.status.success() => Ok(count),
                _ => Err(format!("{row} cannot be counted: {log}")),
            }
        });
        Ok(Some((several? - one?) / f64::from(records * (rounds[1] - rounds[0]))))
    }
}

/// What the counts of a row are called: those of messages of one record stand beside the ones of many.
fn key((name, records): &(String, u32)) -> String {
    if *records == 1 { format!("{name}/1") } else { name.clone() }
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
    let program = Program::new(build(&root, &root.join("target"))?)?;
    if let Some(unknown) =
        options.rows.iter().find(|asked| program.rows.iter().all(|row| row.0 != **asked && key(row) != **asked))
    {
        let names: Vec<_> = program.rows.iter().map(|(name, _)| name.as_str()).collect();
        return Err(format!("no row is called {unknown}; the rows are {}", names.join(", ")).into());
    }
    let (before, base) = match &options.base {
        Some(base) => {
            let commit =
                output(git(&root).args(["rev-parse", "--short=12", "--verify"]).arg(format!("{base}^{{commit}}")))?;
            let base = Program::new(base_program(&root, &commit, &rustc)?)?;
            (Counts { commit, rustc: rustc.clone(), ..Counts::default() }, Some(base))
        }
        None if file.exists() => (serde_json::from_slice(&std::fs::read(&file)?)?, None),
        None => (Counts::default(), None),
    };
    println!(
        "| row | instructions ({}) | now | % | copied bytes | now | % |\n|---|---|---|---|---|---|---|",
        before.commit
    );
    let mut after = Counts { rustc, ..Counts::default() };
    let mut slower = Vec::new();
    for row in &program.rows {
        let name = &key(row);
        if !options.rows.is_empty() && ![name, &row.0].iter().any(|name| options.rows.contains(name)) {
            continue;
        }
        print!("| {name} |");
        for (tool, was, now) in
            [(Tool::Instructions, &before.rows, &mut after.rows), (Tool::Copied, &before.copied, &mut after.copied)]
        {
            let was = match &base {
                Some(base) => base.count(row, tool)?,
                None => was.get(name).copied(),
            };
            let counted = || program.count(row, tool)?.ok_or_else(|| Error::from(format!("{name} is not counted")));
            let slack = match (row.1, tool) {
                (1, Tool::Instructions) => SLACK_OF_ONE[0],
                (1, Tool::Copied) => SLACK_OF_ONE[1],
                _ => SLACK,
            };
            let mut count = counted()?;
            if was.is_some_and(|was| is_slower(was, count, options.limit, slack)) {
                // One count of some thousand was out of line by 4 %, on a busy machine, and never again.
                count = count.min(counted()?);
            }
            match was {
                Some(was) => {
                    print!(" {was:.1} | {count:.1} | {:+.1} |", percent(was, count));
                    if is_slower(was, count, options.limit, slack) && !slower.contains(name) {
                        slower.push(name.clone());
                    }
                }
                None => print!(" - | {count:.1} | - |"),
            }
            now.insert(name.clone(), (count * 10.0).round() / 10.0);
        }
        println!();
    }
    if options.write {
        after.commit = output(git(&root).args(["rev-parse", "--short=12", "HEAD"]))?;
        let mut text = serde_json::to_string_pretty(&after)?;
        text.push('\n');
        std::fs::write(file, text)?;
        return Ok(());
    }
    if slower.is_empty() {
        return Ok(());
    }
    let text = format!("more by over {} %: {}", options.limit, slower.join(", "));
    if !before.rustc.is_empty() && before.rustc != after.rustc {
        eprintln!("xtask: {text}; but those counts were made with {}, these with {}", before.rustc, after.rustc);
        return Ok(());
    }
    Err(text.into())
}

fn percent(before: f64, after: f64) -> f64 {
    (after / before - 1.0) * 100.0
}

fn is_slower(before: f64, after: f64, limit: f64, slack: f64) -> bool {
    after - before > slack && percent(before, after) > limit
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

/// Builds the program of the workloads as it is shipped: with the profile `dist`, which was called `release` once.
fn build(root: &Path, target: &Path) -> Result<PathBuf, Error> {
    let has_dist = std::fs::read_to_string(root.join("Cargo.toml"))?.contains("[profile.dist]");
    let profile = if has_dist { "dist" } else { "release" };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--profile", profile, "--locked", "--package", "ottl-benches", "--target-dir"])
        .arg(target)
        .current_dir(root)
        .status()
        .map_err(|e| format!("cannot run cargo: {e}"))?;
    if !status.success() {
        return Err(format!("ottl-benches does not build in {}", root.display()).into());
    }
    Ok(target.join(profile).join("ottl-benches"))
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
    use super::{SLACK, Tool, is_slower};

    #[test]
    fn counts_are_read_from_the_log() {
        let log = "==7== Events    : Ir\n==7== Collected : 13214567\n==7== \n==7== I   refs:      13,214,567\n";
        assert_eq!(Tool::Instructions.count(log), Some(13_214_567.0));
        let log = "==7== \n==7== Total:     7,115,933 bytes in 114,883 blocks\n";
        assert_eq!(Tool::Copied.count(log), Some(7_115_933.0));
        assert_eq!(Tool::Copied.count("==7== killed\n"), None);
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
            assert_eq!(is_slower(before, after, 2.0, SLACK), slower, "{before} {after}");
        }
    }
}
