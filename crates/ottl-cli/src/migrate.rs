//! `ottl migrate`: older forms of rules in the newest one.

use crate::args::{MigrateArguments, ReportForm};
use crate::failure::{Failure, Status};
use crate::rewrite::{self, Left, Mode, Rewritten};
use crate::source::Source;
use crate::{referenced, rules};

/// Runs the verb.
pub fn migrate(arguments: &MigrateArguments) -> Result<Status, Failure> {
    let compiler = rules::compiler(&arguments.rules)?;
    rewrite::files(
        &arguments.files,
        Mode::of(arguments.check, arguments.stdout, false),
        "in an older form",
        |name, text| {
            let migrated = referenced::for_file(&compiler, &arguments.rules, name).migrate(text).map_err(|error| {
                rules::show(&Source::file(name.to_owned(), text.to_owned()), error.diagnostics(), ReportForm::Text);
                Failure::Refused(format!("{name}: only rules without errors are rewritten"))
            })?;
            let stays = |(at, why): (_, &str)| Left { at, why: format!("stays as it is: {why}"), is_error: false };
            Ok(Rewritten { left: migrated.left().map(stays).collect(), text: migrated.text().to_owned() })
        },
    )
}
