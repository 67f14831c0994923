//! `ottl playground`: the page of `wasm/playground`, served to a browser of this machine.
//!
//! - here: what the page is opened with, and where.
//! - `page`: the files of the page; `given`: the user's rules and data.
//! - `answer`: a request to an answer, without any I/O; `serve`: requests out of sockets.
//!
//! INVARIANT: nothing is served but the files of the page and what the user named, only to this machine, and only to who knows the
//! address.

mod answer;
mod given;
mod page;
mod serve;

use std::io::Write as _;

use answer::Site;
use given::Given;
use page::Page;

use crate::args::PlaygroundArguments;
use crate::failure::{Failure, Status};
use crate::terminal;

/// Runs the verb, until it is interrupted.
///
/// # Errors
/// The page, the rules or the data cannot be read, or the port is taken.
pub fn playground(arguments: &PlaygroundArguments) -> Result<Status, Failure> {
    let page = match &arguments.page {
        Some(folder) => Page::of_folder(folder)?,
        None => Page::embedded()?,
    };
    let given = Given::read(arguments)?;
    let server = serve::bind(arguments.port)?;
    let site = Site::new(page, given, server.port, secret()?);
    let address = site.address();
    let told = writeln!(std::io::stdout(), "{address}").and_then(|()| std::io::stdout().flush());
    told.map_err(|error| Failure::write("standard output", error))?;
    if !arguments.no_open
        && let Err(error) = open::that_detached(&address)
    {
        terminal::plain(format!("note: no browser could be opened: {error}\n"));
    }
    server.run(&site)
}

/// The part of the address that others do not know: whoever else works on this machine can reach the port.
fn secret() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::Failed(format!("the system has no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
