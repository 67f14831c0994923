//! The fields of a message in runs, in the order in which JSON shows them: what the writer does before it writes.
//!
//! INVARIANT: a run is contiguous, and its fields are checked; of a oneof one field is left.

use std::ops::Range;

use super::write::{Level, Writer};
use crate::schema::{DEPRECATED_SCOPES, Kind, MAX_DEPTH, MessageDef, Presence, SCOPES, check_value, validate_nested};
use crate::wire::{Reader, WireError, WireErrorKind};

/// Neighbouring fields of one number: where they stand in the whole message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Index of the field in the schema of its message.
    pub(super) field: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Writer<'_, '_> {
    /// Sorts the fields of one message, or of one part of a message that arrived in parts, into runs.
    pub(super) fn scan(&mut self, def: &'static MessageDef, range: Range<usize>) -> Result<(), WireError> {
        let base = range.start;
        let first = self.runs.len();
        let mut reader = Reader::new(&self.message[range]);
        while let Some(field) = reader.next_field().map_err(|error| error.offset_by(base))? {
            let Some(index) = def.index_of(field.number) else {
                continue;
            };
            check_value(&def.fields[index], &field).map_err(|error| error.offset_by(base))?;
            let (start, end) = (base + field.start, base + field.end);
            // INVARIANT: a run is contiguous; unknown fields between two equal ones split it.
            match self.runs[first..].last_mut() {
                Some(last) if last.field == index && last.end == start => last.end = end,
                _ => self.runs.push(Run { field: index, start, end }),
            }
        }
        Ok(())
    }

    /// Brings the runs of a message, all scanned, into the order of its JSON members; the message lies in so many others.
    pub(super) fn finish_scan(&mut self, level: &mut Level, parents: usize) -> Result<(), WireError> {
        self.settle_oneof(level, parents)?;
        self.settle_deprecated_scopes(level, parents)?;
        level.runs_end = self.runs.len();
        let runs = &mut self.runs[level.first_run..];
        if !runs.is_sorted_by_key(|run| run.field) {
            // Stable: elements of a list and parts of a message keep their wire order.
            runs.sort_by_key(|run| run.field);
        }
        Ok(())
    }

    /// Of the members of a oneof only the last on the wire counts, and of that only its last occurrence.
    fn settle_oneof(&mut self, level: &Level, parents: usize) -> Result<(), WireError> {
        let is_oneof = |run: &Run| level.def.fields[run.field].presence == Presence::Oneof;
        let Some(last) = self.runs[level.first_run..].iter().rposition(is_oneof) else {
            return Ok(());
        };
        let last = level.first_run + last;
        let mut reader = Reader::new(&self.message[self.runs[last].start..self.runs[last].end]);
        let mut start = 0;
        while let Ok(Some(field)) = reader.next_field() {
            start = field.start;
        }
        let first = self.runs[last];
        let keep = first.start + start;
        self.check_left_out(level, Run { end: keep, ..first }, parents)?;
        for index in level.first_run..last {
            if is_oneof(&self.runs[index]) {
                self.check_left_out(level, self.runs[index], parents)?;
            }
        }
        self.runs[last].start = keep;
        retain_from(&mut self.runs, level.first_run, |run| !is_oneof(run) || run.start == keep);
        Ok(())
    }

    /// Scopes in the deprecated field count where there are no others.
    fn settle_deprecated_scopes(&mut self, level: &Level, parents: usize) -> Result<(), WireError> {
        let Some(deprecated) = level.def.index_of(DEPRECATED_SCOPES) else {
            return Ok(());
        };
        let Some(scopes) = level.def.index_of(SCOPES) else {
            return Ok(());
        };
        let own = &mut self.runs[level.first_run..];
        if !own.iter().any(|run| run.field == scopes) {
            own.iter_mut().filter(|run| run.field == deprecated).for_each(|run| run.field = scopes);
            return Ok(());
        }
        for index in level.first_run..self.runs.len() {
            if self.runs[index].field == deprecated {
                self.check_left_out(level, self.runs[index], parents)?;
            }
        }
        retain_from(&mut self.runs, level.first_run, |run| run.field != deprecated);
        Ok(())
    }

    /// Checks messages that are not written: damage in them is damage, too.
    fn check_left_out(&self, level: &Level, run: Run, parents: usize) -> Result<(), WireError> {
        let Kind::Message(id) = level.def.fields[run.field].kind else {
            return Ok(());
        };
        let mut reader = Reader::new(&self.message[run.start..run.end]);
        while let Some(field) = reader.next_field()? {
            if parents + 1 >= MAX_DEPTH {
                return Err(WireError::new(WireErrorKind::TooDeep, run.start + field.start));
            }
            let at = run.start + field.content_start();
            let content = &self.message[at..run.start + field.end];
            validate_nested(id.def(), content, parents + 1).map_err(|error| error.offset_by(at))?;
        }
        Ok(())
    }
}

/// `Vec::retain` for the tail from `first` on: its cost must not grow with the runs of enclosing messages.
fn retain_from(runs: &mut Vec<Run>, first: usize, keep: impl Fn(&Run) -> bool) {
    let mut at = first;
    for index in first..runs.len() {
        let run = runs[index];
        if keep(&run) {
            runs[at] = run;
            at += 1;
        }
    }
    runs.truncate(at);
}
