//! Runs the binary, and makes what it reads.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use flate2::write::GzEncoder;
use ottl::otlp::Signal;
use ottl::otlp::framing::{FrameOptions, FrameReader};
use ottl::otlp::json::{self, Style};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// What a run gave.
pub struct Done {
    pub status: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Done {
    /// Standard output as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("the output is text")
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).expect("the output is JSON")
    }

    /// Asserts the exit status.
    #[track_caller]
    pub fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "standard error: {}", self.err);
        self
    }

    /// Asserts that standard error names all of these.
    #[track_caller]
    pub fn names(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        }
        self
    }
}

/// The binary, with nothing of this process's environment that it looks at.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ottl"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("RUST_BACKTRACE");
    command
}

/// Runs the binary with these bytes on standard input.
pub fn ottl<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>, input: &[u8]) -> Done {
    let mut child = command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    // The command may end without reading all of it.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let done = child.wait_with_output().expect("the binary ends");
    feeder.join().expect("feeding does not panic");
    let err = String::from_utf8(done.stderr).expect("messages are text");
    assert!(!err.contains("panicked"), "{err}");
    Done { status: done.status.code().unwrap_or(-1), out: done.stdout, err }
}

/// A directory that is removed at the end.
pub struct Dir(PathBuf);

impl Dir {
    pub fn new() -> Dir {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ottl-cli-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Dir(path)
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("the path is text").to_owned()
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, contents).expect("the file can be written");
        path
    }

    /// The names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("the directory is there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The path of one of the project's samples.
pub fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples").join(name);
    path.to_str().expect("the path is text").to_owned()
}

/// The contents of a file.
pub fn contents(path: &str) -> Vec<u8> {
    std::fs::read(path).expect("the file is there")
}

/// OTLP/JSON as protobuf.
pub fn protobuf(signal: Signal, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    json::to_protobuf(signal, text, &mut out).expect("OTLP/JSON");
    out
}

/// Protobuf as compact OTLP/JSON: the form in which outputs are compared.
pub fn text(signal: Signal, message: &[u8]) -> String {
    let mut out = Vec::new();
    json::from_protobuf(signal, message, &mut out, Style::Compact).expect("OTLP protobuf");
    String::from_utf8(out).expect("JSON is text")
}

/// One log record with this body.
pub fn log(body: &str) -> String {
    format!(
        r#"{{"resourceLogs":[{{"resource":{{}},"scopeLogs":[{{"scope":{{}},"logRecords":[{{"body":{{"stringValue":"{body}"}}}}]}}]}}]}}"#
    )
}

/// One span with this name.
pub fn span(name: &str) -> String {
    format!(
        r#"{{"resourceSpans":[{{"resource":{{}},"scopeSpans":[{{"scope":{{}},"spans":[{{"name":"{name}","status":{{}}}}]}}]}}]}}"#
    )
}

/// All messages behind 4-byte lengths.
pub fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
    let one = |message: &Vec<u8>| [&(message.len() as u32).to_be_bytes()[..], message].concat();
    messages.iter().flat_map(one).collect()
}

/// All messages behind varint lengths.
pub fn delimited(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        let mut len = message.len();
        while len >= 0x80 {
            out.push(len as u8 | 0x80);
            len >>= 7;
        }
        out.push(len as u8);
        out.extend_from_slice(message);
    }
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out).expect("gzip");
    out
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// The messages of an output in any format, each as it stands there.
pub fn messages(bytes: &[u8], options: FrameOptions) -> Vec<Vec<u8>> {
    let mut reader = FrameReader::new(options);
    reader.push(bytes);
    reader.finish();
    let mut out = Vec::new();
    while let Some(message) = reader.next().expect("the output is well-formed") {
        out.push(message.bytes.to_vec());
    }
    out
}
