//! What fails, as commands of a workflow of GitHub: each makes an annotation in the case file, or in the rules.

use std::fmt::Write as _;

use super::text::{causes, plain};
use super::{Broken, Results, Tested, Tried};
use crate::check;
use crate::github::{data, file, property};
use crate::terminal;

/// A command on a line for each finding.
pub fn commands(results: &Results<'_>) -> String {
    let mut out = String::new();
    for Tested { suite, tried } in &results.tested {
        for Tried { case, verdict } in tried {
            let Ok(verdict) = verdict else { continue };
            for finding in &verdict.findings {
                let _ = writeln!(
                    out,
                    "::error {}line={},col={},title={}::{}",
                    file(suite.file()),
                    finding.at.line,
                    finding.at.column,
                    property(&suite.cases()[*case].name),
                    data(&plain(finding)),
                );
            }
        }
    }
    for found in causes(results) {
        check::github::of(found, &mut out);
    }
    for Broken { name, why, .. } in &results.broken {
        if let Err(failure) = why {
            terminal::failure(failure);
            let _ = writeln!(out, "::error {}title=not read::{}", file(name), data(&failure.to_string()));
        }
    }
    out
}
