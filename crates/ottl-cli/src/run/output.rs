//! Where messages go: standard output, a file that appears only when all is done, or a device.
//!
//! INVARIANT: a regular file at the output's path is either the old one or the whole new one (`replace`).

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use ottl::otlp::framing::Compression;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::failure::{Failure, is_standard};
use crate::replace::Replacement;

/// Bytes that one Zstandard frame of a compressed output holds, at least, unless somebody waits for them.
const ZSTD_FRAME: usize = 4 << 20;

/// An output that is being written.
pub struct Output {
    name: String,
    encoder: Encoder,
    /// Whether somebody may be reading while we write.
    live: bool,
    replacement: Option<Replacement>,
    /// Whether the file to replace is being read.
    in_place: bool,
    /// Whether it was named, so that a reader that goes away is a failure; one of standard output has seen enough.
    is_file: bool,
}

enum Encoder {
    Plain(Box<dyn Write + Send>),
    Gzip(GzEncoder<Box<dyn Write + Send>>),
    Zstd { sink: Box<dyn Write + Send>, pending: Vec<u8>, written: bool },
}

impl Output {
    /// Opens the output: standard output for none or `-`; `in_place` says that it is an input, too.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(path: Option<&Path>, in_place: bool) -> Result<Output, Failure> {
        let Some(path) = path.filter(|path| !is_standard(path)) else {
            let encoder = Encoder::Plain(Box::new(io::stdout()));
            let name = "standard output".to_owned();
            return Ok(Output { name, encoder, live: true, replacement: None, in_place: false, is_file: false });
        };
        let name = path.display().to_string();
        let failed = |error| Failure::write_file(&name, error);
        let is_device = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
        if is_device {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            let encoder = Encoder::Plain(Box::new(file));
            return Ok(Output { name, encoder, live: true, replacement: None, in_place: false, is_file: true });
        }
        let replacement = Replacement::create(path).map_err(failed)?;
        let encoder = Encoder::Plain(Box::new(replacement.file().map_err(failed)?));
        Ok(Output { name, encoder, live: false, replacement: Some(replacement), in_place, is_file: true })
    }

    /// Compresses all that follows. Called before the first write.
    pub fn compress(&mut self, compression: Compression) {
        let plain = std::mem::replace(&mut self.encoder, Encoder::Plain(Box::new(io::sink())));
        self.encoder = match (plain, compression) {
            (Encoder::Plain(sink), Compression::Gzip) => {
                Encoder::Gzip(GzEncoder::new(sink, flate2::Compression::default()))
            }
            (Encoder::Plain(sink), Compression::Zstd) => Encoder::Zstd { sink, pending: Vec::new(), written: false },
            (encoder, _) => encoder,
        };
    }

    /// Writes whole messages, so that whoever reads along gets them now.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        let result = match &mut self.encoder {
            Encoder::Plain(sink) => sink.write_all(bytes).and_then(|()| sink.flush()),
            Encoder::Gzip(encoder) => {
                let live = self.live;
                encoder.write_all(bytes).and_then(|()| if live { encoder.flush() } else { Ok(()) })
            }
            Encoder::Zstd { sink, pending, written } => {
                pending.extend_from_slice(bytes);
                if self.live || pending.len() >= ZSTD_FRAME {
                    *written = true;
                    let frame = compress_to_vec(&pending[..], CompressionLevel::Fastest);
                    pending.clear();
                    sink.write_all(&frame).and_then(|()| sink.flush())
                } else {
                    Ok(())
                }
            }
        };
        result.map_err(|error| failed(&self.name, self.is_file, error))
    }

    /// Ends the output; a file takes its place now.
    pub fn finish(mut self) -> Result<(), Failure> {
        let ended = match self.encoder {
            Encoder::Plain(mut sink) => sink.flush(),
            Encoder::Gzip(encoder) => encoder.finish().and_then(|mut sink| sink.flush()),
            Encoder::Zstd { mut sink, pending, written } => {
                let last = if pending.is_empty() && written {
                    Vec::new()
                } else {
                    compress_to_vec(&pending[..], CompressionLevel::Fastest)
                };
                sink.write_all(&last).and_then(|()| sink.flush())
            }
        };
        let failed = |error| failed(&self.name, self.is_file, error);
        ended.map_err(failed)?;
        let Some(replacement) = self.replacement.take() else { return Ok(()) };
        if self.in_place && !replacement.is_unchanged() {
            let text = format!("{}: changed while it was read: left as it is", self.name);
            return Err(Failure::Failed(text));
        }
        replacement.keep().map_err(failed)
    }
}

fn failed(name: &str, is_file: bool, error: io::Error) -> Failure {
    if is_file { Failure::write_file(name, error) } else { Failure::write(name, error) }
}
