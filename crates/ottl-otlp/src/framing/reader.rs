//! [`FrameReader`]: messages out of input that comes in chunks.
//!
//! INVARIANT: `data[pos..]` is uncompressed and not yet handed out; it grows to one message, plus what one
//! decompression step makes. What is in front of `pos` is dropped before the buffer grows.

use std::io::{self, Read};
use std::ops::Range;

use super::decompress::{Codec, Compression, Decompressor, Expansion, Step, ZstdOptions, codec};
use super::detect::{PREFIX, detect_prefix};
use super::split::Splitter;
use super::zstd::NewZstdDecoder;
use super::{Format, FrameError, FrameErrorKind};

/// How a [`FrameReader`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameOptions {
    /// The format, when it is known or asked for; `None` tells it by content. Compression is told by content either way.
    pub format: Option<Format>,
    /// The largest message, in uncompressed bytes. Default: [`FrameOptions::MESSAGE_BYTES`].
    pub message_bytes: usize,
    /// The bytes that an input may decompress to, all messages together. Default: no limit, for a stream has no end.
    pub decompressed_bytes: u64,
    /// How many times its size an input may decompress to, beyond the first [`FrameOptions::RATIO_FROM`] bytes. Default:
    /// [`FrameOptions::DECOMPRESSION_RATIO`].
    pub decompression_ratio: u64,
    /// The largest window of a Zstandard frame in bytes, which is memory beside that of messages. Default:
    /// [`FrameOptions::ZSTD_WINDOW`].
    pub zstd_window: u64,
}

impl FrameOptions {
    /// The default limit on one message: 1 GiB. The reference has none here, but protobuf itself stops at 2 GiB.
    pub const MESSAGE_BYTES: usize = 1 << 30;
    /// The default limit on the ratio of decompression. Telemetry compresses to a hundredth, twice that if it repeats itself;
    /// what compresses to a thousandth is made to.
    pub const DECOMPRESSION_RATIO: u64 = 1000;
    /// The default limit on windows: 128 MiB, what `zstd -d` accepts without being asked.
    pub const ZSTD_WINDOW: u64 = 128 << 20;
    /// Decompressed bytes up to which the ratio does not count: 64 MiB.
    pub const RATIO_FROM: u64 = 64 << 20;
}

impl Default for FrameOptions {
    fn default() -> Self {
        Self {
            format: None,
            message_bytes: Self::MESSAGE_BYTES,
            decompressed_bytes: u64::MAX,
            decompression_ratio: Self::DECOMPRESSION_RATIO,
            zstd_window: Self::ZSTD_WINDOW,
        }
    }
}

/// A buffer for compressed messages that is larger than this is given back.
const KEPT: usize = 1 << 20;

/// One message of a [`FrameReader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The message, uncompressed and without its frame.
    pub bytes: &'a [u8],
    /// Where it starts in the uncompressed stream, in bytes (for [`Format::ZstdFrames`]: where its compressed
    /// frame starts in the input).
    pub offset: u64,
    /// Line and column at which it starts in the uncompressed stream, both from 1; columns count bytes. Nothing in formats
    /// that are no text.
    pub position: Option<(u64, u64)>,
    /// The format of the stream.
    pub format: Format,
}

/// Splits a stream of any size into messages.
///
/// ```
/// use ottl_otlp::framing::{FrameOptions, FrameReader};
///
/// let mut reader = FrameReader::new(FrameOptions::default());
/// let mut seen = Vec::new();
/// for chunk in [&b"{\"resourceLogs\":[]}\n{\"resour"[..], b"ceSpans\":[]}\n"] {
///     reader.push(chunk);
///     while let Some(message) = reader.next()? {
///         seen.push(message.bytes.to_vec());
///     }
/// }
/// reader.finish();
/// while let Some(message) = reader.next()? {
///     seen.push(message.bytes.to_vec());
/// }
/// assert_eq!(seen, [b"{\"resourceLogs\":[]}".to_vec(), b"{\"resourceSpans\":[]}".to_vec()]);
/// # Ok::<(), ottl_otlp::framing::FrameError>(())
/// ```
pub struct FrameReader {
    options: FrameOptions,
    stage: Stage,
    /// Input that is still compressed, from `raw_pos` on.
    raw: Vec<u8>,
    raw_pos: usize,
    /// Input bytes dropped from `raw`.
    raw_dropped: u64,
    /// Uncompressed bytes, from `pos` on.
    data: Vec<u8>,
    pos: usize,
    /// Uncompressed bytes dropped from `data`.
    dropped: u64,
    /// Where the last message stands in `data`, unless it stands in `message`.
    last: Range<usize>,
    /// The last message of the file exporter's compressed frames.
    message: Vec<u8>,
    zstd: ZstdOptions,
    decompressor: Decompressor,
    expansion: Expansion,
    /// Why there will be no more uncompressed bytes. What there is comes first.
    broken: Option<FrameError>,
    finished: bool,
    /// No more will come into `data`.
    drained: bool,
    failed: Option<FrameError>,
}

enum Stage {
    /// Too little has come to tell the compression.
    Start,
    /// Compression is settled, the format not yet.
    Content(Option<Box<dyn Codec>>),
    /// All is settled.
    Messages(Option<Box<dyn Codec>>, Splitter),
}

impl FrameReader {
    /// A reader that waits for its first chunk.
    #[must_use]
    pub const fn new(options: FrameOptions) -> Self {
        let zstd = ZstdOptions::new(&options);
        Self {
            options,
            stage: Stage::Start,
            raw: Vec::new(),
            raw_pos: 0,
            raw_dropped: 0,
            data: Vec::new(),
            pos: 0,
            dropped: 0,
            last: 0..0,
            message: Vec::new(),
            zstd,
            decompressor: Decompressor::new(zstd),
            expansion: Expansion::new(&options),
            broken: None,
            finished: false,
            drained: false,
            failed: None,
        }
    }

    /// Reads Zstandard with decoders of the caller's, in place of those in Rust. To be said before any input comes.
    #[must_use]
    pub fn with_zstd(mut self, new: NewZstdDecoder) -> Self {
        self.zstd.decoder = Some(new);
        self.decompressor = Decompressor::new(self.zstd);
        self
    }

    /// Adds input. Take all messages with [`FrameReader::next`] before adding more, or the input piles up.
    pub fn push(&mut self, chunk: &[u8]) {
        self.last = 0..0;
        self.incoming().extend_from_slice(chunk);
    }

    /// Adds input as [`FrameReader::push`] does: what `source` has until its end, but at most so many bytes. It is read to where it
    /// stays, which spares a copy, and waits for all of it.
    ///
    /// # Errors
    /// Those of `source`; what came before is kept.
    pub fn read_from(&mut self, source: impl Read, most: usize) -> io::Result<usize> {
        self.last = 0..0;
        let buffer = self.incoming();
        buffer.reserve(most);
        source.take(most as u64).read_to_end(buffer)
    }

    /// The buffer that input comes into.
    fn incoming(&mut self) -> &mut Vec<u8> {
        if let Stage::Content(None) | Stage::Messages(None, _) = self.stage {
            make_room(&mut self.data, &mut self.pos, &mut self.dropped);
            &mut self.data
        } else {
            make_room(&mut self.raw, &mut self.raw_pos, &mut self.raw_dropped);
            &mut self.raw
        }
    }

    /// How many uncompressed bytes wait for the rest of their message.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.data.len() - self.pos
    }

    /// Makes room for so many more uncompressed bytes, if there is that much memory: a buffer that grows by itself
    /// leaves its smaller selves behind, which together are as large as the message.
    pub fn reserve(&mut self, bytes: usize) {
        // Without the room it grows by itself.
        let _ = self.data.try_reserve_exact(bytes);
    }

    /// Says that the input is complete. [`FrameReader::next`] then hands out what is left.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// The format, once enough input has come to tell it.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        match &self.stage {
            Stage::Messages(_, splitter) => Some(splitter.format()),
            _ => None,
        }
    }

    /// The next message; `None` asks for more input or, after [`FrameReader::finish`], says that there is no more.
    ///
    /// # Errors
    /// An input that cannot be split further; every later call gives the same error.
    #[expect(clippy::should_implement_trait, reason = "the message borrows from the reader")]
    pub fn next(&mut self) -> Result<Option<Message<'_>>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.last = 0..0;
        match self.advance() {
            Ok(found) => Ok(found.map(|found| self.hand_out(&found))),
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// The message that [`FrameReader::next`] handed out last, as the caller's own. Where it fills most of the reader's
    /// memory, that memory goes with it: a large message need not be there twice. Nothing after more input has come, and nothing
    /// the second time.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        let range = std::mem::take(&mut self.last);
        if self.format() == Some(Format::ZstdFrames) && !range.is_empty() {
            return std::mem::take(&mut self.message);
        }
        if range.len() < self.data.len() / 2 {
            return self.data[range].to_vec();
        }
        // What follows the message stays; the message ends at `pos`.
        let rest = self.data[self.pos..].to_vec();
        let mut taken = std::mem::replace(&mut self.data, rest);
        self.dropped += self.pos as u64;
        self.pos = 0;
        taken.truncate(range.end);
        taken.drain(..range.start);
        taken
    }

    fn hand_out(&mut self, found: &Found) -> Message<'_> {
        self.last = found.range.clone();
        let bytes =
            if found.format == Format::ZstdFrames { &self.message[..] } else { &self.data[found.range.clone()] };
        Message { bytes, offset: found.offset, position: found.position, format: found.format }
    }

    fn advance(&mut self) -> Result<Option<Found>, FrameError> {
        loop {
            if let Some(found) = self.settled_next()? {
                return Ok(Some(found));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Settles what can be settled, and finds the next message in the data that is there.
    fn settled_next(&mut self) -> Result<Option<Found>, FrameError> {
        if matches!(self.stage, Stage::Start) {
            if self.raw.len() < 4 && !self.finished {
                return Ok(None);
            }
            let compression = match self.options.format {
                Some(Format::ZstdFrames) => Compression::None,
                _ => Compression::detect(&self.raw),
            };
            let codec = codec(compression, self.zstd).map_err(|kind| FrameError::new(kind, 0))?;
            if codec.is_none() {
                self.data = std::mem::take(&mut self.raw);
            }
            self.stage = Stage::Content(codec);
        }
        self.drained = self.finished && !matches!(self.stage, Stage::Content(Some(_)) | Stage::Messages(Some(_), _))
            || self.drained;
        if let Stage::Content(codec) = &mut self.stage {
            let format = match self.options.format {
                Some(format) => format,
                // A brace settles it at once, so that a slow stream of lines is not held up.
                None => match self.data.get(..PREFIX) {
                    Some(prefix) => detect_prefix(prefix, false),
                    None if self.drained || self.data.first() == Some(&b'{') => detect_prefix(&self.data, self.drained),
                    None => return Ok(None),
                },
            };
            let codec = codec.take();
            self.stage = Stage::Messages(codec, Splitter::new(format));
        }
        let Stage::Messages(_, splitter) = &mut self.stage else {
            return Ok(None);
        };
        self.pos += splitter.pass_blanks(&self.data[self.pos..]);
        let offset = self.dropped + self.pos as u64;
        let at = |kind| FrameError::new(kind, offset);
        let rest = &self.data[self.pos..];
        let limit = self.options.message_bytes;
        if splitter.announced(rest).is_some_and(|len| len > limit as u64) {
            return Err(at(FrameErrorKind::TooLarge));
        }
        let found = splitter.next(rest, self.drained).map_err(at)?;
        let Some(found) = found else {
            // Nothing complete in more bytes than a message may have: it only gets longer. Ten is the longest length.
            return if rest.len() > limit.saturating_add(10) { Err(at(FrameErrorKind::TooLarge)) } else { Ok(None) };
        };
        if found.len() > limit {
            return Err(at(FrameErrorKind::TooLarge));
        }
        let format = splitter.format();
        let position = splitter.started().map(|started| (started.line, started.column));
        let range = self.pos + found.start..self.pos + found.end;
        let offset = self.dropped + range.start as u64;
        if format == Format::ZstdFrames {
            if self.message.capacity() > KEPT {
                self.message = Vec::new();
            }
            self.message.clear();
            self.decompressor
                .run(&self.data[range.clone()], limit, &mut self.expansion, &mut self.message)
                .map_err(|error| FrameError::new(error.kind, offset + error.offset))?;
        }
        self.pos = range.end;
        Ok(Some(Found { range, offset, position, format }))
    }

    /// Decompresses a little more; false when there is nothing to do without more input.
    fn fill(&mut self) -> Result<bool, FrameError> {
        let (Stage::Content(Some(codec)) | Stage::Messages(Some(codec), _)) = &mut self.stage else {
            return Ok(false);
        };
        if self.drained {
            return Ok(false);
        }
        if let Some(error) = self.broken {
            return Err(error);
        }
        make_room(&mut self.data, &mut self.pos, &mut self.dropped);
        let before = self.data.len();
        let step = codec.step(&self.raw[self.raw_pos..], self.finished, &mut self.data);
        let used = if let Ok(Step::Used(used)) = step { used } else { 0 };
        match self.expansion.add(used, self.data.len() - before).and(step) {
            Ok(Step::Used(_)) => {}
            Ok(Step::Starved) => return Ok(false),
            Ok(Step::Ended) => self.drained = true,
            Err(kind) => self.broken = Some(FrameError::new(kind, self.raw_dropped + self.raw_pos as u64)),
        }
        self.raw_pos += used;
        Ok(true)
    }
}

/// A message that was found: where, and in what.
struct Found {
    range: Range<usize>,
    offset: u64,
    position: Option<(u64, u64)>,
    format: Format,
}

/// Drops what is consumed, when that is most of the buffer: each byte then moves at most once on average.
fn make_room(buffer: &mut Vec<u8>, pos: &mut usize, dropped: &mut u64) {
    if *pos * 2 >= buffer.len() {
        *dropped += *pos as u64;
        buffer.drain(..*pos);
        *pos = 0;
    }
}
