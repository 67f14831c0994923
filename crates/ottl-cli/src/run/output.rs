//! Where messages go: standard output, a file that appears only when all is done, or a device.
//!
//! INVARIANT: a regular file at the output's path is either the old one or the whole new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use ottl::otlp::framing::Compression;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::failure::{Failure, is_standard};
use crate::interrupt;

/// Bytes that one Zstandard frame of a compressed output holds, at least, unless somebody waits for them.
const ZSTD_FRAME: usize = 4 << 20;

/// An output that is being written.
pub struct Output {
    name: String,
    encoder: Encoder,
    /// Whether somebody may be reading while we write.
    live: bool,
    temporary: Option<Temporary>,
}

enum Encoder {
    Plain(Box<dyn Write + Send>),
    Gzip(GzEncoder<Box<dyn Write + Send>>),
    Zstd { sink: Box<dyn Write + Send>, pending: Vec<u8>, written: bool },
}

/// A sibling of the file to write; removed unless it was kept.
pub struct Temporary {
    path: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl Output {
    /// Opens the output: standard output for none or `-`.
    pub fn create(path: Option<&Path>) -> Result<Output, Failure> {
        let Some(path) = path.filter(|path| !is_standard(path)) else {
            let encoder = Encoder::Plain(Box::new(io::stdout()));
            return Ok(Output { name: "standard output".to_owned(), encoder, live: true, temporary: None });
        };
        let name = path.display().to_string();
        let failed = |error| Failure::write(&name, error);
        let is_device = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
        if is_device {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            return Ok(Output { encoder: Encoder::Plain(Box::new(file)), name, live: true, temporary: None });
        }
        let (temporary, file) = Temporary::create(path).map_err(failed)?;
        Ok(Output { encoder: Encoder::Plain(Box::new(file)), name, live: false, temporary: Some(temporary) })
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
        result.map_err(|error| Failure::write(&self.name, error))
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
        ended.map_err(|error| Failure::write(&self.name, error))?;
        if let Some(temporary) = self.temporary.take() {
            temporary.keep().map_err(|error| Failure::write(&self.name, error))?;
        }
        Ok(())
    }
}

impl Temporary {
    /// Creates an empty sibling of `path`, or of what `path` links to, with the permissions of the file to replace.
    pub fn create(path: &Path) -> io::Result<(Temporary, File)> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let file_name = target
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?
            .to_os_string();
        for attempt in 0..100 {
            let mut name = std::ffi::OsString::from(".");
            name.push(&file_name);
            name.push(format!(".{}-{attempt}.tmp", std::process::id()));
            let sibling = target.with_file_name(name);
            match OpenOptions::new().write(true).create_new(true).open(&sibling) {
                Ok(file) => {
                    interrupt::temporary(Some(&sibling));
                    let temporary = Temporary { path: sibling, target, kept: false };
                    if let Ok(metadata) = fs::metadata(&temporary.target) {
                        // A file that is replaced keeps its permissions where the system lets it.
                        let _ = file.set_permissions(metadata.permissions());
                    }
                    return Ok((temporary, file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "a hundred temporary files are there already"))
    }

    /// Puts the file in its place.
    pub fn keep(mut self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)?;
        self.kept = true;
        interrupt::temporary(None);
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // It may be gone already; there is nobody left to tell.
            let _ = fs::remove_file(&self.path);
            interrupt::temporary(None);
        }
    }
}

/// Replaces the contents of a file, wholly or not at all.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let failed = |error| Failure::write(path.display(), error);
    let (temporary, mut file) = Temporary::create(path).map_err(failed)?;
    file.write_all(contents).and_then(|()| file.flush()).map_err(failed)?;
    temporary.keep().map_err(failed)
}
