//! Messages as tests write them down: as OTLP/JSON, or field by field.

use ottl_otlp::wire::put_len_field;
use ottl_otlp::{Signal, json};

/// The message that a text of OTLP/JSON is.
///
/// # Panics
/// If it is none.
pub fn protobuf(signal: Signal, text: impl AsRef<[u8]>) -> Vec<u8> {
    read(signal, text.as_ref()).unwrap_or_else(|error| panic!("{error}"))
}

/// The message that a text of OTLP/JSON is.
///
/// # Errors
/// What is wrong with the text.
pub fn read(signal: Signal, text: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    json::to_protobuf(signal, text, &mut out).map_err(|error| format!("OTLP/JSON: {error}"))?;
    Ok(out)
}

/// A length-delimited field.
pub fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_len_field(&mut out, number, content);
    out
}
