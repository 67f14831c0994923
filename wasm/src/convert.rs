//! Messages from one encoding to another, and messages out of files.

use ottl::otlp::framing::{FrameOptions, FrameReader};
use ottl::otlp::pprof;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::messages::{Encoding, Read, signal_of};

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
    let file = ottl::otlp::framing::decompress(file, LARGEST).map_err(|error| failed(error.to_string()))?;
    pprof::to_profiles(&file, LARGEST).map_err(|error| failed(error.to_string()))
}

/// The messages of a file in any of the forms that the command reads, compressed or not.
#[wasm_bindgen]
pub struct Messages {
    reader: FrameReader,
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
        reader.push(file);
        reader.finish();
        Messages { reader, encoding: "" }
    }

    /// The next message; none behind the last one.
    ///
    /// # Errors
    /// Damage.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, JsError> {
        match self.reader.next() {
            Ok(Some(message)) => {
                self.encoding = match Encoding::of(message.bytes) {
                    Encoding::Json(_) => "json",
                    Encoding::Protobuf => "protobuf",
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
