//! Which statements the cases ran, and which sides of their conditions they met: counted, and in three forms.
//!
//! - `text`: what was not met, for people; `lcov`: for editors and services; `html`: a page with the rules.

mod html;
mod lcov;
mod text;

use std::path::Path;

use ottl::testing::{Coverage, Share};

use crate::args::TestArguments;
use crate::failure::{Failure, is_standard, print};

pub use text::report;

/// Writes the forms that go to files.
///
/// # Errors
/// One cannot be written.
pub fn write(coverage: &Coverage, arguments: &TestArguments) -> Result<(), Failure> {
    if let Some(path) = &arguments.lcov {
        put(path, &lcov::report(coverage))?;
    }
    arguments.html.as_ref().map_or(Ok(()), |path| put(path, &html::page(coverage)))
}

fn put(path: &Path, text: &str) -> Result<(), Failure> {
    if is_standard(path) {
        return print(text);
    }
    std::fs::write(path, text).map_err(|error| Failure::write_file(path.display(), error))
}

/// `4 of 5`, with the share of it.
fn share(share: Share) -> String {
    let Share { met, all } = share;
    match all {
        0 => "none".to_owned(),
        all => format!("{met} of {all} ({} %)", met * 100 / all),
    }
}
