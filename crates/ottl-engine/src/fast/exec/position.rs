//! [`Position`]: which records of the message are the current ones, counted while it is walked.
//!
//! INVARIANT: nothing is looked up in the message before somebody asks for a place, which only errors do.

use ottl_schema::{ContextId, Signal};

use crate::Place;
use crate::fast::flatten;
use crate::place::DEPTH;

/// The current records, by how many of each list on the way to them were entered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position<'a> {
    entered: [u32; DEPTH + 1],
    /// The field of the current metric that holds its points, once they are walked.
    pub data_field: u32,
    /// The message whose records were given groups of their own.
    before_flattening: Option<&'a [u8]>,
    /// Where the records were that have resources of their own, by the number of these.
    pub alone: &'a [[u32; DEPTH]],
}

impl<'a> Position<'a> {
    /// In front of everything in a message, whose records may have been given groups of their own; that is the message
    /// before.
    pub fn new(before_flattening: Option<&'a [u8]>) -> Position<'a> {
        Position { before_flattening, ..Position::default() }
    }

    /// Back to the front.
    pub fn restart(&mut self) {
        self.entered = Default::default();
    }

    /// Goes on where a walk over the same message has come to.
    pub fn go_on(&mut self, reached: Position<'_>) {
        self.entered = reached.entered;
        self.data_field = reached.data_field;
    }

    /// Enters the next record behind so many other lists: the lists inside it begin.
    #[inline]
    pub fn enter(&mut self, depth: usize) {
        self.entered[depth] += 1;
        self.entered[depth + 1] = 0;
    }

    /// The indexes of the current records in the lists that are walked; of those that are alone, where they were.
    pub fn indexes(&self) -> [u32; DEPTH] {
        let walked: [u32; DEPTH] = std::array::from_fn(|depth| self.entered[depth].saturating_sub(1));
        self.alone.get(walked[0] as usize).copied().unwrap_or(walked)
    }

    /// The place of the current record of a level.
    pub fn place(&self, signal: Signal, level: ContextId) -> Place {
        let mut at = self.indexes();
        if let Some(message) = self.before_flattening
            && let Some(before) = flatten::place_before(message, at[0])
        {
            at[..3].copy_from_slice(&before);
        }
        let is_part = matches!(level, ContextId::DataPoint | ContextId::Exemplar);
        Place::new(signal, level, at, if is_part { self.data_field } else { 0 })
    }
}
