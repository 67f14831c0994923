//! Messages out of files and standard input, in chunks.
//!
//! INVARIANT: no more is held than one message, the chunk that was read, and what one step of decompression makes. A
//! file that is one protobuf message is read in one piece: a buffer that grows would hold it twice.

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;
use ottl::otlp::framing::{
    Compression, Format, FrameError, FrameErrorKind, FrameOptions, FrameReader, Message, decompress,
};
use ottl::otlp::pprof;

use crate::args::Pprof;
use crate::content::begins_like_text;
use crate::failure::{Failure, is_standard, name_of};
use crate::libzstd;
use crate::limits::advice;

/// Bytes that one read asks for.
const CHUNK: usize = 256 << 10;

/// The same of a file, where the rest of a message that was cut off is moved once for each read.
const FILE_CHUNK: usize = 1 << 20;

/// Bytes that tell every compression.
const MAGIC: usize = 4;

/// Bytes that tell every format, and as many as a file must have to be worth the question.
const HEAD: usize = 4096;

/// A message that is longer than this gets its room at once, not step by step.
const LONG: usize = 4 << 20;

/// An input that is being read.
pub struct Input {
    name: Arc<str>,
    options: FrameOptions,
    source: Box<dyn Read + Send>,
    frames: FrameReader,
    /// The size of the file, if it is one protobuf message.
    whole: Option<u64>,
    /// What is left to read of a file.
    left: Option<u64>,
    chunk: Vec<u8>,
    /// The first bytes, until there are enough to tell the compression.
    head: Vec<u8>,
    compression: Option<Compression>,
    messages: u64,
    ended: bool,
}

/// The paths to read: those given, or standard input.
pub fn paths_or_standard(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() { vec![PathBuf::from("-")] } else { paths.to_vec() }
}

/// The size of all files together; none when one of them is a stream.
pub fn total_len(paths: &[PathBuf]) -> Option<u64> {
    paths.iter().try_fold(0, |sum, path| {
        let metadata = std::fs::metadata(path).ok().filter(|_| !is_standard(path))?;
        metadata.is_file().then(|| sum + metadata.len())
    })
}

impl Input {
    /// Opens a file, or standard input for `-`. What is a pprof file is one message of OTLP profiles, if it may be one.
    ///
    /// # Errors
    /// It cannot be read, or it is a damaged pprof file.
    pub fn open(path: &Path, options: FrameOptions, pprof: Pprof) -> Result<Input, Failure> {
        let name = name_of(path);
        let mut head = Vec::new();
        let mut len = None;
        let mut source: Box<dyn Read + Send> = if is_standard(path) {
            Box::new(std::io::stdin())
        } else {
            let file = File::open(path).map_err(|error| Failure::read(&name, error))?;
            let metadata = file.metadata().map_err(|error| Failure::read(&name, error))?;
            if metadata.is_dir() {
                return Err(Failure::Failed(format!("{name}: cannot read: it is a directory")));
            }
            if metadata.is_file() {
                (&file).take(HEAD as u64).read_to_end(&mut head).map_err(|error| Failure::read(&name, error))?;
                len = Some(metadata.len());
            }
            Box::new(file)
        };
        if pprof != Pprof::No {
            if is_standard(path) {
                source
                    .by_ref()
                    .take(HEAD as u64)
                    .read_to_end(&mut head)
                    .map_err(|error| Failure::read(&name, error))?;
            }
            if pprof == Pprof::Always || is_pprof_head(&head) {
                return Input::of_pprof(name, options, Cursor::new(head).chain(source));
            }
            if is_standard(path) {
                source = Box::new(Cursor::new(std::mem::take(&mut head)).chain(source));
            }
        }
        let whole = len.filter(|_| head.len() == HEAD && is_one_message(&head, options));
        let mut frames = FrameReader::new(options).with_zstd(libzstd::decoder);
        if whole.is_none() {
            frames.push(&head);
        }
        let compression = (head.len() >= MAGIC).then(|| Compression::detect(&head));
        Ok(Input {
            name: name.into(),
            options,
            source,
            frames,
            whole,
            left: len.map(|len| len.saturating_sub(head.len() as u64)),
            chunk: if whole.is_some() { head.clone() } else { vec![0; CHUNK] },
            head,
            compression,
            messages: 0,
            ended: false,
        })
    }

    /// The message that a pprof file is.
    fn of_pprof(name: String, options: FrameOptions, source: impl Read) -> Result<Input, Failure> {
        let limit = options.message_bytes;
        let mut bytes = Vec::new();
        source.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| Failure::read(&name, error))?;
        let advice = || advice("message_bytes").unwrap_or_default();
        let too_large = || Failure::Failed(format!("{name}: a pprof file of more than {limit} bytes{}", advice()));
        if bytes.len() > limit {
            return Err(too_large());
        }
        let content = decompress(&bytes, limit).map_err(|error| match error.kind.limit() {
            Some(_) => too_large(),
            None => Failure::Failed(format!("{name}: {error}")),
        })?;
        if !pprof::is_pprof(&content) {
            let text = match begins_like_text(&content) {
                true => "this is no pprof file, it is text; without --from a format is told by what is in it",
                false => "this is no pprof file: there is no string table, or its first text is not empty",
            };
            return Err(Failure::Failed(format!("{name}: {text}")));
        }
        let message = pprof::to_profiles(&content, limit).map_err(|error| match error.kind {
            pprof::PprofErrorKind::TooLarge { .. } => Failure::Failed(format!("{name}: {error}{}", advice())),
            _ => Failure::Failed(format!("{name}: {error}")),
        })?;
        Ok(Input {
            name: name.into(),
            options,
            source: Box::new(std::io::empty()),
            frames: FrameReader::new(options),
            whole: Some(0),
            left: Some(0),
            chunk: message,
            head: Vec::new(),
            compression: Some(Compression::None),
            messages: 0,
            ended: false,
        })
    }

    /// How the input is called in messages.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether more may come at any time, or never; of a file all is there.
    pub fn is_stream(&self) -> bool {
        self.left.is_none()
    }

    /// How the input is compressed as a whole; none before the first message or the end.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// How many messages have been handed out.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The next message that needs no reading; none asks for [`Input::read`].
    ///
    /// # Errors
    /// The input cannot be split into messages any further.
    pub fn next(&mut self) -> Result<Option<Message<'_>>, FrameError> {
        if self.whole.is_some() {
            if !self.ended || self.messages > 0 {
                return Ok(None);
            }
            if self.chunk.len() > self.options.message_bytes {
                return Err(FrameError { kind: FrameErrorKind::TooLarge, offset: 0 });
            }
            self.messages = 1;
            return Ok(Some(Message { bytes: &self.chunk, offset: 0, position: None, format: Format::Protobuf }));
        }
        let message = self.frames.next()?;
        self.messages += u64::from(message.is_some());
        Ok(message)
    }

    /// What is said of an input that cannot be split any further.
    pub fn explained(&self, error: FrameError, keep_going: bool) -> Failure {
        let Input { name, messages, head, .. } = self;
        // Its first bytes pass for a length.
        if *messages == 0 && matches!(head[..], [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            let text = "this is text in UTF-16, and OTLP/JSON is UTF-8: `iconv -f UTF-16 -t UTF-8` converts it";
            return Failure::Failed(format!("{name}: {text}"));
        }
        let help = match error.kind.limit() {
            Some(limit) => advice(limit).unwrap_or_default(),
            None if keep_going || *messages == 0 => String::new(),
            None => "; --keep-going keeps what came before".to_owned(),
        };
        Failure::Failed(format!("{name}: message {}: {error}{help}", messages + 1))
    }

    /// The message that [`Input::next`] handed out last, as the caller's own, without a copy where it is large.
    pub fn take(&mut self) -> Vec<u8> {
        if self.whole.is_some() { std::mem::take(&mut self.chunk) } else { self.frames.take() }
    }

    /// Reads a chunk; returns how many bytes it had, none at the end of the input, which adds a last round of
    /// [`Input::next`].
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn read(&mut self) -> Result<Option<usize>, Failure> {
        if self.ended {
            return Ok(None);
        }
        if let Some(len) = self.whole {
            let limit = self.options.message_bytes as u64;
            self.chunk.reserve_exact(len.min(limit) as usize);
            // With the bytes of the head, one that is too large shows.
            let result = self.source.by_ref().take(limit).read_to_end(&mut self.chunk);
            self.ended = true;
            return result.map(Some).map_err(|error| Failure::read(&self.name, error));
        }
        let pending = self.frames.pending();
        if pending > LONG {
            // Where the size is unknown, that is all that the message may have, if memory is only there once it is written to.
            let room = match self.left.filter(|_| self.compression == Some(Compression::None)) {
                Some(left) => left.min(self.options.message_bytes as u64) as usize,
                None if cfg!(unix) => self.options.message_bytes.saturating_sub(pending),
                None => 0,
            };
            self.frames.reserve(room);
        }
        let is_told = self.compression.is_some();
        let len = if is_told && !self.is_stream() { self.read_file()? } else { self.read_chunk()? };
        self.left = self.left.map(|left| left.saturating_sub(len as u64));
        if len == 0 {
            self.ended = true;
            self.frames.finish();
        }
        Ok(Some(len))
    }

    /// Reads from a file to where it stays.
    fn read_file(&mut self) -> Result<usize, Failure> {
        self.frames.read_from(&mut self.source, FILE_CHUNK).map_err(|error| Failure::read(&self.name, error))
    }

    /// Reads what a stream has now.
    fn read_chunk(&mut self) -> Result<usize, Failure> {
        let len = loop {
            match self.source.read(&mut self.chunk) {
                Ok(len) => break len,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::read(&self.name, error)),
            }
        };
        let chunk = &self.chunk[..len];
        if self.compression.is_none() {
            let missing = MAGIC.saturating_sub(self.head.len()).min(len);
            self.head.extend_from_slice(&chunk[..missing]);
            if self.head.len() >= MAGIC || len == 0 {
                self.compression = Some(Compression::detect(&self.head));
            }
        }
        if len > 0 {
            self.frames.push(chunk);
        }
        Ok(len)
    }
}

/// Whether a file is one of pprof, as far as its beginning tells; one that cannot be read is none.
pub fn is_pprof_file(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    read.is_ok() && is_pprof_head(&head)
}

/// Whether a file that begins so is one of pprof, as far as the beginning tells: its first field is one that no message of OTLP
/// has, or a type of values, whose fields are two numbers.
fn is_pprof_head(head: &[u8]) -> bool {
    let mut inflated = Vec::new();
    let head = match Compression::detect(head) {
        Compression::Gzip => {
            // What was read of it may end anywhere.
            let _ = GzDecoder::new(head).take(HEAD as u64).read_to_end(&mut inflated);
            &inflated
        }
        // Nobody writes pprof so, and its first byte would pass for a field's.
        Compression::Zstd => return false,
        Compression::None => head,
    };
    pprof::begins_like_pprof(head) && !begins_like_text(head)
}

/// Whether a file that begins so is one uncompressed protobuf message.
fn is_one_message(head: &[u8], options: FrameOptions) -> bool {
    if Compression::detect(head) != Compression::None {
        return false;
    }
    let mut probe = FrameReader::new(options);
    probe.push(head);
    // Only the format is of interest, which shows before the first message does.
    let _ = probe.next();
    probe.format() == Some(Format::Protobuf)
}
