//! Development commands of this repository, run as `cargo xtask COMMAND`.
//!
//! Each command is one file (or folder) and one row of [`COMMANDS`]. Nothing here is shipped.

mod chart;
mod codegen;
mod data;
#[cfg(feature = "diff")]
mod diff;
#[cfg(feature = "book")]
mod docs;
mod golden;
mod instructions;
mod pgo;
#[cfg(feature = "pprof")]
mod pprof;
mod repository;
mod tidy;

use std::process::ExitCode;

#[cfg(feature = "diff")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a command may end with: nothing, or a text for the developer.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// One command: its name, a line of help, and what to run with the remaining arguments.
struct Command {
    name: &'static str,
    help: &'static str,
    run: fn(lexopt::Parser) -> Outcome,
}

const COMMANDS: &[Command] = &[
    #[cfg(feature = "diff")]
    Command {
        name: "agree",
        help: "[--programs N] [--seed S] [--kind any|single|equalities|keys|mixed|patterns|computed|repeated] [--jobs J] [--show K]  random programs: both engines against each other",
        run: diff::agree::run,
    },
    Command {
        name: "chart",
        help: "RESULTS.json [--out FILE]  draw results of ottl-benches --json: cost of a record over the number of statements of the families (benches/families.svg)",
        run: chart::run,
    },
    Command {
        name: "codegen",
        help: "[--check]  write (or compare) the lists of functions in ottl-functions and the pages made of tables in spec/",
        run: codegen::run,
    },
    Command {
        name: "data",
        help: "[--check]  write (or compare) the data of the reference's libraries in crates/ottl-core/data (Go)",
        run: data::run,
    },
    #[cfg(feature = "diff")]
    Command {
        name: "diff",
        help: "[--programs N] [--seed S] [--kind any|single|equalities|keys|mixed|patterns|computed|repeated] [--jobs J] [--show K] [--limit SECONDS] [--only TEXT]  random programs: reference against engines; what the reference does not answer within the limit (10) is given up",
        run: diff::run,
    },
    #[cfg(feature = "book")]
    Command {
        name: "docs",
        help: "[--repository URL] [--playground PATH]  make the pages of the book in target/docs, check their links, and build it if mdbook is installed; links to files behind URL, to the playground at PATH (../playground/)",
        run: docs::run,
    },
    Command {
        name: "golden",
        help: "[--check] [FAMILY...]  ask the reference all cases of tests/golden and write (or compare) the vectors",
        run: golden::run,
    },
    Command {
        name: "instructions",
        help: "[--row R]... [--base COMMIT] [--limit PERCENT] [--write]  instructions and copied bytes per record of the workloads of benches, compared with a commit's or with benches/instructions.json (or written there); needs valgrind",
        run: instructions::run,
    },
    Command {
        name: "pgo",
        help: "[--package P] [--features F] [--target T]  build a binary (ottl-cli) for release with a profile of the workloads of benches; prints where it is; needs rustup's llvm-tools",
        run: pgo::run,
    },
    #[cfg(feature = "pprof")]
    Command {
        name: "pprof",
        help: "[--write]  profiles that Go writes, there and back: Go's pprof tool has to read the same of both (Go)",
        run: pprof::run,
    },
    Command { name: "tidy", help: "check the rules of the house that no compiler checks", run: tidy::run },
];

fn main() -> ExitCode {
    let mut arguments = lexopt::Parser::from_env();
    let name = match arguments.next() {
        Ok(Some(lexopt::Arg::Value(name))) => name,
        Ok(_) => return usage(),
        Err(error) => return failed(&error),
    };
    let Some(command) = COMMANDS.iter().find(|c| name == c.name) else {
        return usage();
    };
    match (command.run)(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("xtask: {error}");
    ExitCode::FAILURE
}

fn usage() -> ExitCode {
    eprintln!("usage: cargo xtask COMMAND");
    for command in COMMANDS {
        eprintln!("  {} {}", command.name, command.help);
    }
    ExitCode::from(2)
}
