//! The `ottl` command: runs, checks, formats and measures OTTL rules.
//!
//! - `args`: what can be asked, and the help.
//! - `run`, `check`, `diff`, `explain`, `fmt`, `migrate`, `convert`, `bench`, `functions`, `lsp`, `test`, `playground`: one module for each verb.
//! - `rewrite`: files of rules that a verb rewrites; `mend`: those of `check --fix`.
//! - `rules`: the text of rules (`source`) to programs; the only module that compiles.
//! - `records`, `changes`: count and show what changes.
//! - `messages`: messages one by one, for verbs that write none.
//! - `trace`: `run --trace`.
//! - `limits`: what `--max` sets.
//! - `input`: messages out of files and streams (`libzstd`: compressed ones).
//! - `junit`, `github`: forms of results that several verbs write; `markup`: texts in XML and HTML.
//! - `replace`, `apart`: files that are replaced, and which must not be one another.
//! - `failure`, `terminal`, `interrupt`: how a run ends, what people see, and what an interruption leaves.
//!
//! INVARIANT: only here are files, threads, terminals and the host's clock touched; what rules mean is decided in the
//! libraries.

mod apart;
mod args;
mod bench;
mod changes;
mod check;
mod content;
mod convert;
mod diff;
mod explain;
mod failure;
mod fmt;
mod folders;
mod functions;
mod github;
mod input;
mod interrupt;
mod junit;
mod libzstd;
mod limits;
mod lsp;
mod markup;
mod mend;
mod messages;
mod migrate;
mod pages;
mod playground;
mod records;
mod referenced;
mod replace;
mod rewrite;
mod rules;
mod run;
mod source;
mod terminal;
mod test;
mod trace;

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;

use args::{Arguments, Verb};
use failure::{Failure, Status, print};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    if arguments.asks_for_limits() {
        return print(limits::help().as_bytes()).map_or_else(|failure| failure.status(), |()| Status::Done).into();
    }
    let result = match &arguments.verb {
        Verb::Run(arguments) => run::run(arguments),
        Verb::Check(arguments) => check::check(arguments),
        Verb::Diff(arguments) => diff::diff(arguments),
        Verb::Explain(arguments) => explain::explain(arguments),
        Verb::Test(arguments) => test::test(arguments),
        Verb::Fmt(arguments) => fmt::fmt(arguments),
        Verb::Migrate(arguments) => migrate::migrate(arguments),
        Verb::Convert(arguments) => convert::convert(arguments),
        Verb::Bench(arguments) => bench::bench(arguments),
        Verb::Functions(arguments) => functions::functions(arguments),
        Verb::Lsp(arguments) => lsp::lsp(arguments),
        Verb::Playground(arguments) => playground::playground(arguments),
        Verb::Man { output_dir } => man(output_dir.as_deref()),
        Verb::Completions { shell } => completions(*shell),
    };
    match result {
        Ok(status) => status.into(),
        // Who reads the output has seen enough; that is no failure.
        Err(Failure::ClosedPipe) => Status::Done.into(),
        Err(failure) => {
            terminal::failure(&failure);
            failure.status().into()
        }
    }
}

/// The manual page of the command, or the pages of all verbs in a folder.
fn man(folder: Option<&Path>) -> Result<Status, Failure> {
    let command = Arguments::command();
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let written = clap_mangen::Man::new(command).render(&mut page);
        written.map_err(|error| Failure::write("the page", error))?;
        return print(&page).map(|()| Status::Done);
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.map_err(|error| Failure::write_file(folder.display(), error)).map(|()| Status::Done)
}

fn completions(shell: clap_complete::Shell) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "ottl", &mut script);
    print(&script).map(|()| Status::Done)
}
