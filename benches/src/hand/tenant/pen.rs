//! Writing into memory that is large enough.

use ottl_otlp::wire::{put_len_field, put_varint};

/// Memory, and how much of it is written.
pub struct Pen<'b> {
    memory: &'b mut [u8],
    at: usize,
}

/// As much as is copied at once where less may be wanted: what is too much is written over.
const STEP: usize = 32;
/// Room for the beginning of a field and a step.
const ROOM: usize = 64;

impl<'b> Pen<'b> {
    /// Begins at `at`.
    #[inline(always)]
    pub fn new(memory: &'b mut [u8], at: usize) -> Self {
        Pen { memory, at }
    }

    #[inline(always)]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Room that lies ahead.
    #[inline(always)]
    fn room<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.memory.get_mut(self.at..)?.first_chunk_mut()
    }

    /// Puts the bytes between these places.
    #[inline(always)]
    pub fn copy(&mut self, from: &[u8], start: usize, end: usize) {
        let len = end - start;
        match (from.get(start..).and_then(|from| from.first_chunk::<STEP>()), self.room::<STEP>()) {
            (Some(from), Some(to)) if len <= STEP => *to = *from,
            _ => self.long_copy(&from[start..end]),
        }
        self.at += len;
    }

    #[inline(always)]
    fn long_copy(&mut self, from: &[u8]) {
        let to = &mut self.memory[self.at..self.at + from.len()];
        // Two pieces that overlap.
        if from.len() <= 2 * STEP
            && let (Some(first), Some(last)) = (from.first_chunk::<STEP>(), from.last_chunk::<STEP>())
        {
            to[..STEP].copy_from_slice(first);
            let rest = to.len() - STEP;
            to[rest..].copy_from_slice(last);
        } else {
            to.copy_from_slice(from);
        }
    }

    /// Puts `head`, of which the second byte is the length of all behind it, and the bytes between these places.
    #[inline(always)]
    pub fn field<const N: usize>(&mut self, head: &[u8; N], from: &[u8], start: usize, end: usize) {
        let len = end - start;
        match (from.get(start..).and_then(|from| from.first_chunk::<STEP>()), self.room::<ROOM>()) {
            (Some(from), Some(to)) if len <= STEP => {
                to[..N].copy_from_slice(head);
                to[N..N + STEP].copy_from_slice(from);
                to[1] = (N - 2 + len) as u8;
                self.at += N + len;
            }
            _ => self.long_field(head, &from[start..end]),
        }
    }

    #[cold]
    fn long_field(&mut self, head: &[u8], from: &[u8]) {
        let begun = self.at;
        self.put(head);
        self.put(from);
        self.patch(begun + 1, self.at - begun - 2);
    }

    /// Puts these bytes.
    #[inline(always)]
    pub fn put(&mut self, bytes: &[u8]) {
        self.memory[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    /// Puts these bytes if so. They are written in any case: it is not foreseen, and costs less than a wrong guess.
    #[inline(always)]
    pub fn put_if(&mut self, so: bool, bytes: &[u8]) {
        self.memory[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += if so { bytes.len() } else { 0 };
    }

    /// Writes a byte over one.
    #[inline(always)]
    pub fn patch(&mut self, at: usize, byte: usize) {
        self.memory[at] = byte as u8;
    }

    /// Puts the beginnings of two fields, of which the second is all of the first and has so many bytes.
    #[inline(always)]
    pub fn begin(&mut self, tags: [u8; 2], len: usize) {
        if len + 2 < 0x80 {
            return self.put(&[tags[0], len as u8 + 2, tags[1], len as u8]);
        }
        let mut inner = vec![tags[1]];
        put_varint(&mut inner, len as u64);
        let mut outer = vec![tags[0]];
        put_varint(&mut outer, (inner.len() + len) as u64);
        outer.append(&mut inner);
        self.put(&outer);
    }

    /// Appends what was written since `begun` as field 2, if there is room for its length before it.
    #[inline(always)]
    pub fn finish(self, begun: usize, out: &mut Vec<u8>) {
        let len = self.at - begun;
        if (0x80..0x4000).contains(&len) {
            self.memory[begun - 3..begun].copy_from_slice(&[0x12, len as u8 | 0x80, (len >> 7) as u8]);
            out.extend_from_slice(&self.memory[begun - 3..self.at]);
        } else {
            put_len_field(out, 2, &self.memory[begun..self.at]);
        }
    }
}
