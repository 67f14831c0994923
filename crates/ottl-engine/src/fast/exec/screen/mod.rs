//! Screens at work: what one run knows of the records that they are asked about.

mod ask;
mod entered;
mod keys;
mod operands;
mod run;

use crate::fast::program::screen::{FIELDS, Identity};

/// What a screen says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No step has anything to do.
    Quiet,
    /// The steps whose bits are set in [`Screening::fire`] may have.
    Fired,
    /// Some steps are run on every record; what the others ask was not asked yet.
    Unasked,
    /// The record is not in canonical encoding: all may have.
    Unknown,
}

/// When a record is asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Time {
    /// When it was entered, with what is run on every record.
    Entered,
    /// After a write.
    Again,
}

/// Stands for the record that a key was seen in if no living step asks about it: later than all records.
const NO_READER: u32 = u32::MAX;

/// What one run knows about the current resource and scope, and memory for the questions.
#[derive(Debug, Default)]
pub(crate) struct Screening {
    /// Steps whose conditions on parents hold.
    pub alive: Vec<u64>,
    /// Steps that are run on every record of the scope.
    base: Vec<u64>,
    any_base: bool,
    /// Which steps were alive when what they need was counted last, and by which screen.
    counted: Vec<u64>,
    counted_by: Option<Identity>,
    /// How many attributes and which fields living steps ask about.
    keys_needed: u32,
    fields_needed: u32,
    /// By key: the number of the record that it was last seen in, or [`NO_READER`].
    seen: Vec<u32>,
    record: u32,
    /// Where the fields are that were asked about, by number.
    field_at: [(u32, u32); FIELDS as usize],
    /// The steps that the current record triggers.
    pub fire: Vec<u64>,
    /// Those of them that were triggered without an answer: whether their conditions hold is not known.
    pub unsure: Vec<u64>,
    /// The same of what was asked again after a write.
    pub again: [Vec<u64>; 2],
    /// The patterns of a set that match a text.
    found: Vec<u64>,
    /// How often values were computed again for the current record.
    computed_again: u32,
    /// Memory for a value that a step has written.
    any: Vec<u8>,
    /// Whether a condition on the resource or scope failed: no answer of this scope is the whole one.
    is_unsure_scope: bool,
    /// On how many records steps were run, or would not have done anything, and have not been counted as evaluated.
    pub visits: u64,
    /// By step: on how many of these it was the last one, because it dropped the record or failed.
    pub stops: Vec<u64>,
    /// Whether any was.
    pub has_stopped: bool,
    /// By group, if any has conditions: on how many of these they were asked.
    pub gates: Vec<GateCounts>,
}

/// On how many records the conditions of a group were asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GateCounts {
    pub asked: u64,
    /// On how many of these one of them held.
    pub opened: u64,
    /// On how many the message was given up.
    pub stopped: u64,
}
