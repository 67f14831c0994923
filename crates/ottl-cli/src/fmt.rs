//! `ottl fmt`: statements and conditions in the standard form, which the library makes.

use ottl::{Compiler, StandardForm, Unformatted, standard_form};

use crate::args::FmtArguments;
use crate::failure::{Failure, Status};
use crate::rewrite::{self, Left, Mode, Rewritten, print_out};

/// Runs the verb.
pub fn fmt(arguments: &FmtArguments) -> Result<Status, Failure> {
    if let Some(text) = &arguments.statement {
        return one(text, arguments.check);
    }
    let mode = Mode::of(arguments.check, arguments.stdout, arguments.diff);
    let compiler = Compiler::new();
    rewrite::files(&arguments.files, mode, "not in the standard form", |name, text| {
        let formatted = compiler.format(text, arguments.width);
        let formatted = formatted.map_err(|why| Failure::Refused(format!("{name}: {why}")))?;
        let left = |Unformatted { at, why, is_error }| Left { at, why, is_error };
        Ok(Rewritten { text: formatted.text, left: formatted.left.into_iter().map(left).collect() })
    })
}

/// A statement or condition from the command line.
fn one(text: &str, check: bool) -> Result<Status, Failure> {
    match standard_form(text, None) {
        StandardForm::Text(form) if check => Ok(if form == text { Status::Done } else { Status::Failed }),
        StandardForm::Text(form) => print_out(&format!("{form}\n")),
        StandardForm::Left { why, offset, .. } => Err(Failure::Refused(format!("column {}: {why}", offset + 1))),
    }
}
