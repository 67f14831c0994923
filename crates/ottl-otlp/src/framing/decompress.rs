//! Gzip and Zstandard, in steps that each make a bounded amount of output.

use std::borrow::Cow;

use super::detect::{GZIP_MAGIC, ZSTD_MAGIC};
use super::{FrameError, FrameErrorKind, FrameOptions};

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
/// Damaged data, content above `limit` bytes or [`FrameOptions::DECOMPRESSION_RATIO`], or a compression that this build does
/// not read.
pub fn decompress(bytes: &[u8], limit: usize) -> Result<Cow<'_, [u8]>, FrameError> {
    if Compression::detect(bytes) == Compression::None {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::new();
    let mut expansion = Expansion::new(&FrameOptions::default());
    Decompressor::new().run(bytes, limit, &mut expansion, &mut out)?;
    Ok(Cow::Owned(out))
}

/// Decompresses whole inputs, one after the other.
pub(super) struct Decompressor {
    /// Where Zstandard frames come one by one, making a codec for each would take longer than most of them.
    zstd: Option<Box<dyn Codec>>,
}

/// From this size of content on, a codec has grown with it, and is not kept.
const KEPT: usize = 1 << 20;

impl Decompressor {
    pub(super) const fn new() -> Self {
        Self { zstd: None }
    }

    /// Appends the content of an input, or the input itself where it is not compressed.
    ///
    /// # Errors
    /// As [`decompress`]; `out` then holds a part.
    pub(super) fn run(
        &mut self,
        bytes: &[u8],
        limit: usize,
        expansion: &mut Expansion,
        out: &mut Vec<u8>,
    ) -> Result<(), FrameError> {
        let compression = Compression::detect(bytes);
        let known = if compression == Compression::Zstd { self.zstd.take() } else { None };
        let new = || codec(compression).map_err(|kind| FrameError::new(kind, 0));
        let Some(mut codec) = known.map_or_else(new, |codec| Ok(Some(codec)))? else {
            out.extend_from_slice(bytes);
            return Ok(());
        };
        let start = out.len();
        let mut pos = 0;
        loop {
            let before = out.len();
            let step = codec.step(&bytes[pos..], true, out);
            let used = if let Ok(Step::Used(used)) = step { used } else { 0 };
            let within = if out.len() - start > limit { Err(FrameErrorKind::TooLarge) } else { Ok(()) };
            let charged = within.and_then(|()| expansion.add(used, out.len() - before));
            let step = charged.and(step).map_err(|kind| FrameError::new(kind, pos as u64))?;
            if let Step::Ended = step {
                break;
            }
            pos += used;
        }
        if compression == Compression::Zstd && out.len() - start <= KEPT {
            self.zstd = Some(codec);
        }
        Ok(())
    }
}

/// What decompression has taken and made, held against the limits.
#[derive(Debug)]
pub(super) struct Expansion {
    most: u64,
    ratio: u64,
    taken: u64,
    made: u64,
}

impl Expansion {
    pub(super) const fn new(options: &FrameOptions) -> Self {
        Self { most: options.decompressed_bytes, ratio: options.decompression_ratio, taken: 0, made: 0 }
    }

    /// Counts a step.
    pub(super) fn add(&mut self, taken: usize, made: usize) -> Result<(), FrameErrorKind> {
        self.taken = self.taken.saturating_add(taken as u64);
        self.made = self.made.saturating_add(made as u64);
        if self.made > self.most {
            Err(FrameErrorKind::DecompressedTooLarge)
        } else if self.made > FrameOptions::RATIO_FROM && self.made > self.taken.saturating_mul(self.ratio) {
            Err(FrameErrorKind::DecompressionRatio)
        } else {
            Ok(())
        }
    }
}

/// What a codec did.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// It took so many bytes, perhaps none, and there may be more output.
    Used(usize),
    /// It needs more input first.
    Starved,
    /// All input is used, and all output made.
    Ended,
}

/// A decompressor that is fed piece by piece.
pub(super) trait Codec: Send {
    /// Decompresses a little from the start of `input` and appends it to `out`; `complete` says that no more input comes.
    ///
    /// # Errors
    /// Damage, and an end inside the data; `out` then has what came before it, after as many steps as that takes.
    fn step(&mut self, input: &[u8], complete: bool, out: &mut Vec<u8>) -> Result<Step, FrameErrorKind>;
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
    use super::{Codec, Step};

    /// Compressed bytes a step takes: deflate makes at most 1032 bytes of one, so a step makes at most 4 MiB.
    const STEP: usize = 4096;

    pub(super) struct Gzip(MultiGzDecoder<Vec<u8>>);

    impl Gzip {
        pub(super) fn new() -> Self {
            Self(MultiGzDecoder::new(Vec::new()))
        }
    }

    impl Codec for Gzip {
        fn step(&mut self, input: &[u8], complete: bool, out: &mut Vec<u8>) -> Result<Step, FrameErrorKind> {
            let input = &input[..input.len().min(STEP)];
            let step = match (input, complete) {
                ([], false) => Ok(Step::Starved),
                ([], true) => self.0.try_finish().map(|()| Step::Ended).map_err(|_| FrameErrorKind::CutGzip),
                _ => match self.0.write(input) {
                    Ok(used @ 1..) => Ok(Step::Used(used)),
                    _ => Err(FrameErrorKind::BadGzip),
                },
            };
            out.append(self.0.get_mut());
            step
        }
    }
}

#[cfg(feature = "zstd")]
mod zstd {
    use std::io::Read as _;

    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

    use super::super::FrameErrorKind;
    use super::{Codec, Step, ZSTD_MAGIC};

    /// The largest window: what `zstd -d` accepts without being asked.
    const MAX_WINDOW: u64 = 128 << 20;

    /// What a step takes out of the window at most.
    const PIECE: u64 = 128 << 10;

    /// Frames one after the other, a block at a time: a block makes at most 128 KiB. What the window holds at the end of a frame
    /// comes in pieces, too.
    pub(super) struct Zstd {
        decoder: FrameDecoder,
        /// Whether the decoder has had a frame.
        used: bool,
        state: State,
    }

    enum State {
        /// At the start of a frame.
        Header,
        /// Inside a frame; whether its end has a checksum.
        Blocks { checksum: bool },
        /// Behind a frame whose window is not empty yet.
        Rest,
        /// Behind a frame that cannot go on for this reason, and whose window is not empty yet.
        Broken(FrameErrorKind),
        /// Inside a skippable frame of which so many bytes are left.
        Skip(usize),
    }

    impl Zstd {
        pub(super) fn new() -> Self {
            let mut decoder = FrameDecoder::new();
            decoder.set_max_window_size(MAX_WINDOW);
            Self { decoder, used: false, state: State::Header }
        }

        /// Reads the header of a frame; none when it is not there as a whole.
        fn header(&mut self, input: &[u8]) -> Result<Option<usize>, FrameErrorKind> {
            let Some((magic, rest)) = input.split_first_chunk::<4>() else {
                return Ok(None);
            };
            // RFC 8878, 3.1.2: sixteen magic numbers for frames to be skipped, then a length.
            if (0x184d_2a50..=0x184d_2a5f).contains(&u32::from_le_bytes(*magic)) {
                let Some(len) = rest.first_chunk::<4>() else {
                    return Ok(None);
                };
                let len = u32::from_le_bytes(*len) as usize;
                self.state = if len == 0 { State::Header } else { State::Skip(len) };
                return Ok(Some(8));
            }
            if *magic != ZSTD_MAGIC {
                return Err(FrameErrorKind::BadZstd);
            }
            let Some(&descriptor) = rest.first() else {
                return Ok(None);
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
                return Ok(None);
            };
            if !self.used {
                // Only from its second frame on does the decoder make room for the window at once, which is not there until
                // it is written to. A window that grows is copied, and takes twice its size.
                self.decoder.reset(header).map_err(|_| FrameErrorKind::BadZstd)?;
                self.used = true;
            }
            self.decoder.reset(header).map_err(|_| FrameErrorKind::BadZstd)?;
            self.state = State::Blocks { checksum: descriptor & 4 != 0 };
            Ok(Some(len))
        }

        /// Decodes a block; none when it is not there as a whole.
        fn block(&mut self, input: &[u8], checksum: bool, out: &mut Vec<u8>) -> Result<Option<usize>, FrameErrorKind> {
            let Some(&[a, b, c]) = input.first_chunk::<3>() else {
                return Ok(None);
            };
            // RFC 8878, 3.1.1.2: last block, block type, size; a run has one byte whatever its size.
            let header = u32::from_le_bytes([a, b, c, 0]);
            let last = header & 1 != 0;
            let content = if header >> 1 & 3 == 1 { 1 } else { (header >> 3) as usize };
            let len = 3 + content + if last && checksum { 4 } else { 0 };
            let Some(mut block) = input.get(..len) else {
                // A block has at most 128 KiB: waiting for more than that would be a buffer without bound.
                return if content > 128 << 10 { Err(FrameErrorKind::BadZstd) } else { Ok(None) };
            };
            self.decoder
                .decode_blocks(&mut block, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|_| FrameErrorKind::BadZstd)?;
            self.collect(out)?;
            if self.decoder.is_finished() {
                self.state = State::Rest;
            }
            Ok(Some(len))
        }

        /// Takes a piece of what the decoder can give away.
        fn collect(&mut self, out: &mut Vec<u8>) -> Result<(), FrameErrorKind> {
            (&mut self.decoder).take(PIECE).read_to_end(out).map(drop).map_err(|_| FrameErrorKind::BadZstd)
        }

        /// Empties the window behind the end of a frame.
        fn rest(&mut self, out: &mut Vec<u8>) -> Result<Step, FrameErrorKind> {
            self.collect(out)?;
            if self.decoder.can_collect() == 0 {
                let expected = self.decoder.get_checksum_from_data();
                if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                    return Err(FrameErrorKind::BadZstd);
                }
                self.state = State::Header;
            }
            Ok(Step::Used(0))
        }

        /// Gives the window's content away before it says what is wrong: there may be many messages in it.
        fn broken(&mut self, kind: FrameErrorKind, out: &mut Vec<u8>) -> Result<Step, FrameErrorKind> {
            if let State::Blocks { checksum } = self.state {
                // The decoder keeps the window until the frame ends: an empty last block ends it.
                let end = [1, 0, 0, 0, 0, 0, 0];
                let mut end = if checksum { &end[..] } else { &end[..3] };
                let ended = self.decoder.decode_blocks(&mut end, BlockDecodingStrategy::UptoBlocks(1));
                if ended.is_err() {
                    return Err(kind);
                }
            }
            self.state = State::Broken(kind);
            self.collect(out)?;
            if self.decoder.can_collect() == 0 { Err(kind) } else { Ok(Step::Used(0)) }
        }
    }

    impl Codec for Zstd {
        fn step(&mut self, input: &[u8], complete: bool, out: &mut Vec<u8>) -> Result<Step, FrameErrorKind> {
            let used = match self.state {
                State::Header if input.is_empty() && complete => return Ok(Step::Ended),
                State::Header => self.header(input)?,
                State::Blocks { checksum } => match self.block(input, checksum, out) {
                    Ok(used) => used,
                    Err(kind) => return self.broken(kind, out),
                },
                State::Rest => return self.rest(out),
                State::Broken(kind) => return self.broken(kind, out),
                State::Skip(left) => {
                    let used = left.min(input.len());
                    self.state = if used == left { State::Header } else { State::Skip(left - used) };
                    (used > 0).then_some(used)
                }
            };
            match used {
                Some(used) => Ok(Step::Used(used)),
                None if complete => match self.state {
                    State::Blocks { .. } => self.broken(FrameErrorKind::CutZstd, out),
                    _ => Err(FrameErrorKind::CutZstd),
                },
                None => Ok(Step::Starved),
            }
        }
    }
}
