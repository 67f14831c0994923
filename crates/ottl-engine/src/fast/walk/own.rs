//! Fields that belong to a message itself, next to its children, when a walk over the children may write them.
//!
//! The walk goes once, forward. Where only the message's own statements write its fields, each is decided when the walk
//! comes to it. Where a child's statements may write a field of the parent that was passed before, fields in front of
//! the first child are patched afterwards, and fields behind a child are decided as late as possible.

use ottl_core::ArenaVec;
use ottl_core::{Arena, EvalError};
use ottl_otlp::edit::Splicer;

/// A message's own fields as they stand now.
pub(super) trait Own {
    /// Whether a field's output differs from its input.
    fn rewrites(&self, number: u32) -> bool;
    /// Appends all there is now of a field.
    fn emit(&self, number: u32, out: &mut Vec<u8>);
    /// The numbers of all fields that `rewrites` may come to be true for, as bits.
    fn candidates(&self) -> u32;
    /// The numbers of fields that `rewrites` is true for now, and perhaps of others, as bits.
    fn written(&self) -> u32 {
        self.candidates()
    }
}

/// Where an own field lies in the input.
#[derive(Clone, Copy)]
pub(super) struct OwnField {
    pub number: u32,
    pub start: usize,
    pub end: usize,
}

/// How many bytes more fields mostly have at most that were written.
const ADDED: usize = 128;

/// Ranges of own fields that the walk passed and has not decided on.
pub(super) struct Passed<'a> {
    head: ArenaVec<'a, (u32, usize, usize)>,
    tail: ArenaVec<'a, (u32, usize, usize)>,
    children_seen: bool,
    /// Bits of the fields that have been written out.
    done: u32,
    /// Bits of the fields that were taken out and have to be appended.
    owed: u32,
}

impl<'a> Passed<'a> {
    pub fn new(arena: &'a Arena) -> Self {
        Passed { head: arena.vec(), tail: arena.vec(), children_seen: false, done: 0, owed: 0 }
    }

    /// An own field lies at this range of the input. `more_writes` says that it may still be written.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    #[inline]
    pub fn own(
        &mut self,
        field: OwnField,
        own: &impl Own,
        more_writes: bool,
        splicer: &mut Splicer<'_, '_>,
    ) -> Result<(), EvalError> {
        let OwnField { number, start, end } = field;
        if !more_writes {
            if own.rewrites(number) {
                self.rewrite(field, own, splicer);
            }
        } else if number < 32 {
            let list = if self.children_seen { &mut self.tail } else { &mut self.head };
            list.push((number, start, end))?;
        }
        Ok(())
    }

    /// Writes what stands in the place of an own field: all there is now of it where it comes first.
    fn rewrite(&mut self, field: OwnField, own: &impl Own, splicer: &mut Splicer<'_, '_>) {
        let out = splicer.replace(field.start, field.end);
        let bit = 1 << field.number;
        if self.done & bit == 0 {
            self.done |= bit;
            own.emit(field.number, out);
        }
    }

    /// A child comes next. `more_writes` says that it may write the fields passed so far.
    pub fn child(&mut self, own: &impl Own, more_writes: bool, splicer: &mut Splicer<'_, '_>) {
        self.children_seen = true;
        for i in 0..self.tail.len() {
            let (number, start, end) = self.tail[i];
            let bit = 1 << number;
            if own.candidates() & bit != 0 && (more_writes || self.owed & bit != 0) {
                splicer.replace(start, end);
                self.owed |= bit;
            } else if own.rewrites(number) {
                self.rewrite(OwnField { number, start, end }, own, splicer);
            }
        }
        self.tail.clear();
    }

    /// The walk is over: writes whatever differs.
    pub fn finish(mut self, own: &impl Own, splicer: &mut Splicer<'_, '_>) {
        self.child(own, false, splicer);
        // A field that has occurrences in front of the children is written there, at the first of them.
        let in_head = self.head.iter().fold(0u32, |bits, (n, ..)| bits | 1 << n) & !self.done & !self.owed;
        let mut missing = (own.written() | self.owed) & own.candidates() & !self.done & !in_head;
        while missing != 0 {
            let number = missing.trailing_zeros();
            missing &= missing - 1;
            if own.rewrites(number) || self.owed & 1 << number != 0 {
                own.emit(number, splicer.append());
            }
        }
        self.patch_head(in_head, own, splicer);
    }

    /// Writes the fields in front of the children anew, as far as they differ: from the first of those to the last in one
    /// patch, because every patch moves all that is behind it.
    fn patch_head(&self, in_head: u32, own: &impl Own, splicer: &mut Splicer<'_, '_>) {
        let differs = |(number, ..): &&(u32, usize, usize)| own.rewrites(*number) || self.owed & 1 << number != 0;
        let Some(&(_, from, _)) = self.head.iter().find(differs) else { return };
        let (input, mut copied, mut left) = (splicer.input(), from, in_head);
        let end = self.head.last().map_or(from, |(.., end)| *end);
        let mut bytes = Vec::with_capacity(end - from + ADDED);
        for &(number, start, end) in self.head.iter().filter(differs) {
            bytes.extend_from_slice(&input[copied..start]);
            copied = end;
            if left & 1 << number != 0 {
                left &= !(1 << number);
                own.emit(number, &mut bytes);
            }
        }
        splicer.patch(from, copied, &bytes);
    }
}
