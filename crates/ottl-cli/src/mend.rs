//! `ottl check --fix` and `--diff`: the fixes of what is found, written or shown.
//!
//! Deliberately elsewhere: which fixes there are (`ottl`), and how files are replaced (`rewrite`).

use ottl::Mended;

use crate::args::{CheckArguments, ReportForm};
use crate::failure::{Failure, Status};
use crate::rewrite::{self, Mode, Rewritten};
use crate::source::Source;
use crate::{referenced, rules, terminal};

/// Runs the verb. What has no fix is said as always, and errors among it count as always.
pub fn mend(arguments: &CheckArguments) -> Result<Status, Failure> {
    let compiler = rules::compiler(&arguments.rules)?;
    let mode = if arguments.diff { Mode::Diff } else { Mode::Write };
    let mut bad = Status::Done;
    let mut mend_one = |name: &str, text: &str| {
        let mended = referenced::for_file(&compiler, &arguments.rules, name).mend(text);
        if !arguments.quiet && mode == Mode::Write {
            terminal::plain(told(name, &mended));
        }
        let left = mended.left();
        if left.has_errors() || !arguments.quiet {
            rules::show(&Source::file(name.to_owned(), mended.text().to_owned()), left, ReportForm::Text);
        }
        bad = bad.worse(rules::status(left));
        Ok(Rewritten { text: mended.text().to_owned(), left: Vec::new() })
    };
    let status = rewrite::files(&arguments.files, mode, "", &mut mend_one)?;
    Ok(status.worse(bad))
}

/// A line for each fix.
fn told(name: &str, mended: &Mended) -> String {
    let mut out = String::new();
    for one in mended.done() {
        let place = format!("{name}:{}:{}: {}", one.location.line, one.location.column, one.code);
        let (old, new) = (one.old.trim_end(), one.new.trim_end());
        out.push_str(&match (old.is_empty(), new.is_empty()) {
            (true, _) => format!("{place}: added `{}`\n", new.trim_start()),
            (_, true) => format!("{place}: removed `{old}`\n"),
            _ => format!("{place}: `{old}` is now `{new}`\n"),
        });
    }
    out
}
