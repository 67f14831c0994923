//! Gzip and Zstandard, in steps that each make a bounded amount of output.
//!
//! Deliberately elsewhere: how Zstandard comes apart (`zstd`).

use std::borrow::Cow;

use super::detect::{GZIP_MAGIC, ZSTD_MAGIC};
use super::zstd::{NewZstdDecoder, Zstd};
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
    let options = FrameOptions::default();
    let mut expansion = Expansion::new(&options);
    Decompressor::new(ZstdOptions::new(&options)).run(bytes, limit, &mut expansion, &mut out)?;
    Ok(Cow::Owned(out))
}

/// Decompresses whole inputs, one after the other.
pub(super) struct Decompressor {
    options: ZstdOptions,
    /// Where Zstandard frames come one by one, making a codec for each would take longer than most of them.
    zstd: Option<Box<dyn Codec>>,
}

/// From this size of content on, a codec has grown with it, and is not kept.
const KEPT: usize = 1 << 20;

impl Decompressor {
    pub(super) const fn new(options: ZstdOptions) -> Self {
        Self { options, zstd: None }
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
        let new = || codec(compression, self.options).map_err(|kind| FrameError::new(kind, 0));
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

/// How Zstandard is read.
#[derive(Clone, Copy)]
pub(super) struct ZstdOptions {
    /// The largest window.
    window: u64,
    /// What decodes blocks; nothing where this build has nothing of its own.
    pub(super) decoder: Option<NewZstdDecoder>,
}

impl ZstdOptions {
    pub(super) const fn new(options: &FrameOptions) -> Self {
        #[cfg(feature = "zstd")]
        let decoder: Option<NewZstdDecoder> = Some(super::zstd::built_in::decoder);
        #[cfg(not(feature = "zstd"))]
        let decoder = None;
        Self { window: options.zstd_window, decoder }
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
pub(super) fn codec(compression: Compression, options: ZstdOptions) -> Result<Option<Box<dyn Codec>>, FrameErrorKind> {
    match compression {
        Compression::None => Ok(None),
        #[cfg(feature = "gzip")]
        Compression::Gzip => Ok(Some(Box::new(gzip::Gzip::new()))),
        #[cfg(not(feature = "gzip"))]
        Compression::Gzip => Err(FrameErrorKind::NoGzip),
        Compression::Zstd => {
            let new = options.decoder.ok_or(FrameErrorKind::NoZstd)?;
            Ok(Some(Box::new(Zstd::new(new(options.window), options.window))))
        }
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
