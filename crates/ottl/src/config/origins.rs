//! Where the bytes of a text stand in a file, as runs: bytes that stand there side by side, or all at one place.
//!
//! Nearly every text is one run side by side, which takes no memory of its own.
//! INVARIANT: the runs' offsets in the text ascend.

use ottl_diagnostics::TextMap;

/// The file offset of each byte of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origins {
    /// How many bytes there are.
    len: u32,
    /// Where the first byte stands, and side by side behind it the others before the first of `runs`.
    first: u32,
    runs: Vec<Run>,
}

/// Bytes up to the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The offset of the first in the text.
    text: u32,
    /// Where it stands in the file.
    file: u32,
    /// Whether the others stand there, too.
    still: bool,
}

impl Run {
    fn of(self, byte: u32) -> u32 {
        if self.still { self.file } else { self.file + (byte - self.text) }
    }
}

impl Origins {
    /// Bytes that stand side by side from `start` on.
    pub fn run(start: u32, len: usize) -> Origins {
        let mut origins = Origins::default();
        origins.extend(start, len);
        origins
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// The run that a byte belongs to, and the number of the next one.
    fn run_of(&self, byte: u32) -> (Run, usize) {
        let next = self.runs.partition_point(|run| run.text <= byte);
        let run = next.checked_sub(1).map_or(Run { text: 0, file: self.first, still: false }, |idx| self.runs[idx]);
        (run, next)
    }

    /// Where a byte stands; none beyond the end.
    pub fn of(&self, byte: usize) -> Option<u32> {
        let byte = u32::try_from(byte).ok().filter(|byte| *byte < self.len)?;
        Some(self.run_of(byte).0.of(byte))
    }

    /// Where the last byte stands.
    pub fn last(&self) -> Option<u32> {
        self.of(self.len().checked_sub(1)?)
    }

    /// Adds bytes that stand side by side from `start` on.
    pub fn extend(&mut self, start: u32, len: usize) {
        self.add(start, len as u32, len == 1 && self.runs.last().is_some_and(|run| run.still && run.file == start));
    }

    /// Adds bytes that all stand at one place.
    pub fn repeat(&mut self, at: u32, count: usize) {
        if count == 1 { self.extend(at, 1) } else { self.add(at, count as u32, true) }
    }

    fn add(&mut self, file: u32, len: u32, still: bool) {
        if len == 0 {
            return;
        }
        let continues = self.len > 0 && {
            let (run, _) = self.run_of(self.len);
            run.still == still && run.of(self.len) == file
        };
        if self.len == 0 && !still {
            self.first = file;
        } else if !continues {
            self.runs.push(Run { text: self.len, file, still });
        }
        self.len += len;
    }

    /// Adds those of the bytes from `start` to `end` of another text.
    pub fn extend_from(&mut self, other: &Origins, start: usize, end: usize) {
        let (mut at, end) = (start.min(other.len()) as u32, end.min(other.len()) as u32);
        while at < end {
            let (run, next) = other.run_of(at);
            let next = other.runs.get(next).map_or(end, |next| next.text.min(end));
            self.add(run.of(at), next - at, run.still);
            at = next;
        }
    }

    /// Where the bytes stand if the file is a part of a longer text, which begins at `by` in it.
    pub fn moved(mut self, by: u32) -> Origins {
        self.first += by;
        self.runs.iter_mut().for_each(|run| run.file += by);
        self
    }

    /// Where the bytes stand in the file if they stand in a text of the file, whose bytes stand where `outer` says.
    pub fn through(&self, outer: &Origins) -> Origins {
        let mut out = Origins::default();
        let mut at = 0;
        while at < self.len {
            let (run, next) = self.run_of(at);
            let next = self.runs.get(next).map_or(self.len, |next| next.text);
            let (from, count) = (run.of(at) as usize, (next - at) as usize);
            let last = outer.last().unwrap_or_default();
            if run.still {
                out.repeat(outer.of(from).unwrap_or(last), count);
            } else {
                out.extend_from(outer, from, from + count);
            }
            // A byte that the outer text does not have stands at its end.
            out.repeat(last, next as usize - out.len());
            at = next;
        }
        out
    }

    /// The way from the text to the file; a text without bytes stands at `start`.
    pub fn map(&self, start: u32) -> TextMap {
        let Some(last) = self.last() else { return TextMap::contiguous(start, 0) };
        let mut pieces = vec![(0, self.first)];
        for (idx, run) in self.runs.iter().enumerate() {
            let next = self.runs.get(idx + 1).map_or(self.len, |next| next.text);
            let end = if run.still { next } else { run.text + 1 };
            pieces.extend((run.text..end).map(|byte| (byte, run.file)));
        }
        TextMap::from_pieces(pieces, last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Origins;

    /// Each byte's place.
    fn all(origins: &Origins) -> Vec<u32> {
        (0..origins.len() + 2).filter_map(|byte| origins.of(byte)).collect()
    }

    #[test]
    fn runs_are_what_each_byte_by_itself_is() {
        let mut origins = Origins::default();
        assert_eq!((origins.last(), all(&origins)), (None, vec![]));
        origins.extend(7, 3);
        origins.extend(10, 2);
        origins.repeat(20, 3);
        origins.extend(30, 0);
        origins.extend(20, 1);
        origins.extend(21, 2);
        let want = [7, 8, 9, 10, 11, 20, 20, 20, 20, 21, 22];
        assert_eq!((all(&origins), origins.last(), origins.runs.len()), (want.to_vec(), Some(22), 2));
        for (start, end) in [(0, 11), (2, 6), (5, 5), (4, 99), (6, 8), (12, 20), (10, 11), (5, 9)] {
            let mut part = Origins::run(3, 2);
            part.extend_from(&origins, start, end);
            let want = want.get(start.min(11)..end.min(11)).unwrap_or(&[]);
            assert_eq!(all(&part), [&[3, 4], want].concat(), "{start}..{end}");
            let map = part.map(0);
            let mapped: Vec<u32> = (0..part.len() as u32).map(|byte| map.offset(byte)).collect();
            assert_eq!(mapped, all(&part), "{start}..{end}");
        }
        let inner = {
            let mut inner = Origins::run(2, 4);
            inner.repeat(7, 2);
            inner.extend(9, 4);
            inner
        };
        assert_eq!(all(&inner.through(&origins)), [9, 10, 11, 20, 20, 20, 21, 22, 22, 22]);
        assert_eq!(Origins::default().through(&origins), Origins::default());
        let mut still = Origins::default();
        still.repeat(5, 2);
        still.extend(6, 1);
        assert_eq!(all(&still), [5, 5, 6]);
        assert_eq!(still.map(0).offset(1), 5);
        assert_eq!(Origins::run(9, 0), Origins::default());
        assert_eq!(Origins::default().map(4).offset(0), 4);
    }
}
