//! [`Splicer`]: a message written forward from its input, one copy for every run of untouched bytes.
//!
//! Whoever edits walks the input in wire order and enters and leaves length-delimited fields on the way. Nothing is
//! written until the first edit; then the fields that enclose it are opened, each with as many bytes for its length as
//! the input had, and closed with the true length (the content moves only when the width changes).
//! INVARIANT: `pending` never passes the place being edited, edits come in ascending order, and `opened` levels are
//! always the outermost ones.

use arrayvec::ArrayVec;

use super::untouched::{Before, Untouched};
use crate::wire::{Field, Mark, begin_len, end_len_beside, varint_len};

/// How deep fields may nest while they are edited: resource, scope, metric, data, point, exemplar and reserve.
const MAX_LEVELS: usize = 8;

/// A field that was entered.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    number: u32,
    start: usize,
    content: usize,
    end: usize,
    /// Where its length is in the output, once it is opened.
    mark: Mark,
}

impl Level {
    /// How many bytes its length has, if it is encoded canonically behind a tag of one byte.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn canonical_width(&self) -> Option<usize> {
        let width = varint_len((self.end - self.content) as u64);
        (self.number < 16 && self.start + 1 + width == self.content).then_some(width)
    }

    /// Where it begins in the output.
    fn out_start(&self) -> usize {
        self.mark.content_start() - self.mark.width() - varint_len(u64::from(self.number) << 3)
    }
}

/// Writes the edited form of one message into a buffer.
#[derive(Debug)]
pub struct Splicer<'i, 'o> {
    input: &'i [u8],
    out: &'o mut Vec<u8>,
    base: usize,
    pending: usize,
    levels: ArrayVec<Level, MAX_LEVELS>,
    opened: usize,
    changed: bool,
    left: Option<Box<Left>>,
}

/// What is left where it is in the input.
#[derive(Debug, Default)]
pub struct Left {
    untouched: Untouched,
    /// What comes before the fields that are open.
    before: [Before; MAX_LEVELS],
}

impl Left {
    /// To be noted in this memory.
    pub fn new(untouched: Untouched) -> Box<Left> {
        Box::new(Left { untouched, ..Left::default() })
    }

    /// What was noted.
    pub fn untouched(self) -> Untouched {
        self.untouched
    }
}

impl<'i, 'o> Splicer<'i, 'o> {
    /// How many bytes were written so far; what is behind the last edit is not, before something follows.
    #[inline]
    pub fn written(&self) -> usize {
        self.out.len() - self.base + self.left.as_ref().map_or(0, |left| left.untouched.bytes())
    }

    /// A splicer over `input` that appends to `out`.
    #[inline]
    pub fn new(input: &'i [u8], out: &'o mut Vec<u8>) -> Self {
        let base = out.len();
        Splicer { input, out, base, pending: 0, levels: ArrayVec::new(), opened: 0, changed: false, left: None }
    }

    /// A splicer that leaves runs of the input where they are, if it is given what notes them.
    #[inline]
    pub fn leaving(input: &'i [u8], out: &'o mut Vec<u8>, left: Option<Box<Left>>) -> Self {
        Splicer { left, ..Splicer::new(input, out) }
    }

    /// The input.
    #[inline]
    pub fn input(&self) -> &'i [u8] {
        self.input
    }

    /// Whether anything was edited so far.
    #[inline]
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Enters a length-delimited field; its offsets count from the start of the input.
    ///
    /// # Panics
    /// When fields are entered deeper than OTLP messages nest: an error of the program, never of the data.
    #[inline]
    pub fn enter(&mut self, number: u32, start: usize, content: usize, end: usize) {
        let level = Level { number, start, content, end, mark: Mark::default() };
        assert!(self.levels.try_push(level).is_ok(), "levels follow the message types, which nest less deep");
    }

    /// As [`Splicer::enter`], for a field read by a reader whose slice starts at `base` in the input.
    #[inline]
    pub fn enter_field(&mut self, field: &Field<'_>, base: usize) {
        self.enter(field.number, base + field.start, base + field.content_start(), base + field.end);
    }

    /// Leaves the field entered last.
    #[inline]
    pub fn leave(&mut self) {
        let Some(Level { end, mark, .. }) = self.levels.pop() else { return };
        if self.opened > self.levels.len() {
            self.opened = self.levels.len();
            if self.left.is_some() {
                return self.close(end, mark);
            }
            // What is behind its last edit is copied with what follows: in the order of the reference's marshaler, a scope and the
            // resource behind it come in one piece.
            end_len_beside(self.out, mark, end.saturating_sub(self.pending));
        }
    }

    /// Closes the field entered last, which goes on to `end`, where runs may be left in the input.
    #[inline(never)]
    fn close(&mut self, end: usize, mark: Mark) {
        if self.pending < end {
            self.flush_leaving(end);
        }
        let Some(left) = &mut self.left else { return };
        let before = left.before[self.levels.len()];
        let old = self.out.len();
        end_len_beside(self.out, mark, left.untouched.since(before));
        left.untouched.moved(before, 0, old, self.out.len());
    }

    /// Leaves the field entered last and takes it out of the message, with everything written into it.
    pub fn leave_dropped(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        if self.opened > self.levels.len() {
            self.out.truncate(level.out_start());
            if let Some(left) = &mut self.left {
                left.untouched.drop_since(left.before[self.levels.len()]);
            }
            self.opened = self.levels.len();
            self.pending = level.end;
        } else {
            self.replace(level.start, level.end);
        }
    }

    /// Takes out the input's bytes `start..end` of the innermost field; what should stand there instead is appended to
    /// the buffer that is returned.
    pub fn replace(&mut self, start: usize, end: usize) -> &mut Vec<u8> {
        self.changed = true;
        if self.opened < self.levels.len() {
            self.open();
        }
        self.flush(start);
        self.pending = end;
        self.out
    }

    /// Puts `bytes` in the place of the input's bytes `start..end` of the innermost field after bytes behind them may
    /// have been written. No edit may have been made between the start of the field's content and `start`; several
    /// patches go from the last to the first.
    pub fn patch(&mut self, start: usize, end: usize, bytes: &[u8]) {
        if self.opened < self.levels.len() || self.pending <= start {
            self.replace(start, end).extend_from_slice(bytes);
            return;
        }
        self.changed = true;
        let (out_content, content) = match self.levels.last() {
            Some(level) => (level.mark.content_start(), level.content),
            None => (self.base, 0),
        };
        let mut range = out_content + (start - content)..out_content + (end - content);
        if let Some(left) = &mut self.left {
            let depth = self.levels.len();
            let before = depth.checked_sub(1).map_or(Before::default(), |idx| left.before[idx]);
            match left.untouched.split(before, start, end, bytes.len()) {
                Some(at) => range = self.base + at..self.base + at,
                None => left.untouched.moved(before, range.end - self.base, range.len(), bytes.len()),
            }
        }
        self.out.splice(range, bytes.iter().copied());
    }

    /// Appends fields at the end of the innermost field's content, or of the message.
    pub fn append(&mut self) -> &mut Vec<u8> {
        let end = self.levels.last().map_or(self.input.len(), |level| level.end);
        self.replace(end, end)
    }

    /// Writes what is left of the input. Answers whether anything was edited; if not, the buffer is as it was.
    pub fn finish(mut self) -> bool {
        self.finish_leaving().0
    }

    /// As [`Splicer::finish`], with what was left where it is. Nothing is edited afterwards.
    #[inline]
    pub fn finish_leaving(&mut self) -> (bool, Option<Box<Left>>) {
        if self.changed {
            if self.pending < self.input.len() {
                self.flush(self.input.len());
            }
        } else {
            self.out.truncate(self.base);
        }
        (self.changed, self.left.take())
    }

    /// Writes out what is in front of the innermost field's content, with the lengths of the enclosing fields left open, or leaves
    /// that to the copy that comes next.
    #[inline]
    fn open(&mut self) {
        if self.left.is_some() || !self.open_at_once() {
            self.open_in_turn();
        }
    }

    #[inline(never)]
    fn open_in_turn(&mut self) {
        while self.opened < self.levels.len() {
            let Level { number, start, content, end, .. } = self.levels[self.opened];
            self.flush(start);
            if let Some(left) = &mut self.left {
                left.before[self.opened] = left.untouched.before();
            }
            self.levels[self.opened].mark = begin_len(self.out, number, end - content);
            self.pending = content;
            self.opened += 1;
        }
    }

    /// Opens the fields if they are encoded canonically: tags and lengths are then those of the input, until the fields are closed,
    /// and all that is in front of the edit is one copy, which comes next.
    ///
    /// PERF (messages of one record): field by field it was a fifth more of what opening and closing costs.
    fn open_at_once(&mut self) -> bool {
        let (out, pending) = (self.out.len(), self.pending);
        let Some(levels) = self.levels.get_mut(self.opened..) else { return false };
        let mut to = pending;
        for level in levels {
            let Some(width) = level.canonical_width().filter(|_| level.start >= to) else { return false };
            level.mark = Mark::new(out + (level.content - width - pending), width);
            to = level.content;
        }
        self.opened = self.levels.len();
        true
    }

    /// Writes out the input up to here.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn flush(&mut self, to: usize) {
        if self.left.is_some() {
            return self.flush_leaving(to);
        }
        if let Some(run) = self.input.get(self.pending..to) {
            self.out.extend_from_slice(run);
            self.pending = to;
        }
    }

    /// The same, where runs may be left in the input.
    #[inline(never)]
    fn flush_leaving(&mut self, to: usize) {
        let (Some(run), Some(left)) = (self.input.get(self.pending..to), &mut self.left) else { return };
        if !left.untouched.leave(self.out.len() - self.base, self.pending, to) {
            self.out.extend_from_slice(run);
        }
        self.pending = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Reader, put_len_field, put_varint_field};

    /// Field 1 holds messages of field 1 varints and field 2 texts.
    fn message(texts: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let mut inner = Vec::new();
            put_varint_field(&mut inner, 1, i as u64);
            put_len_field(&mut inner, 2, text.as_bytes());
            put_len_field(&mut out, 1, &inner);
        }
        out
    }

    fn edit(input: &[u8], mut f: impl FnMut(&str) -> Option<String>) -> (bool, Vec<u8>) {
        let mut out = vec![0xee];
        let mut splicer = Splicer::new(input, &mut out);
        let mut outer = Reader::new(input);
        while let Some(field) = outer.next_field().expect("well formed") {
            splicer.enter_field(&field, 0);
            let base = field.content_start();
            let mut inner = Reader::new(field.bytes().expect("message"));
            let mut dropped = false;
            while let Some(part) = inner.next_field().expect("well formed") {
                if part.number == 2 {
                    let old = std::str::from_utf8(part.bytes().expect("text")).expect("UTF-8");
                    match f(old) {
                        Some(new) if new == "drop" => dropped = true,
                        Some(new) => {
                            put_len_field(splicer.replace(base + part.start, base + part.end), 2, new.as_bytes())
                        }
                        None => {}
                    }
                }
            }
            if dropped { splicer.leave_dropped() } else { splicer.leave() }
        }
        let changed = splicer.finish();
        (changed, out.split_off(1))
    }

    /// The same where runs stay in the input.
    fn left(input: &[u8], untouched: Untouched, edits: impl FnOnce(&mut Splicer<'_, '_>)) -> Vec<u8> {
        let mut out = vec![0xee];
        let mut splicer = Splicer::leaving(input, &mut out, Some(Left::new(untouched)));
        edits(&mut splicer);
        let written = splicer.written();
        let (_, left) = splicer.finish_leaving();
        let untouched = left.expect("it was given").untouched();
        assert!(written < untouched.bytes() + out.len());
        untouched.pieces(input, &out[1..]).collect::<Vec<_>>().concat()
    }

    #[test]
    fn runs_that_stay_move_with_lengths_and_patches() {
        let input = message(&["a", &"b".repeat(125), "c"]);
        let edits = |splicer: &mut Splicer<'_, '_>| {
            let mut outer = Reader::new(&input);
            while let Some(field) = outer.next_field().expect("well formed") {
                splicer.enter_field(&field, 0);
                let base = field.content_start();
                // Something behind everything makes the length wider, then what is in front is patched, twice.
                put_len_field(splicer.replace(field.end, field.end), 3, &[0; 3]);
                if field.start > 0 {
                    splicer.patch(base + 2, base + 3, &[0x1a, 0x22]);
                    splicer.patch(base, base + 1, b"");
                }
                if field.end == input.len() { splicer.leave_dropped() } else { splicer.leave() }
            }
        };
        let mut copied = Vec::new();
        let mut splicer = Splicer::new(&input, &mut copied);
        edits(&mut splicer);
        assert!(splicer.finish());
        for least in [1, 5, 100, 1000] {
            assert_eq!(left(&input, Untouched::new(least), edits), copied, "{least}");
        }
    }

    #[test]
    fn untouched_messages_write_nothing() {
        assert_eq!(edit(&message(&["a", "b"]), |_| None), (false, vec![]));
    }

    #[test]
    fn lengths_grow_and_shrink_across_varint_widths() {
        let long = "x".repeat(200);
        let (changed, out) = edit(&message(&["a", "b", "c"]), |t| (t == "b").then(|| long.clone()));
        assert!(changed);
        assert_eq!(out, message(&["a", &long, "c"]));
        let (_, back) = edit(&out, |t| (t.len() == 200).then(|| "b".to_owned()));
        assert_eq!(back, message(&["a", "b", "c"]));
    }

    #[test]
    fn late_patches_find_their_place() {
        let input = message(&["a", "b"]);
        let mut out = Vec::new();
        let mut splicer = Splicer::new(&input, &mut out);
        let first = Reader::new(&input).next_field().expect("well formed").expect("a field");
        splicer.enter_field(&first, 0);
        // The text behind is edited first, the number in front of it afterwards.
        put_len_field(splicer.replace(4, 7), 2, b"xyz");
        splicer.patch(2, 4, &[0x08, 0x80, 0x01]);
        splicer.leave();
        assert!(splicer.finish());
        let mut want = Vec::new();
        let mut inner = Vec::new();
        put_varint_field(&mut inner, 1, 128);
        put_len_field(&mut inner, 2, b"xyz");
        put_len_field(&mut want, 1, &inner);
        want.extend_from_slice(&input[first.end..]);
        assert_eq!(out, want);
    }

    #[test]
    fn what_is_behind_an_edit_belongs_to_the_field_that_is_left() {
        // A field of a field with two texts, and a text behind it.
        let mut outer = Vec::new();
        put_len_field(&mut outer, 1, &message(&["a", "b"]));
        put_len_field(&mut outer, 2, b"tail");
        let edited = |first: &[u8], behind: &[u8]| {
            let mut out = Vec::new();
            let mut splicer = Splicer::new(&outer, &mut out);
            let field = Reader::new(&outer).next_field().expect("well formed").expect("a field");
            splicer.enter_field(&field, 0);
            // The number of the first one.
            put_len_field(splicer.replace(4, 6), 3, first);
            splicer.leave();
            if !behind.is_empty() {
                put_len_field(splicer.replace(field.end, outer.len()), 2, behind);
            }
            assert!(splicer.finish());
            out
        };
        for first in [&b""[..], &[7; 200]] {
            for behind in [&b""[..], b"new"] {
                let mut inner = Vec::new();
                put_len_field(&mut inner, 3, first);
                inner.extend_from_slice(&outer[6..field_end(&outer)]);
                // The field in it keeps its length: that is no part of this edit.
                let mut want = Vec::new();
                put_len_field(&mut want, 1, &[&outer[2..4], &inner[..]].concat());
                put_len_field(&mut want, 2, if behind.is_empty() { b"tail" } else { behind });
                assert_eq!(edited(first, behind), want);
            }
        }
    }

    fn field_end(message: &[u8]) -> usize {
        Reader::new(message).next_field().expect("well formed").expect("a field").end
    }

    #[test]
    fn dropped_fields_take_their_edits_with_them() {
        let (_, out) = edit(&message(&["a", "b", "c"]), |t| Some(if t == "c" { "z" } else { "drop" }.to_owned()));
        let mut want = Vec::new();
        let mut inner = Vec::new();
        put_varint_field(&mut inner, 1, 2);
        put_len_field(&mut inner, 2, b"z");
        put_len_field(&mut want, 1, &inner);
        assert_eq!(out, want);
    }
}
