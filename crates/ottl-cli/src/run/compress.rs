//! Compression of what is written: of an output as a whole, or of each message by itself.
//!
//! Deliberately elsewhere: decompression, which is part of splitting an input into messages (`ottl::otlp::framing`).

use std::cell::RefCell;
use std::io::{self, Write};

use flate2::Crc;
use ottl::otlp::framing::Compression;
use zstd::bulk::Compressor;
use zstd::stream::raw::CParameter;
use zstd::stream::write::Encoder as ZstdEncoder;

use super::gzip::Member;
use super::pieces::{self, Pieces};

/// The level of Zstandard where none is asked for: that of `zstd`.
pub const ZSTD_LEVEL: i32 = 3;
/// The level of gzip where none is asked for: that of `gzip`.
pub const GZIP_LEVEL: i32 = 6;

/// The highest level of Zstandard that several threads share. Above it each part of the work begins by going over so much of
/// what came before that more threads would hardly be faster.
const MOST_SHARED: i32 = 9;
/// Bytes that one of them compresses at a time.
const JOB: u32 = 1 << 20;
/// How many share it: more would only wait for what is to be compressed, and each has tables, larger ones above a level.
const fn most_threads(level: i32) -> usize {
    if level > 5 { 2 } else { 4 }
}

/// Where bytes go in the end.
pub type Target = Box<dyn Write + Send>;

/// An output that compresses, or does not.
pub enum Encoder {
    /// As it comes.
    Plain(Target),
    /// One gzip member.
    Gzip(Member<Target>),
    /// One Zstandard frame with a checksum.
    Zstd(ZstdEncoder<'static, Target>),
}

impl Encoder {
    /// An encoder in front of this target, in a run with so many threads.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(target: Target, compression: Compression, level: i32, threads: usize) -> io::Result<Encoder> {
        Ok(match compression {
            Compression::None => Encoder::Plain(target),
            Compression::Gzip => Encoder::Gzip(Member::new(target, level)),
            Compression::Zstd => {
                let mut encoder = ZstdEncoder::new(target, level)?;
                encoder.include_checksum(true)?;
                if threads > 1 && level <= MOST_SHARED {
                    encoder.set_parameter(CParameter::JobSize(JOB))?;
                    encoder.multithread(threads.min(most_threads(level)) as u32)?;
                }
                Encoder::Zstd(encoder)
            }
        })
    }

    /// Writes; `now` says that somebody may be waiting for it.
    ///
    /// # Errors
    /// Those of the target.
    pub fn write(&mut self, pieces: &Pieces, now: bool) -> io::Result<()> {
        match self {
            Encoder::Plain(target) => pieces::write_all(target, pieces.iter()).and_then(|()| target.flush()),
            Encoder::Gzip(member) => {
                pieces.iter().try_for_each(|piece| member.write(piece, false))?;
                if now { member.write(b"", true) } else { Ok(()) }
            }
            Encoder::Zstd(encoder) => {
                pieces.iter().try_for_each(|piece| encoder.write_all(piece))?;
                if now { encoder.flush() } else { Ok(()) }
            }
        }
    }

    /// Writes a block that was deflated elsewhere; only where the output is gzip.
    ///
    /// # Errors
    /// Those of the target.
    pub fn put_deflated(&mut self, block: &[u8], crc: &Crc, now: bool) -> io::Result<()> {
        match self {
            Encoder::Gzip(member) => member.put(block, crc, now),
            Encoder::Plain(_) | Encoder::Zstd(_) => Err(io::Error::other("a block of gzip in another output")),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Those of the target.
    pub fn finish(self) -> io::Result<()> {
        let mut target = match self {
            Encoder::Plain(target) => target,
            Encoder::Gzip(member) => member.finish()?,
            Encoder::Zstd(encoder) => encoder.finish()?,
        };
        target.flush()
    }
}

/// A message as a Zstandard frame of its own.
///
/// # Errors
/// There is no memory for it.
pub fn frame(content: &[u8]) -> io::Result<Vec<u8>> {
    // A compressor has megabytes of tables: each thread keeps one.
    thread_local! {
        static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        let mut compressor = match kept.take() {
            Some(compressor) => compressor,
            None => {
                let mut fresh = Compressor::new(ZSTD_LEVEL)?;
                fresh.include_checksum(true)?;
                fresh
            }
        };
        let frame = compressor.compress(content);
        *kept = Some(compressor);
        frame
    })
}
