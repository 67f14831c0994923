//! Messages from one encoding to another, and messages out of files.

use std::borrow::Cow;

use ottl::Signal;
use ottl::otlp::framing::{Compression, FrameOptions, FrameReader, decompress};
use ottl::otlp::pprof;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::messages::{Encoding, Read, signal, signal_of, stranger, told};

/// The most bytes that a file may decompress to, and that converting makes.
const LARGEST: usize = 256 << 20;

fn failed(text: impl AsRef<str>) -> JsError {
    JsError::new(text.as_ref())
}

/// A message in another encoding. `signal` may be left out where the message is JSON, `from` where its bytes tell.
///
/// # Errors
/// Names that do not exist, damage, a signal that cannot be told.
#[wasm_bindgen]
pub fn convert(message: &[u8], to: &str, signal: Option<String>, from: Option<String>) -> Result<Vec<u8>, JsError> {
    let convert = || {
        let to = Encoding::by_name(to)?;
        let from = from.as_deref().map_or(Ok(Encoding::of(message)), Encoding::by_name)?;
        let signal = signal_of(signal.as_deref(), message, from)?;
        let read = Read::new(signal, message, from)?;
        let protobuf = read.protobuf(message).to_vec();
        if to == Encoding::Protobuf {
            let valid = ottl::otlp::schema::validate(signal, &protobuf);
            valid.map_err(|error| error.to_string())?;
        }
        read.write(signal, message, protobuf, to)
    };
    convert().map_err(failed)
}

/// A profile of pprof, compressed or not, as OTLP in protobuf.
///
/// # Errors
/// Damage.
#[wasm_bindgen(js_name = fromPprof)]
pub fn from_pprof(file: &[u8]) -> Result<Vec<u8>, JsError> {
    let file = decompress(file, LARGEST).map_err(|error| failed(error.to_string()))?;
    pprof::to_profiles(&file, LARGEST).map_err(|error| failed(error.to_string()))
}

/// The content of a file of pprof, which nobody compresses with Zstandard.
fn pprof_in(file: &[u8]) -> Option<Cow<'_, [u8]>> {
    if Compression::detect(file) == Compression::Zstd {
        return None;
    }
    decompress(file, LARGEST).ok().filter(|content| pprof::is_pprof(content))
}

/// The messages of a file in any of the forms that the command reads, compressed or not.
#[wasm_bindgen]
pub struct Messages {
    reader: FrameReader,
    /// The one message that a file of pprof is.
    profile: Option<Result<Vec<u8>, String>>,
    encoding: &'static str,
}

#[wasm_bindgen]
impl Messages {
    /// Of this file.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8]) -> Messages {
        let options =
            FrameOptions { message_bytes: LARGEST, decompressed_bytes: LARGEST as u64, ..FrameOptions::default() };
        let mut reader = FrameReader::new(options);
        let profile =
            pprof_in(file).map(|content| pprof::to_profiles(&content, LARGEST).map_err(|error| error.to_string()));
        if profile.is_none() {
            reader.push(file);
        }
        reader.finish();
        Messages { reader, profile, encoding: "" }
    }

    /// The next message; none behind the last one.
    ///
    /// # Errors
    /// Damage, and what is no OTLP.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, JsError> {
        if let Some(profile) = self.profile.take() {
            self.encoding = "protobuf";
            return profile.map(Some).map_err(failed);
        }
        match self.reader.next() {
            Ok(Some(message)) => {
                self.encoding = match Encoding::of(message.bytes) {
                    Encoding::Json(_) => "json",
                    Encoding::Protobuf => match stranger(message.bytes) {
                        Some(text) => return Err(failed(text)),
                        None => "protobuf",
                    },
                };
                Ok(Some(message.bytes.to_vec()))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// How the last message is encoded: `json` or `protobuf`.
    #[wasm_bindgen(getter)]
    pub fn encoding(&self) -> String {
        self.encoding.to_owned()
    }
}

/// The signal of a message, as far as its bytes tell. Where protobuf could be of several, it is of the one of `wanted` that it could be.
///
/// # Errors
/// Names that do not exist.
#[wasm_bindgen(js_name = signalOf)]
pub fn signal_in(message: &[u8], wanted: Vec<String>) -> Result<Option<String>, JsError> {
    let wanted: Result<Vec<Signal>, String> = wanted.iter().map(|name| signal(name)).collect();
    let found = told(message, Encoding::of(message), &wanted.map_err(failed)?);
    Ok(found.map(|signal| signal.name().to_owned()))
}
