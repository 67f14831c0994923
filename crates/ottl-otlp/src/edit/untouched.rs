//! [`Untouched`]: the runs of an input that stand in its edited form as they are, so that they need not be copied.
//!
//! INVARIANT: runs are in the order of the output, and none of them is counted for a field that was left out again.

/// A run of the input and where it belongs in the buffer with everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Behind so many bytes of the buffer.
    at: usize,
    start: usize,
    end: usize,
}

/// Where an open field begins: how many bytes of runs, and how many runs, come before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    bytes: usize,
    runs: usize,
}

/// Runs of the input that a [`super::Splicer`] leaves where they are.
#[derive(Debug, Default)]
pub struct Untouched {
    /// The least bytes of a run that is left: shorter ones are copied.
    pub least: usize,
    runs: Vec<Run>,
    bytes: usize,
}

impl Untouched {
    /// None yet.
    pub fn new(least: usize) -> Untouched {
        Untouched { least, ..Untouched::default() }
    }

    /// Forgets all runs.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.bytes = 0;
    }

    /// How many bytes of the output they are.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The edited message, piece by piece, of what it was made of: the input, and what was written. No piece is empty. Where
    /// [`Untouched::bytes`] is 0, the input is not looked at.
    pub fn pieces<'a>(&'a self, input: &'a [u8], written: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + Clone {
        let written_before = |idx: usize| idx.checked_sub(1).map_or(0, |idx| self.runs[idx].at);
        let pairs = self
            .runs
            .iter()
            .enumerate()
            // Of a run that something else has taken the place of, nothing is left.
            .flat_map(move |(idx, run)| {
                let left = if run.start == run.end { &[][..] } else { &input[run.start..run.end] };
                [&written[written_before(idx)..run.at], left]
            });
        let rest = &written[written_before(self.runs.len())..];
        pairs.chain([rest]).filter(|piece| !piece.is_empty())
    }

    /// Leaves a run of the input where it is, which belongs behind so many bytes of the buffer and all runs before it; false if it
    /// is to be copied.
    pub fn leave(&mut self, at: usize, start: usize, end: usize) -> bool {
        match self.runs.last_mut() {
            Some(last) if last.at == at && last.end == start => last.end = end,
            _ if end - start < self.least.max(1) => return false,
            _ => self.runs.push(Run { at, start, end }),
        }
        self.bytes += end - start;
        true
    }

    /// Adds the runs of a message that is part of a larger input and a larger buffer: behind so many bytes of them.
    pub fn append(&mut self, message: &Untouched, input: usize, buffer: usize) {
        for run in &message.runs {
            let Run { at, start, end } = Run { at: run.at + buffer, start: run.start + input, end: run.end + input };
            match self.runs.last_mut() {
                Some(last) if last.at == at && last.end == start => last.end = end,
                _ => self.runs.push(Run { at, start, end }),
            }
        }
        self.bytes += message.bytes;
    }

    /// What comes before a field that is opened now.
    pub(super) fn before(&self) -> Before {
        Before { bytes: self.bytes, runs: self.runs.len() }
    }

    /// How many bytes of runs came since.
    pub(super) fn since(&self, before: Before) -> usize {
        self.bytes - before.bytes
    }

    /// Drops the runs that came since.
    pub(super) fn drop_since(&mut self, before: Before) {
        self.runs.truncate(before.runs);
        self.bytes = before.bytes;
    }

    /// The bytes of the buffer in front of the runs that came since, from a place on, became more or fewer.
    pub(super) fn moved(&mut self, before: Before, from: usize, old: usize, new: usize) {
        let since = self.runs[before.runs..].iter_mut();
        since.filter(|run| run.at >= from).for_each(|run| run.at = run.at + new - old);
    }

    /// Takes the input's bytes `start..end` out of the first run that came since, if that is in it, and makes room for `len`
    /// bytes of the buffer there: where.
    pub(super) fn split(&mut self, before: Before, start: usize, end: usize, len: usize) -> Option<usize> {
        let run = *self.runs.get(before.runs).filter(|run| run.start <= start && end <= run.end)?;
        self.runs[before.runs].end = start;
        self.runs.insert(before.runs + 1, Run { start: end, ..run });
        self.runs[before.runs + 1..].iter_mut().for_each(|run| run.at += len);
        self.bytes -= end - start;
        Some(run.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Then the input may be gone.
    #[test]
    fn a_run_that_is_taken_out_as_a_whole_needs_no_input() {
        let mut left = Untouched::new(3);
        let before = left.before();
        assert!(left.leave(2, 3, 9));
        assert_eq!(left.split(before, 3, 9, 4), Some(2));
        assert_eq!(left.bytes(), 0);
        assert_eq!(left.pieces(&[], b"abcdefgh").collect::<Vec<_>>().concat(), b"abcdefgh");
    }

    #[test]
    fn runs_of_messages_are_runs_of_all_of_them() {
        let input: Vec<u8> = (0..60).collect();
        let (mut one, mut all, mut written) = (Untouched::new(3), Untouched::new(3), Vec::new());
        let mut want = Vec::new();
        for (start, made) in [(0, 2), (20, 0), (40, 1)] {
            // The whole message where nothing is made of it, else its first half and, too short to be left, its end.
            one.clear();
            written.extend(vec![b'-'; made]);
            let buffer = written.len();
            assert!(one.leave(0, 0, 10) && !one.leave(0, 18, 20));
            if made == 0 {
                assert!(one.leave(0, 10, 20));
            } else {
                written.extend(&input[start + 18..start + 20]);
            }
            all.append(&one, start, buffer);
            want.extend(vec![b'-'; made]);
            want.extend(&input[start..start + if made == 0 { 20 } else { 10 }]);
            want.extend(&input[start + if made == 0 { 20 } else { 18 }..start + 20]);
        }
        assert_eq!(all.pieces(&input, &written).collect::<Vec<_>>().concat(), want);
        assert_eq!(all.bytes() + written.len(), want.len());
        // A run that goes on in the next message is one.
        one.clear();
        all.clear();
        assert!(one.leave(0, 0, 20));
        all.append(&one, 0, 0);
        all.append(&one, 20, 0);
        assert_eq!(all.pieces(&input, &[]).collect::<Vec<_>>(), [&input[..40]]);
    }
}
