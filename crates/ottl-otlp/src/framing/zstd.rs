//! Zstandard frames one after the other, a block at a time: a block makes at most 128 KiB, and what a decoder holds back for
//! its window comes in pieces, too.
//!
//! Headers, blocks, skippable frames and limits are looked at here; what is in a block is left to a [`ZstdDecoder`]: one in
//! Rust that builds everywhere (`built_in`), or one that an embedder brings along.
//!
//! INVARIANT: all that blocks before damage hold is given away before the damage is told: there may be many messages in it.

use super::FrameErrorKind;
use super::decompress::{Codec, Step};
use super::detect::ZSTD_MAGIC;

/// Decodes the blocks of Zstandard frames that a [`super::FrameReader`] has taken apart.
///
/// The default is written in Rust and builds everywhere. A binding of libzstd is several times as fast; see
/// [`super::FrameReader::with_zstd`].
pub trait ZstdDecoder: Send {
    /// Begins a frame, whatever became of the one before; `header` is all in front of its first block, its magic number
    /// included.
    ///
    /// # Errors
    /// The frame cannot be decoded.
    fn frame(&mut self, header: &[u8]) -> Result<(), ZstdDamage>;

    /// Decodes a block, which begins with its three bytes of header, and appends what can be given away. The last block of a
    /// frame `has_checksum` when four bytes with that of the frame follow it.
    ///
    /// # Errors
    /// The block, or the checksum, is damaged. What the blocks before made is not lost by that.
    fn block(&mut self, block: &[u8], has_checksum: bool, out: &mut Vec<u8>) -> Result<(), ZstdDamage>;

    /// Appends at most 128 KiB of what was held back, now that the frame has ended or cannot go on. False when that was the last.
    ///
    /// # Errors
    /// The frame is damaged.
    fn rest(&mut self, out: &mut Vec<u8>) -> Result<bool, ZstdDamage>;
}

/// Zstandard data that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZstdDamage;

/// Makes a decoder of frames with windows of at most so many bytes.
pub type NewZstdDecoder = fn(u64) -> Box<dyn ZstdDecoder>;

impl From<ZstdDamage> for FrameErrorKind {
    fn from(_: ZstdDamage) -> Self {
        Self::BadZstd
    }
}

/// The most that a block makes, and takes.
const BLOCK: usize = 128 << 10;

/// Frames one after the other.
pub(super) struct Zstd {
    decoder: Box<dyn ZstdDecoder>,
    window: u64,
    state: State,
}

enum State {
    /// At the start of a frame.
    Header,
    /// Inside a frame; whether its end has a checksum.
    Blocks { checksum: bool },
    /// Behind a frame of which something is held back.
    Rest,
    /// Behind a frame that cannot go on for this reason, and of which something is held back.
    Broken(FrameErrorKind),
    /// Inside a skippable frame of which so many bytes are left.
    Skip(usize),
}

impl Zstd {
    pub(super) fn new(decoder: Box<dyn ZstdDecoder>, window: u64) -> Self {
        Self { decoder, window, state: State::Header }
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
        if window(header, single, content_size) > self.window {
            return Err(FrameErrorKind::WindowTooLarge);
        }
        self.decoder.frame(header)?;
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
        let has_checksum = last && checksum;
        let len = 3 + content + if has_checksum { 4 } else { 0 };
        let Some(block) = input.get(..len) else {
            // Waiting for more than a block may have would be a buffer without bound.
            return if content > BLOCK { Err(FrameErrorKind::BadZstd) } else { Ok(None) };
        };
        self.decoder.block(block, has_checksum, out)?;
        if last {
            self.state = State::Rest;
        }
        Ok(Some(len))
    }

    /// Takes what was held back, and then says what is wrong.
    fn broken(&mut self, kind: FrameErrorKind, out: &mut Vec<u8>) -> Result<Step, FrameErrorKind> {
        self.state = State::Broken(kind);
        if self.decoder.rest(out).unwrap_or(false) { Ok(Step::Used(0)) } else { Err(kind) }
    }
}

/// The window that a header asks for: RFC 8878, 3.1.1.1.2. That of a frame of one segment is its content.
fn window(header: &[u8], single: bool, content_size: usize) -> u64 {
    if !single {
        let wanted = header[5];
        let base = 1_u64 << (10 + (wanted >> 3));
        return base + base / 8 * u64::from(wanted & 7);
    }
    let mut size = [0; 8];
    size[..content_size].copy_from_slice(&header[header.len() - content_size..]);
    // Sizes of two bytes begin where those of one end.
    u64::from_le_bytes(size).saturating_add(if content_size == 2 { 256 } else { 0 })
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
            State::Rest => {
                if !self.decoder.rest(out)? {
                    self.state = State::Header;
                }
                return Ok(Step::Used(0));
            }
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

#[cfg(feature = "zstd")]
pub(super) mod built_in {
    use std::io::Read as _;

    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

    use super::{BLOCK, ZstdDamage, ZstdDecoder};

    /// A decoder that builds everywhere.
    pub fn decoder(window: u64) -> Box<dyn ZstdDecoder> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window);
        Box::new(BuiltIn { decoder, used: false, checksum: false })
    }

    /// It holds the window back until the frame ends.
    struct BuiltIn {
        decoder: FrameDecoder,
        /// Whether the decoder has had a frame.
        used: bool,
        /// Whether the end of the frame has a checksum.
        checksum: bool,
    }

    impl BuiltIn {
        /// Takes a piece of what the decoder can give away.
        fn collect(&mut self, out: &mut Vec<u8>) -> Result<(), ZstdDamage> {
            (&mut self.decoder).take(BLOCK as u64).read_to_end(out).map(drop).map_err(|_| ZstdDamage)
        }

        fn decode(&mut self, mut block: &[u8]) -> Result<(), ZstdDamage> {
            let decoded = self.decoder.decode_blocks(&mut block, BlockDecodingStrategy::UptoBlocks(1));
            decoded.map(drop).map_err(|_| ZstdDamage)
        }
    }

    impl ZstdDecoder for BuiltIn {
        fn frame(&mut self, header: &[u8]) -> Result<(), ZstdDamage> {
            if !self.used {
                // Only from its second frame on does the decoder make room for the window at once, which is not there until
                // it is written to. A window that grows is copied, and takes twice its size.
                self.decoder.reset(header).map_err(|_| ZstdDamage)?;
                self.used = true;
            }
            // RFC 8878, 3.1.1.1.1.6: a bit of the byte behind the magic number.
            self.checksum = header[4] & 4 != 0;
            self.decoder.reset(header).map_err(|_| ZstdDamage)
        }

        fn block(&mut self, block: &[u8], _: bool, out: &mut Vec<u8>) -> Result<(), ZstdDamage> {
            self.decode(block)?;
            self.collect(out)
        }

        fn rest(&mut self, out: &mut Vec<u8>) -> Result<bool, ZstdDamage> {
            if !self.decoder.is_finished() {
                // The window is kept until the frame ends: an empty last block ends it, with a checksum that nobody asks for.
                self.decode(if self.checksum { &[1, 0, 0, 0, 0, 0, 0] } else { &[1, 0, 0] })?;
                self.checksum = false;
            }
            self.collect(out)?;
            if self.decoder.can_collect() > 0 {
                return Ok(true);
            }
            let expected = self.decoder.get_checksum_from_data().filter(|_| self.checksum);
            if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                return Err(ZstdDamage);
            }
            Ok(false)
        }
    }
}
