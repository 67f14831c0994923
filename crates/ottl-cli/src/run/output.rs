//! Where messages go: standard output, a file that appears only when all is done, or a device.
//!
//! INVARIANT: a regular file at the output's path is either the old one or the whole new one (`replace`).

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use flate2::Crc;
use ottl::otlp::framing::Format;

use super::compress::{Encoder, GZIP_LEVEL, Target};
use super::message::Layout;
use super::pieces::Pieces;
use crate::args::CompressionArgument;
use crate::failure::{Failure, is_standard};
use crate::replace::Replacement;

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

impl Output {
    /// An output that nothing becomes of.
    pub fn nowhere() -> Output {
        let (name, encoder) = ("nothing".to_owned(), Encoder::Plain(Box::new(io::sink())));
        Output { name, encoder, live: false, replacement: None, in_place: false, is_file: false }
    }

    /// Opens the output: standard output for none or `-`; `in_place` says that it is an input, too.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(path: Option<&Path>, in_place: bool) -> Result<Output, Failure> {
        let Some(path) = path.filter(|path| !is_standard(path)) else {
            let name = "standard output".to_owned();
            let target = standard().map_err(|error| Failure::write(&name, error))?;
            let encoder = Encoder::Plain(target);
            // Nobody waits for what goes to a file.
            let live = !fs::metadata("/dev/stdout").is_ok_and(|found| found.is_file());
            return Ok(Output { name, encoder, live, replacement: None, in_place: false, is_file: false });
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

    /// Compresses all that follows, in a run with so many threads. Called before the first write.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn compress(&mut self, layout: Layout, threads: usize) -> Result<(), Failure> {
        let Encoder::Plain(target) = std::mem::replace(&mut self.encoder, Encoder::Plain(Box::new(io::sink()))) else {
            return Ok(());
        };
        let made = Encoder::new(target, layout.compression, layout.level, threads);
        self.encoder = made.map_err(|error| failed(&self.name, self.is_file, error))?;
        Ok(())
    }

    /// Writes whole messages, so that whoever reads along gets them now.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&mut self, pieces: &Pieces) -> Result<(), Failure> {
        if pieces.len() == 0 {
            return Ok(());
        }
        let result = self.encoder.write(pieces, self.live);
        result.map_err(|error| failed(&self.name, self.is_file, error))
    }

    /// Writes whole messages that were deflated elsewhere.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn put_deflated(&mut self, block: &[u8], crc: &Crc) -> Result<(), Failure> {
        let result = self.encoder.put_deflated(block, crc, self.live);
        result.map_err(|error| failed(&self.name, self.is_file, error))
    }

    /// Ends the output; a file takes its place now.
    pub fn finish(mut self) -> Result<(), Failure> {
        let ended = self.encoder.finish();
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

/// Writes what is in memory, compressed as it was asked for.
///
/// # Errors
/// It cannot be written.
pub fn write_whole(
    path: Option<&Path>,
    in_place: bool,
    asked: CompressionArgument,
    bytes: Vec<u8>,
) -> Result<(), Failure> {
    let mut output = Output::create(path, in_place)?;
    let CompressionArgument { compression, level } = asked;
    let layout = Layout { format: Format::Protobuf, compression, level: level.unwrap_or(GZIP_LEVEL) };
    output.compress(layout, 1)?;
    output.write(&bytes.into())?;
    output.finish()
}

/// Standard output without the buffer in front of it, which takes lines, and of several pieces only the first ones.
#[cfg(unix)]
fn standard() -> io::Result<Target> {
    use std::os::fd::AsFd as _;
    Ok(Box::new(fs::File::from(io::stdout().as_fd().try_clone_to_owned()?)))
}

/// Standard output.
#[cfg(not(unix))]
fn standard() -> io::Result<Target> {
    Ok(Box::new(io::stdout()))
}

fn failed(name: &str, is_file: bool, error: io::Error) -> Failure {
    if is_file { Failure::write_file(name, error) } else { Failure::write(name, error) }
}
