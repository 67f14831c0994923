//! Builds a binary for release with a profile of the workloads of `benches` (profile-guided optimisation): the rows, processor bodies
//! as teams have them, and each function.
//!
//! The compiler puts what runs together and inlines what is called often, which for this engine is worth a fifth: its hot path
//! goes through many functions of other crates. Nothing is kept of a profile: it belongs to the very sources and compiler that
//! it was made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use lexopt::ValueExt as _;

use crate::{Outcome, repository};

type Error = Box<dyn std::error::Error>;

/// Records of the messages of each workload, which reach what is done for a message and what is done for a record.
const RECORDS: [&str; 2] = ["1", "512"];

/// Seconds that a row runs, once for each of these and each order of fields.
const SECONDS: &str = "0.15";

/// The same of a processor body or function: there are many, and together they must not run longer than the rows, which would cost
/// messages of one record a tenth.
const SECONDS_OF_OTHERS: &str = "0.005";

/// How often the families of statements are compiled.
const COMPILED: &str = "2";

/// Runs the command.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    let (mut package, mut target, mut features) = ("ottl-cli".to_owned(), None, String::new());
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("package") | lexopt::Arg::Short('p') => package = arguments.value()?.string()?,
            lexopt::Arg::Long("features") => features = arguments.value()?.string()?,
            lexopt::Arg::Long("target") => target = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let version = text(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not name its host")?;
    let target = target.unwrap_or_else(|| host.to_owned());
    let folder = repository::root().join("target/pgo");
    let (raw, merged) = (folder.join("raw"), folder.join("merged.profdata"));
    let tool = profdata(host)?;
    if raw.exists() {
        std::fs::remove_dir_all(&raw)?;
    }
    std::fs::create_dir_all(&raw)?;
    let program = build(&folder, &target, ("ottl-benches", ""), &format!("-Cprofile-generate={}", raw.display()))?;
    eprintln!("running");
    let counted = text(Command::new(&program).arg("--counted"))?;
    let is_row = |name: &str| counted.lines().any(|line| line.split(' ').next() == Some(name));
    for name in text(Command::new(&program).arg("--profiled"))?.lines() {
        let seconds = if is_row(name) { SECONDS } else { SECONDS_OF_OTHERS };
        let mut command = Command::new(&program);
        // What is not in the profile is made small in place of fast, and a Collector writes the other order.
        command.args(["--row", name, "--engine-only", "--both-orders", "--rounds", "1", "--seconds", seconds]);
        for records in RECORDS {
            command.args(["--records", records]);
        }
        text(&mut command)?;
    }
    eprintln!("compiling");
    text(Command::new(&program).args(["--compile", "", "--rounds", COMPILED]))?;
    let profiles =
        std::fs::read_dir(&raw)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    text(Command::new(tool).args(["merge", "-o"]).arg(&merged).args(profiles))?;
    let built = build(&folder, &target, (&package, &features), &format!("-Cprofile-use={}", merged.display()))?;
    println!("{}", built.display());
    Ok(())
}

/// Builds a binary of a package with these features and this flag of the compiler; a target is named so that build scripts do not get the flag.
fn build(folder: &Path, target: &str, (package, features): (&str, &str), flag: &str) -> Result<PathBuf, Error> {
    eprintln!("building {package} with {}", flag.split('=').next().unwrap_or(flag));
    let flags = std::env::var("RUSTFLAGS").map_or_else(|_| flag.to_owned(), |flags| format!("{flags} {flag}"));
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--locked", "--profile", "dist", "--package", package, "--target", target])
        .args(["--features", features])
        .env("CARGO_TARGET_DIR", folder)
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTFLAGS", flags)
        .current_dir(repository::root())
        .status()?;
    if !status.success() {
        return Err(format!("{package} was not built").into());
    }
    let name = if package == "ottl-cli" { "ottl" } else { package };
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(folder.join(target).join("dist").join(name))
}

/// The compiler's own tool for profiles.
fn profdata(host: &str) -> Result<PathBuf, Error> {
    let root = text(Command::new("rustc").args(["--print", "sysroot"]))?;
    let name = format!("llvm-profdata{}", std::env::consts::EXE_SUFFIX);
    let tool = Path::new(root.trim()).join("lib/rustlib").join(host).join("bin").join(name);
    match tool.exists() {
        true => Ok(tool),
        false => Err("there is no llvm-profdata: `rustup component add llvm-tools` brings it".into()),
    }
}

/// What a command prints.
fn text(command: &mut Command) -> Result<String, Error> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
