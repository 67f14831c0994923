//! [`Pieces`]: what is to be written of messages, in pieces of what they came in and of what was made of them, so that what does
//! not change is not copied.

use std::io::{self, IoSlice, Write};

use ottl::otlp::edit::Untouched;

use super::pipeline::Pool;

/// The least bytes that stay where they came; see [`ottl::RuleSet::transform_segments`].
///
/// PERF: it matters little. 100 MB in messages of 500 records, processor time in milliseconds with 64 bytes, 1 KiB, 16 KiB and
/// without end: one record in 600 edited, to nowhere 39, 40, 40, 42, to a memory file 82, 81, 81, 85; every eighth record left
/// out 42, 43, 43, 44 and 79, 80, 82, 82; five of eight left out 46, 47, 47, 46 and 64, 64, 62, 62.
pub const LEAST: usize = 1 << 10;

/// What is to be written.
#[derive(Debug, Default)]
pub struct Pieces {
    /// What messages came in.
    pub came: Vec<u8>,
    /// What was made of them.
    pub made: Vec<u8>,
    /// Which runs of the former stand between the bytes of the latter.
    pub left: Untouched,
}

impl From<Vec<u8>> for Pieces {
    fn from(made: Vec<u8>) -> Pieces {
        Pieces { made, ..Pieces::default() }
    }
}

impl Pieces {
    /// How many bytes they are.
    pub fn len(&self) -> usize {
        self.made.len() + self.left.bytes()
    }

    /// How many bytes of memory they keep.
    pub fn held(&self) -> usize {
        self.made.len() + self.came.len()
    }

    /// One after the other; none is empty.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.left.pieces(&self.came, &self.made)
    }

    /// All of them in one.
    pub fn joined(self, pool: &Pool) -> Vec<u8> {
        let Pieces { mut came, made, left } = self;
        if left.bytes() == 0 {
            pool.give(came);
            return made;
        }
        if made.is_empty() && left.bytes() == came.len() {
            pool.give(made);
            return came;
        }
        let mut all = pool.take(made.len() + left.bytes());
        left.pieces(&came, &made).for_each(|piece| all.extend_from_slice(piece));
        came.clear();
        pool.give(came);
        pool.give(made);
        all
    }

    /// Gives back what is not needed: what the messages came in where nothing of it is left, and where all of it is, what was
    /// made for them.
    pub fn release(&mut self, pool: &Pool) {
        if self.left.bytes() == 0 {
            pool.give(std::mem::take(&mut self.came));
        }
        if self.made.is_empty() {
            pool.give(std::mem::take(&mut self.made));
        }
    }

    /// Gives the memory back.
    pub fn give_back(self, pool: &Pool) {
        pool.give(self.came);
        pool.give(self.made);
    }
}

/// How many pieces one write takes at most. Systems take 1 024.
const MOST_AT_ONCE: usize = 256;

/// Writes all pieces.
///
/// # Errors
/// Those of the target; [`io::ErrorKind::WriteZero`] when it takes nothing any more.
pub fn write_all<'a>(target: &mut (impl Write + ?Sized), pieces: impl Iterator<Item = &'a [u8]>) -> io::Result<()> {
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return target.write_all(piece);
        }
        let mut slices: Vec<IoSlice<'_>> = vec![IoSlice::new(piece)];
        slices.extend(pieces.by_ref().take(MOST_AT_ONCE - 1).map(IoSlice::new));
        let mut left = &mut slices[..];
        while !left.is_empty() {
            match target.write_vectored(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes few bytes at a time, is interrupted before each, and takes no more than so many.
    struct Slow {
        taken: Vec<u8>,
        most: usize,
        interrupted: bool,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.write_vectored(&[IoSlice::new(bytes)])
        }

        fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let room = (self.most - self.taken.len()).min(7);
            let before = self.taken.len();
            self.taken.extend(slices.iter().flat_map(|slice| slice.iter()).take(room));
            Ok(self.taken.len() - before)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Every second ten bytes of the input, each behind two bytes that were made.
    fn pieces(count: usize) -> Pieces {
        let mut pieces = Pieces { came: (0..=255).cycle().take(20 * count).collect(), ..Pieces::default() };
        for idx in 0..count {
            pieces.made.extend([b'<', b'>']);
            assert!(pieces.left.leave(pieces.made.len(), 20 * idx, 20 * idx + 10));
        }
        pieces
    }

    #[test]
    fn all_pieces_are_written_however_few_bytes_are_taken_at_a_time() {
        for count in [0, 1, 2, 300, 1000] {
            let pieces = pieces(count);
            let want = pieces.iter().collect::<Vec<_>>().concat();
            assert_eq!((want.len(), pieces.held()), (pieces.len(), 22 * count));
            let mut slow = Slow { taken: Vec::new(), most: usize::MAX, interrupted: false };
            write_all(&mut slow, pieces.iter()).expect("it takes all");
            assert!(slow.taken == want, "{count}");
            let mut fast = Vec::new();
            write_all(&mut fast, pieces.iter()).expect("into memory");
            assert!(fast == want && pieces.joined(&Pool::default()) == want, "{count}");
        }
    }

    #[test]
    fn a_target_that_takes_nothing_any_more_is_an_error() {
        let mut slow = Slow { taken: Vec::new(), most: 100, interrupted: false };
        let error = write_all(&mut slow, pieces(20).iter()).expect_err("it is full");
        assert_eq!((error.kind(), slow.taken.len()), (io::ErrorKind::WriteZero, 100));
    }

    #[test]
    fn what_is_one_piece_is_not_copied() {
        let mut pieces = Pieces { came: vec![7; 5000], ..Pieces::default() };
        assert!(pieces.left.leave(0, 0, 3000) && pieces.left.leave(0, 3000, 5000));
        let at = pieces.came.as_ptr();
        assert_eq!(pieces.iter().count(), 1);
        let joined = pieces.joined(&Pool::default());
        assert_eq!(joined.as_ptr(), at);
    }
}
