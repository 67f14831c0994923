//! Gzip that several threads make: one member, whose blocks are deflated each by itself and put together in order.
//!
//! A block ends at a byte, with an empty stored block (a sync flush), and looks back at nothing before it, so blocks may follow
//! each other, as in pigz. That loses what a block could have taken from the end of the one before: at 1 MiB a block and
//! level 6, 0.85 % of the size of JSON lines; at 256 KiB 3.5 %. One member is read by those, too, that stop after the first.
//!
//! INVARIANT: what was written to a [`Member`] and what was put into it as blocks comes out in the order of the calls.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// A part of the output from this size on is a block of its own; shorter ones go through the deflater of the member, which looks
/// back at what went before.
pub const LEAST: usize = 256 << 10;
/// Blocks that are made on purpose have this size.
pub const BLOCK: usize = 1 << 20;

/// Deflates a block and appends it to `out`; returns the checksum of its content, and nothing where there is no memory for it.
pub fn deflate(content: &[u8], level: i32, out: &mut Vec<u8>) -> Option<Crc> {
    let mut crc = Crc::new();
    crc.update(content);
    let mut deflater = deflater(level);
    // Text becomes a tenth of it or so, hardly anything more than it was.
    out.reserve(content.len() / 8 + 64);
    pass(&mut deflater, content, FlushCompress::Sync, out).ok()?;
    Some(crc)
}

/// Makes blocks of pieces of any size.
#[derive(Default)]
pub struct Blocks(Vec<u8>);

impl Blocks {
    /// Adds a piece; whole blocks are given away.
    ///
    /// # Errors
    /// Those of `give`.
    pub fn add<E>(&mut self, mut piece: &[u8], mut give: impl FnMut(Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        while self.0.len() + piece.len() >= BLOCK {
            let (more, rest) = piece.split_at(BLOCK - self.0.len());
            self.0.extend_from_slice(more);
            piece = rest;
            give(std::mem::take(&mut self.0))?;
        }
        self.0.extend_from_slice(piece);
        Ok(())
    }

    /// What is left.
    pub fn rest(self) -> Vec<u8> {
        self.0
    }
}

fn deflater(level: i32) -> Compress {
    Compress::new(Compression::new(level.max(0) as u32), false)
}

/// Gives all of the content to a deflater, and flushes what it holds back, if that is asked for.
fn pass(deflater: &mut Compress, content: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> io::Result<()> {
    let before = deflater.total_in();
    loop {
        let done = (deflater.total_in() - before) as usize;
        out.reserve(4 << 10);
        let status = deflater.compress_vec(&content[done..], out, flush).map_err(io::Error::other)?;
        let is_read = (deflater.total_in() - before) as usize == content.len();
        // Where there is room left, nothing more was to come.
        let is_out =
            if flush == FlushCompress::Finish { status == Status::StreamEnd } else { out.len() < out.capacity() };
        if is_read && is_out {
            return Ok(());
        }
    }
}

/// A member that is being written.
pub struct Member<T> {
    target: T,
    deflater: Compress,
    crc: Crc,
    /// Deflated bytes that have not been written.
    waiting: Vec<u8>,
}

impl<T: Write> Member<T> {
    /// A member in front of this target.
    pub fn new(target: T, level: i32) -> Member<T> {
        // As RFC 1952 has it: deflate, no name, no time, the level as far as it is an extreme one, an unknown system.
        let extra = match level {
            9 => 2,
            ..=1 => 4,
            _ => 0,
        };
        let waiting = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, 255];
        Member { target, deflater: deflater(level), crc: Crc::new(), waiting }
    }

    /// Writes; `now` says that somebody may be waiting for it.
    ///
    /// # Errors
    /// Those of the target.
    pub fn write(&mut self, bytes: &[u8], now: bool) -> io::Result<()> {
        self.crc.update(bytes);
        let flush = if now { FlushCompress::Sync } else { FlushCompress::None };
        pass(&mut self.deflater, bytes, flush, &mut self.waiting)?;
        self.give(now)
    }

    /// Writes a block that [`deflate`] made of content with this checksum.
    ///
    /// # Errors
    /// Those of the target.
    pub fn put(&mut self, block: &[u8], crc: &Crc, now: bool) -> io::Result<()> {
        if self.deflater.total_in() > 0 {
            pass(&mut self.deflater, b"", FlushCompress::Sync, &mut self.waiting)?;
            // What it has seen lies farther back now than it would say.
            self.deflater.reset();
        }
        self.give(false)?;
        self.crc.combine(crc);
        self.target.write_all(block)?;
        if now { self.target.flush() } else { Ok(()) }
    }

    /// Writes what is left, and the end.
    ///
    /// # Errors
    /// Those of the target.
    pub fn finish(mut self) -> io::Result<T> {
        pass(&mut self.deflater, b"", FlushCompress::Finish, &mut self.waiting)?;
        self.waiting.extend(self.crc.sum().to_le_bytes());
        self.waiting.extend(self.crc.amount().to_le_bytes());
        self.give(false)?;
        Ok(self.target)
    }

    fn give(&mut self, now: bool) -> io::Result<()> {
        self.target.write_all(&self.waiting)?;
        self.waiting.clear();
        if now { self.target.flush() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn blocks_and_writes_are_one_member_in_order() {
        let mut seed = 7_u64;
        let mut below = |bound: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % bound
        };
        for level in [1, 6, 9] {
            for round in 0..40 {
                let mut member = Member::new(Vec::new(), level);
                let mut content = Vec::new();
                for _ in 0..below(7) {
                    // Empty parts, small ones, and some larger than a window; each holds what the others hold.
                    let words = [0, 20, 10_000][below(3)];
                    let part: Vec<u8> = (0..words).flat_map(|_| format!("word {} ", below(500)).into_bytes()).collect();
                    if below(2) == 0 {
                        member.write(&part, below(2) == 0).expect("into memory");
                    } else {
                        let mut block = Vec::new();
                        let crc = deflate(&part, level, &mut block).expect("memory");
                        member.put(&block, &crc, below(2) == 0).expect("into memory");
                    }
                    content.extend(part);
                }
                let packed = member.finish().expect("into memory");
                let mut found = Vec::new();
                // This decoder reads one member, and no more.
                GzDecoder::new(&packed[..]).read_to_end(&mut found).expect("gzip");
                assert!(found == content, "level {level}, round {round}");
            }
        }
    }

    #[test]
    fn what_was_flushed_can_be_read() {
        let mut member = Member::new(Vec::new(), 6);
        member.write(b"now", true).expect("into memory");
        let mut found = [0; 3];
        GzDecoder::new(&member.target[..]).read_exact(&mut found).expect("gzip");
        assert_eq!(&found, b"now");
    }
}
