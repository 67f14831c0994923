//! Where messages start and end in uncompressed bytes.
//!
//! JSON is split by brackets, not by lines, so that indented documents and JSON lines are one format. Damage does not
//! swallow what follows: a line that starts an OTLP message starts a new message, whatever is still open. Brackets are counted
//! 64 bytes at a time (`block`) where these cannot end a message, which is nearly everywhere.

use std::ops::Range;

use super::block::{BLOCK, Block};
use super::detect::MEMBERS;
use super::{Format, FrameError, FrameErrorKind};
use crate::wire::{WireErrorKind, read_varint};

/// The messages of a whole uncompressed input; iterates over their bytes and ranges.
///
/// For [`Format::ZstdFrames`] the messages are still compressed: see [`super::decompress`]. After an error the
/// iterator ends.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    input: &'a [u8],
    pos: usize,
    splitter: Splitter,
}

/// One message of a [`Frames`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The message.
    pub bytes: &'a [u8],
    /// Where it stands in the input, its length excluded.
    pub range: Range<usize>,
}

impl<'a> Frames<'a> {
    /// Splits `input`, which has this format.
    #[must_use]
    pub const fn new(format: Format, input: &'a [u8]) -> Self {
        Self { input, pos: 0, splitter: Splitter::new(format) }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.input[self.pos..];
        match self.splitter.next(rest, true) {
            Ok(Some(found)) => {
                let range = self.pos + found.start..self.pos + found.end;
                self.pos = range.end;
                Some(Ok(Frame { bytes: &self.input[range.clone()], range }))
            }
            Ok(None) => {
                self.pos = self.input.len();
                None
            }
            Err(kind) => {
                let offset = self.pos as u64;
                self.pos = self.input.len();
                Some(Err(FrameError::new(kind, offset)))
            }
        }
    }
}

/// Finds one message after the other in bytes that may still grow at their end.
#[derive(Clone, Debug)]
pub(super) struct Splitter {
    format: Format,
    json: JsonScan,
    /// Where the last message started, if it was found in text.
    started: Option<Position>,
}

/// How far a JSON value has been looked at.
#[derive(Clone, Debug)]
struct JsonScan {
    /// Bytes looked at, counted from where the last message ended.
    scanned: usize,
    /// Where the value starts, once seen, and at which line and column.
    start: Option<(usize, Position)>,
    depth: usize,
    in_string: bool,
    /// The line of what is looked at, from 1.
    line: u64,
    /// Where the line starts, counted as `scanned` is; bytes of it in front of that, which are gone.
    line_start: usize,
    line_before: u64,
}

/// A line and a column, both from 1; columns count bytes here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Splitter {
    pub(super) const fn new(format: Format) -> Self {
        let json =
            JsonScan { scanned: 0, start: None, depth: 0, in_string: false, line: 1, line_start: 0, line_before: 0 };
        Self { format, json, started: None }
    }

    /// Line and column of the last message, in formats that have lines.
    pub(super) const fn started(&self) -> Option<Position> {
        self.started
    }

    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// The next message in `rest`, the bytes after the last message; `complete` when no more can come. `None`
    /// asks for more, or says that nothing is left.
    pub(super) fn next(&mut self, rest: &[u8], complete: bool) -> Result<Option<Range<usize>>, FrameErrorKind> {
        match self.format {
            Format::Json => {
                let found = self.json.next(rest, complete);
                if let Some(found) = &found {
                    self.started = self.json.restart(found.end);
                }
                Ok(found)
            }
            Format::Protobuf => Ok((complete && !rest.is_empty()).then_some(0..rest.len())),
            Format::LengthPrefixed | Format::ZstdFrames => {
                let Some(len) = rest.first_chunk::<4>() else {
                    return at_end(rest, complete);
                };
                sized(rest, 4, u64::from(u32::from_be_bytes(*len)), complete)
            }
            Format::Delimited => match read_varint(rest, 0) {
                Ok((len, start)) => sized(rest, start, len, complete),
                Err(error) if error.kind == WireErrorKind::Truncated => at_end(rest, complete),
                Err(_) => Err(FrameErrorKind::BadLength),
            },
        }
    }

    /// How many bytes at the start of `rest` belong to no message: blanks between documents. They are passed over, and need not
    /// be kept until something comes.
    pub(super) fn pass_blanks(&mut self, rest: &[u8]) -> usize {
        if self.format == Format::Json { self.json.pass_blanks(rest) } else { 0 }
    }

    /// The size of the message at the start of `rest`, as far as its length is there and says so.
    pub(super) fn announced(&self, rest: &[u8]) -> Option<u64> {
        match self.format {
            Format::LengthPrefixed | Format::ZstdFrames => {
                rest.first_chunk::<4>().map(|len| u64::from(u32::from_be_bytes(*len)))
            }
            Format::Delimited => read_varint(rest, 0).ok().map(|(len, _)| len),
            Format::Json | Format::Protobuf => None,
        }
    }
}

fn at_end(rest: &[u8], complete: bool) -> Result<Option<Range<usize>>, FrameErrorKind> {
    if complete && !rest.is_empty() { Err(FrameErrorKind::Truncated) } else { Ok(None) }
}

fn sized(rest: &[u8], start: usize, len: u64, complete: bool) -> Result<Option<Range<usize>>, FrameErrorKind> {
    if len <= (rest.len() - start) as u64 {
        return Ok(Some(start..start + len as usize));
    }
    if complete { Err(FrameErrorKind::Truncated) } else { Ok(None) }
}

/// The longest text that [`starts_message`] looks at: a brace, a quote, the longest name, a quote.
const LOOK_AHEAD: usize = 20;

/// Brackets around what is looked at in blocks: records of OTLP have six around them, and a block closes fewer as a rule.
const SHALLOW: usize = 4;

/// Whether a line starts an OTLP message. These names occur at the top of a message only.
fn starts_message(line: &[u8]) -> bool {
    let Some(name) = line.strip_prefix(b"{\"") else {
        return false;
    };
    MEMBERS.iter().any(|(member, _)| name.strip_prefix(member.as_bytes()).is_some_and(|rest| rest.starts_with(b"\"")))
}

impl JsonScan {
    /// Makes ready for what follows a message that ends here; returns where it started.
    fn restart(&mut self, end: usize) -> Option<Position> {
        let started = self.start.take().map(|(_, position)| position);
        // Of a line that goes on, only its length so far is still known.
        self.line_before += (end - self.line_start) as u64;
        (self.scanned, self.line_start, self.depth, self.in_string) = (0, 0, 0, false);
        started
    }

    fn line_break(&mut self) {
        self.line += 1;
        self.line_start = self.scanned + 1;
        self.line_before = 0;
    }

    /// Skips what stands in front of the next message and counts from behind it; returns how many bytes that was.
    fn pass_blanks(&mut self, rest: &[u8]) -> usize {
        if self.start.is_some() {
            return 0;
        }
        self.skip_blanks(rest);
        let passed = self.scanned;
        self.line_before += (passed - self.line_start) as u64;
        (self.scanned, self.line_start) = (0, 0);
        if let Some((start, _)) = &mut self.start {
            *start = 0;
        }
        passed
    }

    /// Skips what may stand between messages; the start of the next one, once it is there.
    fn skip_blanks(&mut self, rest: &[u8]) -> Option<usize> {
        while let Some(&byte) = rest.get(self.scanned) {
            match byte {
                b'\n' => self.line_break(),
                // A byte order mark may stand at the start of a file; between messages it does no harm. It is no column.
                0xef | 0xbb | 0xbf if self.line_before == 0 && self.scanned == self.line_start => self.line_start += 1,
                0xef | 0xbb | 0xbf => {}
                _ if byte.is_ascii_whitespace() => {}
                _ => {
                    let column = self.line_before + (self.scanned - self.line_start) as u64 + 1;
                    self.start = Some((self.scanned, Position { line: self.line, column }));
                    return Some(self.scanned);
                }
            }
            self.scanned += 1;
        }
        None
    }

    /// Passes blocks in which the value cannot end.
    fn pass_blocks(&mut self, rest: &[u8], complete: bool) {
        while let Some(bytes) = rest[self.scanned..].first_chunk::<BLOCK>()
            && let Some(block) = Block::look(bytes, self.in_string)
            && block.closes < self.depth
        {
            let mut breaks = block.breaks;
            while breaks != 0 {
                let at = self.scanned + breaks.trailing_zeros() as usize;
                let line = &rest[at + 1..];
                if line.len() < LOOK_AHEAD && !complete || starts_message(line) {
                    return;
                }
                breaks &= breaks - 1;
            }
            if block.breaks != 0 {
                self.line += u64::from(block.breaks.count_ones());
                self.line_start = self.scanned + BLOCK - block.breaks.leading_zeros() as usize;
                self.line_before = 0;
            }
            self.depth = self.depth + block.opens - block.closes;
            self.in_string = block.in_string;
            self.scanned += block.len;
        }
    }

    fn next(&mut self, rest: &[u8], complete: bool) -> Option<Range<usize>> {
        let start = match self.start {
            Some((start, _)) => start,
            None => self.skip_blanks(rest)?,
        };
        // Where blocks may be tried again after one that has to be looked at byte by byte.
        let mut from = 0;
        while let Some(&byte) = rest.get(self.scanned) {
            if self.scanned >= from && self.depth >= SHALLOW {
                self.pass_blocks(rest, complete);
                from = self.scanned + BLOCK;
                continue;
            }
            if self.in_string {
                let tail = &rest[self.scanned..];
                let Some(at) = memchr::memchr3(b'"', b'\\', b'\n', tail) else {
                    self.scanned = rest.len();
                    break;
                };
                match tail[at] {
                    b'\\' if at + 1 >= tail.len() => {
                        // What is escaped has not come yet.
                        self.scanned += at;
                        break;
                    }
                    b'\\' => self.scanned += at + 2,
                    b'"' => {
                        self.scanned += at + 1;
                        self.in_string = false;
                    }
                    // No string holds a line break: the value is damaged, and the next line a fresh start.
                    _ => return Some(start..self.scanned + at),
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(start..self.scanned + 1);
                    }
                }
                b'\n' if self.depth == 0 => return Some(start..self.scanned),
                b'\n' => {
                    let line = &rest[self.scanned + 1..];
                    if line.len() < LOOK_AHEAD && !complete {
                        break;
                    }
                    if starts_message(line) {
                        return Some(start..self.scanned);
                    }
                    self.line_break();
                }
                _ => {}
            }
            self.scanned += 1;
        }
        // Half a value at the end is a message too: its reader tells what is missing, and where.
        complete.then_some(start..rest.len())
    }
}
