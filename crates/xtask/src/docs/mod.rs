//! `docs`: the pages of the book, and the book where mdBook is installed.
//!
//! The book is made of what the repository has for its readers: `docs/`, `spec/`, the rows of functions and paths, the pages of codes, the
//! help of the command. Nothing of it is committed twice: pages are made when the book is built. `docs/SUMMARY.md` says which pages there
//! are.
//!
//! - [`book`]: which pages there are, and where; [`told`]: what the command says of itself.
//! - [`page`]: how a text becomes a page: links, code. [`colour`]: code with colours.
//! - [`tries`], [`share`], [`layout`]: links that open the playground.

mod book;
mod colour;
mod layout;
mod links;
mod page;
mod share;
mod told;
mod tries;

use std::path::Path;
use std::process::Command;

use crate::{Outcome, repository};
use book::Book;
use told::Told;

/// Below the repository.
const FOLDER: &str = "target/docs";

/// How mdBook is had.
const INSTALL: &str = "cargo install --locked mdbook";

/// Runs `cargo xtask docs [--repository URL] [--playground PATH]`.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    use lexopt::ValueExt as _;

    let mut repository_url: Option<String> = None;
    let mut playground = "../playground/".to_owned();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("repository") => repository_url = Some(arguments.value()?.string()?),
            lexopt::Arg::Long("playground") => playground = arguments.value()?.string()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let root = repository::root();
    let book = Book::gather(&root, &Told::ask(&root)?, repository_url.as_deref(), &playground)?;
    let dead = book.dead_links();
    if !dead.is_empty() {
        return Err(format!("links that lead nowhere:\n  {}", dead.join("\n  ")).into());
    }
    let folder = root.join(FOLDER);
    book.write(&folder)?;
    println!("{} pages in {FOLDER}/src", book.pages.len());
    build(&folder)
}

/// Builds the book if that can be done here.
fn build(folder: &Path) -> Outcome {
    match Command::new("mdbook").arg("build").arg(folder).status() {
        Ok(status) if status.success() => {
            println!("{FOLDER}/book/index.html");
            Ok(())
        }
        Ok(status) => Err(format!("mdbook: {status}").into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("mdbook is not installed, so these are all; `{INSTALL}` installs it");
            Ok(())
        }
        Err(error) => Err(format!("mdbook: {error}").into()),
    }
}
