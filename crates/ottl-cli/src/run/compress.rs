//! Compression of what is written: of an output as a whole, or of each message by itself.
//!
//! Deliberately elsewhere: decompression, which is part of splitting an input into messages (`ottl::otlp::framing`).

use std::cell::RefCell;
use std::io::{self, Write};

use flate2::write::GzEncoder;
use ottl::otlp::framing::Compression;
use zstd::bulk::Compressor;
use zstd::stream::write::Encoder as ZstdEncoder;

/// The level of Zstandard where none is asked for: that of `zstd`.
pub const ZSTD_LEVEL: i32 = 3;
/// The level of gzip where none is asked for: that of `gzip`.
pub const GZIP_LEVEL: i32 = 6;

/// Where bytes go in the end.
pub type Target = Box<dyn Write + Send>;

/// An output that compresses, or does not.
pub enum Encoder {
    /// As it comes.
    Plain(Target),
    /// One gzip member.
    Gzip(GzEncoder<Target>),
    /// One Zstandard frame with a checksum.
    Zstd(ZstdEncoder<'static, Target>),
}

impl Encoder {
    /// An encoder in front of this target.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(target: Target, compression: Compression, level: i32) -> io::Result<Encoder> {
        Ok(match compression {
            Compression::None => Encoder::Plain(target),
            Compression::Gzip => Encoder::Gzip(GzEncoder::new(target, flate2::Compression::new(level.max(0) as u32))),
            Compression::Zstd => {
                let mut encoder = ZstdEncoder::new(target, level)?;
                encoder.include_checksum(true)?;
                Encoder::Zstd(encoder)
            }
        })
    }

    /// Writes; `now` says that somebody may be waiting for it.
    ///
    /// # Errors
    /// Those of the target.
    pub fn write(&mut self, bytes: &[u8], now: bool) -> io::Result<()> {
        match self {
            Encoder::Plain(target) => target.write_all(bytes).and_then(|()| target.flush()),
            Encoder::Gzip(encoder) => {
                encoder.write_all(bytes).and_then(|()| if now { encoder.flush() } else { Ok(()) })
            }
            Encoder::Zstd(encoder) => {
                encoder.write_all(bytes).and_then(|()| if now { encoder.flush() } else { Ok(()) })
            }
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Those of the target.
    pub fn finish(self) -> io::Result<()> {
        let mut target = match self {
            Encoder::Plain(target) => target,
            Encoder::Gzip(encoder) => encoder.finish()?,
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
