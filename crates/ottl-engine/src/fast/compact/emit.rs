//! Writing a record: what stayed together in the message in one copy.

use std::ops::Range;

use ottl_schema::FieldValue;

use super::super::node::{Inner, PLACES, put_payload};
use super::super::pair::SizedPair;
use super::Compact;

impl<'a> Compact<'a> {
    /// Writes the message's content.
    #[inline(never)]
    pub fn emit(&self, out: &mut Vec<u8>) {
        let mut run = Run { raw: self.raw, from: 0, to: 0 };
        let end = self.raw.len();
        if self.dirty == 0 && self.map.1 != 0 && self.renamed == 0 {
            run.to = self.map.0 as usize;
            self.emit_together(&mut run);
            self.emit_usual(&mut run, out);
            run.go_on(self.map.1 as usize, end, out);
            return run.flush(out);
        }
        self.emit_fields(run, out);
    }

    /// The same with the messages in it as they are now.
    #[inline(never)]
    pub fn emit_around(&self, inner: &Inner<'_>, out: &mut Vec<u8>) {
        self.emit_parts(Run { raw: self.raw, from: 0, to: 0 }, Some(inner), out);
    }

    /// The same when fields were written, attributes have other keys, or there were none.
    #[inline(never)]
    fn emit_fields(&self, run: Run<'a>, out: &mut Vec<u8>) {
        self.emit_parts(run, None, out);
    }

    /// PERF (tenant): compiled for each of both, so that records without messages in them do not ask about those.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn emit_parts(&self, mut run: Run<'a>, inner: Option<&Inner<'_>>, out: &mut Vec<u8>) {
        // The attributes stand for themselves under their own number, which is never one of a singular field.
        let map_bit = 1u32 << (self.tag >> 3);
        let mut left = self.dirty & self.present | inner.map_or(0, Inner::bit);
        if self.map_changed && self.map.1 != 0 {
            left |= map_bit;
        }
        let done = left;
        while left != 0 {
            // The next one in the message; there are rarely more than two.
            let (mut bits, mut next) = (left, (u32::MAX, 0, 0));
            while bits != 0 {
                let number = bits.trailing_zeros();
                bits &= bits - 1;
                let (start, end) = match number {
                    _ if 1 << number == map_bit => self.map,
                    number if let Some(inner) = inner.filter(|inner| inner.number == number) => inner.place,
                    number => self.fields[number as usize % PLACES],
                };
                if start < next.0 {
                    next = (start, end, number);
                }
            }
            let (start, end, number) = next;
            left &= !(1 << number);
            run.to = start as usize;
            if 1 << number == map_bit {
                self.emit_pairs(&mut run, out);
            } else {
                run.flush(out);
                match inner.filter(|inner| inner.number == number) {
                    Some(inner) => out.extend_from_slice(inner.bytes),
                    None => self.emit_field(number, out),
                }
            }
            run.go_on(end as usize, end as usize, out);
        }
        run.to = self.raw.len();
        run.flush(out);
        let mut missing = self.dirty & !done;
        while missing != 0 {
            self.emit_field(missing.trailing_zeros(), out);
            missing &= missing - 1;
        }
        if self.map_changed && done & map_bit == 0 {
            let end = self.raw.len();
            self.emit_pairs(&mut Run { raw: self.raw, from: end, to: end }, out);
        }
    }

    /// Writes a field that was written.
    pub fn emit_field(&self, number: u32, out: &mut Vec<u8>) {
        if let FieldValue::Present(payload) = self.contents[number as usize % PLACES] {
            put_payload(out, number, payload);
        }
    }

    /// Writes the pairs; those that stayed together in the message, and what is in front of them, in one copy.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn emit_pairs(&self, run: &mut Run<'a>, out: &mut Vec<u8>) {
        self.emit_together(run);
        match self.renamed {
            0 => self.emit_usual(run, out),
            _ => self.emit_others(run, out),
        }
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn emit_together(&self, run: &mut Run<'a>) {
        let same = self.pairs.get(..self.same).and_then(<[_]>::last);
        if let Some(last) = same {
            run.to = last.start() + last.len();
        }
    }

    /// Writes the pairs behind those that stayed together, which all have the keys that they have in the message.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn emit_usual(&self, run: &mut Run<'a>, out: &mut Vec<u8>) {
        for pair in self.pairs.get(self.same..self.count).unwrap_or_default() {
            match pair.in_others() {
                None => run.go_on(pair.start(), pair.start() + pair.len(), out),
                Some(written) => self.emit_written(written, run, out),
            }
        }
    }

    /// The same where some have other keys.
    #[inline(never)]
    fn emit_others(&self, run: &mut Run<'a>, out: &mut Vec<u8>) {
        for pair in self.pairs.get(self.same..self.count).unwrap_or_default() {
            match pair.in_others() {
                None if self.is_renamed(*pair) => self.emit_renamed(*pair, run, out),
                None => run.go_on(pair.start(), pair.start() + pair.len(), out),
                Some(written) => self.emit_written(written, run, out),
            }
        }
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn emit_written(&self, number: usize, run: &mut Run<'a>, out: &mut Vec<u8>) {
        run.flush(out);
        out.push(self.tag);
        out.extend_from_slice(self.written.get(number).map_or(&[], SizedPair::bytes));
    }
}

/// Bytes of the message that are still to be copied.
pub(super) struct Run<'a> {
    raw: &'a [u8],
    from: usize,
    to: usize,
}

impl Run<'_> {
    /// Copies what there is.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some(run) = self.raw.get(self.from..self.to)
            && !run.is_empty()
        {
            out.extend_from_slice(run);
        }
        self.from = self.to;
    }

    /// These bytes come next, after all in front of them was copied.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn begin(&mut self, bytes: Range<usize>) {
        (self.from, self.to) = (bytes.start, bytes.end);
    }

    /// `start..end` comes next.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn go_on(&mut self, start: usize, end: usize, out: &mut Vec<u8>) {
        if start != self.to {
            self.flush(out);
            self.from = start;
        }
        self.to = end;
    }
}
