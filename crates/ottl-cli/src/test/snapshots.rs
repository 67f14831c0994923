//! Files of snapshots: written where that was asked for, and what is said of those that belong to no case.

use super::Tested;
use super::files::{Loaded, Stored};
use crate::args::TestArguments;
use crate::failure::{Failure, Status, name_of};
use crate::{replace, terminal};

/// Writes the snapshots of a file's cases, if they were to be taken anew.
///
/// # Errors
/// The reader of the output is gone.
pub fn settle(loaded: &Loaded, tested: &Tested<'_>, arguments: &TestArguments) -> Result<Status, Failure> {
    let expecting = || loaded.suite.cases().iter().enumerate().filter(|(_, case)| case.expects_snapshot());
    // Where there is no place for a file, no case has a snapshot.
    let Some(Stored { path, text, read }) = &loaded.snapshots else { return Ok(Status::Done) };
    let name = name_of(path);
    if !arguments.update {
        let gone = read.names().filter(|name| !expecting().any(|(_, case)| case.name == *name)).count();
        if gone > 0 && !arguments.quiet {
            let what = if gone == 1 { "snapshot is" } else { "snapshots are" };
            terminal::plain(format!("note: {name}: {gone} {what} of no case: run `ottl test --update` to remove\n"));
        }
        return Ok(Status::Done);
    }
    let taken = |number: usize| {
        let tried = tested.tried.iter().find(|tried| tried.case == number)?;
        tried.verdict.as_ref().ok().filter(|verdict| verdict.passes())?.snapshot.as_ref()
    };
    let updated = read.updated(expecting().map(|(number, case)| (case.name.as_str(), taken(number))));
    if updated.text == *text {
        return Ok(Status::Done);
    }
    // Whoever puts a link beside a case file has no say about what it leads to.
    if path.is_symlink() {
        return Err(Failure::Failed(format!("{name}: is a link: snapshots are not written through one")));
    }
    let done = match &updated.text {
        Some(new) => replace::replace(path, new.as_bytes(), text.as_deref().map(str::as_bytes)),
        None => std::fs::remove_file(path).map_err(|error| Failure::write_file(path.display(), error)),
    };
    match done {
        Ok(()) if arguments.quiet => {}
        Ok(()) => {
            let what = if updated.text.is_some() { "written" } else { "removed" };
            let counts = [(updated.changed, "changed"), (updated.new, "new"), (updated.removed, "gone")];
            let counts = counts.map(|(count, what)| format!("{count} {what}")).join(", ");
            terminal::plain(format!("note: {name}: {what}: {counts}\n"));
        }
        Err(failure) => {
            terminal::failure(&failure);
            return Ok(failure.status());
        }
    }
    Ok(Status::Done)
}
