//! Gzip and Zstandard, in steps that each make a bounded amount of output.

use std::borrow::Cow;

use super::detect::{GZIP_MAGIC, ZSTD_MAGIC};
use super::{FrameError, FrameErrorKind};

/// How an input is compressed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// Gzip, one member or several.
    Gzip,
    /// Zstandard, one frame or several, skippable ones among them.
    Zstd,
}

impl Compression {
    /// Tells it from the first four bytes.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Self {
        if bytes.starts_with(&GZIP_MAGIC) {
            Self::Gzip
        } else if bytes.starts_with(&ZSTD_MAGIC) {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// The uncompressed content of an input that may be gzip or Zstandard, told by its first bytes.
///
/// # Errors
/// Damaged data, content above `limit` bytes, or a compression that this build does not read.
pub fn decompress(bytes: &[u8], limit: usize) -> Result<Cow<'_, [u8]>, FrameError> {
    let compression = Compression::detect(bytes);
    let Some(mut codec) = codec(compression).map_err(|kind| FrameError::new(kind, 0))? else {
        return Ok(Cow::Borrowed(bytes));
    };
    let mut out = Vec::new();
    let mut pos = 0;
    loop {
        let at = |kind| FrameError::new(kind, pos as u64);
        let used = codec.step(&bytes[pos..], &mut out).map_err(at)?;
        if out.len() > limit {
            return Err(at(FrameErrorKind::TooLarge));
        }
        if used == 0 {
            codec.finish(bytes.len() - pos, &mut out).map_err(at)?;
            break;
        }
        pos += used;
    }
    if out.len() > limit {
        return Err(FrameError::new(FrameErrorKind::TooLarge, pos as u64));
    }
    Ok(Cow::Owned(out))
}

/// A decompressor that is fed piece by piece.
pub(super) trait Codec: Send {
    /// Decompresses a little from the start of `input`, appends it to `out`, and says how many
    /// bytes of `input` that took; zero when more input is needed first.
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, FrameErrorKind>;

    /// Says that no more input comes; `left` bytes of it could not be used.
    fn finish(&mut self, left: usize, out: &mut Vec<u8>) -> Result<(), FrameErrorKind>;
}

/// The decompressor for an input, none for one that is not compressed.
pub(super) fn codec(compression: Compression) -> Result<Option<Box<dyn Codec>>, FrameErrorKind> {
    match compression {
        Compression::None => Ok(None),
        #[cfg(feature = "gzip")]
        Compression::Gzip => Ok(Some(Box::new(gzip::Gzip::new()))),
        #[cfg(not(feature = "gzip"))]
        Compression::Gzip => Err(FrameErrorKind::NoGzip),
        #[cfg(feature = "zstd")]
        Compression::Zstd => Ok(Some(Box::new(zstd::Zstd::new()))),
        #[cfg(not(feature = "zstd"))]
        Compression::Zstd => Err(FrameErrorKind::NoZstd),
    }
}

#[cfg(feature = "gzip")]
mod gzip {
    use std::io::Write as _;

    use flate2::write::MultiGzDecoder;

    use super::super::FrameErrorKind;
    use super::Codec;

    /// Compressed bytes a step takes: deflate makes at most 1032 bytes of one, so a step makes at most 4 MiB.
    const STEP: usize = 4096;

    pub(super) struct Gzip(MultiGzDecoder<Vec<u8>>);

    impl Gzip {
        pub(super) fn new() -> Self {
            Self(MultiGzDecoder::new(Vec::new()))
        }
    }

    impl Codec for Gzip {
        fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, FrameErrorKind> {
            if input.is_empty() {
                return Ok(0);
            }
            let input = &input[..input.len().min(STEP)];
            let used = self.0.write(input).map_err(|_| FrameErrorKind::BadGzip)?;
            out.append(self.0.get_mut());
            if used == 0 { Err(FrameErrorKind::BadGzip) } else { Ok(used) }
        }

        fn finish(&mut self, _left: usize, out: &mut Vec<u8>) -> Result<(), FrameErrorKind> {
            self.0.try_finish().map_err(|_| FrameErrorKind::BadGzip)?;
            out.append(self.0.get_mut());
            Ok(())
        }
    }
}

#[cfg(feature = "zstd")]
mod zstd {
    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

    use super::super::FrameErrorKind;
    use super::{Codec, ZSTD_MAGIC};

    /// The largest window: what `zstd -d` accepts without being asked.
    const MAX_WINDOW: u64 = 128 << 20;

    /// Frames one after the other, a block at a time: a block makes at most 128 KiB, the last one also empties the window.
    pub(super) struct Zstd {
        decoder: FrameDecoder,
        state: State,
    }

    enum State {
        /// At the start of a frame.
        Header,
        /// Inside a frame; whether its end has a checksum.
        Blocks { checksum: bool },
        /// Inside a skippable frame of which so many bytes are left.
        Skip(usize),
    }

    impl Zstd {
        pub(super) fn new() -> Self {
            let mut decoder = FrameDecoder::new();
            decoder.set_max_window_size(MAX_WINDOW);
            Self { decoder, state: State::Header }
        }

        fn header(&mut self, input: &[u8]) -> Result<usize, FrameErrorKind> {
            let Some((magic, rest)) = input.split_first_chunk::<4>() else {
                return Ok(0);
            };
            // RFC 8878, 3.1.2: sixteen magic numbers for frames to be skipped, then a length.
            if (0x184d_2a50..=0x184d_2a5f).contains(&u32::from_le_bytes(*magic)) {
                let Some(len) = rest.first_chunk::<4>() else {
                    return Ok(0);
                };
                let len = u32::from_le_bytes(*len) as usize;
                self.state = if len == 0 { State::Header } else { State::Skip(len) };
                return Ok(8);
            }
            if *magic != ZSTD_MAGIC {
                return Err(FrameErrorKind::BadZstd);
            }
            let Some(&descriptor) = rest.first() else {
                return Ok(0);
            };
            // RFC 8878, 3.1.1.1: the descriptor says how long the header is.
            let single = descriptor & 0x20 != 0;
            let content_size = match descriptor >> 6 {
                0 => usize::from(single),
                wide => 1 << wide,
            };
            let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
            let len = 4 + 1 + usize::from(!single) + dictionary + content_size;
            let Some(header) = input.get(..len) else {
                return Ok(0);
            };
            self.decoder.reset(header).map_err(|_| FrameErrorKind::BadZstd)?;
            self.state = State::Blocks { checksum: descriptor & 4 != 0 };
            Ok(len)
        }

        fn block(&mut self, input: &[u8], checksum: bool, out: &mut Vec<u8>) -> Result<usize, FrameErrorKind> {
            let Some(&[a, b, c]) = input.first_chunk::<3>() else {
                return Ok(0);
            };
            // RFC 8878, 3.1.1.2: last block, block type, size; a run has one byte whatever its size.
            let header = u32::from_le_bytes([a, b, c, 0]);
            let last = header & 1 != 0;
            let content = if header >> 1 & 3 == 1 { 1 } else { (header >> 3) as usize };
            let len = 3 + content + if last && checksum { 4 } else { 0 };
            let Some(mut block) = input.get(..len) else {
                // A block has at most 128 KiB: waiting for more than that would be a buffer without bound.
                return if content > 128 << 10 { Err(FrameErrorKind::BadZstd) } else { Ok(0) };
            };
            self.decoder
                .decode_blocks(&mut block, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|_| FrameErrorKind::BadZstd)?;
            self.decoder.collect_to_writer(&mut *out).map_err(|_| FrameErrorKind::BadZstd)?;
            if self.decoder.is_finished() {
                let expected = self.decoder.get_checksum_from_data();
                if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                    return Err(FrameErrorKind::BadZstd);
                }
                self.state = State::Header;
            }
            Ok(len)
        }
    }

    impl Codec for Zstd {
        fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, FrameErrorKind> {
            match self.state {
                State::Header => self.header(input),
                State::Blocks { checksum } => self.block(input, checksum, out),
                State::Skip(left) => {
                    let used = left.min(input.len());
                    self.state = if used == left { State::Header } else { State::Skip(left - used) };
                    Ok(used)
                }
            }
        }

        fn finish(&mut self, left: usize, _out: &mut Vec<u8>) -> Result<(), FrameErrorKind> {
            match self.state {
                State::Header if left == 0 => Ok(()),
                _ => Err(FrameErrorKind::BadZstd),
            }
        }
    }
}
